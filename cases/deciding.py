"""Moving a case along the life cycle: an officer's decision, its undoing, and what the passing of time brings.

A change of a case, its clocks, its row in the decision log and its outbox event are one transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases import blind
from cases.actor import SYSTEM, Actor
from cases.chain import append
from cases.database import write_transaction
from cases.deadlines import run_out, turn_clocks, unwind, without_clocks
from cases.exceptions import exceptions_for
from cases.faults import BadReasonError, IllegalMoveError, NotPermittedError, StaleError
from cases.law.applied import Subject, apply_choice, standing_hash
from cases.law.changes import current_table
from cases.lifecycle import MOVES, REVIEWING, Action, Move, State, check_reason, permit, track_of
from cases.loading import load, refuse_if_held
from cases.policy import DEFAULT, Policy
from cases.records import Case, Decision, OutboxEvent
from cases.roles import DECIDERS, Role
from cases.second_look import history, masked, open_review

_UNDONE = ("duplicate_of", "confirmed_by", "last_actor", "offence_id", "offence", "amount_vnd", "unit")
"""Columns a decision may change besides the state; kept in its details so that it can be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an officer asks for: action, reason, and what may go with them.

    Attributes:
        duplicate_of: the other case of the same act; with `mark_duplicate` only.
        offence_id, amount_vnd, subject: another clause, amount or kind of offender; None leaves them.
        considered: exceptions the officer looked for before confirming; None when not asked.
    """

    action: Action
    reason: str
    note: str = ""
    duplicate_of: str | None = None
    offence_id: str | None = None
    amount_vnd: int | None = None
    subject: Subject | None = None
    considered: tuple[str, ...] | None = None

    @property
    def touches_law(self) -> bool:
        """Whether clause, amount or offender is to change."""
        return (self.offence_id, self.amount_vnd, self.subject) != (None, None, None)


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
        move = _permitted(seen, actor, choice)
        _refuse_unfit(session, seen, actor, move, now)
        decision = _take(session, seen, actor, move, choice, now=now, policy=policy)
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
        if last.at < since:
            raise IllegalMoveError(f"case {case.id}: {policy.undo_s:g} s have passed; ask a commander to reopen it")
        for name, value in last.details["before"].items():
            setattr(seen, name, value)
        version = seen.version
        seen.assignee, seen.claimed_until = actor.name, now + timedelta(seconds=lease_s)
        back = _moved(seen, Action.UNDO, last.from_state, actor=actor.name, reason="undone", now=now, details={})
        if review is not None:
            blind.answer(session, review, seen, back)
            return seen
        unwind(session, case, version=version)
        blind.drop_repeat(session, case, last)
        _chain(session, case, back)
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
        if case is None or case.state not in move.starts_in(track_of(case.source_kind)):
            return False
        choice = Choice(action=action, reason=reason, note=note)
        decision = _take(session, case, Actor(name=SYSTEM, role=Role.HANDLER), move, choice, now=now, policy=policy)
        _settle(session, case, decision, policy)
        return True


def run_deadlines(
    sessions: sessionmaker[Session],
    *,
    now: datetime,
    policy: Policy = DEFAULT,
    limit: int = 1000,
    adopt: bool = False,
) -> list[tuple[str, Action]]:
    """Do what clocks that ran out ask for; returns the cases moved. Safe to run twice and from two places.

    `adopt` first gives clocks to cases of earlier software that have none.
    """
    moved = []
    if adopt:
        with write_transaction(sessions) as session:
            for case in without_clocks(session, limit=limit):
                at = case.opened_at
                turn_clocks(session, case, action=Action.DETECT, reason=None, at=at, calendar=policy.calendar)
    for case_id, action in run_out(sessions, now=now, limit=limit):
        reason = MOVES[action].reasons[0]
        if advance(sessions, case_id=case_id, action=action, reason=reason, now=now, policy=policy):
            moved.append((case_id, action))
    return moved


def _last(session: Session, case: Case) -> Decision:
    query = select(Decision).where(Decision.case_id == case.id).order_by(Decision.seq.desc()).limit(1)
    return session.scalars(query).one()


def _permitted(case: Case, actor: Actor, choice: Choice) -> Move:
    move = permit(
        state=case.state,
        role=actor.role,
        reminder_only=case.reminder_only,
        action=choice.action,
        reason=choice.reason,
        note=choice.note,
        track=track_of(case.source_kind),
    )
    asked = exceptions_for(case.kind)
    if choice.considered is not None and move.action is Action.CONFIRM and not set(asked) <= set(choice.considered):
        raise BadReasonError(f"exceptions_considered: look for {', '.join(asked)} before confirming")
    if choice.touches_law and move.action not in (Action.CONFIRM, Action.AMEND):
        raise BadReasonError(f"offence, amount_vnd, subject: belong to confirm and amend, not to {move.action}")
    if move.action is not Action.MARK_DUPLICATE and choice.duplicate_of is not None:
        raise BadReasonError(f"duplicate_of: belongs to mark_duplicate, not to {move.action}")
    return move


def _refuse_unfit(session: Session, case: Case, actor: Actor, move: Move, now: datetime) -> None:
    refuse_if_held(case, actor, now)
    if move.needs_claim and (case.assignee != actor.name or case.claimed_until is None or case.claimed_until <= now):
        raise IllegalMoveError(f"case {case.id}: nobody holds it; claim it before deciding")
    if move.another_officer and case.state is State.SECOND and actor.name in (case.last_actor, case.confirmed_by):
        raise NotPermittedError(f"case {case.id}: {actor.name} judged it before; another officer must")
    if move.action is Action.SIGN:
        _refuse_signer(session, case, actor)


def _refuse_signer(session: Session, case: Case, actor: Actor) -> None:
    title = current_table(session).title_of(actor.title)
    signers = (case.offence or {}).get("signers", [])
    if actor.name == case.confirmed_by:
        raise NotPermittedError(f"case {case.id}: {actor.name} confirmed it; another person signs")
    if title is None or title.code not in signers:
        raise NotPermittedError(
            f"case {case.id}: {title.vi if title else 'an account without a title'} may not sign "
            f"{(case.offence or {}).get('number', 'it')}; may: {', '.join(signers) or 'nobody'}"
        )


def _take(
    session: Session, case: Case, actor: Actor, move: Move, choice: Choice, *, now: datetime, policy: Policy
) -> Decision:
    """Move the case as it is seen; what belongs to it besides is the caller's."""
    before = {name: getattr(case, name) for name in _UNDONE}
    original = _original(session, case, actor, choice)
    if choice.touches_law:
        apply_choice(session, case, offence_id=choice.offence_id, amount_vnd=choice.amount_vnd, subject=choice.subject)
    target = _target(case, actor, move, policy)
    if target in REVIEWING and target is not State.SECOND:
        case.confirmed_by = None
    case.duplicate_of = original
    changed = {name: old for name, old in before.items() if name == "last_actor" or getattr(case, name) != old}
    details: dict[str, Any] = {"before": changed} if move.undoable else {}
    if choice.considered is not None and move.action is Action.CONFIRM:
        details["considered"] = sorted(choice.considered)
    if original:
        details["duplicate_of"] = original
    return _moved(
        case, move.action, target, actor=actor.name, reason=choice.reason, note=choice.note.strip(), details=details,
        now=now,
    )  # fmt: skip


