"""The runner: one event per act whatever the tracks do, and no memory that outlives its cause."""

import json
import pickle
from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.rules import BUILDERS, RuleRunner, build_rules
from detector.types import ClockGrade, ObjectClass, ViolationKind
from tests.builders import Walk, finals, frames_of, line, outputs, run, scene_of, standing, through

WHOLE = "polygon: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]]"
ONE_WAY = f"{{id: down, kind: one_way, {WHOLE}, direction: [[500, 100], [500, 900]]}}"
SCENE = scene_of(ONE_WAY)
UPHILL = line((500, 900), (500, 100), since_s=0, until_s=8)
WALK = Walk(id=1, where=UPHILL, until_s=8)
ALL_KINDS = scene_of(
    ONE_WAY,
    "{id: kerb, kind: no_parking, polygon: [[0, 0], [300, 0], [300, 1000], [0, 1000]], limit_s: 5}",
    "{id: pavement, kind: sidewalk, polygon: [[700, 0], [1000, 0], [1000, 1000], [700, 1000]], limit_s: 5}",
    "{id: closed, kind: no_entry, polygon: [[0, 0], [1000, 0], [1000, 400], [0, 400]]}",
    "{id: gate, kind: load_check, polygon: [[0, 0], [1000, 0], [1000, 400], [0, 400]]}",
    extra="turns:\n"
    "  - {id: no-left, kind: no_left_turn, enter: [[300, 700], [700, 700]], leave: [[200, 300], [200, 600]]}",
)
CROWD = [
    WALK,
    Walk(id=2, kind=ObjectClass.CAR, where=standing((150, 500), size=(100, 80)), until_s=30),
    Walk(id=3, kind=ObjectClass.OBJECT, where=standing((850, 500), size=(60, 50)), until_s=25),
    Walk(id=4, where=line((850, 900), (850, 50), since_s=5, until_s=15), since_s=5, until_s=15),
    Walk(
        id=5,
        kind=ObjectClass.CAR,
        where=through((2, 500, 950), (5, 500, 600), (6, 450, 480), (9, 50, 450)),
        since_s=2,
        until_s=9,
    ),
]


def test_every_kind_has_a_builder_and_every_zone_its_rules():
    assert set(BUILDERS) == set(ViolationKind)
    built = {(rule.kind.value, rule.zone_id) for rule in build_rules(ALL_KINDS)}
    assert built == {
        ("wrong_way", "down"),
        ("illegal_parking", "kerb"),
        ("sidewalk_encroachment", "pavement"),
        ("sidewalk_riding", "pavement"),
        ("no_entry", "closed"),
        ("uncovered_load", "gate"),
        ("forbidden_turn", "no-left"),
    }


def test_the_id_is_fixed_at_the_first_finding():
    first, final = run(SCENE, WALK)
    assert first.id == final.id
    assert first.finding.t_end_s < final.finding.t_end_s


def test_the_same_frames_give_the_same_violations():
    assert outputs(ALL_KINDS, *CROWD) == outputs(ALL_KINDS, *CROWD)


def test_ids_differ_between_sources_and_not_between_runs():
    def ids(source):
        runner = RuleRunner(SCENE, source)
        return {v.id for frame in frames_of(WALK, until_s=10) for v in runner.step(frame).violations}

    assert ids("a") == ids("a")
    assert ids("a").isdisjoint(ids("b"))


def test_a_run_may_be_laid_aside_and_gone_on_with():
    frames = list(frames_of(*CROWD, until_s=30))
    whole, first = RuleRunner(ALL_KINDS, "clip"), RuleRunner(ALL_KINDS, "clip")
    expected = [whole.step(frame) for frame in frames]
    got = [first.step(frame) for frame in frames[:35]]
    second = pickle.loads(pickle.dumps(first))
    assert [*got, *(second.step(frame) for frame in frames[35:])] == expected
    assert second.finish() == whole.finish()


