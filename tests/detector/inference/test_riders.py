"""Who rides and who walks: boxes as seen on streets, in px of a 640 px wide picture."""

import numpy as np
import pytest

from detector.inference.decode import Boxes
from detector.inference.riders import unite_riders
from detector.types import ObjectClass
from tests.detector.inference.test_decode import boxes_of

PERSON, BICYCLE, MOTORCYCLE, CAR = (
    ObjectClass.PERSON,
    ObjectClass.BICYCLE,
    ObjectClass.MOTORCYCLE,
    ObjectClass.CAR,
)
Row = tuple[ObjectClass, float, tuple[float, float, float, float]]
BARE: Row = (MOTORCYCLE, 0.5, (300, 240, 330, 300))
"""A machine from behind, without whoever sits on it: 30 x 60 px."""
SIDEWAYS: Row = (BICYCLE, 0.5, (300, 240, 400, 300))
"""A bicycle from the side: 100 x 60 px."""
WHOLE: Row = (MOTORCYCLE, 0.6, (300, 200, 335, 300))
"""A machine and its rider in one box: 35 x 100 px."""

APART = [
    pytest.param(BARE, (298, 200, 333, 290), True, id="rider from behind, feet on the pegs"),
    pytest.param(BARE, (298, 200, 333, 302), True, id="rider waiting, feet on the ground"),
    pytest.param(BARE, (296, 198, 331, 268), True, id="rider cut at the knee"),
    pytest.param(SIDEWAYS, (325, 190, 375, 290), True, id="cyclist from the side"),
    pytest.param(SIDEWAYS, (310, 195, 350, 285), True, id="child on the carrier"),
    pytest.param(BARE, (335, 195, 365, 300), False, id="walking beside"),
    pytest.param(BARE, (318, 195, 350, 301), False, id="walking beside, a little behind the machine's edge"),
    pytest.param(SIDEWAYS, (385, 190, 425, 300), False, id="standing at the front wheel"),
    pytest.param(BARE, (302, 190, 330, 250), False, id="behind, hidden from the waist down"),
    pytest.param(BARE, (300, 150, 340, 330), False, id="in front, feet below the wheels"),
    pytest.param(BARE, (308, 262, 322, 296), False, id="a child standing in front of the plate"),
    pytest.param(BARE, (306, 225, 320, 250), False, id="far away, seen over the saddle"),
    pytest.param(BARE, (100, 195, 130, 300), False, id="elsewhere"),
]


@pytest.mark.parametrize(("machine", "person", "rides"), APART)
def test_a_rider_boxed_apart_is_united_and_a_pedestrian_stays(
    machine: Row, person: tuple[float, float, float, float], rides: bool
) -> None:
    found = unite_riders(boxes_of((PERSON, 0.9, person), machine), riders_apart=True)
    if rides:
        union = [*np.minimum(person[:2], machine[2][:2]), *np.maximum(person[2:], machine[2][2:])]
        assert (found.kind.tolist(), found.xyxy.tolist()) == ([machine[0]], [union])
        assert found.score.tolist() == pytest.approx([machine[1]])
    else:
        assert found.kind.tolist() == [PERSON, machine[0]]
        assert found.xyxy.tolist() == [list(person), list(machine[2])]


TOGETHER = [
    pytest.param((302, 201, 333, 285), True, id="the rider boxed again"),
    pytest.param((301, 205, 334, 299), True, id="the rider waiting, feet on the ground"),
    pytest.param((303, 222, 331, 288), True, id="the passenger, a head shorter"),
    pytest.param((302, 202, 333, 245), True, id="the rider down to the waist"),
    pytest.param((330, 195, 358, 300), False, id="walking beside"),
    pytest.param((320, 202, 345, 300), False, id="walking close beside, half covered"),
    pytest.param((310, 180, 326, 240), False, id="further back, seen over the shoulder"),
    pytest.param((312, 205, 326, 248), False, id="further back under a low camera, slimmer than the rider"),
    pytest.param((300, 210, 332, 330), False, id="in front, feet below the wheels"),
    pytest.param((310, 255, 325, 298), False, id="a child in front"),
    pytest.param((100, 195, 130, 300), False, id="elsewhere"),
]


@pytest.mark.parametrize("riders_apart", [False, True], ids=["boxed together", "boxed apart"])
@pytest.mark.parametrize(("person", "rides"), TOGETHER)
def test_a_rider_already_in_the_machines_box_is_dropped(
    person: tuple[float, float, float, float], rides: bool, riders_apart: bool
) -> None:
    found = unite_riders(boxes_of(WHOLE, (PERSON, 0.9, person)), riders_apart=riders_apart)
    assert found.kind.tolist() == ([MOTORCYCLE] if rides else [MOTORCYCLE, PERSON])


@pytest.mark.parametrize(("score", "left"), [(0.1, [PERSON, MOTORCYCLE]), (0.3, [MOTORCYCLE])], ids=["faint", "sure"])
def test_nobody_is_dropped_for_a_machine_that_is_hardly_there(score: float, left: list[ObjectClass]) -> None:
    found = unite_riders(
        boxes_of((PERSON, 0.71, (302, 201, 333, 285)), (MOTORCYCLE, score, WHOLE[2])), riders_apart=False
    )
    assert found.kind.tolist() == left


