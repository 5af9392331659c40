"""What a decision does to a case: which move it is, whether it may be made, and what the case is afterwards.

Nothing is written here but the case's own columns: the log, clocks and events that go with a move are added by
`cases.deciding`; at a second look the case is a copy that only its officer sees.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.actor import Actor
from cases.disputed import refuse_own
from cases.exceptions import exceptions_for
from cases.faults import BadReasonError, IllegalMoveError, NotPermittedError
from cases.law.applied import Subject, apply_choice, refuse_without_clause, standing_hash
from cases.law.table import seed_table
from cases.lifecycle import MOVES, NO_JUDGEMENT, REVIEWING, Action, Move, State, track_of
from cases.loading import refuse_if_held
from cases.permission import permit
from cases.plate_words import words_of
from cases.policy import Policy
from cases.records import Case, Decision, EntryKind, LedgerEntry
from cases.waiting import too_early
from cases.warning import warned

_UNDONE = ("duplicate_of", "confirmed_by", "last_actor", "offence_id", "offence", "amount_vnd", "unit")
"""Columns a decision may change besides the state; kept in its details so that it can be taken back."""
COMPLAINT = "complaint"
"""The reason of an appeal that the law allows once; a lawsuit may follow it."""


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


def permitted(case: Case, actor: Actor, choice: Choice) -> Move:
    """The move a choice asks for; refuses what the life cycle does not have, and choices that do not go together."""
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
        told = f"exceptions_considered: look for {', '.join(asked)} before confirming"
        raise BadReasonError(told, why="exceptions", allowed=asked)
    if choice.touches_law and move.action not in (Action.CONFIRM, Action.AMEND):
        raise BadReasonError(f"offence, amount_vnd, subject: belong to confirm and amend, not to {move.action}")
    if move.action is not Action.MARK_DUPLICATE and choice.duplicate_of is not None:
        raise BadReasonError(f"duplicate_of: belongs to mark_duplicate, not to {move.action}")
    return move


def refuse_unfit(session: Session, case: Case, actor: Actor, move: Move, now: datetime) -> None:
    """Go on only when nobody else holds the case, this officer may be the one, and the law's waiting time is over."""
    refuse_if_held(case, actor, now)
    if move.needs_claim and (case.assignee != actor.name or case.claimed_until is None or case.claimed_until <= now):
        raise IllegalMoveError(f"case {case.id}: nobody holds it; claim it before deciding")
    if move.another_officer and case.state is State.SECOND and actor.name in (case.last_actor, case.confirmed_by):
        raise NotPermittedError(f"case {case.id}: {actor.name} judged it before; another officer must")
    refuse_own(session, case, actor, move.action)
    if move.action is Action.REOPEN and buried(session, case.id):
        raise IllegalMoveError(f"case {case.id}: its evidence was deleted by rule; nothing is left to judge it by")
    if move.action is Action.SIGN:
        _refuse_signer(case, actor)
    if fault := too_early(session, case, move, now):
        raise fault


def buried(session: Session, case_id: str) -> bool:
    """Whether a case's evidence was deleted by rule."""
    graves = LedgerEntry.case_id == case_id, LedgerEntry.kind == EntryKind.TOMBSTONE
    return session.scalar(select(LedgerEntry.seq).where(*graves).limit(1)) is not None


def _refuse_signer(case: Case, actor: Actor) -> None:
    title = seed_table().title_of(actor.title)
    signers = (case.offence or {}).get("signers", [])
    if actor.name == case.confirmed_by:
        raise NotPermittedError(f"case {case.id}: {actor.name} confirmed it; another person signs")
    if title is None or title.code not in signers:
        raise NotPermittedError(
            f"case {case.id}: {title.vi if title else 'an account without a title'} may not sign "
            f"{(case.offence or {}).get('number', 'it')}; may: {', '.join(signers) or 'nobody'}"
        )


def take(
    session: Session, case: Case, actor: Actor, move: Move, choice: Choice, *, now: datetime, policy: Policy
) -> Decision:
    """Move the case as it is seen; what belongs to it besides is the caller's."""
    before = {name: getattr(case, name) for name in _UNDONE}
    original = _original(session, case, actor, choice)
    if choice.touches_law:
        apply_choice(session, case, offence_id=choice.offence_id, amount_vnd=choice.amount_vnd, subject=choice.subject)
    if move.action is Action.CONFIRM and case.offence is None:
        refuse_without_clause(session, case)
    target = beneath(session, case) if move.goes_back else _target(case, actor, move, choice.reason, policy)
    if move.action is Action.AMEND and _grew_costly(case, before["amount_vnd"], policy):
        target, case.confirmed_by, case.last_actor = State.SECOND, actor.name, actor.name
    if target in REVIEWING and target is not State.SECOND:
        case.confirmed_by = None
    case.duplicate_of = original
    changed = {name: old for name, old in before.items() if name == "last_actor" or getattr(case, name) != old}
    details: dict[str, Any] = {"before": changed} if move.undoable else {}
    if choice.considered is not None and move.action is Action.CONFIRM:
        details["considered"] = sorted(choice.considered)
    if original:
        details["duplicate_of"] = original
    return moved(
        case, move.action, target, actor=actor.name, reason=choice.reason, note=choice.note.strip(), details=details,
        now=now,
    )  # fmt: skip


