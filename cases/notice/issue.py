"""Issuing a paper: only on a violation that officers confirmed, numbered without gaps, chained, with a look-up code.

The code is printed on the paper and given back once; only its hash is kept. The PDF lies beside the evidence under
`documents/`; its hash is in the row, and the row's hash in the ledger.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.chain import lock_log
from cases.citizen.desk import refuse_waiting
from cases.database import read_transaction, write_transaction
from cases.evidence import EvidenceStore
from cases.faults import IllegalMoveError, NotFoundError
from cases.ledger import seal
from cases.lifecycle import Action, State, Track, track_of
from cases.loading import load
from cases.notice.content import document_data
from cases.notice.form import DocumentForm
from cases.notice.ground import record_number
from cases.notice.plate import refuse_unconfirmed
from cases.notice.standing import refuse_second
from cases.notice.typeset import qr_svg, typeset
from cases.plates import written
from cases.records import Case, Decision, DocumentKind, LedgerEntry, Notice
from cases.redaction import redacted_stills
from cases.roles import HANDLERS
from cases.second_look import open_review
from cases.settings import Settings
from cases.verification import verify_case
from detector.types import EvidenceError

S = State
ISSUED_IN: dict[DocumentKind, frozenset[State]] = {
    DocumentKind.NOTICE: frozenset({S.CONFIRMED, S.OWNER, S.NOTICED, S.NORESP, S.MOVED}),
    DocumentKind.RECORD: frozenset({S.OWNER, S.NOTICED, S.NORESP, S.WARNED, S.MOVED, S.RECORD, S.EXPLAIN}),
    DocumentKind.RESULT: frozenset({S.CONFIRMED, S.OWNER, S.NOTICED, S.NORESP, S.WARNED, S.MOVED})
    | {S.RECORD, S.EXPLAIN, S.TOSIGN},
    DocumentKind.DECISION: frozenset({S.RECORD, S.EXPLAIN, S.TOSIGN, S.SIGNED}),
}
SUFFIX = {
    DocumentKind.NOTICE: "TB",
    DocumentKind.RECORD: "BB-VPHC",
    DocumentKind.RESULT: "KQ",
    DocumentKind.DECISION: "QĐ-XPHC",
}
DRAFTS = frozenset({DocumentKind.RECORD, DocumentKind.DECISION})
WITHOUT_CODE = frozenset({DocumentKind.RESULT, DocumentKind.DECISION})
"""Papers that print no look-up code; none is given back for them."""
TITLE = {
    DocumentKind.NOTICE: "Thông báo vi phạm hành chính về trật tự, an toàn giao thông đường bộ",
    DocumentKind.RECORD: "Biên bản vi phạm hành chính (dự thảo)",
    DocumentKind.RESULT: "Kết quả thu thập được bằng phương tiện, thiết bị kỹ thuật nghiệp vụ",
    DocumentKind.DECISION: "Quyết định xử phạt vi phạm hành chính (dự thảo)",
}
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I, O: read from paper and typed on a telephone."""


@dataclass(frozen=True, slots=True)
class Issued:
    """An issued paper and its look-up code, which is not kept anywhere."""

    document: Notice
    code: str


def issue(
    sessions: sessionmaker[Session],
    store: EvidenceStore,
    settings: Settings,
    *,
    case_id: str,
    kind: DocumentKind,
    form: DocumentForm,
    actor: Actor,
    now: datetime,
) -> Issued:
    """Typeset, number, store and chain one paper.

    Raises:
        IllegalMoveError: officers have not confirmed the violation, no clause applies, or the state does not fit.
        AnswerWaitsError: the owner says not to have driven, and nobody dealt with it.
        PlateUnconfirmedError: no officer established the plate the form names.
        AlreadyIssuedError: a paper of the kind stands in the case.
        NotFoundError, NotPermittedError: the case or the role does not fit.
        EvidenceError: the evidence is not intact.
    """
    actor.require(HANDLERS, "issuing a paper")
    with read_transaction(sessions) as session:
        _check(session, load(session, case_id, actor), kind, form)
    report = verify_case(sessions, store, case_id=case_id, whole_log=False)
    if not report.intact or report.deleted:
        raise EvidenceError(f"case {case_id}: its evidence is not intact, no paper is issued: {report}")
    with read_transaction(sessions) as session:
        stills = dict(redacted_stills(store, load(session, case_id, actor).evidence_location))
    with write_transaction(sessions) as session:
        case = load(session, case_id, actor, lock=True)
        _check(session, case, kind, form)
        number, code = _number(session, kind, now, case.timezone), new_code()
        data = document_data(
            case, store.manifest(case.evidence_location), form, settings, number=number, now=now, maker=actor.name
        ) | {
            "plate_shown": written(case, form.plate) if form.plate else "",
            "record_number": record_number(session, case) if kind is DocumentKind.DECISION else "",
        }
        row, pdf = _typeset(case, kind, data, code, settings, stills, actor=actor, now=now)
        store.put(row.name, pdf)
        seal(session, row, actor=actor.name, at=now, did="issued")
    return Issued(row, code if row.plate and kind not in WITHOUT_CODE else "")