def test_four_on_one_machine_are_one_road_user() -> None:
    family = [(300, 200, 331, 288), (299, 205, 330, 285), (301, 215, 331, 280), (300, 210, 332, 290)]
    found = unite_riders(boxes_of(*((PERSON, 0.5, box) for box in family), BARE), riders_apart=True)
    assert (found.kind.tolist(), found.xyxy.tolist()) == ([MOTORCYCLE], [[299, 200, 332, 300]])


def test_of_two_machines_side_by_side_each_keeps_its_own_rider() -> None:
    left, right = (MOTORCYCLE, 0.5, (300, 240, 330, 300)), (MOTORCYCLE, 0.4, (332, 242, 362, 302))
    riders = [(PERSON, 0.8, (331, 200, 361, 290)), (PERSON, 0.7, (301, 198, 331, 288))]
    found = unite_riders(boxes_of(left, *riders, right), riders_apart=True)
    assert found.xyxy.tolist() == [[300, 198, 331, 300], [331, 200, 362, 302]]


def test_a_machine_boxed_with_and_without_its_rider_is_one_with_the_better_score() -> None:
    bare, whole = (MOTORCYCLE, 0.8, (301, 240, 331, 299)), (MOTORCYCLE, 0.3, (300, 205, 333, 300))
    found = unite_riders(boxes_of(bare, (PERSON, 0.9, (300, 200, 331, 285)), whole), riders_apart=True)
    assert found.kind.tolist() == [MOTORCYCLE]
    assert found.score.tolist() == pytest.approx([0.8])
    assert found.xyxy[0, 1] <= 205


def test_one_machine_before_another_stays_two() -> None:
    near, far = (MOTORCYCLE, 0.6, (300, 200, 340, 320)), (MOTORCYCLE, 0.5, (305, 190, 335, 280))
    assert len(unite_riders(boxes_of(near, far), riders_apart=True).kind) == 2


TWICE = [
    pytest.param((301, 238, 333, 299), True, id="the machine below its rider"),
    pytest.param((302, 205, 334, 280), True, id="down to the pegs"),
    pytest.param((296, 202, 338, 303), True, id="a little larger all round"),
    pytest.param((306, 245, 330, 302), True, id="the machine alone, seen narrow"),
    pytest.param((318, 196, 353, 290), False, id="the neighbour half a width aside"),
    pytest.param((303, 165, 334, 250), False, id="who rides ahead, hidden from the saddle down"),
    pytest.param((298, 250, 342, 370), False, id="who rides behind, over the wheels of this one"),
    pytest.param((260, 180, 375, 302), False, id="both neighbours in one box"),
    pytest.param((320, 262, 334, 300), False, id="one far to the side of the wheels and small"),
]


@pytest.mark.parametrize("kind", [MOTORCYCLE, BICYCLE])
@pytest.mark.parametrize(("other", "one"), TWICE)
def test_a_machine_boxed_twice_is_one_and_neighbours_in_a_pack_stay_two(
    other: tuple[float, float, float, float], one: bool, kind: ObjectClass
) -> None:
    found = unite_riders(boxes_of(WHOLE, (kind, 0.3, other)), riders_apart=False)
    assert found.kind.tolist() == ([MOTORCYCLE] if one else [MOTORCYCLE, kind])
    assert found.xyxy[0].tolist() == list(WHOLE[2])


def test_of_two_boxes_about_as_sure_the_larger_stays_with_the_better_score() -> None:
    part = (MOTORCYCLE, 0.63, (301, 238, 333, 299))
    found = unite_riders(boxes_of(part, WHOLE), riders_apart=False)
    assert (found.xyxy.tolist(), found.score.tolist()) == ([list(WHOLE[2])], pytest.approx([0.63]))


def test_a_bare_machine_gets_its_rider_whichever_network_looks() -> None:
    found = unite_riders(boxes_of(BARE, (PERSON, 0.6, (298, 200, 333, 290))), riders_apart=False)
    assert (found.kind.tolist(), found.xyxy.tolist()) == ([MOTORCYCLE], [[298, 200, 333, 300]])


def test_two_cars_on_one_place_are_no_matter_of_riders() -> None:
    boxes = boxes_of((CAR, 0.8, (300, 200, 400, 300)), (CAR, 0.5, (300, 230, 398, 300)))
    assert len(unite_riders(boxes, riders_apart=False).kind) == 2


@pytest.mark.parametrize("riders_apart", [False, True])
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="nothing"),
        pytest.param([(PERSON, 0.5, (0, 0, 20, 60))], id="only people"),
        pytest.param([BARE], id="only machines"),
        pytest.param([(CAR, 0.5, (0, 0, 20, 60)), (PERSON, 0.9, (0, 0, 20, 60))], id="a driver in a car"),
    ],
)
def test_others_are_left_alone(rows: list[Row], riders_apart: bool) -> None:
    boxes = boxes_of(*rows)
    found = unite_riders(boxes, riders_apart=riders_apart)
    assert all(np.array_equal(a, b) for a, b in zip(boxes, found, strict=True))


def test_the_given_boxes_are_not_written_to() -> None:
    boxes = boxes_of((PERSON, 0.9, (298, 200, 333, 290)), BARE)
    kept = Boxes(*(array.copy() for array in boxes))
    unite_riders(boxes, riders_apart=True)
    assert all(np.array_equal(a, b) for a, b in zip(boxes, kept, strict=True))
