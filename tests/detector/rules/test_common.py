"""An act that too many are accused of at one place puts the scene in doubt, and says how many."""

import pytest

from detector.rules import RuleRunner
from detector.rules.common import WINDOW_S
from detector.types import ViolationKind
from tests.builders import Walk, frames_of, line, run, scene_of

WHOLE = "polygon: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]]"
ONE_WAY = f"{{id: down, kind: one_way, {WHOLE}, direction: [[500, 100], [500, 900]]}}"
CLOSED = f"{{id: closed, kind: no_entry, {WHOLE}}}"
DOWN, UP = ((500, 100), (500, 900)), ((500, 900), (500, 100))


def drives(count, way, *, since_s=0.0, first_id=1, every_s=10.0):
    """So many vehicles one after the other along `way`, 8 s each."""
    starts = [since_s + number * every_s for number in range(count)]
    return [
        Walk(id=first_id + number, where=line(*way, since_s=at_s, until_s=at_s + 8), since_s=at_s, until_s=at_s + 8)
        for number, at_s in enumerate(starts)
    ]


def told(scene, *walks):
    """First versions: final ones come when the act is over, and count who was accused since."""
    until_s = max(walk.until_s for walk in walks) + 2
    return [violation.finding for violation in run(scene, *walks, until_s=until_s) if not violation.finding.final]


@pytest.mark.parametrize(
    ("against", "lawful", "doubted"),
    [
        pytest.param(1, 0, 0, id="one, and nobody else"),
        pytest.param(4, 0, 0, id="fewer than put a scene in doubt"),
        pytest.param(5, 0, 1, id="five of five"),
        pytest.param(8, 12, 3, id="two in five"),
        pytest.param(5, 30, 0, id="five among thirty lawful ones"),
    ],
)
def test_wrong_way_of_many_is_doubted(against, lawful, doubted):
    walks = [*drives(lawful, DOWN), *drives(against, UP, since_s=lawful * 10.0, first_id=100)]
    findings = told(scene_of(ONE_WAY), *walks)
    assert len(findings) == against
    assert sum("common" in finding.cannot_tell for finding in findings) == doubted
    assert findings[-1].facts["accused_last_hour"] == against
    assert findings[-1].facts["passed_last_hour"] == against + lawful


def test_who_only_flickers_at_the_place_has_not_passed_it():
    flickers = [
        Walk(
            id=50 + n,
            where=line((300, 400 + n), (300, 401 + n), since_s=n, until_s=n + 0.6),
            since_s=n,
            until_s=n + 0.6,
        )
        for n in range(20)
    ]
    (finding,) = told(scene_of(ONE_WAY), *flickers, *drives(1, UP, since_s=30))
    assert finding.facts["passed_last_hour"] == 1


def test_what_is_older_than_an_hour_does_not_count():
    runner = RuleRunner(scene_of(ONE_WAY), "clip")
    early = frames_of(*drives(6, UP), until_s=70)
    late_s = WINDOW_S + 100
    late = frames_of(*drives(1, UP, since_s=late_s, first_id=50), since_s=late_s, until_s=late_s + 10)
    said = [violation for frame in (*early, *late) for violation in runner.step(frame).violations]
    (*_, last) = [*said, *runner.finish().violations]
    assert last.finding.facts["accused_last_hour"] == 1
    assert "common" not in last.finding.cannot_tell


def test_a_closed_road_is_doubted_by_the_number_of_entries_alone():
    scene = scene_of(CLOSED, extra="rules: {common: {most_entries: 3}}")
    findings = told(scene, *drives(4, UP))
    assert [finding.kind for finding in findings] == [ViolationKind.NO_ENTRY] * 4
    assert ["common" in finding.cannot_tell for finding in findings] == [False, False, True, True]


@pytest.mark.parametrize(("over", "counted"), [("epoch", 6), ("source", 1)])
def test_the_counts_outlive_a_new_epoch_of_the_stream_and_not_the_source(over, counted):
    runner = RuleRunner(scene_of(ONE_WAY), "clip")
    for frame in frames_of(*drives(5, UP), until_s=60):
        runner.step(frame)
    if over == "source":
        runner.finish()
    later = frames_of(*drives(1, UP, since_s=70, first_id=50), since_s=70, until_s=80, epoch=1)
    said = [violation for frame in later for violation in runner.step(frame).violations]
    assert said[-1].finding.facts["accused_last_hour"] == counted


def test_who_is_through_in_less_than_a_second_has_passed_too():
    fast = [
        Walk(
            id=50 + n,
            where=line((300, 100), (300, 500), since_s=2 * n, until_s=2 * n + 1),
            since_s=2 * n,
            until_s=2 * n + 0.7,
        )
        for n in range(10)
    ]
    (finding,) = told(scene_of(ONE_WAY), *fast, *drives(1, UP, since_s=30))
    assert finding.facts["passed_last_hour"] >= 10
