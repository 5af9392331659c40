"""What one small luma picture says about itself: how dark, how fine, and where it holds any texture."""

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
    return float(np.percentile(luma[::4, ::4], BRIGHT_SHARE))


def texture(luma: Luma) -> Float:
    """(6, 8) spread of the grey levels within each tile."""
    rows, columns = TILES
    height, width = luma.shape[0] // rows * rows, luma.shape[1] // columns * columns
    tiles = luma[:height, :width].astype(np.float32).reshape(rows, height // rows, columns, width // columns)
    return np.asarray(tiles.std(axis=(1, 3)), np.float32)


def fineness(luma: Luma) -> float:
    """Second differences over first ones: falls where edges grow soft, whatever the contrast."""
    grey = luma.astype(np.float32)
    first = np.abs(grey[1:-1, 2:] - grey[1:-1, :-2]).mean() + np.abs(grey[2:, 1:-1] - grey[:-2, 1:-1]).mean()
    around = grey[1:-1, 2:] + grey[1:-1, :-2] + grey[2:, 1:-1] + grey[:-2, 1:-1]
    second = np.abs(around - 4 * grey[1:-1, 1:-1]).mean()
    return float(second / max(first, 0.5))


def differs(luma: Luma, before: Luma, grey: int) -> bool:
    """Whether any pixel of a coarse grid changed by more than `grey`."""
    now, then = (picture[::4, ::4].astype(np.int16) for picture in (luma, before))
    return bool(np.abs(now - then).max() > grey)
