"""A motor vehicle travels along the sidewalk; crossing it to a house, parking on it or pushing over it is none.

Travel is summed along the sidewalk's main axis (the long side of the smallest rectangle around it) while the foot
is well inside: a box whose lower edge only overlaps the kerb because of perspective does not count.
"""

import math
from dataclasses import dataclass, replace

from detector.rules.act import IDLE, Proof, Reading
from detector.rules.confidence import confidence, margin, measured_share
from detector.rules.geometry import Area, Ruler, along_across, box_size
from detector.rules.motion import LEAST_STEPS, least, least_s, motion, new_points, on_foot, well_inside
from detector.scene.settings import MotionSettings, RidingSettings
from detector.types import PathPoint, Track, TrackedFrame
from detector.types.track import Point
from detector.types.violation import Fact

VERSION = "sidewalk_riding/4"
OFF_S = 1.0
"""Off the sidewalk for longer than this, a ride starts anew."""
NARROW_SHARE = 0.3
"""On a narrow sidewalk the foot must be at least this share of its width from the edge, whatever the box."""
START_SHARE = 0.1
TURN_BACK_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """A stretch along the sidewalk.

    Attributes:
        last: the latest sighting well inside.
        since_s: when the stretch began.
        width: the sidewalk's width where it began, ruler's unit.
        along, across: summed displacement along the axis and square to it.
        farthest: largest |along| so far.
        length: summed length of all steps.
        steps: number of steps.
    """

    last: PathPoint
    since_s: float
    width: float
    along: float = 0.0
    across: float = 0.0
    farthest: float = 0.0
    length: float = 0.0
    steps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RidingWatch:
    """Watches one sidewalk; `plane` and `axis` lie in the ruler's plane, `area` and `axis_px` in the picture.

    `pace` measures speeds.
    """

    area: Area
    axis_px: Point
    plane: Area
    axis: Point
    ruler: Ruler
    pace: Ruler
    settings: RidingSettings
    limits: MotionSettings

    def look(
        self, progress: Ride | None, track: Track, _frame: TrackedFrame, free_until_s: float
    ) -> tuple[Ride | None, Reading]:
        """Adds the newest sightings that are well inside."""
        farthest = 0.0 if progress is None else progress.farthest
        for point in new_points(track, None if progress is None else progress.last.t_s, free_until_s):
            progress = self._go(progress, point, self._distance(track))
        if progress is None:
            return None, IDLE
        return progress, self._read(progress, progress.steps > 0 and progress.farthest > farthest, track)

    def heads(self, displacement: Point) -> bool:
        """Whether a displacement in the ruler's plane goes along the sidewalk."""
        along, across = along_across(displacement, self.axis)
        return math.degrees(math.atan2(abs(across), abs(along))) <= self.settings.along_deg

    def _go(self, ride: Ride | None, point: PathPoint, distance: float) -> Ride | None:
        if not self._well_inside(point):
            return None if ride is None or point.t_s - ride.last.t_s > OFF_S else ride
        step = None if ride is None else motion(self.ruler, self.limits, ride.last, point)
        if ride is None or step is None:
            return self._start(point)
        advance, aside = along_across(step, self.axis)
        along = ride.along + advance
        if abs(along) < ride.farthest - TURN_BACK_SHARE * distance:
            return self._start(point)
        if abs(along) < START_SHARE * distance:
            return replace(self._start(point), along=along)
        return replace(
            ride,
            last=point,
            along=along,
            across=ride.across + aside,
            farthest=max(ride.farthest, abs(along)),
            length=ride.length + math.hypot(*step),
            steps=ride.steps + 1,
        )

    def _start(self, point: PathPoint) -> Ride:
        square_px, square = (-self.axis_px[1], self.axis_px[0]), (-self.axis[1], self.axis[0])
        if self.ruler.metric and point.ground_m is not None:
            width = self.plane.chord_px(point.ground_m, square)
        else:
            width = self.area.chord_px(point.foot_px, square_px) / box_size(point.xyxy)
        return Ride(last=point, since_s=point.t_s, width=width)

    def _well_inside(self, point: PathPoint) -> bool:
        if point.foot_px not in self.area:
            return False
        box_width = point.xyxy[2] - point.xyxy[0]
        depth = self.area.depth_px(point.foot_px)
        if depth >= self.settings.inside_boxes * box_width:
            return True
        chord = self.area.chord_px(point.foot_px, (-self.axis_px[1], self.axis_px[0]))
        return depth >= NARROW_SHARE * chord

    def _distance(self, track: Track) -> float:
        return least(self.ruler, track, self.settings.distance_m, self.settings.distance_boxes)

    def _read(self, ride: Ride, farther: bool, track: Track) -> Reading:
        reading = Reading(acting=farther, since_s=ride.since_s)
        lasted_s = ride.last.t_s - ride.since_s
        needed = max(self._distance(track), self.settings.widths * ride.width)
        angle = math.degrees(math.atan2(abs(ride.across), ride.farthest)) if ride.farthest > 0 else 90.0
        enough = (
            ride.farthest >= needed
            and self._long_enough(ride, lasted_s, needed, track)
            and angle <= self.settings.along_deg
            and ride.farthest >= self.settings.straightness * ride.length
        )
        if not enough:
            return reading
        if ride.steps < LEAST_STEPS:
            return replace(reading, doubt="too_few_looks")
        if on_foot(self.pace, self.limits, track, ride.since_s):
            return replace(reading, doubt="walking_pace")
        return replace(reading, proof=self._proof(ride, needed, angle, track))

    def _long_enough(self, ride: Ride, lasted_s: float, needed: float, track: Track) -> bool:
        """Whether it rode long enough; for less than the usual time only well inside, not along the kerb."""
        if lasted_s >= self.settings.duration_s:
            return True
        enough = lasted_s >= least_s(self.settings.duration_s, ride.farthest, needed)
        return enough and well_inside(self.area, track, ride.since_s)

    def _proof(self, ride: Ride, needed: float, angle_deg: float, track: Track) -> Proof:
        seen = measured_share(track.path, ride.since_s, ride.last.t_s)
        lasted_s = ride.last.t_s - ride.since_s
        facts: dict[str, Fact] = {
            f"travelled_{self.ruler.unit}": round(ride.farthest, 1),
            f"sidewalk_width_{self.ruler.unit}": round(ride.width, 1),
            "angle_to_sidewalk_deg": round(angle_deg, 1),
            "riding_s": round(lasted_s, 2),
            "measured_share": round(seen, 2),
        }
        if self.ruler.metric:
            facts["mean_speed_kmh"] = round(ride.farthest / lasted_s * 3.6, 1)
        needed_s = least_s(self.settings.duration_s, ride.farthest, needed)
        margins = (margin(ride.farthest, needed), margin(lasted_s, needed_s))
        return Proof(confidence=confidence(margins=margins, score=track.score, measured=seen), facts=facts)
