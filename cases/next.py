"""The next case for an officer: claimed in the same step, so that two officers never get the same one.

Oldest first; cases waiting for a second officer come before new ones. Now and then it is a second look (`cases.blind`).
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.blind import give
from cases.chain import append
from cases.database import write_transaction
from cases.lifecycle import REVIEWING, State
from cases.loading import load
from cases.policy import DEFAULT, Policy
from cases.records import Access, BlindReview, Case, User
from cases.roles import REVIEWERS
from cases.second_look import has_looks, keep, looked_at, masked


def next_case(
    sessions: sessionmaker[Session],
    *,
    actor: Actor,
    now: datetime,
    lease_s: float,
    holding: tuple[str, ...] = (),
    policy: Policy = DEFAULT,
) -> Case | None:
    """Claim and return the next case, None when nothing waits.

    Cases the officer still holds come first, unless they are in `holding`: on the screen or fetched ahead already.

    Raises:
        NotPermittedError: the role does not review.
    """
    actor.require(REVIEWERS, "taking the next case")
    with write_transaction(sessions) as session:
        session.get(User, actor.name, with_for_update=True)  # one officer at two screens takes turns
        case = _next(session, actor, now, lease_s, holding, policy)
        if case is not None:
            append(session, Access(case_id=case.id, actor=actor.name, item="case", details={"by": "next"}, at=now))
        return case


def _next(
    session: Session, actor: Actor, now: datetime, lease_s: float, holding: tuple[str, ...], policy: Policy
) -> Case | None:
    looks = has_looks(session, actor)
    held = BlindReview.held_until > now
    mine = _look(session, actor, held, BlindReview.case_id.not_in(holding)) if looks else None
    case, review = _older(_held(session, actor, now, holding), mine)
    if case is None:
        free = or_(BlindReview.held_until.is_(None), ~held)
        case = _waiting(session, actor, now)
        if looks and (case is None or case.state is State.NEW):
            case, review = _older(case, _look(session, actor, free, BlindReview.shown_state == State.NEW))
        if review is None:
            review = give(session, actor, policy=policy, now=now, anything_new=case is not None)
            case = load(session, review.case_id, actor) if review else case
    if case is None:
        return None
    seen = masked(case, review) if review else case
    seen.assignee, seen.claimed_until = actor.name, now + timedelta(seconds=lease_s)
    if review is not None:
        keep(review, seen)
    return seen


def _look(session: Session, actor: Actor, *where: ColumnElement[bool]) -> tuple[Case, BlindReview] | None:
    """The oldest second look of this officer that is still to be judged, as it seems."""
    query = select(Case, BlindReview).join(BlindReview, BlindReview.case_id == Case.id)
    mine = (BlindReview.officer == actor.name, BlindReview.shown_state.in_([state.value for state in REVIEWING]))
    row = session.execute(query.where(*mine, *where).order_by(Case.queue_at, Case.id).limit(1)).first()
    return (row[0], row[1]) if row else None


def _older(case: Case | None, look: tuple[Case, BlindReview] | None) -> tuple[Case | None, BlindReview | None]:
    if look is None or (case is not None and (case.queue_at, case.id) < (look[0].queue_at, look[0].id)):
        return case, None
    return look


def _held(session: Session, actor: Actor, now: datetime, holding: tuple[str, ...]) -> Case | None:
    query = select(Case).where(Case.assignee == actor.name, Case.claimed_until > now, Case.id.not_in(holding))
    return session.scalar(query.where(Case.state.in_(REVIEWING)).order_by(Case.queue_at, Case.id).limit(1))


def _waiting(session: Session, actor: Actor, now: datetime) -> Case | None:
    not_mine = (
        or_(Case.last_actor.is_(None), Case.last_actor != actor.name),
        or_(Case.confirmed_by.is_(None), Case.confirmed_by != actor.name),
    )
    return _oldest(session, actor, now, State.SECOND, *not_mine) or _oldest(session, actor, now, State.NEW)


def _oldest(session: Session, actor: Actor, now: datetime, state: State, *more: ColumnElement[bool]) -> Case | None:
    """The oldest free case of a state; one indexed look for each ward of the account."""
    free = and_(or_(Case.claimed_until.is_(None), Case.claimed_until <= now), Case.id.not_in(looked_at(actor)))
    found = []
    for ward in actor.wards or (None,):
        here = (Case.ward == ward,) if ward is not None else ()
        query = select(Case).where(Case.state == state, free, *here, *more).order_by(Case.queue_at, Case.id).limit(1)
        case = session.scalar(query.with_for_update(skip_locked=True))
        if case is not None:
            found.append(case)
    return min(found, key=lambda case: (case.queue_at, case.id), default=None)
