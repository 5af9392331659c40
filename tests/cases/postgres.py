"""A real PostgreSQL server of the machine for the length of a test run; None where it has no server binary."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, text


def binaries() -> Path | None:
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    return next((path.parent for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), reverse=True)), None)


@contextmanager
def running_server(*, fsync: bool = False, parent: str = "/tmp") -> Iterator[str | None]:
    """The URL of a fresh server without its database name, in a folder of `parent`; `fsync` as in real use."""
    found = binaries()
    if found is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="phatnguoi-pg-", dir=parent))  # a short path: socket names are limited
    account = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    if account:
        shutil.chown(folder, "nobody", "nogroup")
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd="/tmp", timeout=60, **account)

    try:
        run(f"{found}/initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync={'on' if fsync else 'off'}"
        run(f"{found}/pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg://postgres@/{{name}}?host={folder}"
        finally:
            run(f"{found}/pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: str) -> str:
    """The URL of the server's one database, emptied."""
    url = server.format(name="postgres")
    engine = create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"options": "-c lock_timeout=10000"})
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


READY, COPY = "ready", "copy"


def keep_ready(server: str) -> None:
    """Keeps the server's one database as it is now, for `ready_database` to copy."""
    with closing_engine(server.format(name="template1")) as engine, engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {READY} TEMPLATE postgres"))


def ready_database(server: str) -> str:
    """The URL of a copy of what was kept: quicker than to make all tables anew."""
    with closing_engine(server.format(name="template1")) as engine, engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {COPY} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {COPY} TEMPLATE {READY}"))
    return server.format(name=COPY)


@contextmanager
def closing_engine(url: str) -> Iterator[Engine]:
    """An engine whose statements commit by themselves."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        yield engine
    finally:
        engine.dispose()
