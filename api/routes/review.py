"""How review is kept honest: agreement, precision, and cases whose answer is known."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import ActorDep, ContextDep
from api.problems import responses
from api.routes.queue import CaseId
from api.schemas import AgreementOut, KnownAnswerIn, KnownAnswerOut, PeriodQuery, PrecisionOut
from cases.agreement import agreement, precision
from cases.clock import utc_now
from cases.known import drop_answer, list_answers, set_answer

router = APIRouter(prefix="/review", tags=["review"])
Period = Annotated[PeriodQuery, Query()]
DEFAULT_PERIOD = timedelta(days=30)


@router.get("/agreement", responses=responses(401, 403, 422))
def agreement_(context: ContextDep, actor: ActorDep, query: Period) -> list[AgreementOut]:
    """Cohen's kappa and known answers per officer and kind, over second looks answered in the period."""
    from_at, to_at = _period(query)
    rows = agreement(context.sessions, actor=actor, from_at=from_at, to_at=to_at)
    return [AgreementOut.of(row) for row in rows]


@router.get("/precision", responses=responses(401, 403, 422))
def precision_(context: ContextDep, actor: ActorDep, query: Period) -> list[PrecisionOut]:
    """Share confirmed per camera, zone and rule, worst first, with what to look at (`fix`, see the vocabulary)."""
    from_at, to_at = _period(query)
    rows = precision(context.sessions, actor=actor, from_at=from_at, to_at=to_at)
    return [PrecisionOut.of(row) for row in rows]


@router.get("/known-answers", responses=responses(401, 403))
def known(context: ContextDep, actor: ActorDep) -> list[KnownAnswerOut]:
    """Cases officers meet as if they were new although their answer is known."""
    return [KnownAnswerOut.of(row) for row in list_answers(context.sessions, actor=actor)]


@router.put("/known-answers/{case_id}", responses=responses(401, 403, 404, 422))
def set_(case_id: CaseId, body: KnownAnswerIn, context: ContextDep, actor: ActorDep) -> KnownAnswerOut:
    """Lay down what a case is."""
    row = set_answer(
        context.sessions, actor=actor, case_id=case_id, verdict=body.verdict, note=body.note, now=utc_now()
    )
    return KnownAnswerOut.of(row)


@router.delete("/known-answers/{case_id}", status_code=204, responses=responses(401, 403, 404, 422))
def drop(case_id: CaseId, context: ContextDep, actor: ActorDep) -> None:
    """Take a case out; what officers said to it stays on record."""
    drop_answer(context.sessions, actor=actor, case_id=case_id, now=utc_now())


def _period(query: PeriodQuery) -> tuple[datetime, datetime]:
    to_at = query.to or utc_now()
    earliest = datetime.min.replace(tzinfo=to_at.tzinfo) + DEFAULT_PERIOD
    return query.from_ or max(to_at, earliest) - DEFAULT_PERIOD, to_at
