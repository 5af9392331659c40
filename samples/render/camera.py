"""The street camera: one pinhole, used for rendering, truth boxes and the scene's ground homography alike.

Comes in: position, aim and horizontal angle. Goes out: pixels for world points and the exact homography of the road
plane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIZE_WH = (960, 540)
"""The common size, in whose px softness and grain are given."""
TRACED_WH = (480, 270)
"""Of the path-traced light; finer detail is drawn by the rasteriser."""
MIDDLE_WH, LARGE_WH = (1280, 720), (1920, 1080)
"""Of clips from which a plate is to be read: through a narrow lens, through a wide one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """`position`, `target` in metres of the world; `angle_deg` horizontal field of view; `size_wh` the picture's px."""

    position: tuple[float, float, float]
    target: tuple[float, float, float]
    angle_deg: float
    size_wh: tuple[int, int] = SIZE_WH

    @property
    def focal_px(self) -> float:
        return float(self.size_wh[0] / 2 / np.tan(np.radians(self.angle_deg) / 2))

    def axes(self) -> NDArray[np.float64]:
        """Rows: right, down, forward (3, 3)."""
        forward = np.subtract(self.target, self.position)
        forward = forward / np.linalg.norm(forward)
        right = np.cross(forward, (0, 0, 1))
        right = right / np.linalg.norm(right)
        return np.array([right, np.cross(forward, right), forward])

    def project(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """World points (n, 3) m to pixels (n, 2) and depths (n,) m; points behind have depth <= 0."""
        seen = (points - np.array(self.position)) @ self.axes().T
        depth = np.maximum(seen[:, 2:], 1e-3)
        return seen[:, :2] / depth * self.focal_px + np.array(self.size_wh) / 2, seen[:, 2]

    def ground_m(self, u: float, v: float) -> list[float]:
        """The place on the road plane seen at a pixel, metres, rounded to 1 mm."""
        width, height = self.size_wh
        ray = np.array([(u - width / 2) / self.focal_px, (v - height / 2) / self.focal_px, 1.0]) @ self.axes()
        x, y = (np.array(self.position) - ray * self.position[2] / ray[2])[:2]
        return [round(float(x), 3), round(float(y), 3)]
