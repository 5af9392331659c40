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

Glyph = NDArray[np.float32]
Points = list[tuple[float, float]]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One maker's face: a font, or own strokes of a weight and width.

    Attributes:
        font: index into the fonts found, None for own strokes.
        weight: stroke width over height.
        width: width of a common character over its height.
    """

    font: int | None
    weight: float
    width: float

    @classmethod
    def random(cls, rng: np.random.Generator, fonts: int) -> Face:
        font = int(rng.integers(fonts)) if fonts and rng.random() < 0.35 else None
        weight = float(np.round(rng.uniform(0.09, 0.18), 2))
        return cls(font=font, weight=weight, width=float(np.round(rng.uniform(0.42, 0.60), 2)))


class Glyphs:
    """Draws characters of any face; masters are drawn once and kept."""

    def __init__(self, folders: Sequence[Path] = FONT_FOLDERS) -> None:
        self._fonts = [found for name in FONT_NAMES for found in _find(name, folders)[:1]]
        self._master = lru_cache(maxsize=40_000)(self._draw)

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
    for line in STROKES[character]:
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
