"""A whole data folder under `verify`: every altered byte is found and its place named; anchors outlast forgers."""

import random
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cases import service
from cases.anchors import anchor_name, parse_anchor, write_anchor
from cases.canonical import canonical_json, sha256_of
from cases.chain import columns_sha256
from cases.database import Database, read_transaction, write_transaction
from cases.evidence import FolderStore
from cases.inspection import DataReport, inspect_all, verify_target
from cases.records import Decision
from cases.settings import Settings
from cases.signing import open_keys
from detector.types import CaseError
from tests.cases.builders import LAN, NOON, opened
from tests.cases.installation import Installation
from tests.cases.mutations import build, missed


def inspected(made: Installation) -> DataReport:
    return inspect_all(made.database.sessions, made.store, trusted=made.keys.public_keys(), name="data")


def tamper(made: Installation, *statements: str, without: str = "decisions") -> None:
    """What somebody does who holds the database file and knows of the guards."""
    connection = sqlite3.connect(made.root / "phatnguoi.db", isolation_level=None)
    guards = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE ?", (f"{without}_%",)
    ).fetchall()
    for name, _ in guards:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        assert connection.execute(statement).rowcount > 0
    for _, sql in guards:
        connection.execute(sql)
    connection.close()


def test_untouched_folder_is_intact_from_itself_alone(made: Installation) -> None:
    report = verify_target(str(made.root), Settings(data_dir=Path("/nowhere")))
    assert report.intact, report
    assert (report.cases, report.items, report.anchors) == (3, 12, 1)  # type: ignore[union-attr]
    assert verify_target("all", Settings(data_dir=made.root)).intact


def test_random_one_byte_changes_are_all_found_and_named(tmp_path: Path) -> None:
    target = build(tmp_path)
    assert target._faults() == []
    assert missed(target, count=200, seed=random.randrange(1 << 30)) == []
    assert target._faults() == []
    target.made.database.close()
    target.database.close()


def test_forged_and_rehashed_log_contradicts_the_anchor(made: Installation) -> None:
    """The last decision is rewritten with all hashes and the head made to fit; only the anchor tells."""
    with read_transaction(made.database.sessions) as session:
        last = session.query(Decision).order_by(Decision.seq.desc()).first()
        assert last is not None
        last.note = "khác"
        forged = columns_sha256(last, without=frozenset({"hash"}))
        seq = last.seq
        session.expunge_all()
    tamper(
        made,
        f"UPDATE decisions SET note = 'khác', hash = '{forged}' WHERE seq = {seq}",
        f"UPDATE chain_heads SET hash = '{forged}' WHERE name = 'decisions'",
    )
    faults = inspected(made).faults
    assert [fault.item for fault in faults] == [anchor_name(1)]
    assert f"decisions row {seq}" in faults[0].detail


def test_cut_off_end_with_its_head_put_back_contradicts_the_anchor(made: Installation) -> None:
    back = f"UPDATE chain_heads SET seq = 0, hash = '{'0' * 64}' WHERE name = 'accesses'"
    tamper(made, "DELETE FROM accesses", back, without="accesses")
    assert any(fault.item == anchor_name(1) and "accesses row 2" in fault.detail for fault in inspected(made).faults)


def test_anchor_signed_by_a_stranger_is_refused(made: Installation, tmp_path: Path) -> None:
    path = made.store.root / anchor_name(1)
    anchor = parse_anchor(path.read_bytes())
    assert anchor is not None
    digest = sha256_of(anchor.model_dump(exclude={"signature"}))
    stranger = open_keys(tmp_path / "stranger").sign(purpose="chain-anchor", digest=digest)
    path.chmod(0o644)
    path.write_bytes(canonical_json({**anchor.model_dump(), "signature": stranger.model_dump()}))
    assert ["none of this installation's keys" in fault.detail for fault in inspected(made).faults] == [True]


def test_anchor_is_written_only_when_something_was_added(made: Installation) -> None:
    assert write_anchor(made.database.sessions, made.store, made.keys, now=NOON) is None
    opened(made.database, made.store, 7)
    assert write_anchor(made.database.sessions, made.store, made.keys, now=NOON) == anchor_name(2)
    assert inspected(made).intact


def test_removed_anchors_are_missed(made: Installation) -> None:
    opened(made.database, made.store, 7)
    write_anchor(made.database.sessions, made.store, made.keys, now=NOON)
    (made.store.root / anchor_name(2)).unlink()
    assert [fault.item for fault in inspected(made).faults] == [anchor_name(2)]


