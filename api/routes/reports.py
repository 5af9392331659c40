"""Reports of any period beside two others, as JSON and as files; campaigns; when reports are due."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.context import Context
from api.dependencies import ActorDep, ContextDep
from api.problems import responses
from api.schemas.base import PLAIN
from api.schemas.report import (
    CampaignIn,
    CampaignOut,
    DueReportOut,
    PublicOut,
    ReportFileQuery,
    ReportOut,
    ReportQuery,
)
from cases.actor import Actor
from cases.clock import utc_now
from cases.faults import BadQueryError, NotFoundError
from cases.reports.campaigns import campaigns, drop_campaign, save_campaign
from cases.reports.figures import Figures, figures
from cases.reports.files import MEDIA, write_report
from cases.reports.period import HANOI, Period, due_reports, period_of
from cases.reports.public import LEAST, public_figures, public_period
from cases.roles import OVERSEERS

router = APIRouter(prefix="/reports", tags=["reports"])
public = APIRouter(prefix="/api/public/v1", tags=["public"])
Name = Annotated[str, Path(max_length=100, pattern=PLAIN)]
Month = Annotated[str, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", examples=["2026-10"])]
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media.split(";")[0]: {} for media in MEDIA.values()}, "description": "The report as a file"}
}


@router.get("", responses=responses(401, 403, 404, 422))
def read(context: ContextDep, actor: ActorDep, query: Annotated[ReportQuery, Query()]) -> ReportOut:
    """The numbers of a period, of the account's wards; plates of repeat offenders for commanders and auditors only."""
    return ReportOut.of(_figures(context, actor, query), with_plates=actor.role in OVERSEERS)


@router.get("/file", response_class=Response, responses={**_FILES, **responses(401, 403, 404, 422)})
def file(context: ContextDep, actor: ActorDep, query: Annotated[ReportFileQuery, Query()]) -> Response:
    """The same as CSV, XLSX or PDF."""
    found = _figures(context, actor, query)
    if actor.role not in OVERSEERS:
        found.repeats.clear()
    name = f"bao-cao-{found.periods['now'].first}-{found.periods['now'].last}.{query.form}"
    return Response(
        write_report(found, query.form, context.settings),
        media_type=MEDIA[query.form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/due", responses=responses(401, 403))
def due() -> list[DueReportOut]:
    """When the yearly reports are due: 10 November to the city police, 30 November to the city."""
    return [DueReportOut.of(row) for row in due_reports(utc_now().astimezone(HANOI).date())]


@router.get("/campaigns", responses=responses(401, 403))
def list_(context: ContextDep, actor: ActorDep) -> list[CampaignOut]:
    """Saved campaigns, latest first."""
    return [CampaignOut.of(row) for row in campaigns(context.sessions, actor=actor)]


@router.post("/campaigns", status_code=201, responses=responses(401, 403, 409, 422))
def save(body: CampaignIn, context: ContextDep, actor: ActorDep) -> CampaignOut:
    """Save a campaign."""
    row = save_campaign(context.sessions, actor=actor, name=body.name, first=body.first, last=body.last, now=utc_now())
    return CampaignOut.of(row)


@router.delete("/campaigns/{name}", status_code=204, responses=responses(401, 403, 404, 422))
def drop(name: Name, context: ContextDep, actor: ActorDep) -> None:
    """Remove a campaign's name."""
    drop_campaign(context.sessions, actor=actor, name=name)


@public.get("/statistics", responses=responses(422))
def statistics(context: ContextDep, first: Month, last: Month) -> PublicOut:
    """Aggregates of whole months that are over, small counts withheld; nothing about a person, vehicle or camera."""
    period = public_period(_month(first), _month(last), today=utc_now().astimezone(HANOI).date())
    return PublicOut.of(public_figures(context.sessions, period), least=LEAST)


def _figures(context: Context, actor: Actor, query: ReportQuery) -> Figures:
    return figures(context.sessions, actor=actor, period=_period(context, actor, query))


def _period(context: Context, actor: Actor, query: ReportQuery) -> Period:
    if query.campaign is not None:
        row = next((row for row in campaigns(context.sessions, actor=actor) if row.name == query.campaign), None)
        if row is None:
            raise NotFoundError(f"campaign {query.campaign!r}: there is none of this name")
        return Period(row.first_day, row.last_day)
    if query.first is None or query.last is None:
        raise BadQueryError("report: give first and last, or the name of a campaign", why="days")
    return period_of(query.first, query.last)


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")
