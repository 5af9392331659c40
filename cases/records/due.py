"""Clocks that run on a case; written by `cases.deadlines` in the transaction of the move that starts or ends them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cases.records.base import Record, Utc


class Due(Record):
    """One running or ended clock.

    Attributes:
        code: its row in the table of deadlines.
        started_at: what it is counted from; warn_at, due_at: when it presses, when it has run out.
        started_version, ended_version: the case's version after the move that started and ended it.
        running: False once ended.
    """

    __tablename__ = "deadlines"
    __table_args__ = (
        Index("ix_deadlines_running", "running", "due_at", "id"),
        Index("ix_deadlines_ward", "running", "ward", "due_at", "id"),
        Index("ix_deadlines_case", "case_id", "running"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="RESTRICT"))
    code: Mapped[str] = mapped_column(String(32))
    ward: Mapped[str] = mapped_column(String(100))
    started_at: Mapped[datetime] = mapped_column(Utc)
    warn_at: Mapped[datetime] = mapped_column(Utc)
    due_at: Mapped[datetime] = mapped_column(Utc)
    started_version: Mapped[int]
    ended_version: Mapped[int | None]
    running: Mapped[bool]
