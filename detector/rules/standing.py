"""How long an object has stood at one place of a zone: the timer that parking and encroachment share.

The timer starts at the true stop time that the tracker found by looking back (the first sight of what already
stood there), runs only while the zone binds, survives being hidden and jitter, and starts anew when the object
has moved away from where it stopped.
"""

import math
from dataclasses import dataclass, replace

from detector.rules.geometry import Area, box_size, iou
from detector.scene.settings import DwellSettings
from detector.types import ObjectClass, Track
from detector.types.track import Box, Point

HIDDEN_S = 3.0
SAME_AFTER_HIDING_IOU = 0.4
"""What comes into view again after this long must overlap what was hidden this much to be the same object."""

MOST_SAMPLES = 20
"""So many of its sightings, evenly spread, tell where it stood."""

MOVED_BOXES = 1.0
"""A box flickers and creeps by less than this by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A standstill.

    Attributes:
        anchor: box where it came to stand, px.
        since_s: when it came to stand there, or the zone began to bind.
        last_s: when it was last seen standing there.
        arrival_seen: whether it was seen moving before; False for what stood there at first sight.
    """

    anchor: Box
    since_s: float
    last_s: float
    arrival_seen: bool

    @property
    def dwell_s(self) -> float:
        """Seconds from the stop to the last sighting; time after the last sighting never counts."""
        return self.last_s - self.since_s


def stand_on(
    stand: Stand | None, track: Track, area: Area, settings: DwellSettings, free_until_s: float
) -> Stand | None:
    """The standstill after a measured frame; None when it is over or the object stands outside the zone."""
    now_s = track.path[-1].t_s
    if not in_zone(track.xyxy, track.foot_px, area, settings):
        return None
    if stand is not None and _same_place(stand, track, settings):
        return replace(stand, last_s=now_s)
    if track.still_since_s is None:
        return None
    since_s = max(track.still_since_s, free_until_s)
    if not _stood_inside(track, since_s, area, settings):
        since_s = now_s
    arrival_seen = track.still_since_s > track.first_t_s
    return Stand(anchor=track.xyxy, since_s=since_s, last_s=now_s, arrival_seen=arrival_seen)


def never_moved(track: Track) -> bool:
    """Whether it still stands where it was first seen, as fixed things that a network takes for vehicles do."""
    first = track.path[0]
    return math.dist(first.foot_px, track.foot_px) < MOVED_BOXES * box_size(first.xyxy)


def may_be_fixed(track: Track, settings: DwellSettings) -> bool:
    """Whether it may be street furniture that a network takes for a vehicle: it never moved and is not surely one."""
    least = settings.unmoved_score if track.kind is ObjectClass.CAR else settings.unmoved_score_others
    return track.mean_score < least and never_moved(track)


def in_zone(xyxy: Box, foot_px: Point, area: Area, settings: DwellSettings) -> bool:
    """Whether a box stands in a zone: most of its lower edge, or its foot and a good part of that edge."""
    share = area.base_share(xyxy)
    return share >= settings.base_share or (share >= settings.base_share / 2 and foot_px in area)


def _stood_inside(track: Track, since_s: float, area: Area, settings: DwellSettings) -> bool:
    """Whether it was in the zone for most of the time it has stood: who waited before the zone and drives into it,
    still counted as standing for a look or two, has not stood there."""
    stood = [point for point in track.path if point.measured and point.t_s >= since_s - 1e-6]
    some = stood[:: max(1, len(stood) // MOST_SAMPLES)]
    return 2 * sum(in_zone(point.xyxy, point.foot_px, area, settings) for point in some) >= len(some)


def _same_place(stand: Stand, track: Track, settings: DwellSettings) -> bool:
    if track.path[-1].t_s - stand.last_s > HIDDEN_S and iou(stand.anchor, track.xyxy) < SAME_AFTER_HIDING_IOU:
        return False
    x1, _, x2, y2 = stand.anchor
    moved = math.dist(((x1 + x2) / 2, y2), track.foot_px) / box_size(stand.anchor)
    limit = settings.moved_boxes if track.still_since_s is not None else settings.moved_boxes / 2
    return moved <= limit
