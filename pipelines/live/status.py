"""How every camera is doing: states and counters, for the table, the metrics and the end of the run.

Each field has one writing thread, named below; readers on any thread may see a value a moment old.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from detector.health import Condition


class State(StrEnum):
    """How a stream is doing."""

    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"
    DENIED = "denied"
    """The camera refuses user or password."""
    UNTRUSTED = "untrusted"
    """Its certificate is not trusted."""
    UNDRAWN = "undrawn"
    """No scene of it is in force; it is not watched."""
    UNFIT = "unfit"
    """Its pictures do not fit the scene."""
    BLACK = "black"
    COVERED = "covered"
    FROZEN = "frozen"
    """Pictures come, but they do not change."""
    MOVED = "moved"
    """The view is not the one the scene was drawn on."""
    BLURRED = "blurred"
    OVERLOADED = "overloaded"
    """The machine does not keep up with its frames."""
    ENDED = "ended"
    """The file is over, or the worker stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is wrong as a code of the catalogue's section `stream_problems`, with what its words speak of."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class StreamStatus:
    """One stream; written by its reading thread. `problem` is for the log, `said` the same for the operators' page.

    `jumps` are new epochs within a connection, `by_arrival` says that its times are not used, `clock_offset_s` is the
    camera's own clock (RTCP sender reports) less this server's, None where none is told.
    """

    role: str
    state: State = State.CONNECTING
    problem: str = ""
    said: Said | None = None
    packets: int = 0
    frames: int = 0
    decode_errors: int = 0
    connects: int = 0
    epoch: int = 0
    jumps: int = 0
    by_arrival: bool = False
    clock_offset_s: float | None = None
    heard_s: float = field(default_factory=time.monotonic)


@dataclass(slots=True, kw_only=True)
class CameraStatus:
    """One camera.

    Attributes:
        id: the scene's camera id.
        streams: the main one first.
        analysed, stale, lag_s: written by the lane thread; stale frames were too old to be judged as now; lag is from a
            frame's arrival to its verdict.
        blind: frames not judged because of the camera's condition; written by the lane thread.
        condition, complaint: what its pictures say of it, and in words; written by the look thread.
        overloaded, slowed: written by the main thread; `slowed` says what a slower rate for all costs this camera,
            `slowed_said` the same as a code.
        dropped: frames overtaken by newer ones, or not decoded because the stream came late; written by the reading
            thread.
        held: frames not looked at because nothing had changed; written by the looking thread.
        undecoded: frames that were due and not even decoded, because nothing moved; written by the reading thread.
        failed: frames the network could not judge; written by the lane thread.
        violations: established acts; written by the lane thread.
        cases, set_aside, lost, evidence_s, last_event: written by the writer; acts set aside were cleared by a look
            from near; lost acts had no footage or could not be stored; evidence_s is from the end of the post-roll to
            the case.
        ring_bytes: packets in memory.
    """

    id: str
    streams: tuple[StreamStatus, ...]
    analysed: int = 0
    stale: int = 0
    blind: int = 0
    condition: Condition = Condition.FINE
    complaint: str = ""
    overloaded: bool = False
    slowed: str = ""
    slowed_said: Said | None = None
    lag_s: float = 0.0
    dropped: int = 0
    held: int = 0
    undecoded: int = 0
    failed: int = 0
    violations: int = 0
    cases: int = 0
    set_aside: int = 0
    lost: int = 0
    evidence_s: float = 0.0
    last_event: str = ""
    ring_bytes: int = 0

    @property
    def done(self) -> int:
        """Due frames that were looked at, or need not be."""
        return self.analysed + self.held + self.undecoded

    @property
    def state(self) -> State:
        """The state of the first stream that is not live, else what its pictures say."""
        for stream in self.streams:
            if stream.state is not State.LIVE:
                return stream.state
        if self.condition is not Condition.FINE:
            return State(self.condition.value)
        return State.OVERLOADED if self.overloaded or self.slowed else State.LIVE

    @property
    def problem(self) -> str:
        """What is wrong, empty while nothing is."""
        return next((stream.problem for stream in self.streams if stream.problem), self.complaint or self.slowed)

    @property
    def said(self) -> Said | None:
        """The same as a code, None while nothing is wrong or only words tell it."""
        if any(stream.problem for stream in self.streams):
            return next(stream.said for stream in self.streams if stream.problem)
        if self.complaint:
            return Said(code=self.condition.value)
        return self.slowed_said if self.slowed else None

    @property
    def reconnects(self) -> int:
        """How often a stream came back."""
        return sum(max(stream.connects - 1, 0) for stream in self.streams)
