"""What a picture says of a plate: several texts with how sure each is, and the ground's colour.

In: the texts of the upper and the lower row with their probabilities, and what vehicle carries the plate. Out: a
`PlateReading` whose candidates sum to at most 1. The grammar weighs as a prior: a text that fits no form is kept,
but has to be far likelier in the picture to come first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detector.plates.colour import Ground
from detector.plates.ctc import RowText
from detector.plates.grammar import fits, shown
from detector.plates.prior import commonness
from detector.types.classes import ObjectClass

INVALID_WEIGHT = 0.05
"""How likely a text outside the grammar is held beside one inside it, before looking."""
CANDIDATES_MAX = 5
ROWS_TRIED = 10
LEAST = 1e-4
FAINT = 1e-5
"""Beside the likeliest two rows, others that are less likely are not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One text a plate may carry.

    Attributes:
        rows: the printed rows from top to bottom, letters and digits only; one or two.
        probability: 0..1, all candidates of a reading together at most 1.
        valid: it fits a form of the grammar.
    """

    rows: tuple[str, ...]
    probability: float
    valid: bool

    @property
    def text(self) -> str:
        """Upper case letters and digits."""
        return "".join(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateReading:
    """What one plate says.

    Attributes:
        candidates: likeliest first, each text once, at most `CANDIDATES_MAX`; empty where nothing was read.
        ground: the ground's colour, None where it cannot be told.
        vehicle: what carries it, where known.
        views: (views, 2, places, columns) float32, what the network saw: natural logarithms of probabilities; None
            for a common reading of several looks and where nobody kept them.
    """

    candidates: tuple[Candidate, ...]
    ground: Ground | None = None
    vehicle: ObjectClass | None = None
    views: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The likeliest text, empty where nothing was read."""
        return self.candidates[0].text if self.candidates else ""

    @property
    def rows(self) -> int:
        """Printed rows of the likeliest text, 0 where nothing was read."""
        return len(self.candidates[0].rows) if self.candidates else 0

    @property
    def confidence(self) -> float:
        """Probability of the likeliest text, 0..1."""
        return self.candidates[0].probability if self.candidates else 0.0

    @property
    def valid(self) -> bool:
        """The likeliest text fits the grammar."""
        return bool(self.candidates) and self.candidates[0].valid

    @property
    def shown(self) -> str:
        """The likeliest text as people write it."""
        if not self.candidates:
            return ""
        return shown(self.text, rows=self.candidates[0].rows, vehicle=self.vehicle)

    def sure(self, least: float) -> bool:
        """Whether the text may be given as read: in the grammar, and at least so confident."""
        return self.valid and self.confidence >= least


def joined(upper: Sequence[RowText], lower: Sequence[RowText]) -> tuple[Candidate, ...]:
    """Candidates of two rows read apart, likeliest first; an empty row is none. An unread plate has no candidates."""
    weights: dict[tuple[str, ...], float] = {}
    faint = FAINT * max((p for _, p in upper), default=0.0) * max((p for _, p in lower), default=0.0)
    for above, likely in upper[:ROWS_TRIED]:
        for below, likely_too in lower[:ROWS_TRIED]:
            if likely * likely_too >= faint:
                rows = tuple(row for row in (above, below) if row)
                weights[rows] = weights.get(rows, 0.0) + likely * likely_too
    unseen = max(0.0, 1.0 - sum(weights.values()))
    return ranked(weights, unseen=unseen * INVALID_WEIGHT, weighed=False)


def ranked(
    weights: dict[tuple[str, ...], float], *, unseen: float = 0.0, weighed: bool = True
) -> tuple[Candidate, ...]:
    """Candidates of rows with weights, the grammar's prior applied; `unseen` is the weight of texts not
    listed.

    The same text split differently counts as one, under its likelier split. How common a form is on the road counts
    where the weights come from one picture (not `weighed`); common readings of several have it in them.
    """
    by_text: dict[str, list[tuple[float, tuple[str, ...]]]] = {}
    valid: dict[str, bool] = {}
    for rows, weight in weights.items():
        text = "".join(rows)
        fitting = fits(text, rows=rows)
        prior = INVALID_WEIGHT if not fitting else 1.0 if weighed else commonness(fitting[0])
        by_text.setdefault(text, []).append((weight * prior, rows))
        valid[text] = bool(fitting)
    made = [(sum(weight for weight, _ in splits), splits, valid[text]) for text, splits in by_text.items()]
    total = sum(weight for weight, _, _ in made) + unseen
    return _best(
        Candidate(rows=max(splits)[1], probability=weight / total, valid=fitted)
        for weight, splits, fitted in made
        if max(splits)[1] and weight > LEAST * total
    )


def _best(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates, key=lambda candidate: (-candidate.probability, candidate.text)))[:CANDIDATES_MAX]
