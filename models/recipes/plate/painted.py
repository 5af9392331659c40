"""The number painted on a truck's tailboard and sides: large print on the body's own paint, no frame around it.

In: a random generator and glyphs. Out: a `PlateText` and a `FlatPlate` of one row on a board of the body's paint, or of
the paint alone. Stencils, brushes and foils differ: letters lie wide or narrow, the paint is thin, bodies are ribbed
and dusty. The reader learns them in passing; `painted_scenes.py` lays them onto vehicles to measure on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.recipes.plate.glyphs import Glyphs
from models.recipes.plate.render import FlatPlate, chipped, dirt, print_on, wear
from models.recipes.plate.series import CODES, LETTERS, PlateText

HEIGHT_PX = 64
BODIES = ((150, 80, 30), (60, 110, 40), (40, 40, 160), (225, 225, 225), (120, 120, 120), (40, 150, 210), (60, 60, 60))
"""BGR of common bodies: blue, green, red, white, grey, yellow, dark."""
PAINTS = ((240, 240, 240), (235, 235, 235), (60, 215, 240), (25, 25, 25), (30, 30, 190), (140, 50, 20))
CONTRAST_LEAST = 55.0
TRUCK_SHARE = 0.6
"""Of numbers with the letter that trucks mostly bear."""


def painted_number(rng: np.random.Generator) -> PlateText:
    """29C-123.45, 29C 12345, 29H-1234."""
    letter = str(rng.choice(list("CDH"))) if rng.random() < TRUCK_SHARE else str(rng.choice(list(LETTERS)))
    digits = "".join(str(digit) for digit in rng.integers(0, 10, 5 if rng.random() < 0.9 else 4))
    tail = f"{digits[:3]}.{digits[3:]}" if len(digits) == 5 and rng.random() < 0.6 else digits
    joint = str(rng.choice(["-", " ", "-"]))
    head = f"{rng.choice(CODES)}{letter}"
    wide = round(HEIGHT_PX * rng.uniform(4.0, 6.5))
    return PlateText(printed=(f"{head}{joint}{tail}",), ground="body", size_mm=(wide, HEIGHT_PX))


def painted(plate: PlateText, glyphs: Glyphs, rng: np.random.Generator, *, board: bool = True) -> FlatPlate:
    """The number square on; without a board its paint alone, to be laid straight onto a body."""
    width, height = plate.size_mm
    face = glyphs.face(rng)
    ink, cells = print_on(plate, glyphs, face, (width, height), rng)
    body, paint = _colours(rng)
    picture = np.broadcast_to(body, (height, width, 3)).copy()
    wear(picture, rng)
    if rng.random() < 0.35:
        _ribs(picture, rng)
    ink = np.asarray(ink * chipped((width, height), rng) * np.float32(rng.uniform(0.7, 1)), np.float32)
    if not board:
        bare = np.broadcast_to(np.clip(paint, 0, 255).astype(np.uint8), (height, width, 3)).copy()
        return FlatPlate(pixels=bare, mask=ink, cells=cells, face=face)
    picture += (paint - picture) * ink[:, :, None]
    if rng.random() < 0.5:
        dirt(picture, rng)
    pixels = np.clip(picture, 0, 255).astype(np.uint8)
    return FlatPlate(pixels=pixels, mask=np.ones((height, width), np.float32), cells=cells, face=face)


def _colours(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """BGR of the body and of a paint that shows on it."""
    body = np.array(BODIES[int(rng.integers(len(BODIES)))], np.float32) * np.float32(rng.uniform(0.5, 1.1))
    body = body + rng.normal(0, 8, 3).astype(np.float32)
    seen = [paint for paint in PAINTS if abs(np.mean(paint) - body.mean()) >= CONTRAST_LEAST]
    return body, np.array(seen[int(rng.integers(len(seen)))], np.float32)


def _ribs(picture: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Pressed ribs or planks that light and shade the board in turns."""
    height, width = picture.shape[:2]
    lying = rng.random() < 0.4
    along = np.arange(height if lying else width, dtype=np.float32)
    wave = np.sin(along * np.float32(2 * np.pi / (height * rng.uniform(0.3, 1.5))) + np.float32(rng.uniform(0, 6)))
    shade = 1 + np.float32(rng.uniform(0.05, 0.25)) * (np.sign(wave) if rng.random() < 0.5 else wave)
    picture *= shade[:, None, None] if lying else shade[None, :, None]
