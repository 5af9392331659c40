"""The own strokes of letters and digits, modelled on the face of Vietnamese plates, and how makers' dies differ.

In: a character and a hand. Out: polylines in a box 1 wide and 1 high, y down; who draws them gives them a weight.
The sample clips' plates are drawn with the same strokes.
"""

from __future__ import annotations

from functools import cache

import numpy as np

Points = list[tuple[float, float]]
HANDS = 12


def _arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> Points:
    """Points along an ellipse, degrees clockwise from the right (y down)."""
    angles = np.radians(np.linspace(start, end, 14))
    return [(float(cx + rx * np.cos(a)), float(cy + ry * np.sin(a))) for a in angles]


STROKES: dict[str, list[Points]] = {
    "0": [[*_arc(0.5, 0.28, 0.5, 0.28, 180, 360), *_arc(0.5, 0.72, 0.5, 0.28, 0, 180), (0, 0.28)]],
    "1": [[(0.05, 0.28), (0.75, 0.0), (0.75, 1.0)]],
    "2": [[*_arc(0.5, 0.27, 0.5, 0.27, 190, 380), (0.0, 1.0), (1.0, 1.0)]],
    "3": [[*_arc(0.48, 0.25, 0.46, 0.25, 195, 450), (0.4, 0.5)], _arc(0.48, 0.74, 0.52, 0.26, 285, 520)],
    "4": [[(0.55, 0.0), (0.0, 0.74), (1.0, 0.74)], [(0.72, 0.44), (0.72, 1.0)]],
    "5": [[(0.93, 0.0), (0.12, 0.0), (0.05, 0.46), *_arc(0.48, 0.69, 0.52, 0.31, 230, 510)]],
    "6": [[*_arc(0.5, 0.28, 0.5, 0.28, 340, 180), (0.0, 0.7)], _arc(0.5, 0.71, 0.5, 0.29, 0, 360)],
    "7": [[(0.0, 0.0), (1.0, 0.0), (0.34, 1.0)]],
    "8": [_arc(0.5, 0.24, 0.44, 0.24, 0, 360), _arc(0.5, 0.74, 0.5, 0.26, 0, 360)],
    "9": [[*_arc(0.5, 0.72, 0.5, 0.28, 160, 0), (1.0, 0.3)], _arc(0.5, 0.29, 0.5, 0.29, 0, 360)],
    "A": [[(0.0, 1.0), (0.5, 0.0), (1.0, 1.0)], [(0.17, 0.7), (0.83, 0.7)]],
    "B": [
        [(0.0, 0.0), (0.0, 1.0)],
        [(0.0, 0.0), *_arc(0.55, 0.23, 0.38, 0.23, 270, 450), (0.0, 0.46)],
        [(0.5, 0.46), *_arc(0.55, 0.73, 0.45, 0.27, 270, 450), (0.0, 1.0)],
    ],
    "C": [_arc(0.5, 0.28, 0.5, 0.28, 350, 180) + _arc(0.5, 0.72, 0.5, 0.28, 180, 10)],
    "D": [
        [
            (0.0, 0.0),
            *_arc(0.45, 0.32, 0.55, 0.32, 270, 360),
            *_arc(0.45, 0.68, 0.55, 0.32, 0, 90),
            (0.0, 1.0),
            (0.0, 0.0),
        ]
    ],
    "E": [[(1.0, 0.0), (0.0, 0.0), (0.0, 1.0), (1.0, 1.0)], [(0.0, 0.48), (0.85, 0.48)]],
    "F": [[(1.0, 0.0), (0.0, 0.0), (0.0, 1.0)], [(0.0, 0.48), (0.85, 0.48)]],
    "G": [_arc(0.5, 0.28, 0.5, 0.28, 350, 180) + _arc(0.5, 0.72, 0.5, 0.28, 180, 0) + [(1.0, 0.54), (0.58, 0.54)]],
    "H": [[(0.0, 0.0), (0.0, 1.0)], [(1.0, 0.0), (1.0, 1.0)], [(0.0, 0.48), (1.0, 0.48)]],
    "K": [[(0.0, 0.0), (0.0, 1.0)], [(0.95, 0.0), (0.0, 0.62)], [(0.32, 0.42), (1.0, 1.0)]],
    "L": [[(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)]],
    "M": [[(0.0, 1.0), (0.0, 0.0), (0.5, 0.62), (1.0, 0.0), (1.0, 1.0)]],
    "N": [[(0.0, 1.0), (0.0, 0.0), (1.0, 1.0), (1.0, 0.0)]],
    "P": [[(0.0, 1.0), (0.0, 0.0), *_arc(0.5, 0.28, 0.5, 0.28, 270, 450), (0.0, 0.56)]],
    "Q": [
        _arc(0.5, 0.28, 0.5, 0.28, 180, 360) + _arc(0.5, 0.72, 0.5, 0.28, 0, 180) + [(0, 0.28)],
        [(0.6, 0.75), (1.0, 1.05)],
    ],
    "R": [[(0.0, 1.0), (0.0, 0.0), *_arc(0.5, 0.26, 0.5, 0.26, 270, 450), (0.0, 0.52)], [(0.5, 0.52), (1.0, 1.0)]],
    "S": [_arc(0.5, 0.25, 0.47, 0.25, 340, 100) + _arc(0.5, 0.74, 0.5, 0.26, 280, 520)],
    "T": [[(0.0, 0.0), (1.0, 0.0)], [(0.5, 0.0), (0.5, 1.0)]],
    "U": [[(0.0, 0.0), *_arc(0.5, 0.7, 0.5, 0.3, 180, 0), (1.0, 0.0)]],
    "V": [[(0.0, 0.0), (0.5, 1.0), (1.0, 0.0)]],
    "X": [[(0.0, 0.0), (1.0, 1.0)], [(1.0, 0.0), (0.0, 1.0)]],
    "Y": [[(0.0, 0.0), (0.5, 0.5), (1.0, 0.0)], [(0.5, 0.5), (0.5, 1.0)]],
    "Z": [[(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]],
}
STROKES["Đ"] = [*STROKES["D"], [(-0.22, 0.5), (0.4, 0.5)]]
WIDE = {"M": 1.12, "A": 1.1, "V": 1.08, "X": 1.05, "1": 0.68, "L": 0.95, "Đ": 1.1}
"""Width beside the common one."""


@cache
def strokes_of(character: str, hand: int) -> list[Points]:
    """The character's strokes in one of the `HANDS`; hand 0 is the drawn one.

    What tells neighbours apart on worn plates varies most: the flag of 1 against the bar of 7, how far M's middle comes
    down, where Y forks, where the bar of 4 lies.
    """
    if hand == 0:
        return STROKES[character]
    rng = np.random.default_rng([hand, ord(character)])
    if character in OWN_WAYS:
        return OWN_WAYS[character](rng)
    grow, move = rng.normal(1, 0.05, 2), rng.normal(0, 0.025, 2)
    return [
        [(float((x - 0.5) * grow[0] + 0.5 + move[0]), float((y - 0.5) * grow[1] + 0.5 + move[1])) for x, y in line]
        for line in STROKES[character]
    ]


def _one(rng: np.random.Generator) -> list[Points]:
    return [[(rng.uniform(0.0, 0.35), rng.uniform(0.14, 0.34)), (0.75, 0.0), (0.75, 1.0)]]


def _four(rng: np.random.Generator) -> list[Points]:
    bar, stem = rng.uniform(0.66, 0.8), rng.uniform(0.6, 0.82)
    return [[(rng.uniform(0.4, 0.7), 0.0), (0.0, bar), (1.0, bar)], [(stem, rng.uniform(0.34, 0.52)), (stem, 1.0)]]


def _seven(rng: np.random.Generator) -> list[Points]:
    return [[(0.0, 0.0), (1.0, 0.0), (rng.uniform(0.18, 0.48), 1.0)]]


def _m(rng: np.random.Generator) -> list[Points]:
    return [[(0.0, 1.0), (0.0, 0.0), (0.5, rng.uniform(0.34, 1.0)), (1.0, 0.0), (1.0, 1.0)]]


def _y(rng: np.random.Generator) -> list[Points]:
    fork = rng.uniform(0.4, 0.7)
    return [[(0.0, 0.0), (0.5, fork), (1.0, 0.0)], [(0.5, fork), (0.5, 1.0)]]


OWN_WAYS = {"1": _one, "4": _four, "7": _seven, "M": _m, "Y": _y}
