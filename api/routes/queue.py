"""The queue and the single case: look, take the next, claim, release, decide, take back, read the history."""

import re
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Path, Query, Response
from pydantic import Field

from api.context import Context
from api.dependencies import ActorDep, ContextDep
from api.problems import ProblemError, responses
from api.schemas import (
    AccessOut,
    CaseDetail,
    ChoicesOut,
    DecisionIn,
    DecisionOut,
    DueOut,
    OffenceOut,
    QueueOut,
    QueueQuery,
    VerificationOut,
    VersionIn,
)
from cases import service
from cases.actor import Actor
from cases.clock import utc_now
from cases.next import next_case
from cases.openness import openness
from cases.queue import Filter, list_cases
from cases.records import Case
from cases.verification import verify_case

router = APIRouter(prefix="/cases", tags=["cases"])
CaseId = Annotated[str, Path(max_length=24, pattern=r"^[A-Za-z0-9-]+$", examples=["PN-7K3M-Q2XD"])]
IfMatch = Annotated[str | None, Header(alias="If-Match", description='the ETag of the case that was read, e.g. "1"')]
Id = Annotated[str, Field(max_length=24, pattern=r"^[A-Za-z0-9-]+$")]
Holding = Annotated[list[Id], Query(max_length=20, description="ids on the screen or fetched ahead already")]
_NOTHING_LEFT: dict[int | str, dict[str, Any]] = {204: {"description": "Nothing waits"}}


@router.get("", responses=responses(401, 403, 422))
def queue(context: ContextDep, actor: ActorDep, query: Annotated[QueueQuery, Query()]) -> QueueOut:
    """One page of the cases this account may see."""
    where = Filter(
        states=tuple(query.state),
        kinds=tuple(query.kind),
        ward=query.ward,
        camera_id=query.camera,
        unit=query.unit,
        track=query.track,
        assignee=query.assignee,
        from_at=query.from_,
        to_at=query.to,
        min_confidence=query.min_confidence,
        answers_waiting=query.answers == "waiting",
        unsigned=query.papers == "unsigned",
        duplicate_of=query.duplicate_of,
    )
    page = list_cases(
        context.sessions, actor=actor, where=where, sort=query.sort, limit=query.limit, cursor=query.cursor
    )
    return QueueOut.of(page, now=utc_now())


@router.post("/next", response_model=CaseDetail, responses=responses(401, 403, 422) | _NOTHING_LEFT)
def next_(context: ContextDep, actor: ActorDep, response: Response, holding: Holding = []) -> CaseDetail | Response:  # noqa: B006
    """Claim the next case to review, oldest first; fetch it ahead while one is on the screen, naming that one."""
    now = utc_now()
    case = next_case(
        context.sessions,
        actor=actor,
        now=now,
        lease_s=context.settings.claim_s,
        holding=tuple(holding),
        policy=context.policy,
    )
    if case is None:
        return Response(status_code=204)
    response.headers["ETag"] = f'"{case.version}"'
    return _seen(context, case, actor, now)


@router.get("/{case_id}", responses=responses(401, 403, 404, 422))
def read(case_id: CaseId, context: ContextDep, actor: ActorDep, response: Response) -> CaseDetail:
    """One case; its version is the ETag."""
    case = service.get_case(context.sessions, case_id=case_id, actor=actor)
    response.headers["ETag"] = f'"{case.version}"'
    return _seen(context, case, actor, utc_now())


@router.post("/{case_id}/claim", responses=responses(401, 403, 404, 409, 422))
def claim(case_id: CaseId, context: ContextDep, actor: ActorDep) -> CaseDetail:
    """Take the case, or prolong one's own claim; 409 names the officer who holds it."""
    now = utc_now()
    case = service.claim(context.sessions, case_id=case_id, actor=actor, now=now, lease_s=context.settings.claim_s)
    return _seen(context, case, actor, now)


@router.post("/{case_id}/release", responses=responses(401, 403, 404, 409, 422))
def release(case_id: CaseId, context: ContextDep, actor: ActorDep) -> CaseDetail:
    """Give the case back."""
    now = utc_now()
    case = service.release(context.sessions, case_id=case_id, actor=actor, now=now)
    return _seen(context, case, actor, now)


