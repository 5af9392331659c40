"""Number plates of the vehicles in the clips: real forms and colours, series that Hanoi has not issued.

Comes in: a vehicle's name. Goes out: a `Number`, the same each time, and faces on the vehicle's mesh. Characters are
flat strokes of the recipe's plate face, so a clip needs no textures; every vehicle bears another number.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from models.recipes.plate.strokes import STROKES, WIDE
from samples.render.mesh import Colour, MeshBuilder

GROUNDS: dict[str, Colour] = {"white": (0.85, 0.85, 0.83), "yellow": (0.80, 0.46, 0.02)}
INK: Colour = (0.02, 0.02, 0.02)
MOTORBIKE_M, CAR_SHORT_M, CAR_LONG_M = (0.19, 0.14), (0.33, 0.165), (0.52, 0.11)
WEIGHT, WIDTH, GAP = 0.13, 0.50, 0.16
"""Of a character's height: stroke, common character, space between two."""
PROUD_M = 0.004


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """What a plate says: its printed rows from top to bottom, its ground and its size in metres."""

    rows: tuple[str, ...]
    ground: str
    size_m: tuple[float, float]

    @property
    def text(self) -> str:
        """Letters and digits alone."""
        return "".join(c for row in self.rows for c in row if c.isalnum())


def number_of(name: str, kind: str) -> Number:
    """The plate of a vehicle by its name: 29-XY / 123.45, 30X / 123.45 on white, 29X / 123.45 on yellow for trade."""
    dice = np.random.default_rng(zlib.crc32(f"plate {name}".encode()))
    digits = f"{dice.integers(100, 1000)}.{dice.integers(10, 100)}"
    if kind == "motorcycle":
        series = f"{dice.choice([29, 30, 33])}-X{dice.choice(list('YHKLM'))}"
        return Number(rows=(series, digits), ground="white", size_m=MOTORBIKE_M)
    trade = kind in ("bus", "truck") or "taxi" in name
    head = f"{dice.choice([29, 30])}X"
    return Number(rows=(head, digits), ground="yellow" if trade else "white", size_m=CAR_SHORT_M)


def number_plate(made: MeshBuilder, x: float, z: float, facing: int, number: Number, long: bool = False) -> None:
    """A plate whose middle is (x, 0, z), readable from ahead (`facing` 1) or from behind (-1).

    `long`: the vehicle's one-row plate, as cars bear one in front.
    """
    rows = ("-".join(number.rows),) if long else number.rows
    width, height = CAR_LONG_M if long else number.size_m
    made.box((x, 0.0, z), (0.012, width, height), "sign", GROUNDS[number.ground])
    face = x + facing * (0.006 + PROUD_M)
    tall = height * (0.40 if len(rows) == 2 else 0.70)
    for place, row in enumerate(rows):
        middle = z + (len(rows) / 2 - 0.5 - place) * height * 0.455
        _row(made, (face, middle), facing, row, tall, width * 0.92)


def _row(made: MeshBuilder, at: tuple[float, float], facing: int, row: str, tall: float, room: float) -> None:
    widths = [_width(character) for character in row]
    length = (sum(widths) + GAP * (len(row) - 1)) * tall
    squeeze = min(1.0, room / length)
    left = -length * squeeze / 2
    for character, wide in zip(row, widths, strict=True):
        for line in _lines(character):
            points = [(left + u * wide * tall * squeeze, (0.5 - v) * tall) for u, v in line]
            _stroke(made, at, facing, points, WEIGHT * tall)
        left += (wide + GAP) * tall * squeeze


def _width(character: str) -> float:
    return {"-": 0.28, ".": WEIGHT}.get(character, WIDTH * WIDE.get(character, 1.0))


def _lines(character: str) -> list[list[tuple[float, float]]]:
    """Polylines in the unit box, drawn in by half a stroke so that ink ends at its edges."""
    if character == "-":
        return [[(0.0, 0.5), (1.0, 0.5)]]
    if character == ".":
        return [[(0.5, 1 - WEIGHT), (0.5, 1.0)]]
    inset_u, inset_v = WEIGHT / 2 / _width(character), WEIGHT / 2
    return [
        [(inset_u + u * (1 - 2 * inset_u), inset_v + v * (1 - 2 * inset_v)) for u, v in line]
        for line in STROKES[character]
    ]


def _stroke(
    made: MeshBuilder, at: tuple[float, float], facing: int, points: list[tuple[float, float]], thick: float
) -> None:
    """Quads along a polyline, each half a stroke longer at inner joints so that no notch shows."""
    way = np.array(points)
    for n in range(len(way) - 1):
        along = way[n + 1] - way[n]
        length = float(np.linalg.norm(along))
        if length < 1e-6:
            continue
        along = along / length * thick / 2
        aside = np.array([-along[1], along[0]])
        start = way[n] - (along if n > 0 else 0)
        end = way[n + 1] + (along if n + 2 < len(way) else 0)
        flat = np.array([start + aside, start - aside, end - aside, end + aside])
        corners = np.column_stack([np.full(4, at[0]), facing * flat[:, 0], at[1] + flat[:, 1]])
        made.add(corners, [(0, 1, 2, 3)], "sign", INK)
