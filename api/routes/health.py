"""Whether the server lives, whether it can work, and its counters."""

import hmac
import os
from typing import Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from sqlalchemy import func, select

from api.dependencies import ContextDep
from api.problems import ProblemError, responses
from cases.anchors import anchor_name
from cases.database import read_transaction
from cases.lifecycle import State
from cases.records import Case, ChainHead
from detector.types import CaseError, EvidenceError

router = APIRouter(tags=["health"])
HERE = frozenset({"127.0.0.1", "::1"})


class HealthOut(BaseModel):
    """All is well."""

    status: Literal["ok"] = "ok"


@router.get("/health/live")
def live() -> HealthOut:
    """The process answers."""
    return HealthOut()


@router.get("/health/ready", responses=responses(503))
def ready(context: ContextDep) -> HealthOut:
    """Database and evidence store can be used."""
    try:
        with read_transaction(context.sessions) as session:
            session.scalar(select(func.count()).select_from(ChainHead))
    except CaseError as error:
        raise ProblemError(503, "unavailable", f"database: {error}") from error
    if context.settings.evidence_url is not None:
        try:
            context.store.get(anchor_name(1))
        except EvidenceError as error:
            raise ProblemError(503, "unavailable", f"evidence: {error}") from error
        return HealthOut()
    root = context.settings.evidence
    if not (root.is_dir() and os.access(root, os.R_OK | os.X_OK)):
        raise ProblemError(503, "unavailable", f"evidence: {root} cannot be read; mount it or correct its rights")
    return HealthOut()


@router.get("/metrics", response_class=Response, include_in_schema=False)
def metrics(request: Request, context: ContextDep) -> Response:
    """Counters in Prometheus' text format: aggregates only, nothing about a person or a vehicle.

    For this machine, or for who has the token: an officer who counts cases before and after a decision would learn
    which of them was a second look.
    """
    token = context.settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    known = token is not None and hmac.compare_digest(given, token.get_secret_value().encode())
    if not known and (request.client is None or request.client.host not in HERE):
        raise ProblemError(403, "not_permitted", "metrics: ask from this machine, or with the token (metrics_token)")
    for state in State:
        context.metrics.cases.labels(state.value).set(0)
    with read_transaction(context.sessions) as session:
        for state, count in session.execute(select(Case.state, func.count()).group_by(Case.state)):
            context.metrics.cases.labels(state.value).set(count)
    return Response(context.metrics.text(), media_type=CONTENT_TYPE_LATEST)
