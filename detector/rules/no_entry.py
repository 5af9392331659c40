"""A vehicle of a bound class enters a closed road and travels into it.

Standing inside, touching the edge or being stitched into the zone by a tracker's mistake is no entry. A vehicle whose
entry was not seen (there at start-up, or the zone reaches the picture's edge) must travel farther inside.
"""

import math
from dataclasses import dataclass, replace

from detector.rules.act import IDLE, Proof, Reading
from detector.rules.confidence import AT_THRESHOLD, confidence, margin, measured_share
from detector.rules.geometry import Area, Ruler, box_size, unit
from detector.rules.motion import LEAST_STEPS, least, least_s, motion, new_points, on_foot, well_inside
from detector.scene.settings import MotionSettings, NoEntrySettings
from detector.types import PathPoint, Track, TrackedFrame
from detector.types.track import Point
from detector.types.violation import Fact

VERSION = "no_entry/4"
CROSSED_SHARE = 0.6
CROSSED_BOXES = 0.8
"""Through this share of the zone along its way, and at least so many box sizes, it has travelled in however short."""

FLAT_SHARE = 0.5
"""This share of the greatest depth there is counts as inside, whatever the box: a road seen at a flat angle is a
ribbon lower than the vehicles on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A vehicle's way since it was first seen, or since it came in.

    Attributes:
        last: the latest sighting, inside or outside.
        inside: whether it was inside then.
        first: the first sighting inside.
        entry_seen: whether it came from outside.
        since_s: when it was first inside.
        net: summed displacement inside, ruler's unit.
        farthest: largest length of `net` so far.
        deepest_boxes: how far from the edge the foot got, box sizes.
        steps: number of steps inside.
    """

    last: PathPoint
    inside: bool
    first: PathPoint | None = None
    entry_seen: bool = False
    since_s: float = 0.0
    net: Point = (0.0, 0.0)
    farthest: float = 0.0
    deepest_boxes: float = 0.0
    steps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoEntryWatch:
    """Watches one closed area; `pace` measures speeds."""

    area: Area
    ruler: Ruler
    pace: Ruler
    settings: NoEntrySettings
    limits: MotionSettings

    def look(
        self, progress: Entry | None, track: Track, _frame: TrackedFrame, free_until_s: float
    ) -> tuple[Entry | None, Reading]:
        """Follows the foot across the edge and inside."""
        farthest = 0.0 if progress is None else progress.farthest
        for point in new_points(track, None if progress is None else progress.last.t_s, free_until_s):
            progress = self._go(progress, point)
        if progress is None or not progress.inside:
            return progress, IDLE
        return progress, self._read(progress, progress.farthest > farthest, track)

    def _go(self, entry: Entry | None, point: PathPoint) -> Entry:
        inside = point.foot_px in self.area
        step = None if entry is None else motion(self.ruler, self.limits, entry.last, point)
        if not inside:
            return Entry(last=point, inside=False)
        if entry is None or step is None:
            return Entry(last=point, inside=True, first=point, since_s=point.t_s)
        if not entry.inside:
            share = self.area.inside_share(entry.last.foot_px, point.foot_px)
            net = step[0] * share, step[1] * share
            since_s = point.t_s - share * (point.t_s - entry.last.t_s)
            came_in = Entry(last=point, inside=True, first=point, entry_seen=True, since_s=since_s)
            return replace(came_in, net=net, farthest=math.hypot(*net))
        net = entry.net[0] + step[0], entry.net[1] + step[1]
        return replace(
            entry,
            last=point,
            net=net,
            farthest=max(entry.farthest, math.hypot(*net)),
            deepest_boxes=max(entry.deepest_boxes, self._depth_boxes(point)),
            steps=entry.steps + 1,
        )

    def _depth_boxes(self, point: PathPoint) -> float:
        """How deep the foot is inside, box sizes; in a zone that is flat in the picture its middle is deep enough."""
        depth_px = self.area.depth_px(point.foot_px)
        if depth_px >= FLAT_SHARE * self.area.reach_px:
            return max(depth_px / box_size(point.xyxy), self.settings.depth_boxes)
        return depth_px / box_size(point.xyxy)

    def _least(self, entry: Entry, track: Track) -> float:
        distance = least(self.ruler, track, self.settings.distance_m, self.settings.distance_boxes)
        return distance if entry.entry_seen else distance * self.settings.unseen_entry

    def _least_s(self, entry: Entry, track: Track) -> float:
        return least_s(self.settings.duration_s, entry.farthest, self._least(entry, track))

    def _long_enough(self, entry: Entry, lasted_s: float, track: Track) -> bool:
        """Whether it was inside long enough; for less than the usual time only well inside, not along the edge."""
        if lasted_s >= self.settings.duration_s:
            return True
        return lasted_s >= self._least_s(entry, track) and well_inside(self.area, track, entry.since_s)

    def _crossed(self, entry: Entry) -> bool:
        """Whether it came in and went most of the way through a zone that is short for its size."""
        if entry.first is None or not entry.entry_seen:
            return False
        (x, y), (to_x, to_y) = entry.first.foot_px, entry.last.foot_px
        way_px = math.hypot(to_x - x, to_y - y)
        if way_px < CROSSED_BOXES * box_size(entry.last.xyxy):
            return False
        middle = (x + to_x) / 2, (y + to_y) / 2
        return way_px >= CROSSED_SHARE * self.area.chord_px(middle, unit((to_x - x, to_y - y)))

    def _read(self, entry: Entry, farther: bool, track: Track) -> Reading:
        reading = Reading(acting=farther, since_s=entry.since_s)
        lasted_s = entry.last.t_s - entry.since_s
        enough = (
            (entry.farthest >= self._least(entry, track) or self._crossed(entry))
            and entry.deepest_boxes >= self.settings.depth_boxes
            and self._long_enough(entry, lasted_s, track)
        )
        if not enough:
            return reading
        if entry.steps < LEAST_STEPS:
            return replace(reading, doubt="too_few_looks")
        if on_foot(self.pace, self.limits, track, entry.since_s):
            return replace(reading, doubt="walking_pace")
        return replace(reading, proof=self._proof(entry, track))

    def _proof(self, entry: Entry, track: Track) -> Proof:
        seen = measured_share(track.path, entry.since_s, entry.last.t_s)
        facts: dict[str, Fact] = {
            f"travelled_{self.ruler.unit}": round(entry.farthest, 1),
            "inside_s": round(entry.last.t_s - entry.since_s, 2),
            "entry_seen": entry.entry_seen,
            "measured_share": round(seen, 2),
        }
        margins = (
            max(margin(entry.farthest, self._least(entry, track)), AT_THRESHOLD),
            margin(entry.last.t_s - entry.since_s, self._least_s(entry, track)),
        )
        return Proof(confidence=confidence(margins=margins, score=track.score, measured=seen), facts=facts)
