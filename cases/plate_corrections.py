"""What officers made of plates, as training data for the next reader: crops with their texts, from the local store.

In: a commander's account, a reason, an empty folder. Out: `images/` and `plates.csv` (file, text, rows, upper) as
`models/recipes/plate` reads them. Only plates that an officer confirmed or corrected, in the account's wards, whose
evidence is still kept. The export is entered in the ledger before the first file is written.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, true
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.database import write_transaction
from cases.evidence import EvidenceStore
from cases.faults import BadQueryError
from cases.ledger import enter
from cases.plate_words import words_of
from cases.plates import reason_of
from cases.records import Case, EntryKind, LedgerEntry
from cases.roles import Role
from detector.plates.confusion import edits
from detector.plates.grammar import fits
from detector.types import ObjectClass

EXPORTERS = frozenset({Role.COMMANDER})
CROPS = "plate-"
"""Items of a bundle that show the plate: `plate-1.jpg` and on."""
APART_MOST = 3
"""Characters in which a text may differ from what the crops were read as; beyond it they show another's plate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One crop and what an officer said it reads; `upper` is the upper row, empty on a plate of one row."""

    file: str
    case_id: str
    image: bytes
    text: str
    rows: int
    upper: str


def export_corrections(
    sessions: sessionmaker[Session], store: EvidenceStore, *, actor: Actor, reason: str, out: Path, now: datetime
) -> list[Correction]:
    """Write all corrections to `out`; returns them.

    Raises:
        NotPermittedError: only commanders export. BadReasonError: no reason in words.
        BadQueryError: `out` is there and not empty. EvidenceError: an item cannot be read.
    """
    actor.require(EXPORTERS, "exporting crops of plates")
    why = reason_of(reason)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadQueryError(f"{out}: is not an empty folder; name a new one")
    with write_transaction(sessions) as session:
        found = [row for case, text in _established(session, actor) for row in _corrections(store, case, text)]
        ids = sorted({row.case_id for row in found})
        enter(session, kind=EntryKind.EXPORT, actor=actor.name, at=now, purpose="plates", reason=why, cases=ids)
    _write(found, out)
    return found


def _established(session: Session, actor: Actor) -> Iterator[tuple[Case, str]]:
    """Cases whose plate stands by an officer's last word, with its text."""
    said = select(LedgerEntry.case_id).where(LedgerEntry.kind == EntryKind.PLATE)
    forgotten = select(LedgerEntry.case_id).where(LedgerEntry.kind == EntryKind.TOMBSTONE)
    mine = Case.ward.in_(actor.wards) if actor.wards else true()
    wanted = select(Case).where(Case.id.in_(said), Case.id.not_in(forgotten), mine).order_by(Case.id)
    for case in session.scalars(wanted):
        words = words_of(session, case.id)
        if words and words[-1].text:
            yield case, words[-1].text


def _corrections(store: EvidenceStore, case: Case, text: str) -> list[Correction]:
    """The case's crops with that text; none where it fits no form or the crops were read as something else entirely."""
    vehicle = ObjectClass.from_label(case.vehicle) if case.vehicle else None
    forms = fits(text, vehicle=vehicle)
    if not forms or edits(text, str(case.facts.get("plate_text", ""))) > APART_MOST:
        return []
    rows = int(case.facts.get("plate_rows", 2))
    names = [item.name for item in store.manifest(case.evidence_location).items if item.name.startswith(CROPS)]
    return [
        Correction(
            file=f"{case.id}-{name}",
            case_id=case.id,
            image=store.local_path(case.evidence_location, name).read_bytes(),
            text=text,
            rows=rows,
            upper=forms[0].head if rows == 2 else "",
        )
        for name in names
    ]


def _write(found: Sequence[Correction], out: Path) -> None:
    (out / "images").mkdir(parents=True, exist_ok=True)
    for row in found:
        (out / "images" / row.file).write_bytes(row.image)
    with (out / "plates.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("file", "text", "rows", "upper"))
        table.writerows((row.file, row.text, row.rows, row.upper) for row in found)
