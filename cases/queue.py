"""The queue: cases filtered, sorted and paged by keys, so page 1000 costs what page 1 costs.

A cursor is opaque to callers and names the last case of the page before. Counting stops at `COUNT_LIMIT`.
"""

import base64
import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from cases.actor import Actor
from cases.citizen.desk import count_waiting, waiting_cases
from cases.database import read_transaction
from cases.faults import BadQueryError
from cases.lifecycle import State, Track
from cases.notice.unsigned import unsigned_cases
from cases.records import BlindReview, Case
from cases.roles import READERS
from cases.second_look import has_looks, looked_at, masked
from detector.types import ViolationKind

COUNT_LIMIT = 10_000
PAGE_LIMIT = 200
FEW = 1000
"""Up to so many matches are put in order themselves."""
MAX_PARTS = 60
"""Above this many parts of state, ward and kind one query over all of them is cheaper."""
SOURCES = {Track.DEVICE: ("device",), Track.CITIZEN: ("community", "citizen")}


Row = TypeVarTuple("Row")


class Sort(StrEnum):
    """The orders a queue can be read in."""

    OLDEST = "oldest"
    NEWEST = "newest"
    SUREST = "surest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cases; None, empty and False mean any. `from_at` is included, `to_at` is not.

    `answers_waiting`: only those where nobody has dealt with what the owner answered. `unsigned`: only those with a
    paper that awaits the signature of who has the power. `duplicate_of`: only those joined to that case.
    """

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
    answers_waiting: bool = False
    unsigned: bool = False
    duplicate_of: str | None = None

    @property
    def of_decided(self) -> bool:
        """Whether it asks for what no case has that seems new, as one at a second look does."""
        return self.answers_waiting or self.unsigned or self.duplicate_of is not None

    @property
    def narrow(self) -> bool:
        """Whether it asks for something that few of all cases have."""
        return self.of_decided or (self.ward, self.camera_id, self.assignee) != (None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page; `total` counts all matches up to `COUNT_LIMIT`, `total_is_exact` says whether it stopped there.

    `answers_waiting` counts the owners' answers that wait in all cases the account sees, whatever the filter.
    """

    cases: list[Case]
    next_cursor: str | None
    total: int
    total_is_exact: bool
    answers_waiting: int


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
        raise BadQueryError(
            f"limit {limit}: expected 1 to {PAGE_LIMIT}", why="limit", typed=limit, allowed=[PAGE_LIMIT]
        )
    with read_transaction(sessions) as session:
        looks = has_looks(session, actor)
        hidden: list[ColumnElement[bool]] = [Case.id.not_in(looked_at(actor))] if looks else []
        conditions = _conditions(where, narrow=where.narrow or bool(actor.wards))
        matching = select(Case.id).where(*conditions, *_confinement(actor), *hidden)
        total = _count(session, matching)
        if total <= FEW:
            found = _few(session, matching, sort, cursor, limit + 1)
        else:
            found = _found(session, actor, where, sort, cursor, limit + 1, hidden)
        waiting = count_waiting(session, [*_confinement(actor), *hidden])
        if looks and not where.of_decided:
            shown = _shown(where, actor)
            rows = session.execute(_page(shown, sort, cursor).limit(limit + 1)).all()
            found = _sorted([*found, *(masked(row[0], row[1]) for row in rows)], sort)[: limit + 1]
            total += _count(session, shown.with_only_columns(Case.id))
    return Page(
        cases=found[:limit],
        next_cursor=_cursor(sort, found[limit - 1]) if len(found) > limit else None,
        total=min(total, COUNT_LIMIT),
        total_is_exact=total <= COUNT_LIMIT,
        answers_waiting=waiting,
    )


def _count(session: Session, matching: Select[str]) -> int:
    return session.scalar(select(func.count()).select_from(matching.limit(COUNT_LIMIT + 1).subquery())) or 0


def _few(session: Session, matching: Select[str], sort: Sort, cursor: str | None, limit: int) -> list[Case]:
    """The first rows of no more than `FEW`: those are found by what tells them apart, as they were to be counted, and
    put in order then; an index in that order would be walked to its end for them.
    """
    ids = matching.limit(FEW).subquery()
    return list(session.scalars(_page(select(Case).where(Case.id.in_(select(ids.c.id))), sort, cursor).limit(limit)))


