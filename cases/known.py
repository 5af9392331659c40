"""Answers known beforehand: a commander lays down what a case is, and officers meet it as if it were new."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.database import read_transaction, write_transaction
from cases.faults import BadReasonError
from cases.ledger import enter
from cases.loading import load
from cases.records import Case, EntryKind, KnownAnswer
from cases.roles import OVERSEERS, Role

ANSWERS = ("violation", "no_violation")
SETTERS = frozenset({Role.COMMANDER})


def set_answer(
    sessions: sessionmaker[Session], *, actor: Actor, case_id: str, verdict: str, note: str, now: datetime
) -> KnownAnswer:
    """Lay down or change the answer of a case; for commanders.

    Raises:
        NotPermittedError, NotFoundError: not a commander, or the case is not in the account's wards.
        BadReasonError: the verdict is none, or no note says why; agreement with it is held against officers.
    """
    actor.require(SETTERS, "known answers")
    if verdict not in ANSWERS:
        raise BadReasonError(f"verdict {verdict!r}: expected one of {', '.join(ANSWERS)}")
    if not note.strip():
        raise BadReasonError("note: say in words why the answer is known", why="words")
    with write_transaction(sessions) as session:
        load(session, case_id, actor)
        row = session.get(KnownAnswer, case_id) or KnownAnswer(case_id=case_id)
        row.verdict, row.set_by, row.set_at, row.note = verdict, actor.name, now, note.strip()
        session.add(row)
        _enter(session, actor, case_id, now, did="known answer set", verdict=verdict)
        return row


def drop_answer(sessions: sessionmaker[Session], *, actor: Actor, case_id: str, now: datetime) -> None:
    """Take a case out of those with a known answer; what officers said to it stays on record."""
    actor.require(SETTERS, "known answers")
    with write_transaction(sessions) as session:
        load(session, case_id, actor)
        row = session.get(KnownAnswer, case_id)
        if row is not None:
            session.delete(row)
            _enter(session, actor, case_id, now, did="known answer dropped", verdict=row.verdict)


def list_answers(sessions: sessionmaker[Session], *, actor: Actor) -> list[KnownAnswer]:
    """All known answers in the account's wards, newest first; for commanders and auditors."""
    actor.require(OVERSEERS, "known answers")
    wards = (Case.ward.in_(actor.wards),) if actor.wards else ()
    query = select(KnownAnswer).join(Case, Case.id == KnownAnswer.case_id).where(*wards)
    with read_transaction(sessions) as session:
        return list(session.scalars(query.order_by(KnownAnswer.set_at.desc()).limit(1000)))


def _enter(session: Session, actor: Actor, case_id: str, now: datetime, *, did: str, verdict: str) -> None:
    enter(session, kind=EntryKind.REVIEW, actor=actor.name, at=now, case_id=case_id, did=did, verdict=verdict)
