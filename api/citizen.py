"""Citizens' pages: report, look up one's own case and answer it, public figures. Plain HTML, no script at all.

A look-up leaves a cookie that opens this one case for half an hour: notice, expiry and a keyed hash over both. The key
lives as long as the server. Everything anonymous is braked by address.
"""

import hashlib
import hmac
import logging
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.catalogue import catalogue
from api.context import Context
from api.dependencies import ContextDep
from api.problems import ProblemError
from cases.citizen.lookup import answer, answer_kind, look_up, own_case, own_stills
from cases.citizen.media import CHUNK_BYTES, Upload
from cases.citizen.reports import KINDS, follow, receive, report_form
from cases.clock import utc_now
from cases.faults import BadQueryError, BadReasonError, IllegalMoveError, NotFoundError
from cases.lifecycle import STATES
from cases.notice.plate import printed
from cases.reports.files import GROUPS, KIND_WORDS, WORDS
from cases.reports.period import HANOI
from cases.reports.public import LEAST, SHOWN, public_figures, public_period
from detector.types import PhatnguoiError

FOLDER = Path(__file__).parent / "web" / "citizen"
COOKIE = "phatnguoi_own_case"
OPEN_S = 1800
ANSWERS = {
    "accept": "Đồng ý với kết quả, đề nghị hướng dẫn nộp phạt / I accept",
    "not_driver": "Tôi không phải người điều khiển, xin cung cấp thông tin / I was not the driver",
    "explain": "Giải trình / I want to explain",
    "dispute": "Không đồng ý, đề nghị xem xét lại / I dispute it",
    "complaint": "Khiếu nại quyết định xử phạt / I complain of the decision",
}
COMPLAINTS = {
    "pending": "Khiếu nại, khởi kiện đang được giải quyết / the complaint or lawsuit is being dealt with",
    "upheld": "Đã giải quyết khiếu nại, khởi kiện: giữ nguyên quyết định / decided: the decision stands",
    "annulled": "Đã giải quyết khiếu nại, khởi kiện: hủy quyết định / decided: the decision is annulled",
}
OBJECTIONS = {
    "pending": "Ý kiến không đồng ý đang được xác minh; trong lúc này thông báo không còn hiệu lực"
    " / your objection is being looked into; meanwhile the notice does not hold",
    "dropped": "Đã xem xét ý kiến: vụ việc không tiếp tục theo thông báo này"
    " / your objection was looked into: nothing more follows from this notice",
    "renewed": "Đã xem xét ý kiến: vi phạm vẫn được xác nhận; đơn vị gửi văn bản khác thay thông báo này"
    " / your objection was looked into: the violation stands, another paper takes the place of this notice",
}
REPORT_STATES = {"RECEIVED": "Đã tiếp nhận", "PROCESSED": "Đang xem xét", "CLOSED": "Đã giải quyết"}
CAPTIONS = {"before.jpg": "Trước khi vi phạm", "during.jpg": "Khi vi phạm", "after.jpg": "Sau khi vi phạm",
            "vehicle.jpg": "Phương tiện"}  # fmt: skip
_REFUSALS = (BadReasonError, BadQueryError, NotFoundError, IllegalMoveError)
_LOG = logging.getLogger(__name__)
_PAGES = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
_PAGES.filters["day"] = lambda at: at.astimezone(HANOI).strftime("%d/%m/%Y")
_PAGES.filters["printed"] = printed
router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form()]
Ticket = Annotated[str, Cookie(alias=COOKIE)]


@router.get("/cong-dan/style.css")
def style() -> Response:
    """The pages' style."""
    return Response((FOLDER / "style.css").read_bytes(), media_type="text/css; charset=utf-8")


@router.get("/tra-cuu")
def lookup_form(context: ContextDep) -> HTMLResponse:
    """Where a plate and a code are asked for."""
    return _page(context, "lookup.html", plate="")


@router.post("/tra-cuu")
def lookup(request: Request, context: ContextDep, plate: Text, code: Text) -> Response:
    """Open one's own case for half an hour."""
    try:
        context.lookups.check(request)
        notice = look_up(context.sessions, plate=plate[:40], code=code[:40], now=utc_now())
    except (PhatnguoiError, ProblemError) as error:
        return _refused(context, "lookup.html", error, plate=plate[:20])
    answer_ = RedirectResponse("/tra-cuu/ho-so", status_code=303)
    secure = context.settings.secure_cookies or request.url.scheme == "https"
    options: dict[str, Any] = {"max_age": OPEN_S, "path": "/tra-cuu", "httponly": True, "samesite": "strict"}
    answer_.set_cookie(COOKIE, _ticket(context, notice.id), secure=secure, **options)
    return answer_


