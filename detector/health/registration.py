"""How far a view lies from a reference view: phase correlation of edges, tile by tile.

Edges rather than greys, so that light and weather matter little; tiles, so that a turn or a zoom, which shifts every
tile differently, is found too, and so that traffic in some of them does not matter (Kuglin & Hines 1975; the peak is
refined by a parabola).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.health.measures import Luma

FULL_WIDTH = 1920.0
TILE_GRID = (3, 4)
LEAST_PEAK = 6.0
"""A peak this many times the spread of the correlation's other values is a match; noise reaches about 5."""
LEAST_EDGES = 2.0
"""Mean step between neighbouring greys below which a tile holds nothing to match."""
FLOOR = 4.0
"""Greys added to the surroundings' steps before dividing by them, so that noise does not become edges."""
LEAST_TILES = 3
REACH_PX = 8
"""So far to each side reach the surroundings of a pixel; a power of two."""
Float = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One view, ready to be compared.

    Attributes:
        spectra: (12, ...) of the windowed edges of each tile.
        textured: (12,) which tiles hold enough to be matched.
        width: px of the picture it was made of.
    """

    spectra: NDArray[np.complex64]
    textured: NDArray[np.bool_]
    width: int

    @classmethod
    def of(cls, luma: Luma) -> "View":
        """The view in a small luma picture."""
        edges, steps = _edges(luma)
        tiles = _tiles(edges)
        window = np.outer(np.hanning(tiles.shape[1]), np.hanning(tiles.shape[2])).astype(np.float32)
        spectra = np.fft.rfft2((tiles - tiles.mean(axis=(1, 2), keepdims=True)) * window)
        return cls(np.asarray(spectra, np.complex64), _tiles(steps).mean(axis=(1, 2)) >= LEAST_EDGES, luma.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What a comparison gave.

    Attributes:
        px: median length of the matched tiles' shifts, px of a picture 1920 wide; None where nothing matched.
        matched: how many tiles matched.
        tried: how many held texture in both views.
    """

    px: float | None
    matched: int
    tried: int


def shift_px(view: View, reference: View) -> Shift:
    """How far `view` lies from `reference`; both of pictures of one size."""
    tried = np.flatnonzero(view.textured & reference.textured)
    if not len(tried):
        return Shift(px=None, matched=0, tried=0)
    cross = view.spectra[tried] * np.conj(reference.spectra[tried])
    surface = np.fft.irfft2(cross / np.maximum(np.abs(cross), np.float32(1e-9)))
    flat = surface.reshape(len(tried), -1)
    best = flat.argmax(axis=1)
    peak = flat[np.arange(len(tried)), best] / np.maximum(flat.std(axis=1), np.float32(1e-9))
    found = np.flatnonzero(peak >= LEAST_PEAK)
    if len(found) < min(LEAST_TILES, len(tried)):
        return Shift(px=None, matched=len(found), tried=len(tried))
    lengths = [np.hypot(*_place(surface[i], int(best[i]))) for i in found]
    return Shift(px=float(np.median(lengths)) * FULL_WIDTH / view.width, matched=len(found), tried=len(tried))


def _edges(luma: Luma) -> tuple[Float, Float]:
    """Steps between neighbours relative to the surroundings' steps, and the steps themselves."""
    grey = luma.astype(np.float32)
    steps = np.zeros_like(grey)
    across, down = grey[1:-1, 2:] - grey[1:-1, :-2], grey[2:, 1:-1] - grey[:-2, 1:-1]
    across *= across
    down *= down
    across += down
    np.sqrt(across, out=steps[1:-1, 1:-1])
    steps *= np.float32(0.5)
    return np.asarray(steps / (_around(steps) + np.float32(FLOOR)), np.float32), steps


def _around(values: Float) -> Float:
    """Mean over a square of 17 x 17 px."""
    total = _sums(np.pad(values, REACH_PX, mode="edge"))
    total = _sums(total.T).T
    return np.asarray(total / np.float32((2 * REACH_PX + 1) ** 2), np.float32)


def _sums(values: Float) -> Float:
    """Sums of 17 rows each, by sums of twice as many every time: a sixth of what running totals cost."""
    total, rows = values, 1
    while rows < 2 * REACH_PX:
        total, rows = total[:-rows] + total[rows:], 2 * rows
    return np.asarray(total[:-1] + values[rows:], np.float32)


def _tiles(values: Float) -> Float:
    """(12, tile height, tile width)"""
    rows, columns = TILE_GRID
    height, width = values.shape[0] // rows, values.shape[1] // columns
    cut = values[: height * rows, : width * columns].reshape(rows, height, columns, width)
    return np.asarray(cut.transpose(0, 2, 1, 3).reshape(rows * columns, height, width))


def _place(surface: Float, best: int) -> tuple[float, float]:
    """The peak's place (x, y), px, to a fraction; shifts beyond half a tile count as negative."""
    height, width = surface.shape
    row, column = divmod(best, width)
    dy = _top(surface[(row - 1) % height, column], surface[row, column], surface[(row + 1) % height, column])
    dx = _top(surface[row, (column - 1) % width], surface[row, column], surface[row, (column + 1) % width])
    y = row - height if row > height / 2 else row
    x = column - width if column > width / 2 else column
    return x + dx, y + dy


def _top(before: float, peak: float, after: float) -> float:
    bend = before - 2 * peak + after
    return 0.0 if bend >= 0 else float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))
