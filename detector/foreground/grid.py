"""The working grid: pictures, polygons and boxes brought to its cells and back.

A cell is a block of the small picture; everything heavy happens on a few ten thousand cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]
Image = NDArray[np.uint8]
Polygon = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Grid:
    """Layout of the cells.

    Attributes:
        shape: rows, columns.
        block: side of a cell in small-picture pixels.
        cell_px: width and height of a cell in full-frame px.
    """

    shape: tuple[int, int]
    block: int
    cell_px: tuple[float, float]

    @classmethod
    def over(cls, small_shape: tuple[int, int], scale_xy: tuple[float, float], grid_width: int) -> "Grid":
        """The grid for small pictures of (rows, columns), `scale_xy` full-frame px per small px."""
        block = max(1, round(small_shape[1] / grid_width))
        shape = small_shape[0] // block, small_shape[1] // block
        return cls(shape, block, (scale_xy[0] * block, scale_xy[1] * block))

    def cells(self, picture: Image) -> Float:
        """(rows, columns, 3) float32 block means of a small picture (h, w, 3) uint8."""
        (rows, columns), block = self.shape, self.block
        total = np.zeros((rows, columns, 3), np.uint16 if block < 16 else np.uint32)
        for down in range(block):
            for along in range(block):
                total += picture[down : rows * block : block, along : columns * block : block]
        return np.asarray(total.astype(np.float32) / np.float32(block * block))

    def cells_of_full(self, picture: Image) -> Float:
        """The same from a full-frame picture, each cell the mean over its own area."""
        columns, rows = (np.asarray(edges) for edges in self._edges(picture.shape))
        sums = np.add.reduceat(picture.astype(np.float32), rows[:-1], axis=0)[: self.shape[0]]
        sums = np.add.reduceat(sums, columns[:-1], axis=1)[:, : self.shape[1]]
        area = np.diff(rows)[:, None] * np.diff(columns)[None]
        return np.asarray(sums / area[..., None], np.float32)

    def _edges(self, full_shape: tuple[int, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Column and row edges of the cells in a full-frame picture; the last one closes the last cell."""
        width, height = self.cell_px
        columns = np.minimum(np.round(np.arange(self.shape[1] + 1) * width), full_shape[1]).astype(np.intp)
        rows = np.minimum(np.round(np.arange(self.shape[0] + 1) * height), full_shape[0]).astype(np.intp)
        return columns, rows

    def inside(self, polygon: Polygon) -> Bool:
        """Which cells have their centre in a polygon (full-frame px)."""
        rows, columns = np.indices(self.shape)
        shape = shapely.Polygon(polygon)
        shapely.prepare(shape)
        x, y = (columns + 0.5) * self.cell_px[0], (rows + 0.5) * self.cell_px[1]
        return np.asarray(shapely.contains_xy(shape, x, y))

    def risen(self, polygon: Polygon, rise: float) -> Bool:
        """The cells of a polygon and those above it within `rise` times its shorter side."""
        corners = shapely.get_coordinates(shapely.Polygon(polygon).minimum_rotated_rectangle)
        sides = np.linalg.norm(np.diff(corners[:3], axis=0), axis=1)
        height = min(round(rise * float(sides.min()) / self.cell_px[1]), self.shape[0] // 4)
        foot = self.inside(polygon)
        risen = foot.copy()
        for up in range(1, height + 1):
            risen[:-up] |= foot[up:]
        return risen

    def under(self, boxes_px: NDArray[np.float32]) -> Bool:
        """Which cells lie under any of the (n, 4) full-frame boxes."""
        covered = np.zeros(self.shape, bool)
        width, height = self.cell_px
        for x1, y1, x2, y2 in boxes_px.tolist():
            left, right = max(int(x1 // width), 0), max(int(-(-x2 // width)), 0)
            top, bottom = max(int(y1 // height), 0), max(int(-(-y2 // height)), 0)
            covered[top:bottom, left:right] = True
        return covered

    def box_px(self, rows: slice, columns: slice) -> tuple[float, float, float, float]:
        """Full-frame xyxy of a block of cells."""
        width, height = self.cell_px
        return columns.start * width, rows.start * height, columns.stop * width, rows.stop * height
