"""What `phatnguoi plate` prints, with the networks that ship."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from detector.inference.plates import open_plate_eyes
from detector.inference.registry import default_registry_path, load_registry
from detector.types import InferenceError
from pipelines.plates import plate_images
from tests.pipelines.plates import ONE_ROW, TWO_ROWS, Image, plate_picture, vehicle_picture


def saved(path: Path, image: Image) -> Path:
    assert cv2.imwrite(str(path), image)
    return path


@pytest.mark.parametrize(
    ("picture", "text", "rows", "colour"),
    [
        pytest.param(plate_picture(TWO_ROWS, 150), "29E112345", 2, "white", id="two rows"),
        pytest.param(plate_picture(ONE_ROW, 220), "30K12345", 1, "yellow", id="one row"),
        pytest.param(plate_picture(TWO_ROWS, 700), "29E112345", 2, "white", id="large"),
        pytest.param(plate_picture(TWO_ROWS, 150, margin=0.5), "29E112345", 2, "white", id="two rows, cut loosely"),
        pytest.param(plate_picture(ONE_ROW, 220, margin=0.3), "30K12345", 1, "yellow", id="one row, cut loosely"),
    ],
)
def test_the_crop_of_a_plate(tmp_path: Path, picture: Image, text: str, rows: int, colour: str) -> None:
    path = saved(tmp_path / "biển số.png", picture)
    (row,) = json.loads(json.dumps(plate_images([path], registry=default_registry_path())))
    (plate,) = row["plates"]
    assert set(plate) >= {"text", "confidence", "rows", "xyxy", "valid"}
    assert (row["image"], plate["text"], plate["rows"], plate["valid"]) == (str(path), text, rows, True)
    assert plate["colour"] == colour
    assert 0.5 < plate["confidence"] <= 1
    assert plate["candidates"][0] == {"text": text, "confidence": plate["confidence"]}


def test_the_plate_of_a_vehicle_is_found_where_it_is(tmp_path: Path) -> None:
    path = saved(tmp_path / "xe.jpg", vehicle_picture(TWO_ROWS, (300, 420), 90))
    (row,) = plate_images([path], registry=default_registry_path())
    (plate,) = row["plates"]
    x1, y1, x2, y2 = plate["xyxy"]
    assert plate["text"] == "29E112345"
    assert (x1, x2) == pytest.approx((105, 195), abs=12)
    assert y2 == pytest.approx(315, abs=12)
    assert y1 < y2


def test_no_plate_and_no_picture(tmp_path: Path) -> None:
    grey = saved(tmp_path / "grey.png", np.full((200, 300, 3), 128, np.uint8))
    (tmp_path / "text.jpg").write_text("not a picture")
    rows = plate_images([grey, tmp_path / "text.jpg", tmp_path / "none.png"], registry=default_registry_path())
    assert [row["plates"] for row in rows] == [[], [], []]
    assert "error" not in rows[0]
    assert "text.jpg: not a picture" in rows[1]["error"]
    assert "none.png: cannot read the picture" in rows[2]["error"]


def test_one_pixel_is_no_plate(tmp_path: Path) -> None:
    (row,) = plate_images(
        [saved(tmp_path / "dot.png", np.zeros((1, 1, 3), np.uint8))], registry=default_registry_path()
    )
    assert row["plates"] == []


def test_a_registry_without_plate_networks_is_refused(tmp_path: Path) -> None:
    registry = tmp_path / "registry.toml"
    registry.write_text("version = 1\n[networks]\n")
    with pytest.raises(InferenceError, match="names no networks for `plate` and `character`"):
        plate_images([], registry=registry)


def test_a_plate_too_small_for_one_look_at_a_lorry_is_found_from_near() -> None:
    eyes = open_plate_eyes(load_registry(default_registry_path()))
    assert eyes is not None
    picture = vehicle_picture(TWO_ROWS, (1100, 1000), 56)
    (plate,) = [plate for plate in eyes.look(picture) if plate.reading.sure(0.5)]
    assert plate.reading.text == "29E112345"
    left, _, right, bottom = plate.xyxy
    assert (left + right) / 2 == pytest.approx(550, abs=12)
    assert bottom == pytest.approx(750, abs=12)
