"""The motion gate of one camera: says whether a picture must be looked at, from its small luma plane alone.

A picture is compared with the one last looked at. Where any cell has changed by more than light, noise and what the
cell does by itself can explain, it must be looked at; afterwards for as long as what came to rest needs to be known;
then at a slow rate, which finds what stood there from the start. What the looks found comes back through `saw` and
teaches two things: two looks that disagree about road users are followed by more, and cells that change although
nobody is there (leaves, flags, a clock in the picture) have to change by more than that.

Use: `stirs` for every picture in order; where it is False, `due`, and `saw` for all looks before that where it is
`unsure`; then `looked` or `held`. The same calls give the same answers, whenever they are made.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.gate.memory import Bool, Cells, GateMemory, Look
from detector.gate.repeats import with_picture
from detector.gate.settings import GateSettings
from detector.types import Detections

DEFAULT_SETTINGS = GateSettings()
EPSILON_S = 1e-6
DARK = 16.0
"""Added to luma in ratios, so that noise in the dark does not pass for a change of exposure."""
LARGEST_GAIN = 2.0


class MotionGate:
    """One camera's gate.

    Args:
        size_wh: full-frame picture size, px.
        still_s: while nothing moves, one picture in so many seconds is looked at.
        settings: all thresholds.
    """

    def __init__(self, *, size_wh: tuple[int, int], still_s: float, settings: GateSettings = DEFAULT_SETTINGS) -> None:
        self._size_wh = size_wh
        self._still_s = still_s
        self._settings = settings
        self._change: Cells = np.zeros((0, 0), np.float32)
        self._covered: tuple[NDArray[np.float32], Bool] | None = None
        self.memory = GateMemory.first(self.cells_wh)

    @property
    def cells_wh(self) -> tuple[int, int]:
        """Width and height of the luma pictures it takes, cells."""
        columns = min(self._settings.columns, self._size_wh[0])
        return columns, max(1, round(columns * self._size_wh[1] / self._size_wh[0]))

    def stirs(self, t_s: float, luma: NDArray[np.uint8]) -> bool:
        """Whether something has changed since the last look, so that this picture must be looked at.

        Args:
            t_s: stream time of the picture.
            luma: (rows, columns) mean luma of each cell, of size `cells_wh`.
        """
        memory = self.memory = with_picture(self.memory, luma)
        if memory.reference is None:
            self._change = np.zeros(luma.shape, np.float32)
            stirred = True
        else:
            self._change = _difference(luma, memory.reference)
            changed = self._change > self._threshold(t_s)
            stirred = bool(changed.any()) and bool((changed & _has_neighbour(changed)).any())
        if stirred:
            self.memory = replace(memory, stirred_s=t_s)
        return stirred

    def unsure(self, t_s: float) -> bool:
        """Whether `due` hangs on looks whose results have not been told."""
        return bool(self.memory.pending) and not self._settles(t_s)

    def due(self, t_s: float) -> bool:
        """Whether a picture in which nothing stirs is looked at all the same: while things settle, then rarely."""
        step_s = self._settings.settle_step_s if self._settles(t_s) else self._still_s
        return t_s - self.memory.looked_s >= min(step_s, self._still_s) - EPSILON_S

    def _settles(self, t_s: float) -> bool:
        return t_s - self.memory.stirred_s <= self._settings.settle_s

    def rests(self, t_s: float) -> bool:
        """Whether nothing has stirred for long, and every look has been told."""
        return self.memory.reference is not None and not self.memory.pending and not self._settles(t_s)

    def looked(self, t_s: float, luma: NDArray[np.uint8]) -> None:
        """The picture is looked at; what is found in it comes through `saw`, in the order of looks."""
        look = Look(t_s, np.minimum(self._change + 0.5, 255).astype(np.uint8))
        memory = self.memory
        self.memory = replace(
            memory,
            reference=luma,
            looked_s=t_s,
            pending=(*memory.pending, look),
            news=False,
            repeated=not memory.news,
        )

    def held(self, t_s: float) -> None:
        """The picture is not looked at: whatever changed in it did so by itself."""
        usual = self._learned(t_s, self._change, self._under(self.memory.seen.xyxy))
        self.memory = replace(self.memory, usual=usual, learned_s=t_s)

    def saw(self, detections: Detections) -> None:
        """What the oldest look not yet reported found, full-frame px."""
        look, *later = self.memory.pending
        before, memory = self.memory.seen, self.memory
        there, here = self._under(before.xyxy), self._under(detections.xyxy)
        passed_s = np.where(here, np.float32(look.t_s), memory.passed_s)
        someone = here | there
        usual = self._learned(look.t_s, look.change.astype(np.float32), someone)
        disagree = np.isfinite(memory.seen_s) and not self._agree(before, detections)
        self.memory = replace(
            memory,
            pending=tuple(later),
            seen=detections,
            seen_s=look.t_s,
            passed_s=passed_s,
            usual=usual,
            learned_s=look.t_s,
            stirred_s=max(memory.stirred_s, look.t_s) if disagree else memory.stirred_s,
        )

    def restart(self) -> None:
        """A new epoch: the view may be another one; not forgotten is what cells do by themselves and what was shown.

        A recorder that hangs sends its old picture to who connects anew.
        """
        fresh = GateMemory.first(self.cells_wh)
        self.memory = replace(fresh, usual=self.memory.usual, shown=self.memory.shown)

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Goes on from where `memory.arrays()` was taken, bit for bit."""
        self.memory = GateMemory.of(arrays)

    def _learned(self, t_s: float, change: Cells, someone: Bool) -> Cells:
        """What cells do by themselves, after one more change; not where someone is or was."""
        memory = self.memory
        share = 1 - np.exp(-max(t_s - memory.learned_s, 0.0) / self._settings.usual_s)
        towards = np.where(someone, np.float32(0), change**2 - memory.usual)
        return np.asarray(memory.usual + np.float32(share) * towards, np.float32)

    def _threshold(self, t_s: float) -> Cells:
        settings, memory = self._settings, self.memory
        own = np.sqrt(memory.usual)
        own *= np.float32(settings.usual_factor)
        np.maximum(own, np.float32(settings.least_levels), out=own)
        passed = t_s - memory.passed_s < settings.passed_s
        return np.minimum(own, np.float32(settings.most_levels), out=own, where=passed)

    def _under(self, boxes_px: NDArray[np.float32]) -> Bool:
        """Which cells lie under a box or beside one; the boxes asked for last are asked for again and again."""
        if self._covered is None or self._covered[0] is not boxes_px:
            self._covered = boxes_px, self._cells_under(boxes_px)
        return self._covered[1]

    def _cells_under(self, boxes_px: NDArray[np.float32]) -> Bool:
        columns, rows = self.cells_wh
        covered = np.zeros((rows, columns), bool)
        scale = np.array([columns / self._size_wh[0], rows / self._size_wh[1]] * 2)
        edges = (boxes_px * scale + (-1, -1, 2, 2)).clip(0, 10_000).astype(int)
        for left, top, right, bottom in edges.tolist():
            covered[top:bottom, left:right] = True
        return covered

    def _agree(self, one: Detections, other: Detections) -> bool:
        return self._found(one, other) and self._found(other, one)

    def _found(self, sought: Detections, among: Detections) -> bool:
        """Whether everything sure in one look is in the other."""
        boxes = sought.xyxy[sought.score >= self._settings.sure_score]
        if not len(boxes):
            return True
        if not len(among):
            return False
        low = np.maximum(boxes[:, None, :2], among.xyxy[None, :, :2])
        high = np.minimum(boxes[:, None, 2:], among.xyxy[None, :, 2:])
        shared = np.prod(np.maximum(high - low, 0), axis=2)
        union = _area(boxes)[:, None] + _area(among.xyxy)[None] - shared
        return bool((shared >= self._settings.known_iou * union).any(axis=1).all())


