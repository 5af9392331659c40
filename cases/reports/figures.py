"""Counting: cases of a period by ward, street, camera, kind and outcome, beside two other periods.

A case belongs to the day of its act (of its opening where no date is known). The outcome of a closed case is the one
it had before it was closed. Plates are those officers wrote on notices; nobody else's plate is counted.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.database import read_transaction
from cases.lifecycle import REVIEWING, Action, State
from cases.records import BlindReview, Case, CitizenReport, Decision, Notice, ReportState
from cases.reports.period import SIDES, Period, Side
from cases.roles import READERS
from cases.second_look import has_looks, looked_at
from detector.plates.grammar import shown

REPEATED = 2
MOST_PLATES = 200


class Outcome(StrEnum):
    """What became of a case, as reports tell it."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    SANCTIONED = "sanctioned"
    PAID = "paid"
    REMINDED = "reminded"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    EXPIRED = "expired"
    ANNULLED = "annulled"


S = State
OUTCOMES: dict[State, Outcome] = {
    **dict.fromkeys(State, Outcome.CONFIRMED),
    **dict.fromkeys(REVIEWING, Outcome.PENDING),
    **dict.fromkeys((S.DECIDED, S.SERVED, S.FORCE, S.APPEAL), Outcome.SANCTIONED),
    S.PAID: Outcome.PAID,
    S.REMIND: Outcome.REMINDED,
    S.REJECTED: Outcome.REJECTED,
    S.DUP: Outcome.DUPLICATE,
    S.EXPIRED: Outcome.EXPIRED,
    S.CLOSED: Outcome.ANNULLED,
}
"""A closed case counts by the state it was closed in; one that no `close` closed was annulled."""
DIMENSIONS = {"ward": Case.ward, "street": Case.camera_name, "camera": Case.camera_id, "kind": Case.kind}
Triple = dict[Side, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A plate with several notices in the period, also as papers print it."""

    plate: str
    plate_shown: str
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A report's numbers; every count three times: now, the same days last year, the days just before.

    Attributes:
        by: dimension -> value -> counts; `outcome` is one of them.
        reports, reports_handled: citizens' reports received, and how many of them were dealt with.
        repeats: plates with at least two notices in the period itself, most first.
    """

    periods: dict[Side, Period]
    total: Triple
    by: dict[str, dict[str, Triple]]
    reports: Triple
    reports_handled: Triple
    repeats: list[Repeat]


def figures(sessions: sessionmaker[Session], *, actor: Actor, period: Period) -> Figures:
    """The numbers of one report, of the wards the account may see.

    Raises:
        NotPermittedError: the role does not read cases.
    """
    actor.require(READERS, "reports")
    return count(sessions, period=period, wards=actor.wards, seen_by=actor)


def count(
    sessions: sessionmaker[Session], *, period: Period, wards: tuple[str, ...] = (), seen_by: Actor | None = None
) -> Figures:
    """The numbers of one report, of some wards or of all; outcomes as an officer of second looks is to see them."""
    periods = period.beside()
    by: dict[str, dict[str, Triple]] = {name: {} for name in (*DIMENSIONS, "outcome")}
    reports, handled = _zero(), _zero()
    with read_transaction(sessions) as session:
        for side, span in periods.items():
            for name, column in DIMENSIONS.items():
                _merge(by[name], side, {str(row[0]): row[1] for row in session.execute(_grouped(column, span, wards))})
            _merge(by["outcome"], side, _outcomes(session, span, wards, seen_by))
            reports[side], handled[side] = _reports(session, span, wards)
        repeats = _repeats(session, period, wards)
    total: Triple = {side: sum(counts[side] for counts in by["kind"].values()) for side in SIDES}
    return Figures(periods=periods, total=total, by=by, reports=reports, reports_handled=handled, repeats=repeats)


def change_percent(now: int, then: int) -> float | None:
    """By how many percent `now` is above `then`; None where there was nothing to compare with."""
    return None if then == 0 else round(100 * (now - then) / then, 1)


def _zero() -> Triple:
    return dict.fromkeys(SIDES, 0)


def _merge(into: dict[str, Triple], side: Side, counts: Mapping[str, int]) -> None:
    for value, number in counts.items():
        into.setdefault(value, _zero())[side] += number


def _within(span: Period, wards: tuple[str, ...]) -> list[ColumnElement[bool]]:
    conditions = [Case.queue_at >= span.from_at, Case.queue_at < span.to_at]
    return [*conditions, Case.ward.in_(wards)] if wards else conditions


def _grouped(column: Any, span: Period, wards: tuple[str, ...]) -> Select[Any, int]:
    return select(column, func.count()).where(*_within(span, wards)).group_by(column)


def _outcomes(session: Session, span: Period, wards: tuple[str, ...], seen_by: Actor | None) -> Counter[str]:
    last_close = (
        select(Decision.case_id, func.max(Decision.seq).label("seq"))
        .where(Decision.action == Action.CLOSE)
        .group_by(Decision.case_id)
        .subquery()
    )
    closed = select(Decision.case_id, Decision.from_state).join(last_close, Decision.seq == last_close.c.seq).subquery()
    state = case((Case.state == State.CLOSED, closed.c.from_state), else_=Case.state)
    query = (
        select(state, func.count())
        .select_from(Case)
        .outerjoin(closed, closed.c.case_id == Case.id)
        .where(*_within(span, wards))
        .group_by(state)
    )
    shown = None
    if seen_by is not None and has_looks(session, seen_by):
        query = query.where(Case.id.not_in(looked_at(seen_by)))
        mine = select(BlindReview.shown_state, func.count()).join(Case, Case.id == BlindReview.case_id)
        shown = mine.where(BlindReview.officer == seen_by.name, BlindReview.shown_state.is_not(None))
        shown = shown.where(*_within(span, wards)).group_by(BlindReview.shown_state)
    counts: Counter[str] = Counter()
    for value, number in [*session.execute(query), *(session.execute(shown) if shown is not None else ())]:
        counts[OUTCOMES[State(value or State.CLOSED)].value] += number
    return counts


def _reports(session: Session, span: Period, wards: tuple[str, ...]) -> tuple[int, int]:
    within = [CitizenReport.received_at >= span.from_at, CitizenReport.received_at < span.to_at]
    if wards:
        within.append(CitizenReport.ward.in_(wards))
    by_state = select(CitizenReport.state, func.count()).where(*within).group_by(CitizenReport.state)
    counts = {row[0]: row[1] for row in session.execute(by_state)}
    return sum(counts.values()), counts.get(ReportState.CLOSED, 0)


def _repeats(session: Session, span: Period, wards: tuple[str, ...]) -> list[Repeat]:
    number = func.count(func.distinct(Notice.case_id))
    query = (
        select(Notice.plate, func.max(Notice.fields["plate_shown"].as_string()), number)
        .join(Case, Case.id == Notice.case_id)
        .where(Notice.plate != "", *_within(span, wards))
        .group_by(Notice.plate)
        .having(number >= REPEATED)
        .order_by(number.desc(), Notice.plate)
        .limit(MOST_PLATES)
    )
    found = session.execute(query)
    return [Repeat(plate=plate, plate_shown=told or shown(plate), cases=cases) for plate, told, cases in found]
