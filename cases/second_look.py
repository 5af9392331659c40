"""What an officer sees of a case at a second look: as if nobody had judged it before, now and ever after.

The columns that decisions move are kept apart for this officer (`BlindReview.shown`), and so are the officer's own
steps; moves run through the same life cycle as any other and move only those. Every place that shows cases to officers
asks here, so that neither state, version, history, clocks, papers nor counts tell such a case from a new one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, false, select, true
from sqlalchemy.orm import Session, make_transient

from cases.actor import Actor
from cases.canonical import utc_text
from cases.law.applied import apply_proposal, standing_hash
from cases.lifecycle import DEADLINES, Action, State
from cases.records import CHANGING, BlindReview, Case, Decision, Due
from cases.roles import Role

GIVEN_TO = frozenset({Role.OFFICER})
"""Handlers and commanders carry judged cases on and see how they stand; a second look could not be kept from them."""
TIMES = frozenset({"state_at", "decided_at", "claimed_until"})


def open_review(session: Session, case_id: str, actor: Actor) -> BlindReview | None:
    """The second look this officer was given at this case, answered or not."""
    if actor.role not in GIVEN_TO:
        return None
    mine = (BlindReview.case_id == case_id, BlindReview.officer == actor.name, BlindReview.shown_state.is_not(None))
    return session.scalar(select(BlindReview).where(*mine).limit(1))


def looked_at(actor: Actor) -> Select[str]:
    """Ids of all cases this officer has a second look at, for excluding what is true of them."""
    any_ = true() if actor.role in GIVEN_TO else false()
    mine = (BlindReview.officer == actor.name, BlindReview.shown_state.is_not(None))
    return select(BlindReview.case_id).where(*mine, any_)


def has_looks(session: Session, actor: Actor) -> bool:
    """Whether anything has to be kept from this account."""
    return session.scalar(looked_at(actor).limit(1)) is not None


def begin(session: Session, case: Case, review: BlindReview) -> None:
    """Set a second look to the case's first day."""
    shown = _copy(case)
    shown.state, shown.state_at, shown.version = State.NEW, case.opened_at, 1
    shown.decided_at = shown.duplicate_of = shown.confirmed_by = shown.last_actor = None
    shown.assignee = shown.claimed_until = None
    if standing_hash(shown) != _detection(session, case.id).details.get("standing_sha256"):
        with session.no_autoflush:
            apply_proposal(session, shown)
    review.steps = []
    keep(review, shown)


def masked(case: Case, review: BlindReview) -> Case:
    """The case as the officer of the second look sees it; not part of the session, to be changed and kept."""
    shown = _copy(case)
    for name, value in review.shown.items():
        if name in TIMES and value is not None:
            setattr(shown, name, datetime.fromisoformat(value))
        else:
            setattr(shown, name, State(value) if name == "state" else value)
    return shown


def keep(review: BlindReview, shown: Case, step: Decision | None = None) -> None:
    """Keep what a move made of the shown case, and the step itself."""
    values = {name: getattr(shown, name) for name in sorted(CHANGING)}
    review.shown = {name: utc_text(v) if isinstance(v, datetime) else v for name, v in values.items()}
    review.shown_state, review.shown_unit = shown.state.value, shown.unit
    review.shown_assignee, review.held_until = shown.assignee, shown.claimed_until
    if step is not None:
        review.steps = [*review.steps, _told(step)]


def history(session: Session, review: BlindReview) -> list[Decision]:
    """The detection and the officer's own steps, as rows of the log; not part of the session."""
    return [_detection(session, review.case_id), *(_step(review, told) for told in review.steps)]


def clocks(session: Session, review: BlindReview) -> list[Due]:
    """The clocks a case has from its first day, as far as they run in the state that is shown."""
    first = select(Due).where(Due.case_id == review.case_id, Due.started_version == 1)
    found = session.scalars(first.order_by(Due.due_at, Due.id))
    return [due for due in found if review.shown_state in DEADLINES[due.code].runs_in]


def _copy(case: Case) -> Case:
    copy = Case(**{column.key: getattr(case, column.key) for column in Case.__mapper__.column_attrs})
    make_transient(copy)
    return copy


def _detection(session: Session, case_id: str) -> Decision:
    query = select(Decision).where(Decision.case_id == case_id, Decision.action == Action.DETECT)
    return session.scalars(query.order_by(Decision.seq).limit(1)).one()


def _told(step: Decision) -> dict[str, Any]:
    names = ("actor", "action", "from_state", "to_state", "reason", "note", "details")
    return {name: getattr(step, name) for name in names} | {"at": utc_text(step.at)}


def _step(review: BlindReview, told: Mapping[str, Any]) -> Decision:
    return Decision(
        case_id=review.case_id,
        actor=told["actor"],
        action=Action(told["action"]),
        from_state=State(told["from_state"]),
        to_state=State(told["to_state"]),
        reason=told["reason"],
        note=told["note"],
        details=told["details"],
        at=datetime.fromisoformat(told["at"]),
    )
