"""Papers and plates of cases in tests about something else: rows as the product writes them, set in no type."""

import hashlib
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.database import Database, write_transaction
from cases.evidence import FolderStore
from cases.faults import NoPaperError, PaperError, UnsignedPaperError, VoidPaperError
from cases.ledger import seal
from cases.lifecycle import MOVES, Action
from cases.notice.ground import paper_behind, signer_of
from cases.notice.issue import new_code
from cases.plate_words import Said, keep_word, words_of
from cases.records import Case, DocumentKind, Notice

PLATE = "29A12345"
PDF = b"%PDF-1.7 laid down"


def establish(database: Database, case_id: str, *, now: datetime, plate: str = PLATE, by: str = "lan") -> None:
    """An officer's word on a case's plate."""
    with write_transaction(database.sessions) as session:
        keep_word(session, case_id, actor=by, at=now, said=Said.CONFIRMED, text=plate, note="")


def lay_down(
    database: Database,
    case_id: str,
    kind: DocumentKind,
    *,
    now: datetime,
    plate: str = PLATE,
    signed_by: str | None = None,
    store: FolderStore | None = None,
) -> Notice:
    """A paper of a case."""
    with write_transaction(database.sessions) as session:
        return _lay_down(session, case_id, kind, now=now, plate=plate, signed_by=signed_by, store=store)


def provide(database: Database, case_id: str, action: Action, reason: str, *, now: datetime,
            store: FolderStore | None = None) -> None:  # fmt: skip
    """Whatever paper a move rests on, where the case has none that does; its plate too."""
    with write_transaction(database.sessions) as session:
        case = session.get_one(Case, case_id)
        if MOVES[action].rests_on is None:
            return
        words = words_of(session, case_id)
        if not words:
            keep_word(session, case_id, actor="lan", at=now, said=Said.CONFIRMED, text=PLATE, note="")
        plate = words[-1].text if words else PLATE
        kind = DocumentKind(MOVES[action].rests_on.paper)  # type: ignore[union-attr]
        try:
            paper_behind(session, case, MOVES[action], reason)
        except UnsignedPaperError:
            _sign(session, case_id, kind, now)
        except (NoPaperError, VoidPaperError):
            signer = signer_of(session, case_id) if kind is DocumentKind.DECISION else "chief"
            _lay_down(session, case_id, kind, now=now, plate=plate, signed_by=signer, store=store)
        except PaperError:
            return  # what a test is about


def _sign(session: Session, case_id: str, kind: DocumentKind, now: datetime) -> None:
    mine = select(Notice).where(Notice.case_id == case_id, Notice.kind == kind)
    row = session.scalars(mine.order_by(Notice.issued_at.desc(), Notice.number.desc())).all()[0]
    row.signed_by = signer_of(session, case_id) if kind is DocumentKind.DECISION else "chief"
    row.signed_at, row.signed_name, row.signed_sha256 = now, row.name, row.sha256
    seal(session, row, actor=cast(str, row.signed_by), at=now, did="signed")


def _lay_down(session: Session, case_id: str, kind: DocumentKind, *, now: datetime, plate: str, signed_by: str | None,
              store: FolderStore | None) -> Notice:  # fmt: skip
    case, name = session.get_one(Case, case_id), f"X-{new_code()}"
    row = Notice(
        id=name, case_id=case_id, kind=kind, number=name, plate=plate, code_sha256="0" * 64,
        fields={"case_version": case.version}, name=f"documents/{case_id}/{name}.pdf",
        sha256=hashlib.sha256(PDF).hexdigest(), issued_by="hoa", issued_at=now,
    )  # fmt: skip
    if signed_by is not None:
        row.signed_by, row.signed_at, row.signed_name, row.signed_sha256 = signed_by, now, row.name, row.sha256
    if store is not None:
        store.put(row.name, PDF)
    seal(session, row, actor="hoa", at=now, did="issued")
    return row
