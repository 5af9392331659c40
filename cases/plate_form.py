"""Whether the form a plate would be kept in is the one the officer typed; if not, an explicit word is asked.

In: what was typed, and the form it would be written in. Out: nothing, or a refusal that tells both. A plate is kept as
letters and digits and written in the form its vehicle carries, so a car's plate typed for a motorcycle would come back
as another one. Separators left out contradict nothing; separators elsewhere, and characters no plate has, do.
"""

from cases.faults import PlateFormError
from detector.plates.alphabet import normalised

SEPARATORS = frozenset(" \t\u00a0-–—.,/_")
"""What people write between the parts of a plate."""


def refuse_other_form(typed: str, form: str, *, accepted: str | None) -> None:
    """Go on when the form says nothing else than what was typed, or the officer has accepted that very form.

    Raises:
        PlateFormError: names what was typed and the form; also when another form was accepted than it would be now.
    """
    if accepted == form or (accepted is None and not differs(typed, form)):
        return
    raise PlateFormError(
        f"text {typed!r}: would be kept as {form!r}; send accepted_form {form!r} with it, or type that form",
        typed=typed.strip(),
        form=form,
    )


def differs(typed: str, form: str) -> bool:
    """Whether a form says something else than what was typed."""
    if any(not _kept(character) and character not in SEPARATORS for character in typed.strip()):
        return True
    seams = _seams(form)
    return bool(seams) and not _seams(typed) <= seams


def _kept(character: str) -> bool:
    return bool(normalised(character))


def _seams(text: str) -> frozenset[int]:
    """After how many letters and digits something is written between; not before the first or after the last."""
    seams, count = set[int](), 0
    for character in text:
        count += _kept(character)
        if not _kept(character):
            seams.add(count)
    return frozenset(seams - {0, len(normalised(text))})
