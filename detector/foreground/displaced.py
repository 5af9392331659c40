"""Whether something new lies there, or only what lay there before, seen a little aside.

A mount that turns, a zoom that creeps, an awning in the wind and the shadow of somebody who shifts from foot to foot
move edges by a cell or so without anything being put down. Steadying (`steady.py`) undoes what the whole picture does;
this looks at one blob alone. In: its cells now and in the background. Out: a verdict.
"""

import numpy as np
from scipy import ndimage

from detector.foreground.grid import Bool, Float

REACH_CELLS = 1.5
"""Farther aside is another place: goods beside goods must not explain each other."""
STEP_CELLS = 0.5
EXPLAINED = 0.5
"""The background moved aside leaves at most this share of the difference; what is new leaves nearly all of it."""


def is_displaced(cells: Bool, now: Float, background: Float) -> bool:
    """Whether a small shift of the background explains a blob.

    Args:
        cells: (rows, columns) the blob.
        now, background: (rows, columns, 3) BGR, of one light.
    """
    difference = _left(cells, now, background)
    offsets = np.arange(-REACH_CELLS, REACH_CELLS + STEP_CELLS, STEP_CELLS)
    moved = (
        ndimage.shift(background, (down, along, 0), order=1, mode="nearest") for down in offsets for along in offsets
    )
    return min(_left(cells, now, aside) for aside in moved) <= EXPLAINED * difference


def _left(cells: Bool, now: Float, background: Float) -> float:
    return float(np.abs(now[cells] - background[cells]).mean())
