"""Makers of the actors in a clip: riders, cars, lorries, buses, walkers.

Comes in: a name, a path and speeds; looks follow from the name, so a clip is the same each time. Goes out: an `Actor`.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from samples.render.mesh import Colour, MeshBuilder
from samples.render.motion import GAIT_STEPS, Actor, Builder
from samples.render.motorbikes import motorbike
from samples.render.people import Clothes, figure, standing, walking
from samples.render.plates import number_of
from samples.render.sets import PAINTS
from samples.render.trucks import box_truck, bus, dumper
from samples.render.vehicles import SHAPES, car

SHIRTS: tuple[Colour, ...] = (
    (0.45, 0.45, 0.47),
    (0.04, 0.07, 0.17),
    (0.26, 0.06, 0.06),
    (0.38, 0.29, 0.14),
    (0.09, 0.17, 0.12),
    (0.42, 0.25, 0.27),
    (0.07, 0.07, 0.08),
    (0.22, 0.32, 0.42),
    (0.50, 0.47, 0.40),
    (0.12, 0.12, 0.14),
    (0.20, 0.19, 0.17),
)
TROUSERS: tuple[Colour, ...] = ((0.03, 0.035, 0.05), (0.05, 0.08, 0.18), (0.16, 0.14, 0.11), (0.09, 0.09, 0.09))
HELMETS: tuple[Colour, ...] = (
    (0.35, 0.03, 0.03),
    (0.55, 0.55, 0.54),
    (0.03, 0.05, 0.15),
    (0.42, 0.32, 0.08),
    (0.03, 0.03, 0.03),
    (0.40, 0.22, 0.24),
    (0.2, 0.2, 0.2),
)
PONCHOS: tuple[Colour, ...] = (
    (0.05, 0.20, 0.50),
    (0.50, 0.10, 0.28),
    (0.55, 0.48, 0.10),
    (0.10, 0.32, 0.20),
    (0.40, 0.42, 0.45),
)
CARS: tuple[Colour, ...] = (
    (0.60, 0.60, 0.61),
    (0.13, 0.14, 0.16),
    (0.30, 0.02, 0.02),
    (0.22, 0.23, 0.25),
    (0.05, 0.09, 0.22),
    (0.45, 0.38, 0.27),
)
Path = tuple[tuple[float, float], ...]
Speeds = tuple[tuple[float, float], ...]


def _dice(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(name.encode()))


def _pick(dice: np.random.Generator, choices: tuple[Any, ...]) -> Any:
    return choices[int(dice.integers(len(choices)))]


def clothes(dice: np.random.Generator, head: str, poncho: bool = False) -> Clothes:
    return Clothes(
        shirt=_pick(dice, SHIRTS),
        trousers=_pick(dice, TROUSERS),
        head=head,
        head_colour=_pick(dice, HELMETS),
        mask=bool(dice.random() < 0.6),
        bare_arms=bool(dice.random() < 0.5),
        poncho=_pick(dice, PONCHOS) if poncho else None,
    )


def bike_look(name: str, riders: bool = True, poncho: bool = False) -> Builder:
    """The same motorbike by name, with or without its riders."""
    dice = _dice(name)
    style, colour = _pick(dice, ("wave", "scooter")), _pick(dice, PAINTS)
    crew = [clothes(dice, "helmet", poncho and dice.random() < 0.6) for _ in range(2 if dice.random() < 0.3 else 1)]
    luggage = _pick(dice, ((0.02, 0.32, 0.10), (0.62, 0.22, 0.02))) if len(crew) == 1 and dice.random() < 0.25 else None
    number = number_of(name, "motorcycle")
    return lambda: motorbike(style, colour, tuple(crew) if riders else (), luggage, number=number)


def bike(name: str, path: Path, speeds: Speeds, start_m: float = 0.0, poncho: bool = False, **more: Any) -> Actor:
    """A motorbike with rider."""
    return Actor(
        name=name,
        kind="motorcycle",
        steps=(bike_look(name, poncho=poncho),),
        path=path,
        speeds=speeds,
        start_m=start_m,
        half_wl=(0.38, 0.95),
        headlamp="one",
        **more,
    )


def auto(name: str, path: Path, speeds: Speeds, start_m: float = 0.0, **more: Any) -> Actor:
    """A car; the name may say its shape, "taxi" makes it one."""
    dice = _dice(name)
    shape = next((s for s in SHAPES if s in name), "hatch" if "taxi" in name else "sedan")
    colour, stripe = ((0.62, 0.62, 0.60), (0.02, 0.28, 0.12)) if "taxi" in name else (_pick(dice, CARS), None)
    return Actor(
        name=name,
        kind="car",
        steps=(lambda: car(SHAPES[shape], colour, stripe, number=number_of(name, "car")),),
        path=path,
        speeds=speeds,
        start_m=start_m,
        half_wl=(0.92, 2.3),
        headlamp="two",
        **more,
    )


def lorry(name: str, load: str, path: Path, speeds: Speeds, start_m: float = 0.0) -> Actor:
    """A dumper with "rubble", "tarp" or "empty", or a "box" lorry."""
    number = number_of(name, "truck")
    looks: dict[str, Builder] = {
        "rubble": lambda: dumper((0.06, 0.17, 0.42), "rubble", 4, bed=(0.07, 0.19, 0.40), number=number),
        "tarp": lambda: dumper((0.52, 0.26, 0.03), "tarp", 5, number=number),
        "empty": lambda: dumper((0.50, 0.50, 0.48), "empty", 6, bed=(0.30, 0.05, 0.04), number=number),
        "box": lambda: box_truck((0.58, 0.58, 0.57), (0.50, 0.52, 0.55), number=number),
    }
    return Actor(
        name=name,
        kind="truck",
        steps=(looks[load],),
        path=path,
        speeds=speeds,
        start_m=start_m,
        half_wl=(1.25, 3.5),
        headlamp="two",
    )


def coach(name: str, path: Path, speeds: Speeds, start_m: float = 0.0) -> Actor:
    """A city bus."""
    return Actor(
        name=name,
        kind="bus",
        steps=(lambda: bus(number=number_of(name, "bus")),),
        path=path,
        speeds=speeds,
        start_m=start_m,
        half_wl=(1.3, 4.8),
        headlamp="two",
    )


def walker(
    name: str, path: Path, speeds: Speeds, start_m: float = 0.0, head: str = "", carry: bool = False, **more: Any
) -> Actor:
    """Somebody on foot."""
    dice = _dice(name)
    wear = clothes(dice, head or _pick(dice, ("hair", "hair", "cap", "non_la")))

    def step(i: int) -> Builder:
        def build() -> MeshBuilder:
            made = MeshBuilder()
            figure(made, walking((i + 0.5) / GAIT_STEPS, carry) if i or carry else standing(), wear)
            return made

        return build

    return Actor(
        name=name,
        kind="person",
        steps=tuple(step(i) for i in range(GAIT_STEPS)),
        path=path,
        speeds=speeds,
        start_m=start_m,
        half_wl=(0.3, 0.25),
        **more,
    )


def thing(
    name: str, build: Builder, path: Path, speeds: Speeds = ((0.0, 0.0),), start_m: float = 0.0, **more: Any
) -> Actor:
    """Goods: nobody's class."""
    return Actor(
        name=name, kind="", steps=(build,), path=path, speeds=speeds, start_m=start_m, half_wl=(0.1, 0.1), **more
    )
