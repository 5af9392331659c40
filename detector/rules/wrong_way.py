"""Travel against a lane's permitted direction over a distance and a time.

Measured as drawdown: the signed advance along the permitted direction is summed from sighting to sighting, and an
act is a fall below the highest value so far. Jitter of a standing vehicle, a bit of reversing or a parking
manoeuvre never falls far; lawful travel raises the mark; a vehicle that turns round is dated from its turning point.
"""

import math
from dataclasses import dataclass, replace

from detector.rules.act import IDLE, Proof, Reading
from detector.rules.confidence import confidence, margin, measured_share
from detector.rules.geometry import Area, Ruler, along_across, cut_by_edge
from detector.rules.motion import LEAST_STEPS, least, motion, new_points, on_foot
from detector.scene.settings import MotionSettings, WrongWaySettings
from detector.types import ObjectClass, PathPoint, Track, TrackedFrame
from detector.types.track import Point
from detector.types.violation import Fact

VERSION = "wrong_way/1"
SLACK_SHARE = 0.1
"""The act begins where the fall leaves this share of the least distance: a standing vehicle jitters about that much."""
TURN_BACK_SHARE = 0.5
"""Advancing lawfully again by this share of the least distance ends the fall."""
LARGEST_SHARE = 0.5
"""A fall that rests on one displacement by more than this is a path stitched from two vehicles; a real one grows on."""
SEEN_S = 2.0
"""Seen for this long in all, a path need not be seen all the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """How far a vehicle has come against the direction since its highest point.

    Attributes:
        last: the latest sighting within the zone.
        since_s: when the fall began.
        along, across: summed advance along the permitted direction (negative = against) and square to it.
        deepest: lowest `along` so far.
        length: summed length of all steps.
        steps: number of steps in it.
        largest: the longest of them against the direction.
    """

    last: PathPoint
    since_s: float
    along: float = 0.0
    across: float = 0.0
    deepest: float = 0.0
    length: float = 0.0
    steps: int = 0
    largest: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongWayWatch:
    """Watches one one-way zone of a picture of `size_wh`; `direction` is a unit vector in the ruler's plane."""

    size_wh: tuple[int, int]
    area: Area
    direction: Point
    ruler: Ruler
    settings: WrongWaySettings
    limits: MotionSettings
    one_way_street: bool | None

    def look(
        self, progress: Fall | None, track: Track, _frame: TrackedFrame, free_until_s: float
    ) -> tuple[Fall | None, Reading]:
        """Adds the newest sightings; outside the zone nothing is added and a long absence forgets all."""
        deepest = 0.0 if progress is None else progress.deepest
        for point in new_points(track, None if progress is None else progress.last.t_s, free_until_s):
            progress = self._go(progress, point, self._least(track.kind))
        if progress is None:
            return None, IDLE
        here = progress.last.t_s == track.path[-1].t_s
        return progress, self._read(progress, here and progress.steps > 0 and progress.along < deepest, track)

    def _go(self, fall: Fall | None, point: PathPoint, distance: float) -> Fall | None:
        if point.foot_px not in self.area or cut_by_edge(point.xyxy, self.size_wh):
            return None if fall is None or point.t_s - fall.last.t_s > self.limits.gap_s else fall
        step = None if fall is None else motion(self.ruler, self.limits, fall.last, point)
        if fall is None or step is None:
            return Fall(last=point, since_s=point.t_s)
        return self._add(fall, point, step, distance)

    def _least(self, kind: ObjectClass) -> float:
        return least(self.ruler, kind, self.settings.distance_m, self.settings.distance_boxes)

    def _add(self, fall: Fall, point: PathPoint, step: Point, distance: float) -> Fall:
        advance, aside = along_across(step, self.direction)
        along = fall.along + advance
        if along >= 0 or along > fall.deepest + TURN_BACK_SHARE * distance:
            return Fall(last=point, since_s=point.t_s)
        if along > -SLACK_SHARE * distance:
            return Fall(last=point, since_s=point.t_s, along=along, deepest=along, length=-along)
        return Fall(
            last=point,
            since_s=fall.since_s,
            along=along,
            across=fall.across + aside,
            deepest=min(along, fall.deepest),
            length=fall.length + math.hypot(*step),
            steps=fall.steps + 1,
            largest=max(fall.largest, -advance),
        )

    def _read(self, fall: Fall, deeper: bool, track: Track) -> Reading:
        reading = Reading(acting=deeper, since_s=fall.since_s)
        lasted_s = fall.last.t_s - fall.since_s
        angle = 180 - math.degrees(math.atan2(abs(fall.across), -fall.deepest)) if fall.deepest < 0 else 0.0
        enough = (
            -fall.deepest >= self._least(track.kind)
            and lasted_s >= self.settings.duration_s
            and angle >= self.settings.against_deg
            and -fall.deepest >= self.settings.straightness * fall.length
        )
        if not enough:
            return reading
        if on_foot(self.ruler, self.limits, track, fall.since_s):
            return replace(reading, doubt="walking_pace")
        seen = measured_share(track.path, fall.since_s, fall.last.t_s)
        if seen < self.settings.measured_share and seen * lasted_s < SEEN_S:
            return replace(reading, doubt="mostly_predicted")
        if fall.steps < LEAST_STEPS or fall.largest > LARGEST_SHARE * -fall.deepest:
            return replace(reading, doubt="too_few_looks")
        return replace(reading, proof=self._proof(fall, angle, lasted_s, track))

    def _proof(self, fall: Fall, angle_deg: float, lasted_s: float, track: Track) -> Proof:
        seen = measured_share(track.path, fall.since_s, fall.last.t_s)
        facts: dict[str, Fact] = {
            "heading_against_deg": round(angle_deg, 1),
            f"travelled_{self.ruler.unit}": round(-fall.deepest, 1),
            "against_s": round(lasted_s, 2),
            "measured_share": round(seen, 2),
        }
        if self.ruler.metric:
            facts["mean_speed_kmh"] = round(-fall.deepest / lasted_s * 3.6, 1)
        if self.one_way_street is not None:
            facts["one_way_street"] = self.one_way_street
        sure = confidence(
            margins=(
                margin(-fall.deepest, self._least(track.kind)),
                margin(lasted_s, self.settings.duration_s),
                margin(angle_deg - 90, self.settings.against_deg - 90),
            ),
            score=track.score,
            measured=seen,
        )
        return Proof(confidence=sure, facts=facts)
