"""What a rule says: a finding, or that it cannot tell; and the violation that a finding becomes.

A rule returns the same finding twice: once when the act is established (`final` False) and once when it is
over (`final` True) with its true end and full path. Live workers act on the first, recordings on the last.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from detector.types.classes import ObjectClass, ViolationKind
from detector.types.frame import ClockGrade
from detector.types.track import Box

PathRow = tuple[float, float, float, float, float]
"""t_s, x1, y1, x2, y2 (px, full-frame)."""
Fact = float | int | str | bool
"""A measured value; its key carries the unit (`travelled_m`, `dwell_s`)."""


class Moment(NamedTuple):
    """A time worth a still, and where the offender is in it."""

    t_s: float
    xyxy: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotTell:
    """A rule saw the outline of an act but may not accuse; `reason` is a catalogue key such as `queue`."""

    kind: ViolationKind
    zone_id: str
    track_id: int
    t_s: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule's accusation, not yet tied to a source.

    Attributes:
        kind, zone_id: which rule at which zone or turn of the scene.
        rule_version: version of the rule's logic, e.g. `wrong_way/1`.
        track_id: the offender.
        vehicle: its class; None for goods without a class.
        t_start_s, t_end_s: the act, stream seconds; t_end_s is "so far" until `final`.
        confidence: 0..1, how sure the rule is, not a detector score.
        moments: named stills, at least `before`, `during`, `after`.
        facts: measured values with their units in the key.
        path: rows from t_start_s to t_end_s, at least one a second.
        cannot_tell: doubts that did not stop the rule but that the officer must see.
        reminder_only: the zone's calendar is in its warning period.
        final: the act is over, or the source is.
    """

    kind: ViolationKind
    zone_id: str
    rule_version: str
    track_id: int
    vehicle: ObjectClass | None
    t_start_s: float
    t_end_s: float
    confidence: float
    moments: dict[str, Moment]
    facts: dict[str, Fact]
    path: tuple[PathRow, ...]
    cannot_tell: tuple[str, ...] = ()
    reminder_only: bool = False
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A finding tied to its camera, source, scene and wall time.

    Attributes:
        id: the same for the same act in the same source, however often it is run.
        source_id: identity of the recording or stream epoch.
        scene_hash: SHA-256 of the scene that judged.
        start_at, end_at: UTC; None when nothing puts the source on the calendar.
        clock: the worst grade between start and end.
    """

    id: str
    camera_id: str
    source_id: str
    scene_hash: str
    finding: Finding
    start_at: datetime | None
    end_at: datetime | None
    clock: ClockGrade
    extra: dict[str, Fact] = field(default_factory=dict)


def violation_id(*, camera_id: str, source_id: str, finding: Finding) -> str:
    """A 32-digit hex id from what does not change between runs: camera, source, rule, first time and place.

    `finding` must be the first one of the act or carry the same start, track-independent place and zone.
    """
    _, x1, _, x2, y2 = finding.path[0]
    parts = (
        camera_id,
        source_id,
        finding.kind.value,
        finding.rule_version,
        finding.zone_id,
        f"{finding.t_start_s:.3f}",
        f"{(x1 + x2) / 2:.0f},{y2:.0f}",
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
