"""Confusions that the place resolves, and those that it leaves open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.plates.confusion import CHANGES_MAX, readings
from detector.plates.grammar import fits, is_valid
from detector.types import ObjectClass


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("3OK12345", "30K12345", id="O where a digit stands"),
        pytest.param("30K1Z3AS", "30K12345", id="Z, A and S where digits stand"),
        pytest.param("30812345", "30B12345", id="8 where a letter stands"),
        pytest.param("298B12345", "29BB12345", id="8 before a letter on a motorbike"),
        pytest.param("Z9E11Z345", "29E112345", id="both halves"),
        pytest.param("29-WD1 123.45", "29MĐ112345", id="two letters of the electric series"),
        pytest.param("ZOKIZ345", None, id="four changes are too many"),
        pytest.param("51F8A", None, id="too short to repair"),
    ],
)
def test_the_place_decides(text: str, expected: str | None) -> None:
    found = readings(text)
    assert (expected in found) if expected else not found


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert readings("30-B8 888.88") == ("30B888888",)


def test_the_vehicle_orders_what_the_place_leaves_open() -> None:
    found = readings("29EI2345", vehicle=ObjectClass.MOTORCYCLE)
    assert found
    assert all(is_valid(text) for text in found)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZĐ", max_size=16))
def test_answers_fit_and_differ_by_few_characters(text: str) -> None:
    for found in readings(text):
        assert fits(found)
        assert sum(one != two for one, two in zip(text, found, strict=True)) <= CHANGES_MAX


@given(st.from_regex(r"(29|30|31)[ABCEFGHKLMNPSTUVXYZ][0-9]{4}[1-9]", fullmatch=True), st.integers(0, 7))
def test_a_digit_misread_as_its_letter_is_found_again(text: str, place: int) -> None:
    looks_like = {"0": "O", "1": "I", "2": "Z", "5": "S", "8": "B"}
    if place == 2 or text[place] not in looks_like:
        return
    spoiled = text[:place] + looks_like[text[place]] + text[place + 1 :]
    assert is_valid(spoiled) or text in readings(spoiled)