@router.post("/{case_id}/decisions", responses=responses(401, 403, 404, 409, 422, 428))
def decide(
    case_id: CaseId,
    body: DecisionIn,
    context: ContextDep,
    actor: ActorDep,
    response: Response,
    if_match: IfMatch = None,
) -> CaseDetail:
    """Decide on the version that was read; 409 when the case has changed or another officer holds it."""
    now = utc_now()
    case = service.carry_out(
        context.sessions,
        case_id=case_id,
        actor=actor,
        choice=body.choice(),
        expected_version=_version(body.version, if_match),
        now=now,
        policy=context.policy,
    )
    context.metrics.decisions.labels(body.action.value).inc()
    response.headers["ETag"] = f'"{case.version}"'
    return _seen(context, case, actor, now)


@router.post("/{case_id}/undo", responses=responses(401, 403, 404, 409, 422, 428))
def undo(
    case_id: CaseId,
    context: ContextDep,
    actor: ActorDep,
    response: Response,
    body: Annotated[VersionIn | None, Body()] = None,
    if_match: IfMatch = None,
) -> CaseDetail:
    """Take one's own last decision back, until the case's `undo_until`; the case is then held again."""
    now = utc_now()
    case = service.undo(
        context.sessions,
        case_id=case_id,
        actor=actor,
        expected_version=_version(body.version if body else None, if_match),
        now=now,
        lease_s=context.settings.claim_s,
        policy=context.policy,
    )
    response.headers["ETag"] = f'"{case.version}"'
    return _seen(context, case, actor, now)


@router.get("/{case_id}/offences", responses=responses(401, 403, 404, 422))
def offences(case_id: CaseId, context: ContextDep, actor: ActorDep) -> ChoicesOut:
    """The clause applied now and those an officer may choose for this act on its day."""
    case = service.get_case(context.sessions, case_id=case_id, actor=actor)
    table, rows = service.offences(context.sessions, case_id=case_id, actor=actor)
    return ChoicesOut.model_validate({"applied": case.offence, "offences": [OffenceOut.of(table, row) for row in rows]})


@router.get("/{case_id}/deadlines", responses=responses(401, 403, 404, 422))
def deadlines(case_id: CaseId, context: ContextDep, actor: ActorDep) -> list[DueOut]:
    """The clocks that run on the case, most pressing first."""
    now = utc_now()
    return [DueOut.of(due, now=now) for due in service.clocks(context.sessions, case_id=case_id, actor=actor)]


@router.get("/{case_id}/history", responses=responses(401, 403, 404, 422))
def history(case_id: CaseId, context: ContextDep, actor: ActorDep) -> list[DecisionOut]:
    """All decisions, oldest first."""
    rows = service.history(context.sessions, case_id=case_id, actor=actor)
    return [DecisionOut.of(row, seq=seq) for seq, row in enumerate(rows, start=1)]


@router.get("/{case_id}/accesses", responses=responses(401, 403, 404, 422))
def accesses(case_id: CaseId, context: ContextDep, actor: ActorDep) -> list[AccessOut]:
    """Who read which evidence, oldest first; for commanders and auditors."""
    return [AccessOut.of(row) for row in service.accesses(context.sessions, case_id=case_id, actor=actor)]


@router.get("/{case_id}/verification", responses=responses(401, 403, 404, 422))
def verification(case_id: CaseId, context: ContextDep, actor: ActorDep) -> VerificationOut:
    """Hash the evidence again and compare it with its manifest, the case and the case's rows of the decision log."""
    case = service.get_case(context.sessions, case_id=case_id, actor=actor)
    return VerificationOut.of(verify_case(context.sessions, context.store, case_id=case.id, whole_log=False))


def _seen(context: Context, case: Case, actor: Actor, now: datetime) -> CaseDetail:
    """A case as this account sees it, with what it may do to it now."""
    opened = openness(context.sessions, case, actor, now=now)
    return CaseDetail.seen_by(case, actor=actor, now=now, policy=context.policy, openness=opened)


def _version(in_body: int | None, if_match: str | None) -> int:
    if if_match is None:
        if in_body is None:
            raise ProblemError(428, "version_needed", 'send the version you read: If-Match: "1" or "version": 1')
        return in_body
    digits = re.fullmatch(r'"(\d{1,9})"', if_match.strip())
    if digits is None or in_body not in (None, int(digits[1])):
        raise ProblemError(422, "invalid", f'If-Match {if_match!r:.40}: expected "VERSION", the same as in the body')
    return int(digits[1])
