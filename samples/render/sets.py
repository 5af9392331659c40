"""What stands in front of each clip's camera before anything moves: viewpoint, weather, signs, stalls, parked
motorbikes.

Comes in: a clip's name. Goes out: a `Stage`. Parked vehicles are listed with their kind, for they are objects of
the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from samples.render import stalls
from samples.render.camera import LARGE_WH, MIDDLE_WH, Camera
from samples.render.mesh import Colour, MeshBuilder
from samples.render.motorbikes import motorbike
from samples.render.people import Clothes, figure, sitting
from samples.render.plates import number_of
from samples.render.street import KERB_M, TREES

PAINTS: tuple[Colour, ...] = (
    (0.26, 0.02, 0.02),
    (0.02, 0.04, 0.15),
    (0.42, 0.42, 0.42),
    (0.02, 0.02, 0.022),
    (0.16, 0.03, 0.05),
    (0.05, 0.12, 0.15),
    (0.50, 0.49, 0.46),
    (0.12, 0.12, 0.13),
    (0.03, 0.03, 0.03),
    (0.05, 0.05, 0.06),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prop:
    """A thing at rest; `kind` is a vehicle's class, "person", or "" for what no detector names."""

    kind: str
    build: Callable[[], MeshBuilder]
    x: float
    y: float
    z: float = KERB_M
    yaw: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """`bound`: +1 when the one-way street runs north (away), -1 south (towards the camera)."""

    weather: str
    camera: Camera
    bound: int
    signs: tuple[tuple[str, float, float], ...] = ()
    props: tuple[Prop, ...] = field(default_factory=tuple)
    seed: int = 7
    trees: tuple[tuple[float, float], ...] = TREES


def bikes_in_a_row(x: float, y0: float, count: int, yaw: float, seed: int) -> tuple[Prop, ...]:
    """Parked side by side, every bike a little off."""
    rng = np.random.default_rng(seed)
    made = []
    for i in range(count):
        style, colour = ("wave", "scooter")[int(rng.integers(2))], PAINTS[int(rng.integers(len(PAINTS)))]
        number = number_of(f"parked-{seed}-{i}", "motorcycle")
        made.append(
            Prop(
                kind="motorcycle",
                build=lambda s=style, c=colour, n=number: motorbike(s, c, number=n),
                x=x + float(rng.uniform(-0.12, 0.12)),
                y=y0 + i * 0.74,
                yaw=yaw + float(rng.uniform(-0.08, 0.08)),
            )
        )
    return tuple(made)


def stall(x: float, y: float, seed: int) -> tuple[Prop, ...]:
    """A tea stall, its seller and a guest."""

    def build() -> MeshBuilder:
        made = MeshBuilder()
        stalls.tea_stall(made, np.random.default_rng(seed), seller=False)
        return made

    return (
        Prop(kind="", build=build, x=x, y=y),
        seated(x + 0.35, y - 0.55, np.pi / 2, Clothes(head="non_la", shirt=(0.35, 0.10, 0.22))),
        seated(x - 0.6, y + 1.15, -np.pi / 2, Clothes(shirt=(0.55, 0.55, 0.50))),
    )


def seated(x: float, y: float, yaw: float, clothes: Clothes) -> Prop:
    def build() -> MeshBuilder:
        made = MeshBuilder()
        figure(made, sitting(), clothes)
        return made

    return Prop(kind="person", build=build, x=x, y=y, yaw=yaw)


def goods(x: float, y: float, seed: int) -> Prop:
    def build() -> MeshBuilder:
        made = MeshBuilder()
        stalls.crates(made, 0, 0, np.random.default_rng(seed))
        return made

    return Prop(kind="", build=build, x=x, y=y)


def plants(x: float, y: float, seed: int) -> Prop:
    def build() -> MeshBuilder:
        made = MeshBuilder()
        stalls.planter(made, 0, 0, np.random.default_rng(seed))
        return made

    return Prop(kind="", build=build, x=x, y=y)


