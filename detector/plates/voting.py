"""One answer from several looks at the same plate: a vote per character.

In: readings of single frames. Out: one `PlateReading`. The looks first agree how many characters each row has, then
every place is voted on: each look's candidates of that shape give probabilities of characters, and their logarithms
are added; where the network's views were kept, the places are then lined up in all looks (`aligned.py`). Frames of one
pass share their faults (the same mud, the same lamp), so n looks count as much as n to the power `SHARE`, not n: ten
blurred frames must not talk themselves into certainty.
"""

from collections import Counter
from collections.abc import Sequence
from math import exp, log
from typing import NamedTuple

from detector.plates.aligned import aligned
from detector.plates.colour import Ground
from detector.plates.reading import LEAST, PlateReading, ranked

SHARE = 0.5
FLOOR = 0.004
"""Probability of a character that a look did not name at a place."""
CHARACTERS_TRIED = 3
WORST_LEFT_OUT = 0.02
"""Looks whose best text is less likely than this say nothing."""
WHOLE_LEAST = 0.3
"""Confidence from which a longer reading shows that a shorter one was cut off."""
WHOLE_LOOKS = 2
"""Looks that must see so many characters: one alone may have taken an edge for a 1."""
TIED = 0.75
"""Most that a number of characters is believed which no more looks see than another one: too little to be sure."""

Shape = tuple[int, ...]
"""Characters per printed row."""


class _Look(NamedTuple):
    weight: float
    places: list[dict[str, float]]


def voted(readings: Sequence[PlateReading]) -> PlateReading:
    """The common reading of looks at one plate; without a legible look a reading without candidates.

    One legible look comes back as it is. `ground` is the most frequent of those told.
    """
    legible = [reading for reading in readings if reading.confidence >= WORST_LEFT_OUT]
    vehicle = next((reading.vehicle for reading in readings if reading.vehicle is not None), None)
    ground = _common_ground(readings)
    if len(legible) == 1:
        return PlateReading(candidates=legible[0].candidates, ground=ground, vehicle=vehicle)
    if not legible:
        return PlateReading(candidates=(), ground=ground, vehicle=vehicle)
    shape, share = _common_shape(legible)
    fitting = [reading for reading in legible if any(_shape(c.rows) == shape for c in reading.candidates)]
    looks = [_look(reading, shape) for reading in fitting]
    places = [_vote([look.places[n] for look in looks], [look.weight for look in looks]) for n in range(sum(shape))]
    texts = {_split(text, shape): likely for text, likely in _likeliest(places).items()}
    lined_up = all(reading.views is not None for reading in fitting)
    if lined_up:
        texts = aligned(max(texts, key=lambda rows: texts[rows]), fitting)
    weights = {rows: share * likely for rows, likely in texts.items()}
    # Lined up, the looks say what they saw before any prior: how common a form is counts here, once for all of them.
    candidates = ranked(weights, unseen=max(0.0, 1.0 - sum(weights.values())), weighed=not lined_up)
    return PlateReading(candidates=candidates, ground=ground, vehicle=vehicle)


def _common_ground(readings: Sequence[PlateReading]) -> Ground | None:
    told = Counter(reading.ground for reading in readings if reading.ground is not None)
    return told.most_common(1)[0][0] if told else None


def _common_shape(readings: Sequence[PlateReading]) -> tuple[Shape, float]:
    """The shape with most probability over all looks, and how much of it it has, 0..1; in a tie at most `TIED`."""
    weights: Counter[Shape] = Counter()
    whole = _whole(readings)
    for reading in readings:
        for candidate in reading.candidates:
            rows = next((longer for longer in whole if _cut_off(candidate.rows, longer)), candidate.rows)
            # Squared: a sharp look says more of how many characters there are than two blurred ones. What may be
            # cut off counts half for itself: it decides less, and its doubt stays.
            for counted in (rows, candidate.rows):
                weights[_shape(counted)] += candidate.probability**2 / 2  # type: ignore[assignment]
    shape = max(weights, key=lambda one: (weights[one], one))
    share = weights[shape] / sum(weights.values())
    return shape, min(share, TIED) if _tied(shape, readings) else share


def _tied(shape: Shape, readings: Sequence[PlateReading]) -> bool:
    """Whether as many looks that are not blurred see another number of characters."""
    seen = Counter(_shape(reading.candidates[0].rows) for reading in readings if reading.sure(WHOLE_LEAST))
    return any(count >= seen[shape] for other, count in seen.items() if other != shape)


def _whole(readings: Sequence[PlateReading]) -> list[tuple[str, ...]]:
    """Best readings whose number of characters several looks saw, longest first: what a cut crop was cut from.

    No fewer looks than those that would be cut from them: two that take an edge for a 1 overrule no majority.
    """
    best = [reading.candidates[0] for reading in readings if reading.sure(WHOLE_LEAST)]
    seen = Counter(_shape(candidate.rows) for candidate in best)
    least = {
        c.rows: max(WHOLE_LOOKS, sum(_cut_off(reading.candidates[0].rows, c.rows) for reading in readings))
        for c in best
    }
    return sorted((rows for rows, n in least.items() if seen[_shape(rows)] >= n), key=lambda rows: -len("".join(rows)))


def _cut_off(rows: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Whether rows are those of a longer text that lost characters at its sides."""
    if len(rows) != len(whole) or rows == whole:
        return False
    return all(long.startswith(short) or long.endswith(short) for short, long in zip(rows, whole, strict=True))


def _shape(rows: tuple[str, ...]) -> Shape:
    return tuple(len(row) for row in rows)


def _look(reading: PlateReading, shape: Shape) -> _Look:
    """What a look with a candidate of that shape says of each place."""
    fitting = [c for c in reading.candidates if _shape(c.rows) == shape]
    total = sum(candidate.probability for candidate in fitting)
    places: list[dict[str, float]] = [{} for _ in range(sum(shape))]
    for candidate in fitting:
        for place, character in zip(places, candidate.text, strict=True):
            place[character] = place.get(character, 0.0) + candidate.probability / total
    return _Look(total, places)


def _vote(looks: Sequence[dict[str, float]], weights: Sequence[float]) -> dict[str, float]:
    """Probabilities of the characters of one place, likeliest first.

    A look speaks as loudly as it is sure: with weight w a character of probability p counts as w p + (1 - w) FLOOR.
    """
    named = {character for look in looks for character in look}
    power = len(looks) ** (SHARE - 1)
    scores = {
        character: sum(
            log(w * look.get(character, 0.0) + (1 - w) * FLOOR + FLOOR) for look, w in zip(looks, weights, strict=True)
        )
        for character in named
    }
    unnamed = sum(log((1 - w) * FLOOR + FLOOR) for w in weights)
    top = max(scores.values())
    # The sum over n looks, tempered to n ** SHARE looks.
    shares = {character: exp((score - top) * power) for character, score in scores.items()}
    total = sum(shares.values()) + exp((unnamed - top) * power)
    best = sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:CHARACTERS_TRIED]
    return {character: value / total for character, value in best}


def _likeliest(places: Sequence[dict[str, float]]) -> dict[str, float]:
    """Texts from independent places with their probabilities; those below `LEAST` of the whole are left out."""
    texts = {"": 1.0}
    for place in places:
        grown = {text + c: likely * p for text, likely in texts.items() for c, p in place.items()}
        texts = {text: likely for text, likely in grown.items() if likely > LEAST * max(grown.values())}
    return texts


def _split(text: str, shape: Shape) -> tuple[str, ...]:
    rows, start = [], 0
    for length in shape:
        rows.append(text[start : start + length])
        start += length
    return tuple(rows)
