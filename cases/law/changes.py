"""Changing the law table: one administrator proposes a row, another approves or refuses it.

The table in force is the shipped one with all approved changes laid over it in order; a change of an id replaces that
row, a new id adds one. Cases keep the stamp they were given.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.canonical import sha256_of
from cases.chain import lock_log
from cases.database import read_transaction, write_transaction
from cases.faults import BadChangeError, IllegalMoveError, LawStopsError, NotFoundError, NotPermittedError, StaleError
from cases.law.table import LawTable, Offence, seed_table
from cases.ledger import seal
from cases.records import LawChange, LedgerEntry
from cases.roles import Role
from detector.scene.fault import faults

EVER = datetime.max.replace(tzinfo=UTC)
KEEPERS = frozenset({Role.ADMINISTRATOR})
_tables: dict[tuple[str, int, int, str], LawTable] = {}
"""The table last put together, by database and the changes in it."""


def current_table(session: Session) -> LawTable:
    """The table with all approved changes.

    Raises:
        LawStopsError: a row approved by earlier software does not fit the rules of today; names it and the cure.
    """
    approved = select(func.count(), func.max(LawChange.id), func.max(LawChange.decided_at))
    count, last, decided_at = session.execute(approved.where(LawChange.status == "approved")).one()
    if not count:
        return seed_table()
    key = (str(session.get_bind().engine.url), count, last, str(decided_at))
    table = _tables.get(key)
    if table is None:
        rows = session.scalars(select(LawChange).where(LawChange.status == "approved").order_by(LawChange.decided_at))
        newest = {row.offence_id: row for row in rows}
        table = overlaid(seed_table(), [_approved(row) for row in newest.values()], count)
        _tables.clear()
        _tables[key] = table
    return table


def overlaid(table: LawTable, rows: list[Offence], number: int) -> LawTable:
    """A table with rows replaced by id or added at the end."""
    offences = {row.id: row for row in table.offence} | {row.id: row for row in rows}
    return table.model_copy(update={"offence": tuple(offences.values()), "version": f"{table.version}+{number}"})


def fitting(content: dict[str, Any]) -> Offence:
    """The row that plain values say.

    Raises:
        BadChangeError: names each field that is wrong, or the remedies without words.
    """
    try:
        offence = Offence.model_validate(content)
    except ValidationError as error:
        found = faults(error.errors(include_url=False))
        raise BadChangeError(f"offence: {'; '.join(map(str, found))}", faults=found) from error
    if unknown := set(offence.remedies) - set(seed_table().remedies):
        told = f"offence: remedies {sorted(unknown)}: not in the table"
        raise BadChangeError(
            told, why="remedies", typed=", ".join(sorted(unknown)), allowed=sorted(seed_table().remedies)
        )
    return offence


def _approved(change: LawChange) -> Offence:
    try:
        return fitting(change.content)
    except BadChangeError as error:
        raise LawStopsError(
            f"law change {change.id}: the approved row {change.offence_id} fits the law table no more ({error}); "
            "propose and approve a row with the same id in its place",
            row=change.offence_id,
        ) from error


def propose_change(
    sessions: sessionmaker[Session], *, actor: Actor, content: dict[str, Any], source: str, now: datetime
) -> LawChange:
    """Propose a row.

    Raises:
        NotPermittedError: not an administrator.
        BadChangeError: the row is wrong, names a remedy without words, or says what stands already.
    """
    actor.require(KEEPERS, "changing the law table")
    offence = fitting(content)
    if not source.strip():
        raise BadChangeError("source: name the instrument", why="source")
    with write_transaction(sessions) as session:
        if _says(_standing_row(session, offence.id), offence):
            told = f"offence {offence.id}: changes nothing; the row in force says the same already"
            raise BadChangeError(told, why="unchanged", typed=offence.id)
        change = LawChange(
            offence_id=offence.id,
            content=offence.model_dump(mode="json", by_alias=True),
            source=source.strip(),
            status="proposed",
            proposed_by=actor.name,
            proposed_at=now,
            decided_by=None,
            decided_at=None,
            decision_note="",
        )
        seal(session, change, actor=actor.name, at=now, did="proposed", offence_id=change.offence_id)
        return change


def decide_change(
    sessions: sessionmaker[Session],
    *,
    actor: Actor,
    change_id: int,
    approve: bool,
    note: str,
    now: datetime,
    before_sha256: str | None = None,
) -> LawChange:
    """Approve or refuse another administrator's change; `before_sha256` is of the row shown as the one it replaces.

    Raises:
        NotFoundError: no such change. IllegalMoveError: it was decided already.
        StaleError: to be approved, but another row has come into the place of the one shown.
        BadChangeError: to be approved, but it was proposed to earlier software and does not fit the rules of today.
        NotPermittedError: not an administrator, or the one who proposed it (refusing one's own withdraws it).
    """
    actor.require(KEEPERS, "changing the law table")
    with write_transaction(sessions) as session:
        change = session.get(LawChange, change_id, with_for_update=True)
        if change is None:
            raise NotFoundError(f"law change {change_id}: there is none")
        if change.status != "proposed":
            raise IllegalMoveError(f"law change {change_id}: was {change.status} by {change.decided_by} already")
        if approve and change.proposed_by == actor.name:
            raise NotPermittedError(f"law change {change_id}: {actor.name} proposed it; another administrator approves")
        if approve:
            fitting(change.content)
        lock_log(session, LedgerEntry)  # no other change is approved between this look and this decision
        if approve and before_sha256 not in (None, sha256_of(_standing_row(session, change.offence_id))):
            raise StaleError(f"law change {change_id}: row {change.offence_id} was changed since it was read")
        latest = session.scalar(select(func.max(LawChange.decided_at)))
        if latest is not None and latest >= now:  # the clock was put back: what is decided later still stands later
            now = latest + timedelta(microseconds=1)
        change.status = "approved" if approve else "refused"
        change.decided_by, change.decided_at, change.decision_note = actor.name, now, note.strip()
        seal(session, change, actor=actor.name, at=now, did=change.status, offence_id=change.offence_id)
        return change


def replaced(changes: Sequence[LawChange]) -> dict[int, dict[str, Any] | None]:
    """Of all changes, by their id: the row each takes or took the place of, or would have; None where its id is new."""
    approved = sorted((one for one in changes if one.status == "approved"), key=lambda one: one.decided_at or EVER)
    return {change.id: _row_before(change, approved) for change in changes}


def _standing_row(session: Session, offence_id: str) -> dict[str, Any] | None:
    same = LawChange.status == "approved", LawChange.offence_id == offence_id
    newest = select(LawChange).where(*same).order_by(LawChange.decided_at.desc()).limit(1)
    change = session.scalars(newest).first()
    return change.content if change is not None else _shipped(offence_id)


def _says(content: dict[str, Any] | None, offence: Offence) -> bool:
    """Whether a row of the table says what another does; one of earlier software may say it in fewer words."""
    try:
        return content is not None and fitting(content) == offence
    except BadChangeError:
        return False


def _row_before(change: LawChange, approved: Sequence[LawChange]) -> dict[str, Any] | None:
    until = change.decided_at or EVER
    same = (one for one in approved if one.offence_id == change.offence_id)
    earlier = [one.content for one in same if (one.decided_at or EVER) < until]
    if earlier:
        return earlier[-1]
    return _shipped(change.offence_id)


def _shipped(offence_id: str) -> dict[str, Any] | None:
    row = seed_table().find(offence_id)
    return row.model_dump(mode="json", by_alias=True) if row else None


def list_changes(sessions: sessionmaker[Session]) -> list[LawChange]:
    """All changes, newest first."""
    with read_transaction(sessions) as session:
        return list(session.scalars(select(LawChange).order_by(LawChange.id.desc()).limit(1000)))
