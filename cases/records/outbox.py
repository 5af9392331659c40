"""Events for the outside world, written in the transaction that made them true and delivered at least once."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cases.records.base import Record, Utc


class OutboxEvent(Record):
    """One event; `delivered_at` stays None until a receiver has acknowledged it."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_delivered", "delivered_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[str] = mapped_column(String(24))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Utc)
    delivered_at: Mapped[datetime | None] = mapped_column(Utc)
