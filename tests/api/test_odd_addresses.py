"""Addresses and forms that hold what PostgreSQL keeps in no text: refused like any other, on a real PostgreSQL."""

import re
from collections.abc import Iterator

import pytest

from cases.accounts import add_user
from tests.api.server import PASSWORD, Server, running
from tests.cases.builders import opened
from tests.cases.conftest import postgres
from tests.cases.postgres import new_database

__all__ = ["postgres"]
ODD = ("a%00b", "%00", "%ED%A0%80", "%FF", "'%22", "%0A")
"""A NUL, alone and between letters, half of a surrogate pair, a byte of no text, quotes, a line's end."""


@pytest.fixture(scope="module")
def server(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("data"), database_url=new_database(postgres)) as server:
        add_user(server.context.sessions, name="ky", password=PASSWORD, role="signer", title="station_chief")
        yield server


@pytest.mark.parametrize("name", ["chief", "root", "hoa"])
def test_no_address_is_a_defect(server: Server, name: str) -> None:
    case_id = opened(server.context.database, server.context.store, 0).case_id  # type: ignore[arg-type]
    asked, failed = 0, []
    with server.client(name) as client:
        for path, operations in server.app.openapi()["paths"].items():
            if "{" not in path.replace("{case_id}", ""):
                continue
            for method in operations:
                for odd in ODD:
                    at = re.sub(r"\{\w+\}", odd, path.replace("{case_id}", case_id))
                    answer = client.request(method, at, json={} if method in ("post", "put", "patch") else None)
                    asked += 1
                    if answer.status_code >= 500:
                        failed.append((method, at, answer.json()["code"]))
    assert failed == []
    assert asked > 100


@pytest.mark.parametrize("odd", ["\0", "PA-\0", "\x1b[2J", "’", "\ufffe", "A" * 3000], ids=ascii)
def test_no_form_of_a_stranger_is_a_defect(server: Server, odd: str) -> None:
    with server.client() as client:
        for path, form in (
            ("/phan-anh/theo-doi", {"number": odd, "code": odd}),
            ("/tra-cuu", {"plate": odd, "code": odd}),
            ("/tra-cuu/tra-loi", {"kind": odd, "text": odd, "contact": odd, "token": odd}),
        ):
            answer = client.post(path, data=form)
            assert answer.status_code < 500, (path, answer.text)
