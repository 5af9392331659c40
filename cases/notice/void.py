"""Papers that no longer say what stands, for their ground is gone: void.

So they are once the case was amended, reopened, disputed, its confirmation undone, its decision annulled, it was
time-barred, or papers of the kind were withdrawn, after they were issued; a decision also once its signed case was sent
back.

A void paper is neither signed nor handed over; it is issued anew. It stays in the file, and the ledger says which
decision made it void. Nothing is stored for this but that entry: the decision log says it, and the log is chained.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, sessionmaker

from cases.database import read_transaction
from cases.faults import VoidPaperError
from cases.ledger import seal
from cases.lifecycle import Action, State
from cases.records import Case, Decision, DocumentKind, Notice
from cases.wording import WRONG

ENDING = frozenset({Action.EXPIRE, Action.ANNUL})
"""What ends a case for good: its papers are void, and still those of whom they were issued to."""
VOIDING = ENDING | {Action.AMEND, Action.OBJECT, Action.REOPEN}
"""What takes the ground from every paper, besides the undoing of the confirmation it rests on."""


def voided_by(session: Session, row: Notice) -> Decision | None:
    """The first decision after a paper was issued that made it void; None while it says what stands."""
    query = select(Decision).where(Decision.case_id == row.case_id, takes_ground(row.kind))
    return next(
        (decision for decision in session.scalars(query.order_by(Decision.seq)) if _came_after(decision, row)), None
    )


def takes_ground(kind: DocumentKind) -> ColumnElement[bool]:
    """Rows of the log that take the ground from papers of a kind issued before."""
    undone = and_(Decision.action == Action.UNDO, Decision.from_state == State.CONFIRMED)
    withdrawn = and_(Decision.action == Action.WITHDRAW, Decision.reason == f"{WRONG}{kind}")
    rows = or_(Decision.action.in_(VOIDING), undone, withdrawn)
    return or_(rows, _sent_back()) if kind is DocumentKind.DECISION else rows


def _sent_back() -> ColumnElement[bool]:
    """Rows by which a case that was signed went back to who prepares it: what was signed then is issued anew."""
    return and_(Decision.action == Action.SEND_BACK, Decision.from_state == State.SIGNED)


def superseded(session: Session, row: Notice) -> bool:
    """Whether a paper is void and its case went on without it, perhaps against somebody else."""
    decision = voided_by(session, row)
    return decision is not None and decision.action not in ENDING


def voided(sessions: sessionmaker[Session], rows: Iterable[Notice]) -> dict[str, Decision]:
    """Paper id -> the decision that made it void, for those that are."""
    with read_transaction(sessions) as session:
        found = {row.id: voided_by(session, row) for row in rows}
    return {name: decision for name, decision in found.items() if decision is not None}


def refuse_void(session: Session, row: Notice) -> None:
    """Go on only with a paper that says what stands.

    Raises:
        VoidPaperError: says who did what to the case after the paper was issued.
    """
    decision = voided_by(session, row)
    if decision is not None:
        raise VoidPaperError(
            f"document {row.id}: void, for {decision.actor} took {decision.action} on case {row.case_id} after it was "
            "issued; issue it anew where the case allows it",
            paper=row.kind.value,
        )


def void_papers(session: Session, case: Case, decision: Decision) -> None:
    """Enter in the ledger which papers of a case a decision, already in the log, makes void."""
    if not _takes_ground(decision):
        return
    papers = select(Notice).where(Notice.case_id == case.id).order_by(Notice.issued_at).with_for_update()
    for row in session.scalars(papers.execution_options(populate_existing=True)).all():
        first = voided_by(session, row)
        if first is not None and first.seq == decision.seq:
            seal(session, row, actor=decision.actor, at=decision.at, did="voided", by=decision.action.value)


def _takes_ground(decision: Decision) -> bool:
    undone = decision.action is Action.UNDO and decision.from_state is State.CONFIRMED
    back = decision.action is Action.SEND_BACK and decision.from_state is State.SIGNED
    return undone or back or decision.action in VOIDING | {Action.WITHDRAW}


def _came_after(decision: Decision, row: Notice) -> bool:
    """By the case's version, which no clock changes; papers of earlier software name none."""
    version = row.fields.get("case_version")
    return decision.at > row.issued_at if version is None else int(decision.details.get("version", 0)) > version
