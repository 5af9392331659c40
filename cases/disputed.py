"""Whose decision it is that an owner disputes or complains of: that person does not answer it alone.

In: the decision log of a case. Out: the accounts that may neither confirm the same violation again first, nor deal with
the dispute, nor uphold the decision. Giving the owner right is open to them; nobody needs another's leave for that.
"""

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from cases.actor import Actor
from cases.faults import OwnDecisionError
from cases.lifecycle import REVIEWING, Action, State
from cases.records import AnswerKind, Case, Decision

DECIDED_BY = (Action.CONFIRM, Action.SIGN)
"""What makes a decision somebody's own."""
DISPUTE = "dispute"
"""The reason of an owner's dispute; a case also goes back to be verified for what a handler found out."""


def own_decision(session: Session, case: Case, actor: Actor, action: Action) -> bool:
    """Whether an action would answer a dispute or complaint of this account's own decision."""
    if action is Action.UPHOLD:
        return case.state is State.APPEAL and actor.name in _deciders(session, case.id, before_dispute=False)
    if action is not Action.CONFIRM or case.state not in REVIEWING or case.state is State.NEW:
        return False
    return case.confirmed_by is None and actor.name in disputed(session, case.id)


def disputed(session: Session, case_id: str) -> frozenset[str]:
    """Who had confirmed what the owner disputed last; empty without a dispute."""
    return _deciders(session, case_id, before_dispute=True)


def refuse_own(session: Session, case: Case, actor: Actor, action: Action) -> None:
    """Go on unless the account would answer a complaint of itself.

    Raises:
        OwnDecisionError: says so.
    """
    if own_decision(session, case, actor, action):
        raise OwnDecisionError(
            f"case {case.id}: the owner disputes what {actor.name} decided; for {action} another person is needed"
        )


def refuse_own_answer(session: Session, case: Case, actor: Actor, kind: AnswerKind) -> None:
    """Go on with dealing with an owner's answer, unless it disputes or complains of what this account decided.

    Raises:
        OwnDecisionError: says so.
    """
    accused = {
        AnswerKind.DISPUTE: lambda: disputed(session, case.id),
        AnswerKind.COMPLAINT: lambda: _deciders(session, case.id, before_dispute=False),
    }
    if kind in accused and actor.name in accused[kind]():
        raise OwnDecisionError(
            f"case {case.id}: the owner's {kind} is of what {actor.name} decided; another deals with it"
        )


def _deciders(session: Session, case_id: str, *, before_dispute: bool) -> frozenset[str]:
    """Who confirmed or signed in the last round: up to the last dispute since the one before it, or since the last."""
    mine = Decision.case_id == case_id
    last = select(func.max(Decision.seq)).where(mine, Decision.action == Action.OBJECT, Decision.reason == DISPUTE)
    end = session.scalar(last)
    if before_dispute:
        if end is None:
            return frozenset()
        begin = session.scalar(last.where(Decision.seq < end)) or 0
        span = [Decision.seq > begin, Decision.seq < end]
    else:
        span = [Decision.seq > (end or 0)]
    done = select(Decision.actor).where(mine, Decision.action.in_(DECIDED_BY), ~_taken_back(), *span)
    return frozenset(session.scalars(done))


def _taken_back() -> ColumnElement[bool]:
    """Whether who decided undid it: the very next version of the case is that account's undoing."""
    undone = aliased(Decision)
    version, next_one = Decision.details["version"].as_integer(), undone.details["version"].as_integer()
    return exists().where(
        undone.case_id == Decision.case_id,
        undone.action == Action.UNDO,
        undone.actor == Decision.actor,
        next_one == version + 1,
    )
