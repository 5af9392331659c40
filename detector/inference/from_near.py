"""Where a picture of a vehicle is looked at again from near, because the whole view shows its plate too small to trust.

In: the picture's size and what the finder saw, or only suspected, in it. Out: windows of the picture, in the order in
which they are worth a look; and the boxes of both looks together, the nearer one's before the whole view's.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CLOSER_FROM_PX = 480
"""Longer side of a picture from which a second look is worth it: shrunk for the finder, a plate gets too small."""
SUSPECTED = 0.05
"""Score from which a place of the whole view is looked at from near."""
LARGE = 0.22
"""Of the picture's longer side: a plate so wide is no better found from near."""
WINDOW = 0.5
WINDOW_LEAST_PX = 256
"""Of the picture's longer side, and at least this: how much is looked at around a suspected plate."""
TILE = 0.55
TILES_LEFT_TOP = ((0.225, 0.45), (0.0, 0.45), (0.45, 0.45))
"""Where nothing else was found, of the sides: the lower part, where vehicles bear plates, its middle first."""
SAME = 0.5
"""Of the smaller of two boxes, shared: one plate seen twice."""

Boxes = NDArray[np.float32]
"""(n, 5) `x1 y1 x2 y2 score`, px, surest first."""


class Window(NamedTuple):
    """A part of a picture, px."""

    left: int
    top: int
    right: int
    bottom: int


def large(size_wh: tuple[int, int], rows: Boxes) -> NDArray[np.bool_]:
    """Which of the boxes are no better found from near."""
    return np.asarray(rows[:, 2] - rows[:, 0] >= LARGE * max(size_wh), np.bool_)


def windows(size_wh: tuple[int, int], suspected: Boxes, found: Boxes) -> Iterator[Window]:
    """The window around the likeliest place; where none is found there nor was before, three of the lower part."""
    if len(suspected):
        yield _around(size_wh, suspected[0])
    if not len(found):
        width, height = size_wh
        for x, y in TILES_LEFT_TOP:
            left, top = round(x * width), round(y * height)
            yield Window(left, top, round(left + TILE * width), round(top + TILE * height))


def together(near: Boxes, whole: Boxes) -> Boxes:
    """Boxes of both looks, surest first: a plate that both saw where the nearer one saw it."""
    rest = [box for box in whole if not any(_shared(box, other) > SAME for other in near)]
    rows = np.array([*near, *rest], np.float32).reshape(-1, 5)
    return np.asarray(rows[np.argsort(-rows[:, 4], kind="stable")])


def _around(size_wh: tuple[int, int], box: NDArray[np.float32]) -> Window:
    side = round(max(WINDOW * max(size_wh), WINDOW_LEAST_PX))
    width, height = (min(side, whole) for side, whole in zip((side, side), size_wh, strict=True))
    left = int(np.clip((box[0] + box[2] - width) / 2, 0, size_wh[0] - width))
    top = int(np.clip((box[1] + box[3] - height) / 2, 0, size_wh[1] - height))
    return Window(left, top, left + width, top + height)


def _shared(one: NDArray[np.float32], two: NDArray[np.float32]) -> float:
    wide = min(one[2], two[2]) - max(one[0], two[0])
    high = min(one[3], two[3]) - max(one[1], two[1])
    smaller = min(float((box[2] - box[0]) * (box[3] - box[1])) for box in (one, two))
    return float(wide * high) / max(smaller, 1e-9) if wide > 0 and high > 0 else 0.0
