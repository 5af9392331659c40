"""Signing a paper by the authorised person: PAdES, with a PKCS#12 file or a token (PKCS#11), here or outside.

`sign` signs with a key the installation reaches. Whoever holds a token elsewhere signs the issued PDF there and hands
it back: `accept` takes it only when it is the issued PDF, byte for byte, plus a signature that holds.
"""

import hashlib
import warnings
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Protocol

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import SimpleSigner, sign_pdf
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.citizen.desk import refuse_waiting
from cases.database import read_transaction, write_transaction
from cases.evidence import EvidenceStore
from cases.faults import (
    BadReasonError,
    CaseFirstError,
    IllegalMoveError,
    NotPermittedError,
    UnsignedPaperError,
    WrongPassphraseError,
)
from cases.ledger import seal
from cases.lifecycle import State
from cases.loading import load
from cases.notice.ground import signer_of
from cases.notice.issue import document, document_pdf
from cases.notice.plate import refuse_unconfirmed
from cases.notice.token import METADATA, token_of
from cases.notice.void import refuse_void
from cases.records import Case, DocumentKind, Notice
from cases.roles import SIGNERS, Role
from cases.settings import Settings
from detector.types import CaseError, ConfigError

SIGNING = SIGNERS | {Role.COMMANDER}
DECIDED_IN = frozenset({State.SIGNED, State.DECIDED, State.SERVED, State.PAID, State.FORCE, State.APPEAL})
"""States in which a person with the power has signed the case; before, a decision is a draft."""


class SigningKey(Protocol):
    """What signs a paper, once its passphrase or PIN is given."""

    def signed(self, pdf: bytes, secret: str, /) -> bytes:
        """The PDF with a PAdES signature appended."""
        ...


def sign(
    sessions: sessionmaker[Session],
    store: EvidenceStore,
    *,
    case_id: str,
    document_id: str,
    actor: Actor,
    key: SigningKey | None,
    secret: str,
    now: datetime,
) -> Notice:
    """Sign an issued paper with a key of the installation; `secret` is its passphrase or PIN, and is not kept.

    Raises:
        NotPermittedError: the role does not sign, the signer confirmed the violation himself, or another signed the
            case that this decision ends.
        ConfigError: no key is configured, or it cannot be used with this secret.
        IllegalMoveError: the paper is signed already, or is a decision whose case is not.
        VoidPaperError: its ground is gone, e.g. the case was amended or disputed after it was issued.
        AnswerWaitsError: the owner says not to have driven, and nobody dealt with it.
    """
    pdf = _issued(sessions, store, case_id, document_id, actor)
    if key is None:
        raise ConfigError("signer_p12, pkcs11_module: no signing key is configured; set one, or hand in a signed paper")
    return _keep(sessions, store, case_id, document_id, actor, key.signed(pdf, secret), now)


def accept(
    sessions: sessionmaker[Session],
    store: EvidenceStore,
    *,
    case_id: str,
    document_id: str,
    actor: Actor,
    signed: bytes,
    now: datetime,
) -> Notice:
    """Take a paper that was signed outside, e.g. with a token; errors as `sign`.

    Raises:
        BadReasonError: it is not the issued paper, or its signature does not hold.
    """
    pdf = _issued(sessions, store, case_id, document_id, actor)
    faults = signature_faults(signed, issued=pdf)
    if faults:
        raise BadReasonError(f"signed paper: {'; '.join(faults)}", why="signed_paper")
    return _keep(sessions, store, case_id, document_id, actor, signed, now)


@dataclass(frozen=True, slots=True)
class FileKey:
    """A key in a PKCS#12 file."""

    path: Path

    def signed(self, pdf: bytes, passphrase: str) -> bytes:
        """The PDF with a PAdES signature appended; the bytes before it stay as they were.

        Raises:
            WrongPassphraseError: the file does not open with it. ConfigError: there is no such file.
        """
        if not self.path.is_file():
            raise ConfigError(f"signer_p12 {self.path}: there is no such file; put the signer's key there")
        secret = passphrase.encode()
        signer = SimpleSigner.load_pkcs12(str(self.path), passphrase=secret)  # type: ignore[no-untyped-call]
        if signer is None:
            raise WrongPassphraseError(f"signer_p12 {self.path}: does not open with this passphrase; type it again")
        target = BytesIO()
        sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), METADATA, signer=signer, output=target)
        return target.getvalue()


def key_of(settings: Settings) -> SigningKey | None:
    """The key papers are signed with: the token where one is named, else the PKCS#12 file, None without either."""
    token = token_of(settings)
    if token is not None:
        return token
    return FileKey(settings.signer_p12) if settings.signer_p12 else None


