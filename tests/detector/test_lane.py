"""The lane: detections in, violations out, with the real tracker."""

import numpy as np

from detector.lane import Lane, wants_load
from detector.types import Detections, ObjectClass
from tests.builders import scene_of, stamp

WHOLE = "polygon: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]]"
ONE_WAY = f"{{id: down, kind: one_way, {WHOLE}, direction: [[500, 100], [500, 900]]}}"


def bike(t_s):
    """A motorbike driving up the picture."""
    y = 900 - 90 * t_s
    return Detections.of((ObjectClass.MOTORCYCLE, 0.8, (480.0, y - 60, 520.0, y)))


def drive(lane, *, until_s=8.0, since_s=0.0, epoch=0):
    return [
        lane.step(stamp(t_s, index=i, epoch=epoch), bike(t_s))
        for i, t_s in enumerate(np.arange(since_s, until_s, 0.2).tolist())
    ]


def violations(outputs):
    return [violation for output in outputs for violation in output.violations]


def test_a_wrong_way_ride_is_reported_first_and_last():
    lane = Lane(scene_of(ONE_WAY), "clip")
    first, final = violations([*drive(lane), lane.finish()])
    assert (first.finding.final, final.finding.final, first.id) == (False, True, final.id)


def test_detections_in_an_ignore_zone_are_dropped():
    lane = Lane(scene_of(ONE_WAY, f"{{id: away, kind: ignore, {WHOLE}}}"), "clip")
    assert violations([*drive(lane), lane.finish()]) == []


def test_a_new_epoch_starts_afresh():
    lane = Lane(scene_of(ONE_WAY), "clip")
    first, again = drive(lane, until_s=5.0), drive(lane, until_s=5.0, epoch=1)
    found = violations([*first, *again, lane.finish()])
    assert [violation.finding.final for violation in found] == [False, True, False, True]
    assert {violation.finding.track_id for violation in found[:2]}.isdisjoint(v.finding.track_id for v in found[2:])


def test_two_lanes_over_the_same_detections_say_the_same():
    outputs = [
        [*drive(lane), lane.finish()] for lane in (Lane(scene_of(ONE_WAY), "clip"), Lane(scene_of(ONE_WAY), "clip"))
    ]
    assert outputs[0] == outputs[1]


def test_loads_are_wanted_of_trucks_in_load_check_zones():
    scene = scene_of("{id: gate, kind: load_check, polygon: [[0, 500], [1000, 500], [1000, 1000], [0, 1000]]}")
    detections = Detections.of(
        (ObjectClass.TRUCK, 0.9, (100.0, 500.0, 300.0, 700.0)),
        (ObjectClass.CAR, 0.9, (400.0, 500.0, 500.0, 700.0)),
        (ObjectClass.TRUCK, 0.9, (600.0, 100.0, 800.0, 300.0)),
    )
    assert wants_load(scene, detections).tolist() == [True, False, False]
    assert wants_load(scene, Detections.empty()).tolist() == []
    assert wants_load(scene_of(ONE_WAY), detections).tolist() == [False, False, False]
