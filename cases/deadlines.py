"""The clocks of cases: started and ended by moves, shown before they run out, acted on when they have.

What clocks there are, what starts them and how long they run stands in `cases.lifecycle.DEADLINES`. A clock belongs to
the transaction of its move; undoing a move puts the clocks back too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, select, tuple_, update
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.calendar import WorkCalendar
from cases.database import read_transaction
from cases.lifecycle import DEADLINES, Action, Deadline, State, track_of
from cases.records import BlindReview, Case, Decision, Due
from cases.roles import READERS
from cases.second_look import has_looks, looked_at, masked
from cases.warning import to_be_lifted

MAX_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCase:
    """A running clock and its case."""

    due: Due
    case: Case


def turn_clocks(
    session: Session,
    case: Case,
    *,
    action: Action,
    reason: str | None,
    at: datetime,
    calendar: WorkCalendar,
    stands: State | None = None,
) -> None:
    """Start and end clocks after a move; the case already stands in its new state and version.

    `stands`: where the case stands beneath a complaint, whose clocks run on; None: where its state says.
    """
    stands = stands or case.state
    known = list(session.scalars(select(Due).where(Due.case_id == case.id)))
    to_lift = to_be_lifted(session, case.id, stands)
    if action is Action.UPHOLD:
        _resume(session, case, known, stands)
    running = {due.code: due for due in known if due.running}
    for due in running.values():
        if stands not in DEADLINES[due.code].runs_in or (DEADLINES[due.code].warned and not to_lift):
            _end(due, case)
    for deadline in DEADLINES.values():
        if deadline.warned and not to_lift:
            continue
        if _starts(deadline, case, stands, action, reason, known):
            replaced = _replaced(deadline, running)
            start = replaced.started_at if replaced else _counted_from(deadline, case, at)
            for earlier in (replaced, running.get(deadline.code)):
                if earlier is not None:
                    _end(earlier, case)
            session.add(_clock(deadline, case, start, calendar))


def unwind(session: Session, case: Case, *, version: int) -> None:
    """Take back what the move that made this version did to the clocks."""
    session.execute(delete(Due).where(Due.case_id == case.id, Due.started_version == version))
    ended = (Due.case_id == case.id, Due.ended_version == version)
    session.execute(update(Due).where(*ended).values(running=True, ended_version=None))


def clocks_of(session: Session, case_id: str) -> list[Due]:
    """The running clocks of a case, most pressing first."""
    query = select(Due).where(Due.case_id == case_id, Due.running)
    return list(session.scalars(query.order_by(Due.due_at, Due.id)))


def list_due(
    sessions: sessionmaker[Session],
    *,
    actor: Actor,
    now: datetime,
    code: str | None = None,
    pressing_only: bool = True,
    limit: int = 50,
    after: tuple[datetime, int] | None = None,
) -> list[DueCase]:
    """Running clocks of the cases an account sees, earliest end first, paged by `(due_at, id)` of the last one.

    Raises:
        NotPermittedError: the role does not read cases.
    """
    actor.require(READERS, "deadlines")
    where: list[ColumnElement[bool]] = []
    if actor.wards:
        where.append(Due.ward.in_(actor.wards))
    if code is not None:
        where.append(Due.code == code)
    if pressing_only:
        where.append(Due.warn_at <= now)
    if after is not None:
        where.append(tuple_(Due.due_at, Due.id) > after)
    most = min(limit, MAX_PAGE)
    query = select(Due, Case).join(Case, Case.id == Due.case_id)
    true = query.where(Due.running.is_(True), Due.case_id.not_in(looked_at(actor)), *where)
    with read_transaction(sessions) as session:
        rows = session.execute(true.order_by(Due.due_at, Due.id).limit(most))
        found = [DueCase(due=due, case=case) for due, case in rows]
        if has_looks(session, actor):
            shown = query.add_columns(BlindReview).join(BlindReview, BlindReview.case_id == Case.id)
            shown = shown.where(*_runs_as_shown(actor), *where).order_by(Due.due_at, Due.id).limit(most)
            found += [DueCase(due=row[0], case=masked(row[1], row[2])) for row in session.execute(shown)]
    return sorted(found, key=lambda one: (one.due.due_at, one.due.id))[:most]


def _runs_as_shown(actor: Actor) -> list[ColumnElement[bool]]:
    """Clocks of the first day that seem to run, of cases this officer has a second look at."""
    pairs = [(code, state.value) for code, deadline in DEADLINES.items() for state in deadline.runs_in]
    runs = tuple_(Due.code, BlindReview.shown_state).in_(pairs)
    return [BlindReview.officer == actor.name, Due.started_version == 1, runs]


def count_pressing(sessions: sessionmaker[Session], *, actor: Actor, now: datetime) -> dict[str, tuple[int, int]]:
    """Per clock, in the table's order: how many have run out and how many press; only those with any."""
    actor.require(READERS, "deadlines")
    wards = [Due.ward.in_(actor.wards)] if actor.wards else []
    late = sql_case((Due.due_at <= now, 1), else_=0)
    query = select(Due.code, func.sum(late), func.count()).where(Due.running, Due.warn_at <= now, *wards)
    with read_transaction(sessions) as session:
        found = {code: (int(overdue), int(total)) for code, overdue, total in session.execute(query.group_by(Due.code))}
    return {code: (found[code][0], found[code][1] - found[code][0]) for code in DEADLINES if code in found}


