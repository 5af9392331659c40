"""The scorer of the load network: intervals, coverage, false accusations, calibration."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")

from models.recipes.load.data import STATES, Sample
from models.recipes.load.evaluate import Reading, answer_rows, coverage_rows, reliability, wilson


def reading(label: str, best: str, score: float) -> Reading:
    scores = np.full(5, (1 - score) / 4, np.float32)
    scores[STATES.index(best)] = score
    return Reading(Sample(path=Path("x.jpg"), source="s", label=label, truck=label, held_out=True), scores)


@pytest.mark.parametrize(
    ("right", "count", "interval"),
    [(0, 0, (0.0, 1.0)), (0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0)), (9, 10, (0.5958, 0.9821))],
)
def test_wilson_intervals_are_those_of_the_textbook(right: int, count: int, interval: tuple[float, float]) -> None:
    assert wilson(right, count) == pytest.approx(interval, abs=1e-3)


def test_abstaining_lowers_coverage_and_not_accuracy_and_goods_do_not_count() -> None:
    readings = [
        reading("covered", "covered", 0.95),
        reading("covered", "uncovered_load", 0.78),
        reading("uncovered_load", "uncovered_load", 0.85),
        reading("closed_body", "cannot_tell", 0.9),
        reading("goods", "uncovered_load", 0.99),
    ]
    first, *_, last = coverage_rows(readings)
    assert first.startswith("| 0.00 | 0.750 ")
    assert "0.667 (" in first
    assert "1/3) |" in first
    assert first.endswith("1/1) |")
    assert last.startswith("| 0.90 | 0.250 ")
    assert "0/3) |" in last
    assert last.endswith("0/1) |")


def test_an_uncovered_load_below_the_score_of_the_rule_is_no_answer() -> None:
    (row, *_) = coverage_rows([reading("covered", "uncovered_load", 0.55), reading("covered", "covered", 0.5)])
    assert row.startswith("| 0.00 | 0.500 ")
    assert "0/2) |" in row


def test_every_source_and_label_has_its_answers_counted() -> None:
    rows = answer_rows([reading("goods", "covered", 0.4), reading("goods", "covered", 0.8)], 0.5)
    assert rows == ["| s | goods | 2 | 1 | 0 | 1 | 0 | 0 | 1 |"]


def test_calibration_error_is_the_gap_between_score_and_truth() -> None:
    right, wrong = reading("covered", "covered", 0.85), reading("empty", "covered", 0.85)
    error, plot = reliability([right, right, right, wrong])
    assert error == pytest.approx(0.10, abs=1e-6)
    assert plot == ["0.8-0.9 " + "#" * 22 + " " * 8 + "| right 0.75, score 0.85, n 4"]
