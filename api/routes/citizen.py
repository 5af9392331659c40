"""Citizens' reports and owners' answers: for officers under `/api/v1`, for citizens under `/api/public/v1`."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request, Response, UploadFile
from fastapi.responses import FileResponse
from pydantic import AwareDatetime

from api.citizen import chunks_of
from api.dependencies import ActorDep, ContextDep
from api.problems import ProblemError, responses
from api.progress import how_far
from api.routes.queue import CaseId
from api.schemas.base import PLAIN
from api.schemas.citizen import (
    AnalysisIn,
    AnalysisOut,
    AnswerOut,
    CitizenReportOut,
    DealingIn,
    LookupIn,
    OwnCaseOut,
    PromotedOut,
    PromoteIn,
    ReceivedOut,
    RegisterQuery,
    ReplyIn,
    ReporterIn,
    ReporterOut,
    ReportsQuery,
    SettleIn,
)
from cases.citizen import desk, lookup, reports
from cases.citizen.media import Upload, preview
from cases.citizen.promote import promote
from cases.citizen.scene import adopt_cases, ask_analysis, end_analysis
from cases.clock import utc_now
from cases.faults import NotFoundError
from cases.reports.files import MEDIA
from cases.reports.period import period_of
from cases.reports.register import register
from cases.roles import REVIEWERS

router = APIRouter(tags=["citizens"])
public = APIRouter(prefix="/api/public/v1", tags=["public"])
ReportId = Annotated[str, Path(max_length=24, pattern=PLAIN, examples=["PA-7K3M-Q2XD"])]
AnswerId = Annotated[str, Path(max_length=24, pattern=PLAIN)]
FileName = Annotated[str, Path(max_length=40, pattern=PLAIN, examples=["file-1.mp4"])]


@router.get("/citizen-reports", responses=responses(401, 403, 422))
def list_(context: ContextDep, actor: ActorDep, query: Annotated[ReportsQuery, Query()]) -> list[CitizenReportOut]:
    """Reports of the account's wards without who sent them, oldest first; closed ones alone come latest first."""
    rows = reports.list_reports(context.sessions, actor=actor, state=query.state, limit=query.limit)
    return [CitizenReportOut.of(row) for row in rows]


@router.get(
    "/citizen-reports/register",
    response_class=Response,
    responses={200: {"content": {MEDIA["xlsx"]: {}}, "description": "Mẫu 05/73"}, **responses(401, 403, 422)},
)
def register_(context: ContextDep, actor: ActorDep, query: Annotated[RegisterQuery, Query()]) -> Response:
    """The register of reports received in a period, Mẫu 05/73, as XLSX; who sent them stays in confidence."""
    period = period_of(query.first, query.last)
    data = register(context.sessions, actor=actor, period=period, now=utc_now())
    name = f"so-tiep-nhan-{query.first}-{query.last}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=MEDIA["xlsx"], headers=headers)


@router.get("/citizen-reports/{report_id}", responses=responses(401, 403, 404, 422))
def read(report_id: ReportId, context: ContextDep, actor: ActorDep) -> CitizenReportOut:
    """One report, without who sent it."""
    return CitizenReportOut.of(reports.get_report(context.sessions, report_id=report_id, actor=actor, now=utc_now()))


@router.get(
    "/citizen-reports/{report_id}/files/{file_name}",
    response_class=FileResponse,
    responses={
        200: {"content": {"image/jpeg": {}, "video/mp4": {}}, "description": "The file as it was sent"},
        206: {"content": {"video/mp4": {}}, "description": "The bytes asked for"},
        400: {"description": "The Range header is malformed"},
        416: {"description": "The file has no such bytes"},
        **responses(401, 403, 404, 422),
    },
)
def file(report_id: ReportId, file_name: FileName, context: ContextDep, actor: ActorDep) -> FileResponse:
    """One photo or video of a report; the look is logged."""
    row = reports.get_report(context.sessions, report_id=report_id, actor=actor, now=utc_now(), file=file_name)
    path, media_type = reports.media_path(context.settings.citizen_files, row, file_name)
    return FileResponse(
        path, media_type=media_type, filename=f"{row.id}-{file_name}", content_disposition_type="inline"
    )


