"""Calibration: fits find what was put in, judge cameras by other cameras, and are folded in exactly."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

import torch

from models.recipes.calibrate import Scored, across_cameras, fitted, fold, plot, report
from models.recipes.network import build_network, raw_floats

COUNT = 4000


def drawn(slope: float, shift: float, camera: str, kind: int = 3) -> Scored:
    """Boxes of one camera that are right as often as slope and shift say."""
    chance = np.random.default_rng(COUNT)
    odds = chance.normal(0, 2, COUNT)
    right = chance.random(COUNT) < 1 / (1 + np.exp(-(slope * odds + shift)))
    return Scored(odds, np.full(COUNT, kind), right, np.full(COUNT, camera))


@pytest.mark.parametrize(("slope", "shift"), [(1.0, 0.0), (2.0, 1.0), (0.5, -1.0)])
def test_a_fit_finds_slope_and_shift(slope: float, shift: float) -> None:
    boxes = drawn(slope, shift, "a")
    assert fitted(boxes.odds, boxes.right) == pytest.approx((slope, shift), abs=0.15)


def test_a_class_without_boxes_stays_as_it_is() -> None:
    assert fitted(np.zeros(0), np.zeros(0, bool)) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("other", "calm"), [((2.0, 1.0), True), ((0.4, -2.0), False)], ids=["cameras alike", "another camera misleads"]
)
def test_each_camera_is_judged_by_a_fit_to_the_others(other: tuple[float, float], calm: bool) -> None:
    parts = drawn(2.0, 1.0, "a"), drawn(*other, "b")
    boxes = Scored(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    own = boxes.camera == "a"
    error = report(across_cameras(boxes)[own], boxes.rows(own))["error"]
    assert (error < 0.04) == calm


def test_a_fit_is_folded_into_the_network_exactly() -> None:
    torch.manual_seed(3)
    network, images = build_network().train(), torch.randint(0, 255, (1, 3, 64, 96), dtype=torch.uint8)
    with torch.no_grad():
        before = raw_floats(network, images)["scores"]
        fold(network, {1: (2.0, 0.5)})
        after = raw_floats(network, images)["scores"]
    assert torch.allclose(after[:, 1], 2.0 * before[:, 1] + 0.5, atol=0.1)
    assert torch.equal(after[:, [0, 2, 3, 4, 5]], before[:, [0, 2, 3, 4, 5]])


def test_the_plot_is_a_picture_with_a_dot_for_every_bin() -> None:
    bins = [{"n": 9.0, "score": 0.25, "right": 0.5}, {"n": 4.0, "score": 0.75, "right": 1.0}]
    root = ET.fromstring(plot({"as it is": bins, "fitted": bins[:1]}))
    assert root.tag.endswith("svg")
    assert sum(mark.tag.endswith("circle") for mark in root) == 3
