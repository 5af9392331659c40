"""The pictures of an offender's best shots, fetched once for all who look at them; only those that show it.

In: footage and a finding. Out: looks in order of time, each the offender's surroundings cut out of the full frame, so
that few megabytes wait for the next who looks. Pictures the footage no longer holds are passed over: nothing fails for
want of them. A path has rows between the frames of slow footage, and of an older moment a camera may have kept no more
than keyframes: each picture gets the box of its own second, and those whose second the path tells nothing of are passed
over, for another road user could lie in the box. The pictures of the finding's moments come out of the same groups of
pictures: they are fetched together, and wait as the decoder's frames.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.plates.shots import APART_S, Shot, best_shots
from detector.types import Finding, ObjectClass, SourceError
from detector.types.track import Box
from detector.types.violation import PathRow
from pipelines.footage import Footage
from pipelines.video.source import Image
from pipelines.video.stills import Still

SAME_S = 0.1
"""A picture this far from a row of the path still shows the offender in the row's box."""
ROUNDED_S = 1e-3
"""Rows tell their times to it: neighbours at 6 frames a second lie 0.166 or 0.167 s apart."""
ROWS_APART_S = 1.0
"""Rows between two sightings lie no further apart (`detector.rules.report`), and on a straight line."""
STANDS = 0.1
"""A vehicle whose box's edges move by less, of its sides, stands."""
AROUND = {ObjectClass.MOTORCYCLE: 3.0}
"""Sides of the square kept around the offender, in its longer sides: what looks from near show of a motorcycle."""
AROUND_ELSE = 1.4
"""Enough for a plate that sticks out of the box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The offender and what surrounds it, out of one full frame.

    Attributes:
        t_s: the second the picture really has.
        image: (h, w, 3) uint8 BGR, full resolution.
        xyxy_px: the offender's box in `image`.
        rank: its shot's place among the best, 0 the best.
    """

    t_s: float
    image: Image
    xyxy_px: Box
    rank: int


class Looks:
    """The best looks at one finding's offender; fetched when somebody first asks, and kept for the next."""

    def __init__(self, footage: Footage, finding: Finding, size_wh: tuple[int, int]) -> None:
        """Nothing is fetched yet.

        Args:
            size_wh: the full frame, px, that the finding's path refers to.
        """
        self._footage = footage
        self._path = finding.path
        self._around = AROUND.get(finding.vehicle, AROUND_ELSE) if finding.vehicle else AROUND_ELSE
        self._shots = best_shots(finding.path, size_wh, apart_s=max(APART_S, footage.frame_s - ROUNDED_S))
        self._moments_s = sorted({moment.t_s for moment in finding.moments.values()})
        self._waiting: dict[float, Still] = {}
        self._taken: tuple[Look, ...] | None = None

    def taken(self) -> tuple[Look, ...]:
        """The looks that show the offender in its shots' boxes, by time."""
        if self._taken is None:
            self._taken = tuple(sorted(self._cut_out(), key=lambda look: look.t_s))
        return self._taken

    def moments(self) -> Iterator[tuple[float, Still]]:
        """Each time of the finding's moments, in order, with its picture, which is given away.

        Those that were fetched with the looks are not fetched again.

        Raises:
            SourceError: where one is taken of which the footage holds no picture any more.
        """
        missing_s = [t_s for t_s in self._moments_s if t_s not in self._waiting]
        fetched = iter(self._footage.stills(missing_s) if missing_s else ())
        for t_s in self._moments_s:
            yield t_s, self._waiting.pop(t_s) if t_s in self._waiting else next(fetched)

    def _cut_out(self) -> Iterator[Look]:
        """Every picture once, however many shots it was fetched for, by the best of them."""
        rank = {shot: number for number, shot in enumerate(self._shots)}
        best: dict[float, int] = {}
        kept: dict[float, Look] = {}
        for shot, still in self._fetched():
            if rank[shot] >= best.get(still.t_s, len(rank)):
                continue
            xyxy = box_at(self._path, still.t_s)
            if xyxy is not None:
                best[still.t_s] = rank[shot]
                kept[still.t_s] = _look(still, xyxy, rank[shot], self._around)
        yield from kept.values()

    def _fetched(self) -> Iterator[tuple[Shot, Still]]:
        shots = {shot.t_s: shot for shot in self._shots}
        wanted_s = sorted({*shots, *self._moments_s})
        given = 0
        try:
            for t_s, still in zip(wanted_s, self._footage.stills(wanted_s), strict=True):
                given += 1
                if t_s in self._moments_s:
                    self._waiting[t_s] = still
                if t_s in shots:
                    yield shots[t_s], still
        except SourceError:
            left = (shots[t_s] for t_s in wanted_s[given:] if t_s in shots)
            yield from ((shot, still) for shot in left for still in _still(self._footage, shot))


def _look(still: Still, xyxy: Box, rank: int, around: float) -> Look:
    """The surroundings, from even pixels on, so that halves are rounded as they are in the full frame."""
    whole = still.image
    height, width = whole.shape[:2]
    x1, y1, x2, y2 = xyxy
    half = max(x2 - x1, y2 - y1) * around / 2 + 2
    middle_x, middle_y = (x1 + x2) / 2, (y1 + y2) / 2
    left, top = (max(int(edge) & ~1, 0) for edge in (middle_x - half, middle_y - half))
    left, top = min(left, (width - 1) & ~1), min(top, (height - 1) & ~1)
    right, bottom = max(int(middle_x + half) + 1, left + 1), max(int(middle_y + half) + 1, top + 1)
    image = whole[top:bottom, left:right].copy()
    return Look(t_s=still.t_s, image=image, xyxy_px=(x1 - left, y1 - top, x2 - left, y2 - top), rank=rank)


def _still(footage: Footage, shot: Shot) -> list[Still]:
    try:
        return list(footage.stills([shot.t_s]))
    except SourceError:
        return []


def box_at(path: Sequence[PathRow], t_s: float) -> Box | None:
    """Where an offender was at a second, px; None where its path, rows by time, does not tell.

    Between rows at which it was seen it went straight; over a longer hole it is known only where it stood.
    """
    before = max((row for row in path if row[0] <= t_s), default=None)
    after = min((row for row in path if row[0] >= t_s), default=None)
    if before is not None and after is not None:
        one, other = np.array(before[1:]), np.array(after[1:])
        if after[0] - before[0] <= ROWS_APART_S + SAME_S or _stood(one, other):
            share = (t_s - before[0]) / (after[0] - before[0]) if after[0] > before[0] else 0.0
            x1, y1, x2, y2 = (one + (other - one) * share).tolist()
            return x1, y1, x2, y2
    near = [row for row in (before, after) if row is not None and abs(row[0] - t_s) <= SAME_S]
    return min(near, key=lambda row: abs(row[0] - t_s))[1:] if near else None


def _stood(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    sides = np.tile(one[2:] - one[:2], 2)
    return bool((np.abs(other - one) <= STANDS * sides).all())
