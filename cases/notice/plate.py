"""The plate on a paper: none goes out with a plate that no officer confirmed or corrected, or with another than that.

A case whose plate nobody could establish keeps its other ways: verification on the spot, a reminder, a record with the
vehicle described in words. A notice goes to the owner of a plate, and so always needs one.
"""

from collections.abc import Iterable

from sqlalchemy.orm import Session, sessionmaker

from cases.database import read_transaction
from cases.faults import PlateDiffersError, PlateUnconfirmedError
from cases.lifecycle import APPEALABLE, State
from cases.plate_words import Said, words_of
from cases.records import Case, DocumentKind, Notice
from detector.plates.grammar import shown


def refuse_unconfirmed(session: Session, case: Case, plate: str, *, kind: DocumentKind) -> None:
    """Go on with a paper only when it bears the plate that an officer established, or, but for a notice, none.

    Raises:
        PlateUnconfirmedError: no officer's word establishes a plate. PlateDiffersError: the paper bears another.
    """
    if not plate and kind is not DocumentKind.NOTICE:
        return
    words = words_of(session, case.id)
    standing = words[-1].text if words else ""
    if not standing:
        raise PlateUnconfirmedError(
            f"case {case.id}: no officer confirmed or corrected its plate; say on the review page what it reads, or go "
            "on without a plate (verification on the spot, a record that describes the vehicle)",
            paper=kind.value,
        )
    if plate != standing:
        raise PlateDiffersError(
            f"case {case.id}: the paper bears {plate or 'no plate'}, officers established {standing}; correct the "
            "plate of the case, or issue the paper with that one",
            paper=kind.value,
        )


def bears_another(session: Session, row: Notice) -> bool:
    """Whether officers have said since that the vehicle of a paper's case has another plate, or none they can read."""
    words = words_of(session, row.case_id)
    if not words:
        return False
    return words[-1].said is Said.UNREADABLE or words[-1].text not in ("", row.plate)


def with_another_plate(sessions: sessionmaker[Session], rows: Iterable[Notice]) -> frozenset[str]:
    """Ids of the papers that bear a plate, and another than officers have said since; no decision that was taken.

    A decision stands until it is annulled, whatever is said of the plate after it.
    """
    with read_transaction(sessions) as session:
        return frozenset(
            row.id for row in rows if row.plate and not _stands(session, row) and bears_another(session, row)
        )


def _stands(session: Session, row: Notice) -> bool:
    return row.kind is DocumentKind.DECISION and session.get_one(Case, row.case_id).state in APPEALABLE | {State.APPEAL}


def printed(row: Notice) -> str:
    """The plate of a paper as people read it; papers of earlier software kept letters and digits alone."""
    return str(row.fields.get("plate_shown") or (shown(row.plate) if row.plate else ""))
