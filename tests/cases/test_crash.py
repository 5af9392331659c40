"""kill -9 at random moments while evidence is sealed and cases are opened and decided."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from cases.chain import chain_faults
from cases.database import open_database, read_transaction, sqlite_url
from cases.evidence import FolderStore, verify_bundle
from cases.lifecycle import DEADLINES
from cases.records import Case, Decision, Due, OutboxEvent
from cases.sweep import sweep
from cases.verification import row_faults

ROUNDS = int(os.environ.get("PHATNGUOI_KILLS", "10"))
"""How often the work is killed; `PHATNGUOI_KILLS=200` for the long run."""
WORK = """
import sys
from datetime import timedelta
from pathlib import Path
from cases import service
from cases.database import open_database, sqlite_url
from cases.evidence import FolderStore
from cases.lifecycle import Action
from tests.cases.builders import LAN, NOON, opened

root, first = Path(sys.argv[1]), int(sys.argv[2])
database, store = open_database(sqlite_url(root / "phatnguoi.db")), FolderStore(root / "evidence")
print("ready", flush=True)
for number in range(first, first + 10_000):
    case_id = opened(database, store, number).case_id
    now = NOON + timedelta(seconds=number)
    service.claim(database.sessions, case_id=case_id, actor=LAN, now=now, lease_s=60)
    service.decide(database.sessions, case_id=case_id, actor=LAN, action=Action.CONFIRM, reason="verified",
                   expected_version=1, now=now)
    service.undo(database.sessions, case_id=case_id, actor=LAN, expected_version=2, now=now, lease_s=60)
    service.decide(database.sessions, case_id=case_id, actor=LAN, action=Action.REJECT, reason="no_violation",
                   expected_version=3, now=now)
    print("one", flush=True)
"""


def killed_at_random(root: Path, first: int, *, cases: int, wait_s: float) -> None:
    """Start the work and kill it `wait_s` after so many cases."""
    project = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", WORK, str(root), str(first)], stdout=subprocess.PIPE, cwd=project, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert [process.stdout.readline() for _ in range(cases + 1)] == ["ready\n", *["one\n"] * cases]
        time.sleep(wait_s)
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL


def test_no_kill_leaves_a_case_without_evidence_or_a_state_without_its_decision(tmp_path: Path) -> None:
    draw = random.Random(1986)
    numbers = 0
    for round_ in range(ROUNDS):
        killed_at_random(tmp_path, 100 * round_, cases=1 + round_ % 3, wait_s=draw.uniform(0.0, 0.08))
        database = open_database(sqlite_url(tmp_path / "phatnguoi.db"))
        store = FolderStore(tmp_path / "evidence")
        with read_transaction(database.sessions) as session:
            cases = session.scalars(select(Case)).all()
            decisions = session.scalars(select(Decision)).all()
            events = session.scalars(select(OutboxEvent)).all()
            assert chain_faults(session, Decision) == []
            assert [fault for case in cases for fault in row_faults(session, case)] == []
            clocks = session.execute(select(Due.code, Case.state).join(Case).where(Due.running)).all()
            assert all(state in DEADLINES[code].runs_in for code, state in clocks)
        log = {case.id: [row.to_state for row in decisions if row.case_id == case.id] for case in cases}
        assert len(events) == len(decisions)
        for case in cases:
            report = verify_bundle(store.root / case.evidence_location)
            assert report.intact
            assert report.manifest_sha256 == case.manifest_sha256
            assert (log[case.id][-1], len(log[case.id])) == (case.state, case.version)
        found = sweep(database.sessions, store)
        assert found.cases_without_bundle == ()
        for orphan in found.bundles_without_case:
            assert verify_bundle(store.root / orphan.location).intact
        numbers = len(cases)
        database.close()
    assert numbers >= ROUNDS


def test_leftovers_of_the_killed_are_swept_in_time(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "evidence")
    code = (
        "import os, sys; from pathlib import Path; from cases.evidence import FolderStore;"
        "w = FolderStore(Path(sys.argv[1])).begin('v1'); w.add_bytes('a.jpg', 'image/jpeg', b'x');"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(store.root)], check=False, cwd=Path(__file__).parents[2], timeout=60
    )
    (left,) = store.root.joinpath(".incoming").iterdir()
    assert store.clear_unfinished() == ()
    hour_ago = time.time() - timedelta(hours=1).total_seconds()
    os.utime(left, (hour_ago, hour_ago))
    assert store.clear_unfinished() == (left.name,)
    assert not left.exists()
