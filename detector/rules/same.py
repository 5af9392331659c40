"""Whether two findings, or two tracks, are about one and the same thing.

All tests compare places at the same moments: nothing here looks at pixels.
"""

import math
from statistics import fmean

from detector.rules.act import GOODS
from detector.rules.geometry import box_size, covered, gap_px, iou
from detector.rules.motion import TWO_WHEELERS
from detector.types import Finding, ObjectClass, PathPoint, Track, ViolationKind
from detector.types.track import Box
from detector.types.violation import PathRow

PAUSE_S = 5.0
"""Two zones' findings of one kind about one track, this close in time, are one act."""
SAME_IOU = 0.5
SAME_COVER = 0.8
PASSES_BOXES = 0.25
"""A part of a larger vehicle keeps its place in that one's box; by so many of its own sizes only others move."""
SAME_TIME_S = 0.15
"""Rows of two paths this close in time are compared."""
RIDER_ROWS, RIDER_SHARE = 3, 0.75
"""One rider's two boxes are seen together in so many rows, and lie on each other in this share of them."""
RIDER_COVER, RIDER_MOVED_BOXES = 0.3, 0.7
RIDER_ASIDE_BOXES, RIDER_FOOT_BOXES = 0.3, 0.5
"""Least cover and way, largest distance to the side and of the feet: the rider's box ends at the saddle."""
NEAR_BOXES = 0.5
"""Pieces of goods nearer than this share of their size belong to one stall."""
STRAY_BOXES = 0.7
"""A continuing track begins within this many box sizes of where the lost one was going, plus its drift."""
DRIFT_BOXES_S = 0.5
SIZE_RATIO = 2.0


def same_act(known: Finding, new: Finding) -> bool:
    """Whether a new finding tells of an act that is already open."""
    if known.kind is not new.kind or known.facts.get("one_way_street") != new.facts.get("one_way_street"):
        return False
    if known.track_id == new.track_id:
        apart_s = max(new.t_start_s - known.t_end_s, known.t_start_s - new.t_end_s)
        return apart_s <= PAUSE_S and (known.zone_id != new.zone_id or known.final)
    if same_place(known.path, new.path, mixed=mixed(known.vehicle, new.vehicle)):
        return True
    if {known.vehicle, new.vehicle} <= TWO_WHEELERS and same_rider(known.path, new.path):
        return True
    goods = new.kind is ViolationKind.SIDEWALK_ENCROACHMENT and known.vehicle is None and new.vehicle is None
    return goods and known.zone_id == new.zone_id and _neighbours(known.path[-1][1:], new.path[-1][1:])


def mixed(a: ObjectClass | None, b: ObjectClass | None) -> bool:
    """Whether one is a two-wheeler and the other a larger vehicle."""
    return a is not None and b is not None and (a in TWO_WHEELERS) != (b in TWO_WHEELERS)


def same_place(known: tuple[PathRow, ...], new: tuple[PathRow, ...], *, mixed: bool = False) -> bool:
    """Whether two paths lie on each other for most of the time both were seen.

    A rider before a bus lies within its box for seconds: of `mixed` kinds a box within the other's is a part of it
    only while it keeps its place there.
    """
    shared = [(a[1:], b[1:]) for b in new for a in known if abs(a[0] - b[0]) <= SAME_TIME_S]
    within = not mixed or not _passes(shared)
    hits = [iou(a, b) >= SAME_IOU or (within and max(covered(a, b), covered(b, a)) >= SAME_COVER) for a, b in shared]
    return len(hits) >= 2 and sum(hits) > 0.5 * len(hits)


def _passes(shared: list[tuple[Box, Box]]) -> bool:
    """Whether the smaller box shifts within the larger one between the first and the second half of the time.

    Against whichever of two opposite edges it shifts less: what enters the picture grows at the edge it comes from.
    """
    pairs = [sorted(pair, key=box_size) for pair in shared]
    half = len(pairs) // 2
    if half == 0:
        return False
    before, after = _mean_place(pairs[:half]), _mean_place(pairs[-half:])
    left, top, right, foot = (abs(there - here) for here, there in zip(before, after, strict=True))
    small, _ = pairs[-1]
    return math.hypot(min(left, right), min(top, foot)) > PASSES_BOXES * box_size(small)