@router.get(
    "/citizen-reports/{report_id}/files/{file_name}/preview",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {}}, "description": "Small, and nobody in it can be recognised"},
        **responses(401, 403, 404, 422),
    },
)
def preview_(report_id: ReportId, file_name: FileName, context: ContextDep, actor: ActorDep) -> Response:
    """A photo made unrecognisable, for lists; not logged, for it shows nobody."""
    row = reports.own_report(context.sessions, report_id=report_id, actor=actor)
    path, media_type = reports.media_path(context.settings.citizen_files, row, file_name)
    if not media_type.startswith("image/"):
        raise NotFoundError(f"report {row.id}: {file_name} is a video; only photos have a preview")
    return Response(preview(path), media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})


@router.get("/citizen-reports/{report_id}/analysis", responses=responses(401, 403, 404, 422))
def analysis(report_id: ReportId, context: ContextDep, actor: ActorDep) -> AnalysisOut:
    """How far the analysis of a report's videos is, whichever server runs it; 404 when none was asked for lately."""
    row = reports.own_report(context.sessions, report_id=report_id, actor=actor)
    state, problem = how_far(context, row.id)
    return AnalysisOut.of(row.id, row.id, state, problem)


@router.post(
    "/citizen-reports/{report_id}/analysis", status_code=202, responses=responses(401, 403, 404, 409, 422, 429)
)
def analyse(report_id: ReportId, body: AnalysisIn, context: ContextDep, actor: ActorDep) -> AnalysisOut:
    """Run the report's videos through the detectors under its own scene in force; its cases stand with the report."""
    text = ask_analysis(context.sessions, report_id=report_id, camera_id=body.camera_id, actor=actor, now=utc_now())
    try:
        begun = context.analyses.begin(report_id, camera_id=body.camera_id, scene_text=text)
    except ProblemError as error:
        end_analysis(context.sessions, report_id=report_id, by=actor.name, now=utc_now(), problem=error.detail)
        raise
    return AnalysisOut.of(begun.report_id, begun.camera_id, begun.state, begun.problem)


@router.delete("/citizen-reports/{report_id}/analysis", status_code=204, responses=responses(401, 403, 404, 422))
def cancel_analysis(report_id: ReportId, context: ContextDep, actor: ActorDep) -> None:
    """End an analysis that runs or waits, chained with who did; one that is over stays as it is."""
    actor.require(REVIEWERS, "ending an analysis")
    row = reports.own_report(context.sessions, report_id=report_id, actor=actor)
    if how_far(context, row.id)[0] not in ("waiting", "running"):
        return
    # Chained first: what ran on after a failed write can be ended again, what ended unchained would be taken up again.
    end_analysis(context.sessions, report_id=row.id, by=actor.name, now=utc_now())
    known = context.analyses.of(row.id)
    if known is not None:
        context.analyses.cancel(known)
    context.leases.revoke(row.id)
    adopt_cases(context.sessions, report_id=row.id, now=utc_now())


@router.post("/citizen-reports/{report_id}/cases", status_code=201, responses=responses(401, 403, 404, 409, 422, 500))
def promote_(report_id: ReportId, body: PromoteIn, context: ContextDep, actor: ActorDep) -> PromotedOut:
    """Open a case of the citizens' track by eye; the same still and act again opens nothing twice."""
    case_id = promote(
        context.sessions,
        context.store,
        context.settings.citizen_files,
        report_id=report_id,
        seen=body.seen,
        actor=actor,
        now=utc_now(),
    )
    return PromotedOut(case_id=case_id)


@router.post("/citizen-reports/{report_id}/reporter", responses=responses(401, 403, 404, 422))
def reporter(report_id: ReportId, body: ReporterIn, context: ContextDep, actor: ActorDep) -> ReporterOut:
    """Who sent a report; commanders only, with a reason that is chained first."""
    name, contact = reports.reporter(
        context.sessions, report_id=report_id, actor=actor, reason=body.reason, now=utc_now()
    )
    return ReporterOut(reporter=name, contact=contact)


