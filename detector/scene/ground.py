"""From picture to road plane: a homography fitted to the operator's ground points, with its error.

Method: normalised direct linear transform (Hartley & Zisserman, Multiple View Geometry, algorithm 4.2).
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from detector.scene.fault import fault
from detector.scene.model import SceneModel, Xy

Float = NDArray[np.float64]


class GroundPoints(SceneModel):
    """At least four points in the picture and on the road plane, in the same order."""

    px: Annotated[tuple[Xy, ...], Field(min_length=4)]
    m: Annotated[tuple[Xy, ...], Field(min_length=4)]

    @model_validator(mode="after")
    def _same_count(self) -> "GroundPoints":
        if len(self.px) != len(self.m):
            told = f"px has {len(self.px)} points but m has {len(self.m)}; each px point needs its place in metres"
            raise fault("ground_counts", told, px=len(self.px), m=len(self.m))
        for name, points in (("px", self.px), ("m", self.m)):
            if np.linalg.matrix_rank(np.array(points) - np.array(points[0]), tol=1e-6) < 2:
                told = f"all points of {name} lie on one line; pick four that span the road"
                raise fault("ground_line", told, place=name)
        return self


@dataclass(frozen=True, slots=True)
class Ground:
    """A fitted homography picture -> road plane.

    Attributes:
        matrix: (3, 3), maps homogeneous px to homogeneous metres.
        rmse_m: root mean square error at the operator's own points, metres.
    """

    matrix: Float
    rmse_m: float

    def to_m(self, points_px: Float) -> Float:
        """(n, 2) px to (n, 2) metres; points at or above the horizon become NaN."""
        homogeneous = np.column_stack([points_px, np.ones(len(points_px))]) @ self.matrix.T
        depth = homogeneous[:, 2:3]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(depth > 1e-9, homogeneous[:, :2] / depth, np.nan)


def fit_ground(points: GroundPoints) -> Ground:
    """Least-squares homography through the ground points.

    Raises:
        ValueError: three or more points lie so that no homography exists.
    """
    px, m = np.array(points.px, float), np.array(points.m, float)
    to_px, to_m = _normaliser(px), _normaliser(m)
    rows = []
    for (x, y), (u, v) in zip(_apply(to_px, px), _apply(to_m, m), strict=True):
        rows.append([-x, -y, -1, 0, 0, 0, u * x, u * y, u])
        rows.append([0, 0, 0, -x, -y, -1, v * x, v * y, v])
    solution = np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)
    matrix = np.linalg.inv(to_m) @ solution @ to_px
    depth = np.column_stack([px, np.ones(len(px))]) @ matrix[2]
    if not (np.all(depth > 1e-9) or np.all(depth < -1e-9)):
        raise ValueError("no homography fits: the points cross the horizon or their order differs between px and m")
    matrix = matrix * np.sign(depth[0]) / abs(depth).mean()
    rmse = float(np.sqrt(np.mean(np.sum((_apply(matrix, px) - m) ** 2, axis=1))))
    return Ground(matrix=matrix, rmse_m=rmse)


def _normaliser(points: Float) -> Float:
    centre = points.mean(axis=0)
    scale = np.sqrt(2) / max(float(np.mean(np.linalg.norm(points - centre, axis=1))), 1e-9)
    return np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])


def _apply(matrix: Float, points: Float) -> Float:
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:3])
