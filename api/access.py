"""Who may call which route: one table for all of them, and the check every request passes.

A route that is not in the table answers 403 to everybody; the test of the authorisation matrix names it. `WARDS` routes
concern one case, camera or report and are confined to the account's wards by the service behind them.
"""

import re
from dataclasses import dataclass
from functools import partial

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.dependencies import ContextDep, IdentityDep
from api.problems import ProblemError
from cases.clock import utc_now
from cases.logins import Identity
from cases.plates import note_refused
from cases.roles import DECIDERS, DRAWERS, EVERYONE, HANDLERS, OVERSEERS, READERS, REVIEWERS, SIGNERS, Role
from cases.service import record_view

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
COMMANDERS = frozenset({Role.COMMANDER})
SIGNING = SIGNERS | COMMANDERS
PREFIX = "/api/v1"
PLATE_SEARCH = ("POST", "/plates/search")
"""Who is refused it leaves an entry in the ledger, as who is not."""
UNTIL_REPLACED = frozenset({("GET", "/session"), ("DELETE", "/session"), ("PUT", "/session/password")})
"""All that a login may with a password that somebody else chose."""
CASE_ID = r"[A-Za-z0-9-]{1,24}"


@dataclass(frozen=True, slots=True)
class Right:
    """Roles that may, whether the thing asked for lies in a ward, and what reading it is called in the access log.

    Routes that hand out evidence or papers log by themselves, with the item; `view` stands for all others that show
    facts of a case.
    """

    roles: frozenset[Role]
    in_ward: bool = False
    view: str | None = None


def _ward(roles: frozenset[Role], view: str | None = None) -> Right:
    return Right(roles, in_ward=True, view=view)


