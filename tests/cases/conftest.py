"""Real databases and stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.database import Database, open_database, sqlite_url
from cases.evidence import FolderStore
from tests.cases.postgres import new_database, running_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server, or a skip that says why."""
    pytest.importorskip("psycopg", reason="PostgreSQL: its driver is not installed (pip install phatnguoi[postgres])")
    with running_server() as server:
        if server is None:
            pytest.skip("PostgreSQL: no server binary on this machine (apt-get install postgresql)")
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh database, once for each kind of server."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "phatnguoi.db")
    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An open, migrated database of either kind."""
    opened = open_database(url, lock_wait_s=20)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """An open, migrated SQLite file."""
    opened = open_database(sqlite_url(tmp_path / "phatnguoi.db"))
    yield opened
    opened.close()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """An empty evidence folder."""
    return FolderStore(tmp_path / "evidence")
