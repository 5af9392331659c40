"""Characters that cameras and readers take for one another, resolved by the place they stand in.

In: a text some reader or person wrote. Out: texts that fit a form of the grammar, fewest changes first. A digit
where a letter must stand is changed to the letter it resembles, and the other way round; 8 for B between two
letters, or 5 for 6 between two digits, cannot be told from the place and is left to the picture.
"""

from collections.abc import Iterator
from itertools import combinations, product

from detector.plates.alphabet import normalised
from detector.plates.grammar import fits
from detector.types.classes import ObjectClass

DIGIT_FOR = {"O": "0", "Q": "0", "D": "0", "U": "0", "I": "1", "L": "1", "J": "1", "Z": "2", "A": "4", "S": "5"}
DIGIT_FOR |= {"G": "6", "T": "7", "B": "8", "P": "9"}
LETTERS_FOR = {"0": "DUO", "1": "TL", "2": "Z", "4": "A", "5": "S", "6": "G", "7": "TY", "8": "B", "9": "P"}
LETTERS_FOR |= {"O": "DU", "Q": "DU", "I": "TL", "J": "U", "W": "MN", "R": "K", "D": "Đ", "Đ": "D"}
CHANGES_MAX = 3
LONGEST = 12
"""Characters; the longest plate has 11."""


def readings(text: str, *, vehicle: ObjectClass | None = None) -> tuple[str, ...]:
    """Texts that fit the grammar and differ from `text` only by confusions of kind, at most `CHANGES_MAX` of them.

    A text that fits already is the only answer: nothing is changed that need not be.
    """
    clean = normalised(text)
    if fits(clean):
        return (clean,)
    for changes in range(1, CHANGES_MAX + 1):
        found = [spelling for spelling in _spellings(clean, changes) if fits(spelling)]
        if found:
            return tuple(sorted(found, key=lambda spelling: (_rank(spelling, vehicle), spelling)))
    return ()


def edits(one: str, two: str) -> int:
    """Edits between two texts (V. I. Levenshtein 1966)."""
    last = list(range(len(two) + 1))
    for n, a in enumerate(one, start=1):
        row = [n]
        for m, b in enumerate(two, start=1):
            row.append(min(last[m] + 1, row[-1] + 1, last[m - 1] + (a != b)))
        last = row
    return last[-1]


def _spellings(text: str, changes: int) -> Iterator[str]:
    """Texts in which that many characters changed their kind; letters stand only among the first six places."""
    if len(text) > LONGEST:
        return
    choices = [DIGIT_FOR.get(c, "") + (LETTERS_FOR.get(c, "") if place < 6 else "") for place, c in enumerate(text)]
    for places in combinations([place for place, others in enumerate(choices) if others], changes):
        for others in product(*(choices[place] for place in places)):
            spelling = list(text)
            for place, other in zip(places, others, strict=True):
                spelling[place] = other
            yield "".join(spelling)


def _rank(text: str, vehicle: ObjectClass | None) -> int:
    return fits(text, vehicle=vehicle)[0].form.rank
