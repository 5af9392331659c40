"""Travel against a lane's direction: every cell of the rule table, and what must not depend on sampling."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.types import ObjectClass
from tests.builders import Walk, doubts, finals, jittered, line, run, scene_of, standing, through

WHOLE = "[[0, 0], [1000, 0], [1000, 1000], [0, 1000]]"
ZONE = f"{{id: down, kind: one_way, polygon: {WHOLE}, direction: [[500, 100], [500, 900]]}}"
SCENE = scene_of(ZONE)
UPHILL = line((500, 900), (500, 300), since_s=1, until_s=7)


def test_fires_when_a_vehicle_travels_against_the_lane():
    first, final = run(SCENE, Walk(id=1, where=UPHILL, until_s=8))
    assert (first.finding.final, final.finding.final) == (False, True)
    assert first.id == final.id
    assert final.finding.vehicle is ObjectClass.MOTORCYCLE
    assert final.finding.t_start_s == pytest.approx(1.0, abs=0.45)
    assert final.finding.t_end_s == pytest.approx(7.0, abs=0.25)
    assert final.finding.facts["heading_against_deg"] == 180.0
    assert final.finding.facts["travelled_boxes"] == pytest.approx(600 / 49, rel=0.05)


MUST_NOT = {
    "lawful travel": line((500, 100), (500, 900), since_s=0, until_s=8),
    "reversing a little": through((0, 500, 500), (4, 500, 440), (6, 500, 800)),
    "jitter while standing": jittered(standing((500, 500)), px=4),
    "crossing the lane sideways": line((0, 500), (1000, 480), since_s=0, until_s=10),
    "oblique but not against": line((100, 600), (900, 400), since_s=0, until_s=10),
    "pushed at walking pace": line((500, 900), (500, 550), since_s=0, until_s=30),
    "parking manoeuvre": through((0, 500, 300), (3, 500, 500), (5, 530, 440), (7, 540, 500), (9, 560, 450)),
}


@pytest.mark.parametrize("where", MUST_NOT.values(), ids=MUST_NOT.keys())
def test_must_not_fire(where):
    assert run(SCENE, Walk(id=1, where=where, until_s=30)) == []


def test_must_not_fire_on_a_path_stitched_from_two_vehicles():
    jump = through((0, 500, 900), (3.0, 500, 880), (3.01, 500, 200), (8, 500, 190))
    assert run(SCENE, Walk(id=1, where=jump)) == []


def test_must_not_fire_on_a_fall_that_rests_on_one_leap():
    leap = through((0, 500, 500), (1.0, 500, 470), (1.2, 500, 395), (1.4, 500, 390), (6, 500, 800))
    assert run(SCENE, Walk(id=1, where=leap, until_s=6)) == []
    assert {doubt.reason for doubt in doubts(SCENE, Walk(id=1, where=leap, until_s=6))} == {"too_few_looks"}


def test_must_not_fire_where_the_lane_is_open_both_ways_at_that_hour():
    scene = scene_of(ZONE[:-1] + ", calendar: [{from: '06:00', to: '09:00'}]}")
    noon, seven = (datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in (5, 0))
    assert run(scene, Walk(id=1, where=UPHILL, until_s=8), start_at=noon) == []
    assert len(finals(run(scene, Walk(id=1, where=UPHILL, until_s=8), start_at=seven))) == 1


def test_pushing_is_a_doubt_and_no_accusation():
    slow = Walk(id=1, where=MUST_NOT["pushed at walking pace"], until_s=30)
    assert {doubt.reason for doubt in doubts(SCENE, slow)} == {"walking_pace"}


SIDEWAYS = ZONE.replace("[[500, 100], [500, 900]]", "[[900, 500], [100, 500]]")
PUSHED = {
    "across the view at 1.3 m/s": (SIDEWAYS, line((100, 500), (500, 500), since_s=0, until_s=11), 0),
    "across the view, ridden slowly": (SIDEWAYS, line((100, 500), (500, 500), since_s=0, until_s=8), 1),
    "along the view, where the way looks short": (ZONE, line((500, 900), (500, 500), since_s=0, until_s=11), 1),
    "askew, no faster than a walk": (SIDEWAYS, line((100, 500), (400, 560), since_s=0, until_s=8.5), 0),
}


@pytest.mark.parametrize(("zone", "where", "events"), PUSHED.values(), ids=PUSHED.keys())
def test_across_the_view_more_speed_is_asked_than_along_it(zone, where, events):
    walk = Walk(id=1, where=where, until_s=12)
    assert len(finals(run(scene_of(zone), walk))) == events
    assert {doubt.reason for doubt in doubts(scene_of(zone), walk)} == (set() if events else {"walking_pace"})


def test_a_scene_that_asks_for_no_speed_accuses_at_any():
    scene = scene_of(SIDEWAYS, extra="rules: {motion: {walking_across_boxes_s: 0}}\n")
    assert len(finals(run(scene, Walk(id=1, where=PUSHED["across the view at 1.3 m/s"][1], until_s=12)))) == 1


def test_a_path_that_is_mostly_predicted_is_a_doubt_and_no_accusation():
    unseen = Walk(id=1, where=UPHILL, until_s=8, hidden=((1.4, 3.6), (3.9, 6.9)))
    assert finals(run(SCENE, unseen)) == []
    assert {doubt.reason for doubt in doubts(SCENE, unseen)} == {"mostly_predicted"}


def test_a_slow_car_is_not_pushed():
    slow = Walk(id=1, kind=ObjectClass.CAR, where=MUST_NOT["pushed at walking pace"], until_s=30)
    assert len(finals(run(SCENE, slow))) == 1


def test_an_act_that_pauses_is_one_act():
    rests = through((0, 500, 950), (4, 500, 600), (14, 500, 600), (18, 500, 200))
    (final,) = finals(run(SCENE, Walk(id=1, where=rests, until_s=20)))
    assert final.finding.t_start_s == pytest.approx(0.2, abs=0.5)
    assert final.finding.t_end_s == pytest.approx(18, abs=0.3)


def test_turning_round_is_dated_from_the_turning_point():
    there_and_back = through((0, 500, 200), (4, 500, 700), (8, 500, 200))
    (final,) = finals(run(SCENE, Walk(id=1, where=there_and_back, until_s=9)))
    assert final.finding.t_start_s == pytest.approx(4.0, abs=0.4)


def test_boxes_that_shrink_with_distance_count_in_their_own_size():
    def away(t_s):
        share = min(t_s / 8, 1.0)
        return 500, 950 - 800 * share, 80 - 70 * share, 120 - 105 * share

    (final,) = finals(run(SCENE, Walk(id=1, where=away, until_s=9)))
    steps = [away(t / 1000) for t in range(8000)]
    exact = sum(0.1 / (w * h) ** 0.5 for _, _, w, h in steps)
    assert final.finding.facts["travelled_boxes"] == pytest.approx(exact, rel=0.1)


GROUND = "ground: {px: [[300, 200], [700, 200], [1000, 1000], [0, 1000]], m: [[0, 60], [10, 60], [10, 0], [0, 0]]}\n"


@pytest.mark.parametrize("lane_x", [150, 500, 850])
def test_on_the_road_plane_lengths_are_metres_and_perspective_flips_nothing(lane_x):
    scene = scene_of(ZONE, extra=GROUND)
    up = line((lane_x, 950), (500 + (lane_x - 500) * 0.45, 250), since_s=0, until_s=8)
    (final,) = finals(run(scene, Walk(id=1, where=up, until_s=9)))
    assert final.finding.facts["heading_against_deg"] > 170
    assert final.finding.facts["travelled_m"] > 30
    down = line((500 + (lane_x - 500) * 0.45, 250), (lane_x, 950), since_s=0, until_s=8)
    assert run(scene, Walk(id=1, where=down, until_s=9)) == []


STRIP = ZONE.replace(WHOLE, "[[0, 480], [1000, 480], [1000, 525], [0, 525]]")


def test_a_zone_shorter_than_the_least_distance_is_told_when_it_is_crossed_against_its_direction():
    (final,) = finals(run(scene_of(STRIP), Walk(id=1, where=UPHILL, until_s=8)))
    assert final.finding.t_start_s == pytest.approx(1 + (900 - 525) / 100, abs=0.1)
    assert final.finding.facts["travelled_boxes"] >= 2


NOT_CROSSED = {
    "along its direction": line((500, 100), (500, 900), since_s=0, until_s=8),
    "in at the lower edge and out again": through((0, 500, 900), (4, 500, 505), (8, 500, 900)),
    "past its end": line((1040, 900), (1040, 300), since_s=1, until_s=7),
    "sideways": line((0, 520), (1000, 490), since_s=0, until_s=8),
}


@pytest.mark.parametrize("where", NOT_CROSSED.values(), ids=NOT_CROSSED.keys())
def test_a_short_zone_that_is_not_crossed_against_its_direction_accuses_nobody(where):
    assert run(scene_of(STRIP, size=(1100, 1000)), Walk(id=1, where=where, until_s=9)) == []


def test_one_arrow_stands_for_lanes_that_fan_out():
    side = 1.5 * (40 * 60) ** 0.5
    askew = line((500, 900), (500 + side, 900 - side), since_s=0, until_s=2)
    (final,) = finals(run(SCENE, Walk(id=1, where=askew, until_s=2)))
    assert final.finding.facts["heading_against_deg"] == pytest.approx(135, abs=5)


@pytest.mark.parametrize(("truck", "events"), [(0.0, 0), (0.45, 1)], ids=["a car", "a pickup"])
def test_what_is_a_truck_at_times_counts_less_in_box_sizes(truck, events):
    votes = [0.0] * len(ObjectClass)
    votes[ObjectClass.CAR], votes[ObjectClass.TRUCK] = 1 - truck, truck
    way = line((500, 900), (500, 900 - 1.8 * 49), since_s=0, until_s=2)
    walk = Walk(id=1, kind=ObjectClass.CAR, where=way, until_s=2, votes=tuple(votes))
    assert len(finals(run(SCENE, walk))) == events


def test_the_facts_say_whether_the_street_is_one_way():
    for text, value in (("true", True), ("false", False)):
        scene = scene_of(f"{ZONE[:-1]}, one_way_street: {text}}}")
        assert finals(run(scene, Walk(id=1, where=UPHILL, until_s=8)))[0].finding.facts["one_way_street"] is value


@pytest.mark.parametrize("fps", [2, 5, 10, 25])
def test_the_verdict_does_not_depend_on_the_frame_rate(fps):
    (final,) = finals(run(SCENE, Walk(id=1, where=UPHILL, until_s=8), fps=fps))
    assert final.finding.t_start_s == pytest.approx(1.0, abs=0.7)
    for where in MUST_NOT.values():
        assert run(SCENE, Walk(id=1, where=where, until_s=30), fps=fps) == []


def test_two_steps_are_too_few_to_accuse():
    leaps = line((500, 900), (500, 700), since_s=0, until_s=2)
    (doubt,) = doubts(SCENE, Walk(id=1, where=leaps, until_s=2.2), fps=1)
    assert doubt.reason == "too_few_looks"
    assert run(SCENE, Walk(id=1, where=leaps, until_s=2.2), fps=1) == []
    assert len(finals(run(SCENE, Walk(id=1, where=leaps, until_s=2.2), fps=5))) == 1


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), px=st.floats(0, 5))
def test_a_standing_vehicle_never_fires_however_it_jitters(seed, px):
    assert run(SCENE, Walk(id=1, where=jittered(standing((500, 500)), px=px, seed=seed)), until_s=60) == []


@settings(max_examples=25, deadline=None)
@given(gap=st.floats(1.0, 5.0), lasts=st.floats(0.2, 2.0))
def test_a_gap_in_the_sightings_does_not_change_the_verdict(gap, lasts):
    walk = Walk(id=1, where=UPHILL, until_s=8, hidden=((gap, gap + lasts),))
    assert len(finals(run(SCENE, walk))) == 1


@pytest.mark.parametrize("kind", [ObjectClass.CAR, ObjectClass.TRUCK])
def test_must_not_fire_on_a_box_that_slides_from_a_standing_vehicle_to_the_next(kind):
    slides = through((0, 500, 600), (3.0, 500, 605), (4.2, 540, 480), (8, 540, 485), size=(60, 45))
    assert run(SCENE, Walk(id=1, kind=kind, where=slides, until_s=8)) == []
    starts = through((0, 500, 600), (3.0, 500, 605), (6.5, 540, 480), (8, 540, 485), size=(60, 45))
    assert finals(run(SCENE, Walk(id=1, kind=kind, where=starts, until_s=8))), "whoever starts needs longer"


@pytest.mark.parametrize("since_s", [3.0, 3.4, 3.8])
def test_a_box_that_slid_is_not_accused_later_either_but_who_then_drives_on_is(since_s):
    slides = ((0, 500, 900), (since_s, 500, 905), (since_s + 1.2, 540, 780), (since_s + 30, 540, 785))
    stays = through(*slides, (since_s + 60, 540, 785), size=(60, 45))
    drives = through(*slides, (since_s + 40, 540, 300), (since_s + 60, 540, 300), size=(60, 45))
    walk = Walk(id=1, kind=ObjectClass.CAR, where=stays, until_s=60)
    assert run(SCENE, walk, until_s=60) == []
    later = run(SCENE, replace(walk, where=drives), until_s=60)
    assert {violation.finding.t_start_s > since_s + 29 for violation in later} == {True}


@pytest.mark.parametrize("fps", [5, 10, 25])
@pytest.mark.parametrize("kind", [ObjectClass.CAR, ObjectClass.BUS])
@pytest.mark.parametrize("boxes_s2", [1.0, 1.5, 2.0])
def test_who_starts_quickly_and_drives_on_is_told(kind, fps, boxes_s2):
    def starts(t_s):
        return 500.0, 950 - 36 * boxes_s2 / 2 * max(t_s - 3, 0) ** 2, 40.0, 32.0

    assert len(finals(run(SCENE, Walk(id=1, kind=kind, where=starts, until_s=7), fps=fps, until_s=8))) == 1


def test_who_stands_where_the_act_ended_is_not_accused_of_it_again():
    stays = through((0, 500, 950), (6, 500, 400), (7, 500, 400))
    assert [v.finding.final for v in run(SCENE, Walk(id=1, where=stays, until_s=60), until_s=60)] == [False, True]


BOX = (40 * 60) ** 0.5


@pytest.mark.parametrize("fps", [5, 10, 25])
def test_who_is_through_in_less_than_a_second_is_told(fps):
    fast = Walk(id=1, where=line((500, 900), (500, 900 - 6 * BOX), since_s=0, until_s=1), until_s=0.7)
    (final,) = finals(run(SCENE, fast, fps=fps, until_s=2))
    assert final.finding.confidence >= 0.4
    assert final.finding.facts["against_s"] < 0.75
    lawful = line((500, 900 - 6 * BOX), (500, 900), since_s=0, until_s=1)
    assert run(SCENE, replace(fast, where=lawful), fps=fps, until_s=2) == []


@pytest.mark.parametrize(
    ("boxes", "until_s"), [(2.2, 0.7), (6.0, 0.45)], ids=["no farther than anybody", "there for two looks or three"]
)
@pytest.mark.parametrize("fps", [5, 10, 25])
def test_less_than_a_second_is_not_enough_for(boxes, until_s, fps):
    where = line((500, 900), (500, 900 - boxes * BOX), since_s=0, until_s=0.7)
    assert run(SCENE, Walk(id=1, where=where, until_s=until_s), fps=fps, until_s=2) == []


WIDE = scene_of(
    "{id: left, kind: one_way, direction: [[600, 250], [40, 250]], polygon: "
    "[[0, 200], [640, 200], [640, 300], [0, 300]]}",
    size=(640, 360),
)


def shown(where, width=640):
    """What the picture shows of it: detectors box only that."""

    def cut(t_s):
        x, y, wide, high = where(t_s)
        left, right = max(x - wide / 2, 0.0), max(min(x + wide / 2, width), 1.0)
        return (left + right) / 2, y, max(right - left, 1.0), high

    return cut


def seen_car(where, since_s, until_s, **how):
    return Walk(id=1, kind=ObjectClass.CAR, where=shown(where), since_s=since_s, until_s=until_s, **how)


@settings(max_examples=10, deadline=None)
@given(wide=st.floats(250, 500), took_s=st.floats(2.0, 6.0), fps=st.sampled_from([5, 10]))
def test_a_car_that_fills_the_picture_is_measured_by_the_side_that_is_seen(wide, took_s, fps):
    high = 0.4 * wide
    way = ((-wide / 2 + 30, 250), (640 + wide / 2 - 30, 250))
    against = line(*way, since_s=0, until_s=took_s, size=(wide, high))
    lawful = line(*way[::-1], since_s=0, until_s=took_s, size=(wide, high))
    (final,) = finals(run(WIDE, seen_car(against, 0, took_s), fps=fps, until_s=took_s + 1))
    true_boxes = (640 + wide - 60) / (wide * high) ** 0.5
    assert 0.4 * true_boxes <= final.finding.facts["travelled_boxes"] <= 1.35 * true_boxes
    assert run(WIDE, seen_car(lawful, 0, took_s), fps=fps, until_s=took_s + 1) == []


@pytest.mark.parametrize("x", [0, 100, 540, 640], ids=["half out left", "cut left", "cut right", "half out right"])
@pytest.mark.parametrize("seed", range(4))
def test_who_stands_at_the_picture_s_edge_does_not_drive(x, seed):
    where = jittered(standing((x, 250), size=(260, 110)), px=8, seed=seed)
    assert run(WIDE, seen_car(where, 0, 30), until_s=30) == []


def test_a_car_that_backs_into_the_picture_and_leaves_it_lawfully_does_not_drive_against_the_lane():
    noses = through((0, -100, 250), (2, 60, 250), (4, -100, 250), size=(260, 110))
    assert run(WIDE, seen_car(noses, 0, 4), until_s=5) == []


@pytest.mark.parametrize(("aside_boxes", "events"), [(0.05, 0), (0.6, 1)], ids=["along the edge", "well inside"])
def test_who_is_seen_for_little_time_must_be_well_inside(aside_boxes, events):
    lane = scene_of(ZONE.replace(WHOLE, "[[500, 0], [1000, 0], [1000, 1000], [500, 1000]]"))
    x = 500 + aside_boxes * BOX
    fast = Walk(id=1, where=line((x, 900), (x, 900 - 6 * BOX), since_s=0, until_s=1), until_s=0.7)
    assert len(finals(run(lane, fast, until_s=2))) == events
    longer = replace(fast, where=line((x, 900), (x, 900 - 12 * BOX), since_s=0, until_s=2), until_s=2)
    assert len(finals(run(lane, longer, until_s=3))) == 1
