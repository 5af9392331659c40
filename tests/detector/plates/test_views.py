"""Several views of one crop: what they agree on."""

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.plates.alphabet import BLANK, COLUMN_OF, COLUMNS
from detector.plates.ctc import row_texts
from detector.plates.reading import Candidate
from detector.plates.views import candidates_of

PLACES = 24


def view(
    upper: str, lower: str, *, doubt: tuple[int, str, float] | None = None, shift: int = 0, unsure: float = 0.02
) -> NDArray[np.float32]:
    """A view that shows both rows; `doubt` names a place of the lower row, another character and how likely that is."""
    table = np.full((2, PLACES, COLUMNS), 1e-6)
    table[:, :, BLANK] = 1.0
    for row, text in enumerate((upper, lower)):
        for n, character in enumerate(text):
            at = 1 + 2 * n + shift
            table[row, at, BLANK] = unsure
            table[row, at, COLUMN_OF[character]] = 1 - unsure
            if row == 1 and doubt is not None and doubt[0] == n:
                table[row, at, COLUMN_OF[character]] = 1 - unsure - doubt[2]
                table[row, at, COLUMN_OF[doubt[1]]] = doubt[2]
    return np.asarray(np.log(table / table.sum(2, keepdims=True)), np.float32)


def read(*views: NDArray[np.float32]) -> tuple[Candidate, ...]:
    return candidates_of(views[0], lambda: views[1:])[0]


def test_views_that_agree_read_the_plate_though_their_characters_stand_elsewhere() -> None:
    views = [view("29E1", "12345"), view("29E1", "12345", shift=1), view("29E1", "12345", shift=2)]
    (best, *_) = read(*views)
    assert (best.text, best.rows, best.valid) == ("29E112345", ("29E1", "12345"), True)
    assert best.probability > 0.85


def test_a_text_that_one_view_alone_believes_in_loses() -> None:
    fooled = view("29E1", "12845", doubt=(2, "3", 0.2))
    views = [fooled, view("29E1", "12345"), view("29E1", "12345", shift=1)]
    assert row_texts(fooled[1])[0][0] == "12845"
    assert read(*views)[0].text == "29E112345"


def test_a_settled_reading_asks_for_no_further_view() -> None:
    sharp = view("29E1", "12345", unsure=0.001)
    asked: list[int] = []

    def further() -> list[NDArray[np.float32]]:
        asked.append(1)
        return [view("29E1", "12345")]

    candidates, seen = candidates_of(sharp, further)
    assert candidates[0].text == "29E112345"
    assert len(seen) == 1
    assert not asked
    _, seen = candidates_of(view("29E1", "12345", doubt=(0, "7", 0.4)), further)
    assert len(seen) == 2
    assert asked


def test_views_that_contradict_one_another_leave_doubt() -> None:
    views = [view("29E1", "12345", doubt=(2, "8", 0.3)), view("29E1", "12845", doubt=(2, "3", 0.3))]
    assert read(*views)[0].probability < 0.8


def test_views_of_one_row_have_no_second() -> None:
    views = [view("30K12345", ""), view("30K12345", "", shift=1)]
    assert read(*views)[0].rows == ("30K12345",)


def test_the_order_of_further_views_does_not_matter() -> None:
    views = [view("29E1", "12345", doubt=(0, "7", 0.4)), view("29E1", "72345"), view("29E1", "12345", shift=1)]
    one = read(*views)
    two = read(views[0], views[2], views[1])
    assert [c.text for c in one] == [c.text for c in two]
    assert [c.probability for c in one] == pytest.approx([c.probability for c in two])
