"""What a move must wait for besides a paper: time that the law gives the owner, an unread answer, a standing warning.

In: a case, a move and the time. Out: why it is too early, or nothing. The clocks are those of `cases.deadlines`; a case
of earlier software that has none is not held up.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.calendar import HANOI
from cases.faults import AnswerFirstError, TooEarlyError, WarningStandsError
from cases.lifecycle import Move
from cases.records import AnswerTask, Case, Due
from cases.warning import warned

Wait = TooEarlyError | AnswerFirstError | WarningStandsError


def too_early(session: Session, case: Case, move: Move, now: datetime) -> Wait | None:
    """What a move waits for at `now`; None when it may be taken."""
    if move.lifted_first and warned(session, case.id):
        return WarningStandsError(f"case {case.id}: a warning stands at the registries; lift it before {move.action}")
    if move.answers_first and (answer := _answer(session, case.id)) is not None:
        return AnswerFirstError(f"case {case.id}: the owner answered ({answer}); deal with that before {move.action}")
    end = _end(session, case.id, move.after) if move.after else None
    if end is None or end <= now:
        return None
    day = (end - timedelta(microseconds=1)).astimezone(HANOI).date()
    return TooEarlyError(f"case {case.id}: {move.action} is open once {day} has passed, not before", day=day)


def answer_waits(session: Session, case: Case, move: Move) -> bool:
    """Whether a move is held back by an owner's answer, whoever takes it."""
    return move.answers_first and _answer(session, case.id) is not None


def _answer(session: Session, case_id: str) -> str | None:
    where = AnswerTask.case_id == case_id, AnswerTask.dealt_at.is_(None)
    return session.scalar(select(AnswerTask.answer_id).where(*where).limit(1))


def _end(session: Session, case_id: str, code: str) -> datetime | None:
    """When the running clock ends."""
    where = Due.case_id == case_id, Due.code == code, Due.running
    return session.scalar(select(Due.due_at).where(*where).order_by(Due.due_at.desc()).limit(1))
