"""Which renders can be read at all, told without any reader: from what was printed and where it lies in the crop.

In: a flat plate and a crop of it with the matrix between them. Out: whether the crop is legible: brought back into the
plate's plane, each character correlates with its own print by at least `LEAST` and better than with the print of any
other character in the same face. Drilled, bleached, burnt, cut off or blurred beyond that, a plate says something else
or nothing; no reading is asked for, so what is left out does not depend on who reads.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.plates.alphabet import ALPHABET
from models.recipes.network import Image
from models.recipes.plate.glyphs import Glyphs
from models.recipes.plate.render import FlatPlate
from models.recipes.plate.series import PlateText

LEAST = 0.5
ROOM = 0.08
"""Of a character's height, around it: an edge tells as much as a stroke."""
FRAMES_LEAST = 2
"""Of a track's frames that must be legible for the track to be."""
BRIGHT_INK = frozenset({"blue", "red"})

Grey = NDArray[np.float32]


class Print:
    """What each character of one plate would have to be told from."""

    def __init__(self, plate: PlateText, flat: FlatPlate, glyphs: Glyphs) -> None:
        self._size_wh = flat.pixels.shape[1], flat.pixels.shape[0]
        self._sign = 1 if plate.ground in BRIGHT_INK else -1
        self._places = [
            _place(character, cell, flat, glyphs)
            for text, cells in zip(plate.rows, flat.cells, strict=True)
            for character, cell in zip(text, cells, strict=True)
        ]

    def legible(self, crop: Image, matrix: NDArray[np.float64]) -> bool:
        """Whether every character of a crop (h, w, 3) shows itself.

        Args:
            matrix: 3 x 3, from px of the flat plate to px of the crop.
        """
        grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY).astype(np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        back = cv2.warpPerspective(grey, matrix, self._size_wh, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return all(self._shows(back, *place) for place in self._places)

    def _shows(self, back: NDArray[np.generic], own: int, window: tuple[slice, slice], prints: Grey) -> bool:
        seen = _normal(np.asarray(back[window], np.float32).reshape(1, -1))[0] * self._sign
        alike = prints @ seen
        return bool(alike[own] >= LEAST and int(alike.argmax()) == own)


def _place(
    character: str, cell: NDArray[np.float32], flat: FlatPlate, glyphs: Glyphs
) -> tuple[int, tuple[slice, slice], Grey]:
    """The character's number, its window in the plate's plane, and in it the prints of all (n, px), normalised."""
    left, top, right, bottom = (int(side) for side in cell)
    tall, room = bottom - top, max(1, round(ROOM * (bottom - top)))
    squeeze = (right - left) / glyphs.glyph(character, flat.face, tall).shape[1]
    height, width = flat.pixels.shape[:2]
    low_x, high_x = max(0, left - room), min(width, right + room)
    low_y, high_y = max(0, top - room), min(height, bottom + room)
    prints = np.zeros((len(ALPHABET), high_y - low_y, high_x - low_x), np.float32)
    for print_, other in zip(prints, ALPHABET, strict=True):
        drawn = glyphs.glyph(other, flat.face, tall)
        wide = max(2, round(drawn.shape[1] * squeeze))
        wide_print = np.zeros((print_.shape[0], max(wide, print_.shape[1])), np.float32)
        at = (wide_print.shape[1] - wide) // 2
        wide_print[top - low_y : bottom - low_y, at : at + wide] = cv2.resize(
            drawn, (wide, tall), interpolation=cv2.INTER_AREA
        )
        cut = (wide_print.shape[1] - print_.shape[1]) // 2
        print_[:] = cv2.GaussianBlur(wide_print, (0, 0), 1.0)[:, cut : cut + print_.shape[1]]
    window = slice(low_y, high_y), slice(low_x, high_x)
    return ALPHABET.index(character), window, _normal(prints.reshape(len(prints), -1))


def _normal(rows: Grey) -> Grey:
    """Rows (n, px) without their mean, of length one; a row without any contrast is zero."""
    level = rows - rows.mean(1, keepdims=True)
    return np.asarray(level / np.maximum(np.linalg.norm(level, axis=1, keepdims=True), 1e-6), np.float32)
