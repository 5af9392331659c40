"""Texts from a reading network's output: connectionist temporal classification.

In: log-probabilities of one printed row at each place. Out: texts with their probabilities, likeliest first, by prefix
beam search (A. Hannun et al., "First-pass large vocabulary continuous speech recognition using bi-directional
recurrent DNNs", 2014, without a language model); or how likely given texts are, exactly, in several views at once (A.
Graves et al., "Connectionist temporal classification", 2006).
"""

from collections import defaultdict
from collections.abc import Sequence
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from detector.plates.alphabet import ALPHABET, BLANK, COLUMN_OF, COLUMNS

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
    for blank_now, followed in zip(probabilities[:, BLANK].tolist(), _followed(probabilities), strict=True):
        if followed:
            grown = _grown(kept, blank_now, followed)
            best = sorted(grown.items(), key=lambda item: -sum(item[1]))[:beam]
        else:
            best = [(text, ((blank + last) * blank_now, 0.0)) for text, (blank, last) in kept.items()]
        # Rescaled at each place so that long rows do not fade to zero.
        top = max(sum(pair) for _, pair in best)
        scale += log(top)
        kept = {text: (blank / top, last / top) for text, (blank, last) in best}
    spelled = [(text, sum(pair) * exp(scale)) for text, pair in kept.items() if sum(pair) > 0]
    return tuple(sorted(spelled, key=lambda item: -item[1]))


def _followed(probabilities: NDArray[np.float64]) -> list[list[tuple[str, float]]]:
    """Per place the characters worth following and their probabilities."""
    found: list[list[tuple[str, float]]] = [[] for _ in probabilities]
    for place, column in np.argwhere(probabilities > LEAST).tolist():
        if column != BLANK:
            found[place].append((ALPHABET[column - 1], float(probabilities[place, column])))
    return found


def _grown(kept: Scores, blank_now: float, followed: Sequence[tuple[str, float]]) -> Scores:
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


def likelihoods(log_probabilities: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float64]:
    """How likely each of `texts` is in each of several views of one row: (views, texts) float64, natural logarithms.

    Args:
        log_probabilities: (views, places, COLUMNS) float32, natural logarithms.
        texts: of characters of the alphabet; an empty one is a row without print.
    """
    shown, skips = _paths(texts)
    likely = np.exp(log_probabilities.astype(np.float64))[:, :, shown]
    ends = np.zeros((len(likely), *shown.shape))
    ends[:, :, :2] = likely[:, 0, :, :2]
    scale = np.zeros(len(likely))
    for place in likely.transpose(1, 0, 2, 3)[1:]:
        reached = ends.copy()
        reached[:, :, 1:] += ends[:, :, :-1]
        reached[:, :, 2:] += ends[:, :, :-2] * skips
        reached *= place
        # Rescaled at each place so that long rows do not fade to zero.
        top = np.maximum(reached.max((1, 2)), np.finfo(np.float64).tiny)
        ends, scale = reached / top[:, None, None], scale + np.log(top)
    last, each = np.array([2 * len(text) for text in texts]), np.arange(len(texts))
    total = ends[:, each, last] + np.where(last > 0, ends[:, each, last - 1], 0.0)
    return np.asarray(np.log(np.maximum(total, np.finfo(np.float64).tiny)) + scale[:, None])


def _paths(texts: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Per text the columns of blank, character, blank, ... (n, 2 longest + 1), at least three; and from the third on 1
    where the blank before may be left out, since two different characters meet.
    """
    longest = max(1, *(len(text) for text in texts)) if texts else 1
    shown = np.full((len(texts), 2 * longest + 1), BLANK, np.intp)
    for row, text in zip(shown, texts, strict=True):
        row[1 : 2 * len(text) : 2] = [COLUMN_OF[character] for character in text]
    skips = (shown[:, 2:] != BLANK) & (shown[:, 2:] != shown[:, :-2])
    return shown, skips.astype(np.float64)
