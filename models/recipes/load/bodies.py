"""Trucks with every kind of body and load that the classifier must tell apart, as meshes.

In: a state, a random generator. Out: a `Truck`: its mesh (x forward, middle of the bed over the origin), what it
shows and the measures of its bed, from which `view.py` computes whether a camera sees into it.
The chassis and one of the two cabs are those of the demo's lorries in `samples.render.trucks`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.recipes.load.bed import PAINTS, Bed, Rng, closed_bed, hooded_bed, open_bed, pick
from models.recipes.load.closed import closed
from models.recipes.load.covers import hood, tarpaulin
from models.recipes.load.heaps import grid, heap
from samples.render.mesh import Colour, MeshBuilder
from samples.render.trucks import _cab, _chassis

GLASS: Colour = (0.03, 0.035, 0.04)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truck:
    """One truck.

    Attributes:
        mesh: what is drawn.
        bed: its bed.
        kind: uncovered_load, covered, empty, closed_body, goods or partly.
        surface: (n, 3) points of what decides the state: the load, the floor, or the skin of cover or body.
        open: the surface lies inside walls and is seen over them; else it is a skin seen from outside.
        box: (2, 3) corners of the whole truck, metres.
        cab_box: (2, 3) corners of what the cab hides.
    """

    mesh: MeshBuilder
    bed: Bed
    kind: str
    surface: np.ndarray
    open: bool
    box: np.ndarray
    cab_box: np.ndarray


def nosed_cab(made: MeshBuilder, front: float, back: float, half: float, colour: Colour, rng: Rng) -> None:
    """A cab behind its engine's bonnet, as of American refuse trucks and old Asian lorries."""
    nose, top = back + 1.5, float(rng.uniform(2.3, 2.9))
    made.soft_box(((back + nose) / 2, 0, (0.6 + top) / 2), (nose - back, half * 2, top - 0.6), "paint", colour, 0.1)
    made.soft_box(((nose + front) / 2, 0, 1.15), (front - nose, half * 1.6, 1.0), "paint", colour, 0.12)
    made.box((nose + 0.01, 0, top - 0.5), (0.03, half * 1.7, 0.6), "glass", GLASS)
    made.box((front + 0.01, 0, 1.15), (0.03, half * 1.1, 0.6), "metal", (0.4, 0.4, 0.4))
    for side in (1.0, -1.0):
        made.box((nose - 0.6, side * (half + 0.01), top - 0.55), (0.8, 0.03, 0.55), "glass", GLASS)
        made.ball((front, side * half * 0.7, 1.1), (0.06, 0.13, 0.13), "head", (1.0, 0.97, 0.88))


def running_gear(made: MeshBuilder, bed: Bed, rng: Rng) -> float:
    """Cab, chassis and wheels; returns where the front is, metres."""
    back = bed.length / 2 + 0.12 + (float(rng.uniform(0.3, 1.2)) if bed.length > 7.5 else 0.0)
    if rng.random() < 0.2:
        front = back + float(rng.uniform(2.5, 3.1))
        nosed_cab(made, front, back, bed.half * 0.95, pick(rng, PAINTS), rng)
    else:
        front = back + float(rng.uniform(1.5, 2.0))
        _cab(made, front, back, float(rng.uniform(2.2, 2.9)), bed.half * 0.98, pick(rng, PAINTS))
    axles = [front - 0.85, -bed.length / 2 + 0.9]
    if bed.length > 4.5 and rng.random() < 0.7:
        axles.append(-bed.length / 2 + 2.1)
    _chassis(made, front - 0.3, -bed.length / 2, 0.5 if bed.half > 1.0 else 0.42, tuple(axles))
    made.box((-bed.length / 2, 0, 0.75), (0.08, bed.half * 1.8, 0.14), "dull", pick(rng, ((0.5, 0.04, 0.03), GLASS)))
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
    for y in np.linspace(-0.9, 0.9, int(rng.integers(2, 9))) * bed.half if rng.random() < 0.7 else ():
        made.box((-bed.length / 2 - 0.04, float(y), bed.floor + bed.wall / 2), (0.06, 0.07, bed.wall), "dull", colour)
    if bed.gaps:
        for z in np.linspace(bed.floor + plate, bed.top, 4)[1:-1]:
            for side in (1, -1):
                made.box((0, side * bed.half, float(z)), (bed.length, 0.04, 0.05), "dull", colour)


