"""Which offence a case answers to, what it costs by default, who may sign, and the stamp a case carries.

Choosing goes by kind, vehicle and the facts of the scene; a fact that is not known never chooses the heavier clause.
The stamp is a copy: later changes of the table do not touch cases already stamped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.faults import BadReasonError
from cases.law.table import LawTable, Offence, Title
from detector.types import ViolationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The offence proposed and the others an officer may choose; `by_facts` says the scene decided."""

    offence: Offence | None
    by_facts: bool
    others: tuple[Offence, ...]


def candidates(table: LawTable, *, kind: ViolationKind, vehicle: str | None, on: date) -> list[Offence]:
    """Rows in force on the day of the act for its kind and vehicle, in the table's order."""
    return [
        row
        for row in table.offence
        if kind in row.kinds and row.in_force(on) and (not row.vehicles or vehicle in row.vehicles)
    ]


def propose(
    table: LawTable, *, kind: ViolationKind, vehicle: str | None, facts: Mapping[str, Any], on: date
) -> Proposal:
    """The clause the facts of the scene ask for; where they are silent, the lightest of the defaults."""
    rows = candidates(table, kind=kind, vehicle=vehicle, on=on)
    fitting = [row for row in rows if row.default and row.when and _fits(row, facts)]
    plain = [row for row in rows if row.default and not row.when]
    undecided = sorted((row for row in rows if row.default), key=lambda row: row.person_vnd)
    chosen = next(iter([*fitting, *plain, *undecided]), None)
    return Proposal(
        offence=chosen,
        by_facts=chosen is not None and (chosen in fitting or len(plain) == 1),
        others=tuple(row for row in rows if row is not chosen),
    )


def signers_of(table: LawTable, offence: Offence, *, organisation: bool = False) -> list[Title]:
    """Offices that may sign it, lowest first."""
    return [title for title in table.title if title.may_sign(offence, organisation=organisation)]


def unit_for(table: LawTable, offence: Offence | None, *, organisation: bool = False) -> str:
    """Where the case goes: `commune` where its police chief may sign, else `city`."""
    units = {title.unit for title in signers_of(table, offence, organisation=organisation)} if offence else set()
    return "commune" if "commune" in units else "city"


def stamp(
    table: LawTable,
    offence: Offence,
    *,
    organisation: bool = False,
    amount_vnd: int | None = None,
    by_facts: bool = False,
) -> dict[str, Any]:
    """What a case keeps of the law applied to it, as JSON values; the amount defaults to the middle of the range.

    Raises:
        BadReasonError: the offence does not bind organisations, or the amount lies outside its range.
    """
    bounds = table.range_vnd(offence, organisation=organisation)
    if bounds is None:
        raise BadReasonError(f"subject: {offence.provision} binds individuals only", why="subject")
    fault = amount_fault(bounds, amount_vnd) if amount_vnd is not None else None
    if fault:
        raise BadReasonError(fault, why="amount", allowed=[str(bound) for bound in bounds])
    doubled = organisation and offence.organisation_vnd is None
    return {
        "id": offence.id,
        "number": offence.number,
        "provision": offence.provision,
        "act": offence.act.model_dump(),
        "decree": offence.decree,
        "subject": "organisation" if organisation else "person",
        "range_vnd": list(bounds),
        "amount_vnd": amount_vnd if amount_vnd is not None else sum(bounds) // 2,
        "points": offence.points,
        "remedies": [{"code": code, **table.remedies[code].model_dump()} for code in offence.remedies],
        "signers": [title.code for title in signers_of(table, offence, organisation=organisation)],
        "time_bar_years": offence.time_bar_years,
        "from": offence.from_.isoformat(),
        "to": offence.to.isoformat() if offence.to else None,
        "certainty": table.organisation.certainty if doubled else offence.certainty,
        "by_facts": by_facts,
        "table_version": table.version,
    }


def amount_fault(bounds: tuple[int, int], amount_vnd: int) -> str | None:
    """What is wrong with an amount, None when nothing is."""
    if bounds[0] <= amount_vnd <= bounds[1]:
        return None
    return f"amount_vnd {amount_vnd}: expected {bounds[0]} to {bounds[1]}, the range of the provision"


def _fits(row: Offence, facts: Mapping[str, Any]) -> bool:
    return all(facts.get(name) in values for name, values in row.when.items())
