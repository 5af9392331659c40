"""One act, one event: a rider boxed twice is told once, two riders close together are told twice."""

import pytest

from detector.types import ObjectClass
from tests.builders import Walk, finals, line, run, scene_of

WHOLE = "polygon: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]]"
ONE_WAY = scene_of(f"{{id: down, kind: one_way, {WHOLE}, direction: [[500, 100], [500, 900]]}}")
SIZE = (50.0, 80.0)
BOX = (SIZE[0] * SIZE[1]) ** 0.5


def ride(id, *, aside=0.0, behind=0.0, size=SIZE, since_s=0.0):
    start, end = (500 + aside * BOX, 950 + behind * BOX), (500 + aside * BOX, 250 + behind * BOX)
    where = line(start, end, since_s=0, until_s=8, size=size)
    return Walk(id=id, where=where, since_s=since_s, until_s=8)


@pytest.mark.parametrize(
    ("other", "events"),
    [
        (ride(2, behind=-0.4, since_s=1.0), 1),
        (ride(2, behind=0.35, size=(44.0, 50.0), since_s=1.0), 1),
        (ride(2, behind=-0.45, size=(42.0, 62.0), since_s=1.0), 1),
        (ride(2, behind=0.9), 2),
        (ride(2, aside=0.6), 2),
        (ride(2, aside=1.2, behind=0.2), 2),
    ],
    ids=[
        "the rider alone",
        "the machine alone",
        "the rider alone, high up",
        "one behind the other",
        "side by side",
        "apart",
    ],
)
def test_a_rider_boxed_twice_is_told_once(other, events):
    assert len(finals(run(ONE_WAY, ride(1), other, until_s=9))) == events


BUS = Walk(
    id=1,
    kind=ObjectClass.BUS,
    where=line((500, 950), (500, 350), since_s=0, until_s=8, size=(200.0, 160.0)),
    until_s=8,
)


@pytest.mark.parametrize(("end_y", "events"), [(200, 2), (330, 1)], ids=["a rider overtakes it", "a part of it"])
def test_a_rider_within_the_box_of_a_bus_is_told_beside_it(end_y, events):
    rider = Walk(id=2, where=line((470, 930), (470, end_y), since_s=0, until_s=8, size=(30.0, 50.0)), until_s=8)
    assert len(finals(run(ONE_WAY, BUS, rider, until_s=9))) == events


def entering(t_s):
    """A bus 300 px high that comes in over the lower edge of the picture, which cuts its box until 1.8 s."""
    foot = 1240 - 136 * t_s
    top, seen = max(foot - 300, 0), min(foot, 999)
    return 500, seen, 200.0, seen - top


def part_of_it(t_s):
    return 470, 1060 - 136 * t_s, 50.0, 60.0


def test_a_part_of_a_bus_that_enters_the_picture_is_not_told_beside_it():
    bus = Walk(id=1, kind=ObjectClass.BUS, where=entering, until_s=8)
    told = finals(run(ONE_WAY, bus, Walk(id=2, where=part_of_it, until_s=8), until_s=9))
    assert [event.finding.vehicle for event in told] == [ObjectClass.BUS]
