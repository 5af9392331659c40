"""Intervals: Wilson's by known values, the bootstrap's around the figure and narrower with more frames."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

from models.recipes.evaluate import Truth
from models.recipes.intervals import ap50_intervals, interval_table, wilson
from models.recipes.network import Boxes

CAR = 3
TRUE = np.array([[CAR, 10, 10, 50, 40]], np.float32)
IMAGE = np.zeros((60, 80, 3), np.uint8)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (5, 10, 0.237, 0.763), (90, 100, 0.826, 0.945)],
)
def test_wilson_intervals_of_known_counts(hits: int, total: int, low: float, high: float) -> None:
    assert wilson(hits, total) == pytest.approx((low, high), abs=1e-3)


def frames(count: int) -> tuple[list[Boxes], list[Truth]]:
    """Every second car is found, nothing else."""
    seen = np.array([[10, 10, 50, 40, 0.9, CAR]], np.float32)
    found = [seen if number % 2 == 0 else seen[:0] for number in range(count)]
    return found, [Truth(IMAGE, TRUE, TRUE[:0], TRUE[:0])] * count


def test_more_frames_make_the_interval_narrower() -> None:
    spans = [ap50_intervals(*frames(count), rounds=100)[CAR] for count in (10, 160)]
    assert all(low < 0.55 < high + 0.1 for low, high in spans)
    assert spans[1][1] - spans[1][0] < 0.5 * (spans[0][1] - spans[0][0])


def test_the_table_tells_counts_and_intervals_of_classes_that_are_there() -> None:
    found, truths = frames(10)
    rows = interval_table("How sure", {"raw": found}, truths).splitlines()
    assert len(rows) == 5
    assert rows[4].startswith("| car | raw | ")
    assert rows[4].endswith("| 5 of 10 | 0.237 to 0.763 |")
