"""The law on a case: proposed when it is opened, changed by an officer, its hash carried by every decision."""

from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from cases.canonical import sha256_of
from cases.faults import BadReasonError, LawStopsError
from cases.law.changes import current_table
from cases.law.selection import candidates, propose, stamp, unit_for
from cases.law.table import LawTable, Offence
from cases.records import LAW_COLUMNS, Case

Subject = Literal["person", "organisation"]


def day_of(case: Case) -> date:
    """The day of the act where it happened; the day of opening when no date is known."""
    return (case.occurred_at or case.opened_at).astimezone(ZoneInfo(case.timezone)).date()


def apply_proposal(session: Session, case: Case) -> None:
    """Stamp what the facts of the scene ask for; nothing where the table has no clause for it, or stops.

    What a camera saw is kept whatever became of the table: an officer chooses the clause once it is mended.
    """
    case.offence_id = case.offence = case.amount_vnd = None
    case.unit = "city"
    try:
        table = current_table(session)
    except LawStopsError:
        return
    found = propose(table, kind=case.kind, vehicle=case.vehicle, facts=case.facts, on=day_of(case))
    if found.offence is None:
        return
    _write(table, case, found.offence, stamp(table, found.offence, by_facts=found.by_facts))


def apply_choice(
    session: Session, case: Case, *, offence_id: str | None, amount_vnd: int | None, subject: Subject | None
) -> None:
    """Stamp what an officer chose; what is None stays as it stands, the amount follows a new clause or subject.

    Raises:
        BadReasonError: the clause is not one for this act on its day, or the amount lies outside its range.
    """
    table, standing = current_table(session), case.offence or {}
    chosen = offence_id or case.offence_id
    rows = {row.id: row for row in candidates(table, kind=case.kind, vehicle=case.vehicle, on=day_of(case))}
    offence = rows.get(chosen or "")
    if offence is None:
        told = f"offence {chosen!r}: none for this act on its day; choose one of {', '.join(rows)}"
        raise BadReasonError(told, why="clause_unfit", allowed=list(rows))
    who = subject or standing.get("subject", "person")
    same = chosen == case.offence_id and who == standing.get("subject")
    amount = amount_vnd if amount_vnd is not None else (case.amount_vnd if same else None)
    _write(table, case, offence, stamp(table, offence, organisation=who == "organisation", amount_vnd=amount))


def choices(session: Session, case: Case) -> tuple[LawTable, list[Offence]]:
    """The table and the rows an officer may choose from for a case."""
    table = current_table(session)
    return table, candidates(table, kind=case.kind, vehicle=case.vehicle, on=day_of(case))


def refuse_without_clause(session: Session, case: Case) -> None:
    """Go on with confirming a case that bears no clause only where the table has none for it.

    Raises:
        BadReasonError: names the clauses to choose from. LawStopsError: they cannot be told now.
    """
    _, rows = choices(session, case)
    if case.offence is None and rows:
        numbers = [row.number for row in rows]
        told = f"offence: none is chosen for {case.id}; choose one of {', '.join(numbers)}"
        raise BadReasonError(told, why="clause", allowed=numbers)


def standing_hash(case: Case) -> str:
    """SHA-256 of the columns that say how the case stands in law; the last decision of the case carries it."""
    return sha256_of({name: getattr(case, name) for name in sorted(LAW_COLUMNS)})


def _write(table: LawTable, case: Case, offence: Offence, stamped: dict[str, Any]) -> None:
    case.offence_id, case.offence, case.amount_vnd = offence.id, stamped, stamped["amount_vnd"]
    case.unit = unit_for(table, offence, organisation=stamped["subject"] == "organisation")
