"""What stands on a pavement: parasols, plastic tables and stools, baskets, crates, tea stalls, planters.

Comes in: a place. Goes out: faces, in a frame on the pavement's surface.
"""

from __future__ import annotations

import numpy as np

from samples.render.mesh import Colour, MeshBuilder
from samples.render.people import Clothes, figure, sitting

BLUE: Colour = (0.02, 0.10, 0.45)
RED: Colour = (0.55, 0.03, 0.03)


def stool(made: MeshBuilder, x: float, y: float, colour: Colour) -> None:
    made.box((x, y, 0.28), (0.28, 0.28, 0.03), "plastic", colour)
    for dx in (-0.1, 0.1):
        for dy in (-0.1, 0.1):
            made.box((x + dx, y + dy, 0.14), (0.04, 0.04, 0.28), "plastic", colour)


def table(made: MeshBuilder, x: float, y: float, colour: Colour) -> None:
    made.soft_box((x, y, 0.45), (0.62, 0.62, 0.05), "plastic", colour, 0.02)
    for dx in (-0.24, 0.24):
        for dy in (-0.24, 0.24):
            made.box((x + dx, y + dy, 0.22), (0.05, 0.05, 0.45), "plastic", colour)
    for dx, dy in ((-0.1, 0.05), (0.12, -0.08), (0.02, 0.18)):
        made.tube([(x + dx, y + dy, 0.475), (x + dx, y + dy, 0.58)], 0.035, "glass", (0.3, 0.22, 0.08), 8)


def parasol(made: MeshBuilder, x: float, y: float, colours: tuple[Colour, Colour], height: float = 2.3) -> None:
    made.tube([(x, y, 0), (x, y, height)], 0.025, "metal", (0.5, 0.5, 0.5), 6)
    made.tube([(x, y, 0), (x, y, 0.12)], 0.24, "stone", (0.35, 0.35, 0.34), 12)
    turn = np.linspace(0, 2 * np.pi, 9)
    for i in range(8):
        a, b = turn[i], turn[i + 1]
        rim = [(x + 1.25 * float(np.cos(t)), y + 1.25 * float(np.sin(t)), height - 0.45) for t in (a, b)]
        mid = [(x + 0.65 * float(np.cos(t)), y + 0.65 * float(np.sin(t)), height - 0.14) for t in (a, b)]
        hem = [(p[0], p[1], p[2] - 0.16) for p in rim]
        for face in (
            [(x, y, height), mid[0], mid[1]],
            [mid[0], rim[0], rim[1], mid[1]],
            [rim[0], hem[0], hem[1], rim[1]],
        ):
            made.quad(face, "cloth", colours[i % 2])


def crates(made: MeshBuilder, x: float, y: float, rng: np.random.Generator, count: int = 5) -> None:
    """Foam boxes, baskets of fruit and sacks."""
    for i in range(count):
        cx, cy = x + (i % 3) * 0.58 + float(rng.uniform(-0.05, 0.05)), y + (i // 3) * 0.62
        colour: Colour = ((0.70, 0.69, 0.66), RED, BLUE, (0.65, 0.40, 0.03))[int(rng.integers(4))]
        made.box((cx, cy, 0.17), (0.48, 0.42, 0.34), "plastic", colour)
        fruit: Colour = ((0.70, 0.25, 0.02), (0.55, 0.05, 0.03), (0.25, 0.40, 0.04), (0.75, 0.60, 0.05))[
            int(rng.integers(4))
        ]
        for _ in range(22):
            dx, dy = rng.uniform(-0.19, 0.19), rng.uniform(-0.16, 0.16)
            made.ball(
                (cx + float(dx), cy + float(dy), 0.36 + float(rng.uniform(0, 0.07))),
                (0.05, 0.05, 0.05),
                "plastic",
                fruit,
                6,
            )


def tea_stall(made: MeshBuilder, rng: np.random.Generator, seller: bool = True, shade: bool = True) -> None:
    """A tea stall as on every corner: parasol, cool box, low tables, stools, its seller in a conical hat."""
    if shade:
        parasol(made, 0, 0, (RED, (0.70, 0.62, 0.10)) if rng.random() < 0.5 else (BLUE, (0.70, 0.70, 0.68)))
    made.soft_box((0.45, 0.1, 0.22), (0.55, 0.4, 0.44), "plastic", (0.62, 0.05, 0.04), 0.03)
    table(made, -0.6, 0.55, BLUE)
    for dx, dy in ((-1.15, 0.5), (-0.6, 1.1), (-0.1, 0.75)):
        stool(made, dx, dy, (RED, BLUE)[int(rng.integers(2))])
    if seller:
        with made.at(0.35, -0.55, 0, np.pi / 2):
            figure(made, sitting(), Clothes(head="non_la", shirt=(0.35, 0.10, 0.22)))


def planter(made: MeshBuilder, x: float, y: float, rng: np.random.Generator) -> None:
    made.box((x, y, 0.22), (0.5, 0.5, 0.44), "stone", (0.38, 0.20, 0.12))
    for _ in range(70):
        dx, dy, dz = rng.normal(0, 0.16, 3).tolist()
        with made.at(x + dx, y + dy, 0.8 + dz * 1.6, float(rng.uniform(0, 6)), float(rng.uniform(-1, 1))):
            made.quad([(-0.1, -0.06, 0), (0.1, -0.06, 0), (0.1, 0.06, 0), (-0.1, 0.06, 0)], "leaf", (0.05, 0.16, 0.04))