def _difference(luma: NDArray[np.uint8], reference: NDArray[np.uint8]) -> Cells:
    """Absolute change of each cell, grey levels, with a change of exposure taken out."""
    now, before = luma.astype(np.float32), reference.astype(np.float32)
    now += np.float32(DARK)
    before += np.float32(DARK)
    gain = _middle(now / before)
    # In place: with cold caches, as between two inferences, every array made anew is waited for.
    before *= np.float32(min(max(gain, 1 / LARGEST_GAIN), LARGEST_GAIN))
    now -= before
    return np.abs(now, out=now)


def _middle(values: Cells) -> float:
    """The median, to the bit; sorts the values, which for so few is three times as quick as `np.median`."""
    ranked = values.reshape(-1)
    ranked.sort()
    half = len(ranked) // 2
    return float(ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2)


def _has_neighbour(changed: Bool) -> Bool:
    """Which cells have a changed cell among their eight neighbours: a lone cell is noise."""
    above_or_below = np.zeros_like(changed)
    above_or_below[1:] = changed[:-1]
    above_or_below[:-1] |= changed[1:]
    column = changed | above_or_below
    beside = above_or_below
    beside[:, 1:] |= column[:, :-1]
    beside[:, :-1] |= column[:, 1:]
    return beside


def _area(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1), np.float32)
