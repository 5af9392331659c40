"""Contact sheets: what is wrong and what is missed, in order, numbered, and written."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

from models.recipes.errors import TILE_PX, listed, mistakes_of, write_sheets
from models.recipes.network import Boxes, Image

CAR = 3
ROWS = [[CAR, 0.1, 0.1, 0.3, 0.3], [CAR, 0.6, 0.6, 0.9, 0.9], [5, 0.4, 0.4, 0.5, 0.5]]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    picture = tmp_path / "a.png"
    cv2.imwrite(str(picture), np.full((100, 200, 3), 90, np.uint8))
    entry = {"image": str(picture), "size_wh": [200, 100], "clip": "a", "drawn": 3, "boxes": ROWS, "unsure": []}
    path = tmp_path / "test.jsonl"
    path.write_text(json.dumps(entry) + "\n")
    return path


def one_right_two_wrong(_: Image) -> Boxes:
    """The first car, a car where the truck is, a car where nothing is, and one too unsure to count."""
    rows = [[20, 10, 60, 30, 0.9, CAR], [80, 40, 100, 50, 0.4, CAR], [0, 80, 20, 99, 0.6, CAR], [0, 0, 9, 9, 0.1, CAR]]
    return np.array(rows, np.float32)


def test_false_boxes_come_surest_first_and_missed_ones_largest_first(labels: Path, tmp_path: Path) -> None:
    found = mistakes_of(one_right_two_wrong, labels, CAR)
    false, missed = listed(found["false"]), listed(found["missed"])
    assert [(one["tile"], one["value"]) for one in false] == [(0, 0.6), (1, 0.4)]
    assert [one["xyxy"] for one in missed] == [pytest.approx([120, 60, 180, 90])]
    write_sheets(found["false"], tmp_path, "car-false")
    sheet = cv2.imread(str(tmp_path / "car-false-0.png"))
    assert sheet.shape == (TILE_PX, 6 * TILE_PX, 3)
    assert (sheet[:, : 2 * TILE_PX] == (0, 0, 255)).all(axis=2).any(), "the error is red"


def test_a_network_without_mistakes_leaves_no_sheet(labels: Path, tmp_path: Path) -> None:
    write_sheets([], tmp_path, "bus-false")
    assert not list(tmp_path.glob("bus-*"))
    assert mistakes_of(one_right_two_wrong, labels, 4) == {"false": [], "missed": []}
