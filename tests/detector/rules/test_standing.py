"""Fixed things that a network takes for vehicles: neither accused nor company; minutes of parking are one event."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from detector.types import ObjectClass
from tests.builders import Walk, doubts, finals, jittered, line, run, scene_of, standing, through

KERB = scene_of("{id: kerb, kind: no_stopping, polygon: [[0, 400], [1000, 400], [1000, 1000], [0, 1000]], limit_s: 60}")
PAVEMENT = scene_of(
    "{id: pavement, kind: sidewalk, polygon: [[0, 400], [1000, 400], [1000, 600], [0, 600]], limit_s: 20}"
)
CAR = (120.0, 90.0)
BENCH = Walk(id=1, kind=ObjectClass.TRUCK, where=standing((500, 550), size=CAR), until_s=90, score=0.3)
ARRIVED = replace(BENCH, where=through((0, 100, 550), (5, 500, 550), size=CAR))
MINUTES_S = (20.0, 200.0)


@pytest.mark.parametrize("scene", [KERB, PAVEMENT], ids=["parking", "encroachment"])
@pytest.mark.parametrize(
    ("thing", "accused"),
    [
        (BENCH, False),
        (replace(BENCH, score=0.5), False),
        (replace(BENCH, score=0.5, kind=ObjectClass.MOTORCYCLE), False),
        (replace(BENCH, score=0.5, kind=ObjectClass.CAR), True),
        (replace(BENCH, score=0.6), True),
        (ARRIVED, True),
    ],
    ids=["faint and never moved", "a cabinet", "a bin", "a car", "sure", "faint but seen to arrive"],
)
def test_what_never_moved_must_be_recognised_well(scene, thing, accused):
    assert bool(run(scene, thing, until_s=90)) is accused
    assert ("never_moved" in {d.reason for d in doubts(scene, thing, until_s=90)}) is not accused


@pytest.mark.parametrize(("score", "accused"), [(0.2, True), (0.6, False)], ids=["a fixed thing", "a standing car"])
def test_only_what_may_be_a_vehicle_is_company_in_a_queue(score, accused):
    parked = replace(ARRIVED, score=0.8)
    neighbour = replace(BENCH, id=2, where=standing((680, 550), size=CAR), score=score)
    assert bool(run(KERB, parked, neighbour, until_s=90)) is accused


def flickering(seed):
    """Stretches in which a weak detector misses a standing car, half of all the time."""
    rng = np.random.default_rng(seed)
    return tuple((float(t_s), float(t_s) + 0.55) for t_s in np.arange(22, 198, 1.2) + rng.uniform(0, 0.3, 147))


def passing(count):
    return [
        Walk(
            id=10 + i,
            where=line((0, 620), (1000, 620), since_s=25 + 7 * i, until_s=30 + 7 * i),
            since_s=25 + 7 * i,
            until_s=30 + 7 * i,
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("fps", [2.0, 5.0, 10.0])
@pytest.mark.parametrize(
    "hidden", [(), flickering(3), ((60.0, 100.0), (120.0, 140.0))], ids=["seen", "flicker", "hidden"]
)
def test_parking_for_minutes_is_one_event_with_true_times_and_a_row_every_second(fps, hidden):
    since_s, until_s = MINUTES_S
    where = through((15, 0, 550), (since_s, 500, 550), (until_s, 500, 550), (until_s + 5, 1000, 550), size=CAR)
    car = Walk(
        id=1, kind=ObjectClass.CAR, where=jittered(where, px=2.0), since_s=15, until_s=until_s + 5, hidden=hidden
    )
    (final,) = finals(run(KERB, car, *passing(20), until_s=until_s + 20, fps=fps))
    assert final.finding.t_start_s == pytest.approx(since_s, abs=1.5)
    assert final.finding.t_end_s == pytest.approx(until_s, abs=1.5)
    times = [row[0] for row in final.finding.path]
    assert times[0] <= final.finding.t_start_s + 0.5
    assert times[-1] >= final.finding.t_end_s - 0.5
    assert max(b - a for a, b in pairwise(times)) <= 1.0 + 1e-6


def test_who_waits_before_a_zone_and_drives_into_it_has_not_stood_there():
    stops = (0, 500, 388), (80, 500, 388)  # before the zone's upper edge; for a look or two more it counts as standing
    waits = Walk(id=1, kind=ObjectClass.CAR, where=through(*stops, (86, 500, 980), size=CAR), until_s=86)
    edges_on = replace(waits, where=through(*stops, (80.4, 500, 404), size=CAR))
    assert run(KERB, waits, until_s=86) == []
    assert run(KERB, edges_on, until_s=84) == []
