"""Pictures that are all plate, cut tight or loose: nothing around tells the finder how large a plate is.

In: such a picture, or what was read of it in several cuts. Out: the picture with blurred surroundings of its own edges,
in which the finder sees a plate as small as on a vehicle; and of several readings the one that is whole.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.inference.picture import Pixels
from detector.plates.reading import PlateReading

SURROUNDINGS = (0.4, 1.0)
"""Of the picture's sides, added to each: how loosely it was cut is not known."""
LONGEST_PX = 256
"""The finder's input is no larger."""
BLUR_PX = 5.0
LEGIBLE = 0.1
"""Confidence from which a longer reading shows that a shorter one was cut off."""
OUTSIDE_GRAMMAR = 0.3


class Surrounded(NamedTuple):
    """A picture in its surroundings, and how to get back."""

    pixels: Pixels
    scale: float
    left_top: tuple[int, int]

    def back(self, xyxy: NDArray[np.float32], size_wh: tuple[int, int]) -> NDArray[np.float32]:
        """A box in px of the picture alone, clipped to it."""
        own = (xyxy - np.array(self.left_top * 2, np.float32)) / self.scale
        return np.asarray(np.clip(own, 0, np.array(size_wh * 2, np.float32)), np.float32)


def surrounded(image: Pixels, share: float) -> Surrounded:
    """The picture, shrunk to `LONGEST_PX`, amid its own edges drawn outwards and blurred."""
    scale = min(1.0, LONGEST_PX / max(image.shape[:2]))
    width, height = (max(1, round(side * scale)) for side in (image.shape[1], image.shape[0]))
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA) if scale < 1 else image
    x, y = round(width * share), round(height * share)
    wide = cv2.copyMakeBorder(small, y, y, x, x, cv2.BORDER_REPLICATE)
    pixels = np.asarray(cv2.GaussianBlur(wide, (0, 0), BLUR_PX), np.uint8)
    pixels[y : y + height, x : x + width] = small
    return Surrounded(pixels, scale, (x, y))


def fullest(readings: Sequence[PlateReading]) -> int:
    """Which of several readings of one plate to take: the surest that is no part of another one.

    Half a plate can be read as surely as a whole one: 51F-646.19 without its end is a plate with four digits.
    """
    standing = [reading.confidence * (1.0 if reading.valid else OUTSIDE_GRAMMAR) for reading in readings]
    whole = [n for n, one in enumerate(readings) if not any(_cut_off(one, other) for other in readings)]
    return max(whole or range(len(readings)), key=lambda n: standing[n])


def _cut_off(one: PlateReading, other: PlateReading) -> bool:
    if not other.sure(LEGIBLE) or len(one.text) >= len(other.text):
        return False
    rest = iter(other.text)
    return all(character in rest for character in one.text)
