"""What stands on Vietnamese plates, how it is written, and what it is not."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.plates.alphabet import ALPHABET, normalised
from detector.plates.grammar import FORMS, fits, is_valid, shown
from detector.types import ObjectClass
from models.recipes.plate.series import random_plate

EXAMPLES = [
    pytest.param("30F-256.58", "car", "30F-256.58", id="car, five digits"),
    pytest.param("29K1234", "car_four_digits", "29K-1234", id="car, four digits"),
    pytest.param("29-AA 123.45", "motorbike_two_letters", "29-AA 123.45", id="motorbike, new"),
    pytest.param("29-AR 123.45", "motorbike_two_letters", "29-AR 123.45", id="motorbike, R as second letter"),
    pytest.param("29-E1 123.45", "motorbike", "29-E1 123.45", id="motorbike, letter and digit"),
    pytest.param("29mđ112345", "motorbike_electric", "29-MĐ1 123.45", id="electric, lower case"),
    pytest.param("30LD 1234", "special", "30LD-1234", id="special series"),
    pytest.param("80-123-NG-45", "foreign", "80-123-NG-45", id="foreign car"),
    pytest.param("41-291 NN 123", "foreign", "41-291-NN-123", id="foreign motorbike"),
    pytest.param("T29 123.45", "temporary", "T29-123.45", id="temporary"),
    pytest.param("TM 1234", "army", "TM-1234", id="army"),
]


@pytest.mark.parametrize(("text", "form", "written"), EXAMPLES)
def test_examples_of_every_form(text: str, form: str, written: str) -> None:
    best = fits(text)[0]
    assert (best.form.name, best.shown) == (form, written)
    assert best.text == normalised(text) == best.head + best.tail


def test_the_examples_cover_every_form_but_the_one_that_needs_its_rows() -> None:
    named = {str(example.values[1]) for example in EXAMPLES}
    assert {form.name for form in FORMS} - named == {"motorbike_four_digits"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("30K00000", id="numbering starts at 000.01"),
        pytest.param("29E10000", id="four zeros on a motorbike, and 100.00 is no four-digit car"),
        pytest.param("10A12345", id="code 10 is not in use"),
        pytest.param("46A12345", id="code 46 is not in use"),
        pytest.param("30I12345", id="no I"),
        pytest.param("30O12345", id="no O"),
        pytest.param("30W12345", id="no W"),
        pytest.param("29-E0 123.45", id="series digits begin at 1"),
        pytest.param("30K123", id="three digits"),
        pytest.param("30K1234567", id="seven digits"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_was_never_issued(text: str) -> None:
    if text == "29E10000":
        assert [fit.form.name for fit in fits(text)] == ["car"]
    else:
        assert not is_valid(text)


@pytest.mark.parametrize(
    ("rows", "vehicle", "first"),
    [
        pytest.param((), None, "car", id="nothing known: the commoner form"),
        pytest.param(("30K", "12345"), None, "car", id="split as a car's"),
        pytest.param(("30K1", "2345"), None, "motorbike_four_digits", id="split as a motorbike's"),
        pytest.param(("30K12345",), None, "car", id="motorbikes have two rows"),
        pytest.param((), ObjectClass.MOTORCYCLE, "motorbike_four_digits", id="on a motorbike"),
        pytest.param((), ObjectClass.TRUCK, "car", id="on a truck"),
        pytest.param(("30K1", "2345"), ObjectClass.CAR, "motorbike_four_digits", id="print outweighs the detector"),
        pytest.param(("30K12345",), ObjectClass.MOTORCYCLE, "car", id="one row outweighs the detector"),
    ],
)
def test_30k12345_is_decided_by_rows_then_vehicle_and_both_are_kept(
    rows: tuple[str, ...], vehicle: ObjectClass | None, first: str
) -> None:
    names = [fit.form.name for fit in fits("30K12345", rows=rows, vehicle=vehicle)]
    assert names[0] == first
    assert set(names) == {"car", "motorbike_four_digits"}


def test_a_text_outside_the_grammar_is_shown_as_it_was_read() -> None:
    assert shown("60-FP 14?69") == "60FP1469"
    assert shown("60FP1469", rows=("60FP", "1469")) == "60FP 1469"


@given(st.text(max_size=14))
def test_writing_does_not_matter_and_nothing_raises(text: str) -> None:
    assert [fit.text for fit in fits(text)] == [fit.text for fit in fits(normalised(text))]
    assert normalised(normalised(text)) == normalised(text)


@settings(max_examples=40)
@given(st.sampled_from(FORMS), st.data())
def test_whatever_fits_a_form_is_written_so_that_it_reads_back(form: object, data: st.DataObject) -> None:
    assert form in FORMS
    text = data.draw(st.from_regex(f"^(?:{form.head})(?:{form.tail})$", fullmatch=True, alphabet=ALPHABET))  # type: ignore[attr-defined]
    for fit in fits(text):
        assert normalised(fit.shown) == fit.text == text
        assert re.fullmatch(fit.form.tail, fit.tail)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_rendered_series_fit_the_grammar_with_their_rows(seed: int) -> None:
    """What the renderer draws outside the grammar on purpose says nothing here; the rest is split as it is printed."""
    plate = random_plate(np.random.default_rng(seed))
    found = fits(plate.text, rows=plate.rows)
    if found and len(plate.rows) == 2:
        heads = {fit.head for fit in found}
        assert plate.rows[0] in heads or found[0].form.name == "army"
    assert set(plate.text) <= set(ALPHABET)


def test_nearly_all_rendered_plates_are_lawful() -> None:
    rng = np.random.default_rng(1)
    lawful = [is_valid(random_plate(rng).text) for _ in range(800)]
    assert 0.88 < np.mean(lawful) < 0.99
