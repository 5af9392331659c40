"""Lorries, dumpers and the city bus, modelled like the cars: x forward, origin on the road under the middle.

Comes in: kind of body and load, colours, a seed for the heap. Goes out: a `MeshBuilder`.
"""

from __future__ import annotations

import numpy as np

from samples.render.mesh import Colour, MeshBuilder, Vec
from samples.render.plates import Number, number_plate
from samples.render.vehicles import BLACK, GLASS

GREY: Colour = (0.10, 0.10, 0.105)
BED_FRONT, BED_BACK, BED_FLOOR, BED_TOP, BED_HALF = 1.25, -3.45, 1.12, 2.02, 1.20


def dumper(colour: Colour, load: str, seed: int, bed: Colour | None = None, *, number: Number) -> MeshBuilder:
    """A two-axle tipper; `load` is "rubble" (heaped, bare), "tarp" (covered) or "empty"."""
    made = MeshBuilder()
    _cab(made, 3.35, 1.55, 2.75, 1.20, colour)
    _chassis(made, 3.1, -3.5, 0.50, (2.55, -1.75, -2.75))
    _bed(made, bed or colour)
    if load == "rubble":
        _rubble(made, seed)
    elif load == "tarp":
        _tarp(made, seed)
    number_plate(made, 3.42, 0.72, 1, number, long=True)
    number_plate(made, -3.56, 0.95, -1, number)
    return made


def box_truck(cab: Colour, body: Colour, *, number: Number) -> MeshBuilder:
    """A small lorry with a closed body."""
    made = MeshBuilder()
    _cab(made, 2.75, 1.25, 2.25, 1.0, cab)
    _chassis(made, 2.6, -2.9, 0.42, (1.95, -1.75))
    made.soft_box((-0.95, 0, 1.95), (4.1, 2.1, 2.1), "dull", body, 0.04)
    for x in np.linspace(-2.9, 1.0, 9):
        made.box((float(x), 0, 1.95), (0.04, 2.13, 2.06), "dull", body)
    made.box((-3.01, 0, 1.9), (0.02, 0.03, 1.9), "rubber", BLACK)
    _tail_lamps(made, -2.98, 0.95, 0.75)
    number_plate(made, 2.82, 0.6, 1, number, long=True)
    number_plate(made, -2.98, 0.66, -1, number)
    return made


def bus(
    low: Colour = (0.72, 0.03, 0.03),
    high: Colour = (0.85, 0.62, 0.05),
    pale: Colour = (0.82, 0.80, 0.74),
    *,
    number: Number,
) -> MeshBuilder:
    """A 9.5 m city bus in the livery of Hanoi's lines: pale above, yellow and red below."""
    made = MeshBuilder()
    shell = MeshBuilder()
    rings = []
    for x, inset in ((4.75, 0.10), (4.68, 0.0), (4.2, 0.0), (-4.2, 0.0), (-4.68, 0.0), (-4.75, 0.10)):
        w = 1.24 - inset
        half = [
            (w - 0.05, 0.34),
            (w, 0.46),
            (w, 1.0),
            (w, 1.3),
            (w - 0.03, 2.55),
            (w - 0.10, 2.86 - inset),
            (w - 0.45, 3.0 - inset),
        ]
        rings.append([*[(x, -y, z) for y, z in half], *[(x, y, z) for y, z in reversed(half)]])
    shell.loft(rings, "paint", pale, smooth=False)
    for face in range(5 * 14):
        segment = face % 14
        if segment in (1, 11):
            shell.colours[face] = low
        elif segment in (2, 10):
            shell.colours[face] = high
    made.include(shell)
    _bus_glass(made)
    _bus_ends(made, low, number)
    made.soft_box((-0.6, 0, 3.1), (2.6, 1.5, 0.24), "plastic", (0.7, 0.7, 0.68), 0.06)
    for x in (2.85, -2.55):
        for side in (1, -1):
            _arch(made, x, side, 0.48, 1.24)
            made.wheel((x, side * 1.10, 0.48), 0.48, 0.28)
    return made


