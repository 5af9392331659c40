"""The queue: cases filtered, sorted and paged by keys, so page 1000 costs what page 1 costs.

A cursor is opaque to callers and names the last case of the page before. Counting stops at `COUNT_LIMIT`.
"""

import base64
import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from cases.actor import Actor
from cases.blind import SHOWN_S, masked, open_reviews
from cases.database import read_transaction
from cases.faults import BadQueryError
from cases.lifecycle import State, Track
from cases.records import Case
from cases.roles import READERS
from detector.types import ViolationKind

COUNT_LIMIT = 10_000
PAGE_LIMIT = 200
MAX_PARTS = 60
"""Above this many pairs of state and ward one query over all of them is cheaper."""


class Sort(StrEnum):
    """The orders a queue can be read in."""

    OLDEST = "oldest"
    NEWEST = "newest"
    SUREST = "surest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cases; None and empty mean any. `from_at` is included, `to_at` is not."""

    states: tuple[State, ...] = ()
    kinds: tuple[ViolationKind, ...] = ()
    ward: str | None = None
    camera_id: str | None = None
    unit: str | None = None
    track: Track | None = None
    assignee: str | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    min_confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page; `total` counts all matches up to `COUNT_LIMIT`, `total_is_exact` says whether it stopped there."""

    cases: list[Case]
    next_cursor: str | None
    total: int
    total_is_exact: bool


def list_cases(
    sessions: sessionmaker[Session],
    *,
    actor: Actor,
    where: Filter,
    sort: Sort = Sort.OLDEST,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """One page of the cases an account may see.

    Raises:
        BadQueryError: the cursor is not one of this sort order, or the page size is out of bounds.
        NotPermittedError: the role does not read cases.
    """
    actor.require(READERS, "the queue")
    if not 1 <= limit <= PAGE_LIMIT:
        raise BadQueryError(f"limit {limit}: expected 1 to {PAGE_LIMIT}")
    conditions = [*_conditions(where), *_confinement(actor)]
    with read_transaction(sessions) as session:
        found = _found(session, actor, where, sort, cursor, limit + 1)
        looks = {look.case_id: look for look in open_reviews(session, actor)}
        shown = [
            masked(session, case, looks[case.id], lease_s=SHOWN_S) if case.id in looks else case
            for case in found[:limit]
        ]
        counted = select(Case.id).where(*conditions).limit(COUNT_LIMIT + 1).subquery()
        total = session.scalar(select(func.count()).select_from(counted)) or 0
    return Page(
        cases=shown,
        next_cursor=_cursor(sort, found[limit - 1]) if len(found) > limit else None,
        total=min(total, COUNT_LIMIT),
        total_is_exact=total <= COUNT_LIMIT,
    )


def _found(session: Session, actor: Actor, where: Filter, sort: Sort, cursor: str | None, limit: int) -> list[Case]:
    """The first rows in order.

    Each state and ward is an index of its own in the order asked for; their first rows are read one by one and merged,
    so that few open cases among a million closed ones are found without walking past those.
    """
    rest = _conditions(replace(where, states=(), ward=None))
    wards = (where.ward,) if where.ward is not None else actor.wards or (None,)
    parts = [(state, ward) for state in dict.fromkeys(where.states) or (None,) for ward in wards]
    if len(parts) > MAX_PARTS:
        conditions = [*_conditions(where), *_confinement(actor)]
        return list(session.scalars(_page(select(Case).where(*conditions), sort, cursor).limit(limit)))
    found: list[Case] = []
    for state, ward in parts:
        here = [Case.state == state] if state is not None else []
        here += [Case.ward == ward] if ward is not None else []
        found += session.scalars(_page(select(Case).where(*here, *rest), sort, cursor).limit(limit))
    seen = [case for case in found if actor.sees(case.ward)]
    seen.sort(key=lambda case: (getattr(case, _key(sort).key), case.id), reverse=sort is not Sort.OLDEST)
    return seen[:limit]


def _conditions(where: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if where.states:
        conditions.append(Case.state.in_(where.states))
    if where.kinds:
        conditions.append(Case.kind.in_(where.kinds))
    if where.from_at is not None:
        conditions.append(Case.queue_at >= where.from_at)
    if where.to_at is not None:
        conditions.append(Case.queue_at < where.to_at)
    if where.min_confidence is not None:
        conditions.append(Case.confidence >= where.min_confidence)
    if where.track is not None:
        device = Case.source_kind == Track.DEVICE.value
        conditions.append(device if where.track is Track.DEVICE else ~device)
    equals = (
        (Case.unit, where.unit),
        (Case.ward, where.ward),
        (Case.camera_id, where.camera_id),
        (Case.assignee, where.assignee),
    )
    return conditions + [column == value for column, value in equals if value is not None]


def _confinement(actor: Actor) -> list[ColumnElement[bool]]:
    return [Case.ward.in_(actor.wards)] if actor.wards else []


def _key(sort: Sort) -> InstrumentedAttribute[Any]:
    return Case.confidence if sort is Sort.SUREST else Case.queue_at


def _page(query: Select[Case], sort: Sort, cursor: str | None) -> Select[Case]:
    key = _key(sort)
    if cursor is not None:
        value, case_id = _read_cursor(sort, cursor)
        here, last = tuple_(key, Case.id), tuple_(literal(value, key.type), literal(case_id))
        query = query.where(here > last if sort is Sort.OLDEST else here < last)
    order = (key.asc(), Case.id.asc()) if sort is Sort.OLDEST else (key.desc(), Case.id.desc())
    return query.order_by(*order)


def _cursor(sort: Sort, last: Case) -> str:
    value = last.confidence if sort is Sort.SUREST else last.queue_at.isoformat()
    return base64.urlsafe_b64encode(json.dumps([sort, value, last.id]).encode()).decode().rstrip("=")


def _read_cursor(sort: Sort, cursor: str) -> tuple[float | datetime, str]:
    try:
        order, value, case_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place = float(value) if sort is Sort.SUREST else datetime.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise _bad_cursor(sort, cursor) from error
    if (
        order != sort
        or not isinstance(case_id, str)
        or not case_id.isprintable()
        or (isinstance(place, datetime) and place.tzinfo is None)
    ):
        raise _bad_cursor(sort, cursor)
    return place, case_id


def _bad_cursor(sort: Sort, cursor: str) -> BadQueryError:
    return BadQueryError(f"cursor {cursor!r:.60}: not one of a queue sorted by {sort}; start at page one")
