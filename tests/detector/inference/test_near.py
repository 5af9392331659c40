"""A look from near clears bicycles, and nobody whom it has hardly seen."""

from typing import Any

import numpy as np
import pytest

from detector.inference import load_registry
from detector.inference.near import NearEyes, _around, is_cleared, open_near_eyes
from detector.inference.registry import Network, default_registry_path
from detector.types import InferenceError, ObjectClass

BICYCLE, MOTORCYCLE = ObjectClass.BICYCLE, ObjectClass.MOTORCYCLE


@pytest.mark.parametrize(
    ("label", "looks", "cleared"),
    [
        ("no look", [], False),
        ("a motorcycle", [(0.02, 0.9)] * 3, False),
        ("one look at a bicycle", [(0.8, 0.1)], False),
        ("two looks at a bicycle", [(0.8, 0.1)] * 2, True),
        ("a bicycle that one look mistakes", [(0.9, 0.05), (0.9, 0.05), (0.3, 0.5)], True),
        ("a motorcycle that one look mistakes", [(0.02, 0.9), (0.02, 0.9), (0.6, 0.4)], False),
        ("neither", [(0.0, 0.0)] * 3, False),
        ("both alike", [(0.5, 0.5)] * 3, True),
        ("a motorcycle, seen twice", [(0.25, 0.98)] * 2, False),
        ("a motorcycle, seen twice, and a look that shows nobody", [(0.25, 0.98)] * 2 + [(0.0, 0.0)], False),
        ("one look at a bicycle and one that shows nobody", [(0.8, 0.1), (0.0, 0.0)], False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_looks_say_together(label: str, looks: list[tuple[float, float]], cleared: bool) -> None:
    assert is_cleared([{BICYCLE: bicycle, MOTORCYCLE: motorcycle} for bicycle, motorcycle in looks], 0.1) is cleared, (
        label
    )


@pytest.mark.parametrize(
    ("label", "box"),
    [
        ("within", (40.0, 30.0, 50.0, 50.0)),
        ("over the left edge", (-8.0, 30.0, 12.0, 60.0)),
        ("over the lower right corner", (90.0, 70.0, 110.0, 90.0)),
        ("outside", (300.0, 300.0, 320.0, 330.0)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_cut_holds_the_box_wherever_it_lies(label: str, box: tuple[float, float, float, float]) -> None:
    picture = np.zeros((80, 100, 3), np.uint8)
    picture[30:50, 40:50] = 255
    crop, inner = _around(picture, box)
    assert crop.shape[0] == crop.shape[1] == round(3 * max(box[2] - box[0], box[3] - box[1]))
    assert inner[2] - inner[0] == box[2] - box[0]
    if label == "within":
        x1, y1, x2, y2 = inner.astype(int)
        assert crop[y1:y2, x1:x2].min() == 255
        assert crop.sum() == picture.sum()


def test_an_empty_road_scores_nobody() -> None:
    eyes = open_near_eyes(load_registry(default_registry_path()))
    assert eyes is not None
    scores = eyes.scores(np.full((240, 320, 3), 110, np.uint8), (100.0, 80.0, 140.0, 160.0))
    assert set(scores) == set(ObjectClass) - {ObjectClass.STALL, ObjectClass.OBJECT}
    assert max(scores.values()) < 0.1


@pytest.mark.parametrize(
    ("label", "fields", "message"),
    [
        ("no input size", {"input_wh": None}, "input_wh"),
        ("no bicycle", {"classes": {2: "motorcycle"}}, r"classes lack \['bicycle'\]"),
        ("neither", {"classes": {2: "car"}}, r"classes lack \['bicycle', 'motorcycle'\]"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_network_that_cannot_tell_is_refused(label: str, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InferenceError, match=message):
        NearEyes(shipped(**fields))


def test_a_class_beyond_the_output_is_named() -> None:
    eyes = NearEyes(shipped(classes={1: "bicycle", 90: "motorcycle"}))
    with pytest.raises(InferenceError, match=r"near-n: expected output \(1, 95 or more, anchors\), got shape \(1, "):
        eyes.scores(np.zeros((240, 320, 3), np.uint8), (100.0, 80.0, 140.0, 160.0))


def test_the_registry_says_from_which_score_a_look_counts() -> None:
    assert NearEyes(shipped(score_min=0.3)).score_min == 0.3
    looks = [{BICYCLE: 0.2, MOTORCYCLE: 0.1}] * 3
    assert is_cleared(looks, 0.1) and not is_cleared(looks, 0.3)


def shipped(**fields: Any) -> Network:
    network = load_registry(default_registry_path()).default("near")
    assert network is not None
    return network.model_copy(update=fields)
