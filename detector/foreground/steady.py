"""How far a swaying camera looks aside, and pictures as it would have seen them had it stood still.

Poles bend in the wind by a few px and mounts sag; every edge of the street then looks like something that was put
down. The shift of a picture against the background is found by phase correlation (Kuglin & Hines 1975) of the local
contrast, which light does not change. In: cells as laid out by `Grid`. Out: shifts in cells, moved pictures.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from detector.foreground.change import luma
from detector.foreground.grid import Float, Image

REACH_CELLS = 20
"""Larger shifts are another view, not sway."""
LEAST_CELLS = 0.1
"""Smaller ones are not undone: moving a picture by a part of a cell blurs it."""
CLEAR = 1.5
"""The peak of a shift stands out this much from all others; a panning camera or a hidden one gives none."""
AGREED = 0.01
"""And it is at least this high: a perfect copy gives 0.08, streets full of traffic 0.02 to 0.08, other views 0.005."""
CONTRAST_CELLS = 3.0
CONTRAST_MOST = 0.3
"""Local contrast beyond this, log luma, counts no more: lamps and wet road do not decide."""
DARK_LEVEL = 16.0
BLUNT_CELLS = 1.0
"""The peak is made this wide, so that its place can be told to a part of a cell."""

Shift = NDArray[np.float64]
"""(2,) rows and columns, cells: how far the scene lies below and to the right of where it lies in the background."""


def shift_of(now: Float, background: Float) -> Shift | None:
    """How far the BGR cells (rows, columns, 3) are shifted against the background's; None where it cannot be told."""
    shape = now.shape[:2]
    cross = _spectrum(now) * np.conj(_spectrum(background))
    size = np.abs(cross)
    cross /= size + 1e-3 * size.mean() + 1e-12
    cross *= _blunting(shape)
    reach = min(REACH_CELLS, (min(shape) - 1) // 2)
    surface = np.roll(fft.irfft2(cross, shape), (reach, reach), (0, 1))[: 2 * reach + 1, : 2 * reach + 1]
    return _clear_peak(surface, reach)


def _spectrum(cells: Float) -> NDArray[np.complexfloating]:
    contrast = np.log(luma(cells) + DARK_LEVEL)
    contrast -= ndimage.gaussian_filter(contrast, CONTRAST_CELLS, mode="nearest")
    np.clip(contrast, -CONTRAST_MOST, CONTRAST_MOST, out=contrast)
    return np.asarray(fft.rfft2(contrast * _window(contrast.shape)))


@lru_cache(maxsize=4)
def _window(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Fades a picture of so many rows and columns out towards its border."""
    rows, columns = shape
    return np.asarray(np.sqrt(np.outer(np.hanning(rows), np.hanning(columns))), np.float64)


@lru_cache(maxsize=4)
def _blunting(shape: tuple[int, int]) -> NDArray[np.float64]:
    """What makes a peak wider, over the frequencies of a picture of so many rows and columns."""
    down, along = fft.fftfreq(shape[0])[:, None], fft.rfftfreq(shape[1])[None]
    return np.asarray(np.exp(-2 * (np.pi * BLUNT_CELLS) ** 2 * (down**2 + along**2)), np.float64)


def _clear_peak(surface: NDArray[np.floating], reach: int) -> Shift | None:
    row, column = (int(i) for i in np.unravel_index(surface.argmax(), surface.shape))
    others = surface.copy()
    others[max(row - 3, 0) : row + 4, max(column - 3, 0) : column + 4] = -np.inf
    if not 0 < row < 2 * reach or not 0 < column < 2 * reach:
        return None
    if surface[row, column] < max(AGREED, CLEAR * others.max()):
        return None
    down = row - reach + _vertex(surface[row - 1 : row + 2, column])
    along = column - reach + _vertex(surface[row, column - 1 : column + 2])
    return np.array([down, along])


def _vertex(three: NDArray[np.floating]) -> float:
    """Where a Gaussian through three values has its top, from the middle one."""
    low, middle, high = np.log(np.maximum(three, 1e-9))
    bend = low - 2 * middle + high
    return 0.0 if bend >= 0 else float(0.5 * (low - high) / bend)


def steadied(picture: Image, shift_px: Shift) -> Image:
    """A picture (h, w, 3) uint8 with the scene moved back by (2,) rows and columns, px; its border is repeated."""
    whole = np.floor(shift_px).astype(int)
    down, along = shift_px - whole
    pad = int(np.abs(whole).max()) + 1
    wide = np.pad(picture, ((pad, pad), (pad, pad), (0, 0)), mode="edge").astype(np.float32)
    height, width = picture.shape[:2]
    top, left = pad + whole
    block = wide[top : top + height + 1, left : left + width + 1]
    rows = block[:-1] + np.float32(down) * (block[1:] - block[:-1])
    mixed = rows[:, :-1] + np.float32(along) * (rows[:, 1:] - rows[:, :-1])
    return np.asarray(mixed + 0.5, np.uint8)
