"""The logs across all cases: who decided what, who read which evidence; for commanders and auditors."""

import csv
import json
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, String, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from cases.actor import Actor
from cases.canonical import utc_text
from cases.database import read_transaction
from cases.faults import BadQueryError
from cases.records import Access, Case, Decision, LedgerEntry, Record
from cases.roles import OVERSEERS

MOST_ROWS = 50_000
"""Of one file."""
RowT = TypeVar("RowT", Decision, Access, LedgerEntry)


_DONE: dict[type[Record], InstrumentedAttribute[Any]] = {
    Decision: Decision.action,
    Access: Access.item,
    LedgerEntry: LedgerEntry.kind,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """Which rows; None means any. `from_at` is included, `to_at` is not; `before` pages back by row number.

    `action` is what was done: a decision's action, the item or view of a reading, the kind of a ledger entry.
    """

    actor: str | None = None
    case_id: str | None = None
    action: str | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    before: int | None = None


def read_log(
    sessions: sessionmaker[Session], log: type[RowT], *, actor: Actor, where: LogFilter, limit: int
) -> list[RowT]:
    """Rows of a log, newest first; an account confined to wards sees those about its own cases only.

    Raises:
        NotPermittedError: neither commander nor auditor.
    """
    actor.require(OVERSEERS, "the logs")
    conditions: list[ColumnElement[bool]] = []
    if where.actor is not None:
        conditions.append(log.actor == where.actor)
    if where.case_id is not None:
        conditions.append(log.case_id == where.case_id)
    if where.action is not None:
        conditions.append(type_coerce(_DONE[log], String) == where.action)
    if where.from_at is not None:
        conditions.append(log.at >= where.from_at)
    if where.to_at is not None:
        conditions.append(log.at < where.to_at)
    if where.before is not None:
        conditions.append(log.seq < where.before)
    query = select(log).where(*conditions)
    if actor.wards:
        query = query.join(Case, Case.id == log.case_id).where(Case.ward.in_(actor.wards))
    with read_transaction(sessions) as session:
        return list(session.scalars(query.order_by(log.seq.desc()).limit(limit)))


def log_file(sessions: sessionmaker[Session], log: type[RowT], *, actor: Actor, where: LogFilter) -> bytes:
    """All rows that fit as CSV: every column with its hash, times in UTC, details as JSON.

    Raises:
        BadQueryError: more than `MOST_ROWS` fit. NotPermittedError: as `read_log`.
    """
    rows = read_log(sessions, log, actor=actor, where=where, limit=MOST_ROWS + 1)
    if len(rows) > MOST_ROWS:
        raise BadQueryError(f"rows: more than {MOST_ROWS} fit; ask for fewer days, one case or one account")
    names = [column.key for column in log.__mapper__.column_attrs]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in names])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: Any) -> str:
    """As a spreadsheet takes it; a leading = + - @ gets a quote so that no cell is a formula."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return utc_text(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
