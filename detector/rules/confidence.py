"""How sure a rule is: margins beyond its thresholds, how likely the box is right, the share of points really measured.

The figure orders cases for review and lets a threshold be set; it is no probability of guilt.
"""

import math
from collections.abc import Sequence

from detector.types import PathPoint

AT_THRESHOLD = 0.6
"""Confidence of a margin met exactly; doubling the threshold halves the remaining distance to 1 about twice."""


def margin(value: float, threshold: float) -> float:
    """0.6 where a value just reaches its threshold, towards 1 as it goes beyond, towards 0 below."""
    ratio = value / threshold if threshold > 0 else 2.0
    return 1 - (1 - AT_THRESHOLD) * math.exp(-1.5 * (ratio - 1)) if ratio >= 1 else AT_THRESHOLD * max(ratio, 0.0)


def measured_share(path: Sequence[PathPoint], since_s: float, until_s: float) -> float:
    """Share of the path's points between two times at which the object was detected and not predicted."""
    window = [point.measured for point in path if since_s <= point.t_s <= until_s]
    return sum(window) / len(window) if window else 0.0


def confidence(*, margins: Sequence[float], score: float, measured: float) -> float:
    """One figure in 0..1 from the weakest margin, the detector's calibrated score and the share of measured points."""
    return round(min(margins) * (0.7 + 0.3 * min(max(score, 0.0), 1.0)) * (0.6 + 0.4 * measured), 3)
