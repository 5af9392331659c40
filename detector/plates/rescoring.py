"""A second opinion on a vote: every text that a look or the vote proposes, scored exactly in all looks.

In: the candidates that the vote per character gave, and the looks with what the network saw in each (`views`). Out:
candidates again. The vote per character finds the text even where no look reads it whole, but knows of each look only
the few texts it named; the likelihoods of whole texts know everything the network saw, but one bad place in one look
spoils a text. Their geometric mean errs less often than either where it is sure.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detector.plates.ctc import likelihoods
from detector.plates.reading import Candidate, PlateReading, ranked

SHARE = 0.5
"""n looks weigh as n to this power: frames of one pass share their faults."""
FLOOR = 0.003
"""Likelihood that every text has in every look: what a look does not know at all it cannot forbid."""
UNNAMED = 1e-4
"""Probability of a text that one of the two opinions does not name."""


def rescored(common: Sequence[Candidate], looks: Sequence[PlateReading]) -> tuple[Candidate, ...]:
    """The vote's candidates and the looks' own, likeliest first; as they were where a look kept no views."""
    views = [look.views for look in looks if look.views is not None]
    if not common or len(views) < len(looks):
        return tuple(common)
    proposed = {c.text: c for c in (*(c for look in looks for c in look.candidates), *common)}
    named = list(proposed.values())
    weights = _weights(views, [candidate.rows for candidate in named])
    second = ranked({c.rows: float(w) for c, w in zip(named, weights, strict=True)}, weighed=False)
    return _mean(common, second)


def _weights(views: Sequence[NDArray[np.float32]], texts: Sequence[tuple[str, ...]]) -> NDArray[np.float64]:
    """(texts,) how likely each is in all looks together, beside the likeliest."""
    uppers, lowers = ([(*rows, "")[row] for rows in texts] for row in (0, 1))
    looks = [likelihoods(v[:, 0], uppers).mean(0) + likelihoods(v[:, 1], lowers).mean(0) for v in views]
    total = np.log(np.exp(np.stack(looks)) + FLOOR).sum(0) * len(views) ** (SHARE - 1)
    return np.asarray(np.exp(total - total.max()))


def _mean(one: Sequence[Candidate], two: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Geometric mean of two opinions. The second says nothing of texts that nobody names: it leaves them what the
    first does, so that no text grows at their cost."""
    first = {c.text: c.probability for c in one}
    rest = max(0.0, 1 - sum(first.values()))
    second = {c.text: (1 - rest) * c.probability for c in two}
    named = {c.text: c for c in (*two, *one)}
    weights = {text: _middle(first.get(text, 0.0), second.get(text, 0.0)) for text in named}
    total = sum(weights.values()) + _middle(rest, rest)
    made = (Candidate(rows=c.rows, probability=weights[t] / total, valid=c.valid) for t, c in named.items())
    return tuple(sorted(made, key=lambda c: (-c.probability, c.text)))[: len(one) + 1]


def _middle(one: float, two: float) -> float:
    return float(np.sqrt(max(one, UNNAMED) * max(two, UNNAMED)))
