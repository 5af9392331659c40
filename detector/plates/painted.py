"""What the number painted on a truck says of its plate: the same, another, or alone.

In: readings of painted numbers from several looks, and the plate's common reading. Out: a `PaintedNumber`, or none.
Trucks must bear their number on the rear and both sides (TT79/2024, Điều 37): a second place to read, which shares
neither dirt nor glare with the plate. It makes a plate surer or doubtful; it never becomes the plate.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from detector.plates.grammar import fits
from detector.plates.reading import INVALID_WEIGHT, PlateReading
from detector.plates.voting import voted

FORMS = frozenset({"car", "car_four_digits", "special"})
"""Forms of the grammar that a truck's plate may have."""
LEAST = 0.6
"""Confidence from which a painted number is spoken of."""
LOOK_LEAST = 0.1
"""Confidence below which one look says nothing; and from which looks that say what the plate says are spoken of."""
ALIKE = 0.1
"""How often two wrong readings, one of the plate and one of the number, are the same text."""
SAME_APART = 2
"""Characters by which two looks at one number may differ."""


class Says(StrEnum):
    """What a painted number says of the plate."""

    AGREES = "agrees"
    DIFFERS = "differs"
    ALONE = "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintedNumber:
    """A number painted on the offender.

    Attributes:
        reading: the looks' common reading.
        votes: looks that read its text.
        says: what it says of the plate.
    """

    reading: PlateReading
    votes: int
    says: Says


def is_number(reading: PlateReading) -> bool:
    """Whether one look shows what a truck's plate may say, and the network saw it so without the grammar's prior.

    Of a telephone number the grammar would make a plate, a letter in place of a digit; what was seen tells.
    """
    if not reading.valid or reading.confidence < LOOK_LEAST:
        return False
    forms = fits(reading.text, vehicle=reading.vehicle)
    if not any(fit.form.name in FORMS for fit in forms):
        return False
    unfit = max((c.probability for c in reading.candidates if not c.valid), default=0.0) / INVALID_WEIGHT
    return reading.confidence > unfit


def painted_number(looks: Sequence[PlateReading], plate: PlateReading) -> PaintedNumber | None:
    """The number that most looks tell of, None where they tell of none or are not sure of it.

    Where they say what the plate says, less will do: who misreads does not by chance misread to that. Looks that tell
    of another number (a trailer's, a partner firm's) take from its confidence.
    """
    weights: Counter[str] = Counter()
    for look in looks:
        weights[look.text] += look.confidence  # type: ignore[assignment]
    if not weights:
        return None
    best = max(weights, key=lambda text: (weights[text], text))
    same = [look for look in looks if _alike(look.text, best)]
    share = sum(look.confidence for look in same) / sum(look.confidence for look in looks)
    common = voted(same)
    common = replace(common, candidates=tuple(replace(c, probability=c.probability * share) for c in common.candidates))
    if not common.valid or common.confidence < (LOOK_LEAST if common.text == plate.text else LEAST):
        return None
    votes = sum(look.text == common.text for look in looks)
    says = Says.ALONE if not plate.candidates else Says.AGREES if plate.text == common.text else Says.DIFFERS
    return PaintedNumber(reading=common, votes=votes, says=says)


def agreed(plate: PlateReading, painted: PlateReading) -> PlateReading:
    """The plate's reading made surer by a painted number that says the same: either both are right, or both wrong and
    `ALIKE`; other texts share what is left.
    """
    one, two = plate.confidence, painted.confidence
    sure = max(one, one * two / (one * two + (1 - one) * (1 - two) * ALIKE))
    left = (1 - sure) / max(1 - one, 1e-9)
    first, *others = plate.candidates
    raised = (
        replace(first, probability=sure),
        *(replace(other, probability=other.probability * left) for other in others),
    )
    return replace(plate, candidates=raised)


def _alike(one: str, two: str) -> bool:
    return len(one) == len(two) and sum(a != b for a, b in zip(one, two, strict=True)) <= SAME_APART
