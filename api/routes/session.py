"""Logging in with a local account or through the OpenID provider, and out again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access import authorised
from api.dependencies import SESSION_COOKIE, ContextDep, IdentityDep
from api.oidc import ATTEMPT_S, Provider
from api.problems import ProblemError, responses
from api.schemas import LoginIn, LoginWaysOut, PasswordIn, SessionOut
from cases.clock import utc_now
from cases.faults import LockedOutError, LoginRefusedError
from cases.logins import Credential, change_own_password, csrf_token, log_in, log_in_subject, log_out

router = APIRouter(prefix="/session", tags=["session"])
PATH = "/api/v1/session"
ATTEMPT_COOKIE = "phatnguoi_oidc"


@router.post("", status_code=201, responses=responses(401, 422, 429))
def start(body: LoginIn, request: Request, response: Response, context: ContextDep) -> SessionOut:
    """Log in; the session comes as an HttpOnly cookie, its CSRF token in the answer."""
    settings = context.settings
    try:
        login = log_in(
            context.sessions, name=body.name, password=body.password, now=utc_now(), session_s=settings.session_s
        )
    except (LoginRefusedError, LockedOutError):
        context.metrics.refused_logins.inc()
        raise
    _hand_out(response, request, context, login)
    return SessionOut.of(login, csrf=csrf_token(login.secret))


@router.get("/ways")
def ways(context: ContextDep) -> LoginWaysOut:
    """How one may log in here: with a local account, and through the OpenID provider where one is configured."""
    return LoginWaysOut(local=True, oidc=f"{PATH}/oidc" if context.provider else None)


@router.get("/oidc", status_code=303, response_class=RedirectResponse, responses=responses(404, 502))
def oidc(request: Request, context: ContextDep) -> RedirectResponse:
    """Go to the OpenID provider's login."""
    attempt = _provider(context).begin(_callback(request, context))
    response = RedirectResponse(attempt.address, status_code=303)
    secure = _is_secure(request, context)
    response.set_cookie(
        ATTEMPT_COOKIE, attempt.cookie, max_age=ATTEMPT_S, httponly=True, samesite="lax", secure=secure, path=PATH
    )
    return response


@router.get("/oidc/callback", status_code=303, response_class=RedirectResponse, responses=responses(401, 404, 422, 502))
def oidc_callback(
    request: Request,
    context: ContextDep,
    state: Annotated[str, Query(max_length=200)],
    code: Annotated[str, Query(max_length=2000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> RedirectResponse:
    """Where the OpenID provider sends the browser back to; starts a session for the account of that person."""
    provider, cookie = _provider(context), request.cookies.get(ATTEMPT_COOKIE, "")
    if error or not code:
        raise ProblemError(401, "login_refused", f"the provider refused: {error or 'no code'}")
    subject = provider.finish(_callback(request, context), code=code, state=state, cookie=cookie)
    try:
        login = log_in_subject(context.sessions, subject=subject, now=utc_now(), session_s=context.settings.session_s)
    except LoginRefusedError:
        context.metrics.refused_logins.inc()
        raise
    response = RedirectResponse("/", status_code=303)
    _hand_out(response, request, context, login)
    response.delete_cookie(ATTEMPT_COOKIE, path=PATH)
    return response


@router.get("", responses=responses(401), dependencies=[Depends(authorised)])
def read(request: Request, identity: IdentityDep) -> SessionOut:
    """Who is logged in."""
    secret = request.cookies.get(SESSION_COOKIE)
    return SessionOut.of(identity, csrf=csrf_token(secret) if secret and identity.kind == "cookie" else None)


@router.put("/password", status_code=204, responses=responses(401, 403, 422, 429), dependencies=[Depends(authorised)])
def password(body: PasswordIn, context: ContextDep, identity: IdentityDep) -> None:
    """Change one's own password; all logins of the account end, this one too."""
    change_own_password(context.sessions, name=identity.actor.name, old=body.old, new=body.new, now=utc_now())


@router.delete("", status_code=204, responses=responses(401, 403), dependencies=[Depends(authorised)])
def end(request: Request, response: Response, context: ContextDep, identity: IdentityDep) -> None:
    """Log out; a bearer token is ended likewise."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    bearer = identity.kind == "bearer" and scheme.lower() == "bearer"
    log_out(context.sessions, secret=token.strip() if bearer else request.cookies[SESSION_COOKIE])
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")


def _provider(context: ContextDep) -> Provider:
    if context.provider is None:
        raise ProblemError(404, "not_found", "no OpenID provider is configured here (settings oidc_*)")
    return context.provider


def _callback(request: Request, context: ContextDep) -> str:
    own = context.settings.public_url or str(request.base_url)
    return f"{own.rstrip('/')}{PATH}/oidc/callback"


def _is_secure(request: Request, context: ContextDep) -> bool:
    return context.settings.secure_cookies or request.url.scheme == "https"


def _hand_out(response: Response, request: Request, context: ContextDep, login: Credential) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        login.secret,
        max_age=int(context.settings.session_s),
        httponly=True,
        samesite="strict",
        secure=_is_secure(request, context),
    )
