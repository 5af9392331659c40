"""Forbidden manoeuvres: gates in order, on one path, in the right sense."""

from datetime import UTC, datetime

import pytest

from detector.types import ObjectClass
from tests.builders import Walk, doubts, finals, line, run, scene_of, through

LEFT = (
    "{id: no-left, kind: no_left_turn, enter: [[300, 700], [700, 700]], leave: [[200, 300], [200, 600]], classes: [car]"
)
RIGHT = "{id: no-right, kind: no_right_turn, enter: [[300, 700], [700, 700]], leave: [[800, 300], [800, 600]]}"
U_TURN = "{id: no-u, kind: no_u_turn, enter: [[500, 700], [800, 700]], leave: [[200, 700], [480, 700]]}"
NO_LEFT = scene_of(extra=f"turns: [{LEFT}}}]\n")
NO_RIGHT = scene_of(extra=f"turns: [{RIGHT}]\n")
NO_U = scene_of(extra=f"turns: [{U_TURN}]\n")


def drives(*stops, kind=ObjectClass.CAR, **more):
    return Walk(id=1, kind=kind, where=through(*stops, size=(90, 70)), until_s=stops[-1][0] + 1, **more)


TURNS_LEFT = ((0, 500, 950), (3, 500, 600), (4, 450, 480), (7, 50, 450))
TURNS_RIGHT = ((0, 500, 950), (3, 500, 600), (4, 550, 480), (7, 950, 450))
TURNS_ROUND = ((0, 650, 950), (3, 650, 650), (4, 600, 560), (5, 450, 560), (6, 350, 640), (9, 340, 950))
NO_U_JOINED = scene_of(extra=f"turns: [{U_TURN.replace('[480, 700]', '[500, 700]')}]\n")
TURNS_TIGHTLY = ((0, 515, 950), (3, 515, 650), (4, 500, 560), (5, 400, 560), (6, 350, 640), (9, 340, 950))
FIRES = [
    ("left", NO_LEFT, TURNS_LEFT),
    ("right", NO_RIGHT, TURNS_RIGHT),
    ("u-turn", NO_U, TURNS_ROUND),
    ("u-turn, entering beside the end that the gates share", NO_U_JOINED, TURNS_TIGHTLY),
]


@pytest.mark.parametrize(("scene", "stops"), [row[1:] for row in FIRES], ids=[row[0] for row in FIRES])
def test_fires_when_entry_gate_and_exit_gate_are_crossed_in_order(scene, stops):
    first, final = run(scene, drives(*stops))
    assert (first.finding.final, final.finding.final, first.id) == (False, True, final.id)
    facts = final.finding.facts
    assert facts["entered_at_s"] < facts["left_at_s"]
    assert final.finding.t_start_s == pytest.approx(facts["entered_at_s"], abs=0.02)


PUSHED_RIGHT = ((0, 500, 950), (15, 500, 600), (20, 550, 480), (28, 950, 450))


@pytest.mark.parametrize(("kind", "events"), [(ObjectClass.MOTORCYCLE, 0), (ObjectClass.CAR, 1)])
def test_who_pushes_a_motorcycle_round_a_corner_is_on_foot(kind, events):
    walk = drives(*PUSHED_RIGHT, kind=kind)
    assert len(finals(run(NO_RIGHT, walk))) == events
    assert [doubt.reason for doubt in doubts(NO_RIGHT, walk)] == ([] if events else ["walking_pace"])


def test_crossing_times_are_interpolated():
    facts = finals(run(NO_LEFT, drives(*TURNS_LEFT), fps=2))[0].finding.facts
    assert facts["entered_at_s"] == pytest.approx(3 * 250 / 350, abs=0.02)


def test_a_turn_that_passes_close_to_the_end_of_a_gate_is_told():
    wide = (*TURNS_LEFT[:2], (4, 450, 620), (7, 50, 615))
    (final,) = finals(run(NO_LEFT, drives(*wide)))
    assert final.finding.facts["heading_change_deg"] < -30
    far = (*TURNS_LEFT[:2], (4, 450, 680), (7, 50, 680))
    assert run(NO_LEFT, drives(*far)) == []


def test_a_turn_that_goes_on_beyond_the_end_of_a_gate_is_told():
    gates = "enter: [[400, 440], [400, 900]], leave: [[100, 400], [300, 400]]"
    scene = scene_of(extra=f"turns: [{{id: no-right, kind: no_right_turn, {gates}}}]\n")
    slanting = ((0, 900, 950), (5, 316, 398))
    (final,) = finals(run(scene, drives(*slanting, (7, 316, 150))))
    assert final.finding.facts["heading_change_deg"] > 30
    assert run(scene, drives(*slanting, (7, 82, 177))) == []


