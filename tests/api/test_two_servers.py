"""Two real servers on one PostgreSQL: an analysis runs on one of them, and on the other once that one is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from sqlalchemy import text

from api.context import open_context
from api.progress import how_far
from cases import scenes
from cases.citizen.lease import Leases
from cases.citizen.media import Upload
from cases.citizen.reports import receive, report_form
from cases.citizen.scene import ask_analysis, end_analysis
from cases.clock import utc_now
from cases.database import Database, open_database, write_transaction
from cases.ledger import seal
from cases.records import AnalysisLease, CitizenReport
from cases.settings import Settings
from tests.api.test_analyses import CAM
from tests.cases.builders import CHIEF, LAN, scene_text
from tests.cases.conftest import postgres
from tests.cases.postgres import new_database
from tests.processes import wait_until

__all__ = ["postgres"]
LEASE_S = 15.0
SLOW = """
import sys, time
if "intake" in sys.argv:
    time.sleep(600)
"""


@pytest.fixture
def shared(postgres: str, tmp_path: Path) -> Iterator[Database]:
    opened = open_database(new_database(postgres), lock_wait_s=20)
    yield opened
    opened.close()


def asked(database: Database, data: Path) -> str:
    """A report with a video whose analysis somebody asked for."""
    sessions, now = database.sessions, utc_now()
    form = report_form(occurred_at=now, place="12 Hàng Bài", ward="Hoàn Kiếm", what="other")
    uploads = [Upload("v", [b"\0\0\0\x18ftypisom" + b"v" * 100])]
    folder = Settings(data_dir=data).citizen_files
    report_id = receive(sessions, folder, form=form, uploads=uploads, largest_bytes=1 << 24, now=now).report.id
    raw = yaml.safe_load(scene_text(camera_id=report_id, source="citizen"))
    scenes.save_version(sessions, actor=CAM, camera_id=report_id, raw=raw, note="", based_on=None, now=now)
    scenes.activate(sessions, actor=CHIEF, camera_id=report_id, number=1, now=now)
    ask_analysis(sessions, report_id=report_id, camera_id=report_id, actor=LAN, now=now)
    return report_id


@contextmanager
def serving(database: Database, data: Path, slow: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server of its own; what it analyses takes ten minutes."""
    url = database.engine.url.render_as_string(hide_password=False)
    ours = {**os.environ, "PHATNGUOI_DATABASE_URL": url, "PHATNGUOI_ANALYSIS_LEASE_S": str(LEASE_S),
            "PHATNGUOI_SWEEP_EVERY_S": "0", "PHATNGUOI_ANCHOR_EVERY_S": "0", "PYTHONPATH": str(slow)}  # fmt: skip
    command = [sys.executable, "-m", "phatnguoi", "serve", "--data", str(data), "--port", "0"]
    process = subprocess.Popen(command, env=ours, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2])
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)


def owner(database: Database, report_id: str) -> int | None:
    """The process that holds the lease."""
    with database.sessions() as session:
        lease = session.get(AnalysisLease, report_id)
        return int(lease.owner.split(":")[1]) if lease is not None else None


def until(database: Database, report_id: str) -> float:
    """When the lease lapses; 0 without one."""
    with database.sessions() as session:
        lease = session.get(AnalysisLease, report_id)
        return lease.until_s if lease is not None else 0.0


def wait_for_renewal(database: Database, report_id: str) -> None:
    """Wait until the lease lapses later than it does now."""
    stood_s = until(database, report_id)
    wait_until(lambda: until(database, report_id) > stood_s, timeout_s=60)


def test_one_of_two_servers_analyses_and_the_other_takes_over_once_it_is_killed(
    shared: Database, tmp_path: Path
) -> None:
    slow = tmp_path / "slow"
    slow.mkdir()
    (slow / "sitecustomize.py").write_text(SLOW)
    report_id = asked(shared, tmp_path / "data")
    with serving(shared, tmp_path / "data", slow) as one, serving(shared, tmp_path / "data", slow) as other:
        both = {one.pid: one, other.pid: other}
        wait_until(lambda: owner(shared, report_id) in both, timeout_s=120)
        first = owner(shared, report_id)
        assert first is not None
        for _ in range(2):
            wait_for_renewal(shared, report_id)
        assert owner(shared, report_id) == first, "a lease that is renewed stays"
        os.kill(first, signal.SIGKILL)
        (heir,) = set(both) - {first}
        wait_until(lambda: owner(shared, report_id) == heir, timeout_s=120)
        end_analysis(shared.sessions, report_id=report_id, by="lan", now=utc_now())


