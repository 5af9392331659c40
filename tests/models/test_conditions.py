"""Imitated conditions: every picture is changed, the same way every time; tables say what was found."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

from models.recipes.conditions import CONDITIONS, by_condition, condition_table, degraded
from models.recipes.evaluate import Truth
from models.recipes.network import Boxes, Image

CAR = np.array([[3, 20, 20, 60, 50]], np.float32)
NONE = CAR[:0]


def street(seed: int) -> Truth:
    image = np.random.default_rng(seed).integers(60, 200, (96, 128, 3), np.uint8)
    return Truth(image, CAR, NONE, NONE)


@pytest.mark.parametrize("name", [name for name, change in CONDITIONS.items() if change])
def test_a_condition_changes_every_picture_alike_for_all_networks(name: str) -> None:
    truths = [street(0), street(1)]
    once, again = (list(degraded(truths, CONDITIONS[name])) for _ in range(2))
    for before, one, other in zip(truths, once, again, strict=True):
        assert one.image.shape == before.image.shape
        assert np.abs(one.image.astype(int) - before.image).mean() > 0.5
        assert np.array_equal(one.image, other.image)
        assert one.boxes is before.boxes


def bright_only(image: Image) -> Boxes:
    """Finds the car while the picture is about as bright as it was recorded."""
    return np.array([[20, 20, 60, 50, 0.9, 3]], np.float32)[: int(image.mean() > 110)]


def test_figures_stand_under_their_condition() -> None:
    truths = [street(seed) for seed in range(3)]
    figures = by_condition(truths, {"bright only": bright_only})
    assert list(figures) == list(CONDITIONS)
    assert figures["as recorded"]["bright only"]["car"]["recall"] == 1.0
    assert figures["night"]["bright only"].get("car", {"recall": 0.0})["recall"] == 0.0
    rows = condition_table("Conditions", figures).splitlines()
    assert rows[2] == "| condition | network | motorcycle | car | bus | truck | recall at 0.25 |"
    assert rows[4] == "| as recorded | bright only | none | 0.995 | none | none | 3 of 3 |"
