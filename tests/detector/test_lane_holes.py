"""Dwell over holes in the source: found again in its place it goes on, says so, and anything else begins anew."""

import pickle

import numpy as np
import pytest

from detector.lane import LONGEST_HOLE_S, Lane
from detector.types import Detections, ObjectClass
from tests.builders import scene_of, stamp

ZONE = "{id: kerb, kind: no_stopping, limit_s: 12, polygon: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]]}"
PLACE = (400.0, 500.0, 560.0, 620.0)
ELSEWHERE = (700.0, 500.0, 860.0, 620.0)
SILVER, RED = (180, 180, 185), (30, 30, 200)


def car(box=PLACE, colour=SILVER):
    look = np.tile(np.array(colour, np.uint8), 16)[None]
    seen = Detections.of((ObjectClass.CAR, 0.9, box))
    return Detections(xyxy=seen.xyxy, score=seen.score, kind=seen.kind, appearance=look)


def watch(lane, since_s, until_s, detections, epoch=0, *, bridge=True):
    """Frames at 5 Hz; a hole before a later epoch is bridged."""
    found = []
    for index, t_s in enumerate(np.arange(since_s, until_s, 0.2).round(3).tolist()):
        moment = stamp(t_s, index=index, epoch=epoch)
        if index == 0 and epoch and bridge:
            lane.bridge(moment)
        found += lane.step(moment, detections).violations
    return found


@pytest.mark.parametrize("hole_s", [1.5, 4.0, 55.0])
def test_what_is_found_again_in_its_place_has_stood_on_and_the_hole_is_told(hole_s):
    lane = Lane(scene_of(ZONE), "live")
    assert watch(lane, 0, 6, car()) == []
    back_s = 6 + hole_s
    (found,) = watch(lane, back_s, max(back_s + 1, 13), car(), epoch=1)
    assert found.finding.t_start_s == 0.0
    assert found.finding.facts["gaps"] == 1
    assert found.finding.facts["gap_s"] == pytest.approx(hole_s + 0.2, abs=0.11)
    assert "stream_gap" in found.finding.cannot_tell
    unseen = [moment.t_s for moment in found.finding.moments.values() if 5.85 < moment.t_s < back_s - 0.05]
    assert not unseen, "stills are of times at which there was a picture"
    assert found.finding.facts["dwell_s"] == pytest.approx(max(12, back_s), abs=0.3)


@pytest.mark.parametrize(
    ("label", "hole_s", "seen"),
    [
        ("another place", 15.0, car(ELSEWHERE)),
        ("another car there", 15.0, car(colour=RED)),
        ("longer than anybody is believed the same", LONGEST_HOLE_S + 5, car()),
    ],
)
def test_what_is_not_the_same_begins_anew(label, hole_s, seen):
    lane = Lane(scene_of(ZONE), "live")
    watch(lane, 0, 6, car())
    back_s = 6 + hole_s
    (found,) = watch(lane, back_s, back_s + 16, seen, epoch=1)
    assert found.finding.t_start_s >= back_s, label
    assert "gaps" not in found.finding.facts, label


def test_a_few_dropped_frames_are_no_hole():
    lane = Lane(scene_of(ZONE), "live")
    watch(lane, 0, 6, car())
    (found,) = watch(lane, 6.4, 13, car(), epoch=1)
    assert found.finding.t_start_s == 0.0
    assert "gaps" not in found.finding.facts
    assert "stream_gap" not in found.finding.cannot_tell


def test_time_unseen_alone_never_accuses():
    """It left during the hole: however long that was, nobody is accused."""
    lane = Lane(scene_of(ZONE), "live")
    watch(lane, 0, 6, car())
    assert watch(lane, 60, 75, Detections.of(), epoch=1) == []


def test_a_missed_detection_behind_the_hole_does_not_lose_the_place():
    lane = Lane(scene_of(ZONE), "live")
    watch(lane, 0, 6, car())
    assert watch(lane, 40, 41, Detections.of(), epoch=1) == []
    (found,) = watch(lane, 41, 43, car(), epoch=1, bridge=False)
    assert found.finding.t_start_s == 0.0


def test_what_moved_has_ended():
    lane = Lane(scene_of(ZONE), "live")
    for index, t_s in enumerate(np.arange(0, 3, 0.2).round(3).tolist()):
        lane.step(stamp(t_s, index=index), car((100 + 40 * t_s, 500, 260 + 40 * t_s, 620)))
    lane.bridge(stamp(5.0, epoch=1))
    assert watch(lane, 5.0, 16.0, car((220, 500, 380, 620)), epoch=1, bridge=False) == []


def test_a_lane_laid_aside_and_taken_up_says_what_one_says_that_went_on():
    scene = scene_of(ZONE)
    whole, first = Lane(scene, "live"), Lane(scene, "live")
    for lane in (whole, first):
        watch(lane, 0, 8, car())
    second = Lane(scene, "live")
    second.recall(pickle.loads(pickle.dumps(first.memory())))
    expected, found = (watch(lane, 11, 20, car(), epoch=1) for lane in (whole, second))
    assert found == expected
    assert len(found) == 1
    assert whole.finish() == second.finish()


def test_a_lane_without_a_past_has_nothing_to_bridge():
    assert not Lane(scene_of(ZONE), "live").bridge(stamp(1.0))
