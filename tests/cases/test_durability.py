"""Writers share trips to the disk: each returns only when its own commit was covered, and a disk that fails is told."""

import os
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cases.accounts import add_user, list_users
from cases.database import Database, open_database, sqlite_url
from cases.durability import Durability
from detector.types import CaseError

SLOW_S = 0.05


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When each synchronisation ended; each takes a while, as disks do."""
    ended: list[float] = []
    real = os.fsync

    def slow(descriptor: int) -> None:
        real(descriptor)
        time.sleep(SLOW_S)
        ended.append(time.monotonic())

    monkeypatch.setattr(os, "fsync", slow)
    return ended


def test_forty_writers_share_a_few_trips(tmp_path: Path, trips: list[float]) -> None:
    (tmp_path / "log").write_bytes(b"frames")
    durability = Durability(tmp_path / "log")
    gate = threading.Barrier(40)

    def write(_: int) -> tuple[float, float]:
        gate.wait()
        committed_s = time.monotonic()
        durability.wait()
        return committed_s, time.monotonic()

    with ThreadPoolExecutor(40) as pool:
        done = list(pool.map(write, range(40)))
    assert len(trips) < 20
    for committed_s, returned_s in done:
        covering = [ended for ended in trips if ended - SLOW_S >= committed_s - 1e-3 and ended <= returned_s]
        assert covering, "a writer returned before a synchronisation that began after its commit had ended"


def test_every_change_is_on_the_disk_when_its_transaction_returns(tmp_path: Path, trips: list[float]) -> None:
    database = open_database(sqlite_url(tmp_path / "a.db"))
    before = len(trips)
    add_user(database.sessions, name="lan", password=None, role="officer", subject="lan")
    assert len(trips) == before + 1
    assert (tmp_path / "a.db-wal").stat().st_size > 0
    list_users(database.sessions)
    assert len(trips) == before + 1, "reading needs no trip"
    database.close()


def test_a_disk_that_fails_is_told_to_all_who_wait_and_the_next_trip_covers_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log").write_bytes(b"frames")
    durability, real = Durability(tmp_path / "log"), os.fsync

    def broken(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(CaseError, match=r"log: the disk reports an error"):
        durability.wait()
    monkeypatch.setattr(os, "fsync", real)
    durability.wait()


def test_a_log_that_another_process_closed_needs_nothing(tmp_path: Path) -> None:
    Durability(tmp_path / "none").wait()


def test_the_database_asks_sqlite_for_the_mode_this_rests_on(database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL shares its own trips to the disk")
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        assert raw.execute("PRAGMA synchronous").fetchone() == (1,)
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
