"""The storyboard of the pavement taken for business: goods carried out and put down, and a motorcycle left on it.

Comes in: nothing but this file. Goes out: `sidewalk_encroachment()`, the clip.
"""

from __future__ import annotations

import numpy as np

from samples.render import stalls
from samples.render.cast import Path, bike, bike_look, thing, walker
from samples.render.mesh import MeshBuilder
from samples.render.motion import Actor, Course
from samples.render.people import Clothes, figure, sitting
from samples.render.storyboard import Clip, Deed, lane, stroll


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


def _business() -> tuple[Actor, ...]:
    """What is put down on the pavement, the motorcycle left there, and who brings them."""
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
    return (*actors, bare, gone)


def _traffic() -> tuple[Actor, ...]:
    """Those who only pass by."""
    return (
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


def sidewalk_encroachment() -> Clip:
    goods = ("load-1-put", "load-2-put", "load-3-put")
    return Clip(
        name="sidewalk_encroachment",
        length_s=17.0,
        began_at="2026-05-12T01:30:00Z",
        actors=(*_business(), *_traffic()),
        seed=103,
        deeds=(
            Deed(kind="sidewalk_encroachment", actors=goods, start_s=3.8, end_s=16.9, t_s=12.5),
            Deed(kind="sidewalk_encroachment", actors=("bike-parker-bare",), start_s=5.2, end_s=16.9, t_s=13.5),
        ),
    )


def _stop_of(actor: Actor, t_s: float) -> tuple[float, float, float]:
    return Course(actor, t_s + 1.0).place(t_s)
