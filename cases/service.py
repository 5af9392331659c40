"""What officers do to cases: look, claim, release, decide, read the history.

Every function takes the acting account and, where time matters, the time. A change of a case, its row in the
decision log and its outbox event are one transaction.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.chain import append
from cases.database import read_transaction, write_transaction
from cases.faults import BadReasonError, HeldError, IllegalMoveError, NotFoundError, StaleError
from cases.lifecycle import ENDED, OVERSEERS, READERS, REVIEWERS, Action, Move, Role, allowed_actions, permit
from cases.records import Access, Case, Decision, OutboxEvent


def get_case(sessions: sessionmaker[Session], *, case_id: str, actor: Actor) -> Case:
    """One case.

    Raises:
        NotFoundError: there is none of that id, or it lies outside the account's wards.
        NotPermittedError: the role does not read cases.
    """
    with read_transaction(sessions) as session:
        return _load(session, case_id, actor)


def claim(sessions: sessionmaker[Session], *, case_id: str, actor: Actor, now: datetime, lease_s: float) -> Case:
    """Take a case for `lease_s` seconds, or prolong one's own claim.

    Raises:
        HeldError: another officer holds it; says who and until when.
        IllegalMoveError: nothing is left to do to it for this role.
        NotFoundError, NotPermittedError: as `get_case`; only reviewers claim.
    """
    actor.require(REVIEWERS, "claiming a case")
    with write_transaction(sessions) as session:
        case = _load(session, case_id, actor, lock=True)
        _refuse_if_held(case, actor, now)
        if not allowed_actions(state=case.state, role=actor.role, reminder_only=case.reminder_only):
            raise IllegalMoveError(f"case {case.id}: in state {case.state} nothing is left to do for a {actor.role}")
        case.assignee, case.claimed_until = actor.name, now + timedelta(seconds=lease_s)
        return case


def release(sessions: sessionmaker[Session], *, case_id: str, actor: Actor, now: datetime) -> Case:
    """Give a case back; a commander may also end another officer's claim.

    Raises:
        HeldError: another officer holds it.
        NotFoundError, NotPermittedError: as `claim`.
    """
    actor.require(REVIEWERS, "releasing a case")
    with write_transaction(sessions) as session:
        case = _load(session, case_id, actor, lock=True)
        if actor.role is not Role.COMMANDER:
            _refuse_if_held(case, actor, now)
        case.assignee = case.claimed_until = None
        return case


def decide(
    sessions: sessionmaker[Session],
    *,
    case_id: str,
    actor: Actor,
    action: Action,
    reason: str,
    expected_version: int,
    now: datetime,
    note: str = "",
    duplicate_of: str | None = None,
) -> Case:
    """Move a case along the life cycle and chain the decision.

    Raises:
        StaleError: the case is no longer at `expected_version`.
        HeldError: another officer holds it. IllegalMoveError: nobody does (claim first), or no such move.
        NotPermittedError, BadReasonError, NotFoundError: the role, the reason, note or linked case does not fit.
    """
    actor.require(READERS, "deciding")
    with write_transaction(sessions) as session:
        case = _load(session, case_id, actor, lock=True)
        if case.version != expected_version:
            raise StaleError(f"case {case.id}: is at version {case.version}, not {expected_version}; read it again")
        move = permit(
            state=case.state,
            role=actor.role,
            reminder_only=case.reminder_only,
            action=action,
            reason=reason,
            note=note,
        )
        _refuse_if_held(case, actor, now)
        if case.assignee != actor.name or case.claimed_until is None or case.claimed_until <= now:
            raise IllegalMoveError(f"case {case.id}: nobody holds it; claim it before deciding")
        original = _original(session, case, move, actor, duplicate_of)
        _record(session, case, move, actor=actor, reason=reason, note=note.strip(), original=original, now=now)
        return case


def history(sessions: sessionmaker[Session], *, case_id: str, actor: Actor) -> list[Decision]:
    """All decisions of a case, oldest first; errors as `get_case`."""
    with read_transaction(sessions) as session:
        _load(session, case_id, actor)
        return list(session.scalars(select(Decision).where(Decision.case_id == case_id).order_by(Decision.seq)))


def record_access(
    sessions: sessionmaker[Session], *, case_id: str, actor: Actor, item: str, byte_range: str | None, now: datetime
) -> None:
    """Chain one reading of evidence into the access log; called before the bytes go out."""
    with write_transaction(sessions) as session:
        details = {"range": byte_range} if byte_range else {}
        append(session, Access(case_id=case_id, actor=actor.name, item=item, details=details, at=now))


def accesses(sessions: sessionmaker[Session], *, case_id: str, actor: Actor) -> list[Access]:
    """Who read which evidence of a case, oldest first; for commanders and auditors."""
    actor.require(OVERSEERS, "the access log")
    with read_transaction(sessions) as session:
        _load(session, case_id, actor)
        return list(session.scalars(select(Access).where(Access.case_id == case_id).order_by(Access.seq)))


def _load(session: Session, case_id: str, actor: Actor, *, lock: bool = False) -> Case:
    actor.require(READERS, "cases")
    case = session.get(Case, case_id, with_for_update=lock or None)
    if case is None or not actor.sees(case.ward):
        raise NotFoundError(f"case {case_id!r}: there is none of this id in the wards of {actor.name}")
    return case


def _refuse_if_held(case: Case, actor: Actor, now: datetime) -> None:
    held = case.assignee not in (None, actor.name) and case.claimed_until is not None and case.claimed_until > now
    if held and case.assignee and case.claimed_until:
        raise HeldError(
            f"case {case.id}: held by {case.assignee} until {case.claimed_until:%H:%M:%S} UTC",
            holder=case.assignee,
            until=case.claimed_until,
        )


def _original(session: Session, case: Case, move: Move, actor: Actor, duplicate_of: str | None) -> str | None:
    if move.action is not Action.MARK_DUPLICATE:
        if duplicate_of is not None:
            raise BadReasonError(f"duplicate_of: belongs to mark_duplicate, not to {move.action}")
        return None
    other = session.get(Case, duplicate_of) if duplicate_of else None
    if other is None or not actor.sees(other.ward) or other.id == case.id:
        raise BadReasonError(f"duplicate_of {duplicate_of!r}: name the other case of the same act")
    if other.duplicate_of is not None:
        raise BadReasonError(f"duplicate_of {other.id}: is itself a duplicate; name {other.duplicate_of}")
    return other.id


def _record(
    session: Session,
    case: Case,
    move: Move,
    *,
    actor: Actor,
    reason: str,
    note: str,
    original: str | None,
    now: datetime,
) -> None:
    details = {"version": case.version + 1} | ({"duplicate_of": original} if original else {})
    decision = Decision(
        case_id=case.id,
        actor=actor.name,
        action=move.action,
        from_state=case.state,
        to_state=move.to_state,
        reason=reason,
        note=note,
        details=details,
        at=now,
    )
    case.state, case.state_at, case.version, case.duplicate_of = move.to_state, now, case.version + 1, original
    case.decided_at = now if move.to_state in ENDED else None
    if move.to_state in ENDED:
        case.assignee = case.claimed_until = None
    append(session, decision)
    payload = {"action": move.action.value, "state": move.to_state.value, "reason": reason}
    session.add(OutboxEvent(topic="case.decided", case_id=case.id, payload=payload, created_at=now))