def _mean_place(pairs: list[list[Box]]) -> tuple[float, ...]:
    """How far the smaller box's foot lies from the larger one's left, top, right and lower edge, px."""
    feet = [((small[0] + small[2]) / 2, small[3]) * 2 for small, _ in pairs]
    return tuple(fmean(foot[n] - large[n] for foot, (_, large) in zip(feet, pairs, strict=True)) for n in range(4))


def same_rider(known: tuple[PathRow, ...], new: tuple[PathRow, ...]) -> bool:
    """Whether the paths of two two-wheelers' boxes are those of one rider boxed twice, with and without machine.

    They overlap wherever both were seen, neither drifts to the side, and their feet stay within half a box: of two who
    ride one behind the other the feet lie farther apart. What stands is never one: parked machines overlap for hours.
    """
    pairs = [(_row_at(known, b[0]), b) for b in new]
    shared = [(a[1:], b[1:]) for a, b in pairs if abs(a[0] - b[0]) <= SAME_TIME_S]
    near = [max(covered(a, b), covered(b, a)) >= RIDER_COVER and _side_by_side(a, b) for a, b in shared]
    if len(near) < RIDER_ROWS or sum(near) < RIDER_SHARE * len(near):
        return False
    (first, _), (last, _) = shared[0], shared[-1]
    return math.dist(first, last) / 2 >= RIDER_MOVED_BOXES * box_size(last)


def _row_at(rows: tuple[PathRow, ...], t_s: float) -> PathRow:
    return min(rows, key=lambda row: abs(row[0] - t_s))


def _side_by_side(a: Box, b: Box) -> bool:
    size = max(box_size(a), box_size(b))
    aside = abs(a[0] + a[2] - b[0] - b[2]) / 2
    return aside <= RIDER_ASIDE_BOXES * size and abs(a[3] - b[3]) <= RIDER_FOOT_BOXES * size


def _neighbours(a: Box, b: Box) -> bool:
    return gap_px(a, b) <= NEAR_BOXES * min(box_size(a), box_size(b))


def continuation_miss(gone: Track, born: Track, within_s: float) -> float | None:
    """How far, in box sizes, a track that began after another was last seen begins from where that one was going.

    None when it cannot be the same object, by time, place, way and size. The lost track's place is carried on at its
    last speed; a standing object is expected where it stood.
    """
    left, came = last_seen(gone), born.path[0]
    wait_s = came.t_s - left.t_s
    if gone.id == born.id or not -0.05 <= wait_s <= within_s or (gone.kind in GOODS) != (born.kind in GOODS):
        return None
    size, born_size = box_size(left.xyxy), box_size(came.xyxy)
    if max(size, born_size) / min(size, born_size) > SIZE_RATIO:
        return None
    speed_x, speed_y = _velocity(gone, left)
    ahead = left.foot_px[0] + speed_x * wait_s, left.foot_px[1] + speed_y * wait_s
    miss = math.dist(ahead, came.foot_px) / size
    near = miss <= STRAY_BOXES + DRIFT_BOXES_S * max(wait_s, 0.0)
    return miss if near and _same_heading(gone, born) else None


def last_seen(track: Track) -> PathPoint:
    """The latest sighting; the latest prediction when there was none."""
    return next((point for point in reversed(track.path) if point.measured), track.path[-1])


def _velocity(track: Track, last: PathPoint) -> tuple[float, float]:
    """Mean foot velocity over the second before the track was last seen, px/s."""
    earlier = [point for point in track.path if point.measured and 0.3 <= last.t_s - point.t_s <= 1.5]
    if not earlier:
        return 0.0, 0.0
    first = earlier[0]
    took_s = last.t_s - first.t_s
    return (last.foot_px[0] - first.foot_px[0]) / took_s, (last.foot_px[1] - first.foot_px[1]) / took_s


def _same_heading(gone: Track, born: Track) -> bool:
    """False only where both clearly move and their ways differ by more than a right angle."""
    a, b = _velocity(gone, last_seen(gone)), _velocity(born, last_seen(born))
    slow = 0.5 * box_size(born.xyxy)
    if math.hypot(*a) < slow or math.hypot(*b) < slow:
        return True
    return a[0] * b[0] + a[1] * b[1] > 0
