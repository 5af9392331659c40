"""What `phatnguoi detect` prints, with a tiny real network."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from detector.types import InferenceError
from pipelines.detect import detect_images
from tests.detector.inference.networks import BLUE, RED, colour_finder, painted, registry_toml


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    path = folder / "registry.toml"
    path.write_text(registry_toml(colour_finder(folder)))
    return path


def saved(path: Path, image: object) -> Path:
    ok, data = cv2.imencode(path.suffix, np.asarray(image))
    assert ok
    path.write_bytes(data.tobytes())
    return path


def test_one_row_a_picture_in_order_and_json(tmp_path: Path, registry: Path) -> None:
    red = painted((640, 384), (RED, (64, 32, 96, 64)))
    blue = painted((1280, 720), (BLUE, (640, 360, 1280, 720)))
    paths = [saved(tmp_path / "đường phố.png", red), saved(tmp_path / "b.jpg", blue), tmp_path / "đường phố.png"]
    rows = json.loads(json.dumps(detect_images(paths, registry=registry)))
    assert [row["image"] for row in rows] == [str(path) for path in paths]
    assert rows[0]["detections"] == [{"kind": "truck", "score": 1.0, "xyxy": [64.0, 32.0, 96.0, 64.0]}]
    assert rows[2]["detections"] == rows[0]["detections"]
    assert {found["kind"] for found in rows[1]["detections"]} == {"person"}
    assert all(0 <= side <= 1280 for found in rows[1]["detections"] for side in found["xyxy"])
    scores = [found["score"] for found in rows[1]["detections"]]
    assert scores == sorted(scores, reverse=True)


def test_unreadable_pictures_are_named_and_the_others_go_on(tmp_path: Path, registry: Path) -> None:
    good = saved(tmp_path / "good.png", painted((640, 384), (RED, (0, 0, 64, 64))))
    text, empty, cut = tmp_path / "text.jpg", tmp_path / "empty.jpg", tmp_path / "cut.png"
    text.write_text("not a picture")
    empty.touch()
    cut.write_bytes(good.read_bytes()[:40])
    rows = detect_images([text, good, empty, tmp_path / "none.jpg", tmp_path, cut], registry=registry)
    assert len(rows[1]["detections"]) == 4
    assert "error" not in rows[1]
    for row, message in (
        (rows[0], "text.jpg: not a picture (13 bytes)"),
        (rows[2], "empty.jpg: not a picture (0 bytes)"),
        (rows[3], "none.jpg: cannot read the picture (No such file"),
        (rows[4], "cannot read the picture (Is a directory)"),
        (rows[5], "cut.png: the picture is damaged or cut off (40 bytes)"),
    ):
        assert row["detections"] == []
        assert message in row["error"]


def test_a_turned_photo_is_read_upright(tmp_path: Path, registry: Path) -> None:
    exif = bytes.fromhex("4578696600004d4d002a00000008000101120003000000010006000000000000")
    plain = saved(tmp_path / "plain.jpg", painted((640, 320), (RED, (0, 0, 128, 128)))).read_bytes()
    turned = tmp_path / "turned.jpg"
    turned.write_bytes(plain[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + plain[2:])
    (row,) = detect_images([turned], registry=registry)
    boxes = np.array([found["xyxy"] for found in row["detections"]])
    # Orientation 6: the stored picture's left upper corner is shown at the right upper corner, 320 px wide.
    assert boxes[:, 0].min() >= 180
    assert boxes[:, 3].max() <= 140


def test_the_network_and_the_floor_can_be_chosen(tmp_path: Path, registry: Path) -> None:
    dim = saved(tmp_path / "dim.png", painted((640, 384), ((0, 0, 100), (0, 0, 64, 64))))
    assert detect_images([dim], registry=registry)[0]["detections"] == []
    (row,) = detect_images([dim], registry=registry, network="colours", score_min=0.3)
    assert len(row["detections"]) == 4
    with pytest.raises(InferenceError, match=r"no network 'other'.*\['colours'\]"):
        detect_images([dim], registry=registry, network="other")


def test_scores_are_told_as_probabilities_but_cut_as_they_came(tmp_path: Path, registry: Path) -> None:
    dim = saved(
        tmp_path / "dim.png", painted((640, 384), ((0, 0, 166), (0, 0, 64, 64)), ((255, 0, 0), (64, 64, 96, 96)))
    )
    calibrated = registry.with_name("calibrated.toml")
    table = "[networks.colours.calibration]\ntruck = [2.0, -3.0]\n[networks.colours.classes]"
    calibrated.write_text(registry.read_text().replace("[networks.colours.classes]", table))
    before, after = (detect_images([dim], registry=path)[0]["detections"] for path in (registry, calibrated))
    assert [found["xyxy"] for found in before] == [found["xyxy"] for found in after]
    assert {found["kind"]: found["score"] for found in before} == {"person": 1.0, "truck": 0.651}
    assert {found["kind"]: found["score"] for found in after} == {"person": 1.0, "truck": 0.1476}
