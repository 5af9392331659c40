"""Writing to the ledger: one entry of what happened, or the hash of a row that must not change unseen.

All functions run inside the caller's `write_transaction`, so an act and its entry stand or fall together.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.chain import UNREADABLE, append, columns_sha256, lock_log, readable_or_none
from cases.records import (
    AnswerTask,
    CitizenAnswer,
    CitizenReport,
    EntryKind,
    LawChange,
    LedgerEntry,
    Notice,
    SceneVersion,
    User,
)
from cases.spelling import keys_of, misspelt, row_key

Sealed = Notice | CitizenReport | CitizenAnswer | AnswerTask | User | LawChange | SceneVersion
_KINDS: dict[type[Sealed], EntryKind] = {
    Notice: EntryKind.NOTICE,
    CitizenReport: EntryKind.REPORT,
    CitizenAnswer: EntryKind.ANSWER,
    AnswerTask: EntryKind.ANSWER_TASK,
    User: EntryKind.ACCOUNT,
    LawChange: EntryKind.LAW,
    SceneVersion: EntryKind.SCENE,
}
SEALED = tuple(_KINDS)
"""Tables whose rows are hashed into the ledger each time they are written."""


def enter(
    session: Session, *, kind: EntryKind, actor: str, at: datetime, case_id: str | None = None, **details: Any
) -> LedgerEntry:
    """Chain one entry."""
    entry = LedgerEntry(kind=kind, case_id=case_id, actor=actor, details=details, at=at)
    append(session, entry)
    return entry


def seal(session: Session, row: Sealed, *, actor: str, at: datetime, did: str, **more: Any) -> None:
    """Write a row and chain its hash; `did` says in a word what was done to it, `more` what else is worth telling."""
    session.add(row)
    session.flush()
    lock_log(session, LedgerEntry)  # before the row is read: no other's hash of it comes in between
    session.refresh(row)  # the hash is over what the database will give back
    told = {"did": did, "id": row_key(row), "row_sha256": columns_sha256(row), **more}
    case_id = row.case_id if isinstance(row, Notice | CitizenAnswer | AnswerTask) else None
    enter(session, kind=_KINDS[type(row)], actor=actor, at=at, case_id=case_id, **told)


def sealed_faults(session: Session) -> list[str]:
    """Rows of the sealed tables that are not what the ledger last said of them, one sentence each."""
    return [fault for table in SEALED for fault in _table_faults(session, table)]


def _table_faults(session: Session, table: type[Sealed]) -> list[str]:
    last = _last_hashes(session, table)
    found = keys_of(session, table)
    rows = {key: row for key in found if (row := readable_or_none(session, table, _typed(table, key))) is not None}
    bad = {str(row_key(row)) for row, _ in misspelt(session, list(rows.values()))}
    bad |= {key for key in found if key not in rows or columns_sha256(rows[key]) != last.get(key)}
    name = table.__tablename__
    faults = [f"{name} row {key}: is not what the ledger recorded" for key in sorted(bad)]
    return faults + [f"{name} row {key}: was removed" for key in sorted(set(last) - set(found))]


def _typed(table: type[Sealed], key: str) -> str | int:
    return int(key) if table in (LawChange, SceneVersion) and key.isdecimal() else key


def _last_hashes(session: Session, table: type[Sealed]) -> dict[str, str]:
    """Id of a row -> its hash in the last entry about it; unreadable entries are the chain's own fault."""
    kind = _KINDS[table]
    numbers = session.scalars(select(LedgerEntry.seq).where(LedgerEntry.kind == kind).order_by(LedgerEntry.seq))
    last: dict[str, str] = {}
    for seq in numbers.all():
        entry = readable_or_none(session, LedgerEntry, seq)
        try:
            if entry is not None:
                last[str(entry.details["id"])] = str(entry.details["row_sha256"])
        except UNREADABLE:
            continue
    return last
