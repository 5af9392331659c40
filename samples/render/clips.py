"""The storyboards: who drives where in each clip, and what in it is a violation.

Comes in: nothing but this file. Goes out: `CLIPS`, one `Clip` per violation kind and one clean. Lawful traffic
follows lanes at one speed each, so nobody runs into another; `python samples/render/render.py --check` proves it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samples.render import stalls
from samples.render.cast import Path, auto, bike, bike_look, coach, lorry, thing, walker
from samples.render.mesh import MeshBuilder
from samples.render.motion import Actor
from samples.render.people import Clothes, figure, sitting

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


def _wrong_way() -> Clip:
    offender = bike(
        "bike-offender-3", ((3.9, -30.0), (3.95, 0.0), (3.75, 15.0), (3.9, 30.0), (3.8, 60.0)), ((0.0, 5.0),), 19.5
    )
    actors = (
        offender,
        *lane(
            -3.7,
            -1,
            6.5,
            {"bike-a1": 0.4, "bike-a2": 2.6, "bike-a3": 4.4, "bike-a4": 6.9, "bike-a5": 9.6, "bike-a6": 11.6},
        ),
        *lane(-1.6, -1, 5.6, {"taxi-b1": 0.9, "bus-b2": 4.6, "mpv-b3": 8.4, "sedan-b4": 11.8}),
        *lane(0.55, -1, 6.2, {"bike-c1": 1.6, "bike-c2": 3.4, "bike-c3": 6.3, "bike-c4": 7.9, "bike-c5": 10.7}),
        *lane(2.2, -1, 5.4, {"sedan-d1": 2.9, "hatch-d2": 9.4}),
        stroll("walk-1", -5.9, 8.0, 1.2),
        stroll("walk-2", -7.2, 24.0, -1.1),
        stroll("walk-3", 5.9, 14.0, 1.25),
    )
    return Clip(
        name="wrong_way",
        length_s=13.0,
        began_at="2026-05-12T01:30:00Z",
        actors=actors,
        seed=101,
        deeds=(Deed(kind="wrong_way", actors=("bike-offender-3",), start_s=3.6, end_s=8.4, t_s=5.6),),
    )


def _illegal_parking() -> Clip:
    parked = auto(
        "sedan-parks-7",
        ((2.2, -40.0), (2.2, 3.0), (3.4, 10.0), (3.45, 20.0), (3.45, 30.0)),
        ((0.0, 6.0), (2.4, 6.0), (4.6, 0.0), (99.0, 0.0)),
        34.2,
    )
    actors = (
        parked,
        *lane(
            -3.6,
            1,
            6.4,
            {"bike-e1": 0.5, "bike-e2": 2.2, "bike-e3": 5.0, "bike-e4": 8.3, "bike-e5": 10.4, "bike-e6": 13.8},
        ),
        *lane(-1.6, 1, 5.6, {"hatch-f1": 1.4, "taxi-f2": 6.1, "mpv-f3": 10.7, "sedan-f4": 14.6}),
        *lane(
            0.45,
            1,
            6.2,
            {"bike-g1": 3.2, "bike-g2": 4.8, "bike-g3": 7.4, "bike-g4": 9.3, "bike-g5": 12.2, "bike-g6": 15.1},
        ),
        *lane(1.55, 1, 6.2, {"bike-h1": 8.5, "bike-h2": 13.2}),
        stroll("walk-4", 6.0, 10.0, 1.2),
        stroll("walk-5", 5.3, 28.0, -1.15),
        stroll("walk-6", -6.4, 14.0, 1.1),
    )
    return Clip(
        name="illegal_parking",
        length_s=15.5,
        began_at="2026-05-12T01:30:00Z",
        actors=actors,
        seed=102,
        deeds=(Deed(kind="illegal_parking", actors=("sedan-parks-7",), start_s=4.6, end_s=15.4, t_s=11.5),),
    )


def _table_set() -> MeshBuilder:
    made = MeshBuilder()
    stalls.table(made, 0, 0, stalls.BLUE)
    for dx, dy in ((0.6, 0.1), (-0.1, 0.65), (-0.62, -0.1)):
        stalls.stool(made, dx, dy, stalls.RED)
    return made


def _crates(count: int) -> MeshBuilder:
    made = MeshBuilder()
    stalls.crates(made, 0, 0, np.random.default_rng(77), count)
    return made


def _shade() -> MeshBuilder:
    made = MeshBuilder()
    stalls.parasol(made, 0, 0, (stalls.RED, (0.70, 0.62, 0.10)))
    return made


def _seller() -> MeshBuilder:
    made = MeshBuilder()
    figure(made, sitting(), Clothes(head="non_la", shirt=(0.42, 0.10, 0.25)))
    return made


def _carried(
    tag: str,
    from_xy: tuple[float, float],
    to_xy: tuple[float, float],
    begin_s: float,
    put_s: float,
    load: tuple[str, int],
) -> tuple[Actor, ...]:
    """Somebody brings a load out of a house, puts it down for good and goes back."""
    speed = float(np.hypot(to_xy[0] - from_xy[0], to_xy[1] - from_xy[1])) / (put_s - begin_s)
    way: Path = (from_xy, to_xy)
    builds = {"table": _table_set, "crates": lambda: _crates(load[1]), "shade": _shade}
    build = builds[load[0]]
    pace = ((0.0, 0.0), (begin_s, 0.0), (begin_s + 0.02, speed), (put_s, speed), (put_s + 0.02, 0.0))
    back = ((0.0, 0.0), (put_s + 0.5, 0.0), (put_s + 0.52, speed), (99.0, speed))
    front = np.subtract(to_xy, from_xy) / np.hypot(*np.subtract(to_xy, from_xy)) * 0.55
    ahead: Path = tuple((p[0] + float(front[0]), p[1] + float(front[1])) for p in way)
    return (
        walker(f"{tag}-out", way, pace, head="cap", carry=True, span_s=(begin_s, put_s + 0.5)),
        walker(f"{tag}-out-", way[::-1], back, head="cap", span_s=(put_s + 0.5, 99.0)),
        thing(
            f"{tag}-held",
            build,
            ahead,
            pace,
            span_s=(begin_s, put_s),
            lift=0.55 if load[0] != "shade" else 0.15,
            yaw=0.0,
        ),
        thing(f"{tag}-put", build, (ahead[-1], (ahead[-1][0] + 1, ahead[-1][1])), span_s=(put_s, 99.0), yaw=0.0),
    )


def _sidewalk_encroachment() -> Clip:
    rest = ((0.0, 0.0),)
    bike_way: Path = ((-2.9, 50.0), (-2.9, 24.0), (-3.6, 18.5), (-5.0, 17.0), (-6.6, 16.7), (-9.0, 16.6))
    riding = bike(
        "bike-parker", bike_way, ((0.0, 5.6), (2.2, 5.0), (3.4, 2.6), (5.0, 0.0), (99.0, 0.0)), 16.3, span_s=(-1.0, 6.0)
    )
    actors = (
        *_carried("load-1", (-8.7, 11.6), (-6.7, 11.9), 1.0, 2.6, ("table", 0)),
        *_carried("load-2", (-8.7, 13.6), (-6.9, 13.3), 1.6, 3.2, ("shade", 0)),
        *_carried("load-3", (-8.7, 10.4), (-7.3, 10.0), 2.2, 3.8, ("crates", 6)),
        thing("seller", _seller, ((-7.2, 12.7), (-6.2, 12.7)), span_s=(5.6, 99.0), yaw=0.0),
        walker(
            "seller-comes",
            ((-8.7, 13.0), (-7.2, 12.7)),
            ((0.0, 0.0), (4.3, 0.0), (4.32, 1.15), (5.6, 1.15)),
            head="non_la",
            span_s=(4.3, 5.6),
        ),
        riding,
    )
    stand = _stop_of(riding, 5.5)
    bare = Actor(
        name="bike-parker-bare",
        kind="motorcycle",
        steps=(bike_look("bike-parker", riders=False),),
        path=(stand[:2], (stand[0] + 1, stand[1])),
        speeds=rest,
        span_s=(6.0, 99.0),
        yaw=stand[2],
        half_wl=(0.38, 0.95),
    )
    gone = walker(
        "rider",
        ((stand[0] + 0.1, stand[1] + 0.75), (-7.4, 18.0), (-8.9, 18.2)),
        ((0.0, 0.0), (6.3, 0.0), (6.6, 1.2), (99.0, 1.2)),
        head="helmet",
        span_s=(6.0, 99.0),
    )
    traffic = (
        *lane(-2.0, -1, 5.6, {"sedan-i1": 1.0, "mpv-i2": 8.8, "taxi-i3": 14.2}),
        *lane(
            0.6,
            -1,
            6.2,
            {
                "bike-j1": 0.8,
                "bike-j2": 3.0,
                "bike-j3": 5.2,
                "bike-j4": 7.2,
                "bike-j5": 10.4,
                "bike-j6": 12.9,
                "bike-j7": 16.2,
            },
        ),
        *lane(-3.4, -1, 6.2, {"bike-k1": 7.3, "bike-k2": 11.6, "bike-k3": 16.0}),
        stroll("walk-7", -4.85, 24.0, -1.15),
        stroll("walk-8", -5.35, -12.0, 1.05),
    )
    goods = ("load-1-put", "load-2-put", "load-3-put")
    return Clip(
        name="sidewalk_encroachment",
        length_s=17.0,
        began_at="2026-05-12T01:30:00Z",
        actors=(*actors, bare, gone, *traffic),
        seed=103,
        deeds=(
            Deed(kind="sidewalk_encroachment", actors=goods, start_s=3.8, end_s=16.9, t_s=12.5),
            Deed(kind="sidewalk_encroachment", actors=("bike-parker-bare",), start_s=5.2, end_s=16.9, t_s=13.5),
        ),
    )


def _stop_of(actor: Actor, t_s: float) -> tuple[float, float, float]:
    from samples.render.motion import Course

    return Course(actor, t_s + 1.0).place(t_s)


def _sidewalk_riding() -> Clip:
    up: Path = ((-3.7, 60.0), (-3.8, 36.5), (-4.6, 33.5), (-6.3, 30.0), (-6.4, 20.0), (-6.3, 5.0), (-6.3, -10.0))
    slow = ((0.0, 1.6), (4.0, 1.2), (7.0, 0.3), (9.0, 1.4), (12.0, 1.8))
    queue = []
    for x, names in (
        (-1.7, {"sedan-l1": 8.0, "mpv-l2": 14.6, "taxi-l3": 21.2, "bus-l4": 30.6}),
        (2.3, {"hatch-m1": 6.5, "sedan-m2": 13.0, "mpv-m3": 19.6, "sedan-m4": 26.4}),
    ):
        for name, y in names.items():
            queue.append(vehicle(name, ((x, y), (x, y - 40.0)), slow, 0.0))
    for x, ys in ((0.3, (11.5, 14.4, 18.0, 21.5, 25.4)), (-3.6, (10.5, 13.6, 17.4, 22.5))):
        for i, y in enumerate(ys):
            queue.append(bike(f"bike-n{i}{x}", ((x, y), (x + 0.1, y - 40.0)), slow, 0.0, poncho=True))
    actors = (
        bike("bike-rain-1", up, ((0.0, 4.4),), 20.5, poncho=False),
        bike("bike-rain-22", up, ((0.0, 4.0),), 6.0, poncho=True),
        *queue,
        stroll("walk-9", -7.5, 12.0, 1.0, "non_la"),
        stroll("walk-10", 6.0, 18.0, -1.1),
    )
    return Clip(
        name="sidewalk_riding",
        length_s=13.5,
        began_at="2026-05-12T01:30:00Z",
        actors=actors,
        seed=104,
        deeds=(
            Deed(kind="sidewalk_riding", actors=("bike-rain-1",), start_s=2.4, end_s=7.2, t_s=4.6),
            Deed(kind="sidewalk_riding", actors=("bike-rain-22",), start_s=6.2, end_s=11.6, t_s=8.4),
        ),
    )


def _forbidden_turn() -> Clip:
    left: Path = ((-1.7, -30.0), (-1.7, 33.5), (-2.2, 39.0), (-4.0, 42.0), (-8.0, 42.6), (-60.0, 42.6))
    right: Path = ((4.1, -30.0), (4.1, 33.0), (4.5, 37.0), (7.0, 38.6), (60.0, 38.6))
    pace = ((0.0, 6.0), (4.4, 6.0), (5.8, 4.2), (8.6, 4.2), (11.0, 7.0))
    actors = (
        auto("sedan-turner", left, pace, 30.5),
        bike("bike-right", right, ((0.0, 5.5), (4.0, 4.5), (9.0, 6.0)), 36.5),
        bike("bike-right2", right, ((0.0, 5.5), (7.0, 4.6), (12.0, 6.0)), 14.0),
        *lane(-3.6, 1, 6.4, {"bike-o1": -1.6, "bike-o2": 0.2, "bike-o4": 7.6, "bike-o5": 9.9}),
        *lane(-1.7, 1, 6.0, {"taxi-p1": -1.0, "mpv-p2": 7.2}),
        *lane(0.3, 1, 6.2, {"bike-q1": -0.4, "bike-q2": 1.3, "bike-q3": 3.0, "bike-q4": 5.3, "bike-q5": 8.9}),
        *lane(2.2, 1, 5.8, {"hatch-r1": 1.0, "bus-r2": 5.6, "sedan-r3": 10.0}),
        auto("hatch-waits", ((-9.6, 38.4), (10.0, 38.4)), ((0.0, 0.0),)),
        bike("bike-waits", ((-9.0, 40.1), (10.0, 40.1)), ((0.0, 0.0),)),
        stroll("walk-11", 6.2, 24.0, 1.1),
        stroll("walk-12", -6.0, 30.0, -1.1),
    )
    return Clip(
        name="forbidden_turn",
        length_s=12.5,
        began_at="2026-05-12T10:45:00Z",
        actors=actors,
        seed=105,
        deeds=(Deed(kind="forbidden_turn", actors=("sedan-turner",), start_s=5.3, end_s=8.6, t_s=7.2),),
    )


def _no_entry() -> Clip:
    actors = (
        *lane(1.9, 1, 5.2, {"lorry-box": 5.6}),
        *lane(-3.5, 1, 6.2, {"bike-s1": 0.3, "bike-s2": 2.4, "bike-s3": 5.2, "bike-s4": 8.6, "bike-s5": 11.0}),
        *lane(-0.9, 1, 6.0, {"bike-t1": 1.4, "bike-t2": 3.6, "bike-t3": 7.0, "bike-t4": 9.8, "bike-t5": 12.3}),
        *lane(2.4, 1, 5.8, {"bike-u1": 1.9, "bike-u3": 9.2, "bike-u4": 11.5}),
        stroll("walk-13", 5.8, 9.0, 1.15),
        stroll("walk-14", -6.2, 26.0, -1.1),
        stroll("walk-15", 6.9, 24.0, -1.0),
    )
    return Clip(
        name="no_entry",
        length_s=12.5,
        began_at="2026-05-12T13:30:00Z",
        actors=actors,
        seed=106,
        deeds=(Deed(kind="no_entry", actors=("lorry-box",), start_s=4.0, end_s=8.6, t_s=6.2),),
    )


def _uncovered_load() -> Clip:
    actors = (
        *lane(1.9, 1, 5.0, {"lorry-tarp": 2.6, "lorry-rubble": 7.2, "lorry-empty": 11.8}),
        *lane(
            -3.6,
            1,
            6.2,
            {"bike-v1": 0.6, "bike-v2": 2.9, "bike-v3": 5.5, "bike-v4": 8.8, "bike-v5": 12.0, "bike-v6": 14.4},
        ),
        *lane(-1.5, 1, 5.6, {"sedan-w1": 0.6, "taxi-w2": 5.4, "hatch-w3": 10.0, "mpv-w4": 14.2}),
        *lane(3.9, 1, 5.6, {"bike-x1": 0.4, "bike-x2": 13.9}),
        stroll("walk-16", 6.0, 12.0, 1.2),
        stroll("walk-17", -6.4, 26.0, -1.1),
    )
    return Clip(
        name="uncovered_load",
        length_s=15.5,
        began_at="2026-05-12T01:30:00Z",
        actors=actors,
        seed=107,
        deeds=(Deed(kind="uncovered_load", actors=("lorry-rubble",), start_s=5.4, end_s=10.4, t_s=7.4),),
    )


def _clean() -> Clip:
    pace = ((0.0, 5.0), (3.6, 5.0), (6.0, 0.0), (9.6, 0.0), (12.4, 5.0))
    way_m = 5.0 * 3.6 + 6.0
    queue = []
    for x, names in (
        (-1.7, {"mpv-y1": 13.2, "sedan-y2": 19.6, "taxi-y3": 26.0}),
        (2.2, {"hatch-z1": 13.5, "sedan-z2": 19.8}),
        (-3.6, {"bike-y4": 12.2, "bike-y5": 15.6}),
        (0.3, {"bike-y6": 12.3, "bike-y7": 15.2, "bike-y8": 18.6}),
        (3.9, {"bike-y9": 12.4}),
    ):
        for name, stop_y in names.items():
            queue.append(vehicle(name, ((x, stop_y + way_m), (x, -40.0)), pace, 0.0))
    into: Path = ((-1.9, 40.0), (-1.9, 22.0), (-2.6, 18.2), (-4.6, 16.3), (-8.0, 16.0), (-19.0, 16.0))
    actors = (
        auto("hatch-home", into, ((0.0, 4.0), (1.0, 2.8), (4.5, 2.6), (6.0, 2.2)), 18.6),
        *queue,
        *lane(0.5, -1, 6.0, {"bike-aa1": 0.2, "bike-aa2": 1.7}),
        *lane(2.2, -1, 5.6, {"taxi-ab": 1.0}),
        walker("walk-across", ((-5.2, 8.6), (6.5, 9.4)), ((0.0, 0.0), (2.6, 0.0), (2.8, 1.45), (99.0, 1.45))),
        walker("walk-across2", ((-6.4, 7.6), (6.5, 8.3)), ((0.0, 0.0), (2.6, 0.0), (3.0, 1.4), (99.0, 1.4))),
        stroll("walk-18", -6.0, 26.0, -1.05),
        stroll("walk-19", -7.3, 24.5, -1.15, "non_la"),
        stroll("walk-20", 5.9, 10.0, 1.2),
        stroll("walk-21", -5.6, 30.0, -0.95),
    )
    return Clip(name="clean", length_s=15.5, began_at="2026-05-12T01:30:00Z", actors=actors, seed=108)


CLIPS = {
    clip.name: clip
    for clip in (
        _wrong_way(),
        _illegal_parking(),
        _sidewalk_encroachment(),
        _sidewalk_riding(),
        _forbidden_turn(),
        _no_entry(),
        _uncovered_load(),
        _clean(),
    )
}
