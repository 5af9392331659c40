"""The scorer of the comparison is itself tested, on cases small enough to count by hand."""

import numpy as np
import pytest

from tests.detector.tracking.scoring import IdentityScorer

PLACES = np.array([[0.0, 0.0, 10.0, 10.0], [100.0, 0.0, 110.0, 10.0]])


def _score(frames: list[list[int | None]], *, partial: bool = False) -> IdentityScorer:
    """Two road users at two places; each frame says which id is announced at each."""
    scorer = IdentityScorer(partial=partial)
    for announced in frames:
        rows = [row for row, i in enumerate(announced) if i is not None]
        scorer.add(np.array([1, 2]), PLACES, np.array([announced[row] for row in rows], np.intp), PLACES[rows])
    return scorer


@pytest.mark.parametrize(
    ("frames", "idf1", "switches", "stitches", "fragments"),
    [
        pytest.param([[5, 6]] * 4, 1.0, 0, 0, 0, id="perfect"),
        pytest.param([[5, 6]] * 2 + [[6, 5]] * 2, 0.5, 2, 2, 0, id="swapped"),
        pytest.param([[5, 6], [None, 6], [5, 6], [5, 6]], 2 * 7 / 15, 0, 0, 1, id="missed once"),
        pytest.param([[5, 6]] * 2 + [[7, 6]] * 2, 0.75, 1, 0, 0, id="new id"),
    ],
)
def test_counted_by_hand(
    frames: list[list[int | None]], idf1: float, switches: int, stitches: int, fragments: int
) -> None:
    scores = _score(frames).result()
    assert scores.idf1 == pytest.approx(idf1)
    assert (scores.switches, scores.stitches, scores.fragments) == (switches, stitches, fragments)


@pytest.mark.parametrize(("partial", "announced"), [(False, 3), (True, 2)])
def test_partial_truth_ignores_what_lies_elsewhere(partial: bool, announced: int) -> None:
    scorer = IdentityScorer(partial=partial)
    boxes = np.concatenate([PLACES, [[500.0, 500.0, 520.0, 520.0]]])
    scorer.add(np.array([1, 2]), PLACES, np.array([5, 6, 7]), boxes)
    assert scorer.result().announced == announced
