"""What officers said of plates: a commitment in the ledger, the text beside it until the case's evidence goes.

In: a word, inside the caller's `write_transaction`. Out: the words on a case's plate, oldest first. Who changes a text
is found by the ledger; who deletes it with the case leaves nothing there from which it could be guessed.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from cases.chain import readable_or_none
from cases.ledger import enter
from cases.records import EntryKind, LedgerEntry, PlateText

NONCE_BYTES = 16


class Said(StrEnum):
    """What an officer said of a plate."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateWord:
    """One officer's word on a plate; `text` is empty for unreadable, and once it was deleted with the evidence."""

    seq: int
    said: Said
    text: str
    note: str
    actor: str
    at: datetime


def keep_word(
    session: Session, case_id: str, *, actor: str, at: datetime, said: Said, text: str, note: str, look: bool = False
) -> PlateWord:
    """Chain a word and put its text beside it; said in a second look (`look`), it counts for that officer only."""
    nonce = secrets.token_hex(NONCE_BYTES)
    entry = enter(
        session,
        kind=EntryKind.PLATE,
        actor=actor,
        at=at,
        case_id=case_id,
        said=said.value,
        commitment=_commitment(nonce, text),
        note=note,
        **({"look": actor} if look else {}),
    )
    session.flush()
    row = PlateText(seq=entry.seq, case_id=case_id, text=text, nonce=nonce)
    session.add(row)
    return _word(entry, row)


def words_of(session: Session, case_id: str, *, look: str | None = None) -> tuple[PlateWord, ...]:
    """All words on a case's plate, oldest first, or those an officer said in a second look (`look`, the account).

    A text that is not what the ledger recorded is not shown.
    """
    wanted = (
        select(LedgerEntry, PlateText)
        .outerjoin(PlateText, PlateText.seq == LedgerEntry.seq)
        .where(LedgerEntry.kind == EntryKind.PLATE, LedgerEntry.case_id == case_id)
        .order_by(LedgerEntry.seq)
    )
    rows = session.execute(wanted)
    return tuple(_word(entry, row) for entry, row in rows if entry.details.get("look") == look)


def cases_said(text: str) -> Select[str | None]:
    """Ids of cases of whose plate some officer said `text`, in whichever form it is kept."""
    beside = select(PlateText.case_id).where(PlateText.text == text)
    older = LedgerEntry.details["text"].as_string() == text
    return select(LedgerEntry.case_id).where(
        LedgerEntry.kind == EntryKind.PLATE, older | LedgerEntry.case_id.in_(beside)
    )


def forget_words(session: Session, case_id: str) -> None:
    """Delete the texts of a case's words; that and when somebody said something stays in the ledger."""
    session.execute(delete(PlateText).where(PlateText.case_id == case_id))


def word_faults(session: Session) -> list[str]:
    """Texts beside the ledger that are not what it recorded, one sentence each."""
    rows = (
        (seq, readable_or_none(session, LedgerEntry, seq), readable_or_none(session, PlateText, seq))
        for seq in session.scalars(select(PlateText.seq).order_by(PlateText.seq)).all()
    )
    return [
        f"plate_texts row {seq}: is not what the ledger recorded"
        for seq, entry, row in rows
        if entry is None or row is None or not _stands(entry, row)
    ]


def _word(entry: LedgerEntry, row: PlateText | None) -> PlateWord:
    # Words kept before texts lay beside the ledger have them in the entry itself.
    text = str(entry.details.get("text", ""))
    if row is not None and _stands(entry, row):
        text = row.text
    return PlateWord(
        seq=entry.seq,
        said=Said(entry.details["said"]),
        text=text,
        note=entry.details["note"],
        actor=entry.actor,
        at=entry.at,
    )


def _stands(entry: LedgerEntry, row: PlateText) -> bool:
    same = entry.details.get("commitment") == _commitment(row.nonce, row.text)
    return entry.kind is EntryKind.PLATE and entry.case_id == row.case_id and same


def _commitment(nonce: str, text: str) -> str:
    return sha256(f"{nonce}:{text}".encode()).hexdigest()
