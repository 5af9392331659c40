"""Metres and box sizes at once: far enough in either, the way in metres, and one act whatever tells it first."""

import pytest

from detector.rules.act import IDLE, Proof, Reading
from detector.rules.either import joined
from detector.types import ObjectClass
from tests.builders import Walk, doubts, finals, line, run, scene_of, through

WHOLE = "[[0, 0], [1000, 0], [1000, 1000], [0, 1000]]"
DOWN = f"{{id: down, kind: one_way, polygon: {WHOLE}, direction: [[500, 100], [500, 900]]}}"
CLOSED = "{id: closed, kind: no_entry, polygon: [[0, 300], [1000, 300], [1000, 1000], [0, 1000]]}"
PAVEMENT = "{id: pavement, kind: sidewalk, polygon: [[0, 400], [1000, 400], [1000, 520], [0, 520]]}"
PROOF = Proof(confidence=0.9, facts={})


def plane(m_per_px: float, *, deep: float = 1.0) -> str:
    """A road seen from above; what lies deep in the picture is `deep` times as long."""
    high, wide = 1000 * m_per_px * deep, 1000 * m_per_px
    corners = f"[[0, {high}], [{wide}, {high}], [{wide}, 0], [0, 0]]"
    return f"ground: {{px: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]], m: {corners}}}\n"


UP = {
    "far in metres and in box sizes": (plane(0.03), 300, "travelled_m"),
    "far in metres alone: a large vehicle close before the camera": (plane(0.09), 90, "travelled_m"),
    "far in box sizes alone": (plane(0.015), 300, "travelled_boxes"),
}


@pytest.mark.parametrize(("ground", "way_px", "fact"), UP.values(), ids=UP.keys())
@pytest.mark.parametrize("zone", [DOWN, CLOSED], ids=["against the lane", "in a closed road"])
def test_far_enough_in_either_is_far_enough(zone: str, ground: str, way_px: float, fact: str) -> None:
    up = line((500, 900), (500, 900 - way_px), since_s=0, until_s=2)
    (final,) = finals(run(scene_of(zone, extra=ground), Walk(id=1, where=up, until_s=4)))
    assert fact in final.finding.facts


def test_far_enough_in_neither_is_no_act() -> None:
    up = line((500, 900), (500, 820), since_s=0, until_s=2)
    assert run(scene_of(DOWN, extra=plane(0.015)), Walk(id=1, where=up, until_s=4)) == []


def test_a_scene_that_states_metres_has_them_alone() -> None:
    scene = scene_of(DOWN, extra=plane(0.015) + "rules: {wrong_way: {distance_m: 8}}\n")
    up = line((500, 900), (500, 600), since_s=0, until_s=2)
    assert run(scene, Walk(id=1, where=up, until_s=4)) == []
    far = line((500, 900), (500, 300), since_s=0, until_s=4)
    (final,) = finals(run(scene, Walk(id=1, where=far, until_s=5)))
    assert final.finding.facts["travelled_m"] >= 8


def test_a_two_wheeler_that_metres_call_pushed_is_not_accused_for_its_box_sizes() -> None:
    """0.9 m/s, though five box sizes in six seconds."""
    scene, slow = scene_of(DOWN, extra=plane(0.01)), line((500, 900), (500, 300), since_s=0, until_s=6.5)
    pushed = Walk(id=1, where=slow, until_s=8)
    assert run(scene, pushed) == []
    assert {doubt.reason for doubt in doubts(scene, pushed)} == {"walking_pace"}
    car = Walk(id=1, where=slow, until_s=8, kind=ObjectClass.CAR)
    assert len(finals(run(scene, car))) == 1


def test_which_way_somebody_went_is_told_in_metres() -> None:
    """Up the picture by 60 degrees, but the road's plane is foreshortened: it went across, not against."""
    oblique = line((300, 700), (410, 480), since_s=0, until_s=2)
    walk = Walk(id=1, where=oblique, until_s=3)
    assert len(finals(run(scene_of(DOWN), walk))) == 1
    assert run(scene_of(DOWN, extra=plane(0.02, deep=0.2)), walk) == []


def test_who_crosses_a_pavement_in_metres_does_not_ride_along_it() -> None:
    askew = line((300, 515), (520, 405), since_s=0, until_s=2)
    walk = Walk(id=1, where=askew, until_s=3)
    riding = [
        v for v in run(scene_of(PAVEMENT, extra=plane(0.02, deep=5.0)), walk) if v.finding.kind == "sidewalk_riding"
    ]
    assert riding == []


def test_who_stands_where_the_act_ended_does_not_begin_it_again() -> None:
    """Box sizes prove it first, metres later; both still hold while it stands."""
    stops = through((0, 500, 950), (2, 500, 500), (30, 500, 500))
    assert len(finals(run(scene_of(DOWN, extra=plane(0.015)), Walk(id=1, where=stops, until_s=30)))) == 1


def test_the_first_proof_tells_since_when() -> None:
    stops = through((0, 500, 950), (2, 500, 500), (7, 500, 500), (9, 500, 200))
    accused = finals(run(scene_of(DOWN, extra=plane(0.015)), Walk(id=1, where=stops, until_s=13)))
    assert len({violation.id for violation in accused}) == len(accused)


JOINED = {
    "neither": (IDLE, IDLE, IDLE),
    "metres first": (Reading(proof=PROOF, since_s=1), Reading(proof=PROOF, since_s=2), Reading(proof=PROOF, since_s=1)),
    "boxes where metres have none": (
        Reading(since_s=1, acting=True, doubt="too_few_looks"),
        Reading(proof=PROOF, since_s=2),
        Reading(proof=PROOF, since_s=2, acting=True),
    ),
    "a doubt without any proof": (IDLE, Reading(doubt="too_few_looks"), Reading(doubt="too_few_looks")),
}


@pytest.mark.parametrize(("in_metres", "in_boxes", "said"), JOINED.values(), ids=JOINED.keys())
def test_what_both_say(in_metres: Reading, in_boxes: Reading, said: Reading) -> None:
    assert joined(in_metres, in_boxes) == said
