"""Moving a case along the life cycle: an officer's decision, its undoing, and what the passing of time brings.

A change of a case, its clocks, its row in the decision log and its outbox event are one transaction.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases import blind
from cases.actor import SYSTEM, Actor
from cases.chain import append
from cases.citizen.desk import settle_judged, wait_again
from cases.database import read_transaction, write_transaction
from cases.deadlines import run_out, turn_clocks, unwind, without_clocks
from cases.faults import IllegalMoveError, NotPermittedError, PaperError, StaleError
from cases.lifecycle import DEADLINES, MOVES, Action, track_of
from cases.loading import load
from cases.moving import Choice, beneath, moved, permitted, refuse_unfit, take, unfit_beneath
from cases.notice.ground import missing_behind, paper_behind
from cases.notice.standing import refuse_nothing
from cases.notice.void import void_papers
from cases.permission import check_reason
from cases.policy import DEFAULT, Policy
from cases.records import Case, Decision, Notice, OutboxEvent
from cases.roles import DECIDERS, Role
from cases.second_look import history, masked, open_review
from cases.waiting import answer_waits


def carry_out(
    sessions: sessionmaker[Session],
    *,
    case_id: str,
    actor: Actor,
    choice: Choice,
    expected_version: int,
    now: datetime,
    policy: Policy = DEFAULT,
) -> Case:
    """Take one action; `decide` says what may be refused."""
    actor.require(DECIDERS, "deciding")
    with write_transaction(sessions) as session:
        case = load(session, case_id, actor, lock=True)
        review = open_review(session, case_id, actor)
        seen = masked(case, review) if review else case
        if seen.version != expected_version:
            raise StaleError(f"case {case.id}: is at version {seen.version}, not {expected_version}; read it again")
        move = permitted(seen, actor, choice)
        refuse_unfit(session, seen, actor, move, now)
        if unfit := unfit_beneath(session, seen, choice):
            raise IllegalMoveError(unfit)
        refuse_nothing(session, seen, move, choice.reason)
        paper = paper_behind(session, seen, move, choice.reason)
        decision = _resting_on(paper, take(session, seen, actor, move, choice, now=now, policy=policy))
        if review is not None:
            blind.answer(session, review, seen, decision)
        else:
            _settle(session, case, decision, policy)
        return seen


def undo(
    sessions: sessionmaker[Session],
    *,
    case_id: str,
    actor: Actor,
    expected_version: int,
    now: datetime,
    lease_s: float,
    policy: Policy = DEFAULT,
) -> Case:
    """Take one's own last decision back within the undo time; the log keeps both.

    Raises:
        StaleError: the case is no longer at `expected_version`.
        IllegalMoveError: the last decision is another's, too old, or of a kind that is not taken back.
        NotFoundError, NotPermittedError: as `decide`.
    """
    actor.require(DECIDERS, "undoing")
    since = now - timedelta(seconds=policy.undo_s)
    with write_transaction(sessions) as session:
        case = load(session, case_id, actor, lock=True)
        review = open_review(session, case_id, actor)
        seen = masked(case, review) if review else case
        if seen.version != expected_version:
            raise StaleError(f"case {case.id}: is at version {seen.version}, not {expected_version}; read it again")
        last = history(session, review)[-1] if review else _last(session, case)
        move = MOVES.get(last.action)
        if last.actor != actor.name or move is None or not move.undoable or last.from_state is None:
            raise IllegalMoveError(f"case {case.id}: its last decision is not one {actor.name} can take back")
        if not since <= last.at <= now + timedelta(seconds=policy.undo_s):  # later than now: the clock was put back
            raise IllegalMoveError(f"case {case.id}: {policy.undo_s:g} s have passed; ask a commander to reopen it")
        for name, value in last.details["before"].items():
            setattr(seen, name, value)
        version = seen.version
        seen.assignee, seen.claimed_until = actor.name, now + timedelta(seconds=lease_s)
        back = moved(seen, Action.UNDO, last.from_state, actor=actor.name, reason="undone", now=now, details={})
        if review is not None:
            blind.answer(session, review, seen, back)
            return seen
        unwind(session, case, version=version)
        blind.drop_repeat(session, case, last)
        _chain(session, case, back)
        void_papers(session, case, back)
        wait_again(session, last, by=actor.name, now=now)
        return case


def advance(
    sessions: sessionmaker[Session],
    *,
    case_id: str,
    action: Action,
    reason: str,
    now: datetime,
    note: str = "",
    policy: Policy = DEFAULT,
) -> bool:
    """What time or an outside system brings: a move marked so in the table; False when the case moved on meanwhile.

    Raises:
        NotPermittedError: the table leaves this action to people. BadReasonError: the reason or note does not fit.
    """
    move = MOVES[action]
    if not move.by_system:
        raise NotPermittedError(f"action {action}: people take it, not the system")
    check_reason(move, reason, note)
    with write_transaction(sessions) as session:
        case = session.get(Case, case_id, with_for_update=True)
        choice = Choice(action=action, reason=reason, note=note)
        return case is not None and advance_within(session, case, choice, now=now, policy=policy)


def advance_within(session: Session, case: Case, choice: Choice, *, now: datetime, policy: Policy = DEFAULT) -> bool:
    """`advance` in the caller's transaction, of a case locked in it; its move is the caller's to have checked."""
    move = MOVES[choice.action]
    if case.state not in move.starts_in(track_of(case.source_kind)) or unfit_beneath(session, case, choice):
        return False
    if answer_waits(session, case, move):  # who answered has not kept silent
        return False
    try:
        paper = paper_behind(session, case, move, choice.reason)
    except PaperError:  # nothing the passing of time could stand on; people see the clock that ran out
        return False
    mover = Actor(name=SYSTEM, role=Role.HANDLER)
    decision = _resting_on(paper, take(session, case, mover, move, choice, now=now, policy=policy))
    _settle(session, case, decision, policy)
    return True


def run_deadlines(
    sessions: sessionmaker[Session],
    *,
    now: datetime,
    policy: Policy = DEFAULT,
    limit: int = 1000,
    adopt: bool = False,
    stuck: list[str] | None = None,
) -> list[tuple[str, Action]]:
    """Do what clocks that ran out ask for; returns the cases moved. Safe to run twice and from two places.

    `adopt` first gives clocks to cases of earlier software that have none. `stuck` takes the ids of cases whose clock
    ran out and that cannot be moved, for want of a paper that holds or as an owner's answer waits.
    """
    moved: list[tuple[str, Action]] = []
    if adopt:
        with write_transaction(sessions) as session:
            for case in without_clocks(session, limit=limit):
                at = case.opened_at
                turn_clocks(session, case, action=Action.DETECT, reason=None, at=at, calendar=policy.calendar)
    late = run_out(sessions, now=now, limit=limit)
    while late and len(moved) < limit:  # one that cannot be moved, for want of a paper, holds up no other
        tried = late[: limit - len(moved)]
        for due in tried:
            action = DEADLINES[due.code].expiry or Action.EXPIRE
            reason = MOVES[action].reasons[0]
            if _wants_paper(sessions, due.case_id, action):
                if stuck is not None:
                    stuck.append(due.case_id)
            elif advance(sessions, case_id=due.case_id, action=action, reason=reason, now=now, policy=policy):
                moved.append((due.case_id, action))
        late = run_out(sessions, now=now, limit=limit, after=(tried[-1].due_at, tried[-1].id))
    return moved


def _wants_paper(sessions: sessionmaker[Session], case_id: str, action: Action) -> bool:
    """Whether a case waits for a paper, or for an answer to be dealt with.

    Asked before the writing, which would hold up everybody for nothing.
    """
    if MOVES[action].rests_on is None:
        return False
    with read_transaction(sessions) as session:
        case = session.get(Case, case_id)
        return case is not None and (
            answer_waits(session, case, MOVES[action]) or missing_behind(session, case, action) is not None
        )


def _last(session: Session, case: Case) -> Decision:
    query = select(Decision).where(Decision.case_id == case.id).order_by(Decision.seq.desc()).limit(1)
    return session.scalars(query).one()


def _resting_on(paper: Notice | None, decision: Decision) -> Decision:
    """A decision, not yet in the log, that names the paper it rests on."""
    if paper is not None:
        decision.details = {**decision.details, "paper": paper.id}
    return decision


def _settle(session: Session, case: Case, decision: Decision, policy: Policy) -> None:
    """What goes with a real move: its row in the log, the event, void papers, clocks, perhaps a second look."""
    _chain(session, case, decision)
    void_papers(session, case, decision)
    settle_judged(session, decision)
    turn_clocks(
        session,
        case,
        action=decision.action,
        reason=decision.reason,
        at=decision.at,
        calendar=policy.calendar,
        stands=beneath(session, case),
    )
    blind.draw_for_repeat(session, case, decision, policy)


def _chain(session: Session, case: Case, decision: Decision) -> None:
    append(session, decision)
    payload = {"action": decision.action.value, "state": decision.to_state.value, "reason": decision.reason}
    session.add(OutboxEvent(topic="case.decided", case_id=case.id, payload=payload, created_at=decision.at))