def test_anchor_whose_file_was_lost_in_a_crash_is_written_by_the_next(made: Installation) -> None:
    opened(made.database, made.store, 7)

    class Dead(FolderStore):
        def put(self, name: str, data: bytes) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_anchor(made.database.sessions, Dead(made.store.root, made.keys), made.keys, now=NOON)
    assert not inspected(made).intact
    assert write_anchor(made.database.sessions, made.store, made.keys, now=NOON) == anchor_name(2)
    assert inspected(made).intact


def test_rotated_keys_still_prove_the_old(made: Installation) -> None:
    made.keys.rotate()
    opened(made.database, made.store, 7)
    write_anchor(made.database.sessions, made.store, made.keys, now=NOON)
    assert inspected(made).intact


def test_missing_guard_is_said(made: Installation) -> None:
    connection = sqlite3.connect(made.root / "phatnguoi.db")
    connection.execute("DROP TRIGGER ledger_no_update")
    connection.close()
    assert ["ledger_no_update" in str(fault) for fault in inspected(made).faults] == [True]


@pytest.mark.parametrize("log", ["decisions", "accesses", "ledger"])
@pytest.mark.parametrize("verb", ["UPDATE {log} SET actor = 'x'", "DELETE FROM {log}"])
def test_database_refuses_to_change_a_log(database: Database, tmp_path: Path, log: str, verb: str) -> None:
    store, keys = FolderStore(tmp_path / "evidence"), open_keys(tmp_path / "keys")
    case_id = opened(database, store).case_id
    service.record_access(database.sessions, case_id=case_id, actor=LAN, item="x", byte_range=None, now=NOON)
    write_anchor(database.sessions, store, keys, now=NOON)
    with pytest.raises(DBAPIError, match="append-only"), write_transaction(database.sessions) as session:
        session.execute(text(verb.format(log=log)))
    assert inspect_all(database.sessions, store, trusted=keys.public_keys(), name="data").intact


def test_verifying_makes_no_keys_and_misses_them(made: Installation, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(made.root / "evidence", copy / "evidence")
    with sqlite3.connect(made.root / "phatnguoi.db") as source, sqlite3.connect(copy / "phatnguoi.db") as target:
        source.backup(target)
    source.close()
    target.close()
    report = verify_target(str(copy), Settings(data_dir=copy))
    assert any(fault.item == "keys" for fault in report.faults)
    assert not (copy / "keys").exists()


def test_same_meaning_in_other_letters_is_found(database: Database, tmp_path: Path) -> None:
    """A blank more in JSON, on either database, with the guard taken away and put back."""
    store, keys = FolderStore(tmp_path / "evidence", open_keys(tmp_path / "keys")), open_keys(tmp_path / "keys")
    opened(database, store)
    write_anchor(database.sessions, store, keys, now=NOON)
    sqlite = database.engine.dialect.name == "sqlite"
    guard = "decisions_no_update" if sqlite else "decisions_append_only"
    with database.engine.connect() as connection, connection.begin():
        if sqlite:
            sql = connection.execute(text(f"SELECT sql FROM sqlite_master WHERE name = '{guard}'")).scalar_one()
            connection.execute(text(f"DROP TRIGGER {guard}"))
            connection.execute(text("UPDATE decisions SET details = replace(details, ': ', ':  ')"))
            connection.execute(text(sql))
        else:
            connection.execute(text(f"ALTER TABLE decisions DISABLE TRIGGER {guard}"))
            connection.execute(text("UPDATE decisions SET details = replace(details::text, ': ', ':  ')::json"))
            connection.execute(text(f"ALTER TABLE decisions ENABLE TRIGGER {guard}"))
    report = inspect_all(database.sessions, store, trusted=keys.public_keys(), name="data")
    assert any(fault.item == "decisions row 1" for fault in report.faults), report


def test_verifying_while_others_write_raises_no_false_alarm(made: Installation) -> None:
    done = threading.Event()

    def write() -> None:
        number = 200
        while not done.is_set():
            number += 1
            opened(made.database, made.store, number)
            write_anchor(made.database.sessions, made.store, made.keys, now=NOON)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        reports = [inspected(made) for _ in range(6)]
    finally:
        done.set()
        writer.join(60)
    assert [report.faults for report in reports] == [()] * 6
    assert reports[-1].cases > reports[0].cases


@pytest.mark.parametrize("harm", ["cut short", "scrambled"])
def test_damaged_database_file_is_altered_not_a_crash(made: Installation, harm: str) -> None:
    made.database.close()
    path = made.root / "phatnguoi.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes(data[:middle] if harm == "cut short" else data[:middle] + b"\xff" * 4096 + data[middle + 4096 :])
    try:
        report = verify_target(str(made.root), Settings(data_dir=made.root))
    except CaseError as error:
        assert "restore it from a backup" in str(error)
    else:
        assert not report.intact
