"""What is open to an account at a case now: by the table, the ground each move needs, and who judged it before.

In: a case and an account. Out: the actions it may take, holding granted, and those that only wait, for a paper (which),
for another person than who decided before, or for a time the law gives the owner: the console draws its buttons from
both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.database import read_transaction
from cases.disputed import refuse_own
from cases.faults import OwnDecisionError
from cases.lifecycle import MOVES, Action, State, track_of
from cases.moving import Choice, buried, unfit_beneath
from cases.notice.ground import missing_behind
from cases.notice.standing import withdrawable
from cases.permission import allowed_actions
from cases.records import Case, DocumentKind
from cases.waiting import too_early
from detector.types import CaseError


@dataclass(frozen=True, slots=True)
class Openness:
    """`actions` in the table's order; `waiting` says of others, otherwise open, what they wait for.

    `withdrawable`: the kinds of papers that `withdraw` can be about, where it is open.
    """

    actions: tuple[Action, ...]
    waiting: Mapping[Action, CaseError]
    withdrawable: tuple[DocumentKind, ...] = ()


def openness(sessions: sessionmaker[Session], case: Case, actor: Actor, *, now: datetime) -> Openness:
    """`open_to` in a transaction of its own; a case nobody has acted on yet asks the database nothing."""
    if case.state is State.NEW:
        return Openness(_by_table(case, actor), {})
    with read_transaction(sessions) as session:
        return open_to(session, case, actor, now=now)


def open_to(session: Session, case: Case, actor: Actor, *, now: datetime) -> Openness:
    """What this account may do to this case now, and what only waits, and why."""
    fit = [action for action in _by_table(case, actor) if _fits(session, case, action)]
    asked = {action: _waits_for(session, case, actor, action, now) for action in fit}
    waiting = {action: fault for action, fault in asked.items() if fault is not None}
    papers = withdrawable(session, case) if Action.WITHDRAW in fit else ()
    return Openness(tuple(action for action in fit if action not in waiting), waiting, papers)


def _by_table(case: Case, actor: Actor) -> tuple[Action, ...]:
    track = track_of(case.source_kind)
    allowed = allowed_actions(state=case.state, role=actor.role, reminder_only=case.reminder_only, track=track)
    mine = case.state is State.SECOND and actor.name in (case.last_actor, case.confirmed_by)
    signs = actor.title in (case.offence or {}).get("signers", []) and actor.name != case.confirmed_by
    return tuple(
        action
        for action in allowed
        if not (mine and MOVES[action].another_officer) and (action is not Action.SIGN or signs)
    )


def _waits_for(session: Session, case: Case, actor: Actor, action: Action, now: datetime) -> CaseError | None:
    try:
        refuse_own(session, case, actor, action)
    except OwnDecisionError as fault:
        return fault
    return too_early(session, case, MOVES[action], now) or missing_behind(session, case, action)


def _fits(session: Session, case: Case, action: Action) -> bool:
    """Whether it fits what stands beneath a complaint, and has evidence, or a paper to withdraw."""
    reason = MOVES[action].reasons[-1]  # an appeal may always be a lawsuit; no other move's fitting hangs on the reason
    beneath = unfit_beneath(session, case, Choice(action=action, reason=reason))
    if action is Action.WITHDRAW and not withdrawable(session, case):
        return False
    if action is Action.REOPEN and buried(session, case.id):
        return False
    return not beneath
