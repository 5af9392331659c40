"""From raw output to distinct boxes, checked against the plainest way to write it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from detector.inference.decode import DETECTIONS_MAX, GROUP_OF_KIND, IOU_MAX, IOU_MAX_ACROSS, Boxes, decode, suppress
from detector.types import Calibration, ObjectClass

CAR, TRUCK, BUS = ObjectClass.CAR, ObjectClass.TRUCK, ObjectClass.BUS
PERSON, BICYCLE, MOTORCYCLE = ObjectClass.PERSON, ObjectClass.BICYCLE, ObjectClass.MOTORCYCLE


def boxes_of(*rows: tuple[ObjectClass, float, tuple[float, float, float, float]]) -> Boxes:
    return Boxes(
        np.array([row[2] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[0] for row in rows], np.uint8),
    )


def iou(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(float(w), 0) * max(float(h), 0)
    return shared / (float((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])) - shared)


RAW = np.zeros((8, 5), np.float32)
RAW[:4] = [[100, 100, 300, 300, 500], [50, 50, 60, 60, 70], [40, 40, 20, 20, 0], [20, 20, 10, 10, 10]]
RAW[4:] = [[0.9, 0.1, 0, 0.2, 0.9], [0.1, 0.8, 0, 0.3, 0], [0.95, 0, 0.99, 0, 0], [0, 0, 0, 0.31, 0]]
KINDS = {0: CAR, 1: MOTORCYCLE, 3: TRUCK}


def test_decoding_takes_the_best_listed_class_and_the_corners() -> None:
    found = decode(RAW, KINDS, score_min=0.3)
    assert found.kind.tolist() == [CAR, MOTORCYCLE, TRUCK]
    assert found.score.tolist() == pytest.approx([0.9, 0.8, 0.31])
    assert found.xyxy.tolist() == [[80, 40, 120, 60], [80, 40, 120, 60], [290, 55, 310, 65]]
    assert found.xyxy.dtype == np.float32


BOASTFUL_TRUCK = Calibration.of({CAR: (1.0, 1.0), TRUCK: (1.0, -1.0)})


@pytest.mark.parametrize(
    ("car", "truck", "kind", "score"),
    [
        pytest.param(0.4, 0.6, CAR, 0.4, id="a pickup that the truck's score boasts of"),
        pytest.param(0.1, 0.6, TRUCK, 0.6, id="surer than that: a truck"),
        pytest.param(0.2, 0.3, TRUCK, 0.3, id="the car is below the floor: nothing vanishes"),
    ],
)
def test_four_wheelers_are_told_apart_by_what_their_scores_mean(
    car: float, truck: float, kind: ObjectClass, score: float
) -> None:
    raw = np.array([[100], [50], [40], [20], [car], [0.05], [truck]], np.float32)
    found = decode(raw, {0: CAR, 1: PERSON, 2: TRUCK}, score_min=0.25, calibration=BOASTFUL_TRUCK)
    assert (found.kind.tolist(), found.score.tolist()) == ([kind], pytest.approx([score]))


def test_calibration_leaves_other_classes_to_their_scores() -> None:
    boastful = Calibration.of({PERSON: (1.0, -9.0), MOTORCYCLE: (1.0, 9.0)})
    raw = np.array([[100], [50], [40], [20], [0.5], [0.4]], np.float32)
    assert decode(raw, {0: PERSON, 1: MOTORCYCLE}, score_min=0.25, calibration=boastful).kind.tolist() == [PERSON]
    pair = boxes_of((BICYCLE, 0.6, (0, 0, 40, 90)), (MOTORCYCLE, 0.5, (1, 1, 41, 91)))
    assert suppress(pair, calibration=boastful).kind.tolist() == [BICYCLE]


def test_of_two_overlapping_four_wheelers_the_likelier_stays() -> None:
    pair = boxes_of((TRUCK, 0.6, (0, 0, 100, 100)), (CAR, 0.5, (2, 2, 102, 102)))
    assert suppress(pair).kind.tolist() == [TRUCK]
    kept = suppress(pair, calibration=BOASTFUL_TRUCK)
    assert (kept.kind.tolist(), kept.score.tolist()) == ([CAR], [0.5])


@pytest.mark.parametrize(
    ("score_min", "rows"),
    [(0.0, 4), (0.31, 3), (0.32, 2), (0.85, 1), (0.95, 0)],
)
def test_the_floor_counts_listed_classes_only_and_boxes_need_sides(score_min: float, rows: int) -> None:
    assert len(decode(RAW, KINDS, score_min=score_min).score) == rows


def test_candidates_are_bounded_to_the_best() -> None:
    raw = np.ones((5, 5000), np.float32)
    raw[4] = np.linspace(0, 1, 5000)
    assert decode(raw, {0: CAR}, score_min=0).score.min() > 0.39


SUPPRESSION = [
    pytest.param([(CAR, 0.9, (0, 0, 100, 100)), (CAR, 0.8, (5, 5, 105, 105))], [0], id="one car twice"),
    pytest.param([(CAR, 0.9, (0, 0, 100, 100)), (CAR, 0.8, (40, 0, 140, 100))], [0, 1], id="two cars in a queue"),
    pytest.param([(TRUCK, 0.6, (0, 0, 100, 100)), (CAR, 0.8, (2, 2, 102, 102))], [1], id="a truck also called a car"),
    pytest.param([(BUS, 0.6, (0, 0, 100, 100)), (TRUCK, 0.5, (0, 0, 95, 100))], [0], id="a bus also called a truck"),
    pytest.param([(TRUCK, 0.9, (0, 0, 100, 200)), (CAR, 0.8, (0, 80, 100, 200))], [0, 1], id="a car before a truck"),
    pytest.param([(BICYCLE, 0.3, (0, 0, 40, 90)), (MOTORCYCLE, 0.7, (1, 1, 41, 91))], [1], id="an electric bicycle"),
    pytest.param([(PERSON, 0.9, (0, 0, 40, 90)), (MOTORCYCLE, 0.7, (0, 0, 40, 90))], [0, 1], id="rider and machine"),
    pytest.param([(CAR, 0.9, (0, 0, 50, 50)), (MOTORCYCLE, 0.7, (0, 0, 50, 50))], [0, 1], id="not look-alikes"),
    pytest.param([], [], id="nothing"),
]


@pytest.mark.parametrize(("rows", "kept"), SUPPRESSION)
def test_one_thing_is_one_box(
    rows: list[tuple[ObjectClass, float, tuple[float, float, float, float]]], kept: list[int]
) -> None:
    found = suppress(boxes_of(*rows))
    assert sorted(found.score.tolist(), reverse=True) == found.score.tolist()
    assert {row[1] for row in np.array(rows, object)[kept]} == {round(float(s), 4) for s in found.score}


def test_the_number_of_boxes_is_bounded() -> None:
    rows = [(CAR, 0.5, (i * 20.0, 0.0, i * 20.0 + 10, 10.0)) for i in range(DETECTIONS_MAX + 50)]
    assert len(suppress(boxes_of(*rows)).score) == DETECTIONS_MAX


SIDE = st.floats(4, 60, width=32)
PLACE = st.floats(0, 80, width=32)
ROW = st.tuples(PLACE, PLACE, SIDE, SIDE, st.integers(1, 1000), st.sampled_from(list(ObjectClass)))


@given(st.lists(ROW, max_size=25, unique_by=lambda row: row[4]))
def test_suppression_equals_the_plain_greedy_loop(
    rows: list[tuple[float, float, float, float, int, ObjectClass]],
) -> None:
    boxes = boxes_of(*((kind, score / 1000, (x, y, x + w, y + h)) for x, y, w, h, score, kind in rows))
    survivors = plain(
        boxes, plain(boxes, range(len(rows)), boxes.kind, IOU_MAX), GROUP_OF_KIND[boxes.kind], IOU_MAX_ACROSS
    )
    assert suppress(boxes).score.tolist() == boxes.score[survivors].tolist()


def plain(boxes: Boxes, rows: "range | list[int]", group: NDArray[np.generic], iou_max: float) -> list[int]:
    kept: list[int] = []
    for row in sorted(rows, key=lambda row: -boxes.score[row]):
        if all(group[row] != group[k] or iou(boxes.xyxy[row], boxes.xyxy[k]) <= iou_max for k in kept):
            kept.append(row)
    return kept
