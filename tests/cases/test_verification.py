"""`verify`: what is altered behind the product's back is found and named."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from cases import service
from cases.database import Database, sqlite_url
from cases.evidence import FolderStore
from cases.faults import NotFoundError
from cases.inspection import verify_target
from cases.lifecycle import Action
from cases.settings import Settings
from cases.sweep import sweep
from cases.verification import verify_case
from detector.types import EvidenceError
from tests.cases.builders import LAN, NOON, opened, seal, violation_of


@pytest.fixture
def case_id(sqlite: Database, store: FolderStore) -> str:
    """A confirmed case between two others."""
    made = [opened(sqlite, store, number).case_id for number in range(3)]
    service.claim(sqlite.sessions, case_id=made[1], actor=LAN, now=NOON, lease_s=60)
    service.decide(sqlite.sessions, case_id=made[1], actor=LAN, action=Action.CONFIRM, reason="verified",
                   expected_version=1, now=NOON)  # fmt: skip
    return made[1]


def sql(*statements: str) -> Callable[[Path, str], None]:
    """Tampering by a program that knows how to take the triggers away."""

    def tamper(root: Path, case_id: str) -> None:
        connection = sqlite3.connect(root / "phatnguoi.db", isolation_level=None)
        for trigger in ("no_update", "no_delete", "no_replace"):
            connection.execute(f"DROP TRIGGER decisions_{trigger}")
        for statement in statements:
            assert connection.execute(statement.format(id=case_id)).rowcount > 0
        connection.close()

    return tamper


def rewrite(root: Path, case_id: str) -> None:
    """A whole new, self-consistent bundle in the place of the sealed one."""
    other = FolderStore(root / "forged")
    place = next(root.glob(f"evidence/*/*/{violation_id_of(root, case_id)}"))
    forged = seal(other, violation_of(1), {"during.jpg": b"something else"})
    shutil.rmtree(place)
    shutil.copytree(other.root / forged.location, place)


def violation_id_of(root: Path, case_id: str) -> str:
    connection = sqlite3.connect(root / "phatnguoi.db")
    row = connection.execute("SELECT violation_id FROM cases WHERE id = ?", (case_id,)).fetchone()
    connection.close()
    return str(row[0])


def one_byte(root: Path, case_id: str) -> None:
    path = next(root.glob(f"evidence/*/*/{violation_id_of(root, case_id)}/during.jpg"))
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


CHAIN = "decision log"
TAMPERING: dict[str, tuple[Callable[[Path, str], None], str]] = {
    "one byte of a still": (one_byte, "during.jpg"),
    "a whole other bundle": (rewrite, "manifest.json"),
    "bundle removed": (
        lambda root, case_id: shutil.rmtree(next(root.glob(f"evidence/*/*/{violation_id_of(root, case_id)}"))),
        "2026/11",
    ),
    "fact of the case": (sql("UPDATE cases SET confidence = 0.99 WHERE id = '{id}'"), "case"),
    "time of the case": (sql("UPDATE cases SET occurred_at = '2026-11-20 06:00:00.000000' WHERE id = '{id}'"), "case"),
    "manifest hash of the case": (sql(f"UPDATE cases SET manifest_sha256 = '{'0' * 64}' WHERE id = '{{id}}'"), "case"),
    "state of the case": (sql("UPDATE cases SET state = 'REJECTED' WHERE id = '{id}'"), "case"),
    "version of the case": (sql("UPDATE cases SET version = 3 WHERE id = '{id}'"), "case"),
    "reason of a decision": (sql("UPDATE decisions SET reason = 'minor' WHERE seq = 4"), CHAIN),
    "actor of another case's decision": (sql("UPDATE decisions SET actor = 'x' WHERE seq = 1"), CHAIN),
    "last decision removed": (sql("DELETE FROM decisions WHERE seq = 4"), CHAIN),
    "middle decision removed": (sql("DELETE FROM decisions WHERE seq = 1"), CHAIN),
    "decisions swapped": (
        sql("UPDATE decisions SET seq = -1 WHERE seq = 1", "UPDATE decisions SET seq = 1 WHERE seq = 3",
            "UPDATE decisions SET seq = 3 WHERE seq = -1"),
        CHAIN,
    ),
    "hash of a decision": (sql(f"UPDATE decisions SET hash = '{'1' * 64}' WHERE seq = 2"), CHAIN),
    "a state that does not exist": (sql("UPDATE decisions SET to_state = 'PAID' WHERE seq = 1"), CHAIN),
    "details that are not JSON": (sql("UPDATE decisions SET details = '{{' WHERE seq = 1"), CHAIN),
}  # fmt: skip


def test_untouched_case_is_intact(sqlite: Database, store: FolderStore, case_id: str) -> None:
    report = verify_case(sqlite.sessions, store, case_id=case_id.lower())
    assert report.intact
    assert report.items == 4
    assert "intact (4 items" in str(report)


@pytest.mark.parametrize("label", sorted(TAMPERING))
def test_tampering_is_found_and_named(
    sqlite: Database, store: FolderStore, case_id: str, tmp_path: Path, label: str
) -> None:
    tamper, named = TAMPERING[label]
    tamper(tmp_path, case_id)
    report = verify_case(sqlite.sessions, store, case_id=case_id)
    assert not report.intact
    assert any(named in fault.item for fault in report.faults), report.faults
    assert named in str(report)


def test_quick_check_finds_what_was_done_to_the_case_itself(
    sqlite: Database, store: FolderStore, case_id: str, tmp_path: Path
) -> None:
    sql("UPDATE decisions SET reason = 'minor' WHERE seq = 4")(tmp_path, case_id)
    report = verify_case(sqlite.sessions, store, case_id=case_id, whole_log=False)
    assert [fault.detail for fault in report.faults] == ["row 4 of the decision log does not match its hash"]


def test_target_is_a_case_or_a_bundle(sqlite: Database, store: FolderStore, case_id: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert settings.database == sqlite_url(tmp_path / "phatnguoi.db")
    by_id = verify_target(case_id, settings)
    assert by_id.intact
    assert verify_target(str(by_id.path), settings).intact
    with pytest.raises(NotFoundError, match="PN-0000-0000"):
        verify_target("PN-0000-0000", settings)
    with pytest.raises(EvidenceError, match=r"gone\.zip"):
        verify_target("gone.zip", settings)


def test_sweep_reports_what_does_not_fit_together(
    sqlite: Database, store: FolderStore, case_id: str, tmp_path: Path
) -> None:
    orphan = seal(store, violation_of(9))
    shutil.rmtree(next(tmp_path.glob(f"evidence/*/*/{violation_id_of(tmp_path, case_id)}")))
    report = sweep(sqlite.sessions, store)
    assert report.bundles_without_case == (orphan,)
    assert report.cases_without_bundle == (case_id,)
    assert (store.root / orphan.location).is_dir()
