"""A signalled junction as it is used every day, on a road plane in metres: who is where at which time.

x runs across (right is positive), y away from the camera. Traffic keeps right, stops at red in queues, turns where it
may, crosses the pavement into yards; people walk. Everything comes from one seed. Out: courses of road users.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.types import ObjectClass

Float = NDArray[np.float64]
STEP_S = 0.04
STOP_LINE_M = 21.0
CYCLE_S, GREEN_S = 50.0, 22.0
"""The main road has green for the first part of each cycle, the cross road in the rest."""
CLEAR_S = 3.0
LENGTH_M = {ObjectClass.MOTORCYCLE: 1.9, ObjectClass.BICYCLE: 1.7, ObjectClass.CAR: 4.4, ObjectClass.TRUCK: 6.5}
Way = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One road user: (t, 2) places in metres at all times, NaN while absent; (t,) headings; (48,) colours."""

    kind: ObjectClass
    xy_m: Float
    heading: Float
    look: Float
    name: str = ""


def times(duration_s: float) -> Float:
    """The moments at which the street is known."""
    return np.arange(0.0, duration_s, STEP_S)


def look(rng: np.random.Generator) -> Float:
    """(48,) colours of one road user: greys mostly, as in a street."""
    base = np.repeat(rng.uniform(30, 210), 3) if rng.random() < 0.5 else rng.uniform(20, 220, 3)
    return np.clip(np.tile(base, (16, 1)) + rng.normal(0, 22, (16, 1)) + rng.normal(0, 6, (16, 3)), 0, 255).reshape(-1)


def along(way: Way, travelled: Float) -> tuple[Float, Float]:
    """(t, 2) places and (t,) headings after (t,) metres on a way; NaN before its start and behind its end."""
    points = np.array(way)
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    xy = np.column_stack([np.interp(travelled, lengths, points[:, i]) for i in (0, 1)])
    ahead = np.column_stack([np.interp(travelled + 0.5, lengths, points[:, i]) for i in (0, 1)])
    behind = np.column_stack([np.interp(travelled - 0.5, lengths, points[:, i]) for i in (0, 1)])
    heading = np.arctan2(ahead[:, 1] - behind[:, 1], ahead[:, 0] - behind[:, 0])
    outside = (travelled < 0) | (travelled > lengths[-1])
    return np.where(outside[:, None], np.nan, xy), heading


def course(kind: ObjectClass, way: Way, travelled: Float, rng: np.random.Generator, name: str = "") -> Course:
    """A road user on a way."""
    xy, heading = along(way, travelled)
    return Course(kind=kind, xy_m=xy, heading=heading, look=look(rng), name=name)


def bend(start: tuple[float, float], corner: tuple[float, float], end: tuple[float, float]) -> Way:
    """A way round a corner: straight, a curve of the tightest radius that fits a vehicle, straight."""
    share = np.linspace(0, 1, 12)[:, None]
    a, c, b = np.array(start), np.array(corner), np.array(end)
    before, after = (c + 4.0 * (p - c) / np.linalg.norm(p - c) for p in (a, b))
    curve = (1 - share) ** 2 * before + 2 * share * (1 - share) * c + share**2 * after
    return (start, *((float(x), float(y)) for x, y in curve), end)


def lawful(seed: int, duration_s: float, *, busy: float = 1.0) -> list[Course]:
    """Everybody in the street for a while; `busy` multiplies how many there are."""
    rng = np.random.default_rng(seed)
    t_s = times(duration_s)
    users: list[Course] = []
    for x, gap_s in ((1.5, 4.0), (3.2, 3.0), (4.8, 5.0)):
        users += _lane(rng, t_s, lambda x=x: _main_way(rng, x), 2 * gap_s / busy, _main_red, stop_m=36.0)
    for x, gap_s in ((-1.5, 5.0), (-3.5, 4.0)):
        users += _lane(rng, t_s, lambda x=x: ((x, 70.0), (x, 6.0)), 2 * gap_s / busy, _main_red, stop_m=33.0)
    for y, sign, gap_s in ((25.5, 1, 3.0), (27.5, 1, 5.0), (31.0, -1, 3.5), (33.0, -1, 5.0)):
        way = ((-40.0 * sign, y), (40.0 * sign, y))
        users += _lane(rng, t_s, lambda way=way: way, 2 * gap_s / busy, _cross_red, stop_m=31.0)
    users += [_walker(rng, t_s) for _ in range(int(duration_s / 6 * busy))]
    users += [_into_a_yard(rng, t_s) for _ in range(int(duration_s / 20 * busy))]
    return users


def _main_way(rng: np.random.Generator, x: float) -> Way:
    """Straight on, or from the right lane to the right."""
    if x > 4 and rng.random() < 0.5:
        return bend((x, -15.0), (x, 25.5), (40.0, 25.5))
    return (x, -15.0), (x, 75.0)


def _main_red(t_s: float) -> bool:
    return t_s % CYCLE_S > GREEN_S


