"""Bodies that hold no loose load in the open: boxes, containers, tanks, mixers, pumps, refuse trucks, bare chassis.

In: a mesh, the measures of the place behind the cab, a random generator. Out: the body drawn there and its top in
metres. Doors, rods, ribs, panels, lettering and stripes are drawn too: seen close, they are what fools a network.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models.recipes.load.bed import Bed, Rng, pick
from samples.render.mesh import Colour, MeshBuilder, Vec

BODIES: tuple[Colour, ...] = (
    (0.75, 0.75, 0.74), (0.80, 0.80, 0.78), (0.60, 0.60, 0.58), (0.02, 0.07, 0.30), (0.03, 0.16, 0.40),
    (0.40, 0.05, 0.03), (0.03, 0.20, 0.08), (0.02, 0.28, 0.20), (0.55, 0.20, 0.03), (0.65, 0.42, 0.03),
    (0.25, 0.26, 0.28), (0.30, 0.10, 0.06), (0.05, 0.30, 0.42),
)  # fmt: skip
DARK: Colour = (0.015, 0.015, 0.015)


def stripes_and_letters(made: MeshBuilder, bed: Bed, low: float, high: float, rng: Rng) -> None:
    """Bands, panels and lines of letters on both sides."""
    ink = pick(rng, (*BODIES, DARK, (0.7, 0.05, 0.03)))
    tall, reach = high - low, bed.length * 0.94
    for side in (1.0, -1.0):
        y = side * (bed.half + 0.015)
        if rng.random() < 0.45:
            z = low + tall * float(rng.uniform(0.1, 0.8))
            made.box((0, y, z), (reach, 0.012, float(rng.uniform(0.05, 0.3))), "dull", ink)
        if rng.random() < 0.35:
            size = (reach * float(rng.uniform(0.2, 0.5)), 0.014, tall * float(rng.uniform(0.3, 0.7)))
            made.box((reach * float(rng.uniform(-0.2, 0.2)), y, low + tall * 0.5), size, "dull", pick(rng, BODIES))
        for _ in range(int(rng.integers(0, 3))):
            x, size_m = -reach * float(rng.uniform(0.0, 0.45)), float(rng.uniform(0.12, 0.5))
            z = low + tall * float(rng.uniform(0.3, 0.8))
            for _ in range(int(rng.integers(3, 12))):
                wide = size_m * float(rng.uniform(0.3, 0.8))
                made.box((x, y, z), (wide, 0.02, size_m * float(rng.uniform(0.5, 1.0))), "dull", ink)
                x += wide + size_m * 0.25


def doors(made: MeshBuilder, bed: Bed, low: float, high: float, rng: Rng) -> None:
    """Two leaves at the rear: their gap, rods, handles and a few marks."""
    x, tall = -bed.length / 2 - 0.015, high - low
    middle, rod = low + tall / 2, pick(rng, ((0.6, 0.6, 0.6), (0.3, 0.3, 0.3), (0.75, 0.75, 0.7)))
    made.box((x, 0, middle), (0.02, 0.03, tall * 0.96), "rubber", DARK)
    for y in (-0.72, -0.25, 0.25, 0.72):
        made.box((x - 0.02, y * bed.half, middle), (0.03, 0.035, tall * 0.96), "metal", rod)
        if rng.random() < 0.7:
            made.box((x - 0.03, y * bed.half + 0.1, low + tall * 0.38), (0.03, 0.25, 0.04), "metal", rod)
    ink = pick(rng, ((0.8, 0.8, 0.78), DARK, (0.6, 0.05, 0.03)))
    for _ in range(int(rng.integers(0, 6))):
        y, z = float(rng.uniform(-0.8, 0.8)) * bed.half, low + tall * float(rng.uniform(0.2, 0.92))
        made.box((x, y, z), (0.024, float(rng.uniform(0.1, 0.6)), float(rng.uniform(0.05, 0.16))), "dull", ink)


def box(made: MeshBuilder, bed: Bed, rng: Rng) -> float:
    """A smooth or ribbed box, or a container on its chassis."""
    colour, height = pick(rng, BODIES), float(rng.uniform(1.6, 2.6))
    low, high = bed.floor, bed.floor + height
    made.soft_box((0, 0, low + height / 2), (bed.length, bed.half * 2, height), "dull", colour, 0.04)
    if rng.random() < 0.6:
        pitch, depth = float(rng.uniform(0.16, 0.5)), float(rng.uniform(1.015, 1.04))
        for x in np.arange(-bed.length / 2 + 0.1, bed.length / 2, pitch):
            size = (pitch * 0.4, bed.half * 2 * depth, height * 1.012)
            made.box((float(x), 0, low + height / 2), size, "dull", colour)
    if rng.random() < 0.8:
        stripes_and_letters(made, bed, low, high, rng)
    if rng.random() < 0.9:
        doors(made, bed, low, high, rng)
    return high


def tank(made: MeshBuilder, bed: Bed, rng: Rng) -> float:
    """A tank lying, round or oval, with hatches, a gangway and a ladder."""
    radius, colour = min(bed.half * 0.95, float(rng.uniform(0.8, 1.1))), pick(rng, BODIES)
    ends = np.linspace(-0.5, 0.5, 13)
    path: list[Vec] = [(float(e) * bed.length, 0.0, bed.floor + radius * 1.02) for e in ends]
    made.tube(path, (radius * np.where(np.abs(ends) > 0.45, 0.75, 1.0)).tolist(),
              "metal" if rng.random() < 0.3 else "paint", colour, 18)  # fmt: skip
    top = bed.floor + radius * 2.04
    for x in np.linspace(-0.35, 0.35, int(rng.integers(2, 6))):
        made.tube([(float(x) * bed.length, 0, top - 0.1), (float(x) * bed.length, 0, top + 0.12)], 0.25, "dull", colour)
    if rng.random() < 0.6:
        made.box((0, 0, top + 0.02), (bed.length * 0.85, 0.5, 0.04), "metal", (0.4, 0.4, 0.4))
    for y in (-0.2, 0.2):
        foot: Vec = (-bed.length / 2 - 0.05, y, bed.floor)
        made.tube([foot, (-bed.length / 2 - 0.05, y, top)], 0.03, "metal", (0.4, 0.4, 0.4), 5)
    if rng.random() < 0.6:
        ink, z = pick(rng, BODIES), bed.floor + radius
        for side in (1.0, -1.0):
            made.box((0, side * radius * 1.0, z), (bed.length * 0.8, 0.03, float(rng.uniform(0.1, 0.5))), "dull", ink)
    return top


def mixer(made: MeshBuilder, bed: Bed, rng: Rng) -> float:
    """A leaning drum with a spiral stripe, its hopper and chute at the rear."""
    colour, ink = pick(rng, BODIES), pick(rng, (*BODIES, (0.7, 0.05, 0.03)))
    radius, ends = bed.half * 0.98, np.linspace(-0.5, 0.5, 15)
    bulge = np.interp(ends, (-0.5, -0.35, 0.1, 0.35, 0.5), (0.38, 0.72, 1.0, 0.9, 0.5))
    path: list[Vec] = [(float(e) * bed.length, 0.0, bed.floor + radius * 1.1 - 0.7 * float(e)) for e in ends]
    made.tube(path, (radius * bulge).tolist(), "paint", colour, 18)
    for turn in np.linspace(0, 6 * np.pi, 46):
        part = float(turn / (6 * np.pi)) - 0.5
        wide = float(np.interp(part, ends, bulge)) * radius * 1.01
        z = bed.floor + radius * 1.1 - 0.7 * part
        place = (part * bed.length * 0.94, float(np.cos(turn)) * wide, z + float(np.sin(turn)) * wide)
        made.ball(place, (0.13, 0.1, 0.1), "dull", ink, 6)
    rear = -bed.length / 2
    made.box((rear - 0.1, 0, bed.floor + radius * 1.9), (0.7, 0.9, 0.6), "dull", ink, taper=1.4)
    made.tube([(rear - 0.2, 0, bed.floor + radius), (rear - 0.9, 0.1, bed.floor + 0.1)], 0.2, "dull", ink)
    for side in (0.5, -0.5):
        made.tube([(rear + 0.4, side, bed.floor), (rear, side, bed.floor + radius * 1.8)], 0.07, "dull", ink, 5)
    return bed.floor + radius * 2.4


def pump(made: MeshBuilder, bed: Bed, rng: Rng) -> float:
    """A concrete pump or a crane: a low deck of machines under folded booms."""
    colour, deck = pick(rng, ((0.7, 0.7, 0.68), (0.6, 0.1, 0.04), (0.65, 0.4, 0.02))), bed.floor + 0.5
    made.soft_box((0, 0, bed.floor + 0.2), (bed.length, bed.half * 1.9, 0.5), "dull", pick(rng, BODIES), 0.04)
    for level in range(int(rng.integers(2, 4))):
        z, lean = deck + 0.35 + 0.38 * level, float(rng.uniform(-0.12, 0.12))
        ends: list[Vec] = [(-bed.length * 0.5, lean, z), (bed.length * 0.5 + 1.2, -lean, z + 0.2)]
        made.tube(ends, float(rng.uniform(0.13, 0.22)), "paint", colour, 4)
        made.tube([(ends[0][0], 0.25, z), (ends[1][0], 0.25, z + 0.2)], 0.06, "metal", (0.5, 0.1, 0.05), 6)
    made.box((-bed.length / 2, 0, deck), (0.9, bed.half * 1.3, 0.8), "dull", colour, taper=1.3)
    for side in (0.8, -0.8):
        made.box((bed.length * 0.3, side * bed.half, deck), (0.4, 0.3, 1.0), "dull", colour)
    return deck + 1.6


def frame(made: MeshBuilder, bed: Bed, rng: Rng) -> float:
    """A container chassis without its container: two beams, cross members, the road between them."""
    colour = pick(rng, ((0.45, 0.08, 0.03), (0.05, 0.2, 0.1), (0.1, 0.1, 0.12), (0.5, 0.35, 0.05)))
    for side in (0.45, -0.45):
        made.box((0, side, bed.floor - 0.1), (bed.length, 0.16, 0.22), "dull", colour)
    for x in np.linspace(-bed.length / 2 + 0.1, bed.length / 2 - 0.1, int(rng.integers(4, 8))):
        wide = bed.half * float(rng.choice([1.1, 2.0]))
        made.box((float(x), 0, bed.floor - 0.06), (0.16, wide, 0.16), "dull", colour)
    return bed.floor + 0.1


def _rounded(x: float, half: float, low: float, high: float) -> list[Vec]:
    edge = min(0.35, half * 0.35)
    side = [(half, low), (half * 1.02, (low + high) / 2), (half, high - edge), (half * 0.9, high - edge * 0.3)]
    shape = [*side, (half * 0.6, high)]
    return [*((x, -y, z) for y, z in shape), *((x, y, z) for y, z in reversed(shape))]


def refuse(made: MeshBuilder, bed: Bed, rng: Rng) -> float:
    """A compactor: ribbed barrel, a tailgate with hopper and rams, or the arms and roof of a front loader."""
    colour, height = pick(rng, BODIES), float(rng.uniform(1.5, 2.3))
    low, high, front = bed.floor - 0.1, bed.floor + height, bed.length / 2
    rear, waist = -front, -front * float(rng.uniform(0.25, 0.6))
    barrel = [_rounded(x, bed.half, low, high) for x in (front, 0.0, waist)]
    made.loft(barrel, "dull", colour, smooth=False)
    for x in np.linspace(waist + 0.1, front - 0.1, int(rng.integers(2, 11))) if rng.random() < 0.75 else ():
        made.loft([_rounded(float(x) + d, bed.half * 1.03, low, high + 0.03) for d in (0.05, -0.05)], "dull", colour)
    if rng.random() < 0.8:
        stripes_and_letters(made, bed, low + 0.2, high - 0.3, rng)
    tail = colour if rng.random() < 0.6 else pick(rng, BODIES)
    sill = low + float(rng.uniform(-0.2, 0.3))
    steps = ((waist, low, high), ((waist + rear) / 2, sill, high + 0.1), (rear - 0.2, sill, low + height * 0.8),
             (rear - 0.6, sill, low + height * 0.45))  # fmt: skip
    made.loft([_rounded(x, bed.half * 1.04, under, over) for x, under, over in steps], "dull", tail, smooth=False)
    _hopper(made, bed, (sill, low + height * 0.8), tail, rng)
    if rng.random() < 0.3:
        _arms(made, bed, high, colour)
    return high + 0.1


def _hopper(made: MeshBuilder, bed: Bed, low_high: tuple[float, float], colour: Colour, rng: Rng) -> None:
    """The dark mouth of the tailgate, its frame, rams, rails, lamps and warning stripes."""
    rear, (low, high) = -bed.length / 2, low_high
    slope, tall = 0.4 / max(high - low, 0.5), high - low
    for z in np.linspace(low + tall * 0.3, low + tall * float(rng.uniform(0.55, 0.9)), 6):
        x = rear - 0.63 + max(float(z) - low - tall * 0.45, 0.0) * slope * 1.2
        made.box((x, 0, float(z)), (0.12, bed.half * 1.7, tall * 0.13), "rubber", DARK)
    for y in (-0.93, 0.93):
        side = y * bed.half
        made.tube([(rear - 0.66, side, low), (rear + 0.1, side, high + 0.3)], 0.06, "metal", (0.5, 0.5, 0.5), 6)
        made.tube([(rear - 0.7, side, low - 0.3), (rear - 0.7, side, low + 0.7)], 0.03, "paint", (0.7, 0.5, 0.02), 5)
    made.box((rear - 0.66, 0, low + 0.08), (0.1, bed.half * 1.9, 0.16), "dull", colour)
    for number, y in enumerate(np.linspace(-0.9, 0.9, 8)):
        paint: Colour = (0.7, 0.5, 0.02) if number % 2 else (0.6, 0.03, 0.02)
        made.box((rear - 0.72, float(y) * bed.half, low + 0.08), (0.03, bed.half * 0.2, 0.12), "dull", paint)


def _arms(made: MeshBuilder, bed: Bed, high: float, colour: Colour) -> None:
    """The arms of a front loader over the cab, and its dark roof hatch."""
    front = bed.length / 2
    for side in (1.0, -1.0):
        y = side * (bed.half + 0.12)
        made.tube([(0, y, high * 0.6), (front, y, high + 0.35), (front + 1.9, y, high + 0.1), (front + 2.5, y, 1.2)],
                  0.12, "paint", colour, 6)  # fmt: skip
    made.box((front * 0.6, 0, high), (front * 0.5, bed.half * 1.5, 0.06), "rubber", DARK)


KINDS: tuple[tuple[float, Callable[[MeshBuilder, Bed, Rng], float]], ...] = (
    (0.33, box), (0.12, tank), (0.09, mixer), (0.05, pump), (0.05, frame), (0.36, refuse),
)  # fmt: skip
"""How often each is drawn."""


def closed(made: MeshBuilder, bed: Bed, rng: Rng) -> float:
    """One of the bodies; returns its top, metres."""
    chosen = int(rng.choice(len(KINDS), p=[share for share, _ in KINDS]))
    return KINDS[chosen][1](made, bed, rng)
