"""What counts as one vehicle's motion: the step between two sightings, or the sign that they are two vehicles.

A jump that no vehicle can make, a box that changes its size abruptly or a long time unseen breaks a path: nothing
measured before such a break may be added to what comes after it.
"""

import math
from collections.abc import Iterator

from detector.rules.geometry import Area, Ruler, box_size, cut_sides
from detector.scene.settings import MotionSettings
from detector.types import ObjectClass, PathPoint, Track, Window
from detector.types.track import Point

SHORT_S = 1.0
"""Within this time a box cannot grow or shrink by more than `max_growth`."""
SLACK_BOXES = 0.6
SLACK_M = 2.5
"""What a box's foot may wander by itself when its lower edge is hidden and seen again."""
YOUNG_S = 3.0
"""A tracker announces a road user some sightings after the first; these count too."""
LAST_S = 1.0
PACE_S = 0.8
"""Least time over which a speed is told."""
QUICK_SHARE = 0.5
"""Least share of an act's least time, however far it went: a box that leaps is there for a look or two."""
WELL_INSIDE_BOXES, FLAT_SHARE = 0.25, 0.5
"""So far from a zone's edge a foot is well inside, box sizes; in a narrow zone this share of its greatest depth is."""
LEAST_STEPS = 3
"""An act is seen in at least this many displacements: at one or two frames a second, the two looks of a shorter one may
be two vehicles that follow each other."""
BULKY = 0.6
BULK = {ObjectClass.BUS: BULKY, ObjectClass.TRUCK: BULKY}
"""Distances in box sizes count less for these: their boxes measure several metres."""
TWO_WHEELERS = frozenset({ObjectClass.MOTORCYCLE, ObjectClass.BICYCLE})


def motion(
    ruler: Ruler,
    settings: MotionSettings,
    start: PathPoint,
    end: PathPoint,
    window: Window | None = None,
) -> Point | None:
    """Displacement between two sightings in the ruler's unit; None when they cannot be one unbroken path.

    Whoever the left or right edge of a `window` cuts is measured by the side that is seen at both times.
    """
    took_s = end.t_s - start.t_s
    if took_s > settings.gap_s:
        return None
    cut = None if window is None else cut_sides(start.xyxy, end.xyxy, window)
    before, after = (_height(point) if cut else box_size(point.xyxy) for point in (start, end))
    if took_s <= SHORT_S and max(before, after) / min(before, after) > settings.max_growth:
        return None
    step = _by_free_side(start, end, cut) if cut else ruler.step(start, end)
    if step is None:
        return None
    limit = ruler.pick(settings.max_speed_mps, settings.max_speed_boxes_s) * took_s + ruler.pick(SLACK_M, SLACK_BOXES)
    return step if math.hypot(*step) <= limit else None


def _height(point: PathPoint) -> float:
    return max(point.xyxy[3] - point.xyxy[1], 1.0)


def _by_free_side(start: PathPoint, end: PathPoint, cut: tuple[bool, bool]) -> Point | None:
    """Displacement in box sizes of whoever an edge of the picture cuts; None where no side was seen at both times.

    The visible part's middle would lag behind: one side of it is the edge. Nor is it as large as
    the vehicle: of a sliver at least its height is the whole one's.
    """
    left, right = cut
    if left and right:
        return None
    side = 2 if left else 0
    size = max(box_size(start.xyxy), box_size(end.xyxy), _height(start), _height(end))
    return (end.xyxy[side] - start.xyxy[side]) / size, (end.foot_px[1] - start.foot_px[1]) / size


def new_points(track: Track, since_s: float | None, free_until_s: float = -math.inf) -> list[PathPoint]:
    """Sightings later than the last look, oldest first; without one all of a young track, else the last second."""
    if since_s is None:
        now_s = track.path[-1].t_s
        since_s = -math.inf if now_s - track.first_t_s <= YOUNG_S else now_s - LAST_S
    after_s = max(since_s, free_until_s)
    fresh: list[PathPoint] = []
    for point in reversed(track.path):
        if point.t_s <= after_s:
            break
        if point.measured:
            fresh.append(point)
    return fresh[::-1]


def least(ruler: Ruler, track: Track, metres: float, boxes: float) -> float:
    """A least distance in the ruler's unit; in box sizes less for the big ones, whose boxes are long.

    What the network takes for a car at times and for a truck at others, such as a pickup, lies between.
    """
    if ruler.metric:
        return metres
    big = track.kind in BULK or not track.votes
    return boxes * (BULK.get(track.kind, 1.0) if big else 1 - (1 - BULKY) * track.vote_share(frozenset(BULK)))


def on_foot(ruler: Ruler, settings: MotionSettings, track: Track, since_s: float) -> bool:
    """Whether a two-wheeler is so slow, even in its fastest second since then, that somebody may be pushing it.

    In box sizes a way along the view looks shorter than it is and one across it does not, so that more is asked there.
    """
    if track.kind not in TWO_WHEELERS:
        return False
    across, along = settings.walking_across_boxes_s, settings.walking_boxes_s
    if ruler.metric:
        across = along = settings.walking_mps
    return not any(_outside(velocity, across, along) for velocity in _velocities(ruler, track, since_s))


def _outside(velocity: Point, across: float, along: float) -> bool:
    """Whether a velocity reaches the ellipse of these half axes; always, where they are zero."""
    return math.hypot(velocity[0] * along, velocity[1] * across) >= along * across


def _velocities(ruler: Ruler, track: Track, since_s: float) -> Iterator[Point]:
    """Velocities over about a second each since a time, ruler's unit per second; none without two sightings.

    Who was seen for less than that is told as though it had taken so long: at least as fast as that it was.
    """
    points = [point for point in track.path if point.measured and point.t_s >= since_s - 1e-6]
    if len(points) > 1 and points[-1].t_s - points[0].t_s < PACE_S:
        step = ruler.step(points[0], points[-1])
        if step is not None:
            yield step[0] / PACE_S, step[1] / PACE_S
        return
    first = 0
    for last in range(1, len(points)):
        while points[last].t_s - points[first + 1].t_s >= PACE_S and first + 1 < last:
            first += 1
        step = ruler.step(points[first], points[last])
        took_s = points[last].t_s - points[first].t_s
        if step is not None and took_s >= PACE_S - 1e-6:
            yield step[0] / took_s, step[1] / took_s


def least_s(duration_s: float, travelled: float, distance: float) -> float:
    """Least time of an act: who comes farther than the least distance needs less of it, down to half.

    A fast vehicle close before a camera is in the picture for less than a second and crosses it all the same.
    """
    return duration_s * max(min(distance / max(travelled, 1e-9), 1.0), QUICK_SHARE)


def well_inside(area: Area, track: Track, since_s: float) -> bool:
    """Whether most feet within the zone since a time are far from its edge: what an act in less than its time must be.

    A zone drawn a little too wide holds the near side of who drives beside it.
    """
    feet = [p for p in track.path if p.measured and p.t_s >= since_s - 1e-6 and p.foot_px in area]
    deep_px = (min(WELL_INSIDE_BOXES * box_size(p.xyxy), FLAT_SHARE * area.reach_px) for p in feet)
    deep = sum(area.depth_px(p.foot_px) >= px for p, px in zip(feet, deep_px, strict=True))
    return 2 * deep > len(feet)
