"""Loose loads: heaps of sand, soil, rubble, gravel, mud, scrap, refuse, branches and rock in an open bed.

In: a mesh, the measures of its bed, a random generator. Out: the heap drawn there and the points of its surface.
"""

from __future__ import annotations

import numpy as np

from models.recipes.load.bed import Bed, Rng, pick
from samples.render.mesh import Colour, MeshBuilder

HEAPS: dict[str, tuple[Colour, ...]] = {
    "sand": ((0.46, 0.36, 0.22), (0.50, 0.40, 0.26), (0.43, 0.33, 0.20)),
    "soil": ((0.20, 0.10, 0.05), (0.25, 0.13, 0.07), (0.15, 0.08, 0.05)),
    "rubble": ((0.30, 0.27, 0.24), (0.42, 0.40, 0.37), (0.36, 0.18, 0.11), (0.22, 0.19, 0.16)),
    "gravel": ((0.30, 0.30, 0.30), (0.38, 0.38, 0.37), (0.22, 0.22, 0.23)),
    "mud": ((0.13, 0.12, 0.09), (0.18, 0.16, 0.12)),
    "scrap": ((0.24, 0.12, 0.07), (0.35, 0.35, 0.36), (0.12, 0.12, 0.13), (0.30, 0.10, 0.05)),
    "refuse": ((0.02, 0.02, 0.02), (0.55, 0.55, 0.55), (0.45, 0.12, 0.08), (0.06, 0.25, 0.12), (0.08, 0.15, 0.4)),
    "bags": ((0.02, 0.02, 0.02), (0.03, 0.03, 0.04), (0.5, 0.5, 0.48), (0.55, 0.45, 0.3)),
    "branches": ((0.07, 0.13, 0.03), (0.12, 0.18, 0.05), (0.16, 0.11, 0.06)),
    "wood": ((0.26, 0.16, 0.09), (0.35, 0.23, 0.13), (0.18, 0.11, 0.07)),
    "rock": ((0.52, 0.50, 0.47), (0.40, 0.39, 0.37)),
}
COARSE = {"rubble": 0.16, "scrap": 0.34, "refuse": 0.30, "bags": 0.5, "branches": 0.5, "rock": 0.22, "gravel": 0.07,
          "wood": 0.5, "soil": 0.12}  # fmt: skip
"""Typical size in metres of the pieces that lie on a heap."""
ROUND, LONG = ("refuse", "bags"), ("branches", "scrap", "wood")
Surface = tuple[np.ndarray, np.ndarray, np.ndarray]


def grid(bed: Bed, level: float, crown: float, rough: float, rng: Rng) -> Surface:
    """A heap's surface (40, 22): `level` of the wall's height at the sides, up to `crown` metres more within."""
    xs, ys = np.meshgrid(
        np.linspace(-bed.length / 2 + 0.04, bed.length / 2 - 0.04, 40),
        np.linspace(-bed.half + 0.03, bed.half - 0.03, 22),
        indexing="ij",
    )
    along, across = xs / (bed.length / 2), ys / bed.half
    humps = np.zeros_like(xs)
    for _ in range(int(rng.integers(1, 4))):
        far = np.abs(along - rng.uniform(-0.55, 0.55)) / rng.uniform(0.5, 1.3)
        humps = np.maximum(humps, np.clip(1 - far**2, 0, 1) * np.clip(1 - across**2, 0, 1) ** 0.6)
    waves = np.sin(along * rng.uniform(3, 8) + rng.uniform(0, 6)) * np.cos(across * 2 + rng.uniform(0, 6))
    zs = bed.floor + level * bed.wall + crown * humps + 0.12 * crown * waves + rough * rng.normal(size=xs.shape)
    return xs, ys, np.maximum(zs, bed.floor + 0.01)


def sheet(
    made: MeshBuilder, surface: Surface, material: str, colours: tuple[Colour, ...], smooth: bool, strewn: float = 0.0
) -> None:
    """Faces over a grid of points, its colours in patches; `strewn` of the faces take any colour."""
    rows, columns = surface[0].shape
    faces = [
        (r * columns + c, (r + 1) * columns + c, (r + 1) * columns + c + 1, r * columns + c + 1)
        for r in range(rows - 1)
        for c in range(columns - 1)
    ]
    first = len(made.colours)
    made.add(np.column_stack([side.ravel() for side in surface]), faces, material, colours[0], smooth)
    for number, face in enumerate(faces):
        x, y = face[0] // columns, face[0] % columns
        patch = np.sin(x * 0.45 + 2.0 * np.sin(y * 0.31)) + np.cos(y * 0.6 + x * 0.17)
        spot = ((number * 7919 + number // 13) % 97) / 97
        chosen = int((patch + 2) / 4 * len(colours)) if spot > strewn else number * 31
        made.colours[first + number] = colours[chosen % len(colours)]


def heap(made: MeshBuilder, bed: Bed, rng: Rng) -> np.ndarray:
    """A loose load; returns points of its surface (n, 3)."""
    what = str(rng.choice(list(HEAPS)))
    shade = float(rng.uniform(0.6, 1.5))
    colours: tuple[Colour, ...] = tuple((r * shade, g * shade, b * shade) for r, g, b in HEAPS[what])
    level = float(rng.choice([rng.uniform(0.2, 0.7), rng.uniform(0.7, 1.0)]))
    size = COARSE.get(what, 0.0)
    surface = grid(bed, level, float(rng.uniform(0.05, 0.9)), 0.02 + 0.1 * size, rng)
    strewn = float(rng.uniform(0, 0.4)) if size else 0.05
    sheet(made, surface, "stone", colours, smooth=what in ("sand", "mud", "soil"), strewn=strewn)
    for _ in range(int(rng.integers(50, 170)) if size else 0):
        piece(made, what, surface, size * float(rng.uniform(0.4, 1.3)), pick(rng, colours), rng)
    return np.column_stack([side.ravel() for side in surface])


def piece(made: MeshBuilder, what: str, surface: Surface, size_m: float, colour: Colour, rng: Rng) -> None:
    """One bag, bar or lump somewhere on the surface."""
    r, c = int(rng.integers(1, surface[0].shape[0] - 1)), int(rng.integers(1, surface[0].shape[1] - 1))
    place = (float(surface[0][r, c]), float(surface[1][r, c]), float(surface[2][r, c]) + size_m * 0.2)
    with made.at(*place, *(rng.uniform(-2, 2, 3).tolist())):
        if what in ROUND:
            made.ball((0, 0, 0), (size_m * 0.7, size_m * 0.6, size_m * 0.5), "plastic", colour, 8)
        elif what in LONG:
            made.box((0, 0, 0), (size_m * 2.2, size_m * 0.2, size_m * 0.12), "stone", colour)
        else:
            made.box((0, 0, 0), (size_m, size_m * 0.8, size_m * 0.6), "stone", colour, taper=0.8)
