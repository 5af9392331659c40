"""Cloth over a bed: sheets drawn over a heap, hoods over hoops, sheets drawn only half way.

In: a mesh with an open bed, its measures, a random generator. Out: the cloth drawn there, and its top in metres.
"""

from __future__ import annotations

import numpy as np

from models.recipes.load.bed import Bed, Rng, pick
from models.recipes.load.heaps import Surface, grid, sheet
from samples.render.mesh import Colour, MeshBuilder, Vec

CLOTHS: tuple[Colour, ...] = (
    (0.05, 0.055, 0.06), (0.10, 0.11, 0.11), (0.03, 0.10, 0.06), (0.02, 0.05, 0.22), (0.16, 0.17, 0.18),
    (0.30, 0.23, 0.14), (0.02, 0.15, 0.35), (0.25, 0.27, 0.28), (0.05, 0.20, 0.12), (0.34, 0.10, 0.04),
    (0.07, 0.08, 0.09), (0.04, 0.05, 0.09), (0.02, 0.30, 0.22), (0.45, 0.40, 0.30), (0.12, 0.13, 0.15),
)  # fmt: skip
ROPE: Colour = (0.5, 0.45, 0.3)


def wrinkled(xs: np.ndarray, ys: np.ndarray, rng: Rng) -> np.ndarray:
    """Folds in metres, a few sines across each other."""
    folds = np.zeros_like(xs)
    for _ in range(5):
        along, across = rng.uniform(0.5, 5.0), rng.uniform(-5.0, 5.0)
        folds += np.abs(np.sin(xs * along + ys * across + rng.uniform(0, 6)))
    return folds * float(rng.uniform(0.0, 0.035))


def tarpaulin(made: MeshBuilder, bed: Bed, rng: Rng, drawn: float = 1.0) -> float:
    """A sheet over a heap or hoops, hanging over the sides; `drawn` is how much of the length it covers."""
    colour = pick(rng, CLOTHS)
    crown = float(rng.choice([rng.uniform(-0.25, 0.1), rng.uniform(0.1, 0.7), rng.uniform(0.3, 0.9)]))
    xs, ys, zs = grid(bed, 1.0, crown, float(rng.uniform(0.0, 0.02)), rng)
    fold = np.clip((np.abs(ys) / bed.half - 0.88) / 0.12, 0, 1)
    hang = float(rng.uniform(0.1, 0.9)) * bed.wall
    over = zs + 0.06 + wrinkled(xs, ys, rng)
    zs = np.where(fold > 0, bed.top + 0.06 - hang * fold, over)
    rows = max(3, round(len(xs) * drawn))
    part: Surface = (xs[-rows:] * 1.02, ys[-rows:] * 1.07, zs[-rows:])
    sheet(made, part, "cloth", (colour, (colour[0] * 0.85, colour[1] * 0.85, colour[2] * 0.85)), True)
    if rng.random() < 0.6 and drawn == 1.0:
        for x in np.linspace(-bed.length / 2, bed.length / 2, int(rng.integers(4, 9))):
            rope: list[Vec] = [
                (float(x), float(a) * bed.half * 1.08, bed.top + 0.1 + max(crown, 0) * (1 - abs(float(a)) ** 3))
                for a in np.linspace(-1, 1, 9)
            ]
            made.tube(rope, 0.015, "cloth", ROPE, 4)
    return max(bed.top + crown, bed.top)


def hood(made: MeshBuilder, bed: Bed, rng: Rng) -> float:
    """A high hood over hoops above the walls, as most lorries of Vietnam have; its rear shut, half shut or open."""
    colour, height = pick(rng, CLOTHS), float(rng.uniform(0.5, 1.6))
    low, top = bed.floor + bed.wall * float(rng.uniform(0.3, 1.0)), bed.top + height
    half, shoulder, hoops = bed.half * 1.03, float(rng.uniform(0.05, 0.35)), int(rng.integers(4, 12))
    rings: list[list[Vec]] = []
    for place in np.linspace(-0.5, 0.5, 26):
        sag = float(np.abs(np.sin(place * np.pi * hoops))) * float(rng.uniform(0.0, 0.05))
        lean = [float(rng.normal(0, 0.012)) for _ in range(7)]
        shape = [
            (-half, low), (-half, top - shoulder - 0.1), (-half * 0.8, top - shoulder * 0.3 - sag), (0.0, top - sag),
            (half * 0.8, top - shoulder * 0.3 - sag), (half, top - shoulder - 0.1), (half, low),
        ]  # fmt: skip
        rings.append([(float(place) * bed.length, y + d, z + d) for (y, z), d in zip(shape, lean, strict=True)])
    made.loft(rings, "cloth", colour, smooth=bool(rng.random() < 0.6), caps=False)
    made.loft([rings[-1], rings[-1]], "cloth", colour, smooth=False)
    _rear(made, bed, (low, top), colour, rng)
    if rng.random() < 0.4:
        ink = pick(rng, ((0.6, 0.45, 0.05), (0.5, 0.5, 0.5), (0.02, 0.15, 0.35)))
        for side in (half + 0.02, -half - 0.02):
            z = low + (top - low) * float(rng.uniform(0.3, 0.7))
            made.box((0, side, z), (bed.length, 0.02, 0.05), "cloth", ink)
    if rng.random() < 0.5:
        for x in np.linspace(-0.45, 0.45, int(rng.integers(3, 8))) * bed.length:
            over = [(-half - 0.02, low), (-half - 0.02, top - shoulder), (0, top + 0.03), (half + 0.02, top - shoulder)]
            rope: list[Vec] = [(float(x), float(y), float(z)) for y, z in [*over, (half + 0.02, low)]]
            made.tube(rope, 0.015, "cloth", ROPE, 4)
    return top


def _rear(made: MeshBuilder, bed: Bed, low_top: tuple[float, float], colour: Colour, rng: Rng) -> None:
    """The flap at the rear, let down by some share of its height, and bars before the dark inside."""
    low, top = low_top
    x, half = -bed.length / 2, bed.half
    made.box((x + 0.25, 0, (low + top) / 2), (0.02, half * 1.9, top - low - 0.1), "cloth", (0.01, 0.01, 0.01))
    down = float(rng.choice([1.0, 1.0, rng.uniform(0.15, 0.9), 0.0]))
    ys, zs = np.meshgrid(np.linspace(-half, half, 14), np.linspace(top - 0.06, top - (top - low) * down, 8))
    sway = wrinkled(ys, zs * 0.2, rng) * 1.5
    if down > 0:
        shade: Colour = (colour[0] * 0.9, colour[1] * 0.9, colour[2] * 0.9)
        sheet(made, (x - 0.03 - sway, ys, zs), "cloth", (shade, colour), True)
    if rng.random() < 0.6:
        tall = (top - bed.floor) * float(rng.uniform(0.3, 0.9))
        paint = pick(rng, ((0.6, 0.6, 0.6), (0.05, 0.15, 0.35), (0.3, 0.12, 0.05), (0.1, 0.1, 0.1)))
        for y in np.linspace(-0.95, 0.95, int(rng.integers(5, 14))) * half:
            made.box((x - 0.06, float(y), bed.floor + tall / 2), (0.03, 0.04, tall), "dull", paint)
        made.box((x - 0.06, 0, bed.floor + tall), (0.04, half * 1.95, 0.06), "dull", paint)