def _settle(session: Session, case: Case, decision: Decision, policy: Policy) -> None:
    """What goes with a real move: its row in the log, the event, the clocks, perhaps a second look."""
    _chain(session, case, decision)
    turn_clocks(session, case, action=decision.action, reason=decision.reason, at=decision.at, calendar=policy.calendar)
    blind.draw_for_repeat(session, case, decision, policy)


def _target(case: Case, actor: Actor, move: Move, policy: Policy) -> State:
    if move.action is not Action.CONFIRM:
        return move.to_state or case.state
    first = case.confirmed_by in (None, actor.name)
    case.confirmed_by = case.confirmed_by or actor.name
    return State.SECOND if first and policy.needs_second(case.kind, case.amount_vnd) else State.CONFIRMED


def _original(session: Session, case: Case, actor: Actor, choice: Choice) -> str | None:
    if choice.action is not Action.MARK_DUPLICATE:
        return case.duplicate_of if MOVES[choice.action].to_state in (None, State.CLOSED) else None
    other = session.get(Case, choice.duplicate_of) if choice.duplicate_of else None
    if other is None or not actor.sees(other.ward) or other.id == case.id:
        raise BadReasonError(f"duplicate_of {choice.duplicate_of!r}: name the other case of the same act")
    if other.duplicate_of is not None:
        raise BadReasonError(f"duplicate_of {other.id}: is itself a duplicate; name {other.duplicate_of}")
    return other.id


def _moved(
    case: Case,
    action: Action,
    target: State,
    *,
    actor: str,
    reason: str,
    now: datetime,
    details: dict[str, Any],
    note: str = "",
) -> Decision:
    from_state, moved = case.state, case.state is not target
    case.state, case.version = target, case.version + 1
    if action not in (Action.UNDO, Action.AMEND):
        case.last_actor = actor
    if moved:
        case.state_at = now
        case.decided_at = None if target in REVIEWING else (case.decided_at or now)
    if (target not in REVIEWING or target is State.SECOND) and action is not Action.UNDO:
        case.assignee = case.claimed_until = None
    return Decision(
        case_id=case.id,
        actor=actor,
        action=action,
        from_state=from_state,
        to_state=target,
        reason=reason,
        note=note,
        details={"version": case.version, "standing_sha256": standing_hash(case), **details},
        at=now,
    )


def _chain(session: Session, case: Case, decision: Decision) -> None:
    append(session, decision)
    payload = {"action": decision.action.value, "state": decision.to_state.value, "reason": decision.reason}
    session.add(OutboxEvent(topic="case.decided", case_id=case.id, payload=payload, created_at=decision.at))
