"""Changes of the law table: proposed by one administrator, approved or refused by another, never rewritten."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cases.records.base import Record, Utc


class LawChange(Record):
    """One proposed row of the law table; `status` is proposed, approved or refused.

    Attributes:
        offence_id: the row it adds or replaces.
        content: the row as the table writes it.
        source: the instrument or resolution it rests on.
    """

    __tablename__ = "law_changes"
    __table_args__ = (Index("ix_law_changes_status", "status", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    offence_id: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_at: Mapped[datetime] = mapped_column(Utc)
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(Utc)
    decision_note: Mapped[str] = mapped_column(Text)