@router.get("/tra-cuu/ho-so")
def own(context: ContextDep, ticket: Ticket = "") -> Response:
    """One's own case."""
    notice_id = _opened(context, ticket)
    return _own_page(context, notice_id) if notice_id else RedirectResponse("/tra-cuu", status_code=303)


@router.get("/tra-cuu/anh/{name}")
def still(name: str, context: ContextDep, ticket: Ticket = "") -> Response:
    """One redacted still of one's own case."""
    notice_id = _opened(context, ticket)
    stills = own_stills(context.store, own_case(context.sessions, notice_id=notice_id)) if notice_id else {}
    if name not in stills:
        raise ProblemError(404, "not_found", "there is no such still")
    return Response(stills[name], media_type="image/jpeg", headers={"Cache-Control": "private, max-age=300"})


@router.post("/tra-cuu/tra-loi")
def say(
    request: Request,
    context: ContextDep,
    kind: Text,
    token: Text,
    text: Text = "",
    contact: Text = "",
    ticket: Ticket = "",
) -> Response:
    """Answer or dispute."""
    notice_id = _opened(context, ticket)
    if not notice_id or not hmac.compare_digest(token.encode(), _form_token(context, ticket).encode()):
        return RedirectResponse("/tra-cuu", status_code=303)
    try:
        context.lookups.check(request)
        how = {"kind": answer_kind(kind), "text": text, "contact": contact}
        answer(context.sessions, notice_id=notice_id, now=utc_now(), **how)  # type: ignore[arg-type]
    except (PhatnguoiError, ProblemError) as error:
        return _own_page(context, notice_id, problem=_words(error), status=_status(error))
    return RedirectResponse("/tra-cuu/ho-so", status_code=303)


@router.post("/tra-cuu/thoat")
def leave() -> Response:
    """End the look-up."""
    gone = RedirectResponse("/tra-cuu", status_code=303)
    gone.delete_cookie(COOKIE, path="/tra-cuu", httponly=True, samesite="strict")
    return gone


@router.get("/phan-anh")
def report_empty(context: ContextDep) -> HTMLResponse:
    """Where a report is written."""
    return _report_page(context, {})


@router.post("/phan-anh")
def report(
    request: Request,
    context: ContextDep,
    files: list[UploadFile],
    what: Text,
    occurred: Text,
    place: Text,
    ward: Text,
    description: Text = "",
    reporter: Text = "",
    contact: Text = "",
) -> HTMLResponse:
    """Take a report in."""
    given = {"what": what, "occurred": occurred, "place": place, "ward": ward, "description": description}
    try:
        context.uploads.check(request)
        at = datetime.fromisoformat(occurred).replace(tzinfo=HANOI)
        said = {"description": description, "reporter": reporter, "contact": contact}
        form = report_form(occurred_at=at, place=place, ward=ward, what=what, **said)
        done = receive(
            context.sessions,
            context.settings.citizen_files,
            form=form,
            uploads=[Upload(file.filename or "", chunks_of(file)) for file in files],
            largest_bytes=context.settings.citizen_upload_mb << 20,
            now=utc_now(),
        )
    except ValueError:
        return _report_page(context, given, problem="thời gian chưa đúng / the time is not right", status=422)
    except (PhatnguoiError, ProblemError) as error:
        return _report_page(context, given, problem=_words(error), status=_status(error))
    return _report_page(context, {}, done=done, status=201)


@router.get("/phan-anh/theo-doi")
def follow_form(context: ContextDep) -> HTMLResponse:
    """Where a report is followed."""
    return _page(context, "follow.html", found=None, states=REPORT_STATES)


@router.post("/phan-anh/theo-doi")
def follow_(request: Request, context: ContextDep, number: Text, code: Text) -> HTMLResponse:
    """What became of a report."""
    try:
        context.lookups.check(request)
        found = follow(context.sessions, report_id=number[:24], code=code[:40])
    except (PhatnguoiError, ProblemError) as error:
        return _refused(context, "follow.html", error, found=None, states=REPORT_STATES)
    return _page(context, "follow.html", found=found, states=REPORT_STATES)


