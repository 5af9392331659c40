"""What keeps review honest: second looks that the officer cannot tell from new cases, and answers known beforehand."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cases.records.base import Record, Utc


class BlindReview(Record):
    """A decided case shown again as if it were new; its answer moves nothing.

    Attributes:
        purpose: `repeat` (another officer judged it before) or `known` (the right answer is known).
        first_officer, first_verdict: whose judgement it is compared with; `known` and its answer for known ones.
        officer: who was given it, None while it waits; `done_at` None until answered.
        verdict: violation, no_violation, reminder or cannot_tell; none for a duplicate, which is not compared.
        shown, steps: what the officer sees instead of the case's changing columns, and the officer's own steps.
        shown_state, shown_unit, shown_assignee, held_until: of `shown`, for filters; state None until it is given.
    """

    __tablename__ = "blind_reviews"
    __table_args__ = (
        Index("ix_blind_reviews_waiting", "officer", "purpose", "id"),
        Index("ix_blind_reviews_case", "case_id", "officer"),
        Index("ix_blind_reviews_done", "done_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="RESTRICT"))
    purpose: Mapped[str] = mapped_column(String(8))
    ward: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(32))
    first_officer: Mapped[str] = mapped_column(String(64))
    first_verdict: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime] = mapped_column(Utc)
    officer: Mapped[str | None] = mapped_column(String(64))
    given_at: Mapped[datetime | None] = mapped_column(Utc)
    verdict: Mapped[str | None] = mapped_column(String(16))
    action: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    done_at: Mapped[datetime | None] = mapped_column(Utc)
    shown: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    shown_state: Mapped[str | None] = mapped_column(String(32))
    shown_unit: Mapped[str | None] = mapped_column(String(16))
    shown_assignee: Mapped[str | None] = mapped_column(String(64))
    held_until: Mapped[datetime | None] = mapped_column(Utc)


class KnownAnswer(Record):
    """A case whose right answer a commander has laid down, to be shown now and then as if it were new."""

    __tablename__ = "known_answers"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="RESTRICT"), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(16))
    set_by: Mapped[str] = mapped_column(String(64))
    set_at: Mapped[datetime] = mapped_column(Utc)
    note: Mapped[str] = mapped_column(Text)
