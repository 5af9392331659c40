"""Texts from a reading network's output: connectionist temporal classification by prefix beam search.

In: log-probabilities of one printed row at each place. Out: texts with their probabilities, likeliest first. After
A. Hannun et al., "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs"
(2014), without a language model.
"""

from collections import defaultdict
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from detector.plates.alphabet import ALPHABET, BLANK, COLUMNS

BEAM = 12
LEAST = 1e-4
"""Characters less likely at a place are not followed there; blank always is."""

RowText = tuple[str, float]
"""A row's text and its probability, 0..1."""
Scores = dict[str, tuple[float, float]]
"""Per text the probability of ending in blank, and of ending in its last character."""


def row_texts(log_probabilities: NDArray[np.float32], *, beam: int = BEAM) -> tuple[RowText, ...]:
    """Texts of one row with their probabilities, likeliest first, at most `beam` of them.

    Args:
        log_probabilities: (places, COLUMNS) float32, natural logarithms; column 0 is blank.
        beam: texts followed at once.

    Raises:
        ValueError: another shape.
    """
    if log_probabilities.ndim != 2 or log_probabilities.shape[1] != COLUMNS:
        raise ValueError(f"log_probabilities: expected (places, {COLUMNS}), got {log_probabilities.shape}")
    probabilities = np.exp(log_probabilities.astype(np.float64))
    kept: Scores = {"": (1.0, 0.0)}
    scale = 0.0
    for place in probabilities:
        grown = _grown(kept, place)
        best = sorted(grown.items(), key=lambda item: -sum(item[1]))[:beam]
        # Rescaled at each place so that long rows do not fade to zero.
        top = sum(best[0][1])
        scale += log(top)
        kept = {text: (blank / top, last / top) for text, (blank, last) in best}
    spelled = [(text, sum(pair) * exp(scale)) for text, pair in kept.items() if sum(pair) > 0]
    return tuple(sorted(spelled, key=lambda item: -item[1]))


def _grown(kept: Scores, place: NDArray[np.float64]) -> Scores:
    blank_now = float(place[BLANK])
    followed = [(ALPHABET[int(c) - 1], float(place[c])) for c in np.flatnonzero(place > LEAST) if c != BLANK]
    ends_blank: defaultdict[str, float] = defaultdict(float)
    ends_last: defaultdict[str, float] = defaultdict(float)
    for text, (blank, last) in kept.items():
        ends_blank[text] += (blank + last) * blank_now
        for character, now in followed:
            if text.endswith(character):
                ends_last[text] += last * now
                ends_last[text + character] += blank * now
            else:
                ends_last[text + character] += (blank + last) * now
    return {text: (ends_blank[text], ends_last[text]) for text in {**ends_blank, **ends_last}}