def run_out(
    sessions: sessionmaker[Session], *, now: datetime, limit: int, after: tuple[datetime, int] | None = None
) -> list[Due]:
    """Clocks that have run out and that the system does something about, oldest first, from behind `after` on."""
    acting = [deadline.code for deadline in DEADLINES.values() if deadline.expiry is not None]
    query = select(Due).where(Due.running, Due.due_at <= now, Due.code.in_(acting))
    if after is not None:
        query = query.where(tuple_(Due.due_at, Due.id) > after)
    with read_transaction(sessions) as session:
        return list(session.scalars(query.order_by(Due.due_at, Due.id).limit(limit)))


def without_clocks(session: Session, *, limit: int) -> list[Case]:
    """Cases of earlier software that are still open and have no clock yet."""
    begins = (d.runs_in for d in DEADLINES.values() if d.starts is None and not d.warned)  # those run in ended cases
    waiting = frozenset().union(*begins)
    query = select(Case).where(Case.state.in_(waiting), ~exists().where(Due.case_id == Case.id))
    return list(session.scalars(query.limit(limit)))


def _resume(session: Session, case: Case, known: list[Due], stands: State) -> None:
    """Start again what an appeal ended: earlier software stopped the clocks of the decision while one was pending."""
    where = Decision.case_id == case.id, Decision.action == Action.APPEAL
    appeal = session.scalars(select(Decision).where(*where).order_by(Decision.seq.desc()).limit(1)).one()
    running = {due.code for due in known if due.running}
    for due in known:
        ended_by_it = due.ended_version is not None and due.ended_version == appeal.details.get("version")
        if ended_by_it and due.code not in running and stands in DEADLINES[due.code].runs_in:
            due.running, due.ended_version = True, None


def _replaced(deadline: Deadline, running: dict[str, Due]) -> Due | None:
    """The clock that one takes over: another's, or its own where it is started anew on the same file."""
    own = running.get(deadline.code) if deadline.replaces is not None else None
    return running.get(deadline.replaces or "", own)


def _starts(
    deadline: Deadline, case: Case, stands: State, action: Action, reason: str | None, known: list[Due]
) -> bool:
    if stands not in deadline.runs_in or track_of(case.source_kind) not in deadline.tracks:
        return False
    if deadline.starts is None:
        mine = [due for due in known if due.code == deadline.code]
        lasting = deadline.counts_from == "act" or action is Action.REOPEN or deadline.warned
        return not any(due.running for due in mine) and (not mine or lasting)
    return deadline.starts is action and (not deadline.reasons or reason in deadline.reasons)


def _counted_from(deadline: Deadline, case: Case, at: datetime) -> datetime:
    if deadline.counts_from == "act":
        return case.occurred_at or case.opened_at
    return case.opened_at if deadline.counts_from == "opening" else at


def _clock(deadline: Deadline, case: Case, start: datetime, calendar: WorkCalendar) -> Due:
    length = deadline.length
    if deadline.code == "time_bar" and case.offence:
        length = int(case.offence["time_bar_years"])
    due_at = calendar.end_of(start, length=length, count=deadline.count)
    return Due(
        case_id=case.id,
        code=deadline.code,
        ward=case.ward,
        started_at=start,
        warn_at=max(due_at - timedelta(days=deadline.warn_days), start),
        due_at=due_at,
        started_version=case.version,
        ended_version=None,
        running=True,
    )


def _end(due: Due, case: Case) -> None:
    due.running, due.ended_version = False, case.version
