"""What leaves the house and what must stay: exports, redacted stills, legal holds, retention, public keys."""

from pathlib import Path as FilePath
from tempfile import gettempdir, mkdtemp
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api.dependencies import ActorDep, ContextDep
from api.problems import responses
from api.routes.queue import CaseId
from api.schemas.custody import ExpiryOut, ExportIn, HoldIn, HoldOut, KeyOut, RetentionOut, RetentionRuleOut
from cases import service
from cases.clock import utc_now
from cases.database import read_transaction
from cases.evidence.disk import explain
from cases.export import export_case
from cases.faults import NotFoundError
from cases.loading import load
from cases.redaction import redacted_stills
from cases.retention import PROPOSAL, days_in_force, expired, hold, holds, release
from cases.second_look import open_review

router = APIRouter(tags=["custody"])
ItemName = Annotated[str, Path(max_length=100, examples=["during.jpg"])]
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {}}, "description": "A signed zip; `phatnguoi verify` checks it offline"}
}
_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {}}, "description": "The still, everything but the vehicle unrecognisable"}
}


@router.post(
    "/cases/{case_id}/exports",
    response_class=FileResponse,
    responses={**_ZIP, **responses(401, 403, 404, 422, 500, 503)},
)
def export(case_id: CaseId, body: ExportIn, context: ContextDep, actor: ActorDep) -> FileResponse:
    """The case as one signed zip: for a court with the sealed originals, for the owner with redacted copies only."""
    try:
        folder = FilePath(mkdtemp(prefix="phatnguoi-"))
    except OSError as error:
        raise explain(error, FilePath(gettempdir())) from error
    try:
        done = export_case(
            context.sessions,
            context.store,
            context.keys,
            case_id=case_id,
            actor=actor,
            purpose=body.purpose,
            reason=body.reason,
            target=folder / f"{case_id}.zip",
            now=utc_now(),
            credentials=context.credentials,
            clips=context.clips,
        )
    except BaseException:
        _clear(folder)
        raise
    return FileResponse(
        done.path,
        media_type="application/zip",
        filename=f"{case_id}-{body.purpose}.zip",
        background=BackgroundTask(_clear, folder),
    )


@router.get(
    "/cases/{case_id}/copies/{name}", response_class=Response, responses={**_JPEG, **responses(401, 403, 404, 422, 500)}
)
def copy(case_id: CaseId, name: ItemName, context: ContextDep, actor: ActorDep) -> Response:
    """A still as it may leave the house."""
    case = service.get_case(context.sessions, case_id=case_id, actor=actor)
    manifest = context.store.manifest(case.evidence_location)
    if name != "vehicle.jpg" and manifest.item(name) is None:
        raise NotFoundError(f"case {case.id}: its evidence has no still {name!r}")
    stills = dict(redacted_stills(context.store, case.evidence_location))
    if name not in stills:
        raise NotFoundError(f"case {case.id}: {name!r} is no still of the act")
    service.record_access(
        context.sessions, case_id=case.id, actor=actor, item=f"copies/{name}", byte_range=None, now=utc_now()
    )
    said = {"name": name, "case_id": case.id, "manifest_sha256": case.manifest_sha256}
    signed = context.credentials.signed(stills[name], media_type="image/jpeg", **said)
    return Response(signed, media_type="image/jpeg")


@router.get("/cases/{case_id}/hold", responses=responses(401, 403, 404, 422))
def held(case_id: CaseId, context: ContextDep, actor: ActorDep) -> HoldOut:
    """Whether the case is under a legal hold."""
    with read_transaction(context.sessions) as session:
        case = load(session, case_id, actor)
        return HoldOut(case_id=case.id, held=case.id in holds(session) and open_review(session, case.id, actor) is None)


@router.put("/cases/{case_id}/hold", responses=responses(401, 403, 404, 409, 422))
def set_hold(case_id: CaseId, body: HoldIn, context: ContextDep, actor: ActorDep) -> HoldOut:
    """Set or end a legal hold: while it stands, no rule deletes the evidence."""
    act = hold if body.held else release
    act(context.sessions, case_id=case_id, actor=actor, reason=body.reason, now=utc_now())
    return HoldOut(case_id=case_id, held=body.held)


@router.get("/retention", responses=responses(401, 403))
def retention(context: ContextDep, actor: ActorDep) -> RetentionOut:
    """How long evidence is kept in each state, and what may be deleted now in the account's wards."""
    days = days_in_force(context.settings.retention_days)
    own = context.settings.retention_days
    with read_transaction(context.sessions) as session:
        under_hold = sorted(holds(session, wards=actor.wards))
    due = expired(context.sessions, days=days, now=utc_now(), wards=actor.wards)
    return RetentionOut(
        note=PROPOSAL,
        rules=[
            RetentionRuleOut(state=state, days=kept, proposal=state.value not in own) for state, kept in days.items()
        ],
        due=[ExpiryOut(case_id=e.case_id, state=e.state, since=e.since, days=e.days) for e in due[:1000]],
        held=under_hold,
    )


@router.get("/keys", responses=responses(401, 403))
def keys(context: ContextDep) -> list[KeyOut]:
    """Public keys with which evidence, anchors and exports are checked."""
    current = context.keys.key_id
    pems = context.keys.public_pems()
    return [KeyOut(key_id=key, current=key == current, public_key_pem=pem.decode()) for key, pem in pems.items()]


def _clear(folder: FilePath) -> None:
    for path in folder.iterdir():
        path.unlink(missing_ok=True)
    folder.rmdir()
