"""Which looks at a vehicle are worth reading its plate from: the few largest, apart in time, and of those the sharpest.

In: the offender's path, the picture's size, later the crops. Out: times and boxes, best first. Size decides which
pictures are fetched at all, because it is known without any pixels; sharpness decides among the plates found.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.types.track import Box
from detector.types.violation import PathRow

SHOTS_MAX = 6
APART_S = 0.15
"""Nearer in time, two pictures show the same blur."""
CUT_OFF_PX = 2.0
"""A box this near to the picture's edge may be cut off; its plate too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A look worth fetching: stream second, the vehicle's box in full-frame px."""

    t_s: float
    xyxy: Box


def best_shots(
    path: Sequence[PathRow], size_wh: tuple[int, int], *, count: int = SHOTS_MAX, apart_s: float = APART_S
) -> tuple[Shot, ...]:
    """Up to `count` looks, largest first; whole vehicles before cut ones, no two nearer than `apart_s`.

    What that leaves open is filled up with nearer ones: a recording with gaps declares fewer frames than follow on one
    another.

    Args:
        path: rows t_s, x1, y1, x2, y2 in full-frame px; empty boxes are passed over.
        size_wh: the picture's size, px.
        apart_s: at least the time between two frames, else both looks are at one picture.
    """
    rows = [row for row in path if row[3] > row[1] and row[4] > row[2]]
    rows.sort(key=lambda row: (_is_cut(row, size_wh), -_area(row), row[0]))
    chosen: list[Shot] = []
    for t_s, x1, y1, x2, y2 in rows:
        if all(abs(t_s - other.t_s) >= apart_s for other in chosen):
            chosen.append(Shot(t_s=t_s, xyxy=(x1, y1, x2, y2)))
        if len(chosen) == count:
            return tuple(chosen)
    if apart_s > APART_S:
        nearer = best_shots(path, size_wh, count=len(rows), apart_s=APART_S)
        chosen += [shot for shot in nearer if all(abs(shot.t_s - other.t_s) >= APART_S for other in chosen)]
    return tuple(chosen[:count])


def sharpness(crop: NDArray[np.uint8]) -> float:
    """How crisp a plate's print is, 0 for a flat picture: the strongest steps between neighbours over its contrast.

    Independent of brightness, so a plate at night can win over a blurred one by day.

    Args:
        crop: (h, w, 3) uint8 BGR; smaller than 3 x 3 px gives 0.
    """
    if min(crop.shape[:2]) < 3:
        return 0.0
    grey = crop.astype(np.float32).mean(2)
    low, high = np.percentile(grey, (5, 95))
    if high - low < 8:
        return 0.0
    steps = np.abs(np.diff(grey, axis=1))
    return float(np.percentile(steps, 95) / (high - low))


def _area(row: PathRow) -> float:
    return (row[3] - row[1]) * (row[4] - row[2])


def _is_cut(row: PathRow, size_wh: tuple[int, int]) -> bool:
    _, x1, y1, x2, y2 = row
    width, height = size_wh
    return x1 <= CUT_OFF_PX or y1 <= CUT_OFF_PX or x2 >= width - CUT_OFF_PX or y2 >= height - CUT_OFF_PX
