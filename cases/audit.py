"""The logs across all cases: who decided what, who read which evidence; for commanders and auditors."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.database import read_transaction
from cases.records import Access, Case, Decision, LedgerEntry
from cases.roles import OVERSEERS

RowT = TypeVar("RowT", Decision, Access, LedgerEntry)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """Which rows; None means any. `from_at` is included, `to_at` is not; `before` pages back by row number."""

    actor: str | None = None
    case_id: str | None = None
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
