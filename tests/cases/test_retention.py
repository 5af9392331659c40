"""Retention: deletes by rule, never what is held, and leaves a tombstone that `verify` understands."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import cases.retention
from cases import service
from cases.database import read_transaction
from cases.evidence import FolderStore
from cases.faults import BadReasonError, IllegalMoveError, NotFoundError, NotPermittedError
from cases.inspection import inspect_all
from cases.lifecycle import Action, State
from cases.plates import plate_of, say_plate
from cases.records import EntryKind, LedgerEntry
from cases.retention import PROPOSED_DAYS, delete_expired, expired, hold, release
from cases.verification import verify_case
from tests.cases.builders import CHIEF, LAN, NOON
from tests.cases.installation import Installation, install
from tests.cases.walking import NEVER

LATER = NOON + timedelta(days=31)


def rejected(made: Installation) -> Installation:
    """With the last case rejected."""
    last = made.case_ids[2]
    service.claim(made.database.sessions, case_id=last, actor=LAN, now=NOON, lease_s=60)
    service.decide(made.database.sessions, case_id=last, actor=LAN, action=Action.REJECT, reason="no_violation",
                   expected_version=1, policy=NEVER, now=NOON)  # fmt: skip
    return made


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    """Three cases, the second confirmed, the third rejected."""
    made = rejected(install(tmp_path / "data"))
    yield made
    made.database.close()


def run(made: Installation, *, store: FolderStore | None = None) -> list[str]:
    found = delete_expired(made.database.sessions, store or made.store, days=PROPOSED_DAYS, actor="system", now=LATER)
    return [expiry.case_id for expiry in found]


def test_rejected_evidence_goes_after_its_days_and_leaves_a_tombstone(made: Installation) -> None:
    sessions = made.database.sessions
    assert expired(sessions, days=PROPOSED_DAYS, now=NOON + timedelta(days=29)) == []
    assert run(made) == [made.case_ids[2]]
    assert run(made) == []
    assert len(list(made.store.bundles())) == 2
    report = verify_case(sessions, made.store, case_id=made.case_ids[2])
    assert report.intact and report.deleted
    assert "đã xóa theo quy định" in str(report)
    assert inspect_all(sessions, made.store, trusted=made.keys.public_keys(), name="data").intact
    case = service.get_case(sessions, case_id=made.case_ids[2], actor=LAN)
    assert (case.facts, case.state) == ({}, State.REJECTED)


def test_held_evidence_stays_until_released(made: Installation) -> None:
    how = {"case_id": made.case_ids[2], "actor": CHIEF, "reason": "Khiếu nại 5/2026", "now": NOON}
    hold(made.database.sessions, **how)  # type: ignore[arg-type]
    with pytest.raises(IllegalMoveError, match="held already"):
        hold(made.database.sessions, **how)  # type: ignore[arg-type]
    assert run(made) == []
    release(made.database.sessions, **how)  # type: ignore[arg-type]
    assert run(made) == [made.case_ids[2]]
    with pytest.raises(IllegalMoveError, match="deleted already"):
        hold(made.database.sessions, **how)  # type: ignore[arg-type]


def test_deletion_that_a_crash_interrupted_is_finished(made: Installation) -> None:
    class Dead(FolderStore):
        def remove(self, location: str) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(made, store=Dead(made.store.root, made.keys))
    report = verify_case(made.database.sessions, made.store, case_id=made.case_ids[2])
    assert not report.intact
    assert run(made) == []
    assert verify_case(made.database.sessions, made.store, case_id=made.case_ids[2]).intact


def test_two_deletions_at_once_leave_one_tombstone(url: str, tmp_path: Path) -> None:
    made = rejected(install(tmp_path / "data", url=url))
    done: list[str] = []
    sweeps = [threading.Thread(target=lambda: done.extend(run(made))) for _ in range(3)]
    for sweep in sweeps:
        sweep.start()
    for sweep in sweeps:
        sweep.join(60)
    with read_transaction(made.database.sessions) as session:
        graves = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == EntryKind.TOMBSTONE)).all()
    assert (done, len(graves)) == ([made.case_ids[2]], 1)
    assert inspect_all(made.database.sessions, made.store, trusted=made.keys.public_keys(), name="data").intact
    made.database.close()


@pytest.mark.parametrize("meanwhile", ["held", "reopened"])
def test_what_happens_while_evidence_is_deleted_comes_before_or_after(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """The deletion has the case and has not chained its tombstone yet: a hold, or a reopening, waits for it."""
    made = rejected(install(tmp_path / "data", url=url))
    case_id, sessions = made.case_ids[2], made.database.sessions
    forget, reached, go_on = cases.retention.forget_words, threading.Event(), threading.Event()

    def slow(session: Session, case_id: str) -> None:
        reached.set()
        go_on.wait(2.0)
        forget(session, case_id)

    monkeypatch.setattr(cases.retention, "forget_words", slow)
    deleting = threading.Thread(target=lambda: run(made), daemon=True)
    deleting.start()
    assert reached.wait(60)
    if meanwhile == "held":
        with pytest.raises(IllegalMoveError, match="deleted already"):
            hold(sessions, case_id=case_id, actor=CHIEF, reason="Khiếu nại", now=LATER)
    else:
        with pytest.raises(IllegalMoveError):
            service.claim(sessions, case_id=case_id, actor=CHIEF, now=LATER, lease_s=60)
    go_on.set()
    deleting.join(60)
    assert verify_case(sessions, made.store, case_id=case_id).intact
    made.database.close()


REFUSED = {
    "an officer": ({"actor": LAN}, NotPermittedError),
    "no reason": ({"reason": ""}, BadReasonError),
    "no such case": ({"case_id": "PN-0"}, NotFoundError),
}


@pytest.mark.parametrize("label", sorted(REFUSED))
def test_hold_is_refused(made: Installation, label: str) -> None:
    change, error = REFUSED[label]
    how = {"case_id": made.case_ids[2], "actor": CHIEF, "reason": "x", "now": NOON, **change}
    with pytest.raises(error):
        hold(made.database.sessions, **how)  # type: ignore[arg-type]


def test_open_and_confirmed_cases_are_never_due(made: Installation) -> None:
    due = expired(made.database.sessions, days=PROPOSED_DAYS, now=NOON + timedelta(days=5000))
    assert [expiry.case_id for expiry in due] == [made.case_ids[2]]


def test_the_plate_goes_with_the_evidence(made: Installation) -> None:
    last = made.case_ids[2]
    say_plate(made.database.sessions, case_id=last, actor=LAN, text="29E112345", expected_seq=0, now=NOON)
    assert run(made) == [last]
    plate = plate_of(made.database.sessions, case_id=last, actor=LAN)
    assert (plate.text, plate.read, plate.words[0].text) == ("", {}, "")
    assert inspect_all(made.database.sessions, made.store, trusted=made.keys.public_keys(), name="data").intact