def leases(database: Database, owner: str, lease_s: float = 30.0) -> Leases:
    return Leases(sessions=database.sessions, lease_s=lease_s, owner=owner)


WAYS: dict[str, tuple[str, str]] = {
    "failed": ("failed", "nguồn hình hỏng"),
    "cancelled": ("cancelled", ""),
    "done": ("done", ""),
    "runs": ("running", ""),
    "waits": ("waiting", ""),
}


@pytest.mark.parametrize("way", sorted(WAYS))
def test_what_became_of_an_analysis_is_told_by_the_server_that_did_not_run_it(
    shared: Database, tmp_path: Path, way: str
) -> None:
    """This one lined it up too, and found that it was the other's."""
    url, report_id = shared.engine.url.render_as_string(hide_password=False), asked(shared, tmp_path)
    other = leases(shared, "other")
    assert other.take(report_id)
    context = open_context(Settings(data_dir=tmp_path, database_url=url))
    context.analyses.begin(report_id, camera_id=report_id, scene_text="")
    wait_until(lambda: getattr(context.analyses.of(report_id), "elsewhere", False), timeout_s=60)
    assert how_far(context, report_id) == ("running", "")
    if way == "done":
        with write_transaction(shared.sessions) as session:
            seal(session, session.get_one(CitizenReport, report_id), actor="system", at=utc_now(), did="analysed")
    elif way in ("failed", "cancelled"):
        problem = WAYS[way][1] or None
        end_analysis(shared.sessions, report_id=report_id, by="system", now=utc_now(), problem=problem)
    if way != "runs":
        other.give_back(report_id)
    assert how_far(context, report_id) == WAYS[way]
    context.analyses.close()
    context.database.close()


def test_of_many_servers_at_once_one_has_the_lease(shared: Database, tmp_path: Path) -> None:
    report_id = asked(shared, tmp_path)
    won: list[str] = []

    def take(name: str) -> None:
        if leases(shared, name).take(report_id):
            won.append(name)

    threads = [threading.Thread(target=take, args=(f"server-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(won) == 1
    assert leases(shared, won[0]).renew(report_id) and leases(shared, won[0]).take(report_id)
    assert not leases(shared, "another").renew(report_id)


@pytest.mark.parametrize("ends", ["lapsed", "given back", "revoked"])
def test_a_lease_that_is_over_is_free(shared: Database, tmp_path: Path, ends: str) -> None:
    report_id, first, second = asked(shared, tmp_path), leases(shared, "a"), leases(shared, "b")
    assert first.take(report_id) and not second.take(report_id)
    assert second.running(report_id)
    second.give_back(report_id)
    assert second.running(report_id), "nobody gives back another's"
    if ends == "lapsed":
        with write_transaction(shared.sessions) as session:
            session.execute(text("UPDATE analysis_leases SET until_s = extract(epoch from clock_timestamp()) - 1"))
    elif ends == "given back":
        first.give_back(report_id)
    else:
        second.revoke(report_id)
    assert not first.running(report_id)
    assert second.take(report_id)
    assert not first.renew(report_id), "who was away too long finds it is another's"


def test_what_was_ended_is_nobodys_work(shared: Database, tmp_path: Path) -> None:
    report_id = asked(shared, tmp_path)
    end_analysis(shared.sessions, report_id=report_id, by="lan", now=utc_now())
    assert not leases(shared, "a").take(report_id)


def test_a_servers_own_clock_does_not_count(shared: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report_id = asked(shared, tmp_path)
    assert leases(shared, "a").take(report_id)
    monkeypatch.setattr(time, "time", lambda: 4e9)
    assert not leases(shared, "b").take(report_id)
    assert leases(shared, "b").running(report_id)
