"""Goods, stalls and parked vehicles on the sidewalk; people and what passes are none."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from detector.foreground.settings import ForegroundSettings
from detector.scene.settings import DwellSettings
from detector.types import ObjectClass
from tests.builders import Walk, finals, jittered, line, run, scene_of, standing, through

PAVEMENT = "polygon: [[0, 400], [1000, 400], [1000, 600], [0, 600]]"
SCENE = scene_of(f"{{id: pavement, kind: sidewalk, {PAVEMENT}, limit_s: 20}}")


def thing(kind=ObjectClass.OBJECT, where=None, *, id=1, since_s=0.0, until_s=60.0, **more):
    return Walk(
        id=id, kind=kind, where=where or standing((500, 550), size=(100, 80)), since_s=since_s, until_s=until_s, **more
    )


def found(violations):
    return [v.finding for v in finals(violations) if v.finding.kind == "sidewalk_encroachment"]


OCCUPIES = [
    (ObjectClass.OBJECT, None),
    (ObjectClass.STALL, None),
    (ObjectClass.CAR, ObjectClass.CAR),
    (ObjectClass.MOTORCYCLE, ObjectClass.MOTORCYCLE),
]


@pytest.mark.parametrize(("kind", "vehicle"), OCCUPIES)
def test_fires_when_something_occupies_the_sidewalk_longer_than_the_limit(kind, vehicle):
    (finding,) = found(run(SCENE, thing(kind), until_s=61))
    assert finding.vehicle is vehicle
    assert finding.t_start_s == 0.0
    assert finding.t_end_s == pytest.approx(60, abs=0.3)
    assert ("no_offender" in finding.cannot_tell) is (vehicle is None)


MUST_NOT = {
    "people standing": thing(ObjectClass.PERSON),
    "people walking": thing(ObjectClass.PERSON, line((0, 500), (1000, 500), since_s=0, until_s=60)),
    "moving vehicles": thing(ObjectClass.CAR, line((0, 500), (1000, 500), since_s=0, until_s=20), until_s=20),
    "shorter than the limit": thing(until_s=12),
    "beside the sidewalk": thing(where=standing((500, 700), size=(100, 80))),
    "a vehicle whose box only leans over it": thing(ObjectClass.CAR, standing((500, 620), size=(150, 200))),
    "a bicycle, which the zone does not bind": thing(ObjectClass.BICYCLE),
}


@pytest.mark.parametrize("walk", MUST_NOT.values(), ids=MUST_NOT.keys())
def test_must_not_fire(walk):
    assert found(run(SCENE, walk, until_s=61)) == []


def test_classes_of_the_zone_limit_vehicles_and_not_goods():
    scene = scene_of(f"{{id: pavement, kind: sidewalk, {PAVEMENT}, limit_s: 20, classes: [car]}}")
    assert found(run(scene, thing(ObjectClass.MOTORCYCLE), until_s=61)) == []
    assert len(found(run(scene, thing(ObjectClass.OBJECT), until_s=61))) == 1


EXPLAINED_BY = [ObjectClass.CAR, ObjectClass.STALL, ObjectClass.PERSON]


@pytest.mark.parametrize("kind", EXPLAINED_BY)
def test_an_object_that_a_known_thing_explains_gives_no_second_event(kind):
    known = thing(kind, standing((505, 552), size=(120, 100)), id=2)
    findings = found(run(SCENE, thing(), known, until_s=61))
    assert [finding.track_id for finding in findings] == ([] if kind is ObjectClass.PERSON else [2])


def test_a_vehicle_recognised_late_joins_the_object_seen_before():
    car = thing(ObjectClass.CAR, standing((505, 552), size=(110, 90)), id=2, since_s=35)
    (finding,) = found(run(SCENE, thing(), car, until_s=80))
    assert finding.track_id == 1
    assert finding.vehicle is ObjectClass.CAR


def test_pieces_of_one_stall_are_one_event_and_another_stall_is_another():
    goods = [
        thing(where=standing((x, 550), size=(60, 50)), id=i + 1, since_s=i) for i, x in enumerate((300, 380, 460, 800))
    ]
    findings = found(run(SCENE, *goods, until_s=62))
    assert [finding.track_id for finding in findings] == [1, 4]


def test_goods_on_the_carriageway_count_and_vehicles_there_do_not():
    scene = scene_of(f"{{id: road, kind: carriageway, {PAVEMENT}, limit_s: 20}}")
    assert len(found(run(scene, thing(ObjectClass.STALL), until_s=61))) == 1
    assert found(run(scene, thing(ObjectClass.CAR), until_s=61)) == []


def test_a_flickering_object_is_one_event():
    flickers = thing(where=jittered(standing((500, 550), size=(100, 80)), px=4), hidden=((10, 18), (30, 41)))
    assert len(found(run(SCENE, flickers, until_s=61))) == 1


def test_moving_to_another_place_starts_the_timer_anew():
    moves = thing(
        ObjectClass.CAR,
        through((0, 200, 550), (12, 200, 550), (15, 600, 550), (33, 600, 550), size=(100, 80)),
        until_s=33,
    )
    assert found(run(SCENE, moves, until_s=40)) == []


@pytest.mark.parametrize("fps", [1, 2, 5, 10])
def test_the_verdict_does_not_depend_on_the_frame_rate(fps):
    assert len(found(run(SCENE, thing(), until_s=61, fps=fps))) == 1
    for walk in MUST_NOT.values():
        assert found(run(SCENE, walk, until_s=61, fps=fps)) == []


def test_a_thing_without_a_class_is_dated_from_when_it_was_put_down():
    lasted_s = DwellSettings().objects_lasted_s
    assert lasted_s == ForegroundSettings().lasting_s + ForegroundSettings().interval_s
    (finding,) = found(run(SCENE, thing(ObjectClass.OBJECT, since_s=10, until_s=25.5)))
    assert finding.t_start_s == pytest.approx(10 - lasted_s, abs=0.01)
    assert finding.facts["dwell_s"] == pytest.approx(15.5 + lasted_s, abs=0.5)
    times_s = [row[0] for row in finding.path]
    assert times_s[0] <= finding.t_start_s + 1e-6
    assert max(b - a for a, b in pairwise(times_s)) <= 1.0 + 1e-6
    assert {row[1:] for row in finding.path if row[0] < 10} == {finding.path[-1][1:]}


def test_no_thing_stands_before_the_recording_or_the_calendar_begins():
    (finding,) = found(run(SCENE, thing(ObjectClass.OBJECT, since_s=3)))
    assert finding.t_start_s == 0.0
    scene = scene_of(
        f"{{id: pavement, kind: sidewalk, {PAVEMENT}, limit_s: 20, calendar: [{{from: '06:00', to: '22:00'}}]}}"
    )
    start = datetime(2026, 11, 22, 22, 59, 50, tzinfo=UTC)
    (finding,) = found(run(scene, thing(ObjectClass.OBJECT, since_s=2), start_at=start))
    assert finding.t_start_s == pytest.approx(10.0, abs=0.3)
