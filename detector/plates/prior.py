"""How common plates of a form are on the road, beside one another, before anybody looks at a picture.

In: a text under one form. Out: a weight around 1. A series begins with 1 and few districts fill it, so 29-E1 is
commoner than 29-E7; letter pairs are those of 2025 and later and of small motorbikes. The weights are mild: in
one look they decide between a 2 and a Z that look alike; looks that are lined up count them once together.
"""

from detector.plates.grammar import Fit

SERIES_DIGIT = {"1": 1.6, "2": 1.2}
OTHER_DIGIT = 0.9
LETTER_PAIR = 0.6
RARE = 0.5
RARE_FORMS = frozenset({"temporary", "army"})
NUMBERED_SERIES = frozenset({"motorbike", "motorbike_four_digits"})


def commonness(fit: Fit) -> float:
    """The weight of a text under a form."""
    if fit.form.name in NUMBERED_SERIES:
        return SERIES_DIGIT.get(fit.head[-1], OTHER_DIGIT)
    if fit.form.name == "motorbike_two_letters":
        return LETTER_PAIR
    return RARE if fit.form.name in RARE_FORMS else 1.0
