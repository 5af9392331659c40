"""Second looks an officer cannot tell from new cases: judged cases of others, and cases whose answer is known.

While such a look is open, the officer sees the case as it was on its first day, and what the officer decides is noted
here instead of moving the case. Agreement is computed in `cases.agreement`.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, make_transient

from cases.actor import SYSTEM, Actor
from cases.faults import BadReasonError
from cases.law.applied import apply_proposal
from cases.ledger import enter
from cases.lifecycle import Action, Move, State
from cases.policy import Policy
from cases.records import BlindReview, Case, Decision, EntryKind, KnownAnswer

VERDICTS: dict[Action, str] = {
    Action.CONFIRM: "violation",
    Action.REJECT: "no_violation",
    Action.REMIND: "reminder",
    Action.CANNOT_TELL: "cannot_tell",
    Action.REQUEST_MORE: "cannot_tell",
    Action.CHECK: "cannot_tell",
}
"""How judgements are compared; marking a duplicate or changing the clause is none."""
SHOWN_S = 900.0
"""How long a case of a second look is shown as held where no lease is known."""
_WAITING_LOOKED_AT = 5
"""How many times the share of new second looks the waiting ones are given out, so that none is left over."""


def open_review(session: Session, case_id: str, actor: Actor) -> BlindReview | None:
    """The second look this officer was given at this case and has not answered."""
    mine = (BlindReview.case_id == case_id, BlindReview.officer == actor.name, BlindReview.done_at.is_(None))
    return session.scalar(select(BlindReview).where(*mine).limit(1))


def open_reviews(session: Session, actor: Actor) -> list[BlindReview]:
    """All second looks this officer was given and has not answered, oldest first."""
    mine = (BlindReview.officer == actor.name, BlindReview.done_at.is_(None))
    return list(session.scalars(select(BlindReview).where(*mine).order_by(BlindReview.id)))


def masked(session: Session, case: Case, review: BlindReview, *, lease_s: float) -> Case:
    """The case as it was when it was new, held by the officer of the second look; not part of the session."""
    shown = Case(**{column.key: getattr(case, column.key) for column in Case.__mapper__.column_attrs})
    make_transient(shown)
    shown.state, shown.state_at, shown.version = State.NEW, case.opened_at, 1
    shown.decided_at = shown.duplicate_of = shown.confirmed_by = shown.last_actor = None
    with session.no_autoflush:
        apply_proposal(session, shown)
    given_at = review.given_at or review.made_at
    shown.assignee, shown.claimed_until = review.officer, given_at + timedelta(seconds=lease_s)
    return shown


def draw_for_repeat(session: Session, case: Case, decision: Decision, policy: Policy) -> None:
    """After a judgement: have another officer judge the case again, for the policy's share of cases."""
    verdict = VERDICTS.get(decision.action)
    judged = verdict in ("violation", "no_violation", "reminder") and decision.to_state is not State.SECOND
    if verdict and judged and policy.draw() < policy.blind_share:
        session.add(_look(case, "repeat", decision.actor, verdict, made_at=decision.at, officer=None))


def drop_repeat(session: Session, case: Case, decision: Decision) -> None:
    """After undoing a judgement: take its second look back where nobody was given it yet."""
    waiting = (BlindReview.case_id == case.id, BlindReview.first_officer == decision.actor)
    for look in session.scalars(select(BlindReview).where(*waiting, BlindReview.officer.is_(None))):
        session.delete(look)


