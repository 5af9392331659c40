"""Opening the database: SQLite by default, PostgreSQL by URL; migrated to this software's version.

Reads see a snapshot; `write_transaction` takes the write lock at its start, so two writers queue instead of
failing half-way, and returns when what it wrote would survive a power cut (`cases.durability`). A lock held by another
process longer than `lock_wait_s` is a `CaseError` with the cure.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from cases.durability import Durability
from cases.migrating import migrate
from detector.types import CaseError, ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gate:
    """One turn at a time for the writers of a SQLite engine, how long one waits for it, and what makes it last."""

    lock: threading.Lock
    wait_s: float
    durability: Durability


_gates: WeakKeyDictionary[Engine, _Gate] = WeakKeyDictionary()
GONE_AFTER_S = 10
"""A PostgreSQL server that acknowledges nothing for so long is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An open, migrated database."""

    engine: Engine
    sessions: sessionmaker[Session]

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def open_database(url: str, *, lock_wait_s: float = 10.0) -> Database:
    """Open a database and bring its tables up to date.

    Raises:
        ConfigError: the URL is not one of SQLite or PostgreSQL, or its driver is not installed.
        CaseError: the file or server cannot be used; the text names it and the cure.
    """
    parsed = _parse(url)
    engine = _sqlite(parsed, lock_wait_s) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed, lock_wait_s)
    try:
        with _explaining(engine):
            migrate(engine, database_name(engine))
    except BaseException:
        engine.dispose()
        raise
    return Database(engine=engine, sessions=sessionmaker(engine, expire_on_commit=False))


@contextmanager
def write_transaction(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One transaction that holds the write lock from its start and commits at its end.

    Raises:
        CaseError: the database stayed locked, is full or read-only.
    """
    with sessions() as session:
        engine = session.get_bind()
        with _explaining(engine), _turn(engine), session.begin():
            session.connection(execution_options={"write": True})
            yield session
    gate = _gates.get(engine.engine)
    if gate is not None:
        gate.durability.wait()


@contextmanager
def _turn(engine: Engine | Connection) -> Iterator[None]:
    """Writers of one process queue here: SQLite's own waiting is by trial, and starves some when many wait."""
    gate = _gates.get(engine.engine)
    if gate is None:
        yield
        return
    if not gate.lock.acquire(timeout=gate.wait_s):
        raise CaseError(f"{database_name(engine)}: too many writers wait; try again")
    try:
        yield
    finally:
        gate.lock.release()


@contextmanager
def read_transaction(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One snapshot to read from.

    Raises:
        CaseError: the database cannot be read.
    """
    with sessions() as session, _explaining(session.get_bind()), session.begin():
        yield session


def database_name(engine: Engine | Connection) -> str:
    """The database's file or URL without its password, for messages."""
    url = engine.engine.url
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    except ArgumentError as error:
        raise ConfigError(
            f"database_url {url!r}: not a database URL; write sqlite:///FILE or postgresql://…"
        ) from error
    if parsed.drivername == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ConfigError(f"database_url: {parsed.drivername!r} is not supported; use sqlite or postgresql")
    return parsed


def _sqlite(url: URL, lock_wait_s: float) -> Engine:
    if url.database in (None, "", ":memory:") or str(url.database).startswith("file:"):
        raise ConfigError(f"database_url {url}: name a plain file, sqlite:///FILE; SQLite in memory forgets everything")
    folder = Path(str(url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CaseError(f"{folder}: cannot be made ({error.strerror}); name another data folder") from error
    engine = create_engine(url, connect_args={"timeout": lock_wait_s}, pool_size=45, max_overflow=20)
    durability = Durability(Path(f"{url.database}-wal"))
    _gates[engine] = _Gate(lock=threading.Lock(), wait_s=lock_wait_s, durability=durability)

    @event.listens_for(engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late for a snapshot
        for pragma in (
            f"busy_timeout = {int(lock_wait_s * 1000)}",
            "journal_mode = WAL",
            "synchronous = NORMAL",  # the log is put on the disk by `write_transaction`, for all that wait at once
            "foreign_keys = ON",
            "recursive_triggers = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgresql(url: URL, lock_wait_s: float) -> Engine:
    try:
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=20,
            connect_args={
                "connect_timeout": max(int(lock_wait_s), 2),
                # A server that vanished with its network must not hold a writer for a quarter of an hour.
                "tcp_user_timeout": GONE_AFTER_S * 1000,
                "keepalives_idle": GONE_AFTER_S,
                "keepalives_interval": 2,
                "keepalives_count": 3,
                # Plans by the values asked for: one for all states walks past a million closed cases to a few open
                # ones. Compiling a query that reads a page costs more than reading it.
                "options": f"-c lock_timeout={int(lock_wait_s * 1000)} -c timezone=UTC "
                "-c plan_cache_mode=force_custom_plan -c jit=off",
            },
        )
    except ModuleNotFoundError as error:
        raise ConfigError("database_url: PostgreSQL needs its driver; install phatnguoi[postgres]") from error


@contextmanager
def _explaining(engine: Engine | Connection) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise CaseError(f"{database_name(engine)}: {_cure(str(error.orig))}") from error
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.DatabaseError) and "not a database" in str(error.orig):
            raise CaseError(
                f"{database_name(engine)}: is not a SQLite database; move it away or name another"
            ) from error
        raise


def _cure(message: str) -> str:
    message = message.splitlines()[0] if message else "no reason given"
    cures = {
        "locked": "another process holds its lock; end that process or wait, then try again",
        "lock timeout": "another session holds its lock; end that session or wait, then try again",
        "unable to open": "cannot be opened or made; check that its folder exists and this account may write there",
        "readonly": "is read-only; give this account the right to write to the file and its folder",
        "full": "the disk is full; free space and try again",
        "disk I/O": "the disk reports an error or is full; check the disk",
    }
    cure = next((cure for sign, cure in cures.items() if sign in message), "check the server, its address and rights")
    return f"{message}: {cure}"
