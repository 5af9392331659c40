"""Second looks an officer cannot tell from new cases: judged cases of others, and cases whose answer is known.

This module says which cases are judged again, who is given them, and what the answers were; `cases.second_look` says
what the officer sees of them. Agreement is computed in `cases.agreement`.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from cases.actor import SYSTEM, Actor
from cases.ledger import enter
from cases.lifecycle import NO_JUDGEMENT, Action, State
from cases.policy import Policy
from cases.records import Access, BlindReview, Case, Decision, EntryKind, KnownAnswer, LedgerEntry
from cases.second_look import GIVEN_TO, begin, keep

VERDICTS: dict[Action, str] = {
    Action.CONFIRM: "violation",
    Action.REJECT: "no_violation",
    Action.REMIND: "reminder",
    Action.CANNOT_TELL: "cannot_tell",
    Action.REQUEST_MORE: "cannot_tell",
    Action.CHECK: "cannot_tell",
}
"""How judgements are compared; marking a duplicate or changing the clause is none."""
_WAITING_LOOKED_AT = 5
"""How many times the share of new second looks the waiting ones are given out, so that none is left over."""


def draw_for_repeat(session: Session, case: Case, decision: Decision, policy: Policy) -> None:
    """After a judgement: have another officer judge the case again, for the policy's share of cases."""
    verdict = VERDICTS.get(decision.action)
    judged = verdict in ("violation", "no_violation", "reminder") and decision.to_state is not State.SECOND
    if verdict and judged and policy.draw() < policy.blind_share:
        session.add(_look(case, "repeat", decision.actor, verdict, made_at=decision.at))


def drop_repeat(session: Session, case: Case, decision: Decision) -> None:
    """After undoing a judgement: take its second look back where nobody was given it yet."""
    waiting = (BlindReview.case_id == case.id, BlindReview.first_officer == decision.actor)
    for look in session.scalars(select(BlindReview).where(*waiting, BlindReview.officer.is_(None))):
        session.delete(look)


def give(session: Session, actor: Actor, *, policy: Policy, now: datetime, anything_new: bool) -> BlindReview | None:
    """Perhaps a second look for this officer; always one when nothing new is left but second looks wait.

    Only at cases the officer was never shown, whose evidence is there, and whose judgement can no longer be undone.
    """
    if actor.role not in GIVEN_TO:
        return None
    look = None
    if policy.draw() < policy.known_share:
        look = _known(session, actor, now)
    if look is None and (not anything_new or policy.draw() < policy.blind_share * _WAITING_LOOKED_AT):
        look = _waiting(session, actor, policy, now)
    if look is not None:
        look.officer, look.given_at = actor.name, now
        begin(session, session.get_one(Case, look.case_id), look)
        session.flush()
    return look


def answer(session: Session, review: BlindReview, shown: Case, step: Decision) -> None:
    """Keep a step of the officer, and chain it: it moves no case, but officers are judged by it."""
    keep(review, shown, step)
    last = _standing(review)
    review.verdict = review.action = review.reason = review.done_at = None
    review.note = ""
    if last is not None:
        action = Action(last["action"])
        review.verdict, review.action = VERDICTS.get(action, "none"), action.value
        review.reason, review.note = last["reason"], last["note"]
        review.done_at = datetime.fromisoformat(last["at"])
    told = {"did": f"second look: {step.action.value}", "purpose": review.purpose, "verdict": review.verdict}
    actor = review.officer or SYSTEM
    enter(session, kind=EntryKind.REVIEW, actor=actor, at=step.at, case_id=review.case_id, reason=step.reason, **told)


def _standing(review: BlindReview) -> dict[str, str] | None:
    """The last judgement that was not taken back."""
    judged: list[dict[str, str]] = []
    for told in review.steps:
        if told["action"] == Action.UNDO:
            judged.pop()
        elif told["action"] not in NO_JUDGEMENT:
            judged.append(told)
    return judged[-1] if judged else None


def _waiting(session: Session, actor: Actor, policy: Policy, now: datetime) -> BlindReview | None:
    settled = BlindReview.made_at <= now - timedelta(seconds=policy.undo_s)
    query = (
        select(BlindReview)
        .where(BlindReview.officer.is_(None), BlindReview.first_officer != actor.name, settled)
        .where(*([BlindReview.ward.in_(actor.wards)] if actor.wards else []), *_fresh(actor, BlindReview.case_id))
        .order_by(BlindReview.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.scalar(query)


def _known(session: Session, actor: Actor, now: datetime) -> BlindReview | None:
    query = (
        select(KnownAnswer, Case)
        .join(Case, Case.id == KnownAnswer.case_id)
        .where(KnownAnswer.set_by != actor.name, *_fresh(actor, KnownAnswer.case_id))
        .where(*([Case.ward.in_(actor.wards)] if actor.wards else []))
        .order_by(func.random())
        .limit(1)
    )
    row = session.execute(query).first()
    if row is None:
        return None
    answer_row, case = row
    look = _look(case, "known", "known", answer_row.verdict, made_at=now)
    session.add(look)
    return look


def _look(case: Case, purpose: str, first_officer: str, verdict: str, *, made_at: datetime) -> BlindReview:
    return BlindReview(
        case_id=case.id,
        purpose=purpose,
        ward=case.ward,
        kind=case.kind.value,
        first_officer=first_officer,
        first_verdict=verdict,
        made_at=made_at,
        note="",
        shown={},
        steps=[],
    )


def _fresh(actor: Actor, case_id: InstrumentedAttribute[str]) -> list[ColumnElement[bool]]:
    """Cases this officer knows nothing of: neither looked at again, nor judged, nor shown; their evidence is there."""
    given = select(BlindReview.case_id).where(BlindReview.officer == actor.name)
    judged = exists().where(Decision.case_id == case_id, Decision.actor == actor.name)
    shown = exists().where(Access.case_id == case_id, Access.actor == actor.name)
    gone = exists().where(LedgerEntry.case_id == case_id, LedgerEntry.kind == EntryKind.TOMBSTONE)
    return [case_id.not_in(given), ~or_(judged, shown, gone)]