def test_violations_are_json():
    for violation in run(ALL_KINDS, *CROWD):
        assert json.loads(json.dumps(asdict(violation), default=str))["finding"]["kind"] == violation.finding.kind


def test_rows_cover_the_act_at_least_once_a_second_within_the_picture():
    for violation in finals(run(ALL_KINDS, *CROWD)):
        finding = violation.finding
        times = [row[0] for row in finding.path]
        assert times == sorted(times)
        assert times[0] <= finding.t_start_s + 1e-6
        assert times[-1] >= finding.t_end_s - 1e-6
        assert max(b - a for a, b in pairwise(times)) <= 1.0 + 1e-3
        assert all(0 <= side <= 1000 for row in finding.path for side in row[1:])
        assert set(finding.moments) == {"before", "during", "after"}


def test_states_are_pruned_when_their_tracks_end():
    runner = RuleRunner(ALL_KINDS, "clip")
    for frame in frames_of(*CROWD, until_s=40):
        runner.step(frame)
    assert runner.state_count == 0


def test_a_new_epoch_closes_what_is_open_and_forgets_everything():
    runner = RuleRunner(SCENE, "clip")
    for frame in frames_of(WALK, until_s=5):
        runner.step(frame)
    (again, *_) = frames_of(Walk(id=9, where=standing((500, 200))), until_s=0.1, epoch=1)
    closed = runner.step(again)
    assert [violation.finding.final for violation in closed.violations] == [True]
    assert closed.violations[0].finding.t_end_s == pytest.approx(5, abs=0.3)
    assert runner.finish().violations == ()


def test_nothing_is_added_up_over_an_epoch():
    runner = RuleRunner(SCENE, "clip")
    half = line((500, 900), (500, 840), since_s=0, until_s=2)
    for epoch in range(4):
        for frame in frames_of(Walk(id=1, where=half, until_s=2), until_s=2, epoch=epoch):
            assert runner.step(frame).violations == ()


def test_finish_twice_says_nothing_twice():
    runner = RuleRunner(SCENE, "clip")
    for frame in frames_of(WALK, until_s=5):
        runner.step(frame)
    assert len(runner.finish().violations) == 1
    assert runner.finish().violations == ()


def broken(gap_s: float) -> list[Walk]:
    """The same ride under two ids with a hole between."""
    return [replace(WALK, until_s=4.0), replace(WALK, id=2, since_s=4.0 + gap_s)]


@pytest.mark.parametrize("gap_s", [0.2, 1.0, 2.0])
def test_a_track_that_continues_a_lost_one_opens_no_second_event(gap_s):
    (final,) = finals(run(SCENE, *broken(gap_s)))
    assert final.finding.t_start_s <= 0.6
    assert final.finding.t_end_s == pytest.approx(8.0, abs=0.3)


def test_a_track_still_coasting_may_be_continued_too():
    coasting = replace(WALK, until_s=6.0, hidden=((3.0, 6.0),))
    (final,) = finals(run(SCENE, coasting, replace(WALK, id=2, since_s=3.2)))
    assert final.finding.t_end_s == pytest.approx(8.0, abs=0.3)


def test_a_vehicle_that_follows_is_another_act():
    behind = line((500, 1100), (500, 300), since_s=0, until_s=8)
    beside = line((620, 900), (620, 100), since_s=0, until_s=8)
    walks = [WALK, Walk(id=2, where=behind, until_s=8), Walk(id=3, where=beside, until_s=8)]
    assert len({violation.id for violation in finals(run(SCENE, *walks))}) == 3


def test_two_boxes_on_one_vehicle_are_one_act():
    doubled = Walk(id=2, kind=ObjectClass.CAR, where=line((503, 902), (503, 102), since_s=0, until_s=8), until_s=8)
    assert len(finals(run(SCENE, WALK, doubled))) == 1