@router.post("/citizen-reports/{report_id}/outcome", responses=responses(401, 403, 404, 409, 422))
def settle(report_id: ReportId, body: SettleIn, context: ContextDep, actor: ActorDep) -> CitizenReportOut:
    """Close a report with what came of it."""
    row = reports.settle(
        context.sessions,
        report_id=report_id,
        actor=actor,
        outcome=body.outcome,
        cases=body.cases,
        reason=body.reason,
        now=utc_now(),
    )
    return CitizenReportOut.of(row)


@router.get("/cases/{case_id}/answers", responses=responses(401, 403, 404, 422))
def answers(case_id: CaseId, context: ContextDep, actor: ActorDep) -> list[AnswerOut]:
    """What owners answered to the notices of a case, oldest first."""
    rows = lookup.answers(context.sessions, case_id=case_id, actor=actor)
    tasks = desk.tasks(context.sessions, case_id=case_id)
    return [AnswerOut.of(row, tasks.get(row.id)) for row in rows]


@router.post("/cases/{case_id}/answers/{answer_id}/reply", responses=responses(401, 403, 404, 409, 422))
def reply(case_id: CaseId, answer_id: AnswerId, body: ReplyIn, context: ContextDep, actor: ActorDep) -> AnswerOut:
    """Reply to an owner, who reads it on the look-up page."""
    row = lookup.reply(
        context.sessions, case_id=case_id, answer_id=answer_id, text=body.text, actor=actor, now=utc_now()
    )
    return AnswerOut.of(row, desk.tasks(context.sessions, case_id=row.case_id).get(row.id))


@router.post("/cases/{case_id}/answers/{answer_id}/dealing", responses=responses(401, 403, 404, 409, 422))
def deal(case_id: CaseId, answer_id: AnswerId, body: DealingIn, context: ContextDep, actor: ActorDep) -> AnswerOut:
    """Note what was done about an answer; it waits no longer, and the case's papers go on."""
    row, task = desk.deal(
        context.sessions,
        case_id=case_id,
        answer_id=answer_id,
        dealing=body.dealing,
        note=body.note,
        actor=actor,
        now=utc_now(),
    )
    return AnswerOut.of(row, task)


@public.post("/reports", status_code=201, responses=responses(411, 413, 422, 429, 500))
def receive(
    request: Request,
    context: ContextDep,
    files: list[UploadFile],
    occurred_at: Annotated[AwareDatetime, Form()],
    place: Annotated[str, Form(min_length=3, max_length=300)],
    ward: Annotated[str, Form(min_length=2, max_length=100)],
    what: Annotated[str, Form(pattern=f"^({'|'.join(reports.KINDS)})$")],
    description: Annotated[str, Form(max_length=2000)] = "",
    reporter: Annotated[str, Form(max_length=200)] = "",
    contact: Annotated[str, Form(max_length=200)] = "",
) -> ReceivedOut:
    """Send a report with photos or videos; who sends it is kept in confidence."""
    context.uploads.check(request)
    done = reports.receive(
        context.sessions,
        context.settings.citizen_files,
        form=reports.report_form(
            occurred_at=occurred_at,
            place=place,
            ward=ward,
            what=what,
            description=description,
            reporter=reporter,
            contact=contact,
        ),
        uploads=[Upload(upload.filename or "", chunks_of(upload)) for upload in files],
        largest_bytes=context.settings.citizen_upload_mb << 20,
        now=utc_now(),
    )
    return ReceivedOut(id=done.report.id, code=done.code)


@public.post("/lookups", responses=responses(404, 411, 413, 422, 429))
def look_up(body: LookupIn, request: Request, context: ContextDep) -> OwnCaseOut:
    """One's own case by plate and code; the pictures and the answer form are on the page `/tra-cuu`."""
    context.lookups.check(request)
    notice = lookup.look_up(context.sessions, plate=body.plate, code=body.code, now=utc_now())
    return OwnCaseOut.of(lookup.own_case(context.sessions, notice_id=notice.id))
