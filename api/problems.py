"""Every refusal as RFC 9457 problem details, with a `code` the console turns into the reader's language."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from api.fault_words import FieldFaultOut
from cases.canonical import utc_text
from cases.faults import (
    AlreadyIssuedError,
    AnswerFirstError,
    AnswerWaitsError,
    BadChangeError,
    BadPasswordError,
    BadQueryError,
    BadReasonError,
    BadSceneError,
    CaseFirstError,
    HandedJustNowError,
    HeldError,
    IllegalMoveError,
    LawStopsError,
    LockedOutError,
    LoginRefusedError,
    NameTakenError,
    NoPaperError,
    NoSceneError,
    NotFoundError,
    NotPermittedError,
    OpenedOtherwiseError,
    OwnDecisionError,
    PaperError,
    PlateDiffersError,
    PlateFormError,
    PlateUnconfirmedError,
    SamePasswordError,
    SceneMovedError,
    StaleError,
    StoreUnavailableError,
    TitleNeededError,
    TooEarlyError,
    UnsentPaperError,
    UnsignedPaperError,
    VoidPaperError,
    WarningStandsError,
    WrongPassphraseError,
)
from detector.scene.fault import faults
from detector.types import CaseError, ConfigError, EvidenceError, PhatnguoiError

MEDIA_TYPE = "application/problem+json"
PUBLIC = "/api/public/"
"""Strangers ask here: they are not told of paths and servers."""
_LOG = logging.getLogger(__name__)
_FAULTS: dict[type[PhatnguoiError], tuple[int, str]] = {
    NotFoundError: (404, "not_found"),
    NotPermittedError: (403, "not_permitted"),
    IllegalMoveError: (409, "illegal_move"),
    AlreadyIssuedError: (409, "already_issued"),
    VoidPaperError: (409, "void_paper"),
    AnswerWaitsError: (409, "answer_waits"),
    CaseFirstError: (409, "case_first"),
    AnswerFirstError: (409, "answer_first"),
    TooEarlyError: (409, "too_early"),
    WarningStandsError: (409, "warning_stands"),
    NoPaperError: (409, "no_paper"),
    UnsignedPaperError: (409, "unsigned_paper"),
    UnsentPaperError: (409, "unsent_paper"),
    PlateUnconfirmedError: (409, "plate_unconfirmed"),
    PlateDiffersError: (409, "plate_differs"),
    PlateFormError: (409, "plate_form"),
    OwnDecisionError: (403, "own_decision"),
    NoSceneError: (409, "no_scene"),
    OpenedOtherwiseError: (409, "opened_otherwise"),
    SceneMovedError: (409, "scene_moved"),
    HandedJustNowError: (409, "handed_just_now"),
    HeldError: (409, "held"),
    StaleError: (409, "stale"),
    BadReasonError: (422, "bad_reason"),
    WrongPassphraseError: (422, "wrong_passphrase"),
    BadQueryError: (422, "bad_query"),
    BadChangeError: (422, "bad_change"),
    BadPasswordError: (422, "bad_password"),
    SamePasswordError: (422, "same_password"),
    NameTakenError: (409, "name_taken"),
    TitleNeededError: (422, "title_needed"),
    BadSceneError: (422, "bad_scene"),
    LoginRefusedError: (401, "login_refused"),
    LockedOutError: (429, "locked_out"),
    LawStopsError: (503, "law_stops"),
    StoreUnavailableError: (503, "unavailable"),
    EvidenceError: (500, "evidence"),
    CaseError: (503, "unavailable"),
    ConfigError: (503, "unavailable"),
}
_CODES = {400: "bad_request", 401: "login_needed", 403: "not_permitted", 404: "not_found", 405: "bad_method"}


class Problem(BaseModel):
    """RFC 9457 problem details.

    `holder` and `until` come with codes `held` and `handed_just_now`, `errors` with `invalid`, `why` and `allowed` with
    `bad_reason`, these and `typed` with `bad_query`, `bad_change` and `bad_scene` where they name what is wrong,
    `paper` (its kind) where a paper does not do, `day` (the last that must pass) with `too_early`; `number`,
    `document`, `day` (issued) of the paper that stands with `already_issued`; `typed` and `form` with `plate_form`;
    `row` (its id) with `law_stops`; `faults`, field by field in both languages, with `invalid`, `bad_change` and
    `bad_scene`.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:phatnguoi:problem:held",
                    "title": "Held by another officer",
                    "status": 409,
                    "detail": "case PN-7K3M-Q2XD: held by lan until 03:15:00 UTC",
                    "code": "held",
                    "holder": "lan",
                    "until": "2026-11-22T03:15:00.000000Z",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    holder: str | None = None
    until: str | None = None
    errors: list[str] | None = None
    why: str | None = None
    allowed: list[str] | None = None
    paper: str | None = None
    day: str | None = None
    number: str | None = None
    document: str | None = None
    typed: str | None = None
    form: str | None = None
    row: str | None = None
    faults: list[FieldFaultOut] | None = None


