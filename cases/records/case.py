"""One case: a violation with evidence, waiting for or bearing a human decision.

The columns above the line never change after opening; `Decision` 1 of the case holds their hash. Those below
change only through `cases.service`, together with a new row in the decision log.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cases.lifecycle import State
from cases.records.base import Record, Utc, by_value
from detector.types import ClockGrade, ViolationKind


class Case(Record):
    """A row of the queue.

    Attributes:
        id: short and readable, e.g. `PN-7K3M-Q2XD`.
        occurred_at, ended_at: UTC, None when nothing puts the recording on the calendar.
        start_s, end_s: stream seconds of the act in its recording.
        queue_at: `occurred_at` where known, else `opened_at`; what the queue is sorted and filtered by.
        calendar_known: False when zone calendars were taken as in force because the date is unknown.
        reminder_only: the zone's warning period ran; the case cannot end in a sanction.
        evidence_location, manifest_sha256: the sealed bundle.
        version: rises with every decision; a decision names the version it was made on.
        assignee, claimed_until: who holds the case and until when.
        offence: the law applied to it, a copy (see `cases.law.stamp`); `offence_id` and `amount_vnd` repeat two fields
            of it for filtering; None where no clause of the table fits.
        unit: whose case it is by signing power, `commune` or `city`.
        confirmed_by: who first confirmed the violation since it was last open.
        last_actor: who took the last decision that stands, amendments and lifted warnings apart.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_state_queue", "state", "queue_at", "id"),
        Index("ix_cases_ward_state_queue", "ward", "state", "queue_at", "id"),
        Index("ix_cases_camera_queue", "camera_id", "queue_at", "id"),
        Index("ix_cases_queue", "queue_at", "id"),
        Index("ix_cases_kind_state_queue", "kind", "state", "queue_at", "id"),
        Index("ix_cases_state_confidence", "state", "confidence", "id"),
        Index("ix_cases_confidence", "confidence", "id"),
        Index("ix_cases_assignee", "assignee"),
        Index("ix_cases_source_queue", "source_kind", "queue_at", "id"),
        Index("ix_cases_unit_queue", "unit", "queue_at", "id"),
        Index("ix_cases_duplicate_of", "duplicate_of", "queue_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    violation_id: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[ViolationKind] = mapped_column(by_value(ViolationKind))
    camera_id: Mapped[str] = mapped_column(String(64))
    camera_name: Mapped[str] = mapped_column(String(200))
    ward: Mapped[str] = mapped_column(String(100))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    timezone: Mapped[str] = mapped_column(String(64))
    zone_id: Mapped[str] = mapped_column(String(64))
    vehicle: Mapped[str | None] = mapped_column(String(32))
    occurred_at: Mapped[datetime | None] = mapped_column(Utc)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    start_s: Mapped[float]
    end_s: Mapped[float]
    confidence: Mapped[float]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    cannot_tell: Mapped[list[str]] = mapped_column(JSON)
    calendar_known: Mapped[bool]
    reminder_only: Mapped[bool]
    clock: Mapped[ClockGrade] = mapped_column(by_value(ClockGrade))
    rule_version: Mapped[str] = mapped_column(String(64))
    scene_hash: Mapped[str] = mapped_column(String(64))
    network_name: Mapped[str] = mapped_column(String(100))
    network_sha256: Mapped[str | None] = mapped_column(String(64))
    software_version: Mapped[str] = mapped_column(String(64))
    source_kind: Mapped[str] = mapped_column(String(16))
    source_id: Mapped[str] = mapped_column(String(200))
    evidence_location: Mapped[str] = mapped_column(String(200))
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime] = mapped_column(Utc)
    queue_at: Mapped[datetime] = mapped_column(Utc)

    state: Mapped[State] = mapped_column(by_value(State))
    state_at: Mapped[datetime] = mapped_column(Utc)
    decided_at: Mapped[datetime | None] = mapped_column(Utc)
    duplicate_of: Mapped[str | None] = mapped_column(ForeignKey("cases.id"))
    version: Mapped[int]
    assignee: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None] = mapped_column(Utc)
    offence_id: Mapped[str | None] = mapped_column(String(64))
    offence: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    amount_vnd: Mapped[int | None]
    unit: Mapped[str] = mapped_column(String(16))
    confirmed_by: Mapped[str | None] = mapped_column(String(64))
    last_actor: Mapped[str | None] = mapped_column(String(64))


LAW_COLUMNS = frozenset({"offence_id", "offence", "amount_vnd", "unit", "confirmed_by", "duplicate_of"})
"""Columns whose hash every decision carries, so that a change behind its back is found."""
CHANGING = LAW_COLUMNS | {"state", "state_at", "decided_at", "version", "assignee", "claimed_until", "last_actor"}
"""Columns that decisions and claims move; all others are fixed when the case is opened."""
