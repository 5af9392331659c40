"""Who gets a box: riders belong to their motorcycle, parked motorcycles are found, doubt is written down as doubt."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

from models.recipes.label import Labels, add_parked, add_people, record, source_labels

MOTORCYCLE_BOX = (100.0, 100.0, 140.0, 200.0)


def seen(kind: int, score: float, box: tuple[float, float, float, float]) -> np.ndarray:
    return np.array([[*box, score, kind]], np.float32)


@pytest.mark.parametrize(
    ("kind", "score", "box", "sure", "unsure"),
    [
        pytest.param(0, 0.9, (105, 100, 135, 170), 0, 0, id="a rider is part of the motorcycle"),
        pytest.param(0, 0.9, (300, 100, 340, 200), 1, 0, id="a person alone is a person"),
        pytest.param(0, 0.3, (300, 100, 340, 200), 0, 1, id="a vague person is doubt"),
        pytest.param(0, 0.05, (300, 100, 340, 200), 0, 0, id="a ghost is nothing"),
        pytest.param(0, 0.9, (125, 100, 165, 200), 0, 1, id="somebody half behind a motorcycle is doubt"),
        pytest.param(1, 0.9, (100, 130, 140, 200), 0, 0, id="a motorcycle taken for a bicycle"),
    ],
)
def test_people(kind: int, score: float, box: tuple[float, float, float, float], sure: int, unsure: int) -> None:
    labels = Labels(boxes=[[2, *MOTORCYCLE_BOX]], drawn=1)
    add_people(labels, seen(kind, score, box))
    assert (len(labels.boxes) - 1, len(labels.unsure)) == (sure, unsure)


@pytest.mark.parametrize(
    ("kind", "score", "box", "sure", "unsure"),
    [
        pytest.param(2, 0.8, (300, 100, 340, 150), 1, 0, id="a parked motorcycle nobody drew"),
        pytest.param(2, 0.8, (101, 130, 139, 200), 0, 0, id="the machine under a drawn rider"),
        pytest.param(2, 0.2, (300, 100, 340, 150), 0, 1, id="a vague motorcycle"),
        pytest.param(3, 0.9, (300, 100, 400, 150), 0, 1, id="a car nobody drew is doubt, however clear"),
    ],
)
def test_parked(kind: int, score: float, box: tuple[float, float, float, float], sure: int, unsure: int) -> None:
    labels = Labels(boxes=[[2, *MOTORCYCLE_BOX]], drawn=1)
    add_parked(labels, seen(kind, score, box))
    assert (len(labels.boxes) - 1, len(labels.unsure)) == (sure, unsure)


def test_drawn_boxes_come_back_in_the_true_shape_of_the_frame(tmp_path: Path) -> None:
    path = tmp_path / "0bc77f.txt"
    path.write_text("2 0.5 0.5 0.1 0.2\n0 0.25 0.5 0.5 1.2\n")
    labels = source_labels(path, ["bus", "car", "motorbike", "truck"])
    line = json.loads(record(tmp_path / "0bc77f.jpg", (1138, 640), labels))
    assert labels.boxes[0] == pytest.approx([2, 512.1, 256, 625.9, 384])
    assert line["drawn"] == 2
    assert line["clip"] == "0bc77f"
    assert line["boxes"][0] == pytest.approx([2, 0.45, 0.4, 0.55, 0.6], abs=1e-4)
    assert line["boxes"][1] == pytest.approx([4, 0, 0, 0.5, 1], abs=1e-4)