def give(session: Session, actor: Actor, *, policy: Policy, now: datetime, anything_new: bool) -> BlindReview | None:
    """Perhaps a second look for this officer; always one when nothing new is left but second looks wait."""
    if policy.draw() < policy.known_share and (known := _known(session, actor, now)) is not None:
        return known
    if anything_new and policy.draw() >= policy.blind_share * _WAITING_LOOKED_AT:
        return None
    seen = select(BlindReview.case_id).where(BlindReview.officer == actor.name)
    query = (
        select(BlindReview)
        .where(BlindReview.officer.is_(None), BlindReview.first_officer != actor.name)
        .where(BlindReview.case_id.not_in(seen), *_wards(actor), ~_judged_by(actor, BlindReview.case_id))
        .order_by(BlindReview.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    look = session.scalar(query)
    if look is not None:
        look.officer, look.given_at = actor.name, now
    return look


def answer(session: Session, review: BlindReview, move: Move, *, reason: str, note: str, now: datetime) -> None:
    """Note what the officer decided, and chain it: it moves no case, but officers are judged by it.

    Raises:
        BadReasonError: the action is no judgement of the act.
    """
    verdict = VERDICTS.get(move.action)
    if verdict is None:
        raise BadReasonError(f"action {move.action}: judge the act itself first: {', '.join(VERDICTS)}")
    review.verdict, review.action, review.reason, review.note = verdict, move.action.value, reason, note
    review.done_at = now
    _enter(session, review, now, did="second look answered")


def as_if_moved(shown: Case, move: Move, actor: Actor, now: datetime) -> Case:
    """What the officer sees after answering: the case moved on, as any other would have."""
    shown.state, shown.state_at, shown.version = move.to_state or shown.state, now, 2
    shown.last_actor, shown.assignee, shown.claimed_until = actor.name, None, None
    return shown


def take_back(session: Session, case_id: str, actor: Actor, *, since: datetime, now: datetime) -> BlindReview | None:
    """Open the officer's own answer to a second look again; None when there is none so fresh."""
    mine = (BlindReview.case_id == case_id, BlindReview.officer == actor.name, BlindReview.done_at >= since)
    review = session.scalar(select(BlindReview).where(*mine).order_by(BlindReview.id.desc()).limit(1))
    if review is not None:
        review.verdict = review.action = review.reason = review.done_at = None
        review.note, review.given_at = "", now
        _enter(session, review, now, did="second look taken back")
    return review


def _known(session: Session, actor: Actor, now: datetime) -> BlindReview | None:
    seen = exists().where(BlindReview.case_id == KnownAnswer.case_id, BlindReview.officer == actor.name)
    query = (
        select(KnownAnswer, Case)
        .join(Case, Case.id == KnownAnswer.case_id)
        .where(~seen, KnownAnswer.set_by != actor.name, ~_judged_by(actor, KnownAnswer.case_id))
        .where(*([Case.ward.in_(actor.wards)] if actor.wards else []))
        .order_by(func.random())
        .limit(1)
    )
    row = session.execute(query).first()
    if row is None:
        return None
    answer_row, case = row
    look = _look(case, "known", "known", answer_row.verdict, made_at=now, officer=actor.name)
    session.add(look)
    session.flush()
    return look


def _look(
    case: Case, purpose: str, first_officer: str, verdict: str, *, made_at: datetime, officer: str | None
) -> BlindReview:
    return BlindReview(
        case_id=case.id,
        purpose=purpose,
        ward=case.ward,
        kind=case.kind.value,
        first_officer=first_officer,
        first_verdict=verdict,
        made_at=made_at,
        officer=officer,
        given_at=made_at if officer else None,
        note="",
    )


def _enter(session: Session, review: BlindReview, now: datetime, *, did: str) -> None:
    told = {"did": did, "purpose": review.purpose, "verdict": review.verdict, "reason": review.reason}
    actor = review.officer or SYSTEM
    enter(session, kind=EntryKind.REVIEW, actor=actor, at=now, case_id=review.case_id, **told)


def _wards(actor: Actor) -> list[ColumnElement[bool]]:
    return [BlindReview.ward.in_(actor.wards)] if actor.wards else []


def _judged_by(actor: Actor, case_id: object) -> ColumnElement[bool]:
    return exists().where(Decision.case_id == case_id, Decision.actor == actor.name)
