"""Cars, modelled in their own frame: x forward, origin on the road under the middle.

Comes in: a `CarShape` (profile in metres) and a colour. Goes out: a `MeshBuilder`. The body is a loft of cross
sections, smoothed by subdivision; glass, seams, lamps, mirrors, plates and wheels are set on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from samples.render.mesh import Colour, MeshBuilder, Vec
from samples.render.plates import Number, number_plate

BLACK: Colour = (0.012, 0.012, 0.013)
GLASS: Colour = (0.018, 0.024, 0.028)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarShape:
    """`stations`: (x, top, half width, bottom) from nose to tail, metres. The windscreen spans stations `screen`, the
    rear window `rear`, side windows run between `sides`; `pillars` are station intervals that stay painted.
    """

    stations: tuple[tuple[float, float, float, float], ...]
    belt: float
    screen: tuple[float, float]
    rear: tuple[float, float]
    sides: tuple[float, float]
    pillars: tuple[tuple[float, float], ...]
    axles: tuple[float, float]
    wheel_r: float = 0.315

    @property
    def length(self) -> float:
        return self.stations[0][0] - self.stations[-1][0]

    @property
    def half_width(self) -> float:
        return max(s[2] for s in self.stations)

    @property
    def roof(self) -> float:
        return max(s[1] for s in self.stations)


SEDAN = CarShape(
    stations=(
        (2.24, 0.60, 0.60, 0.34),
        (2.20, 0.70, 0.74, 0.24),
        (1.95, 0.80, 0.85, 0.20),
        (1.40, 0.90, 0.89, 0.20),
        (0.92, 0.96, 0.89, 0.20),
        (0.52, 1.22, 0.89, 0.20),
        (0.14, 1.42, 0.89, 0.20),
        (-0.28, 1.48, 0.89, 0.20),
        (-0.36, 1.48, 0.89, 0.20),
        (-0.95, 1.45, 0.89, 0.20),
        (-1.30, 1.30, 0.89, 0.20),
        (-1.66, 1.08, 0.88, 0.20),
        (-2.00, 1.05, 0.86, 0.22),
        (-2.20, 1.00, 0.78, 0.28),
        (-2.26, 0.85, 0.66, 0.38),
    ),
    belt=0.93,
    screen=(0.92, 0.14),
    rear=(-0.95, -1.66),
    sides=(0.52, -1.30),
    pillars=((-0.28, -0.36),),
    axles=(1.36, -1.30),
)
HATCH = CarShape(
    stations=(
        (1.80, 0.62, 0.56, 0.34),
        (1.76, 0.74, 0.68, 0.24),
        (1.56, 0.86, 0.78, 0.20),
        (1.20, 0.94, 0.80, 0.20),
        (0.86, 1.00, 0.80, 0.20),
        (0.52, 1.24, 0.80, 0.20),
        (0.20, 1.44, 0.80, 0.20),
        (-0.26, 1.50, 0.80, 0.20),
        (-0.34, 1.50, 0.80, 0.20),
        (-0.95, 1.49, 0.80, 0.20),
        (-1.40, 1.44, 0.79, 0.20),
        (-1.66, 1.06, 0.78, 0.22),
        (-1.76, 0.90, 0.74, 0.26),
        (-1.80, 0.70, 0.64, 0.36),
    ),
    belt=0.96,
    screen=(0.86, 0.20),
    rear=(-1.40, -1.66),
    sides=(0.52, -1.40),
    pillars=((-0.26, -0.34),),
    axles=(1.16, -1.16),
    wheel_r=0.29,
)
MPV = CarShape(
    stations=(
        (2.36, 0.70, 0.66, 0.38),
        (2.32, 0.84, 0.80, 0.27),
        (2.10, 0.98, 0.90, 0.24),
        (1.60, 1.06, 0.92, 0.24),
        (1.16, 1.12, 0.92, 0.24),
        (0.78, 1.42, 0.92, 0.24),
        (0.44, 1.68, 0.92, 0.24),
        (-0.10, 1.76, 0.92, 0.24),
        (-0.18, 1.76, 0.92, 0.24),
        (-1.00, 1.75, 0.92, 0.24),
        (-1.08, 1.75, 0.92, 0.24),
        (-1.80, 1.72, 0.91, 0.24),
        (-2.08, 1.56, 0.90, 0.26),
        (-2.26, 1.14, 0.88, 0.28),
        (-2.34, 0.95, 0.82, 0.34),
        (-2.36, 0.75, 0.70, 0.42),
    ),
    belt=1.06,
    screen=(1.16, 0.44),
    rear=(-1.80, -2.26),
    sides=(0.78, -1.80),
    pillars=((-0.10, -0.18), (-1.00, -1.08)),
    axles=(1.40, -1.36),
    wheel_r=0.34,
)
SHAPES = {"sedan": SEDAN, "hatch": HATCH, "mpv": MPV}


def car(shape: CarShape, colour: Colour, taxi: Colour | None = None, *, number: Number) -> MeshBuilder:
    """A whole car; `taxi` adds a roof sign and door stripes of that colour."""
    made = MeshBuilder()
    made.include(_body(shape, colour).subdivided(2))
    _wheels(made, shape)
    _front(made, shape, number)
    _back(made, shape, number)
    _sides(made, shape, colour)
    if taxi is not None:
        made.soft_box((0.0, 0, shape.roof + 0.08), (0.16, 0.62, 0.15), "neon", (0.9, 0.85, 0.6), 0.03)
        for side in (1, -1):
            made.box((-0.15, side * (shape.half_width + 0.002), 0.62), (2.3, 0.012, 0.18), "dull", taxi)
    return made


def _ring(shape: CarShape, station: tuple[float, float, float, float]) -> list[Vec]:
    x, top, w, low = station
    belt = min(shape.belt, top - 0.05)
    lean = (top - belt) / (shape.roof - shape.belt)
    edge = w * (0.95 - 0.19 * max(0.0, min(1.0, lean)))
    half = [
        (0.82 * w, low),
        (0.97 * w, low + 0.10),
        (w, (low + belt) / 2 + 0.05),
        (0.965 * w, belt),
        (edge, belt + (top - belt) * 0.90),
        (edge - 0.10, top),
        (edge * 0.45, top + 0.02),
    ]
    right = [(x, -y, z) for y, z in half]
    left = [(x, y, z) for y, z in reversed(half)]
    return [*right, *left]


def _body(shape: CarShape, colour: Colour) -> MeshBuilder:
    """The cage: one loft, with glass where the windows are."""
    cage = MeshBuilder()
    cage.loft([_ring(shape, s) for s in shape.stations], "paint", colour)
    sides = 14
    for r, (front, back) in enumerate(pairwise(shape.stations)):
        for s in range(sides):
            if _is_glass(shape, front[0], back[0], s):
                cage.materials[r * sides + s] = "glass"
                cage.colours[r * sides + s] = GLASS
            elif s in (0, 12, 13):
                cage.materials[r * sides + s] = "rubber"
                cage.colours[r * sides + s] = BLACK
    return cage


def _is_glass(shape: CarShape, front: float, back: float, segment: int) -> bool:
    if segment in (3, 9):
        on_pillar = any(np.isclose(front, a) and np.isclose(back, b) for a, b in shape.pillars)
        return front <= shape.sides[0] and back >= shape.sides[1] and not on_pillar
    if segment in (5, 6, 7):
        return any(front <= a and back >= b for a, b in (shape.screen, shape.rear))
    return False


def _wheels(made: MeshBuilder, shape: CarShape) -> None:
    r, w = shape.wheel_r, shape.half_width
    for x in shape.axles:
        for side in (1, -1):
            turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
            arch = [
                [(x + (r + 0.055) * np.cos(a), side * y, r + 0.02 + (r + 0.055) * np.sin(a)) for a in turn]
                for y in (w - 0.25, w - 0.004)
            ]
            made.loft(arch, "rubber", BLACK, smooth=False)
            made.wheel((x, side * (w - 0.085), r), r, 0.19)


def _front(made: MeshBuilder, shape: CarShape, number: Number) -> None:
    x, top = shape.stations[1][0], shape.stations[1][1]
    w = shape.stations[2][2]
    made.soft_box((x + 0.02, 0, top - 0.16), (0.10, w * 0.95, 0.15), "plastic", BLACK, 0.03)
    made.box((x + 0.07, 0, top - 0.13), (0.02, w * 0.9, 0.02), "metal", (0.7, 0.7, 0.72))
    made.soft_box((x - 0.02, 0, 0.30), (0.14, w * 1.5, 0.12), "plastic", BLACK, 0.03)
    number_plate(made, x + 0.075, 0.42, 1, number, long=True)
    for side in (1, -1):
        made.ball((x - 0.10, side * w * 0.80, top - 0.09), (0.20, 0.17, 0.085), "head", (1.0, 0.97, 0.88))
        made.ball((x + 0.01, side * w * 0.78, 0.33), (0.05, 0.07, 0.05), "head", (0.7, 0.66, 0.55))


def _back(made: MeshBuilder, shape: CarShape, number: Number) -> None:
    x, top = shape.stations[-2][0], shape.stations[-2][1]
    w = shape.stations[-3][2]
    number_plate(made, x - 0.075, top - 0.24, -1, number)
    made.soft_box((x + 0.02, 0, 0.36), (0.12, w * 1.5, 0.14), "plastic", BLACK, 0.03)
    for side in (1, -1):
        made.ball((x + 0.06, side * w * 0.80, top - 0.10), (0.12, 0.16, 0.10), "tail", (0.75, 0.02, 0.015))


def _sides(made: MeshBuilder, shape: CarShape, colour: Colour) -> None:
    w, belt = shape.half_width, shape.belt
    for side in (1, -1):
        for x in (shape.sides[0] + 0.10, shape.pillars[0][1], shape.axles[1] + 0.42):
            made.box((x, side * (w - 0.012), (belt + 0.30) / 2 + 0.05), (0.014, 0.03, belt - 0.34), "rubber", BLACK)
        for x in (shape.pillars[0][1] + 0.16, shape.axles[1] + 0.58):
            made.box((x, side * (w + 0.004), belt - 0.12), (0.17, 0.02, 0.025), "metal", (0.6, 0.6, 0.62))
        made.box((0, side * (w - 0.02), 0.24), (shape.length * 0.5, 0.05, 0.06), "plastic", BLACK)
        made.soft_box(
            (shape.sides[0] + 0.06, side * (w + 0.09), belt + 0.07), (0.11, 0.20, 0.13), "paint", colour, 0.03
        )
