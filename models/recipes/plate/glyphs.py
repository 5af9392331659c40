"""The letters and digits of plates as grey glyphs: own strokes modelled on the plate face, and free fonts beside them.

In: a character and a random generator (stroke weight and proportions differ from maker to maker). Out: a glyph (h,
w) float32, 0..1, of the height asked for, cut to its ink. Fonts are found where Debian's packages put them
(fonts-opendin OFL, fonts-osifont LGPL, fonts-roadgeek MIT, fonts-roboto Apache, fonts-liberation OFL) or in folders
named; without any, strokes alone serve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from detector.plates.alphabet import ALPHABET
from models.recipes.plate.strokes import HANDS, WIDE, strokes_of

Glyph = NDArray[np.float32]

FONT_NAMES = (
    "OSP-DIN.ttf",
    "osifont.ttf",
    "RG2014B.ttf",
    "RG2014C.ttf",
    "RobotoCondensed-Medium.ttf",
    "Roboto-Condensed-Regular.ttf",
    "LiberationSansNarrow-Bold.ttf",
    "barlow-condensed-latin-500-normal.woff",
    "barlow-condensed-latin-600-normal.woff",
    "barlow-semi-condensed-latin-500-normal.woff",
    "saira-semi-condensed-latin-500-normal.woff",
    "pathway-gothic-one-latin-400-normal.woff",
)
FONT_FOLDERS = (Path("/usr/share/fonts"),)
MASTER_PX = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One maker's face: a font, or own strokes of a weight and width.

    Attributes:
        font: index into the fonts found, None for own strokes.
        weight: stroke width over height.
        width: width of a common character over its height.
        hand: which of `HANDS` ways its strokes lean; makers' dies differ as handwriting does.
    """

    font: int | None
    weight: float
    width: float
    hand: int = 0

    @classmethod
    def random(cls, rng: np.random.Generator, fonts: int) -> Face:
        font = int(rng.integers(fonts)) if fonts and rng.random() < 0.35 else None
        slim = rng.random() < 0.5
        weight = float(np.round(rng.uniform(0.08, 0.15) if slim else rng.uniform(0.09, 0.18), 2))
        width = float(np.round(rng.uniform(0.36, 0.48) if slim else rng.uniform(0.42, 0.60), 2))
        return cls(font=font, weight=weight, width=width, hand=int(rng.integers(HANDS)))


class Glyphs:
    """Draws characters of any face; masters are drawn once and kept."""

    def __init__(self, folders: Sequence[Path] = FONT_FOLDERS) -> None:
        self._fonts = [found for name in FONT_NAMES for found in _find(name, folders)[:1]]
        self._master = lru_cache(maxsize=12_000)(self._draw)

    def face(self, rng: np.random.Generator) -> Face:
        return Face.random(rng, len(self._fonts))

    def glyph(self, character: str, face: Face, height_px: int) -> Glyph:
        """(height_px, w) float32 0..1 ink, at least 2 px wide."""
        master = self._master(character, face)
        width = max(2, round(master.shape[1] * height_px / master.shape[0]))
        return np.asarray(cv2.resize(master, (width, height_px), interpolation=cv2.INTER_AREA), np.float32)

    def _draw(self, character: str, face: Face) -> Glyph:
        if face.font is None:
            return stroke_glyph(character, face)
        drawn = _font_glyph(self._fonts[face.font], character)
        if drawn is None:
            return stroke_glyph(character, face)
        squeeze = face.width / 0.5 * (0.62 if self._fonts[face.font].name == "osifont.ttf" else 1.0)
        size = (max(4, round(drawn.shape[1] * np.clip(squeeze, 0.6, 1.2))), MASTER_PX)
        drawn = np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_AREA), np.float32)
        if self._fonts[face.font].name == "osifont.ttf":
            drawn = np.asarray(cv2.dilate(drawn, np.ones((5, 5), np.uint8)), np.float32)
        return drawn


def stroke_glyph(character: str, face: Face) -> Glyph:
    """The own glyph (MASTER_PX, w), strokes centred half their weight inside the edges."""
    thick = max(2, round(face.weight * MASTER_PX))
    width = round(face.width * WIDE.get(character, 1.0) * MASTER_PX)
    pad = thick // 2 + 1
    over = round(0.22 * width) if character == "Đ" else 0
    canvas = np.zeros((MASTER_PX, width + over), np.uint8)
    scale = np.array([width - 2 * pad, MASTER_PX - 2 * pad])
    for line in strokes_of(character, face.hand):
        points = np.array(line) * scale + pad + np.array([over, 0])
        cv2.polylines(canvas, [np.round(points * 16).astype(np.int32)], False, 255, thick, cv2.LINE_AA, 4)
    return _cut(canvas)


@cache
def _font_glyph(path: Path, character: str) -> Glyph | None:
    font = _open(path)
    missing, drawn = font.getmask("\ue0f3"), font.getmask(character)
    if bytes(missing) == bytes(drawn) or character not in ALPHABET:
        return None
    picture = PilImage.new("L", (220, 220))
    ImageDraw.Draw(picture).text((40, 20), character, font=font, fill=255)
    ink = _cut(np.asarray(picture))
    return np.asarray(cv2.resize(ink, (max(4, round(ink.shape[1] * MASTER_PX / ink.shape[0])), MASTER_PX)), np.float32)


@cache
def _open(path: Path) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), 120)


def _cut(canvas: NDArray[np.uint8]) -> Glyph:
    rows, columns = np.flatnonzero(canvas.max(1) > 40), np.flatnonzero(canvas.max(0) > 40)
    inked = canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(inked, np.float32) / 255


def _find(name: str, folders: Sequence[Path]) -> list[Path]:
    return [path for folder in folders for path in sorted(folder.rglob(name))]
