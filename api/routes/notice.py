"""Papers of a case: issue, read, sign here or outside, hand over to a channel."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response

from api.dependencies import ActorDep, ContextDep
from api.problems import responses
from api.routes.queue import CaseId
from api.schemas.base import PLAIN
from api.schemas.notice import ChannelOut, DocumentIn, DocumentOut, HandOverIn, ReceiptOut, SignIn
from cases import service
from cases.clock import utc_now
from cases.database import read_transaction, write_transaction
from cases.ledger import enter
from cases.loading import load
from cases.notice import issue as papers
from cases.notice.channels import NOT_CONNECTED, open_channels
from cases.notice.handed import handed, refuse_again
from cases.notice.plate import with_another_plate
from cases.notice.signature import accept, key_of, refuse_handing, sign
from cases.notice.void import voided
from cases.records import EntryKind
from cases.roles import HANDLERS

router = APIRouter(tags=["documents"])
DocumentId = Annotated[str, Path(max_length=24, pattern=PLAIN, examples=["TB-7K3M-Q2XD"])]
LARGEST_BYTES = 20 << 20
SignedPdf = Annotated[bytes, Body(media_type="application/pdf", max_length=LARGEST_BYTES)]
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}}, "description": "PDF/A-2b, signed (PAdES) where asked for"}
}


@router.get("/cases/{case_id}/documents", responses=responses(401, 403, 404, 422))
def list_(case_id: CaseId, context: ContextDep, actor: ActorDep) -> list[DocumentOut]:
    """All papers of a case, oldest first, void ones with what made them so."""
    rows = papers.documents(context.sessions, case_id=case_id, actor=actor)
    void = voided(context.sessions, rows)
    other = with_another_plate(context.sessions, rows)
    ways = handed(context.sessions, case_id)
    return [
        DocumentOut.of(row, voided_by=void.get(row.id), plate_differs=row.id in other, handed=ways.get(row.id, ()))
        for row in rows
    ]


@router.post("/cases/{case_id}/documents", status_code=201, responses=responses(401, 403, 404, 409, 422, 500))
def issue(case_id: CaseId, body: DocumentIn, context: ContextDep, actor: ActorDep) -> DocumentOut:
    """Issue a paper; 409 when officers have not confirmed the violation or the state does not fit."""
    done = papers.issue(
        context.sessions,
        context.store,
        context.settings,
        case_id=case_id,
        kind=body.kind,
        form=body.form,
        actor=actor,
        now=utc_now(),
    )
    return DocumentOut.of(done.document, code=done.code or None)


@router.get(
    "/cases/{case_id}/documents/{document_id}/pdf",
    response_class=Response,
    responses={**_PDF, **responses(401, 403, 404, 422, 500)},
)
def pdf(
    case_id: CaseId,
    document_id: DocumentId,
    context: ContextDep,
    actor: ActorDep,
    signed: Annotated[bool, Query(description="the signed paper instead of the issued one")] = False,
) -> Response:
    """The paper itself; the reading is logged."""
    with read_transaction(context.sessions) as session:
        row = papers.document(session, case_id=case_id, document_id=document_id, actor=actor)
    data = papers.document_pdf(context.store, row, signed=signed)
    service.record_access(
        context.sessions, case_id=row.case_id, actor=actor, item=f"documents/{row.id}", byte_range=None, now=utc_now()
    )
    return Response(
        data, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{row.id}.pdf"'}
    )


@router.post(
    "/cases/{case_id}/documents/{document_id}/signature", responses=responses(401, 403, 404, 409, 422, 500, 503)
)
def sign_(case_id: CaseId, document_id: DocumentId, body: SignIn, context: ContextDep, actor: ActorDep) -> DocumentOut:
    """Sign with the installation's token or PKCS#12 key; who confirmed the violation may not."""
    row = sign(
        context.sessions,
        context.store,
        case_id=case_id,
        document_id=document_id,
        actor=actor,
        key=key_of(context.settings),
        secret=body.passphrase,
        now=utc_now(),
    )
    return DocumentOut.of(row)


@router.put("/cases/{case_id}/documents/{document_id}/signed", responses=responses(401, 403, 404, 409, 422, 500))
def hand_in(
    case_id: CaseId, document_id: DocumentId, body: SignedPdf, context: ContextDep, actor: ActorDep
) -> DocumentOut:
    """Hand in the paper signed outside, e.g. with a token: the issued PDF with one signature added to it."""
    row = accept(
        context.sessions,
        context.store,
        case_id=case_id,
        document_id=document_id,
        actor=actor,
        signed=body,
        now=utc_now(),
    )
    return DocumentOut.of(row)


@router.post("/cases/{case_id}/documents/{document_id}/deliveries", responses=responses(401, 403, 404, 409, 422, 500))
def deliver(
    case_id: CaseId, document_id: DocumentId, body: HandOverIn, context: ContextDep, actor: ActorDep
) -> ReceiptOut:
    """Hand a paper to a channel; where it is not connected, it is laid out to be carried by hand.

    Not twice within a minute, so that of two officers at once one hands it over.
    """
    actor.require(HANDLERS, "handing a paper over")
    channel = open_channels(context.settings.outgoing)[body.channel]
    with write_transaction(context.sessions) as session:  # held until the ledger has it: no decision comes between
        load(session, case_id, actor, lock=True)
        now = utc_now()
        row = papers.document(session, case_id=case_id, document_id=document_id, actor=actor)
        refuse_handing(session, row)
        refuse_again(session, row, body.channel, now=now)
        data = papers.document_pdf(context.store, row, signed=row.signed_at is not None)
        content = {"case_id": row.case_id, "document": row.id, "number": row.number, "plate": row.plate}
        receipt = channel.hand_over(content, attachments={f"{row.id}.pdf": data}, now=now)
        enter(
            session,
            kind=EntryKind.DELIVERY,
            actor=actor.name,
            at=now,
            case_id=row.case_id,
            document=row.id,
            channel=receipt.channel,
            reference=receipt.reference,
            delivered=receipt.delivered,
        )
    return ReceiptOut.of(receipt)


@router.get("/channels", responses=responses(401, 403))
def channels(context: ContextDep) -> list[ChannelOut]:
    """Every way out of the house and whether it is connected."""
    return [
        ChannelOut(
            name=name,
            words=channel.words,
            connected=channel.connected,
            status="đã kết nối / connected" if channel.connected else NOT_CONNECTED,
        )
        for name, channel in open_channels(context.settings.outgoing).items()
    ]
