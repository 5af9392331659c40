"""Whether what was taken for a plate ends where a plate must, or is print on a body that goes on around it.

In: the picture of a vehicle and the box of what was found, px. Out: yes or no. A plate is a board of its own: beyond
its edge lies a bumper, a holder, a shadow. A number painted on a tailboard or a door has the same ground outside as
inside. Asked of trucks alone: they bear such numbers by law.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

RIM = 0.2
"""Of the box's sides, left out inside it: a loose box shows the bumper there."""
GAP, STRIP = 0.12, 0.22
"""Of the box's height: left out outside it, since boxes are not exact, and looked at beyond that."""
ALIKE = 0.35
"""Of the step between ground and print: colours nearer than this to the ground are the ground's."""
GOES_ON = 0.7
"""Share of a strip in the ground's colour from which the ground goes on there."""
SIDES = 2
"""Of the four sides on which the ground goes on, if it is a body's: boxes of large print are often cut short."""
STEP_LEAST = 25.0
"""Between ground and print, of 255; with less nothing can be told."""
STRIP_LEAST_PX = 4

Colours = NDArray[np.float32]


def goes_on(image: NDArray[np.uint8], xyxy: Sequence[float]) -> bool:
    """Whether the ground goes on around the box on `SIDES` sides or more: print on a body rather than a plate.

    Args:
        image: (h, w, 3) uint8 BGR, with what surrounds the box.
    """
    left, top, right, bottom = xyxy
    x, y = (right - left) * RIM, (bottom - top) * RIM
    x1, y1, x2, y2 = _inside(image, (left + x, top + y, right - x, bottom - y))
    found = image[y1:y2, x1:x2].reshape(-1, 3).astype(np.float32)
    if len(found) < STRIP_LEAST_PX:
        return False
    ground, step = _ground(found)
    if step < STEP_LEAST:
        return False
    alike = [np.abs(strip - ground).max(1) < ALIKE * step for strip in _strips(image, xyxy)]
    return sum(bool(strip.mean() >= GOES_ON) for strip in alike) >= SIDES


def _ground(pixels: Colours) -> tuple[Colours, float]:
    """The colour of what covers more, and how far the rest's is from it."""
    light = pixels.max(1)
    lighter = light >= (np.percentile(light, 5) + np.percentile(light, 95)) / 2
    if lighter.all() or not lighter.any():
        return np.median(pixels, axis=0), 0.0
    ground, print_ = (
        (pixels[lighter], pixels[~lighter]) if lighter.mean() >= 0.5 else (pixels[~lighter], pixels[lighter])
    )
    one, two = np.median(ground, axis=0), np.median(print_, axis=0)
    return one, float(np.abs(one - two).max())


def _strips(image: NDArray[np.uint8], xyxy: Sequence[float]) -> Iterator[Colours]:
    """What lies beyond each side of the box, where the picture shows it."""
    x1, y1, x2, y2 = xyxy
    gap, wide = GAP * (y2 - y1), max(STRIP * (y2 - y1), 2.0)
    beyond = (
        (x1, y1 - gap - wide, x2, y1 - gap),
        (x1, y2 + gap, x2, y2 + gap + wide),
        (x1 - gap - wide, y1, x1 - gap, y2),
        (x2 + gap, y1, x2 + gap + wide, y2),
    )
    for box in beyond:
        left, top, right, bottom = _inside(image, box)
        strip = image[top:bottom, left:right].reshape(-1, 3).astype(np.float32)
        if len(strip) >= STRIP_LEAST_PX:
            yield strip


def _inside(image: NDArray[np.uint8], xyxy: Sequence[float]) -> tuple[int, int, int, int]:
    height, width = image.shape[:2]
    x1, y1, x2, y2 = (round(side) for side in xyxy)
    return max(x1, 0), max(y1, 0), max(min(x2, width), 0), max(min(y2, height), 0)