def _bus_glass(made: MeshBuilder) -> None:
    for side in (1, -1):
        made.box((0.0, side * 1.225, 1.95), (9.0, 0.05, 1.08), "glass", GLASS)
        for x in np.linspace(-4.1, 3.5, 7):
            made.box((float(x), side * 1.235, 1.95), (0.07, 0.05, 1.1), "rubber", BLACK)
        for x in (3.9, 0.1) if side < 0 else ():
            made.box((x, side * 1.245, 1.45), (1.0, 0.03, 2.1), "glass", GLASS)
            made.box((x, side * 1.255, 1.45), (0.05, 0.03, 2.1), "metal", (0.5, 0.5, 0.5))
        made.soft_box((4.85, side * 1.32, 2.35), (0.16, 0.16, 0.42), "plastic", BLACK, 0.04)


def _bus_ends(made: MeshBuilder, low: Colour, number: Number) -> None:
    made.soft_box((4.72, 0, 1.78), (0.10, 2.20, 1.35), "glass", GLASS, 0.04)
    made.soft_box((4.74, 0, 2.66), (0.08, 1.9, 0.30), "plastic", BLACK, 0.03)
    made.box((4.785, 0.1, 2.66), (0.02, 1.2, 0.17), "neon", (1.0, 0.42, 0.04))
    made.soft_box((4.74, 0, 0.50), (0.14, 2.36, 0.26), "plastic", GREY, 0.04)
    made.box((4.77, 0, 0.86), (0.02, 1.3, 0.20), "plastic", BLACK)
    made.soft_box((-4.74, 0, 2.1), (0.06, 1.9, 0.85), "glass", GLASS, 0.04)
    made.box((-4.76, 0, 0.9), (0.02, 1.7, 0.7), "paint", low)
    made.soft_box((-4.76, 0, 0.50), (0.14, 2.36, 0.26), "plastic", GREY, 0.04)
    number_plate(made, 4.82, 0.52, 1, number, long=True)
    number_plate(made, -4.84, 0.56, -1, number)
    _tail_lamps(made, -4.77, 1.0, 0.95)
    for side in (1, -1):
        made.ball((4.74, side * 0.92, 0.84), (0.06, 0.17, 0.11), "head", (1.0, 0.97, 0.88))


def _cab(made: MeshBuilder, front: float, back: float, top: float, half: float, colour: Colour) -> None:
    """A cab over the engine, with glass on three sides."""
    profile = (
        (front - 0.02, 0.55, 0.0),
        (front, 0.75, 0.0),
        (front - 0.02, 1.45, 0.0),
        (front - 0.28, top - 0.12, 0.06),
        (front - 0.45, top, 0.14),
    )
    shell = MeshBuilder()
    rings: list[list[Vec]] = []
    for x, z, inset in profile:
        w = half - inset
        rings.append(
            [(x, -w + 0.1, z), (x, w - 0.1, z), (x - 0.12, w, z), (back, w, z), (back, -w, z), (x - 0.12, -w, z)]
        )
    shell.loft(rings, "paint", colour, smooth=False)
    made.include(shell)
    glass_low, glass_high = 1.50, top - 0.20
    lean = (front - 0.28 - front + 0.02) / (top - 0.12 - 1.45)
    at = [front - 0.02 + lean * (z - 1.45) + 0.015 for z in (glass_low, glass_high)]
    w = half - 0.16
    made.quad(
        [(at[0], -w, glass_low), (at[0], w, glass_low), (at[1], w - 0.04, glass_high), (at[1], -w + 0.04, glass_high)],
        "glass",
        GLASS,
    )
    for side in (1, -1):
        y = side * (half + 0.006)
        made.quad(
            [
                (at[0] - 0.25, y, 1.5),
                (back + 0.35, y, 1.5),
                (back + 0.35, y - side * 0.05, top - 0.3),
                (at[1] - 0.15, y - side * 0.05, top - 0.3),
            ],
            "glass",
            GLASS,
        )
        made.box((back + 0.28, side * half, 1.2), (0.02, 0.02, 1.1), "rubber", BLACK)
        made.soft_box((front + 0.05, side * (half + 0.18), 1.95), (0.10, 0.20, 0.42), "plastic", BLACK, 0.03)
        made.ball((front - 0.01, side * (half - 0.24), 0.86), (0.07, 0.19, 0.12), "head", (1.0, 0.97, 0.88))
        made.ball((front - 0.02, side * (half - 0.06), 1.08), (0.05, 0.08, 0.06), "plastic", (0.8, 0.32, 0.02))
    made.soft_box((front + 0.02, 0, 0.62), (0.16, half * 2, 0.26), "plastic", GREY, 0.04)
    made.soft_box((front - 0.01, 0, 1.12), (0.06, half * 1.25, 0.34), "plastic", BLACK, 0.03)
    made.box((front + 0.03, 0, 1.16), (0.02, half * 1.1, 0.03), "metal", (0.6, 0.6, 0.6))


