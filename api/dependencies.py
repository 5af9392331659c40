"""What routes ask for: the context, who is acting, and that a page's changes come from our own page."""

import hmac
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from api.context import Context
from api.problems import ProblemError
from cases.actor import Actor
from cases.clock import utc_now
from cases.logins import Identity, csrf_token, identify

SESSION_COOKIE = "phatnguoi_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="set by POST /api/v1/session")
_bearer = HTTPBearer(auto_error=False, description="a token made by `phatnguoi user token NAME`")


async def current_context(request: Request) -> Context:
    """The running server's parts; a coroutine, as all that does not wait: a thread for it would cost more than it."""
    context = request.app.state.context
    assert isinstance(context, Context)
    return context


ContextDep = Annotated[Context, Depends(current_context)]


def current_identity(
    request: Request,
    context: ContextDep,
    cookie: Annotated[str | None, Depends(_cookie)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Identity:
    """Who acts, by bearer token or session cookie; a cookie's changes must carry the page's CSRF token.

    Raises:
        ProblemError: 401 without a valid login, 403 without the token.
    """
    kind, secret = ("bearer", bearer.credentials) if bearer else ("cookie", cookie)
    identity = identify(context.sessions, secret=secret, kind=kind, now=utc_now()) if secret else None
    if identity is None or secret is None:
        raise ProblemError(401, "login_needed", "log in first", {"WWW-Authenticate": "Bearer"})
    if identity.kind == "cookie" and request.method not in _SAFE:
        given = request.headers.get(CSRF_HEADER, "").encode()
        if not hmac.compare_digest(given, csrf_token(secret).encode()):
            raise ProblemError(403, "csrf", f"send the token of GET /api/v1/session as {CSRF_HEADER}")
    return identity


IdentityDep = Annotated[Identity, Depends(current_identity)]


async def current_actor(identity: IdentityDep) -> Actor:
    """The acting account as the services see it."""
    return identity.actor


ActorDep = Annotated[Actor, Depends(current_actor)]
