"""Whether a track is only the shadow of another: a second box on the same rider and machine.

A network that wavers between a rider and rider with machine boxes both, and the tracker follows both. The weaker one
lies on the stronger all the way, never drifts sideways against it, and must not be accused beside it: its foot is
not where its wheels are.
"""

import numpy as np
from numpy.typing import NDArray

from detector.rules.motion import TWO_WHEELERS
from detector.types import Track

LATEST_POINTS = 60
LEAST_POINTS = 3
LEAST_SHARE = 0.75
"""Share of the weaker track's sightings at which both were seen, and of these at which it lay on the other."""
COVER = 0.45
"""It lies on the other when this much of it lies within the other's box."""
ASIDE_BOXES, DRIFT_BOXES = 0.25, 0.15
"""Largest mean and spread of its distance to the side, box sizes: others in the stream drift more."""
MOVED_BOXES = 0.7
"""What stands is told apart by place alone: parked two-wheelers overlap for hours."""

Boxes = NDArray[np.float64]


def is_shadow(track: Track, others: tuple[Track, ...], since_s: float, *, known: bool = False) -> bool:
    """Whether one of the living tracks is the stronger box of what this track has followed since a time.

    A `known` shadow stays one when the stronger track has ended, unless it has become the stronger one itself.
    """
    if track.kind not in TWO_WHEELERS:
        return False
    mine = _sightings(track, since_s)
    if any(_lies_on(mine, _sightings(other, since_s)) for other in others if _stronger(other, track)):
        return True
    return known and not any(_lies_on(_sightings(other, since_s), mine) for other in others if _stronger(track, other))


def _stronger(other: Track, track: Track) -> bool:
    return other.id != track.id and other.kind in TWO_WHEELERS and other.mean_score > track.mean_score


def _sightings(track: Track, since_s: float) -> dict[float, tuple[float, ...]]:
    return {p.t_s: p.xyxy for p in track.path[-LATEST_POINTS:] if p.measured and p.t_s >= since_s - 1e-6}


def _lies_on(mine: dict[float, tuple[float, ...]], theirs: dict[float, tuple[float, ...]]) -> bool:
    shared = sorted(mine.keys() & theirs.keys())
    if len(shared) < max(LEAST_POINTS, LEAST_SHARE * len(mine)):
        return False
    inner, outer = (np.array([boxes[t_s] for t_s in shared]) for boxes in (mine, theirs))
    if np.mean(_cover(inner, outer) >= COVER) < LEAST_SHARE:
        return False
    size = np.sqrt(np.prod(outer[:, 2:] - outer[:, :2], axis=1))
    aside = (inner[:, [0, 2]].mean(axis=1) - outer[:, [0, 2]].mean(axis=1)) / size
    moved = np.linalg.norm(outer[-1] - outer[0]) / 2 / size.mean()
    return bool(moved >= MOVED_BOXES and abs(aside.mean()) <= ASIDE_BOXES and aside.std() <= DRIFT_BOXES)


def _cover(inner: Boxes, outer: Boxes) -> Boxes:
    sides = np.minimum(inner[:, 2:], outer[:, 2:]) - np.maximum(inner[:, :2], outer[:, :2])
    shared = np.prod(sides.clip(0.0), axis=1)
    return np.asarray(shared / np.prod(inner[:, 2:] - inner[:, :2], axis=1))
