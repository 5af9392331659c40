"""Which plates there are, and how often a render shows each.

In: a random generator. Out: a `PlateText`: the printed rows with their dots and dashes, the ground's colour and the
plate's shape in millimetres. Series, letters and colours follow TT79 (law.md section 5), older ones still on the
road included; letters that a series never uses appear now and then, so that the network reads and does not guess.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detector.plates.alphabet import ALPHABET, normalised

LETTERS = "ABCDEFGHKLMNPSTUVXYZ"
BLUE_LETTERS = "ABCDEFGHKLM"
SPECIAL = ("CD", "RM", "HC", "KT", "LD", "DA", "MK", "TD", "LB", "CT", "MD", "R")
ARMY = ("TM", "KV", "QH", "AT", "BC", "HB", "KA", "KC", "PP", "QA", "TC", "VT", "BH", "TN", "DA", "HC")
UNUSED_CODES = (10, 13, 42, 44, 45, 46, 87, 91, 96)
CODES = tuple(code for code in range(11, 100) if code not in UNUSED_CODES)
HANOI = (29, 30, 31, 32, 33, 40)

MOTORBIKE_MM = (190, 140)
CAR_LONG_MM = (520, 110)
CAR_LONG_OLD_MM = (470, 110)
CAR_SHORT_MM = (330, 165)
CAR_SHORT_OLD_MM = (280, 200)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateText:
    """What is printed on one plate.

    Attributes:
        printed: the rows from top to bottom with dots and dashes.
        ground: white, yellow, blue or red.
        size_mm: width and height of the plate.
    """

    printed: tuple[str, ...]
    ground: str
    size_mm: tuple[int, int]

    @property
    def rows(self) -> tuple[str, ...]:
        return tuple(normalised(row) for row in self.printed)

    @property
    def text(self) -> str:
        return "".join(self.rows)


def random_plate(rng: np.random.Generator) -> PlateText:
    """One plate: 60 % motorbikes (two rows), 20 % long car plates, 20 % short ones."""
    kind = rng.random()
    if kind < 0.60:
        return motorbike(rng)
    return car(rng, long=kind < 0.80)


def motorbike(rng: np.random.Generator) -> PlateText:
    """29-AA / 123.45 (new), 29-E1 / 123.45 (2010s), 29-E1 / 1234 (older), 29-MĐ1 / 123.45 (electric)."""
    pick, code = rng.random(), _code(rng)
    ground = "white"
    number = _five(rng)
    if pick < 0.38:
        series = _letter(rng) + _letter(rng, extra="R")
    elif pick < 0.68:
        series = _letter(rng) + _digit(rng)
        ground = "blue" if rng.random() < 0.08 else "white"
    elif pick < 0.86:
        series, number = _letter(rng) + _digit(rng), _four(rng)
    elif pick < 0.90:
        series = "MĐ" + _digit(rng)
    elif pick < 0.95:
        series = str(rng.choice(SPECIAL[:11])) + (_digit(rng) if rng.random() < 0.5 else "")
    else:
        series = _any(rng) + _any(rng)
    dash = "-" if rng.random() < 0.9 else " "
    return PlateText(printed=(f"{code}{dash}{series}", number), ground=ground, size_mm=MOTORBIKE_MM)


def car(rng: np.random.Generator, *, long: bool) -> PlateText:
    """30F-256.58 in one row, or 30F / 256.58; special, foreign, temporary and army plates among them."""
    pick, code = rng.random(), _code(rng)
    ground = str(rng.choice(["white", "yellow", "blue"], p=[0.72, 0.2, 0.08]))
    if pick < 0.62:
        letter = str(rng.choice(list(BLUE_LETTERS))) if ground == "blue" else _letter(rng)
        head, tail = f"{code}{letter}", _five(rng)
    elif pick < 0.74:
        head, tail = f"{code}{_letter(rng)}", _four(rng)
    elif pick < 0.86:
        head, tail = f"{code}{rng.choice(SPECIAL)}", _five(rng) if rng.random() < 0.7 else _four(rng)
    elif pick < 0.90:
        head, tail = (
            f"{rng.choice([80, code])}-{_digits(rng, 3)}",
            f"{rng.choice(['NG', 'QT', 'NN', 'CV'])}-{_digits(rng, 2)}",
        )
        ground = "white"
    elif pick < 0.94:
        head, tail, ground = str(rng.choice(ARMY)), f"{_digits(rng, 2)}-{_digits(rng, 2)}", "red"
    elif pick < 0.96:
        head, tail, ground = f"T{code}", _five(rng), "white"
    else:
        head, tail = f"{code}{_any(rng)}", _five(rng)
    if long:
        dash = "-" if rng.random() < 0.85 else " "
        size = CAR_LONG_MM if rng.random() < 0.6 else CAR_LONG_OLD_MM
        return PlateText(printed=(f"{head}{dash}{tail}",), ground=ground, size_mm=size)
    size = CAR_SHORT_MM if rng.random() < 0.6 else CAR_SHORT_OLD_MM
    return PlateText(printed=(head + ("-" if rng.random() < 0.15 else ""), tail), ground=ground, size_mm=size)


def _code(rng: np.random.Generator) -> int:
    return int(rng.choice(HANOI if rng.random() < 0.25 else CODES))


def _letter(rng: np.random.Generator, extra: str = "") -> str:
    return str(rng.choice(list(LETTERS + extra)))


def _any(rng: np.random.Generator) -> str:
    return str(rng.choice(list(ALPHABET)))


def _digit(rng: np.random.Generator) -> str:
    return str(rng.integers(1, 10))


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(str(digit) for digit in rng.integers(0, 10, count))


def _four(rng: np.random.Generator) -> str:
    return _digits(rng, 4)


def _five(rng: np.random.Generator) -> str:
    dot = "." if rng.random() < 0.93 else ""
    return f"{_digits(rng, 3)}{dot}{_digits(rng, 2)}"
