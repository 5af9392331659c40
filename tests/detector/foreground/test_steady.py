"""A camera that sways, sags or jumps a little: what stands on the pavement is found, and nothing else."""

import numpy as np
import pytest
from scipy import ndimage

from detector.foreground.steady import CLEAR, REACH_CELLS, shift_of, steadied
from tests.detector.foreground.test_static import EMPTY, GOODS_PX, arrives, found, iou, painted, watch

PX_PER_CELL = 3.0
"""Full-frame px per px of the painted picture, whose cells are single px."""


def aside(picture, down_px, along_px):
    """The view of a camera whose scene lies that many full-frame px lower and to the right."""
    shift = down_px / PX_PER_CELL, along_px / PX_PER_CELL, 0
    return np.clip(ndimage.shift(picture.astype(float), shift, order=1, mode="nearest") + 0.5, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.5, -0.25), (1.3, 2.6), (-4.0, 3.0), (0.0, 11.5), (-15.0, -9.0)])
@pytest.mark.parametrize("light", [1.0, 0.6])
def test_a_shift_is_measured_to_a_fifth_of_a_cell_in_any_light(shift, light):
    moved = aside(painted(light=light, seed=1), shift[0] * PX_PER_CELL, shift[1] * PX_PER_CELL)
    measured = shift_of(moved.astype(np.float32), EMPTY)
    assert measured is not None
    assert measured == pytest.approx(shift, abs=0.2)


NO_SHIFT = {
    "another street": np.random.default_rng(3).uniform(0, 255, EMPTY.shape).astype(np.float32),
    "a covered lens": np.full_like(EMPTY, 3),
    "a view beyond reach": np.roll(EMPTY, 3 * REACH_CELLS, axis=1),
}


@pytest.mark.parametrize("now", NO_SHIFT.values(), ids=NO_SHIFT.keys())
def test_what_is_no_sway_gives_no_shift(now):
    assert CLEAR > 1
    assert shift_of(now, EMPTY) is None


def test_a_steadied_picture_lies_where_the_first_one_lay():
    picture = painted(seed=2)
    back = steadied(aside(picture, 4.5, -7.0), np.array([1.5, -7 / 3]))
    inner = np.s_[10:-10, 10:-10]
    blurred = ndimage.uniform_filter(picture.astype(float), (3, 3, 1))[inner]
    assert np.abs(back[inner] - picture[inner].astype(float)).mean() < np.abs(blurred - picture[inner]).mean()


@pytest.mark.parametrize("period_s", [7.0, 60.0])
def test_a_camera_that_sways_in_the_wind_reports_goods_and_nothing_else(period_s):
    def view(t_s):
        turn = 2 * np.pi * t_s / period_s
        return aside(arrives(t_s, at=40.0), 3 * np.sin(1.3 * turn), 4 * np.sin(turn))

    _, results = watch(view, until_s=110, fps=1)
    reported = found(results)
    assert 45 <= reported[0][0] <= 52
    assert all(len(boxes) == 1 and iou(boxes[0], GOODS_PX) > 0.5 for _, boxes in reported)
    assert len(reported) >= 55


@pytest.mark.parametrize("jump_px", [4, 9, 20])
def test_a_camera_that_was_pushed_goes_on_as_if_nothing_had_happened(jump_px):
    model, results = watch(lambda t_s: aside(arrives(t_s, at=60.0), 0, jump_px if t_s >= 30 else 0), until_s=100, fps=1)
    assert model.recalibrations == 0
    assert [t_s for t_s, _ in found(results)] == list(np.arange(found(results)[0][0], 101.0))
    assert 65 <= found(results)[0][0] <= 72
