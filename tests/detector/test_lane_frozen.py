"""A source that hangs and sends one picture on and on: nobody is fined for standing in it; a still street counts on."""

import math
import pickle

import pytest

from detector.lane import FROZEN_S, LONGEST_HOLE_S, Lane
from detector.types import Detections, ObjectClass
from tests.builders import scene_of, stamp

ZONE = "{id: kerb, kind: no_stopping, limit_s: 12, polygon: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]]}"
PLACE = (400.0, 500.0, 560.0, 620.0)
ELSEWHERE = (700.0, 500.0, 860.0, 620.0)


def car(box=PLACE):
    return Detections.of((ObjectClass.CAR, 0.9, box))


def new_lane():
    return Lane(scene_of(ZONE), "clip")


def watch(lane, since_s, until_s, seen, *, step_s=0.2, repeated=False):
    """Looks at one picture after the other, or at one again and again; what is said."""
    said = []
    for number in range(math.ceil((until_s - since_s) / step_s - 1e-6)):
        t_s = round(since_s + number * step_s, 3)
        moment = stamp(t_s, index=round(t_s * 5), repeated=repeated)
        said += lane.step(moment, seen(t_s) if callable(seen) else seen).violations
    return said


def finals(said):
    return [violation.finding for violation in said if violation.finding.final]


@pytest.mark.parametrize("frozen_s", [FROZEN_S + 2, LONGEST_HOLE_S - 2])
def test_dwell_waits_for_a_new_picture_and_the_act_says_that_it_hung(frozen_s):
    lane = new_lane()
    back_s = 6 + frozen_s
    assert watch(lane, 0, 6, car()) == []
    assert watch(lane, 6, back_s, car(), step_s=2.0, repeated=True) == []
    (found,) = watch(lane, back_s, back_s + 2, car())
    assert found.finding.t_start_s == 0.0
    assert found.finding.facts["gap_s"] == pytest.approx(frozen_s, abs=0.5)
    assert "picture_frozen" in found.finding.cannot_tell


@pytest.mark.parametrize("frozen_s", [30.0, 50.0, 300.0])
def test_traffic_caught_by_a_hanging_source_is_not_parked(frozen_s):
    """Every vehicle on the picture stands in it; when it moves on, another stands in the same place for a moment."""
    lane = new_lane()

    def driving(t_s):
        return car((100 + 60 * t_s, 500, 260 + 60 * t_s, 620))

    said = watch(lane, 0, 5.2, driving)
    said += watch(lane, 5.2, 5.2 + frozen_s, driving(5.0), step_s=2.0, repeated=True)
    said += watch(lane, 5.2 + frozen_s, 13 + frozen_s, driving(5.0))
    said += watch(lane, 13 + frozen_s, 20 + frozen_s, Detections.empty())
    assert [*said, *lane.finish().violations] == []


def test_who_left_while_the_picture_hung_is_not_accused():
    lane = new_lane()
    said = watch(lane, 0, 6, car()) + watch(lane, 6, 50, car(), step_s=2.0, repeated=True)
    said += watch(lane, 50, 60, car(ELSEWHERE)) + list(lane.finish().violations)
    assert said == []


def test_a_recording_that_ends_hanging_accuses_nobody():
    lane = new_lane()
    said = watch(lane, 0, 6, car()) + watch(lane, 6, 200, car(), step_s=2.0, repeated=True)
    assert [*said, *lane.finish().violations] == []


def test_an_act_is_told_once_over_a_long_hang_and_ends_with_the_last_new_picture_where_nothing_follows():
    lane = new_lane()
    said = watch(lane, 0, 20, car()) + watch(lane, 20, 220, car(), step_s=2.0, repeated=True)
    (over,) = finals([*said, *lane.finish().violations])
    assert (over.t_start_s, over.t_end_s) == (0.0, pytest.approx(19.8))
    lane = new_lane()
    said = watch(lane, 0, 20, car()) + watch(lane, 20, 220, car(), step_s=2.0, repeated=True)
    said += watch(lane, 220, 250, car())
    (over,) = finals([*said, *lane.finish().violations])
    assert (over.t_start_s, over.t_end_s) == (0.0, pytest.approx(249.8))
    assert "picture_frozen" in over.cannot_tell


def test_who_had_not_stood_long_enough_before_a_long_hang_begins_anew():
    lane = new_lane()
    said = watch(lane, 0, 6, car()) + watch(lane, 6, 206, car(), step_s=2.0, repeated=True)
    assert said + watch(lane, 206, 217, car()) == []
    (found,) = watch(lane, 217, 222, car())
    assert found.finding.t_start_s >= 206


@pytest.mark.parametrize("repeats_s", [0.6, 2.0, 10.0, FROZEN_S - 2])
def test_a_street_without_noise_between_keyframes_counts_whole(repeats_s):
    """Doubled frames, and an encoder that leaves a still street as it is until its next keyframe."""
    lane, t_s = new_lane(), 4.0
    said = watch(lane, 0, 4, car())
    while t_s < 30:
        said += watch(lane, t_s, t_s + 0.1, car())
        said += watch(lane, t_s + 0.2, t_s + repeats_s, car(), step_s=min(repeats_s / 2, 2.0), repeated=True)
        t_s += repeats_s + 0.2
    (over,) = finals([*said, *lane.finish().violations])
    assert over.t_start_s == 0.0
    assert over.facts["dwell_s"] == pytest.approx(t_s, abs=repeats_s + 0.5)
    assert over.cannot_tell == ()


def test_a_lane_taken_up_while_the_picture_hangs_says_the_same():
    whole = new_lane()
    watch(whole, 0, 6, car())
    watch(whole, 6, 40, car(), step_s=2.0, repeated=True)
    other = new_lane()
    other.recall(pickle.loads(pickle.dumps(whole.memory())))
    one, two = (watch(lane, 40, 50, car()) for lane in (whole, other))
    assert one == two
    assert len(one) == 1
