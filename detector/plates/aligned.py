"""What several looks say of each place of a plate, all of what the network saw counted: the vote's own second pass.

In: the text a first vote gave, and the looks with what the network saw in each (`PlateReading.views`). Out: texts.
Each place's character is exchanged for every other and the whole text scored exactly in each look (`ctc.likelihoods`),
so that the looks' distributions over characters are lined up place by place however they lie in the pictures. Their
logarithms are added, a legible look's louder; places that change are looked at again with the new neighbours.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from detector.plates.alphabet import ALPHABET
from detector.plates.ctc import likelihoods
from detector.plates.reading import LEAST, PlateReading

SHARE = 0.5
"""n looks weigh as n to this power: frames of one pass share their faults."""
FLOOR = 0.001
"""Probability that every character has at every place in every look: one spoilt look cannot forbid what others saw."""
FAINTEST = 0.2
"""Weight of a look that is sure of nothing; one that is sure of its text weighs 1 more."""
PASSES = 3
TRIED = 3
"""Likeliest characters of a place that make up the texts."""

Places = NDArray[np.float64]
"""(places, characters of the alphabet) probabilities."""


def aligned(rows: tuple[str, ...], looks: Sequence[PlateReading]) -> dict[tuple[str, ...], float]:
    """Printed rows of that many characters with their probabilities, before any grammar; together at most 1.

    Args:
        rows: what the first vote gave.
        looks: at least one, all with views and with a candidate of that many characters.
    """
    views = [_printed(look.views, rows) for look in looks if look.views is not None]
    loud = np.array([FAINTEST + look.confidence for look in looks])
    for _ in range(PASSES):
        places = [_places(views, loud, number, text) for number, text in enumerate(rows)]
        better = tuple("".join(ALPHABET[best] for best in row.argmax(1)) for row in places)
        if better == rows:
            break
        rows = better
    ends = [0, *np.cumsum([len(row) for row in rows])]
    texts = _texts(np.concatenate(places))
    return {tuple(text[start:end] for start, end in pairwise(ends)): likely for text, likely in texts.items()}


def _printed(views: NDArray[np.float32], rows: tuple[str, ...]) -> NDArray[np.float32]:
    """The views, what is printed first: a single row may have been seen as the upper one or as the lower."""
    if len(rows) > 1:
        return views
    upper, lower = (likelihoods(views[:, number], rows).mean() for number in (0, 1))
    return views[:, ::-1] if lower > upper else views


def _places(views: Sequence[NDArray[np.float32]], loud: NDArray[np.float64], number: int, text: str) -> Places:
    """What all looks together say of each place of one printed row, the other places being as in `text`."""
    others = [text[:n] + character + text[n + 1 :] for n in range(len(text)) for character in ALPHABET]
    total = np.zeros((len(text), len(ALPHABET)))
    for view, weight in zip(views, loud, strict=True):
        scores = likelihoods(view[:, number], others).mean(0).reshape(total.shape)
        shares = np.exp(scores - scores.max(1, keepdims=True))
        total += weight * np.log(shares / shares.sum(1, keepdims=True) + FLOOR)
    total *= len(views) ** (SHARE - 1)
    likely = np.exp(total - total.max(1, keepdims=True))
    return np.asarray(likely / likely.sum(1, keepdims=True))


def _texts(places: Places) -> dict[str, float]:
    """Texts from places with their probabilities; those below `LEAST` of the likeliest are left out."""
    texts = {"": 1.0}
    for place in places:
        tried = [(ALPHABET[n], float(place[n])) for n in np.argsort(-place, kind="stable")[:TRIED]]
        grown = {text + character: likely * p for text, likely in texts.items() for character, p in tried}
        texts = {text: likely for text, likely in grown.items() if likely > LEAST * max(grown.values())}
    return texts
