"""Prefix beam search: what a row's probabilities spell."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.plates.alphabet import ALPHABET, BLANK, COLUMN_OF, COLUMNS
from detector.plates.ctc import likelihoods, row_texts


def places(*spelled: dict[str, float]) -> NDArray[np.float32]:
    """Log-probabilities of places; what is not named is shared by the blank."""
    table = np.full((len(spelled), COLUMNS), 1e-9)
    for row, named in zip(table, spelled, strict=True):
        for character, probability in named.items():
            row[COLUMN_OF[character]] = probability
        row[BLANK] = max(1 - sum(named.values()), 1e-9)
    return np.log(table / table.sum(1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize(
    ("table", "text"),
    [
        pytest.param(places({}, {}, {}), "", id="blank alone is an empty row"),
        pytest.param(places({"2": 0.9}, {}, {"9": 0.9}), "29", id="one place a character"),
        pytest.param(places({"2": 0.9}, {"2": 0.9}, {"9": 0.9}), "29", id="a wide character is one"),
        pytest.param(places({"2": 0.9}, {}, {"2": 0.9}), "22", id="a blank keeps twins apart"),
        pytest.param(places({"Đ": 0.8, "D": 0.2}), "Đ", id="the likelier of two"),
    ],
)
def test_the_likeliest_text(table: NDArray[np.float32], text: str) -> None:
    assert row_texts(table)[0][0] == text


def test_probabilities_are_those_of_all_paths() -> None:
    """Against the definition: every path through a small table, summed by the text it spells."""
    rng = np.random.default_rng(3)
    shown = ["A", "8", "B"]
    table = np.full((5, COLUMNS), 0.0)
    columns = [BLANK, *(COLUMN_OF[c] for c in shown)]
    table[:, columns] = rng.dirichlet(np.ones(4), 5)
    by_text: dict[str, float] = {}
    for path in product(columns, repeat=5):
        text = "".join(ALPHABET[c - 1] for n, c in enumerate(path) if c != BLANK and (n == 0 or path[n - 1] != c))
        by_text[text] = by_text.get(text, 0.0) + float(np.prod([table[n, c] for n, c in enumerate(path)]))
    with np.errstate(divide="ignore"):
        found = dict(row_texts(np.log(table).astype(np.float32), beam=400))
    assert found.keys() == {text for text, likely in by_text.items() if likely > 0}
    for text, likely in by_text.items():
        assert found[text] == pytest.approx(likely, abs=1e-5)


def test_long_rows_do_not_fade_to_zero() -> None:
    unsure = row_texts(places(*[{"1": 0.3, "7": 0.3}, {}] * 60))
    assert unsure[0][1] > 0


def test_another_alphabet_is_refused() -> None:
    with pytest.raises(ValueError, match="expected \\(places, 34\\)"):
        row_texts(np.zeros((40, 37), np.float32))


def test_given_texts_are_as_likely_as_the_search_says() -> None:
    """The exact sums of several views at once, against a search wide enough to lose nothing."""
    rng = np.random.default_rng(8)
    columns = [BLANK, *(COLUMN_OF[c] for c in "1278")]
    views = np.full((3, 6, COLUMNS), 1e-12)
    views[:, :, columns] = rng.dirichlet(np.ones(5), (3, 6))
    tables = np.log(views).astype(np.float32)
    texts = ["", "1", "11", "127", "1717", "888", "7812"]
    scores = likelihoods(tables, texts)
    for table, scored in zip(tables, scores, strict=True):
        searched = dict(row_texts(table, beam=5000))
        assert np.exp(scored) == pytest.approx([searched[text] for text in texts], rel=1e-3)


def test_a_text_longer_than_the_row_is_impossible() -> None:
    assert likelihoods(places({"1": 0.5}, {"2": 0.5})[None], ["123"])[0, 0] < -20


def test_likelihoods_of_long_rows_do_not_fade_to_zero() -> None:
    row = places(*[{"1": 0.3, "7": 0.3}, {}] * 300)
    assert np.isfinite(likelihoods(row[None], ["17" * 150])).all()
