"""Append-only logs whose rows hash the row before: adding a row, and finding what was altered.

A row's hash covers all its columns but `hash` itself. `append` must run inside `write_transaction`.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from cases.canonical import sha256_of, utc_text
from cases.records import Access, ChainHead, Decision, LedgerEntry, Record
from cases.records.base import HASHED_WHEN_SET
from cases.spelling import misspelt

Link = Decision | Access | LedgerEntry
LinkT = TypeVar("LinkT", bound=Link)
RecordT = TypeVar("RecordT", bound=Record)
LOGS: tuple[type[Decision], type[Access], type[LedgerEntry]] = (Decision, Access, LedgerEntry)
"""Every chained log."""
START = "0" * 64
CHUNK_ROWS = 1000
UNREADABLE = (LookupError, ValueError, TypeError, OperationalError)
"""What reading a row raises when somebody wrote a code, a time, JSON or bytes into it that we never write."""


def lock_log(session: Session, log: type[Link]) -> ChainHead:
    """Keep all others from adding to a log until the transaction ends; its head as it stands."""
    return session.get_one(ChainHead, log.__tablename__, with_for_update=True, populate_existing=True)


def append(session: Session, link: Link) -> None:
    """Number, chain and add a row; the log's head stays locked until the transaction ends."""
    head = lock_log(session, type(link))
    link.seq, link.previous_hash = head.seq + 1, head.hash
    link.hash = link_hash(link)
    head.seq, head.hash = link.seq, link.hash
    session.add(link)


def link_hash(link: Link) -> str:
    """SHA-256 of a row's columns without `hash`."""
    return columns_sha256(link, without=frozenset({"hash"}))


def columns_sha256(row: Record, *, without: frozenset[str] = frozenset()) -> str:
    """SHA-256 of a row's columns by name, in the canonical spelling, leaving some out."""
    later = _later_columns(type(row))
    names = [column.key for column in type(row).__mapper__.column_attrs if column.key not in without]
    values = {name: getattr(row, name) for name in names}
    return sha256_of({name: _plain(value) for name, value in values.items() if name not in later or value is not None})


@cache
def _later_columns(kind: type[Record]) -> frozenset[str]:
    """Columns that came after rows of a table were hashed; while empty they are no part of a hash."""
    marked = HASHED_WHEN_SET.keys()
    return frozenset(one.key for one in kind.__mapper__.column_attrs if marked <= one.columns[0].info.keys())


def _plain(value: Any) -> Any:
    """A column's value as JSON: times in UTC, bytes as their SHA-256."""
    if isinstance(value, datetime):
        return utc_text(value)
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value


def readable_or_none(session: Session, kind: type[RecordT], key: object) -> RecordT | None:
    """A row by its key; None when there is none, or when it holds what this software never writes.

    Raises:
        OperationalError: the database itself cannot be read.
    """
    try:
        return session.get(kind, key)
    except OperationalError as error:
        if "UTF-8" not in str(error.orig):
            raise
        return None
    except UNREADABLE:
        return None


def chain_faults(session: Session, log: type[LinkT]) -> list[str]:
    """What is wrong with a log, one sentence per fault, each naming the row; empty when it is whole."""
    faults: list[str] = []
    seq, previous = 0, START
    for found, link in _links(session, log):
        seq += 1
        where = f"{log.__tablename__} row {found}"
        if found != seq:
            faults.append(f"{where}: expected row {seq}; rows were removed or added")
            seq = found
        elif link is not None and link.previous_hash != previous:
            faults.append(f"{where} (case {link.case_id}): does not follow from the row before it")
        if link is None:
            faults.append(f"{where}: holds values this software never writes")
        elif link_hash(link) != link.hash:
            faults.append(f"{where} (case {link.case_id}): its content does not match its hash")
        previous = link.hash if link else ""
    head = readable_or_none(session, ChainHead, log.__tablename__)
    if head is None:
        faults.append(f"chain_heads row {log.__tablename__}: missing or unreadable")
    elif (head.seq, head.hash) != (seq, previous):
        faults.append(
            f"{log.__tablename__}: ends at row {seq} but row {head.seq} was written (chain_heads row "
            f"{log.__tablename__}); rows were removed"
        )
    return faults


def _links(session: Session, log: type[LinkT]) -> Iterator[tuple[int, LinkT | None]]:
    """All rows by number; None for a row that cannot even be read."""
    numbers = session.scalars(select(log.seq).order_by(log.seq)).all()
    for at in range(0, len(numbers), CHUNK_ROWS):
        chunk = numbers[at : at + CHUNK_ROWS]
        try:
            rows = {link.seq: link for link in session.scalars(select(log).where(log.seq.between(chunk[0], chunk[-1])))}
        except UNREADABLE:
            rows = {seq: link for seq in chunk if (link := readable_or_none(session, log, seq)) is not None}
        for wrong, _column in misspelt(session, list(rows.values())):
            rows.pop(wrong.seq, None)
        yield from ((seq, rows.get(seq)) for seq in chunk)
        session.expunge_all()