_TITLES = {
    "not_found": "Not found",
    "not_permitted": "Not permitted",
    "handed_just_now": "The paper went out just now",
    "illegal_move": "Not possible in this state",
    "already_issued": "Such a paper stands already",
    "void_paper": "The paper no longer says what stands",
    "answer_waits": "The owner's answer waits to be dealt with",
    "case_first": "The case is signed first",
    "answer_first": "The owner's answer is dealt with first",
    "too_early": "The owner's time is not over",
    "warning_stands": "A warning stands at the registries",
    "no_paper": "The paper it rests on is missing",
    "unsigned_paper": "The paper it rests on is not signed",
    "unsent_paper": "The paper it rests on was not sent",
    "plate_unconfirmed": "No officer established this plate",
    "plate_differs": "The paper bears another plate than the case",
    "plate_form": "The plate would be kept in another form",
    "own_decision": "Another person decides on this",
    "no_scene": "The report has no scene of its own in force",
    "opened_otherwise": "Marked before with other particulars",
    "scene_moved": "Another version is in force",
    "held": "Held by another officer",
    "stale": "Changed in the meantime",
    "bad_reason": "The reason does not fit",
    "bad_query": "The query is not usable",
    "bad_change": "The change is not acceptable",
    "bad_password": "The password is too weak",
    "name_taken": "The name is taken",
    "title_needed": "A signer needs a title",
    "same_password": "The new password is the old one",
    "password_due": "The password is to be replaced first",
    "bad_scene": "The drawing cannot judge a camera",
    "wrong_passphrase": "The key does not open with this passphrase",
    "bad_request": "The request cannot be read",
    "bad_method": "Not done at this address",
    "login_refused": "Login refused",
    "login_needed": "Login needed",
    "locked_out": "Too many wrong passwords",
    "law_stops": "A row of the law table fits no more",
    "evidence": "Evidence missing or altered",
    "unavailable": "Not available now",
    "provider": "The OpenID provider does not answer",
    "invalid": "The request is malformed",
    "version_needed": "The case's version is needed",
    "too_large": "The file is too large",
    "too_often": "Too often",
    "length_needed": "The length is needed",
    "csrf": "The page's token is missing or wrong",
    "internal": "A defect of this software",
}


class ProblemError(HTTPException):
    """A refusal that belongs to HTTP alone."""

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)
        self.code = code


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries of the problems a route may answer with."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {status: {"description": "Problem", "content": {MEDIA_TYPE: schema}} for status in statuses}


def answer(status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """A problem as a response."""
    problem = Problem(
        type=f"urn:phatnguoi:problem:{code}",
        title=_TITLES.get(code, code),
        status=status,
        detail=detail,
        code=code,
        **more,
    )
    return JSONResponse(
        problem.model_dump(exclude_none=True), status_code=status, headers=headers, media_type=MEDIA_TYPE
    )


def install(app: FastAPI) -> None:
    """Make every error of the application come out as a problem."""
    app.add_exception_handler(PhatnguoiError, _of_ours)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(Exception, _of_defect)


def code_of(error: PhatnguoiError) -> str:
    """The code of the problem that an error comes out as."""
    return next((_FAULTS[kind][1] for kind in type(error).__mro__ if kind in _FAULTS), "internal")


def _of_ours(request: Request, error: Exception) -> JSONResponse:
    kind = next((kind for kind in type(error).__mro__ if kind in _FAULTS), None)
    status, code = _FAULTS[kind] if kind else (500, "internal")
    if status >= 500:
        _LOG.error("%s %s: %s", request.method, request.url.path, error)
        if request.url.path.startswith(PUBLIC):
            return answer(status, code, "not possible now, try again later")
    headers = {"Retry-After": str(error.retry_s)} if isinstance(error, LockedOutError) else None
    return answer(status, code, str(error), headers=headers, **_particulars(error), **_by_field(error))


def _particulars(error: Exception) -> dict[str, Any]:
    """What a problem tells besides its text."""
    if isinstance(error, HeldError):
        return {"holder": error.holder, "until": utc_text(error.until)}
    if isinstance(error, BadReasonError | BadQueryError | BadChangeError | BadSceneError) and error.why:
        typed = {} if isinstance(error, BadReasonError) else {"typed": error.typed}
        return {"why": error.why, "allowed": list(error.allowed), **typed}
    if isinstance(error, AlreadyIssuedError):
        told = {"number": error.number, "document": error.document, "day": error.day.isoformat()}
        return {"paper": error.paper, **told}
    if isinstance(error, PaperError):
        return {"paper": error.paper}
    if isinstance(error, TooEarlyError | LawStopsError):
        return {"day": error.day.isoformat()} if isinstance(error, TooEarlyError) else {"row": error.row}
    return {"typed": error.typed, "form": error.form} if isinstance(error, PlateFormError) else {}


def _by_field(error: Exception) -> dict[str, Any]:
    """What is wrong with a document field by field, where its fields are what is wrong."""
    if not isinstance(error, BadChangeError | BadSceneError) or error.why or not error.faults:
        return {}
    section = "scene_fields" if isinstance(error, BadSceneError) else "law_fields"
    return {"faults": [FieldFaultOut.of(one, section) for one in error.faults]}


def _of_http(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, ProblemError):
        return answer(error.status_code, error.code, error.detail, headers=dict(error.headers or {}))
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else str(error)
    headers = dict(getattr(error, "headers", None) or {})
    return answer(status, _CODES.get(status, "bad_request"), detail, headers=headers)


def _of_validation(_request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    lines = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in found]
    told = [FieldFaultOut.of(one, "details") for one in faults(found)]
    return answer(422, "invalid", "; ".join(lines), errors=lines, faults=told)


def _of_defect(request: Request, error: Exception) -> JSONResponse:
    _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(500, "internal", "a defect of this software; the server's log has the details")
