"""The third append-only log: everything that is done besides decisions and views.

Exports, legal holds, deletions (tombstones), anchors, key changes, tokens, answers known beforehand and second looks,
and the hash of each row of a table whose rows must not change unseen (papers, citizens' reports and answers, accounts,
changes of the law table, scenes), and that the clock was right at a sweep. Chained and guarded like the other two logs.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cases.records.base import Record, Utc, by_value


class EntryKind(StrEnum):
    """What an entry of the ledger tells."""

    ANCHOR = "anchor"
    STAMP = "stamp"
    EXPORT = "export"
    HOLD = "hold"
    RELEASE = "release"
    TOMBSTONE = "tombstone"
    KEY = "key"
    NOTICE = "notice"
    DELIVERY = "delivery"
    REPORT = "report"
    ANSWER = "answer"
    ANSWER_TASK = "answer_task"
    LOOKUP = "lookup"
    SCENE = "scene"
    PLATE = "plate"
    PLATE_SEARCH = "plate_search"
    ACCOUNT = "account"
    TOKEN = "token"
    LAW = "law"
    REVIEW = "review"
    CLOCK = "clock"


class LedgerEntry(Record):
    """One entry; `details` carries what belongs to its kind, `case_id` is None where it concerns no single case."""

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ix_ledger_case", "case_id", "seq"),
        Index("ix_ledger_kind", "kind", "seq"),
        Index("ix_ledger_actor", "actor", "seq"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[EntryKind] = mapped_column(by_value(EntryKind))
    case_id: Mapped[str | None] = mapped_column(String(24))
    actor: Mapped[str] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Utc)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
