"""Cards get their figures from measurements, and keep what was written by hand."""

import pytest

pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

from models.recipes.card import BEGIN, END, calibration_table, table, with_tables

CAR = {
    "images": 3,
    "boxes": 9,
    "ap50": 0.9,
    "ap50_drawn": 0.91,
    "ap50_95": 0.6,
    "precision": 0.8,
    "recall": 0.7,
}
FIGURES = {
    "car": CAR,
    "vehicles_map50": 0.9,
    "small_motorcycles": {"boxes": 4, "recall": 0.5},
    "vehicles_calibration_error": 0.04,
}


def test_a_table_names_class_network_counts_and_figures() -> None:
    text = table("Held-out", {"images": 3, "networks": {"weights/int8/street-n.xml": FIGURES}})
    assert "### Held-out (3 images)" in text
    assert "| car | int8/street-n.xml | 3 | 9 | 0.900 | 0.910 | 0.600 | 0.800 | 0.700 |" in text
    assert "recall of the 4 motorcycles under 32 x 32 px 0.500" in text


def test_calibration_is_told_with_counts_before_and_after() -> None:
    raw = {"boxes": 20, "error": 0.15, "parts": {"car": {"boxes": 12, "error": 0.2}}}
    told = {"boxes": 19, "error": 0.03, "parts": {"car": {"boxes": 11, "error": 0.04}}}
    rows = calibration_table({"raw": raw, "calibrated": told}).splitlines()
    assert rows[4:] == ["| all | 19 | 0.150 | 0.030 |", "| car | 11 | 0.200 | 0.040 |"]


def test_writing_twice_leaves_one_table_and_the_words_around() -> None:
    card = f"# a\n\n{BEGIN}\nold\n{END}\n\nwords\n"
    once = with_tables(card, ["new"])
    assert with_tables(once, ["new"]) == once
    assert "old" not in once
    assert once.startswith("# a\n")
    assert once.endswith("\n\nwords\n")


def test_a_card_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="figures"):
        with_tables("# a\n", ["new"])
