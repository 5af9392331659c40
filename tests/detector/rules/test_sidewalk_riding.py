"""Riding along the sidewalk: crossing it to a house, parking on it and perspective at the kerb are none."""

import pytest

from detector.types import ObjectClass
from tests.builders import Walk, doubts, finals, line, run, scene_of, through

SCENE = scene_of("{id: pavement, kind: sidewalk, polygon: [[0, 400], [1000, 400], [1000, 520], [0, 520]]}")
ALONG = line((50, 460), (950, 460), since_s=0, until_s=8)


def rides(where, kind=ObjectClass.MOTORCYCLE, until_s=9.0):
    return Walk(id=1, kind=kind, where=where, until_s=until_s)


def riding(violations):
    return [violation for violation in violations if violation.finding.kind == "sidewalk_riding"]


def test_fires_when_a_motor_vehicle_travels_along_the_sidewalk():
    first, final = riding(run(SCENE, rides(ALONG)))
    assert (first.finding.final, final.finding.final, first.id) == (False, True, final.id)
    assert final.finding.t_start_s <= 1.0
    assert final.finding.t_end_s == pytest.approx(8.0, abs=0.3)
    assert final.finding.facts["angle_to_sidewalk_deg"] < 5


@pytest.mark.parametrize("kind", [ObjectClass.BICYCLE, ObjectClass.PERSON, ObjectClass.STALL, ObjectClass.OBJECT])
def test_must_not_fire_for_what_is_no_motor_vehicle(kind):
    assert riding(run(SCENE, rides(ALONG, kind))) == []


MUST_NOT = {
    "crosses to enter a house": through((0, 500, 900), (4, 500, 500), (6, 500, 380)),
    "crosses obliquely": through((0, 350, 700), (3, 450, 530), (5, 560, 390)),
    "ends in a doorway": through((0, 450, 700), (3, 480, 500), (5, 520, 430), (30, 520, 430)),
    "parks on the pavement": through((0, 300, 700), (3, 400, 530), (5, 460, 470), (30, 460, 470)),
    "along the kerb, box overlapping it": line((50, 516), (950, 516), since_s=0, until_s=8),
    "on the road beside it": line((50, 530), (950, 530), since_s=0, until_s=8),
    "pushed at walking pace": line((100, 460), (500, 460), since_s=0, until_s=30),
}


@pytest.mark.parametrize("where", MUST_NOT.values(), ids=MUST_NOT.keys())
def test_must_not_fire(where):
    assert riding(run(SCENE, rides(where, until_s=30))) == []


def test_pushing_is_a_doubt():
    slow = rides(MUST_NOT["pushed at walking pace"], until_s=30)
    assert {doubt.reason for doubt in doubts(SCENE, slow)} == {"walking_pace"}


def test_fires_on_a_narrow_pavement_where_the_box_is_wider_than_it():
    scene = scene_of("{id: pavement, kind: sidewalk, polygon: [[0, 450], [1000, 450], [1000, 470], [0, 470]]}")
    wide = line((50, 460), (950, 460), since_s=0, until_s=8, size=(120, 90))
    assert len(finals(riding(run(scene, rides(wide))))) == 1


def test_a_pavement_running_into_the_depth_is_measured_along_its_own_axis():
    scene = scene_of("{id: pavement, kind: sidewalk, polygon: [[700, 300], [760, 300], [1000, 900], [820, 900]]}")
    up = line((890, 880), (735, 330), since_s=0, until_s=8)
    assert len(finals(riding(run(scene, rides(up))))) == 1
    across = line((600, 620), (990, 600), since_s=0, until_s=6)
    assert riding(run(scene, rides(across))) == []


GROUND = "ground: {px: [[0, 400], [1000, 400], [1000, 520], [0, 520]], m: [[0, 0], [30, 0], [30, 4], [0, 4]]}\n"


def test_with_ground_points_the_ride_is_measured_in_metres():
    pavement = "{id: pavement, kind: sidewalk, polygon: [[0, 400], [1000, 400], [1000, 520], [0, 520]]}"
    (final,) = finals(riding(run(scene_of(pavement, extra=GROUND), rides(ALONG))))
    assert final.finding.facts["travelled_m"] == pytest.approx(27, abs=3)
    assert final.finding.facts["sidewalk_width_m"] == pytest.approx(4.0, abs=0.1)


@pytest.mark.parametrize("fps", [3, 5, 10, 25])
def test_the_verdict_does_not_depend_on_the_frame_rate(fps):
    assert len(finals(riding(run(SCENE, rides(ALONG), fps=fps)))) == 1
    for where in MUST_NOT.values():
        assert riding(run(SCENE, rides(where, until_s=30), fps=fps)) == []


@pytest.mark.parametrize(("boxes", "events"), [(6.0, 1), (2.6, 0)], ids=["far", "no farther than anybody"])
@pytest.mark.parametrize("fps", [5, 10, 25])
def test_who_is_through_in_less_than_a_second_is_told_if_it_came_far(boxes, events, fps):
    narrow = scene_of("{id: pavement, kind: sidewalk, polygon: [[0, 430], [1000, 430], [1000, 490], [0, 490]]}")
    way = line((300, 460), (300 + boxes * 49, 460), since_s=0, until_s=1 if events else 0.7)
    fast = Walk(id=1, where=way, until_s=0.7)
    assert len(finals(riding(run(narrow, fast, fps=fps, until_s=2)))) == events


@pytest.mark.parametrize(("deep_px", "until_s", "events"), [(10, 0.7, 0), (20, 0.7, 1), (10, 1.3, 1)])
def test_who_rides_for_less_than_a_second_must_be_well_inside(deep_px, until_s, events):
    way = line((100, 520 - deep_px), (100 + 500 * until_s, 520 - deep_px), since_s=0, until_s=until_s)
    fast = Walk(id=1, where=way, until_s=until_s)
    assert len(finals(riding(run(SCENE, fast, fps=10, until_s=2)))) == events
