"""Which detection continues which track: costs, gates and the assignment with the least total cost.

A cost is half a squared Mahalanobis distance of centre and size, plus the logarithm of the predicted spread (a
vague track must not rob a certain one), plus colour distance, plus a price for another class of the same group.
Leaving a track unmatched has a price too, so that a missed detection in a platoon does not shift every identity by
one. Class-free objects are matched by overlap alone.
"""

from typing import Protocol

import numpy as np

from detector.tracking.appearance import Looks
from detector.tracking.assignment import linear_sum_assignment
from detector.tracking.boxes import area as box_area
from detector.tracking.boxes import at_edge, intersection, iou, size_px, to_state
from detector.tracking.life import GROUP_OF_KIND, OBJECT_GROUP, STALL_GROUP, Lives
from detector.tracking.rows import Bool, Float, Index
from detector.tracking.settings import MatchSettings, TrackerSettings
from detector.tracking.stillness import Stillness
from detector.types import Detections, Window

NO_INDEX = np.zeros(0, np.intp)
OBJECT_OVERLAP = 0.2
OBJECT_INSIDE = 0.6


class Seen:
    """The detections of one frame that are worth matching, with what matching needs of them.

    Attributes:
        source: (m,) their rows in the frame's own `Detections`.
        xyxy_px, score, kind, colours: their columns; coordinates as float64.
        group, state, size_px: class group, filter coordinates, box size.
        high: (m,) scores of the first stage.
        cut: (m,) whether the edge of what is looked at cuts the box off.
    """

    def __init__(self, detections: Detections, settings: MatchSettings, window: Window) -> None:
        usable = np.isfinite(detections.xyxy).all(axis=1) & (detections.score >= settings.low_score)
        self.source = np.flatnonzero(usable)
        detections = detections[self.source]
        self.xyxy_px = detections.xyxy.astype(np.float64)
        self.score = detections.score.astype(np.float64)
        self.kind = detections.kind
        self.colours = detections.appearance
        self.group = GROUP_OF_KIND[detections.kind]
        self.state = to_state(self.xyxy_px)
        self.size_px = size_px(self.xyxy_px)
        self.cut = at_edge(self.xyxy_px, window)
        self.high = (self.score >= settings.high_score) | (self.group == OBJECT_GROUP)


class Known(Protocol):
    """What matching reads of the tracks."""

    lives: Lives
    looks: Looks
    still: Stillness
    settings: TrackerSettings


class Prediction:
    """Where tracks are expected: (k, 4) mean and variance in filter coordinates, per candidate row."""

    def __init__(self, rows: Index, mean: Float, var: Float) -> None:
        self.rows = rows
        self.mean = mean
        self.var = var


def match_cost(
    ahead: Prediction,
    columns: Index,
    seen: Seen,
    noise_var: Float,
    settings: MatchSettings,
    start_px: Float | None = None,
) -> Float:
    """(k, m) cost of place and size, infinite outside the gates.

    Args:
        ahead: the candidate tracks.
        columns: the candidate detections.
        seen: this frame.
        noise_var: (k, 4) measurement variance for each track.
        settings: gates and scales.
        start_px: (k, 2) where tracks seen once were seen; what comes nearer grows on its way, and its steps with it.
    """
    apart = seen.state[columns][None] - ahead.mean[:, None]
    spread = (ahead.var + noise_var)[:, None]
    relative = np.log(spread[..., 0] * spread[..., 1]) / 2 - ahead.mean[:, None, 2:].sum(axis=-1)
    if start_px is not None:
        spread = _of_first_steps(spread, apart, start_px, columns, seen, settings)
    squared = apart**2 / spread
    place, shape = squared[..., 0] + squared[..., 1], squared[..., 2] + squared[..., 3]
    tail = settings.tail
    cost = (tail + 2) / 2 * np.log1p(place / tail) + np.minimum(shape, 8.0) / 4 + relative + SPREAD_OFFSET
    area_change = np.abs(apart[..., 2] + apart[..., 3])
    return np.where((place <= settings.gate_place) & (area_change <= settings.gate_log_area), cost, np.inf)


def _of_first_steps(
    spread: Float, apart: Float, start_px: Float, columns: Index, seen: Seen, settings: MatchSettings
) -> Float:
    """(k, m, 4) spread where each step is measured in the mean size of its two boxes, and whoever goes far may grow.

    Measured in the first box's size, who comes nearer seems to go faster than who follows far behind would have to go
    back, and a platoon is matched backwards.
    """
    ratio = np.exp((apart[..., 2] + apart[..., 3]) / 2)[..., None]
    there = seen.state[columns][None]
    size = np.exp(there[..., 2:].sum(axis=-1, keepdims=True) / 2) / np.sqrt(ratio)
    step = np.linalg.norm(there[..., :2] - start_px[:, None], axis=-1, keepdims=True) / size
    growth = (settings.step_growth_log * step) ** 2
    return np.concatenate([spread[..., :2] * ratio, spread[..., 2:] + growth], axis=-1)


