"""Evidence of a case: its manifest, and each item with Range requests; every reading is logged first."""

from typing import Annotated

from fastapi import APIRouter, Header, Path
from fastapi.responses import FileResponse

from api.dependencies import ActorDep, ContextDep
from api.problems import responses
from api.routes.queue import CaseId
from cases import service
from cases.clock import utc_now
from cases.evidence import MANIFEST_NAME, Manifest
from cases.faults import NotFoundError
from cases.records import Case
from detector.types import EvidenceError

router = APIRouter(prefix="/cases/{case_id}/evidence", tags=["evidence"])
_SHOWN = ("image/", "video/")
ItemName = Annotated[str, Path(max_length=100, examples=["during.jpg"])]
Range = Annotated[str | None, Header(alias="Range", description="e.g. bytes=0-1023")]


@router.get("", responses=responses(401, 403, 404, 422, 500))
def manifest(case_id: CaseId, context: ContextDep, actor: ActorDep) -> Manifest:
    """The manifest: items with their SHA-256, scene, network, source and the whole violation."""
    case = service.get_case(context.sessions, case_id=case_id, actor=actor)
    found = sealed_manifest(case, context)
    service.record_access(
        context.sessions, case_id=case.id, actor=actor, item=MANIFEST_NAME, byte_range=None, now=utc_now()
    )
    return found


@router.get(
    "/{name}",
    response_class=FileResponse,
    responses={
        200: {"content": {"image/jpeg": {}, "video/mp4": {}}, "description": "The whole item; its ETag is its SHA-256"},
        206: {"content": {"video/mp4": {}}, "description": "The bytes asked for"},
        400: {"description": "The Range header is malformed"},
        416: {"description": "The item has no such bytes"},
        **responses(401, 403, 404, 422, 500),
    },
)
@router.head("/{name}", include_in_schema=False)
def item(
    case_id: CaseId, name: ItemName, context: ContextDep, actor: ActorDep, byte_range: Range = None
) -> FileResponse:
    """One item, whole or in part."""
    case = service.get_case(context.sessions, case_id=case_id, actor=actor)
    entry = sealed_manifest(case, context).item(name)
    if entry is None:
        raise NotFoundError(f"case {case.id}: its evidence has no item {name!r}")
    path = context.store.local_path(case.evidence_location, name)
    service.record_access(
        context.sessions,
        case_id=case.id,
        actor=actor,
        item=name,
        byte_range=byte_range[:100] if byte_range else None,
        now=utc_now(),
    )
    return FileResponse(
        path,
        media_type=entry.media_type,
        filename=f"{case.id}-{name}",
        content_disposition_type="inline" if entry.media_type.startswith(_SHOWN) else "attachment",
        headers={"ETag": f'"{entry.sha256}"'},
    )


def sealed_manifest(case: Case, context: ContextDep) -> Manifest:
    """The manifest the case was opened with.

    Raises:
        EvidenceError: another one lies there now.
    """
    found = context.store.manifest(case.evidence_location)
    if found.manifest_sha256 != case.manifest_sha256:
        raise EvidenceError(
            f"case {case.id}: its evidence is not what the case was opened with; run `phatnguoi verify {case.id}`"
        )
    return found
