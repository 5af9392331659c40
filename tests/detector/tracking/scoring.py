"""IDF1, identity switches, stitches and fragmentations of announced boxes against exact identities.

IDF1 after Ristani et al. 2016 (Performance measures and a data set for multi-target, multi-camera tracking):
identities are paired one to one so that most frames agree. Boxes agree at an overlap of 0.5.
A switch is a road user who gets another id; a stitch is an id that goes on with another road user, which is the worse
of the two here: it puts one driver's path on another.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from detector.tracking.boxes import iou

Float = NDArray[np.float64]
Ids = NDArray[np.intp]
LEAST_IOU = 0.5


@dataclass(slots=True)
class Scores:
    """Figures of one run; `partial` truth leaves what lies on no true box uncounted."""

    truths: int = 0
    announced: int = 0
    agreed: int = 0
    found: int = 0
    switches: int = 0
    stitches: int = 0
    fragments: int = 0

    @property
    def idf1(self) -> float:
        return 2 * self.agreed / max(self.truths + self.announced, 1)

    @property
    def recall(self) -> float:
        return self.found / max(self.truths, 1)

    def __add__(self, other: "Scores") -> "Scores":
        return Scores(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(slots=True)
class IdentityScorer:
    """Feed it frame by frame, then ask for the scores."""

    partial: bool = False
    scores: Scores = field(default_factory=Scores)
    _together: dict[tuple[int, int], int] = field(default_factory=dict)
    _last: dict[int, int] = field(default_factory=dict)
    _owner: dict[int, int] = field(default_factory=dict)
    _lost: set[int] = field(default_factory=set)

    def add(self, true_ids: Ids, true_px: Float, ids: Ids, xyxy_px: Float) -> None:
        """One frame: (n,) true ids with (n, 4) boxes, (m,) announced ids with (m, 4) boxes."""
        overlap = iou(true_px.reshape(-1, 4), xyxy_px.reshape(-1, 4))
        for true_row, row in zip(*np.nonzero(overlap >= LEAST_IOU), strict=True):
            key = (int(true_ids[true_row]), int(ids[row]))
            self._together[key] = self._together.get(key, 0) + 1
        self.scores.truths += len(true_ids)
        self.scores.announced += int((overlap >= LEAST_IOU).any(axis=0).sum()) if self.partial else len(ids)
        pairs = _pairs(overlap, true_ids, ids, self._last)
        self.scores.found += len(pairs)
        self._follow([int(i) for i in true_ids], pairs)

    def result(self) -> Scores:
        """The scores over everything fed so far."""
        if self._together:
            true_ids, ids = (sorted({key[side] for key in self._together}) for side in (0, 1))
            table = np.zeros((len(true_ids), len(ids)))
            for (true_id, announced), count in self._together.items():
                table[true_ids.index(true_id), ids.index(announced)] = count
            self.scores.agreed = int(table[linear_sum_assignment(-table)].sum())
        return self.scores

    def _follow(self, true_ids: list[int], pairs: dict[int, int]) -> None:
        for true_id in true_ids:
            if true_id not in pairs:
                self._lost.add(true_id)
                continue
            if true_id in self._last:
                self.scores.switches += self._last[true_id] != pairs[true_id]
                self.scores.fragments += true_id in self._lost
            self.scores.stitches += self._owner.get(pairs[true_id], true_id) != true_id
            self._owner[pairs[true_id]] = true_id
            self._last[true_id] = pairs[true_id]
            self._lost.discard(true_id)


def _pairs(overlap: Float, true_ids: Ids, ids: Ids, last: dict[int, int]) -> dict[int, int]:
    """One-to-one pairs of this frame, last frame's pairs first (CLEAR MOT, Bernardin & Stiefelhagen 2008)."""
    bonus = np.array([[last.get(int(true_id)) == int(i) for i in ids] for true_id in true_ids], float)
    value = np.where(overlap >= LEAST_IOU, overlap + 10 * bonus.reshape(overlap.shape), 0.0)
    rows, columns = linear_sum_assignment(-value)
    return {int(true_ids[r]): int(ids[c]) for r, c in zip(rows, columns, strict=True) if value[r, c] > 0}
