"""One road user followed over time, and all of them at one moment."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from detector.types.classes import ObjectClass
from detector.types.frame import FrameStamp

Box = tuple[float, float, float, float]
"""xyxy, px, full-frame."""
Point = tuple[float, float]
"""x, y: px, or metres on the road plane where the name ends in `_m`."""


class PathPoint(NamedTuple):
    """Where a track was at one time; `measured` is False where it was only predicted."""

    t_s: float
    xyxy: Box
    foot_px: Point
    ground_m: Point | None
    measured: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One road user at one frame.

    Attributes:
        id: never reused within a source.
        kind: the class, voted over the track's life.
        score: how likely this frame's box is right (the detector's score, calibrated), while coasting the last one.
        mean_score: mean of the raw scores of all its measured boxes; thresholds are compared with it.
        xyxy: px, full-frame, smoothed, not clipped to the picture.
        measured: False while coasting over missed detections.
        foot_px: bottom centre of the unclipped box.
        ground_m: foot on the road plane, None without a ground homography.
        velocity_px_s: foot velocity, px per second, over about the last second.
        velocity_mps: the same on the road plane, None without a homography.
        first_t_s: when the track was first measured.
        still_since_s: true stop time (found by looking back) while the object stands, else None.
        path: every point of the last 10 s, older ones thinned to one per second; oldest first, this frame last.
        load: scores in the order of `LoadState` read from this frame's pixels, None when not read.
        votes: shares of the score-weighted votes in the order of `ObjectClass`; empty when all are for `kind`.
    """

    id: int
    kind: ObjectClass
    score: float
    mean_score: float
    xyxy: Box
    measured: bool
    foot_px: Point
    ground_m: Point | None
    velocity_px_s: Point
    velocity_mps: Point | None
    first_t_s: float
    still_since_s: float | None
    path: tuple[PathPoint, ...]
    load: tuple[float, ...] | None = None
    votes: tuple[float, ...] = ()

    def vote_share(self, kinds: Collection[ObjectClass]) -> float:
        """Share of the votes that any of these classes got, 0..1."""
        return sum(self.votes[kind] for kind in kinds) if self.votes else float(self.kind in kinds)

    @property
    def size_px(self) -> float:
        """Square root of the box area, px: the unit of lengths where there is no ground homography."""
        x1, y1, x2, y2 = self.xyxy
        return math.sqrt(max((x2 - x1) * (y2 - y1), 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedFrame:
    """All tracks of one camera at one frame; no pixels, so a day of traffic replays through rules in seconds.

    Attributes:
        stamp: identity and time of the frame.
        tracks: living tracks, measured or coasting, by rising id.
        ended: ids that will never appear again, announced once.
    """

    stamp: FrameStamp
    tracks: tuple[Track, ...]
    ended: tuple[int, ...]
