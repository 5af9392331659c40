"""What may stand on a Vietnamese plate, and how it is written out.

In: a text (or its printed rows) and what vehicle carried it. Out: the forms it fits, likeliest first. Series follow
TT79/2024 (Điều 37, Phụ lục 02 to 04) with the older ones still on the road. A text that fits no form is not thrown
away: it is shown to an officer as not established.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from detector.plates.alphabet import normalised
from detector.types.classes import ObjectClass

LETTERS = "ABCDEFGHKLMNPSTUVXYZ"
"""Series letters of white and yellow plates; I, J, O, Q, R and W are not among them."""
CODE = r"(?:1[1-25-9]|14|2[0-9]|3[0-9]|4[0-13789]|5[0-9]|6[0-9]|7[0-9]|8[0-689]|9[02-57-9])"
"""Province codes in use (Phụ lục 02); Hanoi has 29 to 33 and 40."""
SPECIAL = "CD|RM|HC|KT|LD|DA|MK|TD|LB|CT|MD|R"


class Bearer(StrEnum):
    """Who carries plates of a form."""

    CAR = "car"
    MOTORBIKE = "motorbike"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to build a plate: `head` stands in the upper row where there are two, `tail` in the lower.

    Attributes:
        name: its key, e.g. `car` or `motorbike_two_letters`.
        head, tail: regular expressions, matched whole; `head` has the groups that are written apart.
        bearer: which vehicles carry it.
        rank: among forms that fit equally, the smaller is the likelier.
        joint: what is written between head and tail.
    """

    name: str
    head: str
    tail: str
    bearer: Bearer
    rank: int
    joint: str = "-"

    def split(self, text: str) -> tuple[str, str] | None:
        """Head and tail of a normalised text, None where it does not fit."""
        found = _pattern(self.head, self.tail).fullmatch(text)
        if found is None or _counts_from_zero(found["tail"]):
            return None
        return found["whole"], found["tail"]


FORMS = (
    Form(name="car", head=rf"({CODE}[{LETTERS}])", tail=r"\d{5}", bearer=Bearer.CAR, rank=0),
    Form(
        name="motorbike_two_letters",
        head=rf"({CODE})([{LETTERS}][{LETTERS}R])",
        tail=r"\d{5}",
        bearer=Bearer.MOTORBIKE,
        rank=0,
        joint=" ",
    ),
    Form(
        name="motorbike",
        head=rf"({CODE})([{LETTERS}][1-9])",
        tail=r"\d{5}",
        bearer=Bearer.MOTORBIKE,
        rank=0,
        joint=" ",
    ),
    Form(
        name="motorbike_four_digits",
        head=rf"({CODE})([{LETTERS}][1-9])",
        tail=r"\d{4}",
        bearer=Bearer.MOTORBIKE,
        rank=1,
        joint=" ",
    ),
    Form(
        name="motorbike_electric",
        head=rf"({CODE})(MĐ\d)",
        tail=r"\d{5}",
        bearer=Bearer.MOTORBIKE,
        rank=0,
        joint=" ",
    ),
    Form(name="car_four_digits", head=rf"({CODE}[{LETTERS}])", tail=r"\d{4}", bearer=Bearer.CAR, rank=1),
    Form(name="special", head=rf"({CODE}(?:{SPECIAL}))", tail=r"\d{4,5}", bearer=Bearer.CAR, rank=1),
    Form(name="foreign", head=rf"({CODE})(\d{{3}})", tail=r"(?:NG|QT|CV|NN)\d{2,3}", bearer=Bearer.ANY, rank=1),
    Form(name="temporary", head=rf"(T{CODE})", tail=r"\d{5}", bearer=Bearer.ANY, rank=2),
    Form(name="army", head=r"([A-Z]{2})", tail=r"\d{4}", bearer=Bearer.ANY, rank=2),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A text under one form: its rows as a two-row plate prints them, and the way people write it."""

    form: Form
    head: str
    tail: str

    @property
    def text(self) -> str:
        """Letters and digits only."""
        return self.head + self.tail

    @property
    def shown(self) -> str:
        """As people write it: 30F-256.58, 29-AA 123.45, 29-E1 1234, 80-123-NG-45."""
        parts = re.fullmatch(self.form.head, self.head)
        assert parts is not None, "a Fit is built from a match of its form"
        return "-".join(parts.groups()) + self.form.joint + _written_tail(self.tail)


def fits(text: str, *, rows: Sequence[str] = (), vehicle: ObjectClass | None = None) -> tuple[Fit, ...]:
    """The forms that `text` fits, likeliest first; empty where it fits none.

    30K12345 is a car's plate in one row or split 30K/12345, an old motorbike's when split 30K1/2345. What the
    print says (rows) outweighs what the detector says (vehicle), and a form that contradicts both stays in the list.

    Args:
        text: any writing; case, dots, dashes and spaces do not matter.
        rows: the printed rows from top to bottom where they were seen.
        vehicle: what carries the plate.
    """
    clean, seen = normalised(text), [normalised(row) for row in rows]
    found = []
    for form in FORMS:
        parts = form.split(clean)
        if parts is not None:
            found.append(Fit(form=form, head=parts[0], tail=parts[1]))
    return tuple(sorted(found, key=lambda fit: (_against_print(fit, seen), _against(fit, vehicle), fit.form.rank)))


def is_valid(text: str) -> bool:
    """Whether `text` fits any form."""
    return bool(fits(text))


def shown(text: str, *, rows: Sequence[str] = (), vehicle: ObjectClass | None = None) -> str:
    """The plate as people write it; a text that fits no form comes back normalised, its rows apart."""
    found = fits(text, rows=rows, vehicle=vehicle)
    return found[0].shown if found else " ".join(normalised(row) for row in rows) or normalised(text)


@cache
def _pattern(head: str, tail: str) -> re.Pattern[str]:
    return re.compile(f"(?P<whole>{head})(?P<tail>{tail})")


def _against_print(fit: Fit, rows: Sequence[str]) -> int:
    """0: the rows are split as the form prints them; 1: they are not."""
    if len(rows) == 2:
        return int(len(rows[0]) != len(fit.head))
    return int(len(rows) == 1 and fit.form.bearer is Bearer.MOTORBIKE)


def _against(fit: Fit, vehicle: ObjectClass | None) -> int:
    if vehicle is None or fit.form.bearer is Bearer.ANY:
        return 0
    expected = Bearer.MOTORBIKE if vehicle in (ObjectClass.MOTORCYCLE, ObjectClass.BICYCLE) else Bearer.CAR
    return int(fit.form.bearer is not expected)


def _counts_from_zero(tail: str) -> bool:
    """Numbering starts at 000.01: a tail of zeros was never issued."""
    digits = "".join(character for character in tail if character.isdigit())
    return int(digits) == 0


def _written_tail(tail: str) -> str:
    if len(tail) == 5 and tail.isdigit():
        return f"{tail[:3]}.{tail[3:]}"
    return f"{tail[:2]}-{tail[2:]}" if tail[0].isalpha() else tail