RIGHTS: dict[tuple[str, str], Right] = {
    ("GET", "/session"): Right(EVERYONE),
    ("DELETE", "/session"): Right(EVERYONE),
    ("PUT", "/session/password"): Right(EVERYONE),
    ("GET", "/vocabulary"): Right(EVERYONE),
    ("GET", "/cases"): Right(READERS),
    ("POST", "/cases/next"): Right(REVIEWERS),
    ("GET", "/deadlines"): Right(READERS),
    ("GET", "/cases/{case_id}"): _ward(READERS, "case"),
    ("POST", "/cases/{case_id}/claim"): _ward(REVIEWERS),
    ("POST", "/cases/{case_id}/release"): _ward(REVIEWERS),
    ("POST", "/cases/{case_id}/decisions"): _ward(DECIDERS),
    ("POST", "/cases/{case_id}/undo"): _ward(DECIDERS),
    ("GET", "/cases/{case_id}/offences"): _ward(READERS),
    ("GET", "/cases/{case_id}/deadlines"): _ward(READERS),
    ("GET", "/cases/{case_id}/history"): _ward(READERS, "history"),
    ("GET", "/cases/{case_id}/accesses"): _ward(OVERSEERS, "accesses"),
    ("GET", "/cases/{case_id}/verification"): _ward(READERS, "verification"),
    ("GET", "/cases/{case_id}/evidence"): _ward(READERS),
    ("GET", "/cases/{case_id}/evidence/{name}"): _ward(READERS),
    ("HEAD", "/cases/{case_id}/evidence/{name}"): _ward(READERS),
    ("GET", "/cases/{case_id}/overlay"): _ward(READERS),
    ("POST", "/cases/{case_id}/exports"): _ward(HANDLERS),
    ("GET", "/cases/{case_id}/copies/{name}"): _ward(READERS),
    ("GET", "/cases/{case_id}/hold"): _ward(READERS),
    ("PUT", "/cases/{case_id}/hold"): _ward(COMMANDERS),
    ("GET", "/retention"): Right(OVERSEERS),
    ("GET", "/keys"): Right(EVERYONE),
    ("GET", "/cases/{case_id}/documents"): _ward(READERS, "documents"),
    ("POST", "/cases/{case_id}/documents"): _ward(HANDLERS),
    ("GET", "/cases/{case_id}/documents/{document_id}/pdf"): _ward(READERS),
    ("POST", "/cases/{case_id}/documents/{document_id}/signature"): _ward(SIGNING),
    ("PUT", "/cases/{case_id}/documents/{document_id}/signed"): _ward(SIGNING),
    ("POST", "/cases/{case_id}/documents/{document_id}/deliveries"): _ward(HANDLERS),
    ("GET", "/channels"): Right(READERS),
    ("GET", "/citizen-reports"): Right(READERS),
    ("GET", "/citizen-reports/register"): Right(OVERSEERS),
    ("GET", "/citizen-reports/{report_id}"): Right(READERS),
    ("GET", "/citizen-reports/{report_id}/files/{file_name}"): Right(READERS),
    ("GET", "/citizen-reports/{report_id}/files/{file_name}/preview"): Right(READERS),
    ("GET", "/citizen-reports/{report_id}/analysis"): Right(READERS),
    ("POST", "/citizen-reports/{report_id}/analysis"): Right(REVIEWERS),
    ("DELETE", "/citizen-reports/{report_id}/analysis"): Right(REVIEWERS),
    ("POST", "/citizen-reports/{report_id}/cases"): Right(REVIEWERS),
    ("POST", "/citizen-reports/{report_id}/reporter"): Right(COMMANDERS),
    ("POST", "/citizen-reports/{report_id}/outcome"): Right(REVIEWERS),
    ("GET", "/cases/{case_id}/answers"): _ward(READERS, "answers"),
    ("POST", "/cases/{case_id}/answers/{answer_id}/reply"): _ward(REVIEWERS),
    ("POST", "/cases/{case_id}/answers/{answer_id}/dealing"): _ward(REVIEWERS),
    ("GET", "/reports"): Right(READERS),
    ("GET", "/reports/file"): Right(READERS),
    ("GET", "/reports/due"): Right(READERS),
    ("GET", "/reports/campaigns"): Right(READERS),
    ("POST", "/reports/campaigns"): Right(COMMANDERS),
    ("DELETE", "/reports/campaigns/{name}"): Right(COMMANDERS),
    ("GET", "/cases/{case_id}/plate"): _ward(READERS, "plate"),
    ("PUT", "/cases/{case_id}/plate"): _ward(REVIEWERS),
    ("POST", "/plates/search"): Right(REVIEWERS),
    ("GET", "/law"): Right(EVERYONE),
    ("GET", "/law/changes"): Right(ADMINISTRATORS | OVERSEERS),
    ("POST", "/law/changes"): Right(ADMINISTRATORS),
    ("POST", "/law/changes/{change_id}/decision"): Right(ADMINISTRATORS),
    ("GET", "/users"): Right(ADMINISTRATORS),
    ("POST", "/users"): Right(ADMINISTRATORS),
    ("PATCH", "/users/{name}"): Right(ADMINISTRATORS),
    ("PUT", "/users/{name}/password"): Right(ADMINISTRATORS),
    ("GET", "/review/agreement"): Right(OVERSEERS),
    ("GET", "/review/precision"): Right(OVERSEERS),
    ("GET", "/review/known-answers"): Right(OVERSEERS),
    ("PUT", "/review/known-answers/{case_id}"): _ward(COMMANDERS),
    ("DELETE", "/review/known-answers/{case_id}"): _ward(COMMANDERS),
    ("GET", "/audit/decisions"): Right(OVERSEERS),
    ("GET", "/audit/accesses"): Right(OVERSEERS),
    ("GET", "/audit/ledger"): Right(OVERSEERS),
    ("GET", "/audit/file"): Right(OVERSEERS),
    ("GET", "/audit/chain"): Right(OVERSEERS),
    ("GET", "/cameras"): Right(READERS),
    ("GET", "/map"): Right(READERS),
    ("GET", "/scenes"): Right(READERS),
    ("POST", "/scenes/check"): Right(DRAWERS),
    ("GET", "/scenes/{camera_id}"): _ward(READERS),
    ("POST", "/scenes/{camera_id}/versions"): _ward(DRAWERS),
    ("GET", "/scenes/{camera_id}/versions/{number}"): _ward(READERS),
    ("GET", "/scenes/{camera_id}/versions/{number}/reference"): _ward(READERS),
    ("POST", "/scenes/{camera_id}/versions/{number}/activation"): _ward(DRAWERS),
    ("POST", "/scenes/{camera_id}/trials"): _ward(DRAWERS),
    ("GET", "/scenes/{camera_id}/trials/{trial_id}"): _ward(DRAWERS),
    ("DELETE", "/scenes/{camera_id}/trials/{trial_id}"): _ward(DRAWERS),
}


async def authorised(request: Request, identity: IdentityDep, context: ContextDep) -> Identity:
    """Go on only when the table lets this account's role call this route, and when its view of a case is logged.

    Raises:
        ProblemError: 403; the text names the route and the roles that may, or that the password is to be replaced.
        NotFoundError: there is no such case in the account's wards.
    """
    path = getattr(request.scope.get("route"), "path", "").removeprefix(PREFIX)
    if identity.password_due and (request.method, path) not in UNTIL_REPLACED:
        raise ProblemError(403, "password_due", "an administrator chose this password: replace it by one of your own")
    if path in ("", "/{rest:path}"):
        return identity
    right = RIGHTS.get((request.method, path))
    if right is None:
        raise ProblemError(403, "not_permitted", f"{request.method} {path}: not in the table of rights (api/access.py)")
    role = identity.actor.role
    if role not in right.roles:
        if (request.method, path) == PLATE_SEARCH:
            refused = partial(note_refused, context.sessions, context.marks, actor=identity.actor, now=utc_now())
            await run_in_threadpool(refused)
        needed = ", ".join(sorted(right.roles))
        raise ProblemError(403, "not_permitted", f"{request.method} {path}: a {role} may not; needs one of {needed}")
    case_id = request.path_params.get("case_id", "")
    if right.view is not None and re.fullmatch(CASE_ID, case_id):  # the route itself refuses any other
        told = partial(record_view, context.sessions, case_id=case_id, actor=identity.actor, now=utc_now())
        await run_in_threadpool(partial(told, view=right.view))
    return identity
