"""What officers do to cases: look, claim, release, decide, take back, read the history.

Every function takes the acting account and, where time matters, the time. To an officer who was given a second look
at a case (`cases.second_look`), all of them show and move what this officer is to see of it.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.chain import append
from cases.database import read_transaction, write_transaction
from cases.deadlines import clocks_of
from cases.deciding import advance, carry_out, run_deadlines, undo
from cases.faults import IllegalMoveError
from cases.law import LawTable, Offence
from cases.law.applied import choices
from cases.lifecycle import MOVES, Action
from cases.loading import load, refuse_if_held
from cases.moving import Choice
from cases.openness import open_to
from cases.policy import DEFAULT, Policy
from cases.records import Access, Case, Decision, Due
from cases.roles import OVERSEERS, REVIEWERS, Role
from cases.second_look import clocks as shown_clocks
from cases.second_look import history as shown_history
from cases.second_look import keep, masked, open_review

__all__ = ["Choice", "accesses", "advance", "carry_out", "claim", "clocks", "decide", "get_case", "history",
           "offences", "record_access", "record_view", "release", "run_deadlines", "undo"]  # fmt: skip


def get_case(sessions: sessionmaker[Session], *, case_id: str, actor: Actor) -> Case:
    """One case.

    Raises:
        NotFoundError: there is none of that id, or it lies outside the account's wards.
        NotPermittedError: the role does not read cases.
    """
    with read_transaction(sessions) as session:
        case = load(session, case_id, actor)
        review = open_review(session, case_id, actor)
        return masked(case, review) if review else case


def claim(sessions: sessionmaker[Session], *, case_id: str, actor: Actor, now: datetime, lease_s: float) -> Case:
    """Take a case for `lease_s` seconds, or prolong one's own claim.

    Raises:
        HeldError: another officer holds it; says who and until when.
        IllegalMoveError: nothing is left to do to it for this role.
        NotFoundError, NotPermittedError: as `get_case`; only reviewers claim.
    """
    actor.require(REVIEWERS, "claiming a case")
    with write_transaction(sessions) as session:
        case = load(session, case_id, actor, lock=True)
        review = open_review(session, case_id, actor)
        seen = masked(case, review) if review else case
        refuse_if_held(seen, actor, now)
        if not any(MOVES[action].needs_claim for action in open_to(session, seen, actor, now=now).actions):
            raise IllegalMoveError(f"case {case.id}: in state {seen.state} nothing is left to do for a {actor.role}")
        seen.assignee, seen.claimed_until = actor.name, now + timedelta(seconds=lease_s)
        if review is not None:
            keep(review, seen)
        append(session, Access(case_id=case.id, actor=actor.name, item="case", details={"by": "claim"}, at=now))
        return seen


def release(sessions: sessionmaker[Session], *, case_id: str, actor: Actor, now: datetime) -> Case:
    """Give a case back; a commander may also end another officer's claim.

    Raises:
        HeldError: another officer holds it.
        NotFoundError, NotPermittedError: as `claim`.
    """
    actor.require(REVIEWERS, "releasing a case")
    with write_transaction(sessions) as session:
        case = load(session, case_id, actor, lock=True)
        review = open_review(session, case_id, actor)
        seen = masked(case, review) if review else case
        if actor.role is not Role.COMMANDER:
            refuse_if_held(seen, actor, now)
        seen.assignee = seen.claimed_until = None
        if review is not None:
            keep(review, seen)
        return seen


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
    policy: Policy = DEFAULT,
) -> Case:
    """Move a case along the life cycle and chain the decision; `carry_out` takes further choices.

    Raises:
        StaleError: the case is no longer at `expected_version`.
        HeldError: another officer holds it. IllegalMoveError: nobody does (claim first), or no such move.
        NotPermittedError, BadReasonError, NotFoundError: the role, the reason, note or linked case does not fit.
    """
    choice = Choice(action=action, reason=reason, note=note, duplicate_of=duplicate_of)
    return carry_out(
        sessions, case_id=case_id, actor=actor, choice=choice, expected_version=expected_version, now=now, policy=policy
    )


def history(sessions: sessionmaker[Session], *, case_id: str, actor: Actor) -> list[Decision]:
    """All decisions of a case, oldest first, at a second look the officer's own; errors as `get_case`."""
    with read_transaction(sessions) as session:
        load(session, case_id, actor)
        review = open_review(session, case_id, actor)
        if review is not None:
            return shown_history(session, review)
        return list(session.scalars(select(Decision).where(Decision.case_id == case_id).order_by(Decision.seq)))


def clocks(sessions: sessionmaker[Session], *, case_id: str, actor: Actor) -> list[Due]:
    """The running clocks of a case, most pressing first; errors as `get_case`."""
    with read_transaction(sessions) as session:
        load(session, case_id, actor)
        review = open_review(session, case_id, actor)
        return shown_clocks(session, review) if review else clocks_of(session, case_id)


def offences(sessions: sessionmaker[Session], *, case_id: str, actor: Actor) -> tuple[LawTable, list[Offence]]:
    """The law table and the clauses that may be chosen for a case; errors as `get_case`."""
    with read_transaction(sessions) as session:
        return choices(session, load(session, case_id, actor))


def record_access(
    sessions: sessionmaker[Session], *, case_id: str, actor: Actor, item: str, byte_range: str | None, now: datetime
) -> None:
    """Chain one reading of evidence into the access log; called before the bytes go out."""
    with write_transaction(sessions) as session:
        details = {"range": byte_range} if byte_range else {}
        append(session, Access(case_id=case_id, actor=actor.name, item=item, details=details, at=now))


def record_view(sessions: sessionmaker[Session], *, case_id: str, actor: Actor, view: str, now: datetime) -> None:
    """Chain that an account is shown facts of a case, e.g. `case` or `history`; errors as `get_case`."""
    with write_transaction(sessions) as session:
        case = load(session, case_id, actor)
        append(session, Access(case_id=case.id, actor=actor.name, item=view, details={}, at=now))


def accesses(sessions: sessionmaker[Session], *, case_id: str, actor: Actor) -> list[Access]:
    """Who read which evidence of a case, oldest first; for commanders and auditors."""
    actor.require(OVERSEERS, "the access log")
    with read_transaction(sessions) as session:
        load(session, case_id, actor)
        return list(session.scalars(select(Access).where(Access.case_id == case_id).order_by(Access.seq)))