def signature_faults(signed: bytes, *, issued: bytes) -> list[str]:
    """What is wrong with a signed paper; who stands behind the certificate is for the authority's list to say."""
    if not signed.startswith(issued) or len(signed) == len(issued):
        return ["it is not the issued paper with a signature added to it"]
    try:
        found = PdfFileReader(BytesIO(signed)).embedded_signatures
        if len(found) != 1:
            return [f"expected one signature, found {len(found)}"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyHanko warns of a certificate it cannot trace; that is judged elsewhere
            status = validate_pdf_signature(found[0], ValidationContext(trust_roots=[], allow_fetching=False))
    except (PdfError, SignatureValidationError, ValueError, KeyError) as error:
        return [f"not readable as a signed PDF ({error})"]
    if not (status.intact and status.valid):
        return ["the signature does not match the paper"]
    if status.modification_level not in (None, ModificationLevel.NONE):
        return ["the paper was changed after it was signed"]
    return []


def _issued(
    sessions: sessionmaker[Session], store: EvidenceStore, case_id: str, document_id: str, actor: Actor
) -> bytes:
    actor.require(SIGNING, "signing a paper")
    with read_transaction(sessions) as session:
        row = document(session, case_id=case_id, document_id=document_id, actor=actor)
        _check(session, row, actor)
        return document_pdf(store, row, signed=False)


def _check(session: Session, row: Notice, actor: Actor) -> None:
    case = session.get_one(Case, row.case_id)
    _refuse_unfit(session, case, row)
    if row.signed_at is not None:
        raise IllegalMoveError(f"document {row.id}: is signed already by {row.signed_by}")
    if case.confirmed_by == actor.name:
        raise NotPermittedError(f"document {row.id}: who confirmed the violation does not sign its paper as well")
    if row.kind is DocumentKind.DECISION:
        if case.state not in DECIDED_IN:
            fault = CaseFirstError if case.state is State.TOSIGN else IllegalMoveError
            raise fault(
                f"document {row.id}: a decision is signed after its case was; case {case.id} stands at {case.state}"
            )
        if actor.name != (signer := signer_of(session, case.id)):
            raise NotPermittedError(f"document {row.id}: {signer} signed case {case.id} and signs its decision")


def refuse_handing(session: Session, row: Notice) -> None:
    """Go on with handing a paper over unless it is void or unsigned, or a decision that nobody with the power took.

    Raises:
        VoidPaperError: it no longer says what stands. UnsignedPaperError: it bears no digital signature.
        PlateUnconfirmedError, PlateDiffersError: no officer established the plate it bears.
        AnswerWaitsError: the owner says not to have driven, and nobody dealt with it.
        NotPermittedError: the decision's case is not signed, or the paper is not, or another person signed it.
    """
    case = session.get_one(Case, row.case_id)
    _refuse_unfit(session, case, row)
    if row.kind is DocumentKind.DECISION:
        if case.state not in DECIDED_IN or row.signed_by is None or row.signed_by != signer_of(session, case.id):
            raise NotPermittedError(
                f"document {row.id}: a decision is handed over once case {case.id} and it are signed by one person"
            )
    elif row.signed_at is None:
        raise UnsignedPaperError(
            f"document {row.id}: is not signed; sign it, or carry it over by hand, signed in ink", paper=row.kind.value
        )


def _refuse_unfit(session: Session, case: Case, row: Notice) -> None:
    """Go on only with a paper that says what stands, bears the plate officers established, and that nobody contests."""
    refuse_void(session, row)
    if row.kind is not DocumentKind.DECISION or case.state not in DECIDED_IN - {State.SIGNED}:
        refuse_unconfirmed(session, case, row.plate, kind=row.kind)
    refuse_waiting(session, row.case_id)


def _keep(
    sessions: sessionmaker[Session],
    store: EvidenceStore,
    case_id: str,
    document_id: str,
    actor: Actor,
    signed: bytes,
    now: datetime,
) -> Notice:
    with write_transaction(sessions) as session:
        load(session, case_id, actor, lock=True)  # no decision makes it void between the check and the signature
        row = document(session, case_id=case_id, document_id=document_id, actor=actor)
        _check(session, row, actor)
        digest = hashlib.sha256(signed).hexdigest()
        row.signed_name = f"documents/{row.case_id}/{row.id}-{digest[:12]}.pdf"
        row.signed_sha256, row.signed_by, row.signed_at = digest, actor.name, now
        store.put(row.signed_name, signed)
        if store.get(row.signed_name) != signed:
            raise CaseError(f"document {row.id}: the signed paper could not be kept")
        seal(session, row, actor=actor.name, at=now, did="signed")
        return row
