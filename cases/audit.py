"""The logs across all cases: who decided what, who read which evidence; for commanders and auditors."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from io import StringIO
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, String, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from cases.actor import Actor
from cases.canonical import utc_text
from cases.database import read_transaction, write_transaction
from cases.faults import BadQueryError
from cases.ledger import enter
from cases.records import Access, Case, Decision, EntryKind, LedgerEntry, Record
from cases.roles import OVERSEERS

MOST_ROWS = 50_000
"""Of one file."""
PIECE_ROWS = 1000
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
    with read_transaction(sessions) as session:
        return list(session.scalars(_fitting(log, actor, where).limit(limit)))


def log_file(
    sessions: sessionmaker[Session], log: type[RowT], *, actor: Actor, where: LogFilter, now: datetime
) -> Iterator[bytes]:
    """All rows that fit as CSV, in pieces: every column with its hash, times in UTC, details as JSON.

    That the file left is chained before its first piece is read; what is written to the log later is not in it.

    Raises:
        BadQueryError: more than `MOST_ROWS` fit. NotPermittedError: as `read_log`.
    """
    actor.require(OVERSEERS, "the logs")
    with write_transaction(sessions) as session:
        seqs = _fitting(log, actor, where).limit(MOST_ROWS + 1).with_only_columns(log.seq).subquery()
        count, newest = session.execute(select(func.count(), func.max(seqs.c.seq)).select_from(seqs)).one()
        if count > MOST_ROWS:
            cure = f"rows: more than {MOST_ROWS} fit; ask for fewer days, one case or one account"
            raise BadQueryError(cure, why="rows", allowed=[MOST_ROWS])
        told = {"what": f"audit:{log.__tablename__}", "filters": _told(where), "lines": count}
        enter(session, kind=EntryKind.EXPORT, actor=actor.name, at=now, **told)
    return _pieces(sessions, log, actor, replace(where, before=(newest or 0) + 1))


def _fitting(log: type[RowT], actor: Actor, where: LogFilter) -> Select[RowT]:
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
    query = select(log).where(*conditions).order_by(log.seq.desc())
    return query.join(Case, Case.id == log.case_id).where(Case.ward.in_(actor.wards)) if actor.wards else query


def _told(where: LogFilter) -> dict[str, Any]:
    """The filters that were given, as the ledger keeps them."""
    given = {name: value for name, value in asdict(where).items() if value is not None}
    return {name: utc_text(value) if isinstance(value, datetime) else value for name, value in given.items()}


def _pieces(sessions: sessionmaker[Session], log: type[RowT], actor: Actor, where: LogFilter) -> Iterator[bytes]:
    """The heading, then the rows a thousand at a time: between them others have their turn at the processor."""
    names = [column.key for column in log.__mapper__.column_attrs]
    yield b"\xef\xbb\xbf" + _lines([names])
    while rows := read_log(sessions, log, actor=actor, where=where, limit=PIECE_ROWS):
        yield _lines([_cell(getattr(row, name)) for name in names] for row in rows)
        where = replace(where, before=rows[-1].seq)


def _lines(rows: Iterable[list[str]]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    """As a spreadsheet takes it; a leading = + - @ gets a quote so that no cell is a formula."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return utc_text(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
