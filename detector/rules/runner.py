"""Runs all rules of one camera over its tracked frames: the only owner of rule state.

`step` takes one `TrackedFrame` and gives violations and doubts; states of ended tracks are pruned, a new epoch
first closes what is open and then forgets everything. Pure: the same frames give the same violations.
"""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from detector.rules.book import ActBook, Key
from detector.rules.common import Common
from detector.rules.registry import build_rules
from detector.rules.rule import Verdict
from detector.rules.stature import Stature
from detector.scene import Scene, scene_hash
from detector.types import (
    CannotTell,
    ClockGrade,
    Finding,
    FrameStamp,
    Track,
    TrackedFrame,
    Violation,
    ViolationKind,
    Window,
    violation_id,
)

GRADES = (ClockGrade.PTS, ClockGrade.CORRECTED, ClockGrade.NOMINAL)
"""From best to worst."""
KEPT_GRADES = 256
"""Stretches of one clock grade that are remembered; a clock changes its grade rarely."""
ON_STANDING = frozenset({ViolationKind.ILLEGAL_PARKING, ViolationKind.SIDEWALK_ENCROACHMENT})
"""A picture shown again proves no time: what stands in it is known to have stood when the next new one shows it."""
_MEMORY = ("_book", "_states", "_common", "_stature", "_living", "_grades", "_stamp")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutput:
    """What the rules say about one frame."""

    violations: tuple[Violation, ...] = ()
    cannot_tell: tuple[CannotTell, ...] = ()


class RuleRunner:
    """All rules of one scene over one source."""

    def __init__(self, scene: Scene, source_id: str, window: Window | None = None) -> None:
        """`window`: the part of the picture that is looked at, None where it is the whole."""
        self.rules = build_rules(scene, window)
        self._camera_id = scene.camera.id
        self._source_id = source_id
        self._scene_hash = scene_hash(scene)
        self._book = ActBook(scene.rules.motion.handover_s)
        self._states: dict[Key, Any] = {}
        self._common = Common(scene.rules.common)
        self._stature = Stature(scene.fitted_ground, window or Window.whole(scene.size))
        self._living: dict[int, Track] = {}
        self._grades: deque[tuple[ClockGrade, float, float]] = deque(maxlen=KEPT_GRADES)
        self._stamp: FrameStamp | None = None

    @property
    def state_count(self) -> int:
        """How many states are kept; falls to 0 when no track lives."""
        return len(self._states)

    def step(self, frame: TrackedFrame) -> RuleOutput:
        """Violations that are established or over at this frame, and new doubts."""
        closed = RuleOutput()
        if self._stamp is not None and frame.stamp.epoch != self._stamp.epoch:
            closed = self._close()
        self._stamp = frame.stamp
        self._note_grade(frame.stamp)
        self._stature.look(frame)
        violations: list[Violation] = []
        doubts: list[CannotTell] = []
        for track_id in frame.ended:
            self._end(track_id, violations, doubts)
        self._living = {track.id: track for track in frame.tracks}
        for index, rule in enumerate(self.rules):
            if frame.stamp.repeated and rule.kind in ON_STANDING:
                continue
            for track in frame.tracks:
                key = (index, track.id)
                state, verdict = rule.step(self._states.get(key), track, frame)
                self._keep(key, state)
                if state is not None:
                    self._common.watch(key, (rule.kind, rule.zone_id), track)
                self._take(key, verdict, violations, doubts)
        over = self._book.close(frame.stamp.t_s, self._living)
        violations += [self._violation(act_id, finding) for act_id, finding in over]
        return RuleOutput(violations=(*closed.violations, *violations), cannot_tell=(*closed.cannot_tell, *doubts))

    def bridge(self, epoch: int) -> None:
        """Goes on into a new epoch whose times go on rising: nothing is closed but what its track's end closes."""
        if self._stamp is not None:
            self._stamp = replace(self._stamp, epoch=epoch)

    def memory(self) -> dict[str, Any]:
        """Everything it remembers; not a copy, so it must be laid aside before the next step."""
        return {name: getattr(self, name) for name in _MEMORY}

    def recall(self, memory: dict[str, Any]) -> None:
        """Goes on from where `memory` was taken, by a runner of the same scene and source."""
        for name in _MEMORY:
            setattr(self, name, memory[name])

    def finish(self) -> RuleOutput:
        """Final versions of all open acts; nothing is remembered afterwards."""
        closed = self._close()
        self._common.clear()
        self._stature.clear()
        return closed

    def _close(self) -> RuleOutput:
        """Final versions of all open acts; only who passed in the last hour is remembered."""
        if self._stamp is None:
            return RuleOutput()
        violations: list[Violation] = []
        doubts: list[CannotTell] = []
        for track_id in sorted(self._living):
            self._end(track_id, violations, doubts)
        violations += [self._violation(act_id, finding) for act_id, finding in self._book.close_all()]
        self._states.clear()
        self._living = {}
        self._grades.clear()
        self._stamp = None
        return RuleOutput(violations=tuple(violations), cannot_tell=tuple(doubts))

    def _keep(self, key: Key, state: object) -> None:
        if state is None:
            self._states.pop(key, None)
            self._common.leave(key)
        else:
            self._states[key] = state

    def _end(self, track_id: int, violations: list[Violation], doubts: list[CannotTell]) -> None:
        track = self._living.get(track_id)
        for index, rule in enumerate(self.rules):
            state = self._states.pop((index, track_id), None)
            self._common.leave((index, track_id))
            if state is not None and track is not None:
                self._take((index, track_id), rule.end(state, track), violations, doubts)
        if track is not None:
            self._book.lose(track)

    def _take(self, key: Key, verdict: Verdict, violations: list[Violation], doubts: list[CannotTell]) -> None:
        if isinstance(verdict, CannotTell):
            doubts.append(verdict)
        elif isinstance(verdict, Finding):
            opened = self._book.enter(key, verdict, self._living, self._name)
            if opened is not None:
                self._common.accuse(verdict, self._now_s)
                violations.append(self._violation(*opened))

    def _name(self, finding: Finding) -> str:
        return violation_id(camera_id=self._camera_id, source_id=self._source_id, finding=finding)

    @property
    def _now_s(self) -> float:
        return self._stamp.t_s if self._stamp is not None else 0.0

    def _violation(self, act_id: str, finding: Finding) -> Violation:
        finding = self._stature.told(self._common.told(finding, self._now_s))
        return Violation(
            id=act_id,
            camera_id=self._camera_id,
            source_id=self._source_id,
            scene_hash=self._scene_hash,
            finding=finding,
            start_at=self._at(finding.t_start_s),
            end_at=self._at(finding.t_end_s),
            clock=self._grade(finding.t_start_s, finding.t_end_s),
        )

    def _at(self, t_s: float) -> datetime | None:
        if self._stamp is None or self._stamp.seen_at is None:
            return None
        return self._stamp.seen_at + timedelta(seconds=round(t_s - self._stamp.t_s, 3))

    def _note_grade(self, stamp: FrameStamp) -> None:
        since_s = stamp.t_s
        if self._grades and self._grades[-1][0] is stamp.clock:
            since_s = self._grades.pop()[1]
        self._grades.append((stamp.clock, since_s, stamp.t_s))

    def _grade(self, since_s: float, until_s: float) -> ClockGrade:
        seen = [grade for grade, first_s, last_s in self._grades if first_s <= until_s and last_s >= since_s]
        return max(seen, key=GRADES.index, default=ClockGrade.NOMINAL)
