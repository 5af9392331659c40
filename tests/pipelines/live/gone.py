"""A database that is gone while acts are established: `python -m tests.pipelines.live.gone --seconds 60`.

SQLite is locked by another process's transaction; a PostgreSQL server of this machine is stopped without warning and
started again; the answers of one in another network vanish. The parked car becomes a violation while its database is
gone, and must be a case soon after it is back.
"""

import argparse
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from cases.database import sqlite_url
from cases.evidence import FolderStore, verify_bundle
from tests.cases.postgres import binaries
from tests.pipelines.live.network import Network, network
from tests.pipelines.live.parked import make_parked, open_parked, write_kerb
from tests.pipelines.live.seeing import write_cameras
from tests.pipelines.live.test_run import cases_in, running
from tests.processes import wait_until

LIMIT_S = 2.0


@dataclass(frozen=True)
class Store:
    """A database that can be taken away and brought back."""

    name: str
    url: str
    take: Callable[[], object]
    bring: Callable[[], object]


@dataclass(frozen=True)
class Told:
    """What came of it.

    Attributes:
        refused: attempts to store that failed meanwhile.
        back_s: from the database's return to the case.
        sound: the bundle verifies.
    """

    name: str
    gone_s: float
    refused: int
    back_s: float
    violations: int
    cases: int
    lost: int
    sound: bool


@contextmanager
def sqlite(folder: Path) -> Iterator[Store]:
    """SQLite in the worker's data folder, locked by somebody else."""
    file = folder / "data" / "phatnguoi.db"
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        lock, free = (lambda: other.execute("BEGIN EXCLUSIVE")), (lambda: other.execute("ROLLBACK"))
        yield Store("SQLite locked", sqlite_url(file), lock, free)


@contextmanager
def postgresql(net: Network | None = None) -> Iterator[Store | None]:
    """A PostgreSQL server of this machine, or of a network that swallows its answers; None where there is none."""
    found = binaries()
    if found is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="phatnguoi-pg-", dir="/tmp"))
    account: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
        account = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    inside = [] if net is None else [*net.inside]

    def run(program: str, *arguments: str) -> None:
        command = [*inside, *account, f"{found}/{program}", "-D", f"{folder}/data", *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd="/tmp", timeout=60)

    def start() -> None:
        listens = f"-c listen_addresses='{net.host if net else ''}' -c unix_socket_directories={folder} -c fsync=off"
        run("pg_ctl", "-w", "-l", f"{folder}/log", "-o", listens, "start")

    def stop() -> None:
        run("pg_ctl", "-m", "immediate", "-w", "stop")

    try:
        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        with (folder / "data" / "pg_hba.conf").open("a", encoding="utf-8") as rules:
            rules.write("host all all 10.0.0.0/8 trust\n")
        start()
        url = f"postgresql+psycopg://postgres@/postgres?host={net.host if net else folder}"
        try:
            if net is None:
                yield Store("PostgreSQL stopped", url, stop, start)
            else:
                yield Store("PostgreSQL unreachable", url, net.swallow, net.pass_on)
        finally:
            with suppress(subprocess.CalledProcessError):  # it may be stopped already
                stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lose(folder: Path, store: Store, *, seconds: float) -> Told:
    """Watches, takes the database away, brings it back when it was gone for so long and the act was refused."""
    write_kerb(folder, "KERB", limit_s=LIMIT_S)
    length_s = seconds + 60
    cameras = write_cameras(folder, f"scene: KERB.yaml, stream: {make_parked(folder, length_s=length_s)}")
    with running(cameras, folder / "data", open_parked, database_url=store.url) as worker:
        camera = worker.camera()
        wait_until(lambda: camera.analysed >= 1, timeout_s=60)
        store.take()
        gone_s = time.monotonic()
        wait_until(lambda: bool(worker.said("not-stored")), timeout_s=90)
        time.sleep(max(gone_s + seconds - time.monotonic(), 0))
        assert (camera.cases, camera.violations) == (0, 1)
        store.bring()
        back_s = time.monotonic()
        wait_until(lambda: camera.cases == 1, timeout_s=60)
        took_s = time.monotonic() - back_s
        (status,) = worker.stop()
    (case,) = cases_in(folder / "data", "KERB", url=store.url)
    bundle = FolderStore(folder / "data" / "evidence").root / case.evidence_location
    return Told(
        store.name,
        back_s - gone_s,
        len(worker.said("not-stored")),
        took_s,
        status.violations,
        status.cases,
        status.lost,
        verify_bundle(bundle).faults == (),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    arguments = parser.parse_args()
    print("| database | gone for | attempts refused | case after its return | violations | cases | lost |")
    print("|---|---|---|---|---|---|---|")
    for kind in (sqlite, lambda _: postgresql(), lambda _: _far()):
        with tempfile.TemporaryDirectory() as name, kind(Path(name)) as store:
            if store is not None:
                print(row(lose(Path(name), store, seconds=arguments.seconds)), flush=True)


@contextmanager
def _far() -> Iterator[Store | None]:
    """PostgreSQL behind a network; None where that cannot be made."""
    with ExitStack() as stack:
        net = None
        with suppress(pytest.skip.Exception):
            net = stack.enter_context(network())
        yield None if net is None else stack.enter_context(postgresql(net))


def row(told: Told) -> str:
    """A line of the table."""
    return (
        f"| {told.name} | {told.gone_s:.0f} s | {told.refused} | {told.back_s:.1f} s | {told.violations} |"
        f" {told.cases}{'' if told.sound else ' (damaged)'} | {told.lost} |"
    )


if __name__ == "__main__":
    main()
