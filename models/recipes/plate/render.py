"""A plate seen square on: ground, frame, bolts, characters, wear.

In: a `PlateText`, glyphs and a random generator. Out: a `FlatPlate`: pixels (h, w, 3) uint8 BGR at half a pixel and
more a millimetre, and its silhouette. Makers differ, so letter height, spacing, margins, stroke and tints are drawn
from ranges.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipes.network import Image
from models.recipes.plate.glyphs import Face, Glyphs
from models.recipes.plate.series import PlateText

LIGHT_SHARE = 0.12
"""Plates whose paint has faded to little contrast."""

GROUNDS = {"white": (228, 230, 228), "yellow": (40, 190, 235), "blue": (150, 70, 20), "red": (40, 30, 190)}
INKS = {"white": (22, 22, 24), "yellow": (18, 20, 22), "blue": (235, 235, 235), "red": (235, 235, 235)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatPlate:
    """A plate square on.

    Attributes:
        pixels: (h, w, 3) uint8 BGR.
        mask: (h, w) float32, 1 inside the plate's rounded outline.
        cells: per printed row (n, 4) float32, px: left, top, right and bottom of each letter and digit.
        face: what they were drawn in.
    """

    pixels: Image
    mask: NDArray[np.float32]
    cells: tuple[NDArray[np.float32], ...]
    face: Face

    @property
    def centres(self) -> tuple[NDArray[np.float32], ...]:
        """Per printed row (n, 2) float32, px: the middle of each letter and digit."""
        return tuple((row[:, :2] + row[:, 2:]) / 2 for row in self.cells)


def flat_plate(plate: PlateText, glyphs: Glyphs, rng: np.random.Generator) -> FlatPlate:
    scale = 0.7 if len(plate.printed) == 2 else 0.52
    width, height = (round(side * scale) for side in plate.size_mm)
    face = glyphs.face(rng)
    ink, cells = print_on(plate, glyphs, face, (width, height), rng)
    mask = _outline((width, height), rng)
    base = np.array(GROUNDS[plate.ground], np.float32) * rng.uniform(0.75, 1.08) + rng.normal(0, 6, 3)
    if plate.ground == "white" and rng.random() < 0.1:
        base *= np.array([rng.uniform(0.6, 0.9), 0.96, 1.0])
    paint = np.array(INKS[plate.ground], np.float32) + rng.uniform(0, 45)
    if rng.random() < LIGHT_SHARE:
        paint += (base - paint) * rng.uniform(0.2, 0.6)
    picture = np.broadcast_to(base.astype(np.float32), (height, width, 3)).copy()
    _frame(picture, paint, rng)
    wear(picture, rng)
    ink *= chipped((width, height), rng)
    _gaps(ink, rng)
    if rng.random() < 0.25:
        drowned = bleach(ink, rng)
        if rng.random() < 0.65:
            _shone(picture, drowned, rng)
    picture += (paint.astype(np.float32) - picture) * ink[:, :, None]
    _bolts(picture, rng)
    if rng.random() < 0.35:
        dirt(picture, rng)
    if rng.random() < 0.2:
        _overhang(picture, rng)
    return FlatPlate(pixels=np.clip(picture, 0, 255).astype(np.uint8), mask=mask, cells=cells, face=face)


def print_on(
    plate: PlateText, glyphs: Glyphs, face: Face, size_wh: tuple[int, int], rng: np.random.Generator
) -> tuple[NDArray[np.float32], tuple[NDArray[np.float32], ...]]:
    """(h, w) float32 0..1: the printed rows, centred; and where the characters are."""
    width, height = size_wh
    ink = np.zeros((height, width), np.float32)
    count = len(plate.printed)
    tall = rng.uniform(0.36, 0.43) if count == 2 else rng.uniform(0.62, 0.80)
    inner = height * rng.uniform(0.90, 0.98)
    cells = []
    for number, printed in enumerate(plate.printed):
        centre = height / 2 if count == 1 else height / 2 + (number - 0.5) * inner * 0.47
        middle = centre + rng.normal(0, height * 0.008)
        cells.append(_print_row(ink, printed, glyphs, face, round(height * tall), middle, rng))
    return ink, tuple(cells)


def _print_row(
    ink: NDArray[np.float32],
    printed: str,
    glyphs: Glyphs,
    face: Face,
    tall: int,
    centre: float,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    gap = tall * (rng.uniform(0.10, 0.24) if rng.random() < 0.5 else rng.uniform(0.2, 0.42))
    marks = [_mark(character, glyphs, face, tall, rng) for character in printed]
    length = sum(mark.shape[1] for mark in marks) + gap * (len(marks) - 1)
    room = ink.shape[1] * rng.uniform(0.86, 0.95)
    squeeze = min(1.0, room / length)
    x, top = (ink.shape[1] - length * squeeze) / 2 + rng.normal(0, ink.shape[1] * 0.008), round(centre - tall / 2)
    top = int(np.clip(top, 0, ink.shape[0] - tall))
    cells = []
    for character, mark in zip(printed, marks, strict=True):
        wide = max(2, round(mark.shape[1] * squeeze))
        drawn = cv2.resize(mark, (wide, tall), interpolation=cv2.INTER_AREA)
        left = int(np.clip(round(x), 0, ink.shape[1] - wide))
        place = ink[top : top + tall, left : left + wide]
        np.maximum(place, drawn, out=place)
        x += (mark.shape[1] + gap) * squeeze
        if character not in " -.":
            cells.append((left, top, left + wide, top + tall))
    return np.array(cells, np.float32)


def _mark(character: str, glyphs: Glyphs, face: Face, tall: int, rng: np.random.Generator) -> NDArray[np.float32]:
    if character not in " -.":
        return glyphs.glyph(character, face, tall)
    thick = max(2, round(tall * face.weight * rng.uniform(0.6, 1.0)))
    wide = {"-": round(tall * rng.uniform(0.14, 0.34)), ".": thick, " ": round(tall * 0.2)}[character]
    mark = np.zeros((tall, max(2, wide)), np.float32)
    if character == "-":
        mark[tall // 2 - thick // 2 : tall // 2 - thick // 2 + thick] = 1
    elif character == ".":
        low = tall - thick if rng.random() < 0.7 else tall - thick - round(tall * rng.uniform(0, 0.45))
        mark[low : low + thick] = 1
    return mark


def _outline(size_wh: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    width, height = size_wh
    radius = round(height * rng.uniform(0.02, 0.1))
    mask = np.zeros((height, width), np.float32)
    cv2.rectangle(mask, (radius, 0), (width - radius, height), 1.0, -1)
    cv2.rectangle(mask, (0, radius), (width, height - radius), 1.0, -1)
    for x in (radius, width - radius - 1):
        for y in (radius, height - radius - 1):
            cv2.circle(mask, (x, y), radius, 1.0, -1)
    return mask


def _frame(picture: NDArray[np.float32], paint: NDArray[np.float32], rng: np.random.Generator) -> None:
    """The pressed or painted rim, or a holder around the plate."""
    height, width = picture.shape[:2]
    inset, pick = round(height * rng.uniform(0, 0.05)), rng.random()
    if pick < 0.55:
        thick = max(1, round(height * rng.uniform(0.008, 0.03)))
        tint = paint if rng.random() < 0.6 else np.array([150.0, 150, 150])
        cv2.rectangle(picture, (inset, inset), (width - 1 - inset, height - 1 - inset), tint.tolist(), thick)
    elif pick < 0.75:
        thick = max(1, round(height * rng.uniform(0.02, 0.06)))
        tint = rng.uniform(90, 235, 3) if rng.random() < 0.6 else rng.uniform(0, 60, 3)
        cv2.rectangle(picture, (0, 0), (width - 1, height - 1), tint.tolist(), thick)


def _bolts(picture: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Heads of bolts, bright or rusty, some with a washer, where holders have them or where somebody drilled."""
    height, width = picture.shape[:2]
    if rng.random() < 0.5:
        return
    y = height * (rng.uniform(0.05, 0.2) if rng.random() < 0.6 else rng.uniform(0.3, 0.95))
    size = height * rng.uniform(0.012, 0.06)
    for x in (width * rng.uniform(0.08, 0.35), width * rng.uniform(0.65, 0.92)):
        at = (round(x), round(y + rng.normal(0, height * 0.01)))
        shade = np.full(3, rng.uniform(20, 250)) if rng.random() < 0.8 else np.array([40, 70, 110.0])
        if rng.random() < 0.3:
            cv2.circle(picture, at, max(2, round(size * 1.6)), (shade * 0.6).tolist(), -1, cv2.LINE_AA)
        cv2.circle(picture, at, max(1, round(size)), shade.tolist(), -1, cv2.LINE_AA)


