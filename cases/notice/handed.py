"""What became of a case's papers on their way out, as the ledger has it; and that none goes out twice by mistake."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.chain import readable_or_none
from cases.database import read_transaction
from cases.faults import HandedJustNowError
from cases.records import EntryKind, LedgerEntry, Notice

TELLS = {"document": str, "channel": str, "reference": str, "delivered": bool}
"""What an entry of a handing over says."""
AGAIN = timedelta(seconds=60)
"""So soon after one handing over by a channel nobody means another: two pressed at once, or one twice."""


def handed(sessions: sessionmaker[Session], case_id: str) -> dict[str, list[LedgerEntry]]:
    """Paper id -> its handings over, oldest first; only papers that were handed over.

    Entries that somebody altered into another shape are left out: the check of the chain names those.
    """
    with read_transaction(sessions) as session:
        return _handed(session, case_id)


def refuse_again(session: Session, row: Notice, channel: str, *, now: datetime) -> None:
    """Go on with handing a paper over unless it went that way just now; to be called with its case locked.

    Raises:
        HandedJustNowError: who did, and from when on it may go that way again.
    """
    for entry in reversed(_handed(session, row.case_id).get(row.id, [])):
        until = entry.at + AGAIN
        if entry.details["channel"] == channel and entry.at <= now < until:
            told = f"document {row.id}: {entry.actor} handed it over by {channel} just now; again from"
            raise HandedJustNowError(f"{told} {until:%H:%M:%S} UTC on", holder=entry.actor, until=until)


def _handed(session: Session, case_id: str) -> dict[str, list[LedgerEntry]]:
    where = LedgerEntry.case_id == case_id, LedgerEntry.kind == EntryKind.DELIVERY
    found: dict[str, list[LedgerEntry]] = {}
    for seq in session.scalars(select(LedgerEntry.seq).where(*where).order_by(LedgerEntry.seq)).all():
        entry = readable_or_none(session, LedgerEntry, seq)
        if entry is not None and _tells(entry.details):
            found.setdefault(entry.details["document"], []).append(entry)
    return found


def _tells(details: object) -> bool:
    return isinstance(details, dict) and all(isinstance(details.get(name), kind) for name, kind in TELLS.items())