def _cross_red(t_s: float) -> bool:
    phase = t_s % CYCLE_S
    return phase < GREEN_S + CLEAR_S or phase > CYCLE_S - CLEAR_S


def _lane(
    rng: np.random.Generator,
    t_s: Float,
    way: Callable[[], Way],
    gap_s: float,
    red: Callable[[float], bool],
    *,
    stop_m: float,
) -> list[Course]:
    """One lane of followers that stop behind one another and at red; `stop_m`: the line's place on the way."""
    starts_s = np.cumsum(1.2 + rng.exponential(gap_s, int(t_s[-1] / gap_s) + 2)) - 15.0
    out: list[Course] = []
    ahead: Float | None = None
    for start_s in starts_s[starts_s < t_s[-1]]:
        kind = _kind(rng)
        travelled = _follow(rng, t_s, float(start_s), kind, ahead, red, stop_m)
        aside = rng.normal(0, 0.25)
        shifted = tuple((x + aside, y + aside / 2) for x, y in way())
        out.append(course(kind, shifted, travelled, rng, "traffic"))
        ahead = travelled - LENGTH_M[kind] - 1.0
    return out


def _kind(rng: np.random.Generator) -> ObjectClass:
    kinds = [ObjectClass.MOTORCYCLE, ObjectClass.CAR, ObjectClass.BICYCLE]
    return kinds[int(rng.choice(3, p=[0.7, 0.25, 0.05]))]


def _follow(
    rng: np.random.Generator,
    t_s: Float,
    start_s: float,
    kind: ObjectClass,
    ahead: Float | None,
    red: Callable[[float], bool],
    stop_m: float,
) -> Float:
    """(t,) metres on the way of a driver who keeps behind the one ahead and stops at red where that can be done."""
    wish = rng.uniform(3, 4.5) if kind is ObjectClass.BICYCLE else rng.uniform(5, 10)
    travelled, speed = np.full(len(t_s), -1.0), wish
    place = (0.0 - start_s) * wish if start_s < 0 else 0.0
    place = min(place, stop_m - 8.0)
    for i, now_s in enumerate(t_s):
        if now_s < start_s:
            continue
        room = math.inf if ahead is None or ahead[i] < 0 else ahead[i] - place
        to_line = stop_m - place
        if to_line > 0 and red(float(now_s)) and speed**2 / (2 * 5.0) < to_line + 0.5:
            room = min(room, to_line)
        limit = math.sqrt(max(2 * 2.5 * max(room - 0.3, 0.0), 0.0))
        speed = min(max(min(wish, limit), speed - 6.0 * STEP_S), speed + 2.0 * STEP_S)
        speed = min(max(speed, 0.0), max(room, 0.0) / STEP_S)
        place += speed * STEP_S
        travelled[i] = place
    return travelled


def _walker(rng: np.random.Generator, t_s: Float) -> Course:
    x = rng.uniform(6.8, 9.2) * (1 if rng.random() < 0.6 else -1)
    crosses = rng.random() < 0.3
    way: Way = ((10.0, 22.7), (-10.0, 22.7)) if crosses else ((x, 5.0), (x, 24.0))
    way = way if rng.random() < 0.5 else way[::-1]
    walked = (t_s - rng.uniform(-10, t_s[-1])) * rng.uniform(0.8, 1.6)
    pause_m = rng.uniform(2, 15)
    stops_s = rng.uniform(0, 60) if rng.random() < 0.3 and not crosses else 0.0
    walked = np.where(walked > pause_m, np.maximum(walked - stops_s, pause_m), walked)
    return course(ObjectClass.PERSON, way, walked, rng, "walker")


def _into_a_yard(rng: np.random.Generator, t_s: Float) -> Course:
    """A rider turns off the road straight over the pavement."""
    y = rng.uniform(13, 19)
    travelled = (t_s - rng.uniform(0, t_s[-1])) * rng.uniform(2.0, 3.5)
    return course(ObjectClass.MOTORCYCLE, bend((4.8, -5.0), (4.8, y), (13.0, y)), travelled, rng, "yard")


def parked(kind: ObjectClass, xy_m: tuple[float, float], since_s: float, until_s: float, t_s: Float) -> Course:
    """A vehicle that draws up from behind, stands and drives off."""
    rng = np.random.default_rng(round(1000 * since_s) + 7)
    x, y = xy_m
    speed = 5.0
    to_stop = np.minimum(t_s - since_s, 0.0)
    arrived = np.where(to_stop > -2.5, -speed * to_stop**2 / 5.0, speed * (to_stop + 1.25))
    gone = np.maximum(t_s - until_s, 0.0)
    way = ((x, y - 40.0), (x, 75.0))
    return course(kind, way, 40.0 + arrived + gone**2, rng, "parked")


def ride(kind: ObjectClass, way: Sequence[tuple[float, float]], since_s: float, speed_mps: float, t_s: Float) -> Course:
    """Somebody who goes a way at an even speed from a time on."""
    rng = np.random.default_rng(round(1000 * since_s) + 11)
    return course(kind, tuple(way), (t_s - since_s) * speed_mps, rng, "ride")
