"""Real databases and stores."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.database import Database, open_database, sqlite_url
from cases.evidence import FolderStore
from tests.cases.installation import Installation, install
from tests.cases.postgres import keep_ready, new_database, ready_database, running_server


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


@pytest.fixture(scope="session")
def ready_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with this software's tables: to make them anew would cost more than most tests."""
    path = tmp_path_factory.mktemp("ready") / "phatnguoi.db"
    open_database(sqlite_url(path)).close()
    return path


@pytest.fixture(scope="session")
def ready_server(postgres: str) -> str:
    """The PostgreSQL server, with such a database kept in it."""
    open_database(new_database(postgres)).close()
    keep_ready(postgres)
    return postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An open database of either kind, with its tables and nothing in them."""
    if request.param == "sqlite":
        url = _copied(request.getfixturevalue("ready_file"), tmp_path)
    else:
        url = ready_database(request.getfixturevalue("ready_server"))
    opened = open_database(url, lock_wait_s=20)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(ready_file: Path, tmp_path: Path) -> Iterator[Database]:
    """An open SQLite file, with its tables and nothing in them."""
    opened = open_database(_copied(ready_file, tmp_path))
    yield opened
    opened.close()


def _copied(file: Path, folder: Path) -> str:
    return sqlite_url(Path(shutil.copyfile(file, folder / "phatnguoi.db")))


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """An empty evidence folder."""
    return FolderStore(tmp_path / "evidence")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    """A small installation: three cases, the second confirmed."""
    made = install(tmp_path / "data")
    yield made
    made.database.close()
