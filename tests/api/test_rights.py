"""The authorisation matrix: every route of the application, every role, own and other ward, from one table."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import func, select

from api.access import PREFIX, RIGHTS
from cases.database import read_transaction
from cases.evidence import FolderStore
from cases.records import Access
from cases.roles import Role
from tests.api.server import Server
from tests.cases.builders import opened
from tests.cases.installation import items

PUBLIC = {("POST", "/session"), ("GET", "/session/ways"), ("GET", "/session/oidc"), ("GET", "/session/oidc/callback")}
"""Routes of the case API that answer without a login."""
OWN, OTHER = "Hoàn Kiếm", "Cửa Nam"
CLIENTS = {role: f"m{number}" for number, role in enumerate(Role)}


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and path under /api/v1 that FastAPI will answer."""
    for route in iter_route_contexts(app.routes):
        path = str(route.path)
        if path.startswith(f"{PREFIX}/") and "{rest:path}" not in path:
            for method in sorted(route.methods or ()):
                yield method, path.removeprefix(PREFIX)


def test_every_route_has_its_line_in_the_table_and_every_line_its_route(server: Server) -> None:
    found = set(routes(server.app))
    assert len(found) > 30
    assert found - set(RIGHTS) - PUBLIC == set(), "add the route to RIGHTS in api/access.py"
    assert set(RIGHTS) - found == set(), "a right without a route"


def test_administrators_neither_see_nor_decide_cases() -> None:
    for (method, path), right in RIGHTS.items():
        if right.in_ward or path.startswith(("/cases", "/deadlines", "/review", "/audit")):
            assert Role.ADMINISTRATOR not in right.roles, (method, path)


OFFICE = {
    ("GET", "/session"), ("DELETE", "/session"), ("PUT", "/session/password"), ("GET", "/vocabulary"), ("GET", "/keys"),
    ("GET", "/law"), ("GET", "/law/changes"), ("POST", "/law/changes"), ("POST", "/law/changes/{change_id}/decision"),
    ("GET", "/users"), ("POST", "/users"), ("PATCH", "/users/{name}"), ("PUT", "/users/{name}/password"),
}  # fmt: skip
"""All an administrator may: accounts and the law table. Whoever adds a right for them states it here as well."""


def test_administrators_keep_the_office_and_nothing_else() -> None:
    assert {key for key, right in RIGHTS.items() if Role.ADMINISTRATOR in right.roles} == OFFICE


LOGGED_WITH_THEIR_ITEM = {"evidence", "evidence/{name}", "overlay", "copies/{name}", "documents/{document_id}/pdf"}
NO_FACTS = {"offences", "deadlines", "hold"}
"""What the law offers, what clocks run, whether a hold stands: said of a case, telling nothing of the act."""


def test_every_way_to_read_a_case_is_logged(
    server: Server, client_of: Callable[[str | None], httpx.Client], numbers: Callable[[], int]
) -> None:
    """A new route that shows facts of a case must name its view in the table, or log by itself."""
    store = server.context.store
    assert isinstance(store, FolderStore)
    case_id = opened(server.context.database, store, numbers(), items=items()).case_id
    at, chief = "/cases/{case_id}", client_of("chief")
    for method, path in sorted(RIGHTS):
        rest = path.removeprefix(at).removeprefix("/")
        if method != "GET" or not path.startswith(at) or rest in NO_FACTS:
            continue
        filled = path.replace("{case_id}", case_id).replace("{name}", "during.jpg")
        before = _views(server, case_id)
        status = chief.get(f"{PREFIX}{filled}").status_code
        logged = _views(server, case_id) - before
        assert logged == 1 or (rest == "documents/{document_id}/pdf" and status == 404), (path, status, logged)
        assert (RIGHTS[method, path].view is None) == (rest in LOGGED_WITH_THEIR_ITEM), path
    for path in (f"/cases/{case_id}/claim", "/cases/next"):  # what claims a case shows it too
        before = _views(server, None)
        assert chief.post(f"{PREFIX}{path}").status_code == 200
        assert _views(server, None) - before == 1


def test_refused_views_are_not_logged_as_views(
    server: Server, client_of: Callable[[str | None], httpx.Client], case_id: str
) -> None:
    for name in ("tuan", "root", None):
        assert client_of(name).get(f"{PREFIX}/cases/{case_id}").status_code in (401, 403, 404)
    assert _views(server, case_id) == 0


def _views(server: Server, case_id: str | None) -> int:
    with read_transaction(server.context.sessions) as session:
        query = select(func.count()).select_from(Access)
        return session.scalar(query.where(Access.case_id == case_id) if case_id else query) or 0


def test_auditors_change_nothing() -> None:
    own = {("DELETE", "/session"), ("PUT", "/session/password")}
    changing = {key for key, right in RIGHTS.items() if key[0] not in ("GET", "HEAD") and Role.AUDITOR in right.roles}
    assert changing <= own


@pytest.fixture(scope="module")
def confined(server: Server) -> Iterator[dict[Role, httpx.Client]]:
    """A client for each role, confined to one ward; tokens, as hashing passwords takes time."""
    from cases.accounts import add_user
    from cases.logins import create_token

    clients = {}
    for role, name in CLIENTS.items():
        title = "station_chief" if role is Role.SIGNER else None
        add_user(server.context.sessions, name=name, password=None, role=role, wards=(OWN,), title=title, subject=name)
        token = create_token(server.context.sessions, name=name, days=1).secret
        clients[role] = httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    yield clients
    for client in clients.values():
        client.close()


@pytest.mark.parametrize("ward", [OWN, OTHER])
def test_matrix(server: Server, confined: dict[Role, httpx.Client], ward: str, numbers: Callable[[], int]) -> None:
    """A role the table names gets past the check in its own ward and finds nothing in another; the rest get 403."""
    store = server.context.store
    assert isinstance(store, FolderStore)
    case_id = opened(server.context.database, store, numbers(), ward=ward, camera_id=f"CAM-{len(ward)}").case_id
    wrong = []
    for (method, path), right in RIGHTS.items():
        if (method, path) == ("DELETE", "/session"):
            continue
        filled = path.replace("{case_id}", case_id).replace("{name}", "during.jpg" if "evidence" in path else "nobody")
        filled = re.sub(r"\{\w+\}", "999999", filled)
        body = {"version": 1} if path.endswith("/undo") else None
        for role, client in confined.items():
            status = client.request(method, f"{PREFIX}{filled}", json=body).status_code
            if role not in right.roles:
                expected = status == 403
            elif right.in_ward and ward == OTHER:
                expected = status in (404, 422)
            else:
                expected = status not in (401, 403, 405, 500)
            if not expected:
                wrong.append((method, path, role.value, ward, status))
    assert wrong == []