def _typeset(
    case: Case,
    kind: DocumentKind,
    data: dict[str, Any],
    code: str,
    settings: Settings,
    stills: dict[str, bytes],
    *,
    actor: Actor,
    now: datetime,
) -> tuple[Notice, bytes]:
    """The paper and its row; the code is on the paper only."""
    document_id = f"{SUFFIX[kind][:2].replace('Đ', 'D')}-{new_code()}"
    url = f"{settings.citizens_url}/tra-cuu"
    shown = {**data, "title": TITLE[kind], "url": url, "draft": kind in DRAFTS, "case_version": case.version}
    pictures = {"qr.svg": qr_svg(f"{url}?thong-bao={document_id}"), **stills}
    pdf = typeset(f"{kind.value}.typ", {**shown, "code": code}, pictures)
    row = Notice(
        id=document_id,
        case_id=case.id,
        kind=kind,
        number=data["number"],
        plate=data["plate"],
        code_sha256=code_sha256(code),
        fields=shown,
        name=f"documents/{case.id}/{document_id}.pdf",
        sha256=hashlib.sha256(pdf).hexdigest(),
        issued_by=actor.name,
        issued_at=now,
    )
    return row, pdf


def documents(sessions: sessionmaker[Session], *, case_id: str, actor: Actor) -> list[Notice]:
    """All papers of a case, oldest first, none at a second look; errors as `cases.loading.load`."""
    with read_transaction(sessions) as session:
        case = load(session, case_id, actor)
        if open_review(session, case.id, actor) is not None:
            return []
        return list(session.scalars(select(Notice).where(Notice.case_id == case.id).order_by(Notice.issued_at)))


def document(session: Session, *, case_id: str, document_id: str, actor: Actor) -> Notice:
    """One paper of a case.

    Raises:
        NotFoundError: there is none of this id.
    """
    case = load(session, case_id, actor)
    row = session.get(Notice, document_id)
    if row is None or row.case_id != case.id or open_review(session, case.id, actor) is not None:
        raise NotFoundError(f"document {document_id!r}: case {case.id} has none of this id")
    return row


def document_pdf(store: EvidenceStore, row: Notice, *, signed: bool) -> bytes:
    """The bytes of a paper, checked against its row.

    Raises:
        NotFoundError: it is not signed. EvidenceError: the file is gone or altered.
    """
    name, digest = (row.signed_name, row.signed_sha256) if signed else (row.name, row.sha256)
    if name is None:
        raise NotFoundError(f"document {row.id}: is not signed")
    data = store.get(name)
    if data is None or hashlib.sha256(data).hexdigest() != digest:
        raise EvidenceError(f"document {row.id}: {name} is missing or altered; restore it from a backup")
    return data


def new_code() -> str:
    """Two groups of four letters and digits: 40 bits, drawn anew for each paper."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(2))


def code_sha256(code: str) -> str:
    """What is kept of a look-up code; blanks, hyphens and case do not count."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _check(session: Session, case: Case, kind: DocumentKind, form: DocumentForm) -> None:
    confirmed = session.scalar(
        select(func.count())
        .select_from(Decision)
        .where(Decision.case_id == case.id, Decision.action == Action.CONFIRM, Decision.to_state == State.CONFIRMED)
    )
    allowed = ISSUED_IN[kind]
    if case.state not in allowed or not confirmed or case.confirmed_by is None:
        states = ", ".join(sorted(allowed))
        raise IllegalMoveError(
            f"case {case.id}: a {kind} is issued only after officers confirmed the violation, in {states}; "
            f"it stands at {case.state}"
        )
    if kind is DocumentKind.RESULT and track_of(case.source_kind) is not Track.DEVICE:
        raise IllegalMoveError(f"case {case.id}: what a citizen or a community camera sent is no device's result")
    if case.reminder_only or not case.offence:
        raise IllegalMoveError(f"case {case.id}: no clause of the law is laid down for it; amend the case first")
    refuse_waiting(session, case.id)
    refuse_unconfirmed(session, case, form.plate, kind=kind)
    refuse_second(session, case, kind, form.plate)


def _number(session: Session, kind: DocumentKind, now: datetime, zone: str) -> str:
    """The next running number of the year; the ledger's lock keeps two papers from taking the same."""
    lock_log(session, LedgerEntry)
    ending = f"/{now.astimezone(ZoneInfo(zone)):%Y}/{SUFFIX[kind]}"
    taken = session.scalar(
        select(func.count()).select_from(Notice).where(Notice.kind == kind, Notice.number.endswith(ending))
    )
    return f"{(taken or 0) + 1:06d}{ending}"
