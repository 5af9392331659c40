"""The scorer itself: what counts as right, what is left out, and figures whose value is known beforehand."""

import numpy as np
import pytest

pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

from models.recipes.evaluate import Truth, calibration_error, judged, matches, measure, product_boxes, small_recall

NONE = np.zeros((0, 5), np.float32)
IMAGE = np.zeros((100, 100, 3), np.uint8)


def truth(*rows: tuple[float, ...], unsure: tuple[tuple[float, ...], ...] = ()) -> Truth:
    regions = np.array(unsure, np.float32).reshape(-1, 5)
    return Truth(IMAGE, np.array(rows, np.float32).reshape(-1, 5), regions, regions[regions[:, 0] > 1])


def found(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 6)


@pytest.mark.parametrize(
    ("boxes", "right"),
    [
        pytest.param(found((10, 10, 30, 30, 0.9, 3)), [True], id="same place, same class"),
        pytest.param(found((10, 10, 30, 30, 0.9, 5)), [False], id="same place, other class"),
        pytest.param(found((25, 10, 45, 30, 0.9, 3)), [False], id="too little overlap"),
        pytest.param(found((10, 10, 30, 30, 0.9, 3), (11, 10, 31, 30, 0.8, 3)), [True, False], id="seen twice"),
    ],
)
def test_one_box_to_one_truth(boxes: np.ndarray, right: list[bool]) -> None:
    assert matches(boxes, truth((3, 10, 10, 30, 30)))[:, 0].tolist() == right


def test_boxes_in_an_unsure_region_of_their_class_are_left_out() -> None:
    case = truth(unsure=((0, 0, 0, 50, 50),))
    boxes = found((10, 10, 30, 30, 0.9, 0), (10, 10, 30, 30, 0.9, 1), (60, 60, 80, 80, 0.9, 0))
    assert judged(boxes, matches(boxes, case), case.unsure).tolist() == [False, True, True]


def test_a_vehicle_nobody_drew_counts_against_a_network_only_in_the_strict_figure() -> None:
    truths = [truth((3, 10, 10, 30, 30), unsure=((5, 60, 60, 90, 90),)) for _ in range(4)]
    boxes = [found((62, 62, 88, 88, 0.95, 3), (10, 10, 30, 30, 0.9, 3)) for _ in truths]
    figures = measure(boxes, [Truth(case.image, case.boxes, NONE, case.undrawn) for case in truths])
    assert figures["car"]["ap50"] < 0.8
    assert figures["car"]["ap50_drawn"] > 0.98


def test_a_perfect_network_scores_one_and_a_blind_one_nothing() -> None:
    truths = [truth((3, 10, 10, 30, 30), (2, 50, 50, 60, 70)) for _ in range(4)]
    perfect = [found((10, 10, 30, 30, 0.9, 3), (50, 50, 60, 70, 0.8, 2)) for _ in truths]
    wrong = [found((70, 70, 90, 90, 0.9, 3)) for _ in truths]
    for boxes, expected in ((perfect, 1.0), (wrong, 0.0)):
        figures = measure(boxes, truths)
        assert figures["vehicles_map50"] == pytest.approx(expected, abs=0.01)
        assert figures["car"]["recall"] == expected
        assert figures["car"]["boxes"] == 4


def test_small_motorcycles_are_counted_by_area() -> None:
    truths = [truth((2, 0, 0, 20, 20), (2, 50, 50, 90, 95))]
    boxes = [found((0, 0, 20, 20, 0.3, 2), (50, 50, 90, 95, 0.1, 2))]
    assert small_recall(boxes, truths) == (1.0, 1)


@pytest.mark.parametrize(
    ("class_count", "own", "expected"),
    [(80, [2, 3, 16], [3, 2]), (6, [0, 5], [0, 5]), (4, [0, 1, 2, 3], [4, 3, 2, 5])],
    ids=["COCO", "our own", "vn_streets"],
)
def test_every_network_speaks_of_our_classes(class_count: int, own: list[int], expected: list[int]) -> None:
    boxes = found(*((0, 0, 9, 9, 0.5, kind) for kind in own))
    assert product_boxes(boxes, class_count)[:, 5].tolist() == expected


def test_calibration_error_is_the_gap_between_score_and_truth() -> None:
    scores = np.full(100, 0.75)
    assert calibration_error(scores, np.arange(100) < 75) == pytest.approx(0.0)
    assert calibration_error(scores, np.arange(100) < 25) == pytest.approx(0.5)
