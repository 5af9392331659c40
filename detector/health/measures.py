"""What one small luma picture says about itself: how dark, how fine, and where it holds any texture."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
"""(height, width), 0..255."""
Float = NDArray[np.float32]

TILES = (6, 8)
"""Rows and columns of tiles whose texture is told."""
BRIGHT_SHARE = 98


def brightness(luma: Luma) -> float:
    """The grey level that 98 % of the picture stay below."""
    ranked = np.sort(luma[::4, ::4], axis=None, kind="stable")
    place = BRIGHT_SHARE / 100 * (len(ranked) - 1)
    below, above = int(ranked[int(place)]), int(ranked[min(int(place) + 1, len(ranked) - 1)])
    return below + (place - int(place)) * (above - below)


def texture(luma: Luma) -> Float:
    """(6, 8) spread of the grey levels within each tile."""
    rows, columns = TILES
    height, width = luma.shape[0] // rows * rows, luma.shape[1] // columns * columns
    tiles = luma[:height, :width].astype(np.float32).reshape(rows, height // rows, columns, width // columns)
    return np.asarray(tiles.std(axis=(1, 3)), np.float32)


def fineness(luma: Luma) -> float:
    """Second differences over first ones: falls where edges grow soft, whatever the contrast."""
    grey = luma.astype(np.int16)
    left, right, above, below = grey[1:-1, :-2], grey[1:-1, 2:], grey[:-2, 1:-1], grey[2:, 1:-1]
    first = np.abs(right - left).mean() + np.abs(below - above).mean()
    second = np.abs(right + left + below + above - 4 * grey[1:-1, 1:-1]).mean()
    return float(second / max(first, 0.5))


def median_of_five(pictures: Sequence[Luma]) -> Luma:
    """Pixel by pixel the middle one of five; by comparisons of whole pictures, a fiftieth of what sorting costs."""
    one, two, three, four, five = pictures
    low = np.maximum(np.minimum(one, two), np.minimum(three, four))
    high = np.minimum(np.maximum(one, two), np.maximum(three, four))
    # The middle one of `low`, `high` and the fifth: the least and the greatest of the four cannot be it.
    return np.maximum(np.minimum(low, high), np.minimum(np.maximum(low, high), five))


def cells(luma: Luma) -> Luma:
    """Means of 3 x 3 px, as coarse as the motion gate's cells."""
    rows, columns = (side // 3 for side in luma.shape)
    wide = luma[: rows * 3, : columns * 3].astype(np.uint16)
    low = wide[0::3] + wide[1::3] + wide[2::3]
    # Sums of whole rows first: a fifth of what means over blocks cost, and the same rounded ninths.
    total = low[:, 0::3] + low[:, 1::3] + low[:, 2::3]
    return np.asarray((2 * total + 9) // 18, np.uint8)
