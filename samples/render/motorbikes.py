"""Motorbikes (underbone and scooter), with or without riders; x forward, origin on the road under the middle.

Comes in: style, colours, riders' clothes, luggage. Goes out: a `MeshBuilder`.
"""

from __future__ import annotations

import numpy as np

from samples.render.mesh import Colour, MeshBuilder
from samples.render.people import Clothes, figure, pillion, riding
from samples.render.plates import Number, number_plate
from samples.render.vehicles import BLACK

CHROME: Colour = (0.6, 0.6, 0.62)
SCALE = (1.10, 1.35, 1.15)
RIDER_SCALE = 0.94
RIM: Colour = (0.16, 0.16, 0.17)
SEAT: Colour = (0.02, 0.02, 0.022)


def motorbike(
    style: str,
    colour: Colour,
    riders: tuple[Clothes, ...] = (),
    luggage: Colour | None = None,
    *,
    number: Number,
) -> MeshBuilder:
    """`style` "wave" (underbone) or "scooter"; up to two riders; `luggage` is a delivery box's colour."""
    made = MeshBuilder()
    radius = 0.30 if style == "wave" else 0.265
    _wheels(made, radius)
    (_underbone if style == "wave" else _scooter)(made, colour)
    _steering(made, colour, radius)
    _rear(made, colour)
    made.scale(SCALE)
    # Plates are pressed to size, whatever machine bears them.
    number_plate(made, -1.0 * SCALE[0], 0.54 * SCALE[2], -1, number)
    crew = MeshBuilder()
    for clothes, pose in zip(riders, (riding(), pillion()), strict=False):
        figure(crew, pose, clothes)
    crew.scale((RIDER_SCALE,) * 3)
    if riders:
        made.include(crew)
    if luggage is not None:
        made.soft_box((-0.80, 0, 1.20), (0.45, 0.48, 0.48), "plastic", luggage, 0.03)
        made.box((-1.029, 0, 1.22), (0.01, 0.30, 0.12), "sign", (0.85, 0.85, 0.83))
    if not riders:
        made.tube([(-0.05, 0.12, 0.3), (-0.08, 0.30, 0.01)], 0.015, "metal", CHROME, 6)
    return made


def _wheels(made: MeshBuilder, radius: float) -> None:
    """Open wheels: tyre, rim, cast spokes, brake disc or drum."""
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    for x, width in ((0.64, 0.095), (-0.64, 0.115)):
        for material, colour, profile in (
            (
                "rubber",
                BLACK,
                ((0.80, 0.5), (0.93, 0.5), (1.0, 0.2), (1.0, -0.2), (0.93, -0.5), (0.80, -0.5), (0.80, 0.5)),
            ),
            ("metal", RIM, ((0.72, 0.3), (0.82, 0.4), (0.82, -0.4), (0.72, -0.3), (0.72, 0.3))),
        ):
            rings = [
                [(x + radius * r * np.cos(a), width * y, radius * (1 + r * np.sin(a))) for a in turn]
                for r, y in profile
            ]
            made.loft(rings, material, colour, caps=False)
        for a in np.linspace(0, 2 * np.pi, 5, endpoint=False):
            made.tube(
                [(x, 0, radius), (x + radius * 0.75 * np.cos(a), 0, radius * (1 + 0.75 * np.sin(a)))],
                0.018,
                "metal",
                RIM,
                5,
            )
        made.tube([(x, -0.07, radius), (x, 0.07, radius)], 0.085 if x < 0 else 0.10, "metal", (0.25, 0.25, 0.26), 16)