def _chassis(made: MeshBuilder, front: float, back: float, radius: float, axles: tuple[float, ...]) -> None:
    made.box(((front + back) / 2, 0, 0.86), (front - back, 0.85, 0.28), "dull", GREY)
    half = 1.12 if radius > 0.45 else 0.95
    for i, x in enumerate(axles):
        for side in (1, -1):
            made.wheel(
                (x, side * (half - (0.14 if i == 0 else 0.20)), radius), radius, 0.28 if i == 0 else 0.50, hub=0.5
            )
            if i > 0:
                made.box((x, side * (half - 0.18), radius * 2 + 0.06), (radius * 2.0, 0.5, 0.03), "rubber", BLACK)
    made.tube([(axles[0], -half, radius), (axles[0], half, radius)], 0.07, "dull", GREY)
    made.soft_box((0.2, half - 0.3, 0.72), (0.9, 0.45, 0.45), "dull", (0.2, 0.2, 0.21), 0.05)


def _bed(made: MeshBuilder, colour: Colour) -> None:
    middle, length, height = (BED_FRONT + BED_BACK) / 2, BED_FRONT - BED_BACK, BED_TOP - BED_FLOOR
    made.box((middle, 0, BED_FLOOR), (length, BED_HALF * 2, 0.10), "dull", colour)
    for side in (1, -1):
        made.box((middle, side * BED_HALF, BED_FLOOR + height / 2), (length, 0.06, height), "dull", colour)
        made.box((middle, side * (BED_HALF + 0.03), BED_TOP), (length + 0.1, 0.12, 0.10), "dull", colour)
        for x in np.linspace(BED_BACK + 0.1, BED_FRONT - 0.1, 8):
            made.box((float(x), side * (BED_HALF + 0.05), BED_FLOOR + height / 2), (0.10, 0.10, height), "dull", colour)
    made.box((BED_FRONT, 0, BED_FLOOR + 0.60), (0.08, BED_HALF * 2, 1.3), "dull", colour)
    made.box((BED_BACK, 0, BED_FLOOR + height / 2), (0.07, BED_HALF * 2, height - 0.04), "dull", colour)
    for y in (-0.7, 0.0, 0.7):
        made.box((BED_BACK - 0.06, y, BED_FLOOR + height / 2), (0.08, 0.10, height - 0.1), "dull", colour)
    made.box((BED_BACK - 0.03, 0, 0.78), (0.08, 2.2, 0.14), "dull", (0.6, 0.05, 0.03))
    _tail_lamps(made, BED_BACK - 0.08, 0.95, 0.95)


