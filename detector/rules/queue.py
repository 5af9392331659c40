"""Whether a standing vehicle may be waiting in a queue or a jam: what its neighbours do.

Who waits has company that came to stand at about the same time and drives off with it. Against a queue speak:
vehicles that drive past close by through the same zone; the company drove off and this one stayed; it stands
longer than any signal phase (in a dense jam without any passing traffic much longer). Whoever passes only to stop
ahead has joined the queue: riders fill it from behind, past those who wait. So nobody counts while on the way there.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from detector.rules.geometry import Area, along_across, box_size, gap_px, unit
from detector.rules.motion import TWO_WHEELERS
from detector.rules.standing import never_moved
from detector.scene.settings import QueueSettings
from detector.types import VEHICLES, Track, TrackedFrame
from detector.types.track import Box, Point

DRIVES_BOXES_S = 1.0
"""Passing traffic moves at least this many of its box sizes per second; a queue creeps."""
CLOSE_BOXES = 1.0
ALONGSIDE_BOXES = 1.0
"""An overtaker's foot is at some look no farther ahead or behind than this."""
BESIDE_BOXES = 0.15
"""A foot this near to the drawn road may stand on it: operators stop short of the picture's edge and of the kerb."""
LEAST_PASSING_S = 4.0
"""Passers within less time than this may be one platoon that squeezes past a queue."""
ALONG = 0.5
"""Cosine of the largest angle to a direction that still goes along it: perspective bends lanes."""
ARRIVAL_S = 4.0
"""The last seconds before the stop show the heading."""
LOOK_EVERY_S = 0.35
TO_STOP_S = 12.0
"""Whoever passes a queue is by then seen to stand at its head, or has driven on."""
MOST_PASSERS = 40
"""More than pass on their way to where they stop, or those who drove on would be forgotten for them."""
Passes = tuple[tuple[int, float], ...]
"""Ids of vehicles and the second each was first seen passing, in that order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What the neighbourhood of one standing vehicle has done since it stands.

    Attributes:
        looked_s: time of the latest look.
        waiting: neighbours that stopped with it and stand now.
        most_standing: most vehicles at any distance that stopped with it and stood at one time.
        crowded_s: when there was last company enough for a queue; -inf if never.
        passers: ids of vehicles that drove past close by and did not stop, and when each did.
        flow: the same of comparable vehicles that overtook it close by, in the zone or beside it; who crosses in front
            of a stop line or comes towards a queue says nothing about it.
    """

    looked_s: float = -math.inf
    waiting: int = 0
    most_standing: int = 0
    crowded_s: float = -math.inf
    passers: Passes = ()
    flow: Passes = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueWatch:
    """Looks at the neighbours.

    Attributes:
        settings: thresholds.
        area: the zone.
        aside: sidewalks, whose parked vehicles wait for nothing.
        road: where traffic runs, if the operator drew it: who stands elsewhere is parked and waits for nothing.
        axis: unit vector along the zone, px; None where it is about as wide as long.
    """

    settings: QueueSettings
    area: Area
    aside: tuple[Area, ...]
    road: tuple[Area, ...] = ()
    axis: Point | None = None

    def look(self, company: Company, track: Track, since_s: float, frame: TrackedFrame) -> Company:
        """The company after one more frame; looks a few times a second."""
        now_s = frame.stamp.t_s
        if now_s - company.looked_s < LOOK_EVERY_S:
            return company
        others = [other for other in frame.tracks if other.id != track.id and other.kind in VEHICLES]
        standing = [other for other in others if self._stopped_with(other, since_s)]
        waiting = sum(_near(other, track, self.settings.near_boxes) for other in standing)
        passing = [other for other in others if _passes(other, track)]
        joined = frozenset(other.id for other in others if other.still_since_s is not None)
        overtaking = [other.id for other in passing if self._overtakes(other, track, since_s)]
        through = [other.id for other in passing if other.foot_px in self.area]
        return replace(
            company,
            looked_s=now_s,
            waiting=waiting,
            most_standing=max(len(standing), company.most_standing),
            crowded_s=now_s if waiting >= _enough(track) else company.crowded_s,
            passers=_noted(company.passers, through, now_s, joined),
            flow=_noted(company.flow, overtaking, now_s, joined),
        )

    def plausible(self, company: Company, dwell_s: float, now_s: float) -> bool:
        """Whether it may still be waiting in traffic after standing for `dwell_s`."""
        if now_s - company.crowded_s > self.settings.alone_s:
            return False
        passers, flow = (_drove_on(passes, now_s) for passes in (company.passers, company.flow))
        if len(passers) >= self.settings.passers and _span_s(passers) >= LEAST_PASSING_S:
            return False
        if len(flow) >= self.settings.passers and _span_s(flow) >= self.settings.flow_s:
            return False
        jam = company.most_standing >= self.settings.jam_vehicles and not flow
        return dwell_s <= (self.settings.jam_s if jam else self.settings.phase_s)

    def _overtakes(self, other: Track, track: Track, since_s: float) -> bool:
        """Whether a passing vehicle goes where the standing one was heading, and alongside it.

        Who crosses in front of a stop line is ahead of those who wait there. Where the heading was not seen: along the
        zone, either way.
        """
        came = _arrival(track, since_s)
        heading = came or self.axis
        if heading is None:
            return False
        going = along_across(unit(other.velocity_px_s), heading)[0]
        (x, y), (from_x, from_y) = other.foot_px, track.foot_px
        ahead_px = along_across((x - from_x, y - from_y), heading)[0]
        return (going if came else abs(going)) >= ALONG and abs(ahead_px) <= ALONGSIDE_BOXES * box_size(track.xyxy)

    def _stopped_with(self, other: Track, since_s: float) -> bool:
        if other.still_since_s is None or self._aside(other) or self._fixed(other):
            return False
        return abs(other.still_since_s - since_s) <= self.settings.together_s

    def _fixed(self, other: Track) -> bool:
        """Whether it may be a fixed thing and no vehicle: such company waits for nothing."""
        return other.mean_score < self.settings.company_score and never_moved(other)

    def _aside(self, other: Track) -> bool:
        reach_px = BESIDE_BOXES * box_size(other.xyxy)
        roads = (self.area, *self.road)
        off_road = bool(self.road) and not any(area.depth_px(other.foot_px) >= -reach_px for area in roads)
        return off_road or any(other.foot_px in area for area in self.aside)


