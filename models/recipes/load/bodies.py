"""Trucks with every kind of body and load that the classifier must tell apart, as meshes.

In: a state, a random generator. Out: a `Truck`: its mesh (x forward, middle of the bed over the origin), what it
shows and the measures of its bed, from which `view.py` computes whether a camera sees into it.
The cab and the chassis are those of the demo's lorries in `samples.render.trucks`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from samples.render.mesh import Colour, MeshBuilder
from samples.render.trucks import _cab, _chassis

PAINTS: tuple[Colour, ...] = (
    (0.62, 0.62, 0.60), (0.02, 0.07, 0.30), (0.03, 0.16, 0.40), (0.40, 0.03, 0.03), (0.65, 0.40, 0.02),
    (0.03, 0.20, 0.08), (0.25, 0.26, 0.28), (0.08, 0.09, 0.10), (0.55, 0.16, 0.03), (0.35, 0.38, 0.30),
)  # fmt: skip
CLOTHS: tuple[Colour, ...] = (
    (0.05, 0.055, 0.06), (0.10, 0.11, 0.11), (0.03, 0.10, 0.06), (0.02, 0.05, 0.22), (0.16, 0.17, 0.18),
    (0.30, 0.23, 0.14), (0.02, 0.15, 0.35), (0.25, 0.27, 0.28), (0.05, 0.20, 0.12), (0.34, 0.10, 0.04),
)  # fmt: skip
HEAPS: dict[str, tuple[Colour, ...]] = {
    "sand": ((0.46, 0.36, 0.22), (0.50, 0.40, 0.26), (0.43, 0.33, 0.20)),
    "soil": ((0.20, 0.10, 0.05), (0.25, 0.13, 0.07), (0.15, 0.08, 0.05)),
    "rubble": ((0.30, 0.27, 0.24), (0.42, 0.40, 0.37), (0.36, 0.18, 0.11), (0.22, 0.19, 0.16)),
    "gravel": ((0.30, 0.30, 0.30), (0.38, 0.38, 0.37), (0.22, 0.22, 0.23)),
    "mud": ((0.13, 0.12, 0.09), (0.18, 0.16, 0.12)),
    "scrap": ((0.24, 0.12, 0.07), (0.35, 0.35, 0.36), (0.12, 0.12, 0.13), (0.30, 0.10, 0.05)),
    "refuse": ((0.02, 0.02, 0.02), (0.55, 0.55, 0.55), (0.45, 0.12, 0.08), (0.06, 0.25, 0.12), (0.08, 0.15, 0.4)),
    "branches": ((0.07, 0.13, 0.03), (0.12, 0.18, 0.05), (0.16, 0.11, 0.06)),
    "rock": ((0.52, 0.50, 0.47), (0.40, 0.39, 0.37)),
}
COARSE = {"rubble": 0.16, "scrap": 0.34, "refuse": 0.40, "branches": 0.5, "rock": 0.22, "gravel": 0.07}
"""Typical size in metres of the pieces that lie on a heap."""

Rng = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """Inside of a bed: metres; `wall` is the height of its sides, `gaps` whether they are bars."""

    length: float
    half: float
    floor: float
    wall: float
    gaps: bool = False

    @property
    def top(self) -> float:
        return self.floor + self.wall


@dataclass(frozen=True, slots=True, kw_only=True)
class Truck:
    """One truck; `surface` (n, 3) are points of what lies in the bed (or its floor), empty when it is closed."""

    mesh: MeshBuilder
    bed: Bed
    kind: str
    surface: np.ndarray
    box: np.ndarray
    cab_box: np.ndarray


def pick(rng: Rng, colours: tuple[Colour, ...]) -> Colour:
    """One of the colours, lightened or darkened."""
    red, green, blue = colours[int(rng.integers(len(colours)))]
    shade = float(rng.uniform(0.6, 1.4))
    return (min(red * shade, 0.9), min(green * shade, 0.9), min(blue * shade, 0.9))


def open_bed(rng: Rng) -> Bed:
    """A tipper, a low flat-bed, a high-walled or a barred bed."""
    wall = float(rng.choice([rng.uniform(0.3, 0.6), rng.uniform(0.6, 1.0), rng.uniform(1.0, 1.7)]))
    return Bed(
        length=float(rng.uniform(2.6, 7.5)), half=float(rng.uniform(0.85, 1.22)), floor=float(rng.uniform(0.85, 1.25)),
        wall=wall, gaps=bool(rng.random() < 0.22),
    )  # fmt: skip


def running_gear(made: MeshBuilder, bed: Bed, rng: Rng) -> float:
    """Cab, chassis and wheels; returns where the front is, metres."""
    back = bed.length / 2 + 0.12
    front = back + float(rng.uniform(1.5, 2.0))
    height = float(rng.uniform(2.2, 2.9))
    _cab(made, front, back, height, bed.half * 0.98, pick(rng, PAINTS))
    axles = [front - 0.85, -bed.length / 2 + 0.9]
    if bed.length > 4.5 and rng.random() < 0.7:
        axles.append(-bed.length / 2 + 2.1)
    _chassis(made, front - 0.3, -bed.length / 2, 0.5 if bed.half > 1.0 else 0.42, tuple(axles))
    made.box((-bed.length / 2, 0, 0.75), (0.08, bed.half * 1.8, 0.14), "dull", (0.5, 0.04, 0.03))
    for side in (1, -1):
        made.box((-bed.length / 2 - 0.05, side * bed.half * 0.8, 0.85), (0.05, 0.26, 0.13), "tail", (0.75, 0.02, 0.015))
    return front


def walls(made: MeshBuilder, bed: Bed, colour: Colour, rng: Rng, inside: Colour | None = None) -> None:
    """Floor and sides: plates with ribs, or bars over a low plate."""
    made.box((0, 0, bed.floor - 0.05), (bed.length, bed.half * 2, 0.1), "dull", inside or colour)
    plate = bed.wall * (float(rng.uniform(0.25, 0.5)) if bed.gaps else 1.0)
    ribs = np.linspace(-bed.length / 2, bed.length / 2, max(4, int(bed.length / float(rng.uniform(0.4, 0.9)))))
    for side in (1, -1):
        y = side * bed.half
        made.box((0, y, bed.floor + plate / 2), (bed.length, 0.05, plate), "dull", colour)
        made.box((0, y, bed.top), (bed.length, 0.09, 0.08), "dull", colour)
        for x in ribs:
            made.box((float(x), y + side * 0.03, bed.floor + bed.wall / 2), (0.08, 0.08, bed.wall), "dull", colour)
    for x in (-bed.length / 2, bed.length / 2):
        made.box((x, 0, bed.floor + plate / 2), (0.06, bed.half * 2, plate), "dull", colour)
        made.box((x, 0, bed.top), (0.08, bed.half * 2, 0.08), "dull", colour)
    if bed.gaps:
        for z in np.linspace(bed.floor + plate, bed.top, 4)[1:-1]:
            for side in (1, -1):
                made.box((0, side * bed.half, float(z)), (bed.length, 0.04, 0.05), "dull", colour)


def grid(bed: Bed, level: float, crown: float, rough: float, rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A heap's surface (28, 16): `level` of the wall's height at the sides, `crown` metres more in the middle."""
    xs, ys = np.meshgrid(
        np.linspace(-bed.length / 2 + 0.04, bed.length / 2 - 0.04, 28),
        np.linspace(-bed.half + 0.03, bed.half - 0.03, 16),
        indexing="ij",
    )
    along, across = xs / (bed.length / 2), ys / bed.half
    shift = rng.uniform(-0.3, 0.3)
    mound = np.clip(1 - np.abs(along - shift) ** 2.2 * 0.75, 0, 1) * np.clip(1 - across**2, 0, 1) ** 0.6
    waves = np.sin(along * rng.uniform(3, 8) + rng.uniform(0, 6)) * np.cos(across * 2 + rng.uniform(0, 6))
    zs = bed.floor + level * bed.wall + crown * mound + 0.12 * crown * waves + rough * rng.normal(size=xs.shape)
    return xs, ys, np.maximum(zs, bed.floor + 0.01)


