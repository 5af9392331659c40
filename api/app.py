"""The application: API under `/api/v1`, health and counters, the console at `/`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi

from api import citizen as pages
from api import console, problems
from api.access import authorised
from api.bodies import BodyLimitMiddleware
from api.context import open_context
from api.dependencies import current_identity
from api.headers import SecurityHeadersMiddleware
from api.heads import HeadMiddleware
from api.metrics import MetricsMiddleware
from api.repeating import tending
from api.routes import (
    audit,
    cameras,
    citizen,
    city_map,
    custody,
    deadlines,
    evidence,
    health,
    law,
    notice,
    overlay,
    plates,
    queue,
    reports,
    review,
    scenes,
    session,
    trials,
    users,
    vocabulary,
)
from cases.citizen.media import MOST_FILES
from cases.export import ClipMaker
from cases.settings import Settings

DESCRIPTION = "Reviewable cases with defensible evidence: queue, claim, evidence, decisions, history."


def create_app(settings: Settings, *, clips: ClipMaker | None = None) -> FastAPI:
    """A server over the database and evidence the settings name; `clips` redacts clips for exports.

    Raises:
        ConfigError, CaseError, EvidenceError: database or store cannot be used; the text says which and the cure.
    """
    context = open_context(settings, clips=clips)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with tending(context):
            yield
        context.trials.close()
        context.analyses.close()
        context.database.close()

    app = FastAPI(
        title="phatnguoi",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.context = context
    app.add_middleware(MetricsMiddleware, metrics=context.metrics)
    app.add_middleware(BodyLimitMiddleware, upload_bytes=(settings.citizen_upload_mb * MOST_FILES + 1) << 20)
    app.add_middleware(SecurityHeadersMiddleware)
    app.add_middleware(HeadMiddleware)
    problems.install(app)
    app.include_router(_v1())
    app.include_router(health.router)
    app.include_router(reports.public)
    app.include_router(citizen.public)
    app.include_router(pages.router)
    console.install(app, pictures_from=settings.map_origin)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


_LOCKED = (
    queue.router,
    evidence.router,
    overlay.router,
    plates.router,
    custody.router,
    notice.router,
    citizen.router,
    reports.router,
    vocabulary.router,
    audit.router,
    deadlines.router,
    law.router,
    review.router,
    scenes.router,
    trials.router,
    cameras.router,
    city_map.router,
    users.router,
)


def _v1() -> APIRouter:
    """Everything needs a login but logging in itself; unknown addresses too, so that none can be probed."""
    locked = APIRouter(dependencies=[Depends(authorised)])
    for router in _LOCKED:
        locked.include_router(router)
    locked.add_api_route("/{rest:path}", _unknown, methods=_METHODS, include_in_schema=False)
    v1 = APIRouter(prefix="/api/v1")
    v1.include_router(session.router)
    v1.include_router(locked)
    v1.add_api_route("", _unknown, methods=_METHODS, include_in_schema=False, dependencies=[Depends(current_identity)])
    return v1


_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def _unknown(rest: str = "") -> None:
    raise problems.ProblemError(404, "not_found", f"/api/v1/{rest}: there is no such address")


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
        components = schema["components"]["schemas"]
        components["Problem"] = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        for path in schema["paths"].values():
            for operation in path.values():
                _problem_for_422(operation)
        for name in ("HTTPValidationError", "ValidationError"):
            components.pop(name, None)
        app.openapi_schema = schema
    return app.openapi_schema


def _problem_for_422(operation: dict[str, Any]) -> None:
    if "422" in operation["responses"]:
        operation["responses"]["422"] = problems.responses(422)[422]
