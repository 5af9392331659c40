"""The append-only logs: decisions, and who saw which evidence.

Each row carries the hash of the row before it in its log; the database refuses to change or delete one (see
the migrations), and `cases.chain` finds what was done behind its back. `ChainHead` is the last row of each log.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cases.lifecycle import Action, State
from cases.records.base import Record, Utc, by_value


class Decision(Record):
    """What was decided about a case, by whom, why; row 1 of a case is its detection.

    Attributes:
        seq: running number over all cases, without gaps.
        actor: account name, or `system` for the detection.
        details: what belongs to the action: hash of the case's fixed columns, the case it duplicates.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        Index("ix_decisions_case", "case_id", "seq"),
        Index("ix_decisions_action", "action", "seq"),
        Index("ix_decisions_actor", "actor", "seq"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="RESTRICT"))
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[Action] = mapped_column(by_value(Action))
    from_state: Mapped[State | None] = mapped_column(by_value(State))
    to_state: Mapped[State] = mapped_column(by_value(State))
    reason: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Utc)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class Access(Record):
    """One reading of evidence: who, which item of which case, from where."""

    __tablename__ = "accesses"
    __table_args__ = (
        Index("ix_accesses_case", "case_id", "seq"),
        Index("ix_accesses_item", "item", "seq"),
        Index("ix_accesses_actor", "actor", "seq"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="RESTRICT"))
    actor: Mapped[str] = mapped_column(String(64))
    item: Mapped[str] = mapped_column(String(100))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Utc)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class ChainHead(Record):
    """The last row of one log; locked while a row is added, so numbers have no gaps and the chain no forks."""

    __tablename__ = "chain_heads"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
