"""Who is not accused although it moves like an offender: a second box on the same rider, a class that stays unsure."""

from dataclasses import replace

import pytest

from detector.rules import RuleRunner
from detector.types import ObjectClass
from tests.builders import Walk, doubts, finals, frames_of, line, run, scene_of, standing

AGAINST = scene_of(
    "{id: down, kind: one_way, polygon: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]], "
    "direction: [[500, 100], [500, 900]]}"
)
NO_STOPPING = scene_of(
    "{id: kerb, kind: no_stopping, polygon: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]], limit_s: 5}"
)
RIDER = Walk(id=1, where=line((500, 900), (500, 100), since_s=0, until_s=8), until_s=8, score=0.7)
UPPER_HALF = Walk(id=2, where=line((502, 878), (502, 78), since_s=0, until_s=8, size=(34, 52)), until_s=8, score=0.2)


@pytest.mark.parametrize("until_s", [8.0, 9.5], ids=["both end together", "the shadow lives on"])
def test_a_second_box_on_the_same_rider_is_not_accused_beside_it(until_s):
    found = finals(run(AGAINST, RIDER, replace(UPPER_HALF, until_s=until_s), until_s=12))
    assert [violation.finding.track_id for violation in found] == [1]
    assert [(d.track_id, d.reason) for d in doubts(AGAINST, RIDER, UPPER_HALF, until_s=12)] == [(2, "shadow")]


@pytest.mark.parametrize(
    "second",
    [
        replace(UPPER_HALF, where=line((560, 878), (560, 78), since_s=0, until_s=8, size=(34, 52))),
        replace(UPPER_HALF, where=line((440, 878), (560, 78), since_s=0, until_s=8, size=(34, 52))),
        replace(UPPER_HALF, where=line((502, 840), (502, 40), since_s=0, until_s=8, size=(34, 52))),
    ],
    ids=["beside", "weaves past", "rides behind"],
)
def test_a_second_rider_close_by_is_accused_too(second):
    assert {v.finding.track_id for v in finals(run(AGAINST, RIDER, second, until_s=12))} == {1, 2}


def test_parked_two_wheelers_that_overlap_are_both_accused():
    row = [
        Walk(id=1, where=standing((500, 500)), until_s=20, score=0.7),
        Walk(id=2, where=standing((502, 478), size=(34, 52)), until_s=20, score=0.6),
    ]
    assert {v.finding.track_id for v in run(NO_STOPPING, *row, until_s=20)} == {1, 2}


@pytest.mark.parametrize(
    ("motor", "accused"), [(1.0, True), (0.75, True), (0.6, False)], ids=["sure", "mostly", "maybe a bicycle"]
)
def test_a_track_that_may_be_of_a_class_that_is_not_bound_is_not_accused(motor, accused):
    votes = tuple(
        {ObjectClass.MOTORCYCLE: motor, ObjectClass.BICYCLE: 1 - motor}.get(kind, 0.0) for kind in ObjectClass
    )
    walk = replace(RIDER, votes=votes)
    assert bool(run(AGAINST, walk, until_s=12)) is accused
    assert {d.reason for d in doubts(AGAINST, walk, until_s=12)} == (set() if accused else {"class_unsure"})


def test_what_wavers_between_classes_that_are_all_bound_is_accused():
    votes = tuple({ObjectClass.CAR: 0.5, ObjectClass.TRUCK: 0.5}.get(kind, 0.0) for kind in ObjectClass)
    assert run(AGAINST, replace(RIDER, kind=ObjectClass.CAR, votes=votes), until_s=12)


def test_of_two_boxes_that_take_turns_at_being_the_stronger_one_is_accused():
    second = replace(UPPER_HALF, where=line((502, 888), (502, 88), since_s=0, until_s=8, size=(34, 44)), until_s=8)
    runner = RuleRunner(AGAINST, "clip")
    found = []
    for frame in frames_of(RIDER, second, until_s=12):
        weak = 2 if frame.stamp.t_s < 3 else 1
        tracks = tuple(replace(track, mean_score=0.3 if track.id == weak else 0.6) for track in frame.tracks)
        found += runner.step(replace(frame, tracks=tracks)).violations
    assert len(finals([*found, *runner.finish().violations])) == 1


@pytest.mark.parametrize(("share", "told"), [(1.0, False), (0.92, False), (0.8, True)])
def test_an_officer_is_told_where_the_kind_of_vehicle_stays_doubtful(share, told):
    votes = tuple({ObjectClass.CAR: share, ObjectClass.TRUCK: 1 - share}.get(kind, 0.0) for kind in ObjectClass)
    found = run(AGAINST, replace(RIDER, kind=ObjectClass.CAR, votes=votes), until_s=12)
    assert found
    assert {("vehicle_unsure" in violation.finding.cannot_tell) for violation in found} == {told}
    assert {violation.finding.facts.get("vehicle_share") for violation in found} == ({share} if told else {None})


def test_two_boxes_of_goods_have_no_kind_of_vehicle_to_doubt():
    votes = tuple({ObjectClass.STALL: 0.5, ObjectClass.OBJECT: 0.5}.get(kind, 0.0) for kind in ObjectClass)
    scene = scene_of("{id: walk, kind: sidewalk, polygon: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]]}")
    goods = replace(RIDER, where=standing((500, 500)), kind=ObjectClass.STALL, votes=votes, until_s=400)
    found = run(scene, goods, until_s=400)
    assert found
    assert not any("vehicle_unsure" in violation.finding.cannot_tell for violation in found)