def test_two_zones_in_a_row_are_one_act_on_one_street():
    upper, lower = (
        f"{{id: {name}, kind: one_way, polygon: [[0, {top}], [1000, {top}], [1000, {low}], [0, {low}]], "
        f"direction: [[500, {top}], [500, {low}]]}}"
        for name, top, low in (("upper", 0, 480), ("lower", 520, 1000))
    )
    (final,) = finals(run(scene_of(upper, lower), WALK))
    assert final.finding.zone_id == "lower"
    assert final.finding.t_end_s == pytest.approx(8.0, abs=0.3)


def test_two_kinds_of_act_are_two_events():
    scene = scene_of(ONE_WAY, f"{{id: closed, kind: no_entry, {WHOLE}}}")
    assert {v.finding.kind.value for v in finals(run(scene, WALK))} == {"wrong_way", "no_entry"}


def test_wall_times_and_the_worst_clock_of_the_act_are_stamped():
    start = datetime(2026, 11, 23, 1, tzinfo=UTC)
    runner = RuleRunner(SCENE, "clip")
    reported = []
    for frame in frames_of(WALK, until_s=10, start_at=start):
        grade = ClockGrade.CORRECTED if 3 <= frame.stamp.t_s <= 3.5 else ClockGrade.PTS
        reported += runner.step(replace(frame, stamp=replace(frame.stamp, clock=grade))).violations
    reported += runner.finish().violations
    assert [violation.clock for violation in reported] == [ClockGrade.PTS, ClockGrade.CORRECTED]
    assert (reported[1].end_at - start).total_seconds() == pytest.approx(reported[1].finding.t_end_s, abs=0.01)


OTHERS = st.lists(
    st.tuples(st.floats(0, 1000), st.floats(100, 900), st.floats(0, 1000), st.floats(0, 10), st.floats(2, 10)),
    max_size=6,
)


@settings(max_examples=30, deadline=None)
@given(others=OTHERS)
def test_lawful_traffic_around_does_not_change_a_verdict(others):
    """Vehicles driving down the lane, as they may, at any place and time."""
    lawful = [
        Walk(
            id=10 + i, where=line((x, 50), (to_x, y + 100), since_s=t, until_s=t + lasts), since_s=t, until_s=t + lasts
        )
        for i, (x, y, to_x, t, lasts) in enumerate(others)
    ]
    alone, among = run(SCENE, WALK), run(SCENE, WALK, *lawful)
    assert [v.id for v in among if v.finding.track_id == 1] == [v.id for v in alone]


def test_of_a_cabin_and_a_whole_truck_the_path_shows_the_truck():
    whole = line((500, 900), (500, 300), since_s=0, until_s=8, size=(200, 180))
    cabin = line((460, 900), (460, 300), since_s=0, until_s=8, size=(80, 100))
    walks = [Walk(id=1, kind=ObjectClass.TRUCK, where=cabin, until_s=8, score=0.95)]
    walks.append(Walk(id=2, kind=ObjectClass.TRUCK, where=whole, until_s=8, score=0.6))
    (final,) = finals(run(SCENE, *walks))
    widths = [row[3] - row[1] for row in final.finding.path if 3 <= row[0] <= 7]
    assert min(widths) == pytest.approx(200, abs=1)


def test_a_moving_vehicles_rows_are_dense_enough_that_any_moment_has_a_fitting_one():
    fast = Walk(id=1, where=line((500, 950), (500, 50), since_s=0, until_s=3), until_s=3)
    (final,) = finals(run(SCENE, fast))
    times = [row[0] for row in final.finding.path]
    assert max(b - a for a, b in pairwise(times)) <= 0.1


def test_a_track_announced_late_counts_from_its_first_sighting():
    runner = RuleRunner(SCENE, "clip")
    frames = list(frames_of(WALK, until_s=10))
    late = [frame for frame in frames if frame.stamp.t_s >= 1.0]
    reported = [violation for frame in late for violation in runner.step(frame).violations]
    assert reported[0].finding.t_start_s <= 0.6
