"""Who goes more than its own size between two looks is known from three: births by constant velocity in space.

In a platoon that passes close by, the next look at a rider lies no nearer than the next look at its follower, so that
two looks pair leaders with followers, and the platoon seems to go backwards. Three looks do so only where gaps are
alike: seen by a pinhole camera, a vehicle of constant velocity moves on a straight line at constant speed in
(x / s, y / s, 1 / s), where s is its box size, at any distance and heading. Tracks of few looks give way to threes that
agree; nothing is expected of a direction, so that one who goes against all others is found as they are.
"""

from dataclasses import dataclass

import numpy as np

from detector.scene.ground import Ground
from detector.tracking.announcement import past_point
from detector.tracking.appearance import colours_apart
from detector.tracking.association import NO_INDEX, Seen
from detector.tracking.life import STALL_GROUP
from detector.tracking.rows import Bool, Float, Index
from detector.tracking.settings import ThreesSettings, TrackerSettings
from detector.tracking.tracks import Tracks


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at a time, s."""

    t_s: float
    seen: Seen


FAR_SHARE = 0.5
"""A step of so much of the least one in mean sizes may be one in the smaller size."""
Looks = tuple[Look, Look, Look]
Columns = tuple[Index, Index, Index]


@dataclass(frozen=True, slots=True)
class Three:
    """One road user in three looks.

    Attributes:
        columns: its detection in each.
        rows: the young tracks that hold the first two.
    """

    columns: tuple[int, int, int]
    rows: tuple[int, int]

    @property
    def linked(self) -> bool:
        """Whether one track holds both."""
        return self.rows[0] == self.rows[1]


def agreeing(looks: Looks, tracks: Tracks, settings: TrackerSettings) -> list[Three]:
    """The threes that agree and go far, by rising cost; each detection is in the one that costs least.

    Args:
        looks: the two before, and this one.
        tracks: as the look before left them, with this one begun.
        settings: of the tracker.
    """
    rules = settings.threes
    gaps_s = looks[1].t_s - looks[0].t_s, looks[2].t_s - looks[1].t_s
    if min(gaps_s) < rules.least_gap_s or max(gaps_s) > rules.longest_gap_s:
        return []
    (first, first_rows), (second, second_rows) = _young(tracks, 1, rules), _young(tracks, 0, rules)
    now = looks[2].seen
    third = np.flatnonzero((now.score >= settings.match.birth_score) & (now.group < STALL_GROUP))
    if not (len(first) and len(second) and len(third)):
        return []
    before, middle = _may_follow(looks[0].seen, first, looks[1].seen, second, rules)
    again, after = _may_follow(looks[1].seen, second, now, third, rules)
    one, other = np.nonzero(middle[:, None] == again[None])
    if not len(one):
        return []
    columns = first[before[one]], second[middle[one]], third[after[other]]
    rows = first_rows[before[one]], second_rows[middle[one]]
    cost, far = _judged(looks, columns, settings)
    if not (far & (cost <= rules.most_cost)).any():
        return []
    cost += _colour_cost(looks[:2], columns[:2], settings) + _colour_cost(looks[1:], columns[1:], settings)
    # Where gaps are alike, going back agrees as well as going on: what was told stays.
    cost -= np.where(rows[0] == rows[1], rules.held_cost, 0.0)
    good = far & ((rows[0] == rows[1]) | ~_along_edge(looks, columns))
    return [_three(columns, rows, at) for at in _cheapest(columns, cost, rules.most_cost) if good[at]]


def begin(tracks: Tracks, looks: Looks, three: Three, ground: Ground | None) -> None:
    """Starts the track of a three, with its past."""
    columns = [np.array([column]) for column in three.columns]
    rows = tracks.start(columns[0], looks[0].seen, looks[0].t_s)
    for look, at in zip(looks[1:], columns[1:], strict=True):
        tracks.note(rows, at, look.seen, look.t_s)
    tracks.lives.trail[rows] = three.columns[1], three.columns[0]
    before, now = (look.seen.state[at] for look, at in zip(looks[1:], columns[1:], strict=True))
    tracks.filter.fit(rows, before, now, looks[2].t_s - looks[1].t_s)
    tracks.box_px[rows] = looks[2].seen.xyxy_px[columns[2]]
    for look, column in zip(looks[:2], three.columns[:2], strict=True):
        tracks.paths[rows[0]].add(past_point(look.t_s, look.seen.xyxy_px[column], ground))


def _young(tracks: Tracks, back: int, settings: ThreesSettings) -> tuple[Index, Index]:
    """Columns of what young moving tracks were seen as, `back` looks before the last one, and their rows."""
    lives = tracks.lives
    young = (lives.hits <= settings.young_hits) & ~tracks.still.standing & (lives.group < STALL_GROUP)
    rows = np.flatnonzero(young & (lives.trail[:, back] >= 0))
    return lives.trail[rows, back], rows


def _may_follow(before: Seen, start: Index, after: Seen, end: Index, settings: ThreesSettings) -> tuple[Index, Index]:
    """Which places of `start` and `end`, columns of one look and of the next, may be one; none if nothing is far."""
    here, there = before.state[start][:, None], after.state[end][None]
    mean_size = np.exp((here[..., 2:] + there[..., 2:]).sum(axis=-1) / 4)
    step = np.linalg.norm(there[..., :2] - here[..., :2], axis=-1) / mean_size
    growth = np.abs(there[..., 2:] - here[..., 2:]).max(axis=-1)
    same = before.group[start][:, None] == after.group[end][None]
    may = (step <= settings.longest_step_sizes) & (growth <= settings.growth_log) & same
    if not (may & (step >= FAR_SHARE * settings.least_step_sizes)).any():
        return NO_INDEX, NO_INDEX
    one, other = np.nonzero(may)
    return one, other


def _judged(looks: Looks, columns: Columns, settings: TrackerSettings) -> tuple[Float, Bool]:
    """(n,) cost of threes but for their colours, and whether both their steps are far."""
    rules = settings.threes
    places = [look.seen.state[column, :2] for look, column in zip(looks, columns, strict=True)]
    sizes = [look.seen.size_px[column] for look, column in zip(looks, columns, strict=True)]
    gap_s = looks[2].t_s - looks[1].t_s
    ratio = gap_s / (looks[1].t_s - looks[0].t_s)
    back, ahead = (places[0] - places[1]) / sizes[0][:, None], (places[2] - places[1]) / sizes[2][:, None]
    steps = np.column_stack([np.linalg.norm(back, axis=1), np.linalg.norm(ahead, axis=1)])
    drift = rules.accel_sizes_s2 * gap_s**2
    bend_var = rules.place_sizes**2 + (rules.size_share * steps.max(axis=1, initial=0.0)) ** 2 + drift**2
    bend = ((back * ratio + ahead) ** 2).sum(axis=1) / bend_var
    nearer, farther = sizes[1] / sizes[0], sizes[1] / sizes[2]
    depth = ((nearer - 1) * ratio + farther - 1) ** 2 / (rules.depth**2 * (nearer**2 + farther**2 + 2))
    return (bend + depth) / 2, steps.min(axis=1, initial=np.inf) >= rules.least_step_sizes


def _along_edge(looks: Looks, columns: Columns) -> Bool:
    """(n,) whether the picture's edge cuts two boxes off: those who enter one by one seem to go along it."""
    cut = [look.seen.cut[column] for look, column in zip(looks, columns, strict=True)]
    return np.asarray(np.sum(cut, axis=0) > 1)


def _colour_cost(looks: tuple[Look, ...], columns: tuple[Index, ...], settings: TrackerSettings) -> Float:
    here, there = (look.seen.colours for look in looks)
    if here is None or there is None:
        return np.zeros(len(columns[0]))
    return colours_apart(here[columns[0]].astype(float), there[columns[1]]) / settings.match.colour_scale


def _cheapest(columns: Columns, cost: Float, most: float) -> list[int]:
    """Which threes stay when each detection goes to the one that costs least."""
    good = np.flatnonzero(cost <= most)
    used: set[tuple[int, int]] = set()
    out = []
    for at in good[np.argsort(cost[good], kind="stable")].tolist():
        nodes = {(look, int(column[at])) for look, column in enumerate(columns)}
        if used.isdisjoint(nodes):
            used |= nodes
            out.append(at)
    return out


def _three(columns: Columns, rows: tuple[Index, Index], at: int) -> Three:
    first, second, third = (int(column[at]) for column in columns)
    return Three((first, second, third), (int(rows[0][at]), int(rows[1][at])))
