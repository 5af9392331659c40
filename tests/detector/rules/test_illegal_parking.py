"""Parking: the timer, and everything that looks like parking and is not."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from detector.rules import RuleRunner
from detector.types import ObjectClass
from tests.builders import Walk, doubts, finals, frames_of, jittered, line, run, scene_of, standing, through

KERB = "polygon: [[0, 400], [1000, 400], [1000, 1000], [0, 1000]]"
SCENE = scene_of(f"{{id: kerb, kind: no_parking, {KERB}, limit_s: 20}}")
CAR = (120.0, 90.0)


def car(id, where, **more):
    return Walk(id=id, kind=ObjectClass.CAR, where=where, **more)


def parks(at=(500, 600), *, arrives_s=5.0, leaves_s=60.0, id=1, kind=ObjectClass.CAR, size=CAR):
    stops = ((arrives_s - 4, at[0] - 600, at[1]), (arrives_s, *at), (leaves_s, *at), (leaves_s + 4, at[0] + 600, at[1]))
    where = through(*stops, size=size)
    return Walk(id=id, kind=kind, where=where, since_s=arrives_s - 4, until_s=leaves_s + 4)


def test_fires_when_a_vehicle_stands_longer_than_the_limit():
    first, final = run(SCENE, parks(), until_s=70)
    assert (first.finding.final, final.finding.final) == (False, True)
    assert first.id == final.id
    assert final.finding.t_start_s == pytest.approx(5.0, abs=0.5)
    assert first.finding.t_end_s == pytest.approx(25.0, abs=1.0)
    assert final.finding.t_end_s == pytest.approx(60.0, abs=0.5)
    assert final.finding.facts["dwell_s"] == pytest.approx(55.0, abs=1.0)
    assert final.finding.facts["arrival_seen"] is True


def test_a_vehicle_parked_before_the_start_is_found_from_first_sight():
    (final,) = finals(run(SCENE, car(1, standing((500, 600), size=CAR), until_s=40), until_s=41))
    assert final.finding.t_start_s == 0.0
    assert final.finding.facts["arrival_seen"] is False


def test_a_no_parking_zone_asks_about_the_driver_and_a_no_stopping_zone_does_not():
    stopping = scene_of(f"{{id: kerb, kind: no_stopping, {KERB}, limit_s: 20}}")
    assert finals(run(SCENE, parks(), until_s=70))[0].finding.cannot_tell == ("driver_unseen",)
    assert finals(run(stopping, parks(), until_s=70))[0].finding.cannot_tell == ()


MUST_NOT = {
    "shorter than the limit": [parks(leaves_s=22.0)],
    "outside the zone": [car(1, standing((500, 300), size=CAR), until_s=60)],
    "a class that is not bound": [parks(kind=ObjectClass.BICYCLE)],
    "the timer was interrupted": [
        car(
            1,
            through(
                (0, 200, 600), (15, 200, 600), (18, 500, 600), (33, 500, 600), (36, 800, 600), (50, 800, 600), size=CAR
            ),
            until_s=50,
        )
    ],
    "the track was another vehicle's": [parks(leaves_s=20.0), parks(id=2, arrives_s=24.5, leaves_s=40.0)],
}


@pytest.mark.parametrize("walks", MUST_NOT.values(), ids=MUST_NOT.keys())
def test_must_not_fire(walks):
    assert run(SCENE, *walks, until_s=60) == []


def queue_of(count, *, leaves_s, arrives_s=5.0, kind=ObjectClass.CAR):
    return [
        parks((300 + 180 * i, 600), arrives_s=arrives_s + i, leaves_s=leaves_s + i, id=i + 1, kind=kind)
        for i in range(count)
    ]


@pytest.mark.parametrize("count", [2, 4])
def test_must_not_fire_in_a_queue_at_a_light(count):
    walks = queue_of(count, leaves_s=90)
    assert run(SCENE, *walks, until_s=110) == []
    assert {doubt.reason for doubt in doubts(SCENE, *walks, until_s=110)} == {"queue"}


def test_must_not_fire_in_a_jam_of_many_where_nothing_passes():
    walks = [car(i + 1, standing((100 + 160 * i, 600), size=CAR), until_s=300) for i in range(6)]
    assert run(SCENE, *walks, until_s=300, fps=1) == []


def test_motorbikes_squeezing_past_do_not_turn_a_queue_into_parking():
    bikes = [
        Walk(
            id=20 + i,
            where=line((0, 640), (1000, 640), since_s=10 + 5 * i, until_s=14 + 5 * i),
            since_s=10 + 5 * i,
            until_s=14 + 5 * i,
        )
        for i in range(8)
    ]
    assert run(SCENE, *queue_of(3, leaves_s=70), *bikes, until_s=80) == []


def test_fires_when_the_queue_drives_off_and_one_stays():
    walks = [*queue_of(3, leaves_s=40)[1:], parks((300, 600), leaves_s=90, id=1)]
    (final,) = finals(run(SCENE, *walks, until_s=100))
    assert final.finding.track_id == 1
    assert final.finding.t_start_s == pytest.approx(5.0, abs=0.5)


def test_fires_for_a_row_of_parked_vehicles_when_traffic_passes_close_by():
    row = [car(i + 1, standing((250 + 250 * i, 600), size=CAR), until_s=60) for i in range(3)]
    passing = [
        car(
            10 + i,
            line((0, 700), (1000, 700), since_s=5 + 6 * i, until_s=8 + 6 * i, size=CAR),
            since_s=5 + 6 * i,
            until_s=8 + 6 * i,
        )
        for i in range(5)
    ]
    assert {v.finding.track_id for v in finals(run(SCENE, *row, *passing, until_s=61))} == {1, 2, 3}


def test_fires_for_a_row_that_stands_longer_than_any_signal_phase():
    row = [car(i + 1, standing((300 + 200 * i, 600), size=CAR), until_s=200) for i in range(3)]
    assert len(finals(run(SCENE, *row, until_s=201, fps=1))) == 3


def test_vehicles_standing_off_the_drawn_road_are_no_queue():
    lane = "polygon: [[0, 500], [1000, 500], [1000, 1000], [0, 1000]], direction: [[0, 700], [900, 700]]"
    scene = scene_of(f"{{id: kerb, kind: no_parking, {KERB}, limit_s: 20}}", f"{{id: lane, kind: one_way, {lane}}}")
    row = [
        Walk(id=9 + i, kind=ObjectClass.MOTORCYCLE, where=standing((420 + 60 * i, 390), size=(40, 60)), until_s=60)
        for i in range(4)
    ]
    assert [v.finding.track_id for v in finals(run(scene, parks(), *row, until_s=70))] == [1]


def test_vehicles_parked_on_the_pavement_beside_it_are_no_queue():
    scene = scene_of(
        f"{{id: kerb, kind: no_parking, {KERB}, limit_s: 20}}",
        "{id: pavement, kind: sidewalk, polygon: [[0, 200], [1000, 200], [1000, 399], [0, 399]], limit_s: 3000}",
    )
    beside = [car(i + 2, standing((400 + 150 * i, 390), size=CAR), until_s=60) for i in range(2)]
    (final,) = finals(run(scene, car(1, standing((500, 500), size=CAR), until_s=60), *beside, until_s=61))
    assert final.finding.track_id == 1


def test_the_timer_survives_being_hidden_by_passing_traffic():
    hidden = car(1, standing((500, 600), size=CAR), until_s=60, hidden=((8, 30),))
    (final,) = finals(run(SCENE, hidden, until_s=61))
    assert final.finding.t_start_s == 0.0
    assert final.finding.t_end_s == pytest.approx(60, abs=0.3)
    times = [row[0] for row in final.finding.path]
    assert max(b - a for a, b in pairwise(times)) <= 1.0 + 1e-6


def test_time_unseen_at_the_end_does_not_count():
    left_unseen = car(1, standing((500, 600), size=CAR), until_s=60, hidden=((15, 60),))
    assert run(SCENE, left_unseen, until_s=61) == []


def test_an_act_goes_on_after_it_was_hidden_for_long():
    hidden = car(1, standing((500, 600), size=CAR), until_s=90, hidden=((30, 70),))
    (final,) = finals(run(SCENE, hidden, until_s=91))
    assert final.finding.t_end_s == pytest.approx(90, abs=0.3)


def test_jitter_does_not_restart_the_timer():
    (final,) = finals(run(SCENE, car(1, jittered(standing((500, 600), size=CAR), px=3), until_s=60), until_s=61))
    assert final.finding.t_start_s <= 1.0


def test_two_overlapping_zones_give_one_event():
    scene = scene_of(
        f"{{id: kerb, kind: no_parking, {KERB}, limit_s: 20}}",
        f"{{id: bus-stop, kind: no_stopping, {KERB}, limit_s: 10}}",
    )
    (final,) = finals(run(scene, parks(), until_s=70))
    assert final.finding.zone_id == "bus-stop", "the zone with the shorter limit speaks first"


CALENDAR = "calendar: [{days: [mon], from: '06:00', to: '22:00'}]"
CLOCKED = scene_of(f"{{id: kerb, kind: no_parking, {KERB}, limit_s: 20, {CALENDAR}}}")
MONDAY_0559_30 = datetime(2026, 11, 22, 22, 59, 30, tzinfo=UTC)
"""Monday 23 November 2026, 05:59:30 in Hanoi."""


def test_dwell_counts_only_while_the_calendar_is_in_force():
    (final,) = finals(run(CLOCKED, parks(leaves_s=70), until_s=80, start_at=MONDAY_0559_30))
    assert final.finding.t_start_s == pytest.approx(30.0, abs=0.3)
    assert final.start_at == datetime(2026, 11, 22, 22, 59, 59, 800000, tzinfo=UTC)


def test_must_not_fire_outside_its_calendar():
    sunday = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
    assert run(CLOCKED, parks(), until_s=70, start_at=sunday) == []


def test_without_a_calendar_time_the_zone_binds_and_the_case_says_so():
    (final,) = finals(run(CLOCKED, parks(), until_s=70))
    assert final.finding.cannot_tell == ("driver_unseen", "no_calendar_time")
    assert final.start_at is None


def test_a_warning_period_only_reminds():
    scene = scene_of(f"{{id: kerb, kind: no_parking, {KERB}, limit_s: 20, reminder_only: true}}")
    assert finals(run(scene, parks(), until_s=70))[0].finding.reminder_only


@pytest.mark.parametrize("fps", [1, 2, 5, 10])
def test_the_verdict_does_not_depend_on_the_frame_rate(fps):
    (final,) = finals(run(SCENE, parks(), *queue_of(0, leaves_s=1), until_s=70, fps=fps))
    assert final.finding.t_start_s == pytest.approx(5.0, abs=1.0)


def test_states_are_pruned_when_tracks_end():
    runner = RuleRunner(SCENE, "clip")
    for frame in frames_of(parks(), until_s=70):
        runner.step(frame)
    assert runner.state_count == 0


def test_traffic_that_keeps_driving_past_beside_a_narrow_zone_shows_that_nobody_queues():
    strip = scene_of(
        "{id: kerb, kind: no_parking, polygon: [[0, 560], [1000, 560], [1000, 640], [0, 640]], limit_s: 20}"
    )
    row = [car(i + 1, standing((300 + 300 * i, 600), size=CAR), until_s=90) for i in range(2)]

    def passing(every_s, until_s):
        starts = range(5, until_s, every_s)
        return [
            car(10 + s, line((0, 720), (1000, 720), since_s=s, until_s=s + 4, size=CAR), since_s=s, until_s=s + 4)
            for s in starts
        ]

    assert len(finals(run(strip, *row, *passing(12, 80), until_s=91))) == 2
    assert run(strip, *row, *passing(12, 40), until_s=91) == [], "one phase of a neighbouring lane proves nothing"


def first_at_the_line(stops=((0, 500, 990), (6, 500, 640))):
    """A car that drives up the picture to a stop line, another behind it."""
    front = car(1, through(*stops, size=CAR), until_s=100)
    return front, car(2, through((0, 500, 1100), (8, 500, 790), size=CAR), until_s=100)


@pytest.mark.parametrize(
    ("start", "end", "accused"),
    [((0, 540), (1000, 540), False), ((340, 300), (340, 950), False), ((340, 950), (340, 300), True)],
    ids=["cross traffic", "oncoming traffic", "overtaking traffic"],
)
def test_only_traffic_that_overtakes_shows_that_nobody_waits(start, end, accused):
    strip = scene_of(
        "{id: kerb, kind: no_stopping, polygon: [[430, 590], [570, 590], [570, 1000], [430, 1000]], limit_s: 20}"
    )
    passing = [
        car(10 + s, line(start, end, since_s=s, until_s=s + 4, size=CAR), since_s=s, until_s=s + 4)
        for s in range(8, 95, 6)
    ]
    assert bool(run(strip, *first_at_the_line(), *passing, until_s=100)) is accused


def test_a_car_whose_box_ends_just_below_the_drawn_zone_is_company_in_a_queue():
    stop_line = "polygon: [[0, 400], [1000, 400], [1000, 980], [0, 980]]"
    scene = scene_of(
        f"{{id: line, kind: no_stopping, {stop_line}, limit_s: 20}}",
        f"{{id: lane, kind: one_way, {stop_line}, direction: [[500, 900], [500, 500]]}}",
    )
    front = car(1, standing((400, 960), size=CAR), until_s=60)
    second = car(2, standing((560, 990), size=CAR), until_s=60)
    assert run(scene, front, second, until_s=61) == []
    assert run(scene, front, until_s=61)


def test_riders_who_pass_those_who_wait_and_stop_ahead_of_them_have_joined_the_queue():
    waiting = [
        Walk(id=1 + i, where=through((1, 300 + 60 * i, 990), (5, 300 + 60 * i, 700)), until_s=90) for i in range(4)
    ]

    def filling(ahead_y):
        return [
            Walk(
                id=10 + i,
                where=through((8 + 6 * i, 390, 1000), (14 + 6 * i, 390 - 60 * i, ahead_y)),
                since_s=8 + 6 * i,
                until_s=90 if ahead_y > 0 else 14 + 6 * i,
            )
            for i in range(4)
        ]

    assert run(SCENE, *waiting, *filling(620), until_s=90) == []
    assert finals(run(SCENE, *waiting, *filling(-100), until_s=90)), "who rides on shows that the lane is free"


def test_cross_traffic_that_looks_small_at_the_height_of_a_vans_roof_shows_nothing():
    van, beside = (150.0, 180.0), (60.0, 90.0)
    queue = [
        car(1, standing((150, 800), size=van), until_s=100),
        *(Walk(id=2 + i, where=standing((300 + 90 * i, 790), size=beside), until_s=100) for i in range(3)),
    ]

    def crossing(at_y):
        return [
            car(
                10 + s,
                line((0, at_y), (500, at_y), since_s=s, until_s=s + 4, size=(90, 50)),
                since_s=s,
                until_s=s + 4,
            )
            for s in range(5, 95, 6)
        ]

    scene = scene_of(
        "{id: line, kind: no_stopping, polygon: [[0, 740], [1000, 740], [1000, 990], [0, 990]], limit_s: 20}"
    )
    assert run(scene, *queue, *crossing(600), until_s=100) == []
    assert 1 in {v.finding.track_id for v in finals(run(scene, *queue, *crossing(860), until_s=100))}


@pytest.mark.parametrize(("every_s", "ahead_y"), [(2.0, 550), (1.0, 100)])
def test_riders_on_their_way_to_the_head_of_a_queue_do_not_show_that_the_lane_is_free(every_s, ahead_y):
    waiting = [
        Walk(id=1 + i, where=through((1, 300 + 60 * i, 990), (5, 300 + 60 * i, 700)), until_s=44) for i in range(4)
    ]

    def riding(to_y, stays):
        starts = [20 + every_s * i for i in range(int(20 / every_s))]
        return [
            Walk(
                id=10 + i,
                where=through((since_s, 360, 1000), (since_s + 6, 360, to_y)),
                since_s=since_s,
                until_s=44 if stays else min(since_s + 6, 44),
            )
            for i, since_s in enumerate(starts)
        ]

    assert run(SCENE, *waiting, *riding(ahead_y, stays=True), until_s=44) == []
    assert finals(run(SCENE, *waiting, *riding(-100, stays=False), until_s=44)), "however many ride on"
