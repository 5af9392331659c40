"""Travel against a lane's direction: every cell of the rule table, and what must not depend on sampling."""

import pytest

from detector.types import ObjectClass
from tests.builders import Walk, jittered, line, run, scene_of, standing, through

WHOLE = "[[0, 0], [1000, 0], [1000, 1000], [0, 1000]]"
ZONE = f"{{id: down, kind: one_way, polygon: {WHOLE}, direction: [[500, 100], [500, 900]]}}"
SCENE = scene_of(ZONE)
UPHILL = line((500, 900), (500, 300), since_s=1, until_s=7)


def test_fires_when_a_vehicle_travels_against_the_lane():
    first, final = run(SCENE, Walk(id=1, where=UPHILL, until_s=8))
    assert (first.finding.final, final.finding.final) == (False, True)
    assert first.id == final.id
    assert final.finding.vehicle is ObjectClass.MOTORCYCLE
    assert final.finding.t_start_s == pytest.approx(1.0, abs=0.45)
    assert final.finding.t_end_s == pytest.approx(7.0, abs=0.25)
    assert final.finding.facts["heading_against_deg"] == 180.0
    assert final.finding.facts["travelled_boxes"] == pytest.approx(600 / 49, rel=0.05)


MUST_NOT = {
    "lawful travel": line((500, 100), (500, 900), since_s=0, until_s=8),
    "reversing a little": through((0, 500, 500), (4, 500, 440), (6, 500, 800)),
    "jitter while standing": jittered(standing((500, 500)), px=4),
    "crossing the lane sideways": line((0, 500), (1000, 480), since_s=0, until_s=10),
    "oblique but not against": line((100, 600), (900, 400), since_s=0, until_s=10),
    "pushed at walking pace": line((500, 900), (500, 550), since_s=0, until_s=30),
    "parking manoeuvre": through((0, 500, 300), (3, 500, 500), (5, 530, 440), (7, 540, 500), (9, 560, 450)),
}


@pytest.mark.parametrize("where", MUST_NOT.values(), ids=MUST_NOT.keys())
def test_must_not_fire(where):
    assert run(SCENE, Walk(id=1, where=where, until_s=30)) == []
