"""What citizens send: reports of what they saw, and answers to a notice, with what officers did about them.

Reporters are confidential: only officers of the ward and the auditor see a report; nobody but they sees who sent it.
Row hashes go into the ledger whenever a row is written.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cases.records.base import Record, Utc, by_value


class ReportState(StrEnum):
    """Where a citizen's report stands."""

    RECEIVED = "RECEIVED"
    PROCESSED = "PROCESSED"
    CLOSED = "CLOSED"


class AnswerKind(StrEnum):
    """What an owner says to a notice, or, by `complaint`, to the decision that followed it."""

    ACCEPT = "accept"
    NOT_DRIVER = "not_driver"
    EXPLAIN = "explain"
    DISPUTE = "dispute"
    COMPLAINT = "complaint"


class Dealing(StrEnum):
    """What came of an answer; `moved` is the system's: the answer itself moved the case."""

    NOTED = "noted"
    DRIVER_FOUND = "driver_found"
    CORRECTED = "corrected"
    UNFOUNDED = "unfounded"
    OTHER = "other"
    MOVED = "moved"


class CitizenReport(Record):
    """One report; `media` lists its files by name, type, size and SHA-256; `cases` the cases it led to."""

    __tablename__ = "citizen_reports"
    __table_args__ = (
        Index("ix_citizen_reports_state", "state", "received_at", "id"),
        Index("ix_citizen_reports_ward", "ward", "received_at"),
    )

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    code_sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(Utc)
    occurred_at: Mapped[datetime] = mapped_column(Utc)
    place: Mapped[str] = mapped_column(String(300))
    ward: Mapped[str] = mapped_column(String(100))
    what: Mapped[str] = mapped_column(String(32))
    description: Mapped[str] = mapped_column(Text)
    reporter: Mapped[str] = mapped_column(String(200))
    contact: Mapped[str] = mapped_column(String(200))
    media: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    state: Mapped[ReportState] = mapped_column(by_value(ReportState))
    cases: Mapped[list[str]] = mapped_column(JSON)
    outcome: Mapped[str] = mapped_column(Text)
    handled_by: Mapped[str | None] = mapped_column(String(64))
    handled_at: Mapped[datetime | None] = mapped_column(Utc)


class CitizenAnswer(Record):
    """What an owner answered to a notice, and the officer's reply."""

    __tablename__ = "citizen_answers"
    __table_args__ = (Index("ix_citizen_answers_case", "case_id", "at"), Index("ix_citizen_answers_open", "replied_at"))

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id", ondelete="RESTRICT"))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="RESTRICT"))
    kind: Mapped[AnswerKind] = mapped_column(by_value(AnswerKind))
    text: Mapped[str] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Utc)
    reply: Mapped[str | None] = mapped_column(Text)
    replied_by: Mapped[str | None] = mapped_column(String(64))
    replied_at: Mapped[datetime | None] = mapped_column(Utc)


class AnswerTask(Record):
    """That somebody must deal with an answer, and what was done; it waits while `dealt_at` is None.

    A table beside the answers: an answer's own row is hashed with all its columns, and stays as it was sealed.
    """

    __tablename__ = "answer_tasks"
    __table_args__ = (Index("ix_answer_tasks_open", "dealt_at", "case_id"), Index("ix_answer_tasks_case", "case_id"))

    answer_id: Mapped[str] = mapped_column(ForeignKey("citizen_answers.id", ondelete="RESTRICT"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="RESTRICT"))
    kind: Mapped[AnswerKind] = mapped_column(by_value(AnswerKind))
    dealing: Mapped[Dealing | None] = mapped_column(by_value(Dealing))
    note: Mapped[str] = mapped_column(Text)
    dealt_by: Mapped[str | None] = mapped_column(String(64))
    dealt_at: Mapped[datetime | None] = mapped_column(Utc)
