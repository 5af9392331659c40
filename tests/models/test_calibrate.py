"""Calibration: fits find what was put in, judge cameras by other cameras, and stand in the registry once."""

import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

import torch

from models.recipes.calibrate import HeldOut, Scored, entered, fitted, measured, report
from models.recipes.evaluate import Truth
from models.recipes.network import build_network, raw_floats
from models.recipes.reliability import plot
from models.recipes.shift import fold
from tests.detector.inference.networks import colour_finder, entry, painted

COUNT = 4000
DIM_RED = (0, 0, 102)
"""A cell that the colour finder calls a truck with a score of 0.4."""
TRUCK = 5


def drawn(slope: float, shift: float) -> Scored:
    """Boxes of one camera that are right as often as slope and shift say."""
    chance = np.random.default_rng(COUNT)
    odds = chance.normal(0, 2, COUNT)
    right = chance.random(COUNT) < 1 / (1 + np.exp(-(slope * odds + shift)))
    return Scored(odds, np.full(COUNT, 3), right, np.full(COUNT, "a"))


@pytest.mark.parametrize(("slope", "shift"), [(1.0, 0.0), (2.0, 1.0), (0.5, -1.0)])
def test_a_fit_finds_slope_and_shift(slope: float, shift: float) -> None:
    boxes = drawn(slope, shift)
    assert fitted(boxes.odds, boxes.right) == pytest.approx((slope, shift), abs=0.15)


def test_a_class_without_boxes_stays_as_it_is() -> None:
    assert fitted(np.zeros(0), np.zeros(0, bool)) == (1.0, 0.0)


def test_the_report_counts_what_a_tracker_sees() -> None:
    boxes = drawn(1.0, 0.0)
    told = report(1 / (1 + np.exp(-boxes.odds)), boxes)
    assert told["boxes"] == int((boxes.odds >= np.log(1 / 9)).sum()) == told["parts"]["car"]["boxes"]
    assert told["error"] < 0.03
    assert told["parts"]["camera a"]["error"] == told["error"]


def street(camera: str, honest: bool) -> list[tuple[Truth, str]]:
    """Eight pictures of a camera, four dim red cells in each: trucks, or paint that nobody calls a truck."""
    cells = [(x, y, x + 32, y + 32) for x, y in ((64, 32), (192, 96), (320, 160), (448, 224))]
    boxes = np.array([[TRUCK, *cell] for cell in cells if honest], np.float32).reshape(-1, 5)
    image = painted((640, 384), *((DIM_RED, cell) for cell in cells))
    return [(Truth(image, boxes, boxes[:0], boxes[:0]), camera)] * 8


def test_every_camera_is_judged_by_fits_to_the_others(tmp_path: Path) -> None:
    network = entry(colour_finder(tmp_path))
    pictures = [*street("a", honest=True), *street("b", honest=True), *street("c", honest=False)]
    shown = HeldOut(network, network.files[0], [truth for truth, _ in pictures], [camera for _, camera in pictures])
    assert network.calibrated.fits[TRUCK] == (1.0, 0.0), "asked before: it must not stick to the fits tried"
    told, scores, boxes = shown.across_cameras
    assert [len(found) for found in boxes] == [4] * len(pictures)
    by_camera = {camera: scores[told.camera == camera].mean() for camera in "abc"}
    assert by_camera["c"] > 0.8, "where a and b are all right, c is believed"
    assert by_camera["a"] == pytest.approx(by_camera["b"])
    assert 0.4 < by_camera["a"] < 0.6, "one honest and one lying camera"
    result = measured(shown)
    assert result["raw"]["boxes"] == 96
    assert result["raw"]["error"] == pytest.approx(2 / 3 - 0.4, abs=0.01)
    assert sorted(result["fits"]) == ["bus", "car", "motorcycle", "truck"]


REGISTRY = """version = 1

[networks.a]
task = "detect"

[networks.a.classes]
5 = "truck"

[[networks.a.files]]
path = "a.xml"

[networks.b.classes]
5 = "truck"
"""


def test_fits_stand_in_the_registry_once_and_the_rest_stays() -> None:
    text = REGISTRY
    for shift in (0.5, -0.5):
        text = entered(text, "a", {"truck": [2.0, shift]})
    content = tomllib.loads(text)
    assert content["networks"]["a"].pop("calibration") == {"truck": [2.0, -0.5]}
    assert content == tomllib.loads(REGISTRY)
    with pytest.raises(ValueError, match=r"no \[networks\.c\.classes\]"):
        entered(text, "c", {})


def test_a_shift_is_folded_into_the_network_exactly() -> None:
    torch.manual_seed(3)
    network, images = build_network().train(), torch.randint(0, 255, (1, 3, 64, 96), dtype=torch.uint8)
    with torch.no_grad():
        before = raw_floats(network, images)["scores"]
        fold(network, {1: 0.5})
        after = raw_floats(network, images)["scores"]
    assert torch.allclose(after[:, 1], before[:, 1] + 0.5, atol=0.1)
    assert torch.equal(after[:, [0, 2, 3, 4, 5]], before[:, [0, 2, 3, 4, 5]])


def test_the_plot_is_a_picture_with_a_dot_for_every_bin() -> None:
    bins = [{"n": 9.0, "score": 0.25, "right": 0.5}, {"n": 4.0, "score": 0.75, "right": 1.0}]
    root = ET.fromstring(plot({"as it is": bins, "fitted": bins[:1]}))
    assert root.tag.endswith("svg")
    assert sum(mark.tag.endswith("circle") for mark in root) == 3
