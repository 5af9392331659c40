"""The street: carriageway, kerbed pavements, a junction, houses, trees, poles, cables and road signs.

Comes in: a seed and what a clip wants changed. Goes out: faces. World frame: y runs up the street (north), x to the
east, z up, metres; the carriageway is |x| < 4.5, the cross street 36 < y < 45, pavements are 0.15 m high.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from samples.render.houses import row
from samples.render.lettering import letters
from samples.render.mesh import Colour, MeshBuilder

ROAD, WEST, EAST = 4.5, -8.0, 8.5
CROSS_LOW, CROSS_HIGH = 36.0, 45.0
SOUTH, NORTH, FAR = -30.0, 100.0, 70.0
KERB_M = 0.15
ALLEY = (14.0, 18.0)
ASPHALT: Colour = (0.20, 0.20, 0.20)
TILES: tuple[Colour, ...] = ((0.36, 0.22, 0.17), (0.31, 0.29, 0.27), (0.34, 0.20, 0.155))
WHITE: Colour = (0.70, 0.70, 0.67)
TREES = (
    (WEST + 2.9, 25.5),
    (EAST - 3.2, 15.5),
    (EAST - 3.2, 28.5),
    (WEST + 2.9, 52.0),
    (EAST - 3.2, 56.0),
    (WEST + 2.9, 70.0),
    (EAST - 3.2, 78.0),
)
POLE_YS = (9.0, 33.0, 49.0, 74.0)


def street(
    seed: int,
    signs: tuple[tuple[str, float, float], ...],
    bound: int,
    trees: tuple[tuple[float, float], ...],
) -> MeshBuilder:
    """Everything that never moves and belongs to the town. `signs`: (kind, x, y); `bound` +1 north, -1 south for
    arrows.
    """
    rng = np.random.default_rng(seed)
    made = MeshBuilder()
    _ground(made)
    _pavements(made)
    _markings(made, bound)
    _houses(made, rng)
    for x, y in trees:
        _tree(made, x, y, rng)
    _poles(made, rng)
    for kind, x, y in signs:
        road_sign(made, kind, x, y)
    return made


def _ground(made: MeshBuilder) -> None:
    made.quad([(-90, -60, -0.01), (90, -60, -0.01), (90, 140, -0.01), (-90, 140, -0.01)], "asphalt", (0.14, 0.14, 0.14))
    made.quad([(-ROAD, SOUTH, 0), (ROAD, SOUTH, 0), (ROAD, NORTH, 0), (-ROAD, NORTH, 0)], "asphalt", ASPHALT)
    for x0, x1 in ((-FAR, -ROAD), (ROAD, FAR)):
        made.quad(
            [(x0, CROSS_LOW, 0), (x1, CROSS_LOW, 0), (x1, CROSS_HIGH, 0), (x0, CROSS_HIGH, 0)], "asphalt", ASPHALT
        )
    rng = np.random.default_rng(5)
    for _ in range(14):
        x, y, w, d = rng.uniform(-3.5, 3.5), rng.uniform(-5, 70), rng.uniform(0.5, 1.8), rng.uniform(0.8, 4)
        made.box((x, y, 0.001), (w, d, 0.004), "asphalt", tuple(c * float(rng.uniform(0.6, 0.85)) for c in ASPHALT))  # type: ignore[arg-type]
    for x, y in ((1.4, 9), (-2.9, 21), (2.0, 40)):
        made.tube([(x, y, 0.0), (x, y, 0.006)], 0.36, "dull", (0.09, 0.09, 0.09), 20)


def _pavements(made: MeshBuilder) -> None:
    """Four corner blocks; each is a slab of tiles with a kerb of stones along its two street sides."""
    for x0, x1, edge in ((-FAR, -ROAD, -1), (ROAD, FAR, 1)):
        for y0, y1 in ((SOUTH, CROSS_LOW), (CROSS_HIGH, NORTH)):
            made.box(((x0 + x1) / 2, (y0 + y1) / 2, KERB_M / 2), (x1 - x0, y1 - y0, KERB_M), "tile", TILES[1])
            inner = ROAD * edge
            for i, y in enumerate(np.arange(y0, y1, 1.0)):
                shade = 0.40 + 0.06 * np.sin(i * 12.9)
                made.box(
                    (inner + edge * 0.125, float(y) + 0.5, 0.08),
                    (0.25, 0.985, 0.165),
                    "kerb",
                    (shade, shade, shade * 0.96),
                )
            for y in (y0, y1):
                for x in np.arange(4.75, 60, 1.0) if y in (CROSS_LOW, CROSS_HIGH) else ():
                    made.box(
                        (edge * (float(x) + 0.5), y + (0.125 if y == y0 else -0.125), 0.08),
                        (0.985, 0.25, 0.165),
                        "kerb",
                        (0.4, 0.4, 0.385),
                    )
    _tiles(made)


def _tiles(made: MeshBuilder) -> None:
    rng = np.random.default_rng(3)
    size = 0.4
    for x0, x1 in ((WEST, -ROAD - 0.25), (ROAD + 0.25, EAST)):
        for x in np.arange(x0, x1 - 0.2, size):
            for y in [*np.arange(-8, CROSS_LOW - 0.3, size), *np.arange(CROSS_HIGH + 0.3, 70, size)]:
                tone = TILES[0] if (round(x / size) + round(y / size)) % 2 else TILES[2]
                shade = float(rng.uniform(0.85, 1.1))
                x2, y2, z = float(x) + size - 0.015, float(y) + size - 0.015, KERB_M + 0.004
                made.quad(
                    [(float(x), float(y), z), (x2, float(y), z), (x2, y2, z), (float(x), y2, z)],
                    "tile",
                    (tone[0] * shade, tone[1] * shade, tone[2] * shade),
                )


def _line(made: MeshBuilder, x0: float, y0: float, x1: float, y1: float) -> None:
    made.quad([(x0, y0, 0.006), (x1, y0, 0.006), (x1, y1, 0.006), (x0, y1, 0.006)], "marking", WHITE)


def _markings(made: MeshBuilder, bound: int) -> None:
    for y in np.arange(-12, 31, 4.0):
        _line(made, -0.07, float(y), 0.07, float(y) + 2.0)
    for y in np.arange(50, 96, 4.0):
        _line(made, -0.07, float(y), 0.07, float(y) + 2.0)
    for x in (-ROAD + 0.25, ROAD - 0.37):
        _line(made, x, SOUTH, x + 0.12, 30.5)
    for x in np.arange(-ROAD + 0.5, ROAD - 0.4, 0.95):
        _line(made, float(x), 31.6, float(x) + 0.45, 34.6)
    _line(made, -ROAD + 0.4, 30.4, ROAD - 0.4, 30.75)
    for lane in (-2.25, 2.25):
        for y in (7.0, 23.0):
            _arrow(made, lane, y, bound)


def _arrow(made: MeshBuilder, x: float, y: float, bound: int) -> None:
    tip, neck, tail = y + bound * 1.6, y + bound * 0.4, y - bound * 1.6
    order = slice(None, None, bound)
    shaft = [(x - 0.1, tail, 0.006), (x + 0.1, tail, 0.006), (x + 0.1, neck, 0.006), (x - 0.1, neck, 0.006)]
    made.quad(shaft[order], "marking", WHITE)
    made.quad([(x - 0.38, neck, 0.006), (x + 0.38, neck, 0.006), (x, tip, 0.006)][order], "marking", WHITE)


def _houses(made: MeshBuilder, rng: np.random.Generator) -> None:
    half = np.pi / 2
    row(
        made,
        (WEST, CROSS_LOW - 3.2),
        -half,
        CROSS_LOW - 3.2 + 20,
        rng,
        gap=(CROSS_LOW - 3.2 - ALLEY[1], CROSS_LOW - 3.2 - ALLEY[0]),
    )
    row(made, (EAST, -20), half, CROSS_LOW - 3.2 + 20, rng)
    row(made, (WEST, NORTH), -half, NORTH - CROSS_HIGH - 3, rng)
    row(made, (EAST, CROSS_HIGH + 3), half, NORTH - CROSS_HIGH - 3, rng)
    row(made, (-8.2, CROSS_HIGH + 3), np.pi, 45, rng)
    row(made, (54, CROSS_HIGH + 3), np.pi, 45, rng)
    row(made, (30, NORTH + 4), np.pi, 60, rng)
    row(made, (-52, CROSS_LOW - 3), 0.0, 33, rng)
    row(made, (19.6, CROSS_LOW - 3), 0.0, 33, rng)


def _tree(made: MeshBuilder, x: float, y: float, rng: np.random.Generator) -> None:
    """A street tree in its square of earth: leaning trunk, four boughs, a crown of leaves."""
    made.box((x, y, KERB_M), (1.1, 1.1, 0.03), "stone", (0.10, 0.07, 0.05))
    lean = rng.uniform(-0.4, 0.4, 2)
    fork = (x + lean[0], y + lean[1], 4.6)
    made.tube(
        [(x, y, 0), (x + lean[0] * 0.3, y + lean[1] * 0.3, 2.0), fork],
        [0.24, 0.17, 0.14],
        "wood",
        (0.16, 0.13, 0.10),
        10,
    )
    made.tube([(x, y, 0.1), (x + lean[0] * 0.12, y, 1.2)], [0.255, 0.205], "plaster", (0.62, 0.60, 0.56), 10)
    for turn in np.arange(0, 6.28, 1.3):
        tip = np.array([fork[0] + 1.7 * np.cos(turn), fork[1] + 1.7 * np.sin(turn), fork[2] + rng.uniform(1.2, 2.4)])
        made.tube([fork, (float(tip[0]), float(tip[1]), float(tip[2]))], [0.11, 0.04], "wood", (0.16, 0.13, 0.10), 6)
        _leaves(made, tip, rng)
    _leaves(made, np.array([fork[0], fork[1], fork[2] + 2.0]), rng)


def _leaves(made: MeshBuilder, centre: np.ndarray, rng: np.random.Generator, count: int = 620) -> None:
    spot = centre + rng.normal(0, 1, (count, 3)) * (0.85, 0.85, 0.55)
    a = rng.normal(0, 1, (count, 3))
    a /= np.linalg.norm(a, axis=1)[:, None]
    b = np.cross(a, rng.normal(0, 1, (count, 3)))
    b /= np.linalg.norm(b, axis=1)[:, None]
    size = rng.uniform(0.07, 0.16, (count, 1))
    points = np.stack(
        [spot - a * size * 1.5, spot + b * size * 0.7, spot + a * size * 1.5, spot - b * size * 0.7], axis=1
    ).reshape(-1, 3)
    first = len(made.colours)
    made.add(points, [(4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3) for i in range(count)], "leaf", (0.05, 0.14, 0.03))
    for i, tone in enumerate(rng.uniform(0.5, 1.5, count)):
        made.colours[first + i] = (0.055 * tone, 0.135 * tone, 0.03 * tone)


def _poles(made: MeshBuilder, rng: np.random.Generator) -> None:
    """Concrete poles with street lamps, and the cables between them."""
    for x, side, ys in ((-ROAD - 0.55, 1, POLE_YS), (ROAD + 0.55, -1, POLE_YS[1:])):
        for y in ys:
            made.tube([(x, y, 0), (x, y, 8.6)], [0.16, 0.11], "plaster", (0.42, 0.41, 0.39), 10)
            made.tube(
                [(x, y, 8.0), (x + side * 1.0, y, 8.7), (x + side * 2.2, y, 8.8)], 0.045, "dull", (0.3, 0.3, 0.31), 6
            )
            made.soft_box((x + side * 2.3, y, 8.75), (0.8, 0.24, 0.12), "dull", (0.35, 0.35, 0.36), 0.03)
            made.box((x + side * 2.3, y, 8.675), (0.6, 0.18, 0.02), "lamp", (1.0, 0.80, 0.52))
            made.soft_box((x - side * 0.2, y, 3.4), (0.4, 0.5, 0.7), "dull", (0.35, 0.36, 0.34), 0.03)
            for _ in range(3):
                coil = [(x + 0.25 * np.cos(t), y + 0.2, 6.2 + 0.28 * np.sin(t)) for t in np.linspace(0, 6.28, 12)]
                made.tube(coil, 0.018, "rubber", (0.02, 0.02, 0.02), 4)
        for y0, y1 in pairwise(ys):
            for _ in range(11):
                _cable(
                    made,
                    (x + rng.uniform(-0.2, 0.2), y0, rng.uniform(5.9, 7.9)),
                    (x + rng.uniform(-0.2, 0.2), y1, rng.uniform(5.9, 7.9)),
                    float(rng.uniform(0.2, 1.0)),
                )
    for y in (20.0, 33.0, 49.0):
        for _ in range(3):
            _cable(
                made,
                (-5.05, y, 7.0 + rng.uniform(0, 0.8)),
                (5.05, y + rng.uniform(-4, 4), 6.6 + rng.uniform(0, 0.8)),
                0.35,
            )


def _cable(made: MeshBuilder, a: tuple[float, float, float], b: tuple[float, float, float], sag: float) -> None:
    steps = np.linspace(0, 1, 13)
    path = [
        (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t - sag * 4 * t * (1 - t))
        for t in steps.tolist()
    ]
    made.tube(path, 0.014, "rubber", (0.015, 0.015, 0.015), 4)


def road_sign(made: MeshBuilder, kind: str, x: float, y: float, height: float = 2.7) -> None:
    """A round prohibitory sign on a striped post, facing south: "no_left", "no_cars", "no_parking" or "one_way"."""
    for i in range(8):
        made.tube(
            [(x, y, i * height / 8), (x, y, (i + 1) * height / 8)],
            0.04,
            "dull",
            (0.6, 0.05, 0.04) if i % 2 else WHITE,
            8,
        )
    with made.at(x, y - 0.05, height + 0.1, np.pi):
        if kind == "one_way":
            made.box((0, 0, 0), (1.1, 0.02, 0.42), "sign", (0.02, 0.10, 0.42))
            made.box((0, 0.015, 0), (0.7, 0.01, 0.10), "sign", WHITE)
            made.quad([(0.30, 0.02, 0.15), (0.30, 0.02, -0.15), (0.5, 0.02, 0)], "sign", WHITE)
            return
        blue = kind == "no_parking"
        _disc(made, 0.42, 0.0, (0.6, 0.02, 0.02))
        _disc(made, 0.33, 0.012, (0.02, 0.10, 0.42) if blue else WHITE)
        with made.at(0, 0.03, 0):
            {"no_left": _left_arrow, "no_cars": _car_mark, "no_parking": _nothing}[kind](made)
        with made.at(0, 0.045, 0, pitch=np.pi / 4):
            made.box((0, 0, 0), (0.70, 0.008, 0.075), "sign", (0.6, 0.02, 0.02))


def _disc(made: MeshBuilder, radius: float, out: float, colour: Colour) -> None:
    made.tube([(0, out, 0), (0, out + 0.012, 0)], radius, "sign", colour, 28)


def _left_arrow(made: MeshBuilder) -> None:
    made.box((-0.10, 0, -0.08), (0.07, 0.01, 0.26), "sign", (0.01, 0.01, 0.01))
    made.box((0.0, 0, 0.06), (0.26, 0.01, 0.07), "sign", (0.01, 0.01, 0.01))
    made.quad([(0.10, 0.006, 0.17), (0.10, 0.006, -0.05), (0.25, 0.006, 0.06)], "sign", (0.01, 0.01, 0.01))


def _car_mark(made: MeshBuilder) -> None:
    made.box((0, 0, -0.03), (0.40, 0.01, 0.12), "sign", (0.01, 0.01, 0.01))
    made.box((0, 0, 0.07), (0.26, 0.01, 0.10), "sign", (0.01, 0.01, 0.01))
    for dx in (-0.12, 0.12):
        with made.at(dx, -0.012, -0.10):
            _disc(made, 0.05, 0.0, (0.01, 0.01, 0.01))


def _nothing(made: MeshBuilder) -> None:
    """The parking sign bears only its bar."""


def name_board(made: MeshBuilder, text: str, x: float, y: float) -> None:
    """The blue street-name board at a corner."""
    made.tube([(x, y, 0), (x, y, 2.9)], 0.035, "dull", (0.3, 0.3, 0.32), 8)
    with made.at(x, y - 0.03, 2.75, np.pi):
        made.box((0, 0, 0), (1.3, 0.03, 0.36), "sign", (0.02, 0.09, 0.36))
        with made.at(0, 0.03, 0):
            letters(made, text, 0.18, 1.15, "sign", WHITE)
