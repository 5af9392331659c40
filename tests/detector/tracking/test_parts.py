"""The tracker's parts by themselves: box arithmetic, filter, looks, flow, recent boxes, path."""

import numpy as np
import pytest

from detector.tracking.appearance import UNKNOWN_DISTANCE, Looks
from detector.tracking.association import Prediction, Seen, assign, match_cost
from detector.tracking.boxes import corner_shift, covered_share, foot_px, iou, size_px, to_state, to_xyxy
from detector.tracking.flow import FlowField
from detector.tracking.kalman import BoxFilter
from detector.tracking.path import PathRecord
from detector.tracking.recent import RecentBoxes
from detector.tracking.settings import MatchSettings, MotionSettings, PathSettings
from detector.types import Detections, ObjectClass, PathPoint, Window

BOX = np.array([[100.0, 100.0, 140.0, 180.0]])


@pytest.mark.parametrize(
    ("other", "shift"),
    [
        pytest.param([110, 100, 150, 180], 10, id="moved right"),
        pytest.param([103, 104, 143, 184], 5, id="moved aslant"),
        pytest.param([100, 140, 140, 180], 0, id="rider got off"),
        pytest.param([100, 100, 120, 180], 0, id="right half hidden"),
    ],
)
def test_corner_shift(other: list[float], shift: float) -> None:
    assert float(corner_shift(np.array(other, float), BOX[0])) == pytest.approx(shift)


def test_box_arithmetic() -> None:
    assert to_xyxy(to_state(BOX)) == pytest.approx(BOX)
    assert size_px(BOX) == pytest.approx([np.sqrt(40 * 80)])
    assert foot_px(BOX).tolist() == [[120, 180]]
    half = np.array([[120.0, 100.0, 160.0, 180.0]])
    assert iou(BOX, half) == pytest.approx(np.array([[1 / 3]]))
    assert covered_share(BOX, half) == pytest.approx(np.array([[0.5]]))


def _filter() -> BoxFilter:
    boxes = BoxFilter(MotionSettings())
    boxes.start(BOX)
    boxes.rate[:, 0] = 50.0
    return boxes


@pytest.mark.parametrize("steps", [2, 5, 30])
def test_many_short_predictions_equal_one_long_one(steps: int) -> None:
    one, many, still = _filter(), _filter(), np.zeros(1, bool)
    one.predict(0.6, still)
    for _ in range(steps):
        many.predict(0.6 / steps, still)
    assert many.mean == pytest.approx(one.mean) and many.cov == pytest.approx(one.cov, rel=0.02)
    assert many.var == pytest.approx(one.var, rel=0.02) and many.rate_var == pytest.approx(one.rate_var)


@pytest.mark.parametrize("dt_s", [0.03, 0.2, 1.5])
def test_the_filter_learns_a_constant_velocity(dt_s: float) -> None:
    boxes = BoxFilter(MotionSettings())
    boxes.start(BOX)
    for i in range(1, 40):
        boxes.predict(dt_s, np.zeros(1, bool))
        boxes.update(np.zeros(1, np.intp), BOX + np.array([80.0, 20.0, 80.0, 20.0]) * i * dt_s, np.ones(1))
    assert boxes.rate[0, :2] == pytest.approx([80, 20], rel=0.02)
    assert np.all(boxes.var > 0) and np.all(boxes.var * boxes.rate_var > boxes.cov**2)


def test_looks_forgive_a_quarter_that_is_hidden() -> None:
    looks = Looks()
    looks.append(1)
    row = np.zeros(1, np.intp)
    colours = np.full((1, 48), 100, np.uint8)
    assert looks.distance(row, colours, row) == UNKNOWN_DISTANCE  # nothing known yet
    looks.take(row, colours, np.zeros(1), np.ones(1))
    partly = colours.copy()
    partly[0, :12] = 255
    assert looks.distance(row, partly, row) == pytest.approx([0])
    assert looks.distance(row, colours + 51, row) == pytest.approx([0.2])
    assert looks.distance(row, None, row) == UNKNOWN_DISTANCE


def test_staying_alone_can_be_cheaper_than_a_full_house() -> None:
    cost = np.array([[1.0, 9.0], [np.inf, 1.5], [1.2, np.inf]])
    rows, columns = assign(cost, 5.0)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 0), (1, 1)]
    assert assign(np.zeros((0, 3)), 5.0)[0].size == 0


def test_the_flow_field_knows_crossing_flows_apart_and_forgets() -> None:
    flow = FlowField((960, 540))
    place, size = np.array([[480.0, 270.0]]), np.array([40.0])
    for _ in range(10):
        flow.learn(place, np.array([[100.0, 0.0]]), size, 0.2)
        flow.learn(place, np.array([[0.0, -60.0]]), size, 0.2)
        flow.learn(place, np.array([[1.0, 1.0]]), size, 0.2)
    mean, _, share = flow.at(place)
    known = mean[0][share[0] > 0]
    assert sorted(known.round().tolist()) == [[0, -60], [1, 1], [100, 0]]
    assert share.sum() == pytest.approx(1)
    flow.learn(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0), 60.0)
    assert flow.at(place)[2].sum() == 0


