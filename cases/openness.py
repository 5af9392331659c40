"""What is open to an account at a case now: by the table, the ground each move needs, and who judged it before.

In: a case and an account. Out: the actions it may take, holding granted, and those that only wait for a paper, and for
which: the console draws its buttons from both.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.database import read_transaction
from cases.disputed import own_decision
from cases.faults import PaperError
from cases.lifecycle import MOVES, Action, State, track_of
from cases.moving import Choice, buried, unfit_beneath
from cases.notice.ground import missing_behind
from cases.permission import allowed_actions
from cases.records import Case


@dataclass(frozen=True, slots=True)
class Openness:
    """`actions` in the table's order; `waiting` says of others, otherwise open, what paper they wait for."""

    actions: tuple[Action, ...]
    waiting: Mapping[Action, PaperError]


def openness(sessions: sessionmaker[Session], case: Case, actor: Actor) -> Openness:
    """`open_to` in a transaction of its own; a case nobody has acted on yet asks the database nothing."""
    if case.state is State.NEW:
        return Openness(_by_table(case, actor), {})
    with read_transaction(sessions) as session:
        return open_to(session, case, actor)


def open_to(session: Session, case: Case, actor: Actor) -> Openness:
    """What this account may do to this case now, and what only waits for a paper."""
    fit = [action for action in _by_table(case, actor) if _fits(session, case, actor, action)]
    waiting = {action: fault for action in fit if (fault := missing_behind(session, case, action)) is not None}
    return Openness(tuple(action for action in fit if action not in waiting), waiting)


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


def _fits(session: Session, case: Case, actor: Actor, action: Action) -> bool:
    """Whether it fits what stands beneath a complaint, has evidence, and answers no dispute of one's own decision."""
    reason = MOVES[action].reasons[-1]  # an appeal may always be a lawsuit; no other move's fitting hangs on the reason
    beneath = unfit_beneath(session, case, Choice(action=action, reason=reason))
    if action is Action.REOPEN and buried(session, case.id):
        return False
    return not beneath and not own_decision(session, case, actor, action)