def beneath(session: Session, case: Case) -> State:
    """Where a case would stand without the complaint that is pending; its own state without one.

    That is where it stood when the complaint came, or where what was done to the decision since has brought it.
    """
    if case.state is not State.APPEAL:
        return case.state
    query = select(Decision).where(Decision.case_id == case.id, Decision.to_state == State.APPEAL)
    for decision in session.scalars(query.order_by(Decision.seq.desc())):
        if decision.from_state is not State.APPEAL:
            return decision.from_state or case.state
        reached = MOVES[decision.action].to_state
        if reached is not None:
            return reached
    return case.state


def unfit_beneath(session: Session, case: Case, choice: Choice) -> str:
    """Why a step does not fit the decision complained of, the complaints or warning there were; empty when it does."""
    move = MOVES[choice.action]
    if move.lifts and not warned(session, case.id):
        return f"case {case.id}: no warning stands at the registries that could be lifted"
    if case.state in move.stays_in and (stands := beneath(session, case)) not in move.from_states:
        return f"case {case.id}: {move.action} does not fit, for beneath the complaint it stands at {stands}"
    if (choice.action, choice.reason) == (Action.APPEAL, COMPLAINT) and complained(session, case):
        return f"case {case.id}: its decision was complained of before, once is allowed; note a lawsuit as one"
    return ""


def complained(session: Session, case: Case) -> bool:
    """Whether the decision of a case was complained of; there is one decision in a case."""
    where = Decision.case_id == case.id, Decision.action == Action.APPEAL, Decision.reason == COMPLAINT
    return session.scalar(select(Decision.seq).where(*where).limit(1)) is not None


def _target(case: Case, actor: Actor, move: Move, reason: str, policy: Policy) -> State:
    if case.state in move.stays_in:
        return case.state
    if move.action is not Action.CONFIRM:
        return move.leads_to(case.state, reason) or case.state
    first = case.confirmed_by in (None, actor.name)
    case.confirmed_by = case.confirmed_by or actor.name
    return (
        State.SECOND if first and policy.needs_second(case.kind, case.amount_vnd, case.cannot_tell) else State.CONFIRMED
    )


def _grew_costly(case: Case, was_vnd: int | None, policy: Policy) -> bool:
    """Whether a confirmed case came to an amount that two officers confirm, having had one that takes a single one."""
    return (
        case.state not in REVIEWING
        and policy.needs_second(case.kind, case.amount_vnd, case.cannot_tell)
        and not policy.needs_second(case.kind, was_vnd, case.cannot_tell)
    )


def _original(session: Session, case: Case, actor: Actor, choice: Choice) -> str | None:
    if choice.action is not Action.MARK_DUPLICATE:
        return case.duplicate_of if MOVES[choice.action].to_state in (None, State.CLOSED) else None
    other = session.get(Case, choice.duplicate_of) if choice.duplicate_of else None
    if other is None or not actor.sees(other.ward) or other.id == case.id:
        raise BadReasonError(
            f"duplicate_of {choice.duplicate_of!r}: name the other case of the same act", why="duplicate"
        )
    if other.duplicate_of is not None:
        told = f"duplicate_of {other.id}: is itself a duplicate; name {other.duplicate_of}"
        raise BadReasonError(told, why="duplicate_chain", allowed=(other.duplicate_of,))
    if not choice.note.strip() and (unlike := _unlike(session, case, other)):
        raise BadReasonError(f"note: {other.id} has {unlike}; say why it is the same act", why="duplicate_unlike")
    return other.id


def _unlike(session: Session, case: Case, other: Case) -> str:
    """What speaks against two cases being of one act: plates that officers established, or place and kind together."""
    plates = [words[-1].text if (words := words_of(session, one.id)) else "" for one in (case, other)]
    if all(plates) and plates[0] != plates[1]:
        return "another plate"
    return "another camera and kind" if case.camera_id != other.camera_id and case.kind != other.kind else ""


def moved(
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
    """Put the case into its state after a move; the row of the log that tells it, not yet added."""
    from_state, moved = case.state, case.state is not target
    case.state, case.version = target, case.version + 1
    if action not in NO_JUDGEMENT | {Action.UNDO}:
        case.last_actor = actor
    if moved:
        case.state_at = now
        case.decided_at = None if target in REVIEWING else (case.decided_at or now)
    handed_on = target not in REVIEWING or target is State.SECOND or action is Action.REOPEN
    if handed_on and action is not Action.UNDO:
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
