"""One server for each module, one client for each officer."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from cases.evidence import FolderStore
from tests.api.server import Server, running
from tests.cases.builders import opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # No second looks by chance: what `next` gives is then what a test opened.
    # Nor does it take up an analysis by itself that a test leaves lying.
    how = {"known_share": 0.0, "blind_share": 0.0, "analysis_lease_s": 3600.0}
    with running(tmp_path_factory.mktemp("data"), **how) as server:
        yield server


@pytest.fixture(scope="module")
def client_of(server: Server) -> Iterator[Callable[[str | None], httpx.Client]]:
    """Clients by account, each logged in once."""
    clients: dict[str | None, httpx.Client] = {}
    with ExitStack() as stack:

        def client_of(name: str | None) -> httpx.Client:
            if name not in clients:
                clients[name] = stack.enter_context(server.client(name))
            return clients[name]

        yield client_of


@pytest.fixture(scope="module")
def lan(client_of: Callable[[str | None], httpx.Client]) -> httpx.Client:
    return client_of("lan")


_numbers = iter(range(10_000))


@pytest.fixture
def case_id(server: Server) -> str:
    """A fresh case in Hoàn Kiếm."""
    store = server.context.store
    assert isinstance(store, FolderStore)
    return opened(server.context.database, store, next(_numbers)).case_id


@pytest.fixture
def numbers() -> Callable[[], int]:
    """Fresh numbers for `opened`, never given twice in a run."""
    return lambda: next(_numbers)
