"""What a change of the law table brings, told to whoever approves it: the ranges it gives, and what to be warned of.

In: a proposed row and the row it replaces. Out: the range for organisations, also where it is only worked out,
and warnings: its first day is over, decisions were taken already on acts of its days, which keep their stamp, or it was
written by earlier software and does not fit the rules of today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, aliased

from cases.calendar import HANOI
from cases.faults import BadChangeError
from cases.law.changes import fitting
from cases.law.table import Offence, seed_table
from cases.lifecycle import Action
from cases.records import Case, Decision, LawChange

COUNTED_MOST = 1000
"""Decisions that are counted; that there are more is said."""
WarningCode = Literal["from_past", "acts_decided", "acts_decided_more", "unfit"]
Range = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """One warning; `day` is the row's first (unfit: when proposed), `cases` how many decisions stand (0: not asked)."""

    code: WarningCode
    day: date
    cases: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """What a change brings.

    Attributes:
        organisation_vnd, organisation_before_vnd: range for organisations; None where a row binds individuals only, is
            unfit, and before a new row.
        organisation_own: the row states that range itself; else it is worked out from the individual's.
        warnings: of a change that is not decided yet; that it is unfit also later.
    """

    organisation_vnd: Range | None
    organisation_before_vnd: Range | None
    organisation_own: bool
    warnings: tuple[Warned, ...]


def consequences(
    session: Session, changes: Sequence[LawChange], before: Mapping[int, dict[str, Any] | None], *, now: datetime
) -> dict[int, Consequences]:
    """Of each change, by its id; `before` are the rows they take or took the place of."""
    return {change.id: _of(session, change, before.get(change.id), now) for change in changes}


def _of(session: Session, change: LawChange, before: dict[str, Any] | None, now: datetime) -> Consequences:
    table, row, replaced = seed_table(), _read(change.content), _read(before)
    if row is None:
        told = Warned(code="unfit", day=change.proposed_at.astimezone(HANOI).date())
        return Consequences(
            organisation_vnd=None,
            organisation_before_vnd=table.range_vnd(replaced, organisation=True) if replaced else None,
            organisation_own=False,
            warnings=(told,),
        )
    return Consequences(
        organisation_vnd=table.range_vnd(row, organisation=True),
        organisation_before_vnd=table.range_vnd(replaced, organisation=True) if replaced else None,
        organisation_own=row.organisation_vnd is not None,
        warnings=_warnings(session, row, now) if change.status == "proposed" else (),
    )


def _read(content: dict[str, Any] | None) -> Offence | None:
    """A row; None where there is none, or none that fits the rules of today."""
    try:
        return fitting(content) if content is not None else None
    except BadChangeError:
        return None


def _warnings(session: Session, row: Offence, now: datetime) -> tuple[Warned, ...]:
    if row.from_ >= now.astimezone(HANOI).date():
        return ()
    past = Warned(code="from_past", day=row.from_)
    number = _decided(session, row)
    if not number:
        return (past,)
    code: WarningCode = "acts_decided_more" if number > COUNTED_MOST else "acts_decided"
    return past, Warned(code=code, day=row.from_, cases=min(number, COUNTED_MOST))


def _decided(session: Session, row: Offence) -> int:
    """Decisions that stand on acts of the row's kinds and vehicles within its days; one beyond the most at most."""
    issued, annulled = aliased(Decision), aliased(Decision)
    gone = select(annulled.seq).where(annulled.case_id == Case.id, annulled.action == Action.ANNUL).exists()
    at = func.coalesce(Case.occurred_at, Case.opened_at)
    vehicle = Case.vehicle.in_(row.vehicles) if row.vehicles else true()
    until = at < _midnight(row.to + timedelta(days=1)) if row.to is not None else true()
    found = (
        select(issued.seq)
        .join(Case, Case.id == issued.case_id)
        .where(
            issued.action == Action.ISSUE, Case.kind.in_(row.kinds), vehicle, at >= _midnight(row.from_), until, ~gone
        )
        .limit(COUNTED_MOST + 1)
    )
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HANOI)