def sheet(
    made: MeshBuilder, surface: tuple[np.ndarray, np.ndarray, np.ndarray], material: str,
    colours: tuple[Colour, ...], smooth: bool,
) -> None:  # fmt: skip
    """Faces over a grid of points, colours strewn over them."""
    rows, columns = surface[0].shape
    faces = [
        (r * columns + c, (r + 1) * columns + c, (r + 1) * columns + c + 1, r * columns + c + 1)
        for r in range(rows - 1)
        for c in range(columns - 1)
    ]
    first = len(made.colours)
    made.add(np.column_stack([side.ravel() for side in surface]), faces, material, colours[0], smooth)
    for number in range(len(faces)):
        made.colours[first + number] = colours[(number * 7919 + number // 13) % len(colours)]


def heap(made: MeshBuilder, bed: Bed, rng: Rng) -> np.ndarray:
    """A loose load; returns points of its surface (n, 3)."""
    what = str(rng.choice(list(HEAPS)))
    shade = float(rng.uniform(0.6, 1.5))
    colours: tuple[Colour, ...] = tuple((r * shade, g * shade, b * shade) for r, g, b in HEAPS[what])
    level = float(rng.choice([rng.uniform(0.25, 0.7), rng.uniform(0.7, 1.0)]))
    surface = grid(bed, level, float(rng.uniform(0.05, 0.7)), 0.02 + 0.15 * COARSE.get(what, 0.0), rng)
    sheet(made, surface, "stone", colours, smooth=what in ("sand", "mud"))
    size = COARSE.get(what, 0.0)
    for _ in range(int(rng.integers(60, 160)) if size else 0):
        r, c = int(rng.integers(1, 27)), int(rng.integers(1, 15))
        edge = size * float(rng.uniform(0.4, 1.3))
        colour = pick(rng, colours)
        place = (float(surface[0][r, c]), float(surface[1][r, c]), float(surface[2][r, c]) + edge * 0.2)
        with made.at(*place, *(rng.uniform(-2, 2, 3).tolist())):
            if what == "refuse":
                made.ball((0, 0, 0), (edge * 0.7, edge * 0.6, edge * 0.5), "plastic", colour, 8)
            elif what in ("branches", "scrap"):
                made.box((0, 0, 0), (edge * 2.2, edge * 0.2, edge * 0.12), "stone", colour)
            else:
                made.box((0, 0, 0), (edge, edge * 0.8, edge * 0.6), "stone", colour, taper=0.8)
    return np.column_stack([side.ravel() for side in surface])


def tarpaulin(made: MeshBuilder, bed: Bed, rng: Rng) -> None:
    """A sheet over a heap, sagging between the sides or taut over hoops, hanging down outside the walls."""
    colour = pick(rng, CLOTHS)
    crown = float(rng.choice([rng.uniform(-0.25, 0.1), rng.uniform(0.1, 0.7), rng.uniform(0.3, 0.9)]))
    xs, ys, zs = grid(bed, 1.0, crown, float(rng.uniform(0.0, 0.03)), rng)
    fold = np.clip((np.abs(ys) / bed.half - 0.88) / 0.12, 0, 1)
    hang = float(rng.uniform(0.1, 0.6)) * bed.wall
    zs = np.where(fold > 0, bed.top + 0.06 - hang * fold, zs + 0.06)
    sheet(
        made, (xs * 1.02, ys * 1.07, zs), "cloth", (colour, (colour[0] * 0.9, colour[1] * 0.9, colour[2] * 0.9)), True
    )
    if rng.random() < 0.6:
        for x in np.linspace(-bed.length / 2, bed.length / 2, int(rng.integers(4, 9))):
            arc = np.linspace(-1, 1, 9)
            rope = [
                (float(x), float(a) * bed.half * 1.08, bed.top + 0.1 + max(crown, 0) * (1 - abs(a) ** 3)) for a in arc
            ]
            made.tube(rope, 0.015, "cloth", (0.5, 0.45, 0.3), 4)


def canopy(made: MeshBuilder, bed: Bed, rng: Rng) -> float:
    """A high hood of cloth over hoops above the walls, as most lorries of Vietnam have; returns its top, metres."""
    colour, height = pick(rng, CLOTHS), float(rng.uniform(0.7, 1.5))
    low, top, sections = bed.floor + bed.wall * float(rng.uniform(0.4, 1.0)), bed.top + height, 10
    rings = []
    for x in np.linspace(-bed.length / 2, bed.length / 2, sections):
        dip = float(rng.uniform(-0.04, 0.02))
        h = bed.half * 1.03
        profile = [(-h, low), (-h, top - 0.25), (-h * 0.75, top - 0.04), (0, top + dip + 0.05), (h * 0.75, top - 0.04)]
        rings.append([(float(x), y, z) for y, z in [*profile, (h, top - 0.25), (h, low)]])
    made.loft(rings, "cloth", colour, smooth=bool(rng.random() < 0.5), caps=bool(rng.random() < 0.8))
    return top


def goods(made: MeshBuilder, bed: Bed, rng: Rng) -> None:
    """Cartons, pipes, drums or a machine: cargo that is not loose."""
    what = rng.choice(["cartons", "pipes", "drums", "machine"])
    colour = pick(rng, (*PAINTS, (0.4, 0.28, 0.16), (0.7, 0.7, 0.68)))
    if what == "machine":
        made.box((-0.3, 0, bed.floor + 0.5), (1.8, 1.2, 0.9), "paint", colour)
        made.box((-0.6, 0, bed.floor + 1.3), (0.9, 1.0, 0.9), "glass", (0.05, 0.06, 0.07))
        made.tube(
            [(0.4, 0, bed.floor + 0.9), (1.2, 0, bed.floor + 1.9), (1.9, 0, bed.floor + 0.9)], 0.13, "paint", colour
        )
        return
    for _ in range(int(rng.integers(4, 16))):
        x, y = rng.uniform(-0.42, 0.42) * bed.length, rng.uniform(-0.6, 0.6) * bed.half
        size = float(rng.uniform(0.4, 0.9))
        if what == "pipes":
            made.tube(
                [(-0.46 * bed.length, y, bed.floor + size), (0.46 * bed.length, y, bed.floor + size)],
                0.08,
                "metal",
                colour,
            )
        elif what == "drums":
            made.tube([(x, y, bed.floor), (x, y, bed.floor + 0.9)], 0.3, "paint", colour, 10)
        else:
            made.box((x, y, bed.floor + size / 2), (size, size * 0.9, size), "cloth", pick(rng, (colour,)))


def closed(made: MeshBuilder, bed: Bed, rng: Rng) -> float:
    """A box, a container with ribs, a tank, a mixer's drum or a refuse compactor; returns its top, metres."""
    what, colour = (
        rng.choice(["box", "container", "tank", "mixer", "compactor"]),
        pick(rng, (*PAINTS, (0.75, 0.75, 0.74))),
    )
    height, middle = float(rng.uniform(1.7, 2.5)), bed.floor
    if what in ("tank", "mixer"):
        radius = min(bed.half * 0.95, 1.0)
        ends = np.linspace(-0.5, 0.5, 9)
        bulge = (
            0.75 + 0.5 * (1 - (2 * np.abs(ends)) ** 2) if what == "mixer" else np.where(np.abs(ends) > 0.45, 0.8, 1.0)
        )
        lean = 0.5 if what == "mixer" else 0.0
        path = [(float(e) * bed.length, 0.0, middle + radius * 1.05 - lean * float(e)) for e in ends]
        made.tube(path, (radius * bulge).tolist(), "paint" if rng.random() < 0.5 else "metal", colour, 16)
        return middle + radius * 2.1
    made.soft_box((0, 0, middle + height / 2), (bed.length, bed.half * 2, height), "dull", colour, 0.03)
    if what == "container" or rng.random() < 0.3:
        for x in np.arange(-bed.length / 2 + 0.1, bed.length / 2, float(rng.uniform(0.2, 0.5))):
            made.box((float(x), 0, middle + height / 2), (0.06, bed.half * 2.04, height * 1.015), "dull", colour)
    if what == "compactor":
        made.box(
            (-bed.length / 2 - 0.4, 0, middle + height * 0.45),
            (0.9, bed.half * 1.9, height * 0.8),
            "dull",
            colour,
            taper=0.7,
        )
        made.box((-bed.length / 2 - 0.87, 0, middle + 0.3), (0.05, bed.half * 1.5, 0.6), "rubber", (0.02, 0.02, 0.02))
    made.box((-bed.length / 2 - 0.02, 0, middle + height / 2), (0.02, 0.03, height), "rubber", (0.02, 0.02, 0.02))
    return middle + height


def make_truck(state: str, rng: Rng) -> Truck:
    """A truck of that state: uncovered_load, covered, empty, closed_body, or goods (cargo that is not loose)."""
    made, bed = MeshBuilder(), open_bed(rng)
    front = running_gear(made, bed, rng)
    top, surface, paint = max(bed.top, 2.9), np.zeros((0, 3)), pick(rng, PAINTS)
    if state == "closed_body":
        top = closed(made, bed, rng)
    else:
        inside = pick(rng, ((0.25, 0.23, 0.21), (0.30, 0.16, 0.10), paint, (0.33, 0.27, 0.20)))
        walls(made, bed, paint, rng, inside)
        if state == "uncovered_load":
            surface = heap(made, bed, rng)
        elif state == "covered":
            cover: Callable[[MeshBuilder, Bed, Rng], float | None] = tarpaulin if rng.random() < 0.6 else canopy
            top = cover(made, bed, rng) or top
        else:
            surface = np.column_stack([side.ravel() for side in grid(bed, 0.0, 0.0, 0.0, rng)])
            if state == "goods":
                goods(made, bed, rng)
    box = np.array([[-bed.length / 2 - 0.1, -bed.half - 0.1, 0.0], [front, bed.half + 0.1, max(top, 2.4)]])
    cab = np.array([[bed.length / 2 + 0.1, -bed.half, 0.5], [front, bed.half, 2.5]])
    return Truck(mesh=made, bed=bed, kind=state, surface=surface, box=box, cab_box=cab)
