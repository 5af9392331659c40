"""A monitor asks with HEAD: the same status and headers as with GET, and no body."""

from collections.abc import Iterator

import pytest

from tests.api.server import Server, running

VARYING = {"date", "content-security-policy"}
"""The page's policy names a fresh nonce each time."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.mark.parametrize(
    "path",
    ["/", "/login", "/health/live", "/health/ready", "/metrics", "/tra-cuu", "/thong-ke", "/api/openapi.json", "/none"],
)
def test_head_tells_what_get_would(server: Server, path: str) -> None:
    with server.client() as client:
        whole, head = client.get(path), client.head(path)
    assert head.status_code == whole.status_code
    assert head.content == b""
    kept = {name for name in whole.headers if name not in VARYING}
    assert kept <= set(head.headers)
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_the_interface_itself_keeps_its_methods(server: Server) -> None:
    with server.client() as client:
        assert client.head("/api/v1/cases").status_code == 401
