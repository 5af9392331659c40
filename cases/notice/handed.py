"""What became of a case's papers on their way out, as the ledger has it."""

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.database import read_transaction
from cases.records import EntryKind, LedgerEntry


def handed(sessions: sessionmaker[Session], case_id: str) -> dict[str, list[LedgerEntry]]:
    """Paper id -> its handings over, oldest first; only papers that were handed over."""
    where = LedgerEntry.case_id == case_id, LedgerEntry.kind == EntryKind.DELIVERY
    found: dict[str, list[LedgerEntry]] = {}
    with read_transaction(sessions) as session:
        for entry in session.scalars(select(LedgerEntry).where(*where).order_by(LedgerEntry.seq)):
            found.setdefault(str(entry.details["document"]), []).append(entry)
    return found