def _gaps(ink: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Places where the paint of the characters has come off, often along an edge or a scratch."""
    height, width = ink.shape
    if rng.random() < 0.8:
        return
    for _ in range(int(rng.integers(1, 5))):
        left = np.float32(rng.uniform(0.0, 0.5))
        gone = np.zeros((height, width), np.float32)
        at = (int(rng.integers(width)), int(rng.integers(height)))
        if rng.random() < 0.6:
            axes = (max(1, int(width * rng.uniform(0.01, 0.05))), max(1, int(height * rng.uniform(0.02, 0.09))))
            cv2.ellipse(gone, at, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1, cv2.LINE_AA)
        else:
            turn, reach = rng.uniform(0, np.pi), width * rng.uniform(0.1, 0.4)
            end = (round(at[0] + reach * np.cos(turn)), round(at[1] + reach * np.sin(turn)))
            cv2.line(gone, at, end, 1.0, max(1, round(height * rng.uniform(0.01, 0.04))), cv2.LINE_AA)
        ink *= 1 - gone * (1 - left)


def bleach(ink: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Parts of characters as bright as the ground: rubbed off, or drowned in a mirrored lamp. The rest stays sharp.

    Returns:
        (h, w) float32 0..1: where.
    """
    height, width = ink.shape
    drowned = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        at = (int(rng.integers(width)), int(rng.integers(height)))
        if rng.random() < 0.6:
            axes = (max(1, int(width * rng.uniform(0.02, 0.09))), max(1, int(height * rng.uniform(0.04, 0.15))))
        else:
            axes = (max(1, int(width * rng.uniform(0.1, 0.5))), max(1, int(height * rng.uniform(0.015, 0.06))))
        cv2.ellipse(drowned, at, axes, float(rng.normal(0, 25)), 0, 360, 1.0, -1, cv2.LINE_AA)
    drowned = cv2.GaussianBlur(drowned, (0, 0), max(0.4, height * rng.uniform(0.005, 0.04)))
    ink *= 1 - drowned * np.float32(rng.uniform(0.6, 1))
    return np.asarray(drowned, np.float32)


def _shone(picture: NDArray[np.float32], drowned: NDArray[np.float32], rng: np.random.Generator) -> None:
    """The ground brighter where print is drowned: without that trace a 0 that lost its corner is a 6."""
    light = (np.float32(rng.uniform(200, 290)) - picture).clip(min=0) * np.float32(rng.uniform(0.3, 1))
    picture += light * drowned[:, :, None]


def _overhang(picture: NDArray[np.float32], rng: np.random.Generator) -> None:
    """The shadow of a frame, fender or lamp along an edge, and seldom the thing itself."""
    height, width = picture.shape[:2]
    deep = height * rng.uniform(0.03, 0.16)
    tilt = rng.normal(0, 0.04) * height
    edge = np.array([[0, 0], [width, 0], [width, deep + tilt], [0, deep - tilt]]).round().astype(np.int32)
    shade = np.zeros((height, width), np.float32)
    cv2.fillPoly(shade, [edge], 1.0)
    shade = cv2.GaussianBlur(shade, (0, 0), rng.uniform(0.5, 3))
    if rng.random() < 0.25:
        shade = np.ascontiguousarray(shade[::-1])
    picture *= 1 - shade[:, :, None] * np.float32(rng.uniform(0.2, 0.85))


def chipped(size_wh: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """(h, w) how much of the paint is left."""
    width, height = size_wh
    if rng.random() < 0.75:
        return np.ones((height, width), np.float32)
    coarse = rng.random((max(3, height // 10), max(3, width // 10))).astype(np.float32)
    field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(1.6 - field * rng.uniform(0.8, 1.6), rng.uniform(0.2, 0.5), 1), np.float32)


def wear(picture: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Uneven ground: dust, dents, stickers' shine."""
    height, width = picture.shape[:2]
    coarse = rng.normal(0, rng.uniform(2, 14), (4, 6, 1)).astype(np.float32)
    picture += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)[:, :, None]


def dirt(picture: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Mud in spots and sheets, and scratches, over ground and characters alike."""
    height, width = picture.shape[:2]
    mud = np.array([70, 90, 110], np.float32) * np.float32(rng.uniform(0.4, 1.5))
    for _ in range(int(rng.integers(1, 9))):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.integers(1, max(2, width // 18))), int(rng.integers(1, max(2, height // 12))))
        covered = picture.copy()
        cv2.ellipse(covered, centre, axes, float(rng.uniform(0, 180)), 0, 360, mud.tolist(), -1)
        cv2.addWeighted(covered, share := float(rng.uniform(0.2, 0.8)), picture, 1 - share, 0, dst=picture)
    if rng.random() < 0.5:
        low = np.linspace(-0.6, rng.uniform(0.1, 0.7), height, dtype=np.float32).clip(0, 1)
        picture += (mud - picture) * low[:, None, None]
