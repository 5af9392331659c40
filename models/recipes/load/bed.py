"""The measures of a truck's bed, and the colours it is painted in.

In: a random generator. Out: `Bed`s in metres and linear RGB colours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samples.render.mesh import Colour

PAINTS: tuple[Colour, ...] = (
    (0.62, 0.62, 0.60), (0.02, 0.07, 0.30), (0.03, 0.16, 0.40), (0.40, 0.03, 0.03), (0.65, 0.40, 0.02),
    (0.03, 0.20, 0.08), (0.25, 0.26, 0.28), (0.08, 0.09, 0.10), (0.55, 0.16, 0.03), (0.35, 0.38, 0.30),
    (0.70, 0.70, 0.69), (0.45, 0.44, 0.40),
)  # fmt: skip
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


def hooded_bed(rng: Rng) -> Bed:
    """The bed of a lorry with a hood of cloth: often barred, up to the length of a trailer."""
    return Bed(
        length=float(rng.uniform(3.0, 9.5)), half=float(rng.uniform(0.9, 1.22)), floor=float(rng.uniform(0.9, 1.2)),
        wall=float(rng.uniform(0.4, 1.8)), gaps=bool(rng.random() < 0.55),
    )  # fmt: skip


def closed_bed(rng: Rng) -> Bed:
    """The place behind a cab for a body of its own."""
    length = rng.uniform(3.0, 7.0) if rng.random() < 0.65 else rng.uniform(7.0, 12.0)
    return Bed(length=float(length), half=float(rng.uniform(0.9, 1.25)), floor=float(rng.uniform(0.9, 1.3)), wall=0.0)
