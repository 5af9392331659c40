"""A forbidden manoeuvre: the entry gate, then the exit gate, in order, on one unbroken path.

Gates may be crossed only in the sense of the manoeuvre, the heading must not change to the other side (a U-turn must
reverse it), and a path with a jump, a long time unseen or no way between the gates proves nothing.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from detector.rules.act import IDLE, Proof, Reading
from detector.rules.confidence import confidence, margin, measured_share
from detector.rules.geometry import Crossing, Gate, Ruler, angle_deg, box_size, crossing, heading, side_of
from detector.rules.motion import motion, new_points, on_foot
from detector.scene import TurnKind
from detector.scene.settings import MotionSettings, TurnSettings
from detector.types import PathPoint, Track, TrackedFrame
from detector.types.track import Point
from detector.types.violation import Fact

VERSION = "forbidden_turn/5"
RUN_UP_S = 2.0
"""The way before the entry gate that counts as part of the drive."""
BESIDE_BOXES = 0.35
BESIDE_DEG = 30.0
"""Who passes a gate's end so closely has crossed it when the change of heading says so as well."""
TURNING_S, TURNING_BOXES = 1.0, 1.0
"""So much longer and farther it is looked at: a gate that is drawn short ends where vehicles are still turning."""
LEVEL_SHARE = 0.25
"""Gates nearer to one line than this share of their length say nothing about the sense in which they are crossed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turning:
    """A path on its way between the gates.

    Attributes:
        last: the latest sighting.
        entered: the crossing of the entry gate, None before.
        heading_px: unit heading there, None when it could not be told.
        left: the crossing of the exit gate that completed the manoeuvre.
    """

    last: PathPoint
    entered: Crossing | None = None
    heading_px: Point | None = None
    left: Crossing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnWatch:
    """Watches one pair of gates; `pace` measures speeds."""

    kind: TurnKind
    enter: Gate
    leave: Gate
    ruler: Ruler
    pace: Ruler
    settings: TurnSettings
    limits: MotionSettings

    def look(
        self, progress: Turning | None, track: Track, _frame: TrackedFrame, free_until_s: float
    ) -> tuple[Turning | None, Reading]:
        """Follows the foot over the gates; reads at the crossing of the second, beside a gate's end until it turned."""
        for point in new_points(track, None if progress is None else progress.last.t_s, free_until_s):
            if progress is not None and progress.left is not None:
                progress = self._go_on(progress, point)
                continue
            progress = Turning(last=point) if progress is None else self._go(progress, point, track)
            if progress.left is not None:
                break
        if progress is None or progress.left is None or progress.entered is None:
            return progress, IDLE
        reading = self._read(progress, progress.entered, track)
        beside = progress.entered.beside or progress.left.beside
        if reading.proof is None and beside and progress.last.t_s - progress.left.t_s < TURNING_S:
            return progress, IDLE
        return Turning(last=progress.last), reading

    def _go_on(self, turning: Turning, point: PathPoint) -> Turning:
        """Behind the exit gate, where only the heading is still waited for: whoever turns farther on obeys."""
        whole = motion(self.ruler, self.limits, turning.last, point) is not None
        left = turning.left
        near = left is not None and math.dist(left.at_px, point.foot_px) <= TURNING_BOXES * box_size(point.xyxy)
        return replace(turning, last=point) if whole and near else Turning(last=point)

    def _go(self, turning: Turning, point: PathPoint, track: Track) -> Turning:
        step = motion(self.ruler, self.limits, turning.last, point)
        if step is None:
            return Turning(last=point)
        entered = crossing(self.enter, turning.last, point, slack_boxes=BESIDE_BOXES)
        left = crossing(self.leave, turning.last, point, slack_boxes=BESIDE_BOXES)
        if entered is not None and left is not None and entered.beside != left.beside:
            entered, left = (None, left) if entered.beside else (entered, None)  # gates that share an end
        if entered is not None and entered.beside and turning.entered is not None and not turning.entered.beside:
            entered = None
        moved = replace(turning, last=point)
        if entered is not None and left is None:
            if not self._sense_fits(self.enter, self.leave, entered.side):
                return Turning(last=point)
            so_far = [p for p in track.path if p.measured and p.t_s <= point.t_s]
            return Turning(last=point, entered=entered, heading_px=heading(so_far))
        late = turning.entered is not None and point.t_s - turning.entered.t_s > self.settings.longest_s
        if late:
            return Turning(last=point)
        if left is not None and turning.entered is not None and self._sense_fits(self.leave, self.enter, -left.side):
            return replace(moved, left=left)
        return moved

    def _sense_fits(self, gate: Gate, other: Gate, towards: int) -> bool:
        """Whether a crossing goes to (or comes from) the side on which the other gate lies."""
        if self.kind is TurnKind.NO_U_TURN:
            return True
        middle = (other[0][0] + other[1][0]) / 2, (other[0][1] + other[1][1]) / 2
        distance = side_of(gate, middle)
        if abs(distance) < LEVEL_SHARE * math.dist(*gate):
            return True
        return (distance > 0) == (towards > 0)

    def _read(self, turning: Turning, entered: Crossing, track: Track) -> Reading:
        needed = self.ruler.pick(self.settings.distance_m, self.settings.distance_boxes)
        travelled = self._travelled(entered, track)
        change = self._change_deg(turning, track)
        beside = entered.beside or (turning.left is not None and turning.left.beside)
        if travelled < needed or not self._turned(change, beside=beside):
            return IDLE
        if on_foot(self.pace, self.limits, track, entered.t_s - RUN_UP_S):
            return Reading(doubt="walking_pace")
        left_s = turning.last.t_s
        seen = measured_share(track.path, entered.t_s, left_s)
        facts: dict[str, Fact] = {
            "manoeuvre": self.kind.value.removeprefix("no_"),
            "entered_at_s": round(entered.t_s, 2),
            "left_at_s": round(turning.left.t_s if turning.left else left_s, 2),
            f"travelled_{self.ruler.unit}": round(travelled, 1),
            "measured_share": round(seen, 2),
        }
        if change is not None:
            facts["heading_change_deg"] = round(change, 1)
        margins = [margin(travelled, needed)]
        if change is not None and self.kind is TurnKind.NO_U_TURN:
            margins.append(margin(abs(change), self.settings.u_turn_deg))
        sure = confidence(margins=margins, score=track.score, measured=seen)
        return Reading(acting=True, since_s=entered.t_s, proof=Proof(confidence=sure, facts=facts))

    def _change_deg(self, turning: Turning, track: Track) -> float | None:
        """Signed change of heading between the gates, None when either heading could not be told."""
        now = heading([point for point in track.path if point.measured])
        if now is None or turning.heading_px is None:
            return None
        return angle_deg(turning.heading_px, now)

    def _travelled(self, entered: Crossing, track: Track) -> float:
        """Way from shortly before the entry gate to now: a box that jitters over both gates goes nowhere."""
        way = [point for point in track.path if point.measured and point.t_s >= entered.t_s - RUN_UP_S]
        steps = [self.ruler.step(start, end) for start, end in pairwise(way)]
        east, south = (sum(step[i] for step in steps if step is not None) for i in (0, 1))
        if self.kind is TurnKind.NO_U_TURN:
            return sum(math.hypot(*step) for step in steps if step is not None)
        return math.hypot(east, south)

    def _turned(self, change_deg: float | None, *, beside: bool) -> bool:
        """Whether the change of heading agrees: perspective may hide a turn, but a U-turn reverses in any view."""
        if self.kind is TurnKind.NO_U_TURN:
            return change_deg is not None and abs(change_deg) >= self.settings.u_turn_deg
        if change_deg is None:
            return not beside
        least_deg = BESIDE_DEG if beside else -self.settings.wrong_side_deg
        return (change_deg if self.kind is TurnKind.NO_RIGHT_TURN else -change_deg) >= least_deg
