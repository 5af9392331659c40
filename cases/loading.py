"""Fetching a case for an account: its ward, its role, whether another officer holds it, what is open to it."""

from datetime import datetime

from sqlalchemy.orm import Session

from cases.actor import Actor
from cases.faults import HeldError, NotFoundError
from cases.lifecycle import MOVES, Action, State, track_of
from cases.permission import allowed_actions
from cases.records import Case
from cases.roles import READERS


def load(session: Session, case_id: str, actor: Actor, *, lock: bool = False) -> Case:
    """One case.

    Raises:
        NotFoundError: there is none of that id, or it lies outside the account's wards.
        NotPermittedError: the role does not read cases.
    """
    actor.require(READERS, "cases")
    case = session.get(Case, case_id, with_for_update=lock or None)
    if case is None or not actor.sees(case.ward):
        raise NotFoundError(f"case {case_id!r}: there is none of this id in the wards of {actor.name}")
    return case


def refuse_if_held(case: Case, actor: Actor, now: datetime) -> None:
    """Go on only when no other officer holds it.

    Raises:
        HeldError: says who and until when.
    """
    held = case.assignee not in (None, actor.name) and case.claimed_until is not None and case.claimed_until > now
    if held and case.assignee and case.claimed_until:
        raise HeldError(
            f"case {case.id}: held by {case.assignee} until {case.claimed_until:%H:%M:%S} UTC",
            holder=case.assignee,
            until=case.claimed_until,
        )


def open_to(case: Case, actor: Actor) -> tuple[Action, ...]:
    """What this account may do to this case now, holding it granted."""
    track = track_of(case.source_kind)
    allowed = allowed_actions(state=case.state, role=actor.role, reminder_only=case.reminder_only, track=track)
    mine = case.state is State.SECOND and actor.name in (case.last_actor, case.confirmed_by)
    signs = actor.title in (case.offence or {}).get("signers", []) and actor.name != case.confirmed_by
    return tuple(
        action
        for action in allowed
        if not (mine and MOVES[action].another_officer) and (action is not Action.SIGN or signs)
    )
