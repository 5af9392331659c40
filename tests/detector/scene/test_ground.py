"""The homography: exact on exact points, its error said, the horizon respected."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.scene import GroundPoints
from detector.scene.ground import fit_ground

TRUE = np.array([[0.02, 0.004, -3.0], [0.001, 0.05, -10.0], [0.0, 0.0011, -0.2]])


def to_metres(points_px):
    homogeneous = np.column_stack([points_px, np.ones(len(points_px))]) @ TRUE.T
    return homogeneous[:, :2] / homogeneous[:, 2:]


CORNERS = np.array([[200, 400], [900, 420], [1100, 900], [50, 950]], float)


def fitted(px, m):
    return fit_ground(GroundPoints(px=[tuple(p) for p in px], m=[tuple(p) for p in m]))


@given(x=st.floats(0, 1200), y=st.floats(350, 1000))
def test_exact_points_give_the_exact_plane(x, y):
    ground = fitted(CORNERS, to_metres(CORNERS))
    point = np.array([[x, y]])
    assert ground.to_m(point)[0] == pytest.approx(to_metres(point)[0], abs=1e-6)
    assert ground.rmse_m < 1e-6


def test_points_that_do_not_fit_show_in_the_error():
    px = np.vstack([CORNERS, [[500, 600], [600, 700]]])
    m = to_metres(px)
    m[4] += 1.0
    assert 0.1 < fitted(px, m).rmse_m < 1.0


def test_points_at_and_above_the_horizon_are_nan():
    ground = fitted(CORNERS, to_metres(CORNERS))
    assert np.isnan(ground.to_m(np.array([[500.0, 50.0]]))).all()
    assert np.isfinite(ground.to_m(np.array([[500.0, 500.0]]))).all()
