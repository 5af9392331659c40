"""What counts as one vehicle's motion: the step between two sightings, or the sign that they are two vehicles.

A jump that no vehicle can make, a box that changes its size abruptly or a long time unseen breaks a path: nothing
measured before such a break may be added to what comes after it.
"""

import math

from detector.rules.geometry import Ruler, box_size
from detector.scene.settings import MotionSettings
from detector.types import ObjectClass, PathPoint, Track
from detector.types.track import Point

SHORT_S = 1.0
"""Within this time a box cannot grow or shrink by more than `max_growth`."""
SLACK_BOXES = 0.6
SLACK_M = 2.5
"""What a box's foot may wander by itself when its lower edge is hidden and seen again."""
FIRST_LOOK_S = 1.0
"""A tracker announces a road user some sightings after the first; these count too."""
TWO_WHEELERS = frozenset({ObjectClass.MOTORCYCLE, ObjectClass.BICYCLE})


def motion(ruler: Ruler, settings: MotionSettings, start: PathPoint, end: PathPoint) -> Point | None:
    """Displacement between two sightings in the ruler's unit; None when they cannot be one unbroken path."""
    took_s = end.t_s - start.t_s
    if took_s > settings.gap_s:
        return None
    before, after = box_size(start.xyxy), box_size(end.xyxy)
    if took_s <= SHORT_S and max(before, after) / min(before, after) > settings.max_growth:
        return None
    step = ruler.step(start, end)
    if step is None:
        return None
    limit = ruler.pick(settings.max_speed_mps, settings.max_speed_boxes_s) * took_s + ruler.pick(SLACK_M, SLACK_BOXES)
    return step if math.hypot(*step) <= limit else None


def new_points(track: Track, since_s: float | None, free_until_s: float = -math.inf) -> list[PathPoint]:
    """Sightings later than the last look, oldest first; the last second's for a track never looked at."""
    after_s = max(track.path[-1].t_s - FIRST_LOOK_S if since_s is None else since_s, free_until_s)
    fresh: list[PathPoint] = []
    for point in reversed(track.path):
        if point.t_s <= after_s:
            break
        if point.measured:
            fresh.append(point)
    return fresh[::-1]


def on_foot(ruler: Ruler, settings: MotionSettings, kind: ObjectClass, speed: float) -> bool:
    """Whether a two-wheeler is so slow (ruler's unit per second) that somebody may be pushing it."""
    return kind in TWO_WHEELERS and speed < ruler.pick(settings.walking_mps, settings.walking_boxes_s)