def goods(made: MeshBuilder, bed: Bed, rng: Rng) -> None:
    """Cartons, pipes, drums or a machine: cargo that is not loose."""
    what = rng.choice(["cartons", "pipes", "drums", "machine"])
    colour = pick(rng, (*PAINTS, (0.4, 0.28, 0.16), (0.7, 0.7, 0.68)))
    if what == "machine":
        made.box((-0.3, 0, bed.floor + 0.5), (1.8, 1.2, 0.9), "paint", colour)
        made.box((-0.6, 0, bed.floor + 1.3), (0.9, 1.0, 0.9), "glass", (0.05, 0.06, 0.07))
        z = bed.floor + 0.9
        made.tube([(0.4, 0, z), (1.2, 0, z + 1.0), (1.9, 0, z)], 0.13, "paint", colour)
        return
    for _ in range(int(rng.integers(4, 22))):
        x, y = float(rng.uniform(-0.42, 0.42)) * bed.length, float(rng.uniform(-0.6, 0.6)) * bed.half
        size, reach = float(rng.uniform(0.4, 0.9)), 0.46 * bed.length
        if what == "pipes":
            made.tube([(-reach, y, bed.floor + size), (reach, y, bed.floor + size)], 0.08, "metal", colour)
        elif what == "drums":
            made.tube([(x, y, bed.floor), (x, y, bed.floor + 0.9)], 0.3, "paint", colour, 10)
        else:
            made.box((x, y, bed.floor + size / 2), (size, size * 0.9, size), "cloth", pick(rng, (colour,)))


def dirt(made: MeshBuilder, bed: Bed, rng: Rng) -> None:
    """What is left on the floor of an emptied bed: stains, planks, crumbs."""
    for _ in range(int(rng.integers(0, 9))):
        x, y = float(rng.uniform(-0.4, 0.4)) * bed.length, float(rng.uniform(-0.7, 0.7)) * bed.half
        place = (x, y, bed.floor + 0.005)
        size = (float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.1, 0.6)), 0.006)
        made.box(place, size, "stone", pick(rng, ((0.2, 0.15, 0.1), (0.3, 0.28, 0.25), (0.1, 0.09, 0.08))))
    if rng.random() < 0.4:
        for y in np.linspace(-0.9, 0.9, int(rng.integers(4, 12))) * bed.half:
            made.box((0, float(y), bed.floor + 0.004), (bed.length, 0.02, 0.008), "dull", (0.08, 0.07, 0.06))


def skin(bed: Bed, low: float, top: float) -> np.ndarray:
    """Points (n, 3) of the sides, the rear and the top of a cover or a closed body."""
    along, across = np.linspace(-0.5, 0.5, 24) * bed.length, np.linspace(-1, 1, 14) * bed.half
    up = np.linspace(low, top, 12)
    sides = [np.column_stack([g.ravel() for g in np.meshgrid(along, [-bed.half, bed.half], up)])]
    sides.append(np.column_stack([g.ravel() for g in np.meshgrid(along, across, [top])]))
    sides.append(np.column_stack([g.ravel() for g in np.meshgrid([-bed.length / 2], across, up)]))
    return np.concatenate(sides)


def make_truck(state: str, rng: Rng) -> Truck:
    """A truck of that state: uncovered_load, covered, empty, closed_body, goods (not loose) or partly (covered)."""
    made, hooded = MeshBuilder(), state == "covered" and rng.random() < 0.55
    drawn = {"closed_body": closed_bed, "covered": hooded_bed if hooded else open_bed}
    bed = drawn.get(state, open_bed)(rng)
    front, paint, top = running_gear(made, bed, rng), pick(rng, PAINTS), bed.top
    if state == "closed_body":
        top = closed(made, bed, rng)
        surface = skin(bed, bed.floor, top)
    else:
        walls(made, bed, paint, rng, pick(rng, ((0.25, 0.23, 0.21), (0.30, 0.16, 0.10), paint, (0.33, 0.27, 0.20))))
        surface = np.column_stack([side.ravel() for side in grid(bed, 0.0, 0.0, 0.0, rng)])
    if state in ("uncovered_load", "partly"):
        surface = heap(made, bed, rng)
    if state == "partly":
        tarpaulin(made, bed, rng, drawn=float(rng.uniform(0.3, 0.8)))
    elif state == "covered":
        cover: Callable[[MeshBuilder, Bed, Rng], float] = hood if hooded else tarpaulin
        top = cover(made, bed, rng)
        surface = skin(bed, bed.top - 0.1, top)
    elif state == "goods":
        goods(made, bed, rng)
    elif state == "empty":
        dirt(made, bed, rng)
    highest = max(top, float(surface[:, 2].max()), 2.4)
    box = np.array([[-bed.length / 2 - 0.1, -bed.half - 0.1, 0.0], [front, bed.half + 0.1, highest]])
    cab = np.array([[bed.length / 2 + 0.1, -bed.half, 0.5], [front, bed.half, 2.5]])
    outside = state in ("covered", "closed_body")
    return Truck(mesh=made, bed=bed, kind=state, surface=surface, open=not outside, box=box, cab_box=cab)
