"""The life of an act, the same for all kinds: watched, established, paused, over.

A `Watch` looks at one track at a time and gives a `Reading`: is it in the act now, since when, are the thresholds
met, is there a doubt. `ActRule` turns the readings into the two findings of an act (established, over), asks the
calendar and the list of bound classes, and says every doubt once.
"""

import math
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from detector.rules.report import moments, path_rows
from detector.rules.rule import Verdict
from detector.rules.shadow import is_shadow
from detector.scene import InForce, Turn, Zone
from detector.scene.calendar import in_force
from detector.types import CannotTell, Finding, ObjectClass, Track, TrackedFrame, ViolationKind
from detector.types.violation import Fact

P = TypeVar("P")
GOODS = frozenset({ObjectClass.STALL, ObjectClass.OBJECT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The thresholds are met: how clearly, what was measured, and doubts that do not stop the rule."""

    confidence: float
    facts: dict[str, Fact]
    cannot_tell: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One look at one track.

    Attributes:
        acting: the vehicle is in the act at this very frame.
        since_s: when the act began, stream seconds.
        proof: set once the thresholds are met.
        doubt: why the rule may not accuse although the outline of an act is there.
        parting: what to say if the track ends now without an act.
    """

    acting: bool = False
    since_s: float = 0.0
    proof: Proof | None = None
    doubt: str | None = None
    parting: str | None = None


IDLE = Reading()


class Watch(Protocol[P]):
    """The part of a rule that differs from kind to kind; pure."""

    def look(
        self, progress: P | None, track: Track, frame: TrackedFrame, free_until_s: float, /
    ) -> tuple[P | None, Reading]:
        """Progress and reading after this frame; called for measured frames of bound tracks only.

        `free_until_s`: nothing counts that happened before, because the calendar was not in force (-inf: all counts).
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An established act of one track."""

    since_s: float
    last_s: float
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class ActState(Generic[P]):
    """All an `ActRule` remembers about one track; `told_s`: since when the latest act was that is over."""

    progress: P | None = None
    act: Act | None = None
    told_s: float | None = None
    said: frozenset[str] = frozenset()
    parting: str | None = None
    free_until_s: float = -math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRule(Generic[P]):
    """A rule for one zone or turn, made of a watch and the common life of an act.

    Attributes:
        bound: the zone or turn; its calendar and reminder mark.
        classes: whose tracks are looked at.
        class_share: least share of a track's class votes that must be for these classes.
        vehicle_share: with less of them for the class that is stated the officer is told so: fines differ by it.
        pause_s: an act resting shorter than this goes on.
    """

    kind: ViolationKind
    version: str
    bound: Zone | Turn
    watch: Watch[P]
    classes: frozenset[ObjectClass]
    class_share: float
    vehicle_share: float
    pause_s: float
    size_wh: tuple[int, int]
    time_zone: ZoneInfo

    @property
    def zone_id(self) -> str:
        """Id of the zone or turn it watches."""
        return self.bound.id

    def step(self, state: ActState[P] | None, track: Track, frame: TrackedFrame) -> tuple[ActState[P] | None, Verdict]:
        """See `Rule.step`. Frames in which the track is only predicted change nothing."""
        if not track.measured or (state is None and track.kind not in self.classes):
            return state, None
        state = state or ActState()
        now_s = track.path[-1].t_s
        force = in_force(self.bound.calendar, frame.stamp.seen_at, self.time_zone)
        progress, reading, free_until_s = None, IDLE, state.free_until_s
        if force is InForce.NO:
            free_until_s = now_s
        elif track.kind in self.classes:
            progress, reading = self.watch.look(state.progress, track, frame, free_until_s)
            reading = self._doubted(reading, state.said, track, frame)
        parting = reading.parting or state.parting
        state = replace(state, progress=progress, parting=parting, free_until_s=free_until_s)
        state, verdict = self._judge(state, reading, track, force)
        idle = state == ActState()
        return (None if idle else state), verdict

    def end(self, state: ActState[P], track: Track) -> Verdict:
        """The final finding of an open act, or the last doubt."""
        if state.act is not None:
            return self._finding(state.act, track, final=True)
        if state.parting is None or state.parting in state.said:
            return None
        return self._doubt(track, track.path[-1].t_s, state.parting)

    def _doubted(self, reading: Reading, said: frozenset[str], track: Track, frame: TrackedFrame) -> Reading:
        """The reading without its proof while the track may be of a class that is not bound, or no vehicle itself."""
        if reading.proof is None:
            return reading
        if track.vote_share(self.classes) < self.class_share:
            return replace(reading, proof=None, doubt="class_unsure")
        if is_shadow(track, frame.tracks, reading.since_s, known="shadow" in said):
            return replace(reading, proof=None, doubt="shadow")
        return reading

    def _judge(self, state: ActState[P], reading: Reading, track: Track, force: InForce) -> tuple[ActState[P], Verdict]:
        now_s = track.path[-1].t_s
        if state.act is not None:
            return self._go_on(state, state.act, reading, track)
        if reading.proof is not None:
            if reading.since_s == state.told_s and not reading.acting:
                # Who only stands where an act has ended does not begin it again.
                return state, None
            proof = reading.proof
            if force is InForce.UNKNOWN:
                proof = replace(proof, cannot_tell=(*proof.cannot_tell, "no_calendar_time"))
            act = Act(since_s=reading.since_s, last_s=now_s, proof=proof)
            return replace(state, act=act), self._finding(act, track, final=False)
        if reading.doubt is not None and reading.doubt not in state.said:
            return replace(state, said=state.said | {reading.doubt}), self._doubt(track, now_s, reading.doubt)
        return state, None

    def _go_on(self, state: ActState[P], act: Act, reading: Reading, track: Track) -> tuple[ActState[P], Verdict]:
        now_s = track.path[-1].t_s
        same = reading.acting and reading.since_s <= act.last_s
        if not same and now_s - act.last_s > self.pause_s:
            return replace(state, act=None, told_s=act.since_s), self._finding(act, track, final=True)
        if not reading.acting:
            return state, None
        proof = act.proof
        if reading.proof is not None and same:
            proof = replace(reading.proof, cannot_tell=act.proof.cannot_tell)
        return replace(state, act=replace(act, last_s=now_s, proof=proof)), None

    def _finding(self, act: Act, track: Track, *, final: bool) -> Finding:
        rows = path_rows(track.path, act.since_s, act.last_s, self.size_wh)
        vehicle, facts, doubts = None if track.kind in GOODS else track.kind, act.proof.facts, act.proof.cannot_tell
        share = 1.0 if vehicle is None else track.vote_share({vehicle})
        if share < self.vehicle_share:
            facts, doubts = {**facts, "vehicle_share": round(share, 2)}, (*doubts, "vehicle_unsure")
        return Finding(
            kind=self.kind,
            zone_id=self.bound.id,
            rule_version=self.version,
            track_id=track.id,
            vehicle=vehicle,
            t_start_s=round(act.since_s, 3),
            t_end_s=round(act.last_s, 3),
            confidence=act.proof.confidence,
            moments=moments(rows, act.since_s, act.last_s),
            facts=facts,
            path=rows,
            cannot_tell=doubts,
            reminder_only=self.bound.reminder_only,
            final=final,
        )

    def _doubt(self, track: Track, t_s: float, reason: str) -> CannotTell:
        return CannotTell(kind=self.kind, zone_id=self.bound.id, track_id=track.id, t_s=t_s, reason=reason)