EAST_BIKES = bikes_in_a_row(7.0, 17.5, 9, 0.15, 3)
WEST_BIKES = bikes_in_a_row(-6.9, 19.5, 6, np.pi - 0.15, 4)
STAGES = {
    "wrong_way": Stage(
        weather="day",
        bound=-1,
        camera=Camera(position=(4.3, -3.5, 4.4), target=(1.7, 12.0, 0.7), angle_deg=28, size_wh=MIDDLE_WH),
        signs=(("one_way", -5.1, 14.0),),
        props=(*EAST_BIKES, *stall(-6.5, 15.5, 2), goods(-7.5, 9.5, 3), plants(-7.5, 12.4, 1)),
    ),
    "illegal_parking": Stage(
        weather="day",
        bound=1,
        camera=Camera(position=(-2.6, -3.5, 6.2), target=(2.3, 12.2, 0.4), angle_deg=30, size_wh=MIDDLE_WH),
        seed=11,
        signs=(("no_parking", 5.0, 21.0), ("no_parking", 5.0, 9.5)),
        props=(*EAST_BIKES[3:], *stall(6.9, 12.5, 5), goods(-7.4, 16.0, 6)),
    ),
    "sidewalk_encroachment": Stage(
        weather="day",
        bound=-1,
        camera=Camera(position=(2.2, -5.0, 5.8), target=(-5.0, 13.5, 0.4), angle_deg=40),
        seed=23,
        props=(*bikes_in_a_row(-6.9, 22.5, 5, np.pi - 0.15, 8), plants(-7.6, 19.0, 4)),
    ),
    "sidewalk_riding": Stage(
        weather="rain",
        bound=1,
        camera=Camera(position=(-3.7, -3.8, 5.0), target=(-4.9, 12.0, 0.5), angle_deg=27, size_wh=MIDDLE_WH),
        seed=31,
        props=(*bikes_in_a_row(7.0, 12.0, 6, 0.15, 9), plants(-7.7, 20.0, 6), goods(-7.6, 26.5, 9)),
    ),
    "forbidden_turn": Stage(
        weather="dusk",
        bound=1,
        camera=Camera(position=(2.2, 18.5, 6.2), target=(-0.3, 33.4, 0.2), angle_deg=42, size_wh=MIDDLE_WH),
        seed=43,
        trees=(TREES[0], *TREES[3:]),
        signs=(("no_left", 5.0, 31.2), ("no_left", -5.0, 34.2)),
        props=(*bikes_in_a_row(-6.9, 26.8, 5, np.pi - 0.15, 12),),
    ),
    "no_entry": Stage(
        weather="night",
        bound=1,
        camera=Camera(position=(-3.4, -5.0, 6.2), target=(1.6, 13.2, 0.3), angle_deg=34, size_wh=MIDDLE_WH),
        seed=59,
        signs=(("no_cars", 5.0, 8.6), ("no_cars", -5.0, 8.0)),
        props=(*EAST_BIKES[2:7], *stall(6.8, 11.5, 15)),
    ),
    "uncovered_load": Stage(
        weather="day",
        bound=1,
        camera=Camera(position=(-5.4, -7.5, 7.6), target=(1.0, 16.0, 0.8), angle_deg=40, size_wh=LARGE_WH),
        seed=61,
        props=(*EAST_BIKES[:6], goods(7.6, 12.0, 16), *stall(-6.6, 17.5, 17)),
    ),
    "clean": Stage(
        weather="day",
        bound=-1,
        camera=Camera(position=(5.4, -8.0, 7.0), target=(-1.7, 17.0, 0.3), angle_deg=45),
        seed=7,
        signs=(("one_way", 5.0, 17.0),),
        props=(*EAST_BIKES[:5], *WEST_BIKES[1:5], goods(-7.5, 10.0, 18)),
    ),
}
