"""One reading from several views of the same crop: as it is, and tilted a little.

In: the reading network's log-probabilities for each view. Out: candidates. Each view proposes texts of a row; every
proposal is then scored in all views (`ctc.likelihoods`) and the logarithms are averaged, so that a text which only one
view believes in loses. Averaging place by place would not do: tilted, a character stands at another place.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from detector.plates.ctc import RowText, likelihoods, row_texts
from detector.plates.reading import Candidate, joined

BEAM, BEAM_TILTED = 8, 3
PROPOSED = 6
"""Texts of a row that the crop as it is proposes; tilted it may add `BEAM_TILTED`."""
SETTLED = 0.98
"""Confidence of the crop as it is from which no further view is taken: it would change nothing."""

HOPELESS, UNFIT = 0.05, 0.5
"""Confidence of the crop as it is below which no further view is taken, and below which none is of a text outside the
grammar: on two seeds of rendered tracks no vote says another text for it.
"""

View = NDArray[np.float32]
"""(2, places, COLUMNS): natural logarithms of probabilities, the upper row and the lower."""


def candidates_of(
    view: View, further: Callable[[], Sequence[View]]
) -> tuple[tuple[Candidate, ...], NDArray[np.float32]]:
    """What a plate says, likeliest first, and the views it was told from (views, 2, places, COLUMNS).

    Args:
        view: the crop as it is.
        further: gives more views of the same crop; asked where the first does not settle the reading.
    """
    rows = row_texts(view[0], beam=BEAM), row_texts(view[1], beam=BEAM)
    alone = joined(*rows)
    if _settles(alone) or not alone or alone[0].probability < (HOPELESS if alone[0].valid else UNFIT):
        return alone, view[None]
    together = np.stack([view, *further()])
    return joined(_row(together[:, 0], rows[0]), _row(together[:, 1], rows[1])), together


def settled(view: View) -> tuple[Candidate, ...] | None:
    """What the crop as it is says, likeliest first; None where that is not settled."""
    alone = joined(row_texts(view[0], beam=BEAM), row_texts(view[1], beam=BEAM))
    return alone if _settles(alone) else None


def _settles(alone: Sequence[Candidate]) -> bool:
    return bool(alone) and alone[0].valid and alone[0].probability >= SETTLED


def _row(views: View, first: Sequence[RowText]) -> tuple[RowText, ...]:
    """Texts of one row with the geometric mean of their probabilities, likeliest first."""
    proposed = {text: None for text, _ in first[:PROPOSED]}
    for view in views[1:]:
        proposed |= {text: None for text, _ in row_texts(view, beam=BEAM_TILTED)}
    texts = tuple(proposed)
    scores = np.exp(likelihoods(views, texts).mean(0))
    return tuple((texts[n], float(scores[n])) for n in np.argsort(-scores, kind="stable"))
