"""Opening databases: migrated, locked, refused; and what the triggers do to tampering."""

import multiprocessing
import sqlite3
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cases.database import Database, open_database, read_transaction, sqlite_url, write_transaction
from cases.evidence import FolderStore
from cases.records import Record
from detector.types import CaseError, ConfigError
from tests.cases.builders import opened
from tests.cases.evidence.test_disk import refused
from tests.cases.postgres import new_database

__all__ = ["refused"]


def test_migrations_make_exactly_the_tables_of_the_records(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Record.metadata) == []


def test_opening_again_changes_nothing(url: str, store: FolderStore) -> None:
    first = open_database(url)
    case_id = opened(first, store).case_id
    first.close()
    second = open_database(url)
    with read_transaction(second.sessions) as session:
        assert session.execute(text("SELECT id FROM cases")).scalars().all() == [case_id]
    second.close()


def _open(url: str, gate: "multiprocessing.synchronize.Barrier", outcome: "multiprocessing.Queue[str]") -> None:
    gate.wait(30)
    try:
        open_database(url).close()
        outcome.put("ok")
    except Exception as error:
        outcome.put(repr(error))


def test_processes_that_open_a_new_database_at_once_migrate_it_once(url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    gate, outcome = spawn.Barrier(3), spawn.Queue()
    processes = [spawn.Process(target=_open, args=(url, gate, outcome)) for _ in range(3)]
    for process in processes:
        process.start()
    assert [outcome.get(timeout=60) for _ in processes] == ["ok"] * 3
    for process in processes:
        process.join(30)
    outcome.close()


def test_sqlite_is_durable_and_keeps_references(sqlite: Database) -> None:
    with sqlite.engine.connect() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                   ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")}  # fmt: skip
    assert pragmas == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "recursive_triggers": 1}


def test_database_locked_by_another_process_is_named_after_a_bounded_wait(tmp_path: Path) -> None:
    path = tmp_path / "phatnguoi.db"
    database = open_database(sqlite_url(path), lock_wait_s=0.3)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    with (
        pytest.raises(CaseError, match=r"phatnguoi\.db: database is locked: another process.*end that process"),
        write_transaction(database.sessions),
    ):
        pytest.fail("the lock was not respected")
    assert time.monotonic() - begun < 5
    holder.execute("ROLLBACK")
    with write_transaction(database.sessions) as session:
        session.execute(text("SELECT 1"))
    holder.close()
    database.close()


def test_postgresql_row_lock_held_by_another_session_is_named(postgres: str, store: FolderStore) -> None:
    database = open_database(new_database(postgres), lock_wait_s=0.5)
    with database.engine.connect() as holder, holder.begin():
        holder.execute(text("LOCK TABLE cases"))
        with pytest.raises(CaseError, match="another session holds its lock"):
            opened(database, store)
    database.close()


def test_read_only_folder_is_named(refused: Path) -> None:
    with pytest.raises(CaseError, match=r"data: cannot be made \(Permission denied\)"):
        open_database(sqlite_url(refused / "data" / "phatnguoi.db"))
    with pytest.raises(CaseError, match=r"phatnguoi\.db: unable to open database file: cannot be opened or made"):
        open_database(sqlite_url(refused / "phatnguoi.db"))


def test_read_only_database_is_named(sqlite: Database) -> None:
    with (
        pytest.raises(CaseError, match=r"phatnguoi\.db: attempt to write a readonly database: is read-only; give"),
        write_transaction(sqlite.sessions) as session,
    ):
        session.execute(text("PRAGMA query_only = ON"))
        session.execute(text("UPDATE chain_heads SET seq = 5"))


@pytest.mark.parametrize(
    ("label", "url", "says"),
    [
        ("no URL", "phatnguoi.db", "not a database URL"),
        ("another server", "mysql://x/y", "not supported"),
        ("in memory", "sqlite://", "name a plain file"),
        ("a URI of SQLite", "sqlite:///file:x?mode=ro&uri=true", "name a plain file"),
    ],
)
def test_unusable_urls_are_refused(label: str, url: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        open_database(url)


def test_text_file_in_the_place_of_the_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "phatnguoi.db"
    path.write_text("this is not a database, it is a text" * 40)
    with pytest.raises(CaseError, match="is not a SQLite database"):
        open_database(sqlite_url(path))


def test_database_of_newer_software_is_refused(url: str) -> None:
    database = open_database(url)
    with write_transaction(database.sessions) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(CaseError, match="newer software"):
        open_database(url)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET note = 'x'",
        "DELETE FROM decisions",
        "INSERT OR REPLACE INTO decisions SELECT seq, case_id, 'me', action, from_state, to_state, reason, note, "
        "details, at, previous_hash, hash FROM decisions",
        "DELETE FROM cases",
    ],
)
def test_database_refuses_tampering_with_the_log(sqlite: Database, store: FolderStore, statement: str) -> None:
    opened(sqlite, store)
    sqlite.close()
    raw = sqlite3.connect(str(sqlite.engine.url.database))  # another program, without our pragmas
    raw.execute(f"PRAGMA foreign_keys = {'ON' if 'cases' in statement else 'OFF'}")
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(statement)
    raw.close()


@pytest.mark.parametrize(
    "statement", ["UPDATE decisions SET note = 'x'", "DELETE FROM decisions", "TRUNCATE decisions"]
)
def test_postgresql_refuses_tampering_with_the_log(postgres: str, store: FolderStore, statement: str) -> None:
    database = open_database(new_database(postgres))
    opened(database, store)
    with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.execute(text(statement))
    database.close()


def test_data_folder_is_made(tmp_path: Path) -> None:
    open_database(sqlite_url(tmp_path / "new" / "deep" / "phatnguoi.db")).close()
    assert (tmp_path / "new/deep/phatnguoi.db").exists()


def test_postgresql_plans_every_query_by_its_values_and_compiles_none(postgres: str) -> None:
    """A plan for all values walks past a million closed cases from its sixth use on, and compiling takes longer."""
    made = open_database(new_database(postgres))
    with made.engine.connect() as connection:
        told = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in ("plan_cache_mode", "jit")]
    assert told == ["force_custom_plan", "off"]
    made.close()
