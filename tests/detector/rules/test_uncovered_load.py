"""Loads: several clear looks must agree; everything else is cannot-tell or nothing."""

import math

import pytest

from detector.types import LoadState, ObjectClass
from tests.builders import Walk, doubts, finals, line, run, scene_of

SCENE = scene_of("{id: gate, kind: load_check, polygon: [[0, 300], [1000, 300], [1000, 800], [0, 800]]}")
THROUGH = line((500, 200), (500, 950), since_s=0, until_s=9, size=(200, 160))


def scores(state: LoadState, best: float = 0.8) -> tuple[float, ...]:
    rest = (1 - best) / (len(LoadState) - 1)
    return tuple(best if name is state else rest for name in LoadState)


def truck(*reads, kind=ObjectClass.TRUCK):
    """A truck whose load is read as the given states, one after the other, over and over."""

    def load(t_s):
        read = reads[round(t_s * 5) % len(reads)] if reads else None
        return scores(*read) if isinstance(read, tuple) else None if read is None else scores(read)

    return Walk(id=1, kind=kind, where=THROUGH, until_s=9, load=load)


UNCOVERED, COVERED, EMPTY, CLOSED, UNCLEAR = LoadState


def test_fires_when_several_looks_agree_on_an_uncovered_load():
    first, final = run(SCENE, truck(UNCOVERED))
    assert (first.finding.final, final.finding.final, first.id) == (False, True, final.id)
    assert final.finding.t_start_s == pytest.approx(1.2, abs=0.3)
    assert final.finding.t_end_s == pytest.approx(7.2, abs=0.3)
    facts = final.finding.facts
    assert facts["agreeing_looks"] == facts["clear_looks"] >= 10
    named = facts["agreed_at_s"].split()
    assert named[0] == "1.20"
    assert len(named) == facts["agreeing_looks"]


def test_fires_when_one_look_in_five_sees_nothing_clearly():
    assert len(finals(run(SCENE, truck(UNCOVERED, UNCOVERED, UNCLEAR, UNCOVERED, UNCOVERED)))) == 1


MUST_NOT = {
    "empty": (truck(EMPTY), set()),
    "covered": (truck(COVERED), set()),
    "closed body": (truck(CLOSED), set()),
    "load not visible": (truck(UNCLEAR), {"load_not_visible"}),
    "never read": (truck(), set()),
    "looks that disagree": (truck(UNCOVERED, COVERED), {"load_disagrees", "load_too_few_looks"}),
    "innocent looks of less confidence": (truck(UNCOVERED, (COVERED, 0.6)), {"load_disagrees", "load_too_few_looks"}),
    "looks without confidence": (truck((UNCOVERED, 0.4)), set()),
    "a single clear look": (truck(UNCOVERED, *[UNCLEAR] * 40), {"load_too_few_looks", "load_not_visible"}),
    "no truck": (truck(UNCOVERED, kind=ObjectClass.CAR), set()),
}


@pytest.mark.parametrize(("walk", "reasons"), MUST_NOT.values(), ids=MUST_NOT.keys())
def test_must_not_fire(walk, reasons):
    assert run(SCENE, walk) == []
    said = {doubt.reason for doubt in doubts(SCENE, walk)}
    assert said <= reasons
    assert bool(said) is bool(reasons)


def test_outside_the_zone_nothing_is_read():
    far = Walk(
        id=1,
        kind=ObjectClass.TRUCK,
        where=line((100, 100), (900, 200), since_s=0, until_s=9),
        until_s=9,
        load=lambda _: scores(UNCOVERED),
    )
    assert run(SCENE, far) == []


def test_rows_of_nan_are_no_look():
    blind = Walk(id=1, kind=ObjectClass.TRUCK, where=THROUGH, until_s=9, load=lambda _: (math.nan,) * 5)
    assert run(SCENE, blind) == []
    assert doubts(SCENE, blind) == []


@pytest.mark.parametrize("fps", [2, 5, 10])
def test_the_verdict_does_not_depend_on_the_frame_rate(fps):
    assert len(finals(run(SCENE, truck(UNCOVERED), fps=fps))) == 1
    assert run(SCENE, truck(COVERED), fps=fps) == []