def _heap(seed: int, crown: float, rough: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    xs, ys = np.meshgrid(
        np.linspace(BED_BACK + 0.05, BED_FRONT - 0.06, 46),
        np.linspace(-BED_HALF + 0.03, BED_HALF - 0.03, 26),
        indexing="ij",
    )
    along = (xs - BED_BACK) / (BED_FRONT - BED_BACK)
    mound = np.sin(np.pi * along) ** 0.5 * (1 - (ys / BED_HALF) ** 2) ** 0.55
    humps = 0.5 + 0.5 * np.sin(along * 9.0 + rng.uniform(0, 6)) * np.cos(ys * 1.6 + rng.uniform(0, 6))
    return xs, ys, BED_TOP - 0.14 + crown * mound * (0.75 + 0.25 * humps) + rough * rng.normal(size=xs.shape)


def _sheet(
    made: MeshBuilder,
    grid: tuple[np.ndarray, np.ndarray, np.ndarray],
    material: str,
    colours: list[Colour],
    smooth: bool,
) -> None:
    rows, cols = grid[0].shape
    faces = [
        (r * cols + c, (r + 1) * cols + c, (r + 1) * cols + c + 1, r * cols + c + 1)
        for r in range(rows - 1)
        for c in range(cols - 1)
    ]
    first = len(made.colours)
    made.add(np.column_stack([g.ravel() for g in grid]), faces, material, colours[0], smooth)
    for i in range(len(faces)):
        made.colours[first + i] = colours[(i * 7919 + i // 13) % len(colours)]


def _rubble(made: MeshBuilder, seed: int) -> None:
    """Broken brick, concrete and earth, heaped above the boards."""
    rng = np.random.default_rng(seed)
    grid = _heap(seed, 0.62, 0.035)
    shades: list[Colour] = [
        (0.30, 0.26, 0.22),
        (0.36, 0.33, 0.29),
        (0.24, 0.20, 0.16),
        (0.40, 0.38, 0.35),
        (0.33, 0.22, 0.15),
    ]
    _sheet(made, grid, "stone", shades, smooth=False)
    for _ in range(420):
        r, c = rng.integers(1, 45), rng.integers(1, 25)
        size = float(rng.gamma(3.0, 0.035)) + 0.05
        colour = [*shades, (0.42, 0.16, 0.09), (0.50, 0.48, 0.45)][int(rng.integers(0, 7))]
        with made.at(grid[0][r, c], grid[1][r, c], grid[2][r, c] + size * 0.2, *(rng.uniform(-2, 2, 3).tolist())):
            made.box(
                (0, 0, 0),
                (size, size * float(rng.uniform(0.5, 1)), size * float(rng.uniform(0.35, 0.8))),
                "stone",
                colour,
                taper=0.8,
            )


def _tarp(made: MeshBuilder, seed: int) -> None:
    """A green sheet drawn tight over the heap and roped down outside the boards."""
    xs, ys, zs = _heap(seed, 0.50, 0.012)
    reach = 1.07
    fold = np.clip((np.abs(ys) / BED_HALF - 0.90) / 0.10, 0, 1)
    _sheet(
        made,
        (xs * 1.0, ys * reach, np.where(fold > 0, BED_TOP + 0.07 - 0.30 * fold, np.maximum(zs, BED_TOP + 0.07))),
        "cloth",
        [(0.03, 0.13, 0.07), (0.035, 0.14, 0.08)],
        smooth=True,
    )
    for x in np.linspace(BED_BACK + 0.4, BED_FRONT - 0.4, 6):
        arc = np.linspace(-1, 1, 13)
        made.tube(
            [(float(x), float(a) * (BED_HALF + 0.10), BED_TOP - 0.2 + 0.72 * (1 - abs(float(a)) ** 3)) for a in arc],
            0.012,
            "cloth",
            (0.5, 0.45, 0.3),
            5,
        )


def _arch(made: MeshBuilder, x: float, side: int, radius: float, half: float) -> None:
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    rings = [
        [(x + (radius + 0.08) * np.cos(a), side * y, radius + (radius + 0.08) * np.sin(a)) for a in turn]
        for y in (half - 0.3, half + 0.006)
    ]
    made.loft(rings, "rubber", BLACK, smooth=False)


def _tail_lamps(made: MeshBuilder, x: float, y: float, z: float) -> None:
    for side in (1, -1):
        made.box((x, side * y, z), (0.05, 0.26, 0.13), "tail", (0.75, 0.02, 0.015))
        made.box((x, side * (y - 0.2), z), (0.05, 0.10, 0.13), "plastic", (0.8, 0.32, 0.02))