@router.get("/thong-ke")
def statistics(context: ContextDep, first: str = "", last: str = "") -> HTMLResponse:
    """Public figures of whole months that are over."""
    shown: dict[str, Any] = {"first": first[:7], "last": last[:7], "least": LEAST, "labels": WORDS, "found": None}
    shown["groups"] = {name: GROUPS[name] for name in SHOWN}
    if not first and not last:
        return _page(context, "statistics.html", **shown)
    try:
        months = [datetime.strptime(text, "%Y-%m").replace(tzinfo=HANOI).date() for text in (first, last)]
        period = public_period(*months, today=utc_now().astimezone(HANOI).date())
    except (ValueError, PhatnguoiError):
        text = "chọn những tháng đã kết thúc, tối đa 24 tháng / choose months that are over, at most 24"
        return _page(context, "statistics.html", problem=text, status=422, **shown)
    return _page(context, "statistics.html", **{**shown, "found": public_figures(context.sessions, period)})


def _own_page(context: Context, notice_id: str, *, problem: str = "", status: int = 200) -> HTMLResponse:
    found = own_case(context.sessions, notice_id=notice_id)
    return _page(
        context,
        "case.html",
        problem=problem,
        status=status,
        own=found,
        state_words=STATES[found.state].vi if found.state else "",
        stills=list(own_stills(context.store, found)),
        captions=CAPTIONS,
        kinds=ANSWERS,
        objection_words=OBJECTIONS.get(found.objection.value, ""),
        complaint_words=COMPLAINTS.get(found.complaint.value, ""),
        token=_form_token(context, _ticket(context, notice_id)),
    )


def _report_page(
    context: Context, given: dict[str, str], *, problem: str = "", status: int = 200, done: Any = None
) -> HTMLResponse:
    words = catalogue()["kinds"]
    kinds = {kind: words[kind]["vi"] if kind in words else KIND_WORDS.get(kind, "Khác / other") for kind in KINDS}
    form = {name: given.get(name, "") for name in ("what", "occurred", "place", "ward", "description")}
    return _page(
        context, "report.html", problem=problem, status=status, done=done, form=form, kinds=kinds,
        largest_mb=context.settings.citizen_upload_mb,
    )  # fmt: skip


def _page(context: Context, name: str, *, problem: str = "", status: int = 200, **values: Any) -> HTMLResponse:
    settings = context.settings
    text = _PAGES.get_template(name).render(
        agency=settings.agency_name,
        agency_parent=settings.agency_parent,
        phone=settings.agency_phone,
        problem=problem,
        **values,
    )
    return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-store"})


def _refused(context: Context, name: str, error: Exception, **values: Any) -> HTMLResponse:
    return _page(context, name, problem=_words(error), status=_status(error), **values)


def _words(error: Exception) -> str:
    """What a stranger may read: refusals in full, troubles of the installation not."""
    if isinstance(error, ProblemError):
        return str(error.detail)
    if isinstance(error, _REFUSALS):
        return str(error)
    _LOG.error("citizens' pages: %s", error)
    return "hệ thống đang bận, hãy thử lại sau / not possible now, try again later"


def _status(error: Exception) -> int:
    if isinstance(error, ProblemError):
        return error.status_code
    return 422 if isinstance(error, _REFUSALS) else 503


def chunks_of(file: UploadFile) -> Iterator[bytes]:
    """An uploaded file, piece by piece."""
    while chunk := file.file.read(CHUNK_BYTES):
        yield chunk


def _ticket(context: Context, notice_id: str) -> str:
    body = f"{notice_id}.{int(time.time()) + OPEN_S}"
    return f"{body}.{_keyed(context, body)}"


def _opened(context: Context, ticket: str) -> str | None:
    """The notice a cookie opens, None when it is none of ours or has run out."""
    body, _, signed = ticket.rpartition(".")
    if not body or not hmac.compare_digest(signed.encode(), _keyed(context, body).encode()):
        return None
    notice_id, _, until = body.partition(".")
    return notice_id if until.isdigit() and int(until) > time.time() else None


def _form_token(context: Context, ticket: str) -> str:
    return _keyed(context, f"form:{ticket.partition('.')[0]}")


def _keyed(context: Context, text: str) -> str:
    return hmac.new(context.citizen_key, text.encode(), hashlib.sha256).hexdigest()
