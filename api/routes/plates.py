"""The plate of a case: reading it, saying what it is, and searching for one; every search is logged with its reason."""

from fastapi import APIRouter

from api.dependencies import ActorDep, ContextDep
from api.problems import responses
from api.routes.queue import CaseId
from api.schemas.plate import PlateHitOut, PlateHitsOut, PlateIn, PlateOut, PlateSearchIn
from cases.clock import utc_now
from cases.plates import find_plate, plate_of, say_plate

router = APIRouter(tags=["plates"])


@router.get("/cases/{case_id}/plate", responses=responses(401, 403, 404, 422))
def read(case_id: CaseId, context: ContextDep, actor: ActorDep) -> PlateOut:
    """What the machine read, and what officers said of it."""
    return PlateOut.of(plate_of(context.sessions, case_id=case_id, actor=actor))


@router.put("/cases/{case_id}/plate", responses=responses(401, 403, 404, 409, 422))
def say(case_id: CaseId, body: PlateIn, context: ContextDep, actor: ActorDep) -> PlateOut:
    """Confirm or correct the plate, or call it unreadable; 409 when another officer was first or holds the case."""
    plate = say_plate(
        context.sessions,
        case_id=case_id,
        actor=actor,
        text=body.text,
        expected_seq=body.seq,
        note=body.note,
        accepted_form=body.accepted_form,
        now=utc_now(),
    )
    return PlateOut.of(plate)


@router.post("/plates/search", responses=responses(401, 403, 422))
def search(body: PlateSearchIn, context: ContextDep, actor: ActorDep) -> PlateHitsOut:
    """Cases in the account's wards that bear a plate; who looked for what and why is entered in the ledger first."""
    hits = find_plate(context.sessions, context.marks, actor=actor, text=body.text, reason=body.reason, now=utc_now())
    return PlateHitsOut(found=[PlateHitOut.of(hit) for hit in hits])
