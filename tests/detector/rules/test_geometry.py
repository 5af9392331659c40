"""Plane geometry: fixed cases with their figures, and properties that hold for any input."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detector.rules.geometry import (
    Area,
    Ruler,
    along_across,
    angle_deg,
    box_size,
    covered,
    crossing,
    gap_px,
    heading,
    hull,
    iou,
    main_axis,
    overlap_share,
    ruler_for,
    side_of,
    unit,
)
from detector.scene import Ground
from detector.types import PathPoint
from tests.builders import box_at

SQUARE = Area([(100, 100), (300, 100), (300, 300), (100, 300)])
COORDINATE = st.floats(-2000, 2000)
POINT = st.tuples(COORDINATE, COORDINATE)


def at(t_s, x, y, size=50.0, ground=None):
    return PathPoint(t_s, box_at((x, y, size, size)), (x, y), ground, True)


@st.composite
def boxes(draw):
    (x, y), width, height = draw(POINT), draw(st.floats(1, 500)), draw(st.floats(1, 500))
    return x, y, x + width, y + height


INSIDE = [((200, 200), True), ((100, 100), True), ((99.9, 200), False), ((350, 200), False)]


@pytest.mark.parametrize(("point", "inside"), INSIDE)
def test_a_point_lies_in_an_area_with_its_edge(point, inside):
    assert (point in SQUARE) is inside


def test_depth_is_the_distance_from_the_edge_and_negative_outside():
    assert SQUARE.depth_px((150, 200)) == 50
    assert SQUARE.depth_px((200, 320)) == -20


BASES = [("inside", (120, 0, 280, 200), 1.0), ("half", (0, 0, 200, 200), 0.5), ("below", (120, 0, 280, 400), 0.0)]


@pytest.mark.parametrize(("box", "share"), [row[1:] for row in BASES], ids=[row[0] for row in BASES])
def test_base_share_is_the_part_of_the_lower_edge_in_the_area(box, share):
    assert SQUARE.base_share(box) == pytest.approx(share)


def test_chord_is_the_width_through_a_point():
    assert SQUARE.chord_px((200, 150), (0, 1)) == pytest.approx(200)
    assert SQUARE.chord_px((50, 150), (0, 1)) == 0


def test_main_axis_is_the_long_side():
    dx, dy = main_axis([(0, 0), (400, 300), (391, 312), (-9, 12)])
    assert abs(dx * 0.8 + dy * 0.6) == pytest.approx(1.0, abs=0.01)


def test_overlap_of_zones():
    small = [(100, 100), (200, 100), (200, 300), (100, 300)]
    assert overlap_share(small, [(0, 0), (1000, 0), (1000, 1000), (0, 1000)]) == pytest.approx(1.0)


GATE = ((100.0, 500.0), (500.0, 500.0))


def test_crossing_time_is_interpolated():
    found = crossing(GATE, at(1.0, 200, 470), at(2.0, 200, 590))
    assert found is not None
    assert found.t_s == pytest.approx(1.25)
    assert found.at_px == pytest.approx((200, 500))


def test_crossing_back_has_the_other_sense():
    there, back = crossing(GATE, at(0, 200, 400), at(1, 200, 600)), crossing(GATE, at(1, 200, 600), at(2, 200, 400))
    assert there is not None
    assert back is not None
    assert there.side == -back.side


def test_passing_close_to_the_end_of_a_gate_is_told_as_that():
    start, end = at(0, 505, 400), at(1, 505, 600)
    assert crossing(GATE, start, end) is None
    found = crossing(GATE, start, end, slack_boxes=0.35)
    assert found is not None and found.beside and found.at_px == pytest.approx((505, 500))
    inside = crossing(GATE, at(0, 200, 400), at(1, 200, 600), slack_boxes=0.35)
    assert inside is not None and not inside.beside


def test_the_longest_way_through_a_polygon():
    slanted = Area([(0, 0), (100, 0), (200, 100), (100, 100)])
    assert slanted.longest_chord((1.0, 0.0)) == pytest.approx(100, rel=0.06)
    assert slanted.longest_chord((0.0, 1.0)) == pytest.approx(100, rel=0.06)
    assert Area([(0, 0), (100, 0), (100, 20), (0, 20)]).longest_chord((0.0, 1.0)) == pytest.approx(20)


def test_passing_beside_the_gate_is_no_crossing():
    assert crossing(GATE, at(0, 600, 400), at(1, 600, 600)) is None


LONG_GATE = ((-2000.0, 500.0), (2000.0, 500.0))


@given(x=COORDINATE, above=st.floats(-2000, 499), to_x=COORDINATE, below=st.floats(501, 2000))
def test_a_crossing_lies_on_the_gate_and_between_the_sightings(x, above, to_x, below):
    found = crossing(LONG_GATE, at(3.0, x, above), at(4.0, to_x, below))
    assert found is not None
    assert 3.0 < found.t_s < 4.0
    assert found.at_px[1] == pytest.approx(500, abs=1e-6)
    assert min(x, to_x) - 1e-6 <= found.at_px[0] <= max(x, to_x) + 1e-6
    assert found.side == (1 if side_of(LONG_GATE, (to_x, below)) > 0 else -1)


@given(points=st.lists(POINT, min_size=2, max_size=12))
def test_a_closed_path_crosses_a_gates_line_equally_often_both_ways(points):
    wide = ((-9000.0, 3.3), (9000.0, 3.3))
    path = [*points, points[0]]
    sides = [
        found.side
        for i in range(len(path) - 1)
        if (found := crossing(wide, at(float(i), *path[i]), at(i + 1.0, *path[i + 1]))) is not None
    ]
    assert sum(sides) == 0


TURNS = [((0, -1), (1, 0), 90), ((0, -1), (-1, 0), -90), ((1, 0), (1, 0), 0), ((1, 0), (-1, 0), 180)]


@pytest.mark.parametrize(("before", "after", "degrees"), TURNS)
def test_a_right_turn_in_the_picture_is_positive(before, after, degrees):
    assert angle_deg(before, after) == pytest.approx(degrees)


@given(a=POINT, b=POINT, turn=st.floats(0, 2 * math.pi))
def test_angles_do_not_depend_on_the_view(a, b, turn):
    assume(math.hypot(*a) > 1e-3 and math.hypot(*b) > 1e-3)
    c, s = math.cos(turn), math.sin(turn)
    turned = [(x * c - y * s, x * s + y * c) for x, y in (a, b)]
    difference = (angle_deg(*turned) - angle_deg(a, b) + 180) % 360 - 180
    assert abs(difference) < 1e-3


@given(step=POINT, direction=POINT)
def test_along_and_across_keep_the_length(step, direction):
    assume(math.hypot(*direction) > 1e-6)
    along, across = along_across(step, unit(direction))
    assert math.hypot(along, across) == pytest.approx(math.hypot(*step), abs=1e-6)


@given(a=boxes(), b=boxes())
def test_overlaps_are_shares_and_symmetric(a, b):
    assert 0 <= iou(a, b) <= 1 + 1e-9
    assert iou(a, b) == pytest.approx(iou(b, a))
    assert iou(a, b) <= covered(a, b) + 1e-9
    assert (gap_px(a, b) > 0) <= (iou(a, b) == 0)
    assert covered(a, hull(a, b)) == pytest.approx(1.0)


def test_box_size_is_the_root_of_the_area():
    assert box_size((0, 0, 90, 40)) == 60
    assert box_size((5, 5, 5, 5)) == 1


def test_without_ground_a_step_is_measured_in_box_sizes():
    assert Ruler(metric=False).step(at(0, 0, 0, 40), at(1, 30, 40, 60)) == pytest.approx((0.6, 0.8))


def test_with_ground_a_step_is_metres_and_none_beyond_the_horizon():
    ruler = Ruler(metric=True)
    assert ruler.step(at(0, 0, 0, ground=(1.0, 2.0)), at(1, 9, 9, ground=(4.0, 6.0))) == (3.0, 4.0)
    assert ruler.step(at(0, 0, 0, ground=(1.0, 2.0)), at(1, 9, 9)) is None


HORIZON_AT_100 = Ground(np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0.01, -1.0]]), 0.0)


def test_a_zone_above_the_horizon_is_measured_in_box_sizes():
    assert ruler_for(HORIZON_AT_100, [(0, 200), (50, 300)]).metric
    assert not ruler_for(HORIZON_AT_100, [(0, 50), (50, 300)]).metric
    assert not ruler_for(None, [(0, 0)]).metric


@given(angle=st.floats(0, 2 * math.pi), seed=st.integers(0, 1000))
def test_heading_is_found_through_jitter_and_an_outlier(angle, seed):
    noise = np.random.default_rng(seed).normal(scale=1.0, size=(12, 2))
    points = [
        at(i / 5, 500 + 12 * i * math.cos(angle) + dx, 500 + 12 * i * math.sin(angle) + dy, 60)
        for i, (dx, dy) in enumerate(noise)
    ]
    found = heading(points, boxes=2.0)
    assert found is not None
    assert abs(angle_deg(found, (math.cos(angle), math.sin(angle)))) < 12


def test_who_goes_nowhere_has_no_heading():
    assert heading([at(i / 5, 500 + i % 2, 500) for i in range(10)]) is None
    assert heading([at(0, 0, 0)]) is None
