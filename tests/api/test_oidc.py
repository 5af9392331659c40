"""Logging in through a real OpenID provider over HTTP, and every way it must not work."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from api.oidc import provider_of
from api.routes.session import ATTEMPT_COOKIE
from cases.accounts import add_user, close_user
from cases.settings import Settings
from detector.types import ConfigError
from tests.api.server import Server, running

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:.*joserfc.*", "ignore:.*httpx2.*")


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import run_server_in_thread
    with run_server_in_thread() as provider:
        yield f"http://localhost:{provider.server_port}"


@pytest.fixture(scope="module")
def sso(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("sso")
    with running(data, oidc_issuer=issuer, oidc_client_id="phatnguoi", oidc_client_secret="secret-1986") as server:
        for name in ("hanh", "gone"):
            add_user(server.context.sessions, name=name, password=None, role="officer", subject=f"{issuer}#{name}-sub")
        close_user(server.context.sessions, name="gone")
        yield server


def authorised(client: httpx.Client, subject: str) -> str:
    """Begin, log in at the provider as `subject`; the address the provider sends the browser back to."""
    begun = client.get("/api/v1/session/oidc")
    assert begun.status_code == 303, begun.text
    answer = httpx.post(begun.headers["location"], data={"sub": subject}, follow_redirects=False)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def test_person_with_an_account_gets_in_and_can_work(sso: Server) -> None:
    with sso.client() as client:
        assert client.get("/api/v1/session/ways").json() == {"local": True, "oidc": "/api/v1/session/oidc"}
        done = client.get(authorised(client, "hanh-sub"))
        assert done.status_code == 303, done.text
        assert done.headers["location"] == "/"
        session = client.get("/api/v1/session").json()
        assert (session["name"], session["role"]) == ("hanh", "officer")
        assert client.get("/api/v1/cases").status_code == 200
        assert ATTEMPT_COOKIE not in client.cookies


@pytest.mark.parametrize("subject", ["stranger", "gone-sub"])
def test_who_has_no_open_account_is_refused(sso: Server, subject: str) -> None:
    with sso.client() as client:
        answer = client.get(authorised(client, subject))
        assert (answer.status_code, answer.json()["code"]) == (401, "login_refused")
        assert client.get("/api/v1/session").status_code == 401


def test_accounts_of_the_provider_have_no_password_to_guess(sso: Server) -> None:
    with sso.client() as client:
        for password in ("", "x", "!"):
            answer = client.post("/api/v1/session", json={"name": "hanh", "password": password or " "})
            assert answer.status_code == 401


@pytest.mark.parametrize(
    ("label", "change", "says"),
    [
        ("made-up code", {"code": "made-up"}, "did not accept the code"),
        ("state of another attempt", {"state": "another"}, "another attempt"),
        ("state in no alphabet of ours", {"state": "trạng thái"}, "another attempt"),
        ("the provider's refusal", {"code": "", "error": "access_denied"}, "access_denied"),
    ],
)
def test_answers_that_are_not_the_providers_are_refused(
    sso: Server, label: str, change: dict[str, str], says: str
) -> None:
    with sso.client() as client:
        back = urlsplit(authorised(client, "hanh-sub"))
        query = {name: values[0] for name, values in parse_qs(back.query).items()} | change
        answer = client.get(back.path, params=query)
        assert answer.status_code == 401
        assert says in answer.json()["detail"]


def test_answer_in_another_browser_is_refused(sso: Server) -> None:
    with sso.client() as client, sso.client() as thief:
        back = authorised(client, "hanh-sub")
        answer = thief.get(back)
        assert answer.status_code == 401
        assert "another browser" in answer.json()["detail"]
        thief.cookies.set(ATTEMPT_COOKIE, "e30.e30.e30")
        assert thief.get(back).status_code == 401


def test_code_is_good_for_one_login(sso: Server) -> None:
    with sso.client() as client:
        back = authorised(client, "hanh-sub")
        cookie = client.cookies[ATTEMPT_COOKIE]
        assert client.get(back).status_code == 303
        assert client.get(back, headers={"Cookie": f"{ATTEMPT_COOKIE}={cookie}"}).status_code == 401


def test_without_a_provider_there_is_no_such_way(server: Server) -> None:
    with server.client() as client:
        assert client.get("/api/v1/session/ways").json() == {"local": True, "oidc": None}
        assert client.get("/api/v1/session/oidc").status_code == 404
        assert client.get("/api/v1/session/oidc/callback", params={"state": "x"}).status_code == 404


def test_provider_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with (
        running(tmp_path, oidc_issuer="http://127.0.0.1:9", oidc_client_id="a", oidc_client_secret="b") as server,
        server.client() as client,
    ):
        answer = client.get("/api/v1/session/oidc")
        assert (answer.status_code, answer.json()["code"]) == (502, "provider")
        assert "127.0.0.1:9" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("label", "given", "says"),
    [
        (
            "letters no header carries",
            {"oidc_issuer": "https://sso.vn", "oidc_client_id": "a", "oidc_client_secret": SecretStr("bí mật")},
            "ASCII",
        ),
        ("half", {"oidc_issuer": "https://sso.vn"}, "all three or none"),
        (
            "plain http",
            {"oidc_issuer": "http://sso.vn", "oidc_client_id": "a", "oidc_client_secret": SecretStr("b")},
            "expected https",
        ),
    ],
)
def test_wrong_configurations_are_refused(label: str, given: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        provider_of(Settings(**given))  # type: ignore[arg-type]
