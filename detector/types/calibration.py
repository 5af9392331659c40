"""How often a network is right when it gives a score: per class a slope and a shift of the score's log-odds.

Trackers and rules compare raw scores, whose thresholds were chosen on them; whatever leaves the product as a confidence
goes through this. Within one class the map rises, so it never changes which of two boxes of a class is the better one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector.types.classes import ObjectClass

Float = NDArray[np.float32]
Fit = tuple[float, float]
"""Slope (above 0) and shift: log-odds of being right = slope * log-odds of the score + shift."""
UNCHANGED: Fit = (1.0, 0.0)
NEAREST = 1e-6
"""Scores are kept so far from 0 and 1, whose log-odds are infinite."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """One network's fits, in the order of `ObjectClass` (Platt, Probabilistic outputs for SVMs, 1999)."""

    fits: tuple[Fit, ...] = (UNCHANGED,) * len(ObjectClass)

    @classmethod
    def of(cls, fits: Mapping[ObjectClass, Fit]) -> "Calibration":
        """The given fits; classes without one keep their scores to the last bit."""
        return cls(tuple(fits.get(kind, UNCHANGED) for kind in ObjectClass))

    def probability(self, kind: NDArray[np.integer], score: NDArray[np.floating]) -> Float:
        """How likely each box is right: 0..1, float32.

        Args:
            kind: values of `ObjectClass`, any shape that `score` broadcasts with.
            score: raw scores, 0..1.
        """
        slopes, shifts = _columns(self.fits)
        slope, shift = slopes[kind], shifts[kind]
        clipped = np.clip(np.asarray(score, np.float64), NEAREST, 1 - NEAREST)
        mapped = 1 / (1 + np.exp(-(slope * np.log(clipped / (1 - clipped)) + shift)))
        return np.asarray(np.where((slope == 1) & (shift == 0), score, mapped), np.float32)


@lru_cache
def _columns(fits: tuple[Fit, ...]) -> NDArray[np.float64]:
    """(2, classes) slopes and shifts."""
    return np.array(fits).T


AS_IT_IS = Calibration()
"""Scores mean what they say, or nobody has measured what they mean."""
