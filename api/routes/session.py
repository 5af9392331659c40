"""Logging in and out of a local account."""

from fastapi import APIRouter, Depends, Request, Response

from api.access import authorised
from api.dependencies import SESSION_COOKIE, ContextDep, IdentityDep
from api.problems import responses
from api.schemas import LoginIn, PasswordIn, SessionOut
from cases.accounts import change_own_password, csrf_token, log_in, log_out
from cases.clock import utc_now
from cases.faults import LockedOutError, LoginRefusedError

router = APIRouter(prefix="/session", tags=["session"])


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
    response.set_cookie(
        SESSION_COOKIE,
        login.secret,
        max_age=int(settings.session_s),
        httponly=True,
        samesite="strict",
        secure=settings.secure_cookies or request.url.scheme == "https",
    )
    return SessionOut.of(login, csrf=csrf_token(login.secret))


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
