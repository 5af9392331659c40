"""Which paper of a kind stands in a case, so that no second one is issued, and withdrawing what is wrong.

A paper stands while it is not void and no officer has said another plate since; a decision also only while it names the
record that holds. What stands and is wrong is withdrawn (`Action.WITHDRAW`, its reason names the kind) and issued anew.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.calendar import HANOI
from cases.faults import AlreadyIssuedError, NoPaperError, PaperError
from cases.lifecycle import Action, Move
from cases.notice.ground import record_number
from cases.notice.plate import bears_another
from cases.notice.void import voided_by
from cases.records import Case, DocumentKind, Notice
from cases.wording import WRONG


def standing(session: Session, case: Case, kind: DocumentKind) -> list[Notice]:
    """The papers of a kind that stand, newest first; more than one only where earlier software issued them."""
    mine = Notice.case_id == case.id, Notice.kind == kind
    rows = session.scalars(select(Notice).where(*mine).order_by(Notice.issued_at.desc(), Notice.number.desc())).all()
    return [row for row in rows if voided_by(session, row) is None and not _outdated(session, case, row)]


def refuse_second(session: Session, case: Case, kind: DocumentKind, plate: str) -> None:
    """Go on with issuing a paper only while none of its kind stands; one without a plate makes way for one with it.

    Raises:
        AlreadyIssuedError: names the paper that stands.
    """
    for row in standing(session, case, kind):
        if row.plate or not plate:
            raise AlreadyIssuedError(
                f"case {case.id}: the {kind} {row.number} ({row.id}) of {row.issued_at:%Y-%m-%d} stands; withdraw it "
                "first where it is wrong, or send the case back where it is signed",
                paper=kind.value,
                number=row.number,
                document=row.id,
                day=row.issued_at.astimezone(HANOI).date(),
            )


def refuse_nothing(session: Session, case: Case, move: Move, reason: str) -> None:
    """Go on with a withdrawal only where a paper of the kind that its reason names stands.

    Raises:
        NoPaperError: there is none to withdraw.
    """
    kind = reason.removeprefix(WRONG)
    if move.action is Action.WITHDRAW and not standing(session, case, DocumentKind(kind)):
        raise NoPaperError(f"case {case.id}: no {kind} stands in it that could be withdrawn", paper=kind)


def withdrawable(session: Session, case: Case) -> tuple[DocumentKind, ...]:
    """The kinds of which a paper stands that could be withdrawn."""
    return tuple(kind for kind in DocumentKind if standing(session, case, kind))


def _outdated(session: Session, case: Case, row: Notice) -> bool:
    """Whether what a paper rests on is another now than when it was issued, though nobody made it void."""
    if row.plate and bears_another(session, row):
        return True
    named = row.fields.get("record_number")
    if row.kind is not DocumentKind.DECISION or not named:
        return False
    try:
        return bool(named != record_number(session, case))
    except PaperError:
        return True
