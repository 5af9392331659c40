"""The queue and the single case: look, claim, release, decide, read the history."""

import re
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response

from api.dependencies import ActorDep, ContextDep
from api.problems import ProblemError, responses
from api.schemas import (
    AccessOut,
    CaseDetail,
    DecisionIn,
    DecisionOut,
    QueueOut,
    QueueQuery,
    VerificationOut,
)
from cases import service
from cases.clock import utc_now
from cases.queue import Filter, list_cases
from cases.verification import verify_case

router = APIRouter(prefix="/cases", tags=["cases"])
CaseId = Annotated[str, Path(max_length=24, examples=["PN-7K3M-Q2XD"])]
IfMatch = Annotated[str | None, Header(alias="If-Match", description='the ETag of the case that was read, e.g. "1"')]


@router.get("", responses=responses(401, 403, 422))
def queue(context: ContextDep, actor: ActorDep, query: Annotated[QueueQuery, Query()]) -> QueueOut:
    """One page of the cases this account may see."""
    where = Filter(
        states=tuple(query.state),
        kinds=tuple(query.kind),
        ward=query.ward,
        camera_id=query.camera,
        assignee=query.assignee,
        from_at=query.from_,
        to_at=query.to,
        min_confidence=query.min_confidence,
    )
    page = list_cases(
        context.sessions, actor=actor, where=where, sort=query.sort, limit=query.limit, cursor=query.cursor
    )
    return QueueOut.of(page, now=utc_now())


@router.get("/{case_id}", responses=responses(401, 403, 404, 422))
def read(case_id: CaseId, context: ContextDep, actor: ActorDep, response: Response) -> CaseDetail:
    """One case; its version is the ETag."""
    case = service.get_case(context.sessions, case_id=case_id, actor=actor)
    response.headers["ETag"] = f'"{case.version}"'
    return CaseDetail.seen_by(case, actor=actor, now=utc_now())


@router.post("/{case_id}/claim", responses=responses(401, 403, 404, 409, 422))
def claim(case_id: CaseId, context: ContextDep, actor: ActorDep) -> CaseDetail:
    """Take the case, or prolong one's own claim; 409 names the officer who holds it."""
    now = utc_now()
    case = service.claim(context.sessions, case_id=case_id, actor=actor, now=now, lease_s=context.settings.claim_s)
    return CaseDetail.seen_by(case, actor=actor, now=now)


@router.post("/{case_id}/release", responses=responses(401, 403, 404, 409, 422))
def release(case_id: CaseId, context: ContextDep, actor: ActorDep) -> CaseDetail:
    """Give the case back."""
    now = utc_now()
    case = service.release(context.sessions, case_id=case_id, actor=actor, now=now)
    return CaseDetail.seen_by(case, actor=actor, now=now)


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
    case = service.decide(
        context.sessions,
        case_id=case_id,
        actor=actor,
        action=body.action,
        reason=body.reason,
        note=body.note,
        duplicate_of=body.duplicate_of,
        expected_version=_version(body.version, if_match),
        now=now,
    )
    context.metrics.decisions.labels(body.action.value).inc()
    response.headers["ETag"] = f'"{case.version}"'
    return CaseDetail.seen_by(case, actor=actor, now=now)


@router.get("/{case_id}/history", responses=responses(401, 403, 404, 422))
def history(case_id: CaseId, context: ContextDep, actor: ActorDep) -> list[DecisionOut]:
    """All decisions, oldest first."""
    return [DecisionOut.of(row) for row in service.history(context.sessions, case_id=case_id, actor=actor)]


@router.get("/{case_id}/accesses", responses=responses(401, 403, 404, 422))
def accesses(case_id: CaseId, context: ContextDep, actor: ActorDep) -> list[AccessOut]:
    """Who read which evidence, oldest first; for commanders and auditors."""
    return [AccessOut.of(row) for row in service.accesses(context.sessions, case_id=case_id, actor=actor)]


@router.get("/{case_id}/verification", responses=responses(401, 403, 404, 422))
def verification(case_id: CaseId, context: ContextDep, actor: ActorDep) -> VerificationOut:
    """Hash the evidence again and compare it with its manifest, the case and the case's rows of the decision log."""
    case = service.get_case(context.sessions, case_id=case_id, actor=actor)
    return VerificationOut.of(verify_case(context.sessions, context.store, case_id=case.id, whole_log=False))


def _version(in_body: int | None, if_match: str | None) -> int:
    if if_match is None:
        if in_body is None:
            raise ProblemError(428, "version_needed", 'send the version you read: If-Match: "1" or "version": 1')
        return in_body
    digits = re.fullmatch(r'"(\d{1,9})"', if_match.strip())
    if digits is None or in_body not in (None, int(digits[1])):
        raise ProblemError(422, "invalid", f'If-Match {if_match!r:.40}: expected "VERSION", the same as in the body')
    return int(digits[1])
