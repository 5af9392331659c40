"""Papers that no longer say what stands: void once the case was amended, reopened or disputed after they were issued.

A void paper is neither signed nor handed over; it is issued anew. It stays in the file, and the ledger says which
decision made it void. Nothing is stored for this but that entry: the decision log says it, and the log is chained.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.database import read_transaction
from cases.faults import VoidPaperError
from cases.ledger import seal
from cases.lifecycle import Action
from cases.records import Case, Decision, Notice

VOIDING = frozenset({Action.AMEND, Action.OBJECT, Action.REOPEN})
"""What takes the ground from a paper: another clause or amount, a dispute to be verified, a case judged anew."""


def voided_by(session: Session, row: Notice) -> Decision | None:
    """The first decision after a paper was issued that made it void; None while it says what stands."""
    query = select(Decision).where(Decision.case_id == row.case_id, Decision.action.in_(VOIDING)).order_by(Decision.seq)
    return next((decision for decision in session.scalars(query) if _came_after(decision, row)), None)


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
            "issued; issue it anew"
        )


def void_papers(session: Session, case: Case, decision: Decision) -> None:
    """Enter in the ledger which papers of a case a decision, already in the log, makes void."""
    if decision.action not in VOIDING:
        return
    rows = session.scalars(select(Notice).where(Notice.case_id == case.id).order_by(Notice.issued_at)).all()
    for row in rows:
        first = voided_by(session, row)
        if first is not None and first.seq == decision.seq:
            seal(session, row, actor=decision.actor, at=decision.at, did="voided", by=decision.action.value)


def _came_after(decision: Decision, row: Notice) -> bool:
    """By the case's version, which no clock changes; papers of earlier software name none."""
    version = row.fields.get("case_version")
    return decision.at > row.issued_at if version is None else int(decision.details.get("version", 0)) > version
