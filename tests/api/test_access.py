"""Who gets in: every route without a login, CSRF, roles and wards, lock-out, cookies."""

import re
import socket
from collections.abc import Callable

import httpx
import pytest

from api.access import UNTIL_REPLACED
from api.dependencies import CSRF_HEADER, SESSION_COOKIE
from cases.logins import create_token
from tests.api.server import PASSWORD, Server
from tests.api.test_rights import PUBLIC

ClientOf = Callable[[str | None], httpx.Client]


def routes(server: Server) -> list[tuple[str, str]]:
    """Every operation the OpenAPI document lists under /api/v1, filled with some id."""
    paths = server.app.openapi()["paths"]
    return sorted(
        (method.upper(), re.sub(r"\{\w+\}", "1", path.replace("{case_id}", "PN-0000-0000")))
        for path, operations in paths.items()
        if path.startswith("/api/v1")
        for method in operations
    )


def test_nothing_under_v1_answers_without_a_login(server: Server, client_of: ClientOf) -> None:
    client = client_of(None)
    asked = routes(server)
    assert ("GET", "/api/v1/cases") in asked
    assert len(asked) >= 12
    for method, path in [
        *asked,
        ("GET", "/api/v1"),
        ("GET", "/api/v1/x"),
        ("PUT", "/api/v1/cases"),
        ("GET", "/api/v1/"),
    ]:
        if (method, path.removeprefix("/api/v1")) in PUBLIC:
            continue
        answer = client.request(method, path)
        assert answer.status_code == 401, (method, path, answer.status_code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "login_needed"
        assert answer.headers["www-authenticate"] == "Bearer"


def test_unknown_addresses_are_404_once_inside(lan: httpx.Client) -> None:
    assert lan.get("/api/v1/nothing/here").json()["code"] == "not_found"


@pytest.mark.parametrize("cookie", ["", "x", "a" * 5000])
def test_made_up_sessions_are_refused(server: Server, cookie: str) -> None:
    with server.client() as client:
        assert client.get("/api/v1/cases", headers={"Cookie": f"{SESSION_COOKIE}={cookie}"}).status_code == 401
        assert client.get("/api/v1/cases", headers={"Authorization": f"Bearer x{cookie}"}).status_code == 401


def test_cookie_is_kept_from_scripts_and_other_sites(server: Server) -> None:
    with server.client() as client:
        answer = client.post("/api/v1/session", json={"name": "lan", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert PASSWORD not in answer.text


def test_cookie_is_secure_behind_https(server: Server) -> None:
    with server.client() as client:
        answer = client.post(
            "/api/v1/session",
            json={"name": "lan", "password": PASSWORD},
            headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.1"},
        )
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("token", [None, "", "wrong", "é"])
def test_changes_need_the_page_token(server: Server, case_id: str, token: str | None) -> None:
    with server.client("lan") as client:
        client.headers.pop(CSRF_HEADER)
        headers = [] if token is None else [(CSRF_HEADER.encode(), token.encode())]
        for method, path in (("POST", f"/api/v1/cases/{case_id}/claim"), ("DELETE", "/api/v1/session")):
            answer = client.request(method, path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
        assert client.get(f"/api/v1/cases/{case_id}").json()["claim"] is None


def test_bearer_token_needs_no_page_token_and_can_be_ended(server: Server, case_id: str) -> None:
    token = create_token(server.context.sessions, name="lan", days=1).secret
    with server.client() as client:
        client.headers["Authorization"] = f"Bearer {token}"
        session = client.get("/api/v1/session").json()
        assert (session["name"], session["csrf_token"]) == ("lan", None)
        assert client.post(f"/api/v1/cases/{case_id}/claim").status_code == 200
        assert client.post(f"/api/v1/cases/{case_id}/release").status_code == 200
        assert client.delete("/api/v1/session").status_code == 204
        assert client.get("/api/v1/session").status_code == 401


def test_logging_out_ends_the_session(server: Server) -> None:
    with server.client("lan") as client:
        secret = client.cookies[SESSION_COOKIE]
        assert client.delete("/api/v1/session").status_code == 204
        assert client.get("/api/v1/session", headers={"Cookie": f"{SESSION_COOKIE}={secret}"}).status_code == 401


def test_guessing_is_answered_with_a_wait(server: Server) -> None:
    with server.client() as client:
        codes = []
        for _ in range(6):
            answer = client.post("/api/v1/session", json={"name": "victim", "password": "wrong"})
            codes.append(answer.status_code)
        assert codes == [401] * 5 + [429]
        assert 0 < int(answer.headers["retry-after"]) <= 61


def test_a_password_of_the_administrators_choice_opens_nothing_but_its_replacement(
    server: Server, client_of: ClientOf
) -> None:
    root = client_of("root")
    given, own = "của quản trị 1", "của riêng Bình 2"
    made = root.post("/api/v1/users", json={"name": "binh", "role": "officer", "password": given})
    assert (made.status_code, made.json()["password_due"]) == (201, True)
    with server.client() as binh:
        binh.headers[CSRF_HEADER] = _log_in(binh, "binh", given, due=True)
        assert binh.get("/api/v1/session").json()["password_due"] is True
        for method, path in routes(server):
            if (method, path.removeprefix("/api/v1")) in PUBLIC | UNTIL_REPLACED:
                continue
            answer = binh.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (403, "password_due"), (method, path)
        assert binh.get("/api/v1/x").json()["code"] == "password_due", "nor can addresses be probed"
        same = binh.put("/api/v1/session/password", json={"old": given, "new": given})
        assert (same.status_code, same.json()["code"]) == (422, "same_password")
        assert binh.put("/api/v1/session/password", json={"old": given, "new": own}).status_code == 204
        _log_in(binh, "binh", own, due=False)
        assert binh.get("/api/v1/cases").status_code == 200
        assert root.put("/api/v1/users/binh/password", json={"password": given}).status_code == 204
        _log_in(binh, "binh", given, due=True)
    assert root.get("/api/v1/session").json()["password_due"] is False


def _log_in(client: httpx.Client, name: str, password: str, *, due: bool) -> str:
    """Its CSRF token; `due` is what the login must tell."""
    answer = client.post("/api/v1/session", json={"name": name, "password": password})
    assert (answer.status_code, answer.json()["password_due"], answer.json()["local"]) == (201, due, True)
    return str(answer.json()["csrf_token"])


MATRIX = {
    "lan": {"queue": 200, "case": 200, "evidence": 200, "claim": 200, "accesses": 403},
    "chief": {"queue": 200, "case": 200, "evidence": 200, "claim": 200, "accesses": 200},
    "audit": {"queue": 200, "case": 200, "evidence": 200, "claim": 403, "accesses": 200},
    "root": {"queue": 403, "case": 403, "evidence": 403, "claim": 403, "accesses": 403},
    "tuan": {"queue": 200, "case": 404, "evidence": 404, "claim": 404, "accesses": 403},
}


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_roles_and_wards(client_of: ClientOf, case_id: str, name: str) -> None:
    client, at = client_of(name), f"/api/v1/cases/{case_id}"
    got = {
        "queue": client.get("/api/v1/cases").status_code,
        "case": client.get(at).status_code,
        "evidence": client.get(f"{at}/evidence/during.jpg").status_code,
        "claim": client.post(f"{at}/claim").status_code,
        "accesses": client.get(f"{at}/accesses").status_code,
    }
    assert got == MATRIX[name]


def test_other_wards_cases_are_not_listed(client_of: ClientOf, case_id: str) -> None:
    assert client_of("tuan").get("/api/v1/cases").json()["total"] == 0
    assert client_of("lan").get("/api/v1/cases").json()["total"] > 0


@pytest.mark.parametrize("path", ["/", "/login", "/cases/PN-0000-0000", "/console/catalogue.json", "/api/openapi.json"])
def test_every_answer_carries_the_security_headers(client_of: ClientOf, path: str) -> None:
    answer = client_of(None).get(path)
    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"


LARGE = {
    "a login": ("POST", "/api/v1/session", None, 65 << 10),
    "a decision without a login": ("POST", "/api/v1/cases/PN-7K3M-Q2XD/decisions", None, 65 << 10),
    "a decision": ("POST", "/api/v1/cases/PN-7K3M-Q2XD/decisions", "lan", 2 << 20),
    "a plate": ("PUT", "/api/v1/cases/PN-7K3M-Q2XD/plate", "lan", 2 << 20),
    "an account": ("PATCH", "/api/v1/users/lan", "root", 2 << 20),
    "a signed paper": ("PUT", "/api/v1/cases/PN-7K3M-Q2XD/documents/TB-1/signed", "chief", 22 << 20),
}


@pytest.mark.parametrize("label", sorted(LARGE))
def test_a_huge_body_is_refused_before_it_is_read(server: Server, client_of: ClientOf, label: str) -> None:
    """Its length is stated and nothing of it is sent: whoever wanted to read it would wait for ever."""
    method, path, name, size = LARGE[label]
    cookie = "; ".join(f"{key}={value}" for key, value in client_of(name).cookies.items())
    address = httpx.URL(server.url)
    with socket.create_connection((address.host, address.port or 80), timeout=60) as line:
        login = f"Cookie: {cookie}\r\n" if cookie else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\n{login}Content-Type: application/json\r\n"
        line.sendall(f"{head}Content-Length: {size}\r\n\r\n".encode())
        assert b" 413 " in line.recv(65536).split(b"\r\n")[0]
    with socket.create_connection((address.host, address.port or 80), timeout=60) as line:
        line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        assert b" 411 " in line.recv(65536).split(b"\r\n")[0], "nor one of unknown length"
    with socket.create_connection((address.host, address.port or 80), timeout=60) as line:
        line.sendall(f"{head}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n".encode())
        assert line.recv(65536).split(b" ")[1] in (b"400", b"411"), "nor one of two lengths"
