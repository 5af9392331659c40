"""Travel against a lane's permitted direction over a distance and a time.

Measured as drawdown: the signed advance along the permitted direction is summed from sighting to sighting, and an
act is a fall below the highest value so far. Jitter of a standing vehicle, a bit of reversing or a parking
manoeuvre never falls far; lawful travel raises the mark; a vehicle that turns round is dated from its turning point.
In a dense jam a box may slide from one vehicle to the next: faster from rest than most on four wheels start, and it
stays there; who did start so fast drives on.
A zone shorter than the least distance must be crossed; the way just before and behind it then counts as well.
Whoever the picture cuts at its left or right edge is measured by the side that is seen: who fills half of it is hardly
ever whole. Who goes far needs less time: close before a camera a rider is in the picture for less than a second.
"""

import math
from dataclasses import dataclass, replace

from detector.rules.act import IDLE, Proof, Reading
from detector.rules.confidence import confidence, margin, measured_share
from detector.rules.geometry import Area, Ruler, along_across, box_size, cut_below, cut_by_edge
from detector.rules.motion import LEAST_STEPS, TWO_WHEELERS, least, least_s, motion, new_points, on_foot, well_inside
from detector.scene.settings import MotionSettings, WrongWaySettings
from detector.types import PathPoint, Track, TrackedFrame, Window
from detector.types.track import Point
from detector.types.violation import Fact

VERSION = "wrong_way/5"
SLACK_SHARE = 0.1
"""The act begins where the fall leaves this share of the least distance: a standing vehicle jitters about that much."""
TURN_BACK_SHARE = 0.5
"""Advancing lawfully again by this share of the least distance ends the fall."""
LARGEST_SHARE = 0.5
"""A fall that rests on one displacement by more than this is a path stitched from two vehicles; a real one grows on."""
SEEN_S = 2.0
"""Seen for this long in all, a path need not be seen all the time."""
ASKEW_SHARE = 0.7
"""Lanes fan out in the picture and one arrow stands for all: so much of the least distance must be along the arrow."""
CROSSED_SHARE = 0.7
"""Through this share of its length a zone is crossed."""
BESIDE_BOXES = 2.0
"""The way before and behind a short zone counts as near to it as this, box sizes."""

