"""What tracks look like: mean colours over a 4 x 4 grid of the box, and how far two looks are apart.

The distance is the mean over the better three quarters of the grid cells, so that a partly hidden object still
looks like itself. Where no colours are known (no pixels at hand) every distance is the same, about what two looks
of one road user are apart: appearance then decides nothing, and staying alone keeps its relative price.
"""

import numpy as np
from numpy.typing import NDArray

from detector.tracking.rows import Float, Index, Rows
from detector.types.detections import APPEARANCE_WIDTH

CELLS = APPEARANCE_WIDTH // 3
BEST_CELLS = 12
UNKNOWN_DISTANCE = 0.07
FADE_S = 1.0
"""Time constant of the remembered look."""


class Looks(Rows):
    """The remembered look of every track.

    Attributes:
        colours: (n, 48) mean B, G, R per cell, 0..255.
        known: (n,) whether any colour was ever seen.
    """

    def __init__(self) -> None:
        self.colours = np.zeros((0, APPEARANCE_WIDTH))
        self.known = np.zeros(0, bool)

    def take(self, rows: Index, seen: NDArray[np.uint8] | None, gap_s: Float, trust: Float) -> None:
        """Blend (k, 48) colours into the rows: more after a long gap, less with a low `trust` (0..1)."""
        if seen is None:
            return
        share = np.where(self.known[rows], trust * (1 - np.exp(-gap_s / FADE_S)), 1.0)[:, None]
        self.colours[rows] += share * (seen - self.colours[rows])
        self.known[rows] = True

    def distance(self, rows: Index, seen: NDArray[np.uint8] | None, columns: Index) -> Float:
        """(k,) distance 0..1 between track `rows[i]` and detection `columns[i]`."""
        if seen is None or not len(rows):
            return np.full(len(rows), UNKNOWN_DISTANCE)
        best = colours_apart(self.colours[rows], seen[columns])
        return np.where(self.known[rows], best, UNKNOWN_DISTANCE)


def colours_apart(a: Float, b: NDArray[np.uint8]) -> Float:
    """(k,) distance 0..1 between the (k, 48) colours of two looks each."""
    channels = np.abs(a - b).reshape(-1, CELLS, 3)
    # Three terms summed by hand: a mean over so short an axis takes four times as long.
    apart = (channels[..., 0] + channels[..., 1] + channels[..., 2]) / 3 / 255
    return np.asarray(np.partition(apart, BEST_CELLS - 1, axis=1)[:, :BEST_CELLS].mean(axis=1))