def _passes(other: Track, track: Track) -> bool:
    """Whether a vehicle drives by close enough to share the lane; two-wheelers squeeze past anything larger.

    Close is measured by the smaller box, and between the lower halves: what looks small beside a big one, or ends at
    the height of its roof, is far behind it.
    """
    comparable = other.kind not in TWO_WHEELERS or track.kind in TWO_WHEELERS
    reach_px = CLOSE_BOXES * min(box_size(other.xyxy), box_size(track.xyxy))
    return comparable and _drives(other) and gap_px(_lower_half(other), _lower_half(track)) <= reach_px


def _lower_half(track: Track) -> Box:
    x1, y1, x2, y2 = track.xyxy
    return x1, (y1 + y2) / 2, x2, y2


def _arrival(track: Track, since_s: float) -> Point | None:
    """Unit heading, px, in which it came to its place; None where that was not seen."""
    before = [point for point in track.path if point.measured and 0 <= since_s - point.t_s <= ARRIVAL_S]
    if not before:
        return None
    (x, y), (to_x, to_y) = before[0].foot_px, before[-1].foot_px
    return unit((to_x - x, to_y - y)) if math.hypot(to_x - x, to_y - y) >= 0.5 * box_size(before[-1].xyxy) else None


def _near(other: Track, track: Track, boxes: float) -> bool:
    unit = max(box_size(other.xyxy), box_size(track.xyxy))
    return gap_px(other.xyxy, track.xyxy) <= boxes * unit


def _drives(track: Track) -> bool:
    return track.measured and math.hypot(*track.velocity_px_s) >= DRIVES_BOXES_S * box_size(track.xyxy)


def _enough(track: Track) -> int:
    """How many waiting neighbours make a queue plausible: two-wheelers park in pairs everywhere."""
    return 2 if track.kind in TWO_WHEELERS else 1


def _noted(passes: Passes, ids: Sequence[int], now_s: float, joined: frozenset[int]) -> Passes:
    """With those passing now, without those who stopped; of many the first and the latest."""
    known = {number for number, _ in passes}
    fresh = tuple((number, now_s) for number in sorted(ids) if number not in known)
    left = tuple(one for one in (*passes, *fresh) if one[0] not in joined)
    return left if len(left) <= MOST_PASSERS else (left[0], *left[1 - MOST_PASSERS :])


def _drove_on(passes: Passes, now_s: float) -> Passes:
    """Without those who may still be on their way to the head of the queue."""
    return tuple(one for one in passes if now_s - one[1] >= TO_STOP_S)


def _span_s(passes: Passes) -> float:
    """Seconds from the first that passed to the latest."""
    return passes[-1][1] - passes[0][1] if passes else 0.0