MUST_NOT = {
    "straight on, close to the end of the exit gate": (
        scene_of(extra=f"turns: [{LEFT.replace('[200, 300]', '[480, 590]')}}}]\n"),
        ((0, 495, 950), (6, 505, 100)),
    ),
    "straight on past the end of the exit gate, into the next street": (
        scene_of(extra=f"turns: [{LEFT.replace('[[200, 300], [200, 600]]', '[[200, 600], [480, 450]]')}}}]\n"),
        ((0, 500, 950), (3, 500, 600), (4.9, 500, 350), (7, 250, 100)),
    ),
    "straight on": (NO_LEFT, ((0, 500, 950), (6, 500, 100))),
    "the other way": (NO_LEFT, TURNS_RIGHT),
    "gates in the wrong order": (NO_LEFT, ((0, 50, 450), (3, 450, 480), (4, 500, 600), (7, 500, 950))),
    "exit gate only": (NO_LEFT, ((0, 950, 450), (6, 50, 450))),
    "entry gate backwards, then exit": (
        NO_LEFT,
        ((0, 500, 600), (2, 500, 800), (4, 150, 800), (6, 150, 450), (8, 400, 450), (10, 50, 450)),
    ),
    "back over the entry gate before the exit": (
        NO_LEFT,
        ((0, 500, 950), (2, 500, 650), (4, 500, 850), (6, 100, 850), (8, 100, 450), (9, 300, 450), (11, 50, 450)),
    ),
    "too long between the gates": (NO_LEFT, ((0, 500, 950), (3, 500, 600), (70, 450, 480), (73, 50, 450))),
    "over the u-turn gates without turning": (NO_U, ((0, 650, 950), (3, 650, 650), (5, 350, 650), (8, 340, 300))),
}


@pytest.mark.parametrize(("scene", "stops"), MUST_NOT.values(), ids=MUST_NOT.keys())
def test_must_not_fire(scene, stops):
    assert run(scene, drives(*stops), until_s=80) == []


def test_must_not_fire_on_a_path_stitched_from_two_tracks():
    stitched = drives((0, 500, 950), (3, 500, 650), (3.01, 240, 450), (5, 50, 450))
    assert run(NO_LEFT, stitched) == []
    unseen = drives(*TURNS_LEFT[:2], (9, 450, 480), (12, 50, 450), hidden=((3.5, 9.5),))
    assert run(NO_LEFT, unseen) == []


def test_two_tracks_that_share_the_gates_are_not_added_up():
    enters = Walk(id=1, kind=ObjectClass.CAR, where=line((500, 950), (500, 550), since_s=0, until_s=3), until_s=3)
    leaves = Walk(
        id=2, kind=ObjectClass.CAR, where=line((450, 450), (50, 450), since_s=4, until_s=7), since_s=4, until_s=7
    )
    assert run(NO_LEFT, enters, leaves) == []


def test_must_not_fire_for_a_class_the_sign_does_not_bind():
    assert run(NO_LEFT, drives(*TURNS_LEFT, kind=ObjectClass.MOTORCYCLE)) == []


def test_must_not_fire_at_an_hour_the_sign_does_not_bind():
    scene = scene_of(extra=f"turns: [{LEFT}, calendar: [{{from: '06:00', to: '09:00'}}]}}]\n")
    noon, seven = (datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in (5, 0))
    assert run(scene, drives(*TURNS_LEFT), start_at=noon) == []
    assert len(finals(run(scene, drives(*TURNS_LEFT), start_at=seven))) == 1


def test_waiting_for_oncoming_traffic_between_the_gates_is_still_one_turn():
    waits = ((0, 500, 950), (3, 500, 600), (25, 495, 590), (27, 450, 480), (30, 50, 450))
    assert len(finals(run(NO_LEFT, drives(*waits), until_s=40))) == 1


@pytest.mark.parametrize("fps", [3, 5, 10, 25])
def test_the_verdict_does_not_depend_on_the_frame_rate(fps):
    for _, scene, stops in FIRES:
        assert len(finals(run(scene, drives(*stops), fps=fps))) == 1
    for scene, stops in MUST_NOT.values():
        assert run(scene, drives(*stops), until_s=80, fps=fps) == []
