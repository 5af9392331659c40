"""Fetching a case for an account: its ward, its role, whether another officer holds it."""

from datetime import datetime

from sqlalchemy.orm import Session

from cases.actor import Actor
from cases.faults import HeldError, NotFoundError
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