def _underbone(made: MeshBuilder, colour: Colour) -> None:
    body = MeshBuilder()
    rings = []
    for x, z_low, z_high, w in (
        (0.40, 0.42, 0.62, 0.05),
        (0.22, 0.34, 0.58, 0.075),
        (0.02, 0.34, 0.56, 0.085),
        (-0.18, 0.40, 0.72, 0.10),
        (-0.45, 0.52, 0.74, 0.11),
        (-0.78, 0.64, 0.76, 0.08),
        (-0.95, 0.72, 0.77, 0.04),
    ):
        rings.append(
            [
                (x, -w, z_low),
                (x, w, z_low),
                (x, w * 1.1, (z_low + z_high) / 2),
                (x, w * 0.8, z_high),
                (x, -w * 0.8, z_high),
                (x, -w * 1.1, (z_low + z_high) / 2),
            ]
        )
    body.loft(rings, "paint", colour)
    made.include(body.subdivided(1))
    made.soft_box((0.10, 0, 0.34), (0.34, 0.26, 0.24), "metal", (0.22, 0.22, 0.23), 0.05)
    _shield(made, colour, 0.20)
    _panels(made)
    _seat(made, 0.76)


def _scooter(made: MeshBuilder, colour: Colour) -> None:
    body = MeshBuilder()
    rings = []
    for x, z_low, z_high, w in (
        (0.42, 0.24, 0.32, 0.10),
        (0.10, 0.22, 0.32, 0.15),
        (-0.08, 0.24, 0.55, 0.15),
        (-0.25, 0.28, 0.74, 0.15),
        (-0.55, 0.42, 0.76, 0.16),
        (-0.85, 0.58, 0.78, 0.11),
        (-0.96, 0.66, 0.76, 0.05),
    ):
        rings.append(
            [
                (x, -w, z_low),
                (x, w, z_low),
                (x, w * 1.1, (z_low + z_high) / 2),
                (x, w * 0.8, z_high),
                (x, -w * 0.8, z_high),
                (x, -w * 1.1, (z_low + z_high) / 2),
            ]
        )
    body.loft(rings, "paint", colour)
    made.include(body.subdivided(1))
    made.soft_box((-0.5, 0.12, 0.34), (0.45, 0.12, 0.2), "plastic", SEAT, 0.04)
    _shield(made, colour, 0.24)
    _panels(made)
    _seat(made, 0.78)


def _shield(made: MeshBuilder, colour: Colour, half: float) -> None:
    """The leg shield, bent around the steering head."""
    shield = MeshBuilder()
    rings = []
    for x, z, w in (
        (0.36, 0.34, half * 0.55),
        (0.42, 0.50, half),
        (0.40, 0.70, half * 0.95),
        (0.34, 0.90, half * 0.45),
    ):
        rings.append(
            [(x - 0.05, -w, z), (x + 0.05, -w * 0.4, z), (x + 0.05, w * 0.4, z), (x - 0.05, w, z), (x - 0.03, 0, z)]
        )
    shield.loft(rings, "paint", colour)
    made.include(shield.subdivided(1))


def _panels(made: MeshBuilder) -> None:
    """Unpainted parts: inner shield, footwell, under-seat sides, engine, chain case."""
    made.soft_box((0.30, 0, 0.62), (0.10, 0.34, 0.44), "plastic", BLACK, 0.04)
    made.soft_box((-0.02, 0, 0.36), (0.66, 0.30, 0.10), "plastic", BLACK, 0.03)
    made.soft_box((-0.30, 0, 0.42), (0.46, 0.30, 0.22), "metal", (0.16, 0.16, 0.17), 0.05)
    made.tube([(-0.10, 0, 0.40), (-0.10, 0.19, 0.40)], 0.10, "metal", (0.30, 0.30, 0.31), 12)
    made.tube([(-0.10, 0, 0.40), (-0.10, -0.19, 0.40)], 0.10, "metal", (0.30, 0.30, 0.31), 12)
    made.soft_box((-0.42, 0.15, 0.30), (0.52, 0.05, 0.10), "metal", (0.22, 0.22, 0.23), 0.02)
    made.box((0.45, 0, 0.80), (0.05, 0.22, 0.10), "plastic", BLACK)


