"""Whether something new lies there, or only what lay there before, seen a little aside.

A mount that turns, a zoom that creeps, an awning in the wind and the shadow of somebody who shifts from foot to foot
move edges by a cell or so without anything being put down. Steadying (`steady.py`) undoes what the whole picture does;
this looks at one blob alone. In: its cells now and in the background. Out: a verdict.
"""

import numpy as np

from detector.foreground.grid import Bool, Float

HALVES = 3
"""Half cells it may lie aside: farther is another place, and goods beside goods must not explain each other."""
EXPLAINED = 0.5
"""The background moved aside leaves at most this share of the difference; what is new leaves nearly all of it."""


def is_displaced(cells: Bool, now: Float, background: Float) -> bool:
    """Whether a small shift of the background explains a blob.

    Goods that stand for hours are asked once a second: only the blob's own cells are looked up, in a background of
    half cells made once.

    Args:
        cells: (rows, columns) the blob.
        now, background: (rows, columns, 3) BGR, of one light.
    """
    wide = np.pad(background, ((2, 2), (2, 2), (0, 0)), mode="edge")
    fine = _halved(_halved(wide).swapaxes(0, 1)).swapaxes(0, 1)
    rows, columns = (2 * (index + 2) for index in np.nonzero(cells))
    here = now[cells]
    offsets = range(-HALVES, HALVES + 1)
    left = {(y, x): float(np.abs(here - fine[rows + y, columns + x]).mean()) for y in offsets for x in offsets}
    return min(left.values()) <= EXPLAINED * left[0, 0]


def _halved(lines: Float) -> Float:
    """The lines with the mean of each two neighbours between them."""
    between = np.repeat(lines, 2, axis=0)[:-1]
    between[1::2] = (lines[:-1] + lines[1:]) / 2
    return between
