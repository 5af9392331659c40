"""What scores mean: known points, no disorder within a class, and classes without a fit untouched."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.types import AS_IT_IS, Calibration, ObjectClass

CAR, PERSON = ObjectClass.CAR, ObjectClass.PERSON
FITTED = Calibration.of({CAR: (2.0, 1.0)})


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0.5, 0.7311), (0.2, 0.1452), (0.8, 0.9775), (0.0, 0.0), (1.0, 1.0)],
)
def test_log_odds_are_stretched_and_shifted(score: float, expected: float) -> None:
    found = FITTED.probability(np.array([CAR]), np.array([score], np.float32))
    assert found.dtype == np.float32
    assert found.tolist() == pytest.approx([expected], abs=1e-4)


@given(st.lists(st.floats(0, 1, width=32), max_size=20))
def test_classes_without_a_fit_keep_their_scores_to_the_last_bit(scores: list[float]) -> None:
    given_scores = np.array(scores, np.float32)
    for calibration, kind in ((FITTED, PERSON), (AS_IT_IS, CAR)):
        found = calibration.probability(np.full(len(scores), kind), given_scores)
        assert np.array_equal(found, given_scores)


@given(
    st.tuples(st.floats(0.05, 20), st.floats(-10, 10)), st.tuples(st.floats(0, 1, width=32), st.floats(0, 1, width=32))
)
def test_the_better_box_of_a_class_stays_the_better(fit: tuple[float, float], scores: tuple[float, float]) -> None:
    low, high = Calibration.of({CAR: fit}).probability(np.array([CAR, CAR]), np.array(sorted(scores), np.float32))
    assert 0 <= low <= high <= 1


def test_kinds_and_scores_may_be_a_table() -> None:
    kinds = np.array([[CAR], [PERSON]])
    found = FITTED.probability(kinds, np.array([[0.5, 0.8], [0.5, 0.8]], np.float32))
    assert found.tolist() == [pytest.approx([0.7311, 0.9775], abs=1e-4), pytest.approx([0.5, 0.8])]


def test_no_box_at_all() -> None:
    assert FITTED.probability(np.zeros(0, np.uint8), np.zeros(0, np.float32)).shape == (0,)