def test_recent_boxes_stay_a_few_per_second_at_any_rate() -> None:
    recent, row = RecentBoxes(), np.zeros(1, np.intp)
    recent.start(1)
    for i in range(200):
        recent.take(row, i / 30, BOX + i)
    spacing = np.diff(recent.t_s[0])
    assert recent.t_s[0, -1] == pytest.approx(199 / 30)
    assert spacing[:-1].min() >= 0.1 and recent.t_s[0, -1] - recent.t_s[0, 0] > 2.0
    assert recent.slope(row, recent.feet_px(row))[0] == pytest.approx([30, 30], rel=0.02)


def test_a_path_forgets_beyond_half_an_hour() -> None:
    path = PathRecord(PathSettings())
    for i in range(4000):
        path.add(PathPoint(float(i), (0, 0, 1, 1), (0, 1), None, True))
    points = path.points()
    assert len(points) <= 1812 and points[-1].t_s == 3999 and points[0].t_s >= 3999 - 1812
    assert next(iter(path.newest_first())).t_s == 3999


BEHIND_A_POLE = (
    (0.0, (554, 290, 640, 421)),
    (0.31, (500, 245, 639, 357)),
    (0.44, (487, 232, 641, 344)),
    (0.69, (462, 212, 611, 315)),
    (0.81, (450, 200, 591, 300)),
    (1.06, (430, 183, 559, 274)),
    (1.31, (414, 166, 532, 252)),
    (1.44, (405, 158, 520, 243)),
    (1.69, (402, 147, 498, 224)),
    (1.94, (402, 140, 488, 216)),
    (2.06, (403, 131, 469, 201)),
    (2.31, (401, 127, 460, 195)),
    (2.47, (403, 116, 444, 180)),
)
"""A car that drives into the picture, away from the camera and behind a lamp post, as it was once detected."""


def test_what_grew_into_the_picture_and_then_shrinks_behind_a_pole_is_not_expected_to_grow_on() -> None:
    boxes = BoxFilter(MotionSettings())
    (came_s, first), *later = BEHIND_A_POLE
    boxes.start(np.array([first], float))
    for t_s, box in later:
        boxes.predict(t_s - came_s, np.zeros(1, bool))
        if t_s > 1.0:
            assert np.exp(boxes.mean[0, 2]) < 2 * (box[2] - box[0])
        boxes.update(np.array([0]), np.array([box], float), np.ones(1))
        came_s = t_s


def first_step_cost(start_px: list[float], end_px: list[float]) -> float:
    """What it costs that somebody seen once is the one who is seen 0.2 s later."""
    start, end = np.array([start_px]), np.array([end_px])
    filter_ = BoxFilter(MotionSettings())
    filter_.start(start)
    ahead = Prediction(np.array([0]), filter_.mean, filter_.var + 0.2**2 * filter_.rate_var)
    seen = Seen(
        Detections(
            xyxy=end.astype(np.float32), score=np.ones(1, np.float32), kind=np.full(1, ObjectClass.CAR, np.uint8)
        ),
        MatchSettings(),
        Window(0, 0, 1280, 720),
    )
    noise_var = filter_.noise_var(size_px(start)[:, None])
    return float(match_cost(ahead, np.array([0]), seen, noise_var, MatchSettings(), filter_.mean[:, :2])[0, 0])


@pytest.mark.parametrize("grown", [1.0, 1.3, 1.6])
def test_a_first_step_towards_the_camera_costs_what_the_same_step_away_from_it_costs(grown: float) -> None:
    far, near = [500.0, 100.0, 560.0, 180.0], [540.0, 140.0, 540 + 60 * grown, 140 + 80 * grown]
    assert first_step_cost(far, near) == pytest.approx(first_step_cost(near, far))


def test_whoever_steps_far_may_grow_and_whoever_stays_may_not() -> None:
    here, nearer = [500.0, 100.0, 560.0, 180.0], [530.0, 150.0, 608.0, 254.0]
    aside = [550.0, 150.0, 610.0, 230.0]
    stays_grown = [491.0, 88.0, 569.0, 192.0]
    grew_on_the_way = first_step_cost(here, nearer) - first_step_cost(here, aside)
    assert grew_on_the_way < first_step_cost(here, stays_grown) - first_step_cost(here, here)


@pytest.mark.parametrize("share", [1.25, 0.8])
def test_who_goes_far_and_grows_is_expected_where_constant_velocity_in_space_takes_it(share: float) -> None:
    """1 / size falls or rises steadily, and places move with it."""
    inverse = np.array([1.0, 1 / share, 2 / share - 1])
    sizes, places = 60.0 / inverse, 300.0 / inverse
    boxes = [np.array([[x - s / 2, 400 - s, x + s / 2, 400.0]]) for x, s in zip(places, sizes, strict=True)]
    filter_ = BoxFilter(MotionSettings())
    filter_.start(boxes[1])
    filter_.fit(np.array([0]), to_state(boxes[0]), to_state(boxes[1]), 0.2)
    filter_.predict(0.2, np.array([False]))
    missed = abs(float(filter_.mean[0, 0]) - places[2])
    steady = abs(2 * places[1] - places[0] - places[2])
    assert missed < 0.15 * sizes[2]
    assert missed < 0.3 * steady


def test_short_steps_do_not_grow_with_the_box() -> None:
    filter_ = BoxFilter(MotionSettings())
    filter_.start(BOX)
    filter_.rate[0] = 60.0, 0.0, 0.5, 0.5
    before = float(filter_.mean[0, 0])
    filter_.predict(0.2, np.array([False]))
    assert float(filter_.mean[0, 0]) == pytest.approx(before + 12.0)
