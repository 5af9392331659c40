"""The storyboards: who drives where in each clip, and what in it is a violation.

Comes in: nothing but this file. Goes out: `CLIPS`, one `Clip` per violation kind and one clean.
"""

from __future__ import annotations

from samples.render.cast import Path, auto, bike, walker
from samples.render.pavement import sidewalk_encroachment
from samples.render.storyboard import Clip, Deed, lane, stroll, vehicle


def _wrong_way() -> Clip:
    offender = bike(
        "bike-offender-3", ((3.9, -30.0), (3.95, 0.0), (3.75, 15.0), (3.9, 30.0), (3.8, 60.0)), ((0.0, 4.4),), 21.5
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
        length_s=10.0,
        began_at="2026-05-12T01:30:00Z",
        actors=actors,
        seed=101,
        deeds=(Deed(kind="wrong_way", actors=("bike-offender-3",), start_s=3.6, end_s=9.0, t_s=5.6),),
    )


def _illegal_parking() -> Clip:
    parked = auto(
        "hatch-parks-2",
        ((2.2, -40.0), (2.2, 0.5), (3.4, 7.5), (3.45, 17.5), (3.45, 30.0)),
        ((0.0, 6.0), (2.4, 6.0), (4.6, 0.0), (99.0, 0.0)),
        31.7,
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
        length_s=13.0,
        began_at="2026-05-12T01:30:00Z",
        actors=actors,
        seed=102,
        deeds=(Deed(kind="illegal_parking", actors=("hatch-parks-2",), start_s=4.6, end_s=12.9, t_s=11.0),),
    )


def _sidewalk_riding() -> Clip:
    up: Path = ((-6.3, -25.0), (-6.35, 5.0), (-6.4, 20.0), (-6.3, 30.0), (-4.8, 34.5), (-3.7, 40.0), (-3.7, 60.0))
    slow = ((0.0, 1.6), (4.0, 1.2), (7.0, 0.3), (9.0, 1.4), (12.0, 1.8))
    queue = []
    for x, names in (
        (-1.7, {"mpv-l2": -2.6, "taxi-l3": 4.0, "sedan-l1": 11.2, "hatch-l5": 17.6}),
        (2.3, {"hatch-m1": -5.5, "sedan-m2": 1.0, "mpv-m3": 7.6, "sedan-m4": 14.4, "bus-l4": 24.6}),
    ):
        for name, y in names.items():
            queue.append(vehicle(name, ((x, y), (x, y + 40.0)), slow, 0.0))
    for x, ys in ((0.3, (-6.5, -3.4, 0.2, 3.5, 7.4, 11.4)), (-3.6, (-5.5, -2.4, 1.6, 9.0, 13.2))):
        for i, y in enumerate(ys):
            queue.append(bike(f"bike-n{i}{x}", ((x, y), (x + 0.1, y + 40.0)), slow, 0.0, poncho=True))
    actors = (
        bike("bike-rain-1", up, ((0.0, 3.6),), 27.4, poncho=False),
        bike("bike-rain-22", up, ((0.0, 3.4),), 15.0, poncho=True),
        *queue,
        stroll("walk-9", -7.5, 12.0, 1.0, "non_la"),
        stroll("walk-10", 6.0, 18.0, -1.1),
    )
    return Clip(
        name="sidewalk_riding",
        length_s=12.0,
        began_at="2026-05-12T01:30:00Z",
        actors=actors,
        seed=104,
        deeds=(
            Deed(kind="sidewalk_riding", actors=("bike-rain-1",), start_s=1.6, end_s=7.4, t_s=4.0),
            Deed(kind="sidewalk_riding", actors=("bike-rain-22",), start_s=5.2, end_s=11.4, t_s=8.0),
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
        *lane(2.2, 1, 5.8, {"hatch-r1": 1.0, "mpv-r2": 8.6}),
        auto("hatch-waits", ((-9.6, 38.4), (10.0, 38.4)), ((0.0, 0.0),)),
        bike("bike-waits", ((-9.0, 40.1), (10.0, 40.1)), ((0.0, 0.0),)),
        stroll("walk-11", 6.2, 24.0, 1.1),
        stroll("walk-12", -6.0, 30.0, -1.1),
    )
    return Clip(
        name="forbidden_turn",
        length_s=10.5,
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
        length_s=10.0,
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
        sidewalk_encroachment(),
        _sidewalk_riding(),
        _forbidden_turn(),
        _no_entry(),
        _uncovered_load(),
        _clean(),
    )
}
