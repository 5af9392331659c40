"""Owners' answers that wait for somebody to deal with them.

An answer that moves the case (a dispute, a complaint) is dealt with where the case then stands. Any other waits here
until an officer of the ward notes what was done; both are sealed into the ledger. While "I did not drive" waits, no
paper of the case is issued, signed or handed over.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import SYSTEM, Actor
from cases.database import read_transaction, write_transaction
from cases.disputed import refuse_own_answer
from cases.faults import AnswerWaitsError, BadReasonError, IllegalMoveError, NotFoundError
from cases.ledger import seal
from cases.lifecycle import REVIEWING, State
from cases.loading import load
from cases.records import AnswerKind, AnswerTask, Case, CitizenAnswer, Dealing, Decision
from cases.roles import REVIEWERS
from cases.second_look import open_review

LONGEST = 1000
MERELY_NOTED = frozenset({AnswerKind.ACCEPT, AnswerKind.EXPLAIN})
"""What may be taken note of without a word; who denies having driven, or disputes, is owed one."""


def await_dealing(session: Session, row: CitizenAnswer) -> None:
    """Put a new answer on the desk, in the transaction that keeps it: a crash afterwards loses none."""
    task = AnswerTask(
        answer_id=row.id, case_id=row.case_id, kind=row.kind, dealing=None, note="", dealt_by=None, dealt_at=None
    )
    seal(session, task, actor=SYSTEM, at=row.at, did="waits")


def settle_judged(session: Session, decision: Decision) -> None:
    """Take off the desk what a decision, already in the log, answers: it judges what an owner disputes or complains of.

    Until then it waits there, so that somebody comes upon a case that an owner moved.
    """
    for task in session.scalars(select(AnswerTask).where(*_answered_by(decision), AnswerTask.dealt_at.is_(None))).all():
        _settle(session, task, Dealing.MOVED, "", by=decision.actor, now=decision.at)


def wait_again(session: Session, decision: Decision, *, by: str, now: datetime) -> None:
    """Put back on the desk what a decision had answered that was taken back."""
    mine = (AnswerTask.dealing == Dealing.MOVED, AnswerTask.dealt_at == decision.at)
    for task in session.scalars(select(AnswerTask).where(*_answered_by(decision), *mine)).all():
        task.dealing = task.dealt_by = task.dealt_at = None
        seal(session, task, actor=by, at=now, did="waits")


def _answered_by(decision: Decision) -> tuple[ColumnElement[bool], ...]:
    ended = decision.from_state in REVIEWING and decision.to_state not in REVIEWING
    complaint = decision.from_state is State.APPEAL and decision.to_state is not State.APPEAL
    kinds = [kind for kind, answers in ((AnswerKind.DISPUTE, ended), (AnswerKind.COMPLAINT, complaint)) if answers]
    return AnswerTask.case_id == decision.case_id, AnswerTask.kind.in_(kinds)


def deal(
    sessions: sessionmaker[Session],
    *,
    case_id: str,
    answer_id: str,
    dealing: Dealing | str,
    note: str,
    actor: Actor,
    now: datetime,
) -> tuple[CitizenAnswer, AnswerTask]:
    """Note what was done about an answer.

    Raises:
        NotFoundError: no such answer. BadReasonError: the note is missing or too long, or `noted` is too little.
        IllegalMoveError: it was dealt with.
    """
    actor.require(REVIEWERS, "dealing with an owner's answer")
    done = Dealing(dealing)
    with write_transaction(sessions) as session:
        case = load(session, case_id, actor, lock=True)  # of two who deal with one answer, the second sees the first
        row, task = session.get(CitizenAnswer, answer_id), session.get(AnswerTask, answer_id)
        if row is None or task is None or row.case_id != case.id or open_review(session, case.id, actor) is not None:
            raise NotFoundError(f"answer {answer_id!r}: case {case.id} has none of this id")
        if task.dealt_at is not None:
            raise IllegalMoveError(f"answer {row.id}: was dealt with by {task.dealt_by}")
        _check(row.kind, done, note.strip())
        refuse_own_answer(session, case, actor, row.kind)
        _settle(session, task, done, note.strip(), by=actor.name, now=now)
        return row, task


def tasks(sessions: sessionmaker[Session], *, case_id: str) -> dict[str, AnswerTask]:
    """Answer id -> its task, of one case whose answers the caller may read."""
    with read_transaction(sessions) as session:
        return {
            task.answer_id: task for task in session.scalars(select(AnswerTask).where(AnswerTask.case_id == case_id))
        }


def waiting_cases() -> Select[str]:
    """Ids of the cases in which an answer waits."""
    return select(AnswerTask.case_id).where(AnswerTask.dealt_at.is_(None))


def count_waiting(session: Session, confined: Sequence[ColumnElement[bool]]) -> int:
    """How many answers wait in the cases that conditions on `Case` leave."""
    waiting = select(func.count()).select_from(AnswerTask).where(AnswerTask.dealt_at.is_(None))
    if confined:
        waiting = waiting.join(Case, Case.id == AnswerTask.case_id).where(*confined)
    return session.scalar(waiting) or 0


def refuse_waiting(session: Session, case_id: str) -> None:
    """Go on with a case's papers only when nobody's "I did not drive" waits.

    Raises:
        AnswerWaitsError: says which answer waits, and how to go on.
    """
    mine = (AnswerTask.case_id == case_id, AnswerTask.dealt_at.is_(None), AnswerTask.kind == AnswerKind.NOT_DRIVER)
    waits = session.scalar(select(AnswerTask.answer_id).where(*mine).limit(1))
    if waits is not None:
        raise AnswerWaitsError(
            f"case {case_id}: the owner says not to have driven (answer {waits}); note what was done about it, "
            "then its papers go on"
        )


def _check(kind: AnswerKind, dealing: Dealing, note: str) -> None:
    if dealing is Dealing.MOVED:
        raise BadReasonError("dealing moved: the system notes this, not people")
    if dealing is Dealing.NOTED and kind not in MERELY_NOTED:
        raise BadReasonError(f"dealing noted: too little for {kind}; say what was done", why="noted")
    if len(note) > LONGEST or (dealing is not Dealing.NOTED and not note):
        raise BadReasonError(f"note: expected 1 to {LONGEST} letters saying what was done", why="words")


def _settle(session: Session, task: AnswerTask, dealing: Dealing, note: str, *, by: str, now: datetime) -> None:
    task.dealing, task.note, task.dealt_by, task.dealt_at = dealing, note, by, now
    seal(session, task, actor=by, at=now, did="dealt")
