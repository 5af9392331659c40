"""The colour of a plate's ground: white, yellow, blue or red, or not to be told.

In: a crop of the plate. Out: a `Ground` or None. The ground is what covers most of the plate's middle, lighter or
darker than the characters; its hue and saturation decide, with gaps between the colours where the answer is None.
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

MIDDLE = 0.12
"""Share of each side that is left out: rim and surroundings."""
SAMPLED_PX = 48
"""Places looked at along each side; more would tell nothing new of a colour."""
DARKEST = 40.0
"""Below this brightness (of 255) no colour can be told."""
WHITE_MOST = 0.30
COLOURED_LEAST = 0.42
"""Saturation (0..1) up to which a ground is white, and from which it has a colour."""


class Ground(StrEnum):
    """Colours of law: private, transport business, state, army."""

    WHITE = "white"
    YELLOW = "yellow"
    BLUE = "blue"
    RED = "red"


def ground_of(crop: NDArray[np.uint8]) -> Ground | None:
    """The ground's colour of a plate crop (h, w, 3) uint8 BGR, None where it cannot be told.

    Raises:
        ValueError: not such an array, or empty.
    """
    if crop.ndim != 3 or crop.shape[2] != 3 or crop.size == 0:
        raise ValueError(f"crop: expected (h, w, 3) with pixels, got {crop.shape}")
    height, width = crop.shape[:2]
    top, left = int(height * MIDDLE), int(width * MIDDLE)
    step_y, step_x = max(1, height // SAMPLED_PX), max(1, width // SAMPLED_PX)
    middle = crop[top : height - top : step_y, left : width - left : step_x].reshape(-1, 3).astype(np.float64)
    light = middle.max(1)
    lighter = light >= (light.min() + light.max()) / 2
    ground = np.median(middle[lighter if lighter.mean() >= 0.5 else ~lighter], axis=0)
    if ground.max() < DARKEST:
        return None
    return _named(ground)


def _named(bgr: NDArray[np.float64]) -> Ground | None:
    blue, green, red = bgr
    high, low = float(bgr.max()), float(bgr.min())
    saturation = (high - low) / high
    if saturation <= WHITE_MOST:
        return Ground.WHITE if high >= 2 * DARKEST else None
    if saturation < COLOURED_LEAST:
        return None
    if high == red:
        hue = 60.0 * ((green - blue) / (high - low))
    elif high == green:
        hue = 60.0 * (2 + (blue - red) / (high - low))
    else:
        hue = 60.0 * (4 + (red - green) / (high - low))
    if 25 <= hue <= 70:
        return Ground.YELLOW
    if 185 <= hue <= 260:
        return Ground.BLUE
    return Ground.RED if -25 <= hue <= 15 else None
