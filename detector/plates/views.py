"""One reading from several views of the same crop: as it is, and tilted a little.

In: the reading network's log-probabilities for each view. Out: candidates. Each view proposes texts of a row; every
proposal is then scored in all views (`ctc.likelihoods`) and the logarithms are averaged, so that a text which only one
view believes in loses. Averaging place by place would not do: tilted, a character stands at another place.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detector.plates.ctc import RowText, likelihoods, row_texts
from detector.plates.reading import Candidate, joined

BEAM, BEAM_TILTED = 8, 3
PROPOSED = 6
"""Texts of a row that each view proposes."""


def told(view: NDArray[np.float32]) -> tuple[Sequence[RowText], Sequence[RowText]]:
    """What one view (2, places, COLUMNS) float32, natural logarithms, says of the upper and the lower row."""
    return row_texts(view[0], beam=BEAM), row_texts(view[1], beam=BEAM)


def agreed(
    views: Sequence[NDArray[np.float32]], first: tuple[Sequence[RowText], Sequence[RowText]]
) -> tuple[Candidate, ...]:
    """What views of one plate say together, likeliest first.

    Args:
        views: of the same crop, each (2, places, COLUMNS) float32, natural logarithms: the upper and the lower row.
        first: what the first of them says.
    """
    together = np.stack(views)
    return joined(_row(together[:, 0], first[0]), _row(together[:, 1], first[1]))


def _row(views: NDArray[np.float32], first: Sequence[RowText]) -> tuple[RowText, ...]:
    """Texts of one row with the geometric mean of their probabilities, likeliest first."""
    proposed = {text: None for text, _ in first[:PROPOSED]}
    for view in views[1:]:
        proposed |= {text: None for text, _ in row_texts(view, beam=BEAM_TILTED)}
    texts = tuple(proposed)
    scores = np.exp(likelihoods(views, texts).mean(0))
    return tuple((texts[n], float(scores[n])) for n in np.argsort(-scores, kind="stable"))
