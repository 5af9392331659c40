"""Entering a closed road: coming in counts, standing in it or touching its edge does not."""

from datetime import UTC, datetime

import pytest

from detector.types import ObjectClass
from tests.builders import Walk, doubts, finals, jittered, line, run, scene_of, standing, through

ZONE = "{id: closed, kind: no_entry, polygon: [[0, 0], [1000, 0], [1000, 500], [0, 500]], classes: [truck, motorcycle]"
SCENE = scene_of(ZONE + "}")
ENTERS = line((500, 900), (500, 100), since_s=0, until_s=8)


def test_fires_when_a_bound_vehicle_enters_and_travels_in():
    first, final = run(SCENE, Walk(id=1, where=ENTERS, until_s=9))
    assert (first.finding.final, final.finding.final, first.id) == (False, True, final.id)
    assert final.finding.t_start_s == pytest.approx(4.0, abs=0.3)
    assert final.finding.t_end_s == pytest.approx(8.0, abs=0.3)
    assert final.finding.facts["entry_seen"] is True


def test_fires_for_a_vehicle_first_seen_inside_that_clearly_travels():
    inside = line((500, 450), (500, 100), since_s=0, until_s=5)
    (final,) = finals(run(SCENE, Walk(id=1, where=inside, until_s=5)))
    assert final.finding.facts["entry_seen"] is False


def test_fires_in_a_road_seen_at_a_flat_angle_that_is_lower_than_the_vehicle():
    flat = "polygon: [[100, 300], [800, 300], [800, 330], [100, 330]]"
    ribbon = scene_of(f"{{id: closed, kind: no_entry, {flat}, classes: [truck]}}")
    drives = line((1000, 316), (0, 316), since_s=0, until_s=10, size=(220, 130))
    truck = Walk(id=1, kind=ObjectClass.TRUCK, where=drives, until_s=10)
    grazes = line((1000, 329), (0, 329), since_s=0, until_s=10, size=(220, 130))
    assert len(finals(run(ribbon, truck))) == 1
    assert run(ribbon, Walk(id=1, kind=ObjectClass.TRUCK, where=grazes, until_s=10)) == []


MUST_NOT = {
    "standing inside since before the start": standing((500, 300)),
    "standing inside with jitter": jittered(standing((500, 300)), px=4),
    "parking a little inside": through((0, 500, 300), (2, 500, 270), (30, 500, 270)),
    "passing outside": line((0, 700), (1000, 700), since_s=0, until_s=8),
    "just touching the border": through((0, 300, 600), (3, 480, 495), (4, 520, 495), (7, 700, 600)),
    "along the border line": through((0, 0, 510), (3, 450, 497), (4, 550, 497), (8, 1000, 510)),
    "nosing in and backing out": through((0, 500, 700), (3, 500, 470), (5, 500, 470), (8, 500, 700)),
    "pushed at walking pace": line((500, 600), (500, 250), since_s=0, until_s=30),
}


@pytest.mark.parametrize("where", MUST_NOT.values(), ids=MUST_NOT.keys())
def test_must_not_fire(where):
    assert run(SCENE, Walk(id=1, where=where, until_s=30)) == []


def test_pushing_is_a_doubt():
    slow = Walk(id=1, where=MUST_NOT["pushed at walking pace"], until_s=30)
    assert {doubt.reason for doubt in doubts(SCENE, slow)} == {"walking_pace"}


@pytest.mark.parametrize("kind", [ObjectClass.CAR, ObjectClass.BUS, ObjectClass.BICYCLE, ObjectClass.PERSON])
def test_must_not_fire_for_exempt_classes(kind):
    assert run(SCENE, Walk(id=1, kind=kind, where=ENTERS, until_s=9)) == []


def test_must_not_fire_at_an_hour_the_road_is_open():
    scene = scene_of(ZONE + ", calendar: [{from: '06:00', to: '20:00'}]}")
    night = datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert run(scene, Walk(id=1, where=ENTERS, until_s=9), start_at=night) == []


def test_must_not_fire_when_a_tracker_jumps_into_the_zone():
    jump = through((0, 500, 900), (3.0, 500, 880), (3.01, 500, 250), (8, 500, 240))
    assert run(SCENE, Walk(id=1, where=jump)) == []


def test_leaving_and_coming_back_at_once_is_one_act():
    twice = through((0, 500, 700), (4, 500, 200), (8, 500, 600), (12, 500, 100))
    (final,) = finals(run(SCENE, Walk(id=1, where=twice, until_s=13)))
    assert final.finding.t_end_s == pytest.approx(12, abs=0.3)


@pytest.mark.parametrize("fps", [2, 5, 10, 25])
def test_the_verdict_does_not_depend_on_the_frame_rate(fps):
    assert len(finals(run(SCENE, Walk(id=1, where=ENTERS, until_s=9), fps=fps))) == 1
    for where in MUST_NOT.values():
        assert run(SCENE, Walk(id=1, where=where, until_s=30), fps=fps) == []


def test_a_zone_short_for_the_vehicle_counts_when_most_of_it_was_crossed():
    short = scene_of("{id: closed, kind: no_entry, polygon: [[400, 400], [600, 400], [600, 460], [400, 460]]}")
    through_it = line((500, 600), (500, 300), since_s=0, until_s=10)
    assert len(finals(run(short, Walk(id=1, where=through_it, until_s=11)))) == 1
    corner = through((0, 350, 480), (4, 410, 445), (8, 450, 480))
    assert run(short, Walk(id=1, where=corner, until_s=9)) == []


def test_long_vehicles_are_measured_by_a_smaller_share_of_their_long_boxes():
    in_a_bit = line((500, 550), (500, 330), since_s=0, until_s=5, size=(200, 160))
    assert len(finals(run(SCENE, Walk(id=1, kind=ObjectClass.TRUCK, where=in_a_bit, until_s=6)))) == 1
    assert run(SCENE, Walk(id=1, kind=ObjectClass.MOTORCYCLE, where=in_a_bit, until_s=6)) == []


def test_travel_and_time_inside_begin_at_the_edge_and_not_at_the_first_look_behind_it():
    comes_in = line((500, 660), (500, 380), since_s=0, until_s=7 / 3, size=(60, 60))
    (found,) = finals(run(SCENE, Walk(id=1, where=comes_in, until_s=7 / 3), fps=3, until_s=7 / 3))
    assert found.finding.facts["travelled_boxes"] == pytest.approx(2.0, abs=0.1)
    assert found.finding.t_start_s == pytest.approx(4 / 3, abs=0.01)


@pytest.mark.parametrize(("speed", "events"), [(8.0, 1), (2.6, 0)], ids=["far", "no farther than anybody"])
@pytest.mark.parametrize("fps", [8, 10, 25])
def test_who_is_through_in_little_time_is_told_if_it_came_far(speed, events, fps):
    way = line((500, 505), (500, 505 - speed * 49), since_s=0, until_s=1)
    fast = Walk(id=1, where=way, until_s=0.65)
    assert len(finals(run(SCENE, fast, fps=fps, until_s=2))) == events


@pytest.mark.parametrize(("deep_px", "events"), [(3, 0), (25, 1)], ids=["along the edge", "well inside"])
def test_who_is_inside_for_little_time_must_be_well_inside_most_of_it(deep_px, events):
    way = through((0, 100, 500 - deep_px), (0.5, 296, 500 - deep_px), (0.7, 374, 480))
    fast = Walk(id=1, where=way, until_s=0.7)
    assert len(finals(run(SCENE, fast, fps=10, until_s=2))) == events
