"""Cases walked so far with papers, and what is laid down or waited for from there on, in tests of papers."""

from cases.actor import Actor
from cases.database import Database
from cases.evidence import FolderStore
from cases.faults import (
    PaperError,
)
from cases.lifecycle import Action
from cases.openness import openness
from cases.plates import plate_of, say_plate
from cases.records import DocumentKind, Notice
from tests.cases.builders import LAN, NOON, opened
from tests.cases.installation import Installation, items
from tests.cases.papers import establish, lay_down
from tests.cases.walking import HOA, KY, Walk

A = Action
K = DocumentKind
TO_TOSIGN = ((HOA, A.SEEK_OWNER), (HOA, A.MAKE_RECORD), (HOA, A.SUBMIT))
TO_SIGNED = (*TO_TOSIGN, (KY, A.SIGN))
TO_DECIDED = (*TO_SIGNED, (HOA, A.ISSUE))


def walked(database: Database, store: FolderStore, steps: tuple[tuple[Actor, Action], ...] = ()) -> Walk:
    """A confirmed case that went these steps with papers, and goes on without being given any."""
    life = Walk(database, opened(database, store).case_id)
    establish(database, life.case_id, now=NOON)
    life.take(LAN, A.CONFIRM)
    for actor, action in steps:
        life.take(actor, action)
    life.papers = False
    return life


def lay(life: Walk, kind: DocumentKind, **how: object) -> Notice:
    """One more paper of the case."""
    return lay_down(life.database, life.case_id, kind, now=life.now, **how)  # type: ignore[arg-type]


def waits(life: Walk, actor: Actor) -> dict[Action, type[PaperError]]:
    """What is told beforehand to wait for a paper."""
    found = openness(life.database.sessions, life.case(), actor, now=life.now)
    assert not set(found.actions) & set(found.waiting)
    return {action: type(fault) for action, fault in found.waiting.items() if isinstance(fault, PaperError)}


def corrected(made: Installation, life: Walk, plate: str) -> None:
    """An officer's other word on the plate of a case."""
    sessions, seq = made.database.sessions, plate_of(made.database.sessions, case_id=life.case_id, actor=LAN).seq
    say_plate(sessions, case_id=life.case_id, actor=LAN, text=plate, now=life.now, note="đã xem lại", expected_seq=seq)


def handled(made: Installation, *steps: Action) -> Walk:
    """The confirmed case of an installation, brought so far by a handler."""
    life = Walk(made.database, made.case_ids[1], store=made.store)
    for action in steps:
        life.take(HOA, action)
    return life


def confirmed(made: Installation, number: int = 20) -> Walk:
    """Another confirmed case, of whose plate nobody said anything."""
    life = Walk(made.database, opened(made.database, made.store, number, items=items()).case_id, papers=False)
    life.take(LAN, A.CONFIRM)
    return life
