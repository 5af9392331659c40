"""Fits of single pictures: found per class, judged camera by camera, entered beside a single look's."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

from models.recipes.calibrate import Scored, entered
from models.recipes.evaluate import Truth
from models.recipes.stills import across_cameras, boxes_of, fits, judged_boxes
from tests.detector.inference.networks import RED, colour_finder, entry, painted

TRUCK = 5
STILLS = {"long_sides_px": [640], "look_score_min": 0.3, "score_min": 0.05}


def test_boxes_of_pictures_are_judged_against_what_was_drawn(tmp_path: Path) -> None:
    network = entry(colour_finder(tmp_path), stride_px=40, stills=STILLS)
    image = painted((640, 360), (RED, (0, 0, 32, 32)), (RED, (320, 192, 352, 224)))
    drawn = np.array([[TRUCK, 0, 0, 32, 32]], np.float32)
    truth = Truth(image, drawn, drawn[:0], drawn[:0])
    boxes = judged_boxes(boxes_of(network, [truth]), [truth], ["a"])
    assert sorted(boxes.right.tolist()) == [False, True]
    assert boxes.kind.tolist() == [TRUCK, TRUCK]


def test_fits_of_the_other_cameras_mend_scores_that_promise_too_little() -> None:
    chance = np.random.default_rng(5)
    odds = chance.normal(0, 2, 6000)
    right = chance.random(6000) < 1 / (1 + np.exp(-(1.5 * odds + 1)))
    boxes = Scored(odds, np.full(6000, TRUCK), right, np.repeat(["a", "b", "c"], 2000))
    told = across_cameras(boxes, [TRUCK])
    assert told["before"] > 0.08
    assert told["error"] < 0.03
    assert fits(boxes, [TRUCK])[TRUCK] == pytest.approx((1.5, 1.0), abs=0.15)


def test_the_fits_stand_beside_those_of_a_single_look() -> None:
    text = (
        "[networks.a.calibration]\ntruck = [1.0, 0.5]\n\n[networks.a.stills]\nscore_min = 0.05\n\n"
        '[networks.a.classes]\n5 = "truck"\n'
    )
    for shift in (0.1, 0.2):
        text = entered(text, "a", {"truck": [2.0, shift]}, table="stills.calibration")
    network = tomllib.loads(text)["networks"]["a"]
    assert network["calibration"] == {"truck": [1.0, 0.5]}
    assert network["stills"] == {"score_min": 0.05, "calibration": {"truck": [2.0, 0.2]}}
