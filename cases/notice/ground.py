"""The paper a move rests on (`cases.lifecycle.Ground`): which it is, and refusing the move where none holds.

In: a case locked by the caller, a move and its reason. Out: the paper, whose id the move's row of the log names. The
same question tells which moves are open to an account, and what the others wait for.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.faults import NoPaperError, PaperError, UnsentPaperError, UnsignedPaperError
from cases.lifecycle import MOVES, Action, Ground, Move
from cases.notice.plate import refuse_unconfirmed
from cases.notice.void import refuse_void, voided_by
from cases.records import Case, Decision, DocumentKind, Notice


def paper_behind(session: Session, case: Case, move: Move, reason: str) -> Notice | None:
    """The newest paper that holds a move up; None where it needs none.

    Raises:
        PaperError: there is none, or it is void, not signed, not the one that was sent, or bears another plate.
    """
    ground = move.rests_on
    if ground is None or (ground.stands and _decided_without(session, case)):
        return None
    rows = _newest(session, case, move, ground)
    fit = [one for one in rows if _signed(session, one, ground, reason)]
    if not fit:
        raise UnsignedPaperError(
            f"case {case.id}: {move.action} for the reason {reason!r} needs the {ground.paper} signed; {rows[0].id} is "
            f"not{_unless(ground)}",
            paper=ground.paper,
        )
    return fit[0]


def missing_behind(session: Session, case: Case, action: Action) -> PaperError | None:
    """What an action waits for whatever its reason; None when it waits for no paper."""
    move, fault = MOVES[action], None
    for reason in move.reasons if move.rests_on is not None else ():
        try:
            paper_behind(session, case, move, reason)
        except PaperError as error:
            fault = error
        else:
            return None
    return fault


def _newest(session: Session, case: Case, move: Move, ground: Ground) -> list[Notice]:
    """Papers of the kind that hold, newest first; at least one."""
    wanted = Notice.case_id == case.id, Notice.kind == DocumentKind(ground.paper)
    papers = session.scalars(
        select(Notice).where(*wanted).order_by(Notice.issued_at.desc(), Notice.number.desc())
    ).all()
    if not papers:
        raise NoPaperError(
            f"case {case.id}: {move.action} rests on a {ground.paper}; issue it first", paper=ground.paper
        )
    rows = [row for row in papers if voided_by(session, row) is None]
    if not rows:
        refuse_void(session, papers[0])
    if ground.sent:
        rows = [row for row in rows if _was_sent(session, row)]
        if not rows:
            raise UnsentPaperError(
                f"case {case.id}: {move.action} rests on the {ground.paper} that was sent; send the newest first",
                paper=ground.paper,
            )
    if not ground.stands:
        refuse_unconfirmed(session, case, rows[0].plate, kind=rows[0].kind)
    return [row for row in rows if row.plate == rows[0].plate]


def _was_sent(session: Session, row: Notice) -> bool:
    """Whether a notice was there when the case's notice was last sent; earlier software counted no versions."""
    where = Decision.case_id == row.case_id, Decision.action == Action.SEND_NOTICE
    last = session.scalar(select(Decision).where(*where).order_by(Decision.seq.desc()).limit(1))
    if last is None:
        return False
    version = row.fields.get("case_version")
    return row.issued_at <= last.at if version is None else version < int(last.details.get("version", 0))


def _signed(session: Session, row: Notice, ground: Ground, reason: str) -> bool:
    if not ground.signed or reason in ground.by_hand:
        return True
    if row.kind is DocumentKind.DECISION:
        return row.signed_by is not None and row.signed_by == signer_of(session, row.case_id)
    return row.signed_at is not None


def signer_of(session: Session, case_id: str) -> str | None:
    """Who signed a case last, within the power of the title."""
    where = Decision.case_id == case_id, Decision.action == Action.SIGN
    return session.scalar(select(Decision.actor).where(*where).order_by(Decision.seq.desc()).limit(1))


def _decided_without(session: Session, case: Case) -> bool:
    """Whether the decision was issued by earlier software, which asked for no paper and named none."""
    where = Decision.case_id == case.id, Decision.action == Action.ISSUE
    last = session.scalar(select(Decision).where(*where).order_by(Decision.seq.desc()).limit(1))
    return last is not None and "paper" not in last.details


def _unless(ground: Ground) -> str:
    return f", unless it was signed in ink ({', '.join(ground.by_hand)})" if ground.by_hand else ""