SPREAD_OFFSET = 5.0
"""Makes the cost of a perfect match of a well-known track about 0."""


def add_looks(cost: Float, rows: Index, columns: Index, seen: Seen, tracks: Known) -> Float:
    """The (k, m) cost with colour and class added; other groups become infinite."""
    group, seen_group = tracks.lives.group[rows][:, None], seen.group[columns][None]
    match = tracks.settings.match
    road_user = (np.maximum(group, seen_group) < STALL_GROUP) & ~tracks.still.standing[rows][:, None]
    other = np.where(road_user, match.other_group_cost, np.inf)
    cost = cost + np.where(group == seen_group, 0.0, other)
    row, column = np.nonzero(np.isfinite(cost))
    colour = tracks.looks.distance(rows[row], seen.colours, columns[column])
    other_kind = tracks.lives.kind[rows[row]] != seen.kind[columns[column]]
    cost[row, column] += colour / match.colour_scale + match.other_kind_cost * other_kind
    return cost


def assign(cost: Float, unmatched_cost: float) -> tuple[Index, Index]:
    """Rows and columns of the assignment with least total cost, where staying alone costs `unmatched_cost`."""
    if not cost.size:
        return NO_INDEX, NO_INDEX
    capped = np.minimum(cost, unmatched_cost)
    rows, columns = linear_sum_assignment(capped)
    paid = capped[rows, columns] < unmatched_cost
    return rows[paid], columns[paid]


def object_cost(places: Float, blobs: Float) -> Float:
    """(k, m) cost of matching class-free objects: 1 - overlap; growing and shrinking blobs count by containment."""
    overlap = iou(places, blobs)
    least = np.minimum(box_area(places)[:, None], box_area(blobs)[None])
    inside = intersection(places, blobs) / least
    return np.where((overlap >= OBJECT_OVERLAP) | (inside >= OBJECT_INSIDE), 1 - (overlap + inside) / 2, np.inf)


def back_in_place(places: Float, rows: Index, columns: Index, seen: Seen, tracks: Known) -> Bool:
    """(k, m) whether a detection may be the standing object come back after a gap: same place and same look."""
    near = iou(places, seen.xyxy_px[columns]) >= tracks.settings.match.rebind_iou
    row, column = np.nonzero(near)
    colour = tracks.looks.distance(rows[row], seen.colours, columns[column])
    near[row, column] = colour <= tracks.settings.match.rebind_colour
    return near


def doubles(fresh: Index, taken: Index, seen: Seen, settings: MatchSettings) -> Bool:
    """(k,) which fresh detections show a road user again that a taken or a surer fresh detection shows.

    Detectors box one motorbike twice, with and without its rider: both boxes then share their foot, which two road
    users one behind the other do not.
    """
    if not len(fresh):
        return np.zeros(0, bool)
    judged = np.concatenate([taken, fresh])
    same_group = seen.group[fresh][:, None] == seen.group[judged][None]
    overlap = iou(seen.xyxy_px[fresh], seen.xyxy_px[judged])
    one_foot = _ends_alike(seen.xyxy_px[fresh], seen.xyxy_px[judged], overlap, settings)
    same = (overlap >= settings.duplicate_iou) | (same_group & one_foot)
    rank = np.lexsort((np.arange(len(judged)), -seen.score[judged], np.arange(len(judged)) >= len(taken)))
    place = np.argsort(rank)
    surer = place[None] < place[len(taken) :, None]
    blob = seen.group[fresh] == OBJECT_GROUP
    return np.asarray((same & surer).any(axis=1) & ~blob)


def on_one_foot(a: Float, b: Float, settings: MatchSettings) -> Bool:
    """(n, m) whether boxes (n, 4) and (m, 4) overlap well and end at the same foot."""
    return _ends_alike(a, b, iou(a, b), settings)


def _ends_alike(a: Float, b: Float, overlap: Float, settings: MatchSettings) -> Bool:
    foot_apart = np.abs(a[:, None, 3] - b[None, :, 3])
    near = foot_apart <= settings.same_foot_sizes * size_px(b)[None]
    return np.asarray(near & (overlap >= settings.same_foot_iou))