def _shown(where: Filter, actor: Actor) -> Select[Case, BlindReview]:
    """Second looks of this officer that seem to match: what a filter asks of them is what is shown, not what is so."""
    look = BlindReview
    asked: list[ColumnElement[bool]] = [look.officer == actor.name, look.shown_state.is_not(None)]
    if where.states:
        asked.append(look.shown_state.in_([state.value for state in where.states]))
    if where.unit is not None:
        asked.append(look.shown_unit == where.unit)
    if where.assignee is not None:
        asked.append(look.shown_assignee == where.assignee)
    rest = replace(where, states=(), unit=None, assignee=None)
    query = select(Case, look).join(look, look.case_id == Case.id)
    return query.where(*asked, *_conditions(rest), *_confinement(actor))


def _found(
    session: Session,
    actor: Actor,
    where: Filter,
    sort: Sort,
    cursor: str | None,
    limit: int,
    hidden: list[ColumnElement[bool]],
) -> list[Case]:
    """The first rows in order.

    Each state, ward and kind is an index of its own in the order asked for; first rows are read one by one and merged,
    so that few open cases among a million closed ones are found without walking past those.
    """
    narrow = where.narrow or bool(actor.wards)
    rest = [*_conditions(replace(where, states=(), ward=None, kinds=()), narrow=narrow), *hidden]
    wards = (where.ward,) if where.ward is not None else actor.wards or (None,)
    split = bool(where.kinds) or wards != (None,)  # those indexes are in order within a state only
    states = tuple(dict.fromkeys(where.states)) or (tuple(State) if split else (None,))
    parts = list(product(states, wards, tuple(dict.fromkeys(where.kinds)) or (None,)))
    if len(parts) > MAX_PARTS:
        conditions = [*_conditions(where), *_confinement(actor), *hidden]
        return list(session.scalars(_page(select(Case).where(*conditions), sort, cursor).limit(limit)))
    found: list[Case] = []
    for state, ward, kind in parts:
        here = [Case.state == state] if state is not None else []
        here += [Case.ward == ward] if ward is not None else []
        here += [Case.kind == kind] if kind is not None else []
        found += session.scalars(_page(select(Case).where(*here, *rest), sort, cursor).limit(limit))
    return _sorted([case for case in found if actor.sees(case.ward)], sort)[:limit]


def _sorted(cases: list[Case], sort: Sort) -> list[Case]:
    return sorted(cases, key=lambda case: (getattr(case, _key(sort).key), case.id), reverse=sort is not Sort.OLDEST)


def _conditions(where: Filter, *, narrow: bool = False) -> list[ColumnElement[bool]]:
    """What the rows must be; `narrow`: other conditions leave so few that kind, unit and track are better looked at in
    the rows: SQLite, which keeps no figures of them, would else read a large part of all cases by one of their indexes.
    """
    kind, source = (_unindexed(one) if narrow else one for one in (Case.kind, Case.source_kind))
    apart = narrow or bool(where.states or where.kinds or where.track or where.min_confidence)
    unit = _unindexed(Case.unit) if apart else Case.unit
    conditions: list[ColumnElement[bool]] = []
    if where.states:
        conditions.append(Case.state.in_(where.states))
    if where.kinds:
        conditions.append(kind.in_(where.kinds))
    if where.from_at is not None:
        conditions.append(Case.queue_at >= where.from_at)
    if where.to_at is not None:
        conditions.append(Case.queue_at < where.to_at)
    if where.min_confidence is not None:
        conditions.append(Case.confidence >= where.min_confidence)
    if where.track is not None:
        conditions.append(source.in_(SOURCES[where.track]))
    if where.answers_waiting:
        conditions.append(Case.id.in_(waiting_cases()))
    if where.unsigned:
        conditions.append(Case.id.in_(unsigned_cases()))
    equals = (
        (unit, where.unit),
        (Case.ward, where.ward),
        (Case.camera_id, where.camera_id),
        (Case.assignee, where.assignee),
        (Case.duplicate_of, where.duplicate_of),
    )
    return conditions + [column == value for column, value in equals if value is not None]


def _unindexed(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A column that is never null, as an expression no index is on."""
    return func.coalesce(column, literal_column("''"))


def _confinement(actor: Actor) -> list[ColumnElement[bool]]:
    return [Case.ward.in_(actor.wards)] if actor.wards else []


def _key(sort: Sort) -> InstrumentedAttribute[Any]:
    return Case.confidence if sort is Sort.SUREST else Case.queue_at


def _page(query: Select[*Row], sort: Sort, cursor: str | None) -> Select[*Row]:
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
    told = f"cursor {cursor!r:.60}: not one of a queue sorted by {sort}; start at page one"
    return BadQueryError(told, why="cursor", typed=f"{cursor:.60}")