START_S = 1.5
"""Little on four wheels comes from rest over the least distance sooner: a box may have slid to another vehicle."""
BEYOND = 3.0
"""So many least distances from rest lie beyond the next vehicle of a jam: who got there has really started."""
RESTED_S, REST_BOXES = 0.8, 0.2
"""Who was seen for so long and moved no farther has rested."""
SLACK_S = 0.25
"""Looks do not come at the very second."""


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
        inside, inside_across: the part of `along` (positive = against) and `across` made within the zone.
        entered_s: when the fall reached the zone, None before.
        slid: since it had come over the least distance: whether that may be a box that slid; None before.
    """

    last: PathPoint
    since_s: float
    along: float = 0.0
    across: float = 0.0
    deepest: float = 0.0
    length: float = 0.0
    steps: int = 0
    largest: float = 0.0
    inside: float = 0.0
    inside_across: float = 0.0
    entered_s: float | None = None
    slid: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongWayWatch:
    """Watches one one-way zone, of which `window` is looked at; `direction` is a unit vector in the ruler's plane.

    `length` is the zone's own along the direction: px, or metres where the ruler is metric. `pace` measures speeds.
    """

    window: Window
    area: Area
    direction: Point
    length: float
    ruler: Ruler
    pace: Ruler
    settings: WrongWaySettings
    limits: MotionSettings
    one_way_street: bool | None

    def look(
        self, progress: Fall | None, track: Track, _frame: TrackedFrame, free_until_s: float
    ) -> tuple[Fall | None, Reading]:
        """Adds the newest sightings; outside the zone nothing is added and a long absence forgets all."""
        deepest = 0.0 if progress is None else progress.deepest
        for point in new_points(track, None if progress is None else progress.last.t_s, free_until_s):
            progress = self._go(progress, point, self._least(track))
            progress = progress and self._settled(progress, track)
        if progress is None:
            return None, IDLE
        here = progress.last.t_s == track.path[-1].t_s
        return progress, self._read(progress, here and progress.steps > 0 and progress.along < deepest, track)

    def heads(self, displacement: Point) -> bool:
        """Whether a displacement in the ruler's plane goes against the direction."""
        along, across = along_across(displacement, self.direction)
        return _against_deg(-along, across) >= self.settings.against_deg

    def _go(self, fall: Fall | None, point: PathPoint, distance: float) -> Fall | None:
        if not self._footed(point) or not self._counts(point, distance):
            return None if fall is None or point.t_s - fall.last.t_s > self.limits.gap_s else fall
        step = (
            None
            if fall is None
            else motion(self.ruler, self.limits, fall.last, point, None if self.ruler.metric else self.window)
        )
        if fall is None or step is None:
            return self._anew(point)
        return self._add(fall, point, step, distance)

    def _footed(self, point: PathPoint) -> bool:
        """Whether the foot can be told: of what the picture cuts at its left or right edge only how far it went."""
        if self.ruler.metric:
            return not cut_by_edge(point.xyxy, self.window)
        return not cut_below(point.xyxy, self.window)

    def _counts(self, point: PathPoint, distance: float) -> bool:
        """Whether a sighting is within the zone, or close to one that is too short to travel far enough in it.

        Beside a longer zone it would count the oncoming lane into which a zone drawn too wide reaches.
        """
        if point.foot_px in self.area:
            return True
        if CROSSED_SHARE * self._length(point) >= distance:
            return False
        return self.area.depth_px(point.foot_px) >= -BESIDE_BOXES * box_size(point.xyxy)

    def _length(self, point: PathPoint) -> float:
        """The zone's length along its direction, ruler's unit."""
        return self.length if self.ruler.metric else self.length / box_size(point.xyxy)

    def _least(self, track: Track) -> float:
        return least(self.ruler, track, self.settings.distance_m, self.settings.distance_boxes)

    def _anew(self, point: PathPoint) -> Fall:
        return Fall(last=point, since_s=point.t_s, entered_s=point.t_s if point.foot_px in self.area else None)

    def _add(self, fall: Fall, point: PathPoint, step: Point, distance: float) -> Fall:
        advance, aside = along_across(step, self.direction)
        along = fall.along + advance
        if along >= 0 or along > fall.deepest + TURN_BACK_SHARE * distance:
            return self._anew(point)
        share = self._inside_share(fall.last, point)
        inside = max(fall.inside - advance * share, 0.0)
        if along > -SLACK_SHARE * distance:
            return replace(self._anew(point), along=along, deepest=along, length=-along, inside=inside)
        came_s = point.t_s - share * (point.t_s - fall.last.t_s) if share > 0 else None
        return Fall(
            last=point,
            since_s=fall.since_s,
            along=along,
            across=fall.across + aside,
            deepest=min(along, fall.deepest),
            length=fall.length + math.hypot(*step),
            steps=fall.steps + 1,
            largest=max(fall.largest, -advance),
            inside=inside,
            inside_across=fall.inside_across + aside * share,
            entered_s=came_s if fall.entered_s is None else fall.entered_s,
            slid=fall.slid,
        )

    def _settled(self, fall: Fall, track: Track) -> Fall:
        """Tells a slide from a start when the least distance is reached; forgets the slide where the box stays."""
        distance = self._least(track)
        if fall.slid is None and -fall.deepest >= distance:
            return replace(fall, slid=self._slid(fall, track))
        if not fall.slid:
            return fall
        if -fall.deepest >= BEYOND * distance:
            return replace(fall, slid=False)
        return self._anew(fall.last) if _rested(track, fall.last.t_s) else fall

    def _inside_share(self, start: PathPoint, end: PathPoint) -> float:
        if start.foot_px in self.area and end.foot_px in self.area:
            return 1.0
        return self.area.inside_share(start.foot_px, end.foot_px)

    def _read(self, fall: Fall, deeper: bool, track: Track) -> Reading:
        since_s = fall.since_s if fall.entered_s is None else fall.entered_s
        reading = Reading(acting=deeper and fall.last.foot_px in self.area, since_s=since_s)
        lasted_s = fall.last.t_s - fall.since_s
        angle = min(_against_deg(-fall.deepest, fall.across), _against_deg(fall.inside, fall.inside_across))
        enough = (
            self._far(fall, lasted_s, track)
            and angle >= self.settings.against_deg
            and -fall.deepest >= self.settings.straightness * fall.length
        )
        if not enough:
            return reading
        if on_foot(self.pace, self.limits, track, fall.since_s):
            return replace(reading, doubt="walking_pace")
        seen = measured_share(track.path, fall.since_s, fall.last.t_s)
        if seen < self.settings.measured_share and seen * lasted_s < SEEN_S:
            return replace(reading, doubt="mostly_predicted")
        if fall.steps < LEAST_STEPS or fall.largest > LARGEST_SHARE * -fall.deepest or fall.slid:
            return replace(reading, doubt="too_few_looks")
        return replace(reading, proof=self._proof(fall, angle, lasted_s, track))

    def _slid(self, fall: Fall, track: Track) -> bool:
        """Whether it came from rest over the least distance sooner than a vehicle of its kind usually does."""
        quick = track.kind not in TWO_WHEELERS and fall.last.t_s - fall.since_s < START_S
        return quick and _rested(track, fall.since_s)

    def _far(self, fall: Fall, lasted_s: float, track: Track) -> bool:
        """Whether it travelled far and long enough, most of it against the arrow and within or through the zone."""
        distance = self._least(track)
        travelled = math.hypot(fall.deepest, fall.across)
        within = min(ASKEW_SHARE * distance, CROSSED_SHARE * self._length(fall.last))
        return (
            travelled >= distance
            and -fall.deepest >= ASKEW_SHARE * distance
            and fall.inside >= within
            and self._long_enough(fall, lasted_s, track)
        )

    def _long_enough(self, fall: Fall, lasted_s: float, track: Track) -> bool:
        """Whether it drove long enough; in less than the usual time only well inside, not along a zone's edge."""
        if lasted_s >= self.settings.duration_s:
            return True
        return lasted_s >= self._least_s(fall, track) and well_inside(self.area, track, fall.since_s)

    def _least_s(self, fall: Fall, track: Track) -> float:
        return least_s(self.settings.duration_s, math.hypot(fall.deepest, fall.across), self._least(track))

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
                margin(math.hypot(fall.deepest, fall.across), self._least(track)),
                margin(lasted_s, self._least_s(fall, track)),
                margin(angle_deg - 90, self.settings.against_deg - 90),
            ),
            score=track.score,
            measured=seen,
        )
        return Proof(confidence=sure, facts=facts)


def _rested(track: Track, t_s: float) -> bool:
    """Whether it had been seen to stand still just before a time, of the last seconds."""
    seen = [p for p in track.path if p.measured and t_s - RESTED_S - SLACK_S <= p.t_s <= t_s]
    if not seen or seen[-1].t_s - seen[0].t_s < RESTED_S:
        return False
    size = box_size(seen[-1].xyxy)
    return all(math.dist(p.foot_px, seen[-1].foot_px) <= REST_BOXES * size for p in seen)


def _against_deg(against: float, across: float) -> float:
    """Angle between travel and the permitted direction; 0 for what does not go against it."""
    return 180 - math.degrees(math.atan2(abs(across), against)) if against > 0 else 0.0
