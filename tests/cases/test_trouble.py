"""What goes wrong around the software: a clock that is put back, a disk that is full, an object store that is down."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from select import select
from urllib.parse import urlsplit

import pytest

from cases.accounts import add_user
from cases.actor import Actor
from cases.anchors import write_anchor
from cases.clock import utc_now
from cases.custody import clock_behind_s, refuse_doubtful_clock, trust_clock
from cases.database import Database, open_database, read_transaction, sqlite_url
from cases.evidence import FolderStore
from cases.evidence.bucket import BucketStore
from cases.export import export_case
from cases.faults import HeldError, IllegalMoveError, StoreUnavailableError
from cases.inspection import inspect_all
from cases.law import current_table, seed_table
from cases.law.changes import decide_change, propose_change
from cases.lifecycle import Action, State
from cases.notice.form import DocumentForm
from cases.notice.issue import documents, issue
from cases.records import DocumentKind, EntryKind, LedgerEntry
from cases.roles import Role
from cases.service import claim, release, run_deadlines
from cases.settings import Settings
from cases.signing import open_keys
from detector.types import CaseError
from tests.cases.builders import ADMIN, CHIEF, LAN, MINH, NOON, opened
from tests.cases.evidence.object_store import new_bucket, running_object_store, server_binary
from tests.cases.installation import Installation
from tests.cases.walking import Walk

A = Action
HOUR = timedelta(hours=1)
HUNG = Actor(name="hung", role=Role.HANDLER)


def test_clock_put_back_leaves_claims_undo_and_logs_sound(sqlite: Database, store: FolderStore) -> None:
    database = sqlite
    walk = Walk(database, opened(database, store).case_id)
    walk.take(LAN, A.REJECT)
    walk.now -= HOUR
    with pytest.raises(IllegalMoveError, match="have passed"):
        walk.undo(LAN)  # else a decision could be taken back for an hour
    walk.take(CHIEF, A.REOPEN)
    other = Walk(database, opened(database, store, 1).case_id, now=walk.now + HOUR)
    other.claim(LAN)
    other.now -= HOUR
    with pytest.raises(HeldError):
        other.claim(MINH)
    release(database.sessions, case_id=other.case_id, actor=CHIEF, now=other.now)  # nobody is locked out for an hour
    other.claim(MINH)
    assert other.take(MINH, A.CONFIRM).state is State.CONFIRMED
    assert run_deadlines(database.sessions, now=NOON - HOUR) == []
    report = inspect_all(database.sessions, store, trusted={}, name="data")
    assert report.intact, str(report)
    assert clock_behind_s(database.sessions, walk.now - HOUR) >= 3600
    assert clock_behind_s(database.sessions, walk.now + timedelta(days=3650)) == 0.0


def test_a_clock_that_leapt_ahead_ends_nothing_for_good(database: Database, store: FolderStore) -> None:
    refuse_doubtful_clock(database.sessions, utc_now() if database.engine.dialect.name == "postgresql" else NOON)
    case_id = opened(database, store).case_id
    now = utc_now()
    claim(database.sessions, case_id=case_id, actor=LAN, now=now, lease_s=60)
    refuse_doubtful_clock(database.sessions, now)
    with pytest.raises(CaseError, match=r"nobody has looked at a case for 365 days|apart from the database server's"):
        refuse_doubtful_clock(database.sessions, now + timedelta(days=365))
    if database.engine.dialect.name == "sqlite":
        leapt = now + timedelta(days=365)
        claim(database.sessions, case_id=case_id, actor=LAN, now=leapt, lease_s=60)
        Walk(database, case_id, now=leapt).take(LAN, A.REJECT)
        with pytest.raises(CaseError, match=r"for 365 days; check it.*--clock-is-right"):
            refuse_doubtful_clock(database.sessions, leapt + HOUR)  # work after the leap mends nothing
        trust_clock(database.sessions, leapt + HOUR, by="system:root", said=True)
        refuse_doubtful_clock(database.sessions, leapt + 2 * HOUR)
    if database.engine.dialect.name == "postgresql":
        for apart_s in (-120, 120):
            with pytest.raises(CaseError, match="apart from the database server's"):
                refuse_doubtful_clock(database.sessions, now + timedelta(seconds=apart_s))


def test_nobody_need_work_where_sweeps_go_through(sqlite: Database, store: FolderStore) -> None:
    life = Walk(sqlite, opened(sqlite, store).case_id)
    life.take(LAN, A.REJECT)
    for day in range(0, 200, 25):
        refuse_doubtful_clock(sqlite.sessions, NOON + timedelta(days=day))
        for _ in range(2):
            trust_clock(sqlite.sessions, NOON + timedelta(days=day))
    with read_transaction(sqlite.sessions) as session:
        marks = session.query(LedgerEntry).filter(LedgerEntry.kind == EntryKind.CLOCK).count()
    assert marks == 8, "once a day at most"
    with pytest.raises(CaseError, match="for 365 days"):
        refuse_doubtful_clock(sqlite.sessions, NOON + timedelta(days=175 + 365))


def test_law_approved_after_the_clock_was_put_back_stands_over_what_was_approved_before(sqlite: Database) -> None:
    row = seed_table().offence[0]
    second = Actor(name="root2", role=Role.ADMINISTRATOR)
    for number, at in ((1, NOON), (2, NOON - HOUR)):
        content = row.model_copy(update={"note": f"lần {number}"}).model_dump(mode="json", by_alias=True)
        change = propose_change(sqlite.sessions, actor=ADMIN, content=content, source="NĐ 1", now=at)
        decide_change(sqlite.sessions, actor=second, change_id=change.id, approve=True, note="", now=at)
    with read_transaction(sqlite.sessions) as session:
        found = current_table(session).find(row.id)
    assert found is not None
    assert found.note == "lần 2"


@pytest.fixture
def small_disk(made: Installation) -> Iterator[Path]:
    """A disk of 160 KB where papers are kept."""
    disk = made.store.root / "documents"
    disk.mkdir()
    how = ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(how, check=False).returncode != 0:
        pytest.skip("a full disk: this machine does not let us mount one")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_full_disk_at_an_export_is_named_and_leaves_nothing(made: Installation, small_disk: Path) -> None:
    how = {"case_id": made.case_ids[1], "actor": CHIEF, "purpose": "court", "reason": "CV 12", "now": NOON}
    with pytest.raises(StoreUnavailableError, match="the disk is full; free space"):
        export_case(made.database.sessions, made.store, made.keys, target=small_disk / "case.zip", **how)  # type: ignore[arg-type]
    assert list(small_disk.iterdir()) == []
    done = export_case(made.database.sessions, made.store, made.keys, target=made.root / "case.zip", **how)  # type: ignore[arg-type]
    assert done.path.stat().st_size > 160_000


def test_full_disk_at_a_notice_uses_up_no_number(
    made: Installation, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=made.root)
    how = {"case_id": made.case_ids[1], "kind": DocumentKind.NOTICE, "actor": HUNG, "now": NOON}
    form = DocumentForm(plate="29A-123.45")
    (small_disk / "filler").write_bytes(b"x" * 150_000)
    monkeypatch.setattr("tempfile.tempdir", str(small_disk))  # where the paper is set
    with pytest.raises(StoreUnavailableError, match="the disk is full"):
        issue(made.database.sessions, made.store, settings, form=form, **how)  # type: ignore[arg-type]
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(StoreUnavailableError, match="the disk is full"):  # where it is kept
        issue(made.database.sessions, made.store, settings, form=form, **how)  # type: ignore[arg-type]
    assert documents(made.database.sessions, case_id=made.case_ids[1], actor=HUNG) == []
    (small_disk / "filler").unlink()
    assert [path for path in small_disk.rglob("*") if path.is_file()] == []
    subprocess.run(["mount", "-o", "remount,size=10m", str(small_disk)], check=True)
    done = issue(made.database.sessions, made.store, settings, form=form, **how)  # type: ignore[arg-type]
    assert done.document.number == "000001/2026/TB"


def test_object_store_that_is_down_is_named_and_holds_nobody_up(tmp_path: Path) -> None:
    if server_binary() is None:
        pytest.skip("object store: no S3 server on this machine (pip install pys3local into .venv/s3)")
    database = open_database(sqlite_url(tmp_path / "phatnguoi.db"))
    keys = open_keys(tmp_path / "keys")
    with running_object_store(tmp_path) as endpoint:
        store = BucketStore(new_bucket(endpoint), cache=tmp_path / "cache", keys=keys)
        add_user(database.sessions, name="mot", password=None, role="officer", subject="1")
    said: list[Exception] = []

    def anchor() -> None:
        try:
            write_anchor(database.sessions, store, keys, now=NOON)
        except StoreUnavailableError as error:
            said.append(error)

    waiting = threading.Thread(target=anchor)
    with socket.create_server(("127.0.0.1", urlsplit(endpoint).port or 0)) as mute:
        waiting.start()
        assert select([mute], [], [], 60)[0]  # it knocks, nobody answers it, and nobody has to wait for it
        add_user(database.sessions, name="hai", password=None, role="officer", subject="2")
        assert waiting.is_alive()
    waiting.join(60)
    assert "check that the object store can be reached" in str(said[0])
    database.close()