def _seat(made: MeshBuilder, z: float) -> None:
    seat = MeshBuilder()
    rings = []
    for x, w, high in (
        (0.02, 0.07, 0.03),
        (-0.20, 0.12, 0.06),
        (-0.50, 0.13, 0.09),
        (-0.80, 0.10, 0.10),
        (-0.86, 0.06, 0.08),
    ):
        rings.append([(x, -w, z), (x, w, z), (x, w * 0.8, z + high), (x, -w * 0.8, z + high)])
    seat.loft(rings, "rubber", SEAT)
    made.include(seat.subdivided(1))


def _steering(made: MeshBuilder, colour: Colour, radius: float) -> None:
    for side in (1, -1):
        made.tube([(0.64, side * 0.07, radius), (0.42, side * 0.06, 0.72)], 0.022, "metal", (0.3, 0.3, 0.31), 8)
        made.tube([(0.36, 0.0, 1.0), (0.33, side * 0.27, 1.05)], 0.018, "rubber", BLACK, 8)
        made.tube([(0.34, side * 0.20, 1.03), (0.36, side * 0.26, 1.17)], 0.008, "rubber", BLACK, 6)
        made.ball((0.36, side * 0.27, 1.19), (0.02, 0.06, 0.045), "plastic", BLACK, 8)
        made.ball((0.46, side * 0.16, 0.80), (0.04, 0.05, 0.035), "plastic", (0.8, 0.35, 0.03), 8)
    cowl = MeshBuilder()
    cowl.soft_box((0.37, 0, 0.98), (0.26, 0.30, 0.18), "paint", colour if sum(colour) < 0.5 else BLACK, 0.05)
    made.include(cowl.subdivided(1))
    made.ball((0.47, 0, 0.97), (0.06, 0.085, 0.06), "head", (1.0, 0.96, 0.86), 10)
    turn = np.linspace(0.25, 2.6, 9)
    fender = [
        [(0.64 + (radius + 0.03) * np.cos(a), y, radius + (radius + 0.03) * np.sin(a)) for y in (-0.07, 0.0, 0.07)]
        for a in turn
    ]
    points = np.array(fender).reshape(-1, 3)
    made.add(
        points,
        [(i * 3 + j, i * 3 + j + 1, i * 3 + j + 4, i * 3 + j + 3) for i in range(8) for j in range(2)],
        "paint",
        colour,
        True,
    )


def _rear(made: MeshBuilder, colour: Colour) -> None:
    made.ball((-0.96, 0, 0.74), (0.04, 0.10, 0.05), "tail", (0.75, 0.02, 0.015), 10)
    made.box((-0.98, 0, 0.52), (0.02, 0.16, 0.22), "plastic", BLACK)
    made.tube(
        [(-0.10, -0.13, 0.28), (-0.45, -0.15, 0.28), (-0.85, -0.16, 0.40)],
        [0.03, 0.05, 0.06],
        "metal",
        (0.35, 0.35, 0.36),
        10,
    )
    made.tube(
        [(-0.55, 0.14, 0.80), (-0.90, 0.12, 0.86), (-0.95, 0, 0.87), (-0.90, -0.12, 0.86), (-0.55, -0.14, 0.80)],
        0.014,
        "metal",
        CHROME,
        6,
    )
    for side in (1, -1):
        made.tube([(-0.64, side * 0.10, 0.29), (-0.58, side * 0.12, 0.62)], 0.03, "metal", (0.4, 0.1, 0.08), 8)
    made.soft_box((0.0, 0, 0.30), (0.3, 0.34, 0.05), "rubber", BLACK, 0.015)
    made.tube([(0.1, 0.20, 0.30), (0.1, -0.20, 0.30)], 0.02, "rubber", BLACK, 6)
    made.box((0.0, 0, 0.62), (0.02, 0.02, 0.02), "plastic", colour)
