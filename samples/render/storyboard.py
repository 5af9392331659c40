"""What a storyboard is made of: clips, what is a violation in them, and traffic that keeps to its lanes.

Comes in: names whose first word makes the kind of vehicle. Goes out: actors for `clips.py`. Lawful traffic follows
lanes at one speed each, so nobody runs into another; `python samples/render/render.py --check` proves it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samples.render.cast import Path, auto, bike, coach, lorry, walker
from samples.render.motion import Actor

MIDDLE_Y = 16.0
TOP_Y, BOTTOM_Y = 98.0, -40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One violation: by which actors, from when to when, and the moment its box is taken."""

    kind: str
    actors: tuple[str, ...]
    start_s: float
    end_s: float
    t_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """`began_at` is the recording's creation time, UTC."""

    name: str
    length_s: float
    began_at: str
    actors: tuple[Actor, ...]
    deeds: tuple[Deed, ...] = ()
    seed: int = 1


def lane(
    x: float, bound: int, speed: float, passes: dict[str, float], seed: int = 0, poncho: bool = False
) -> tuple[Actor, ...]:
    """Vehicles at one speed; `passes` says when each is at y = 16. The name's first word makes the kind."""
    rng = np.random.default_rng(seed + int(x * 10) % 97)
    made = []
    for name, at_s in passes.items():
        first, last = (BOTTOM_Y, TOP_Y) if bound > 0 else (TOP_Y, BOTTOM_Y)
        sway = 0.14 if name.startswith("bike") else 0.03
        path: Path = tuple((x + float(rng.uniform(-sway, sway)), float(y)) for y in np.linspace(first, last, 12))
        start = abs(MIDDLE_Y - first) - speed * at_s
        made.append(vehicle(name, path, ((0.0, speed),), start, poncho))
    return tuple(made)


def vehicle(
    name: str, path: Path, speeds: tuple[tuple[float, float], ...], start_m: float, poncho: bool = False
) -> Actor:
    """The actor its name asks for."""
    first, second = [*name.split("-"), ""][:2]
    if first == "bike":
        return bike(name, path, speeds, start_m, poncho)
    if first == "bus":
        return coach(name, path, speeds, start_m)
    if first == "lorry":
        return lorry(name, second, path, speeds, start_m)
    return auto(name, path, speeds, start_m)


def stroll(name: str, x: float, y0: float, speed: float, head: str = "", **more: object) -> Actor:
    """Somebody walking along a pavement, north when `speed` > 0."""
    path: Path = ((x, y0), (x + 0.1, y0 + 40 * np.sign(speed)))
    return walker(name, path, ((0.0, abs(speed)),), 0.0, head, **more)  # type: ignore[arg-type]
