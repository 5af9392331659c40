"""Claiming, deciding and looking back, on SQLite and PostgreSQL."""

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cases import service
from cases.actor import Actor
from cases.chain import chain_faults
from cases.database import Database, read_transaction
from cases.evidence import FolderStore
from cases.faults import (
    BadReasonError,
    HeldError,
    IllegalMoveError,
    NotFoundError,
    NotPermittedError,
    StaleError,
)
from cases.lifecycle import Action, Role, State
from cases.records import Access, Case, Decision, OutboxEvent
from detector.types import CaseError, ViolationKind
from tests.cases.builders import ADMIN, AUDITOR, CHIEF, ELSEWHERE, LAN, MINH, NOON, opened
from tests.cases.papers import establish


def claim(database: Database, case_id: str, actor: Actor = LAN, *, at_s: float = 0) -> Case:
    return service.claim(
        database.sessions, case_id=case_id, actor=actor, now=NOON + timedelta(seconds=at_s), lease_s=900
    )


def decide(
    database: Database, case_id: str, action: Action = Action.CONFIRM, reason: str = "verified", *, actor: Actor = LAN,
    version: int = 1, note: str = "", duplicate_of: str | None = None, at_s: float = 1,
) -> Case:  # fmt: skip
    return service.decide(
        database.sessions,
        case_id=case_id,
        actor=actor,
        action=action,
        reason=reason,
        note=note,
        duplicate_of=duplicate_of,
        expected_version=version,
        now=NOON + timedelta(seconds=at_s),
    )


def test_claimed_case_is_confirmed_and_recorded(database: Database, store: FolderStore) -> None:
    case_id = opened(database, store).case_id
    assert claim(database, case_id).assignee == "lan"
    case = decide(database, case_id, note="  clear  ")
    rows = service.history(database.sessions, case_id=case_id, actor=LAN)
    with read_transaction(database.sessions) as session:
        topics = session.scalars(select(OutboxEvent.topic).order_by(OutboxEvent.id)).all()
        assert chain_faults(session, Decision) == []
    assert (case.state, case.version, case.assignee) == (State.CONFIRMED, 2, None)
    assert case.decided_at == case.state_at == NOON + timedelta(seconds=1)
    assert [(row.actor, row.from_state, row.to_state, row.reason, row.note) for row in rows] == [
        ("system", None, "NEW", None, ""),
        ("lan", "NEW", "CONFIRMED", "verified", "clear"),
    ]
    assert rows[1].previous_hash == rows[0].hash
    assert topics == ["case.opened", "case.decided"]


def test_second_officer_is_told_who_holds_the_case(database: Database, store: FolderStore) -> None:
    case_id = opened(database, store).case_id
    claim(database, case_id)
    with pytest.raises(HeldError, match="held by lan until 05:15:00 UTC") as refusal:
        claim(database, case_id, MINH, at_s=10)
    assert (refusal.value.holder, refusal.value.until) == ("lan", NOON + timedelta(seconds=900))
    with pytest.raises(HeldError):
        decide(database, case_id, actor=MINH)
    with pytest.raises(HeldError):
        service.release(database.sessions, case_id=case_id, actor=MINH, now=NOON)


def test_claim_is_prolonged_by_its_holder_and_ends_by_itself(database: Database, store: FolderStore) -> None:
    case_id = opened(database, store).case_id
    claim(database, case_id)
    assert claim(database, case_id, at_s=600).claimed_until == NOON + timedelta(seconds=1500)
    assert claim(database, case_id, MINH, at_s=1501).assignee == "minh"
    with pytest.raises(HeldError):
        decide(database, case_id, at_s=1502)


@pytest.mark.parametrize("at_s", [-1, 900, 5000])
def test_deciding_needs_a_living_claim(database: Database, store: FolderStore, at_s: float) -> None:
    case_id = opened(database, store).case_id
    if at_s > 0:
        claim(database, case_id)
    with pytest.raises(IllegalMoveError, match="claim it before deciding"):
        decide(database, case_id, at_s=at_s)


def test_released_case_is_free_for_the_next(database: Database, store: FolderStore) -> None:
    case_id = opened(database, store).case_id
    claim(database, case_id)
    service.release(database.sessions, case_id=case_id, actor=LAN, now=NOON)
    assert claim(database, case_id, MINH).assignee == "minh"
    assert service.release(database.sessions, case_id=case_id, actor=CHIEF, now=NOON).assignee is None


def test_decision_on_an_old_version_is_refused(database: Database, store: FolderStore) -> None:
    case_id = opened(database, store).case_id
    claim(database, case_id)
    decide(database, case_id, Action.CHECK, "on_site")
    with pytest.raises(StaleError, match="at version 2, not 1"):
        decide(database, case_id)
    assert decide(database, case_id, version=2).state is State.CONFIRMED


def test_officers_at_once_decide_once(database: Database, store: FolderStore) -> None:
    case_id = opened(database, store).case_id
    officers = [Actor(name=f"officer{number}", role=Role.OFFICER) for number in range(8)]
    gate, outcomes = threading.Barrier(len(officers)), Counter[str]()

    def work(actor: Actor) -> None:
        gate.wait(30)
        try:
            claim(database, case_id, actor)
            decide(database, case_id, actor=actor)
            outcomes["decided"] += 1
        except CaseError as error:
            outcomes[type(error).__name__] += 1

    threads = [threading.Thread(target=work, args=(actor,)) for actor in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes["decided"] == 1
    assert outcomes["HeldError"] + outcomes["IllegalMoveError"] == 7
    with read_transaction(database.sessions) as session:
        assert len(session.scalars(select(Decision)).all()) == 2
        assert chain_faults(session, Decision) == []


def test_officers_on_many_cases_at_once_keep_one_chain(database: Database, store: FolderStore) -> None:
    ids = [opened(database, store, number).case_id for number in range(12)]
    errors: list[CaseError] = []

    def work(number: int) -> None:
        actor = Actor(name=f"officer{number}", role=Role.OFFICER)
        for case_id in ids[number::4]:
            try:
                claim(database, case_id, actor)
                decide(database, case_id, actor=actor)
            except CaseError as error:
                errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    with read_transaction(database.sessions) as session:
        assert set(session.scalars(select(Case.state))) == {State.CONFIRMED}
        assert chain_faults(session, Decision) == []


def test_duplicate_names_the_original(database: Database, store: FolderStore) -> None:
    first, second, third = (opened(database, store, number).case_id for number in range(3))
    for case_id in (second, third):
        claim(database, case_id)
    for bad in (None, "PN-0000-0000", second):
        with pytest.raises(BadReasonError, match="name the other case"):
            decide(database, second, Action.MARK_DUPLICATE, "same_act", duplicate_of=bad)
    case = decide(database, second, Action.MARK_DUPLICATE, "same_act", duplicate_of=first)
    assert (case.state, case.duplicate_of) == (State.DUP, first)
    with pytest.raises(BadReasonError, match=f"itself a duplicate; name {first}"):
        decide(database, third, Action.MARK_DUPLICATE, "same_act", duplicate_of=second)
    with pytest.raises(BadReasonError, match="belongs to mark_duplicate"):
        decide(database, third, duplicate_of=first)


@pytest.mark.parametrize(
    ("other", "plates", "refused"),
    [
        ({"camera_id": "CAM-2", "kind": ViolationKind.NO_ENTRY}, (), True),
        ({"camera_id": "CAM-2"}, (), False),
        ({"kind": ViolationKind.NO_ENTRY}, (), False),
        ({}, ("29A12345", "30K99999"), True),
        ({}, ("29A12345", "29A12345"), False),
        ({}, ("29A12345",), False),
    ],
    ids=["another camera and kind", "another camera", "another kind", "other plates", "one plate", "one plate known"],
)
def test_a_case_unlike_its_original_is_a_duplicate_only_with_a_word_why(
    sqlite: Database, store: FolderStore, other: dict[str, Any], plates: tuple[str, ...], refused: bool
) -> None:
    ids = (opened(sqlite, store).case_id, opened(sqlite, store, 1, **other).case_id)
    for case_id, plate in zip(ids, plates, strict=False):
        establish(sqlite, case_id, now=NOON, plate=plate)
    claim(sqlite, ids[1])
    if refused:
        with pytest.raises(BadReasonError, match="say why it is the same act") as fault:
            decide(sqlite, ids[1], Action.MARK_DUPLICATE, "same_act", duplicate_of=ids[0])
        assert fault.value.why == "duplicate_unlike"
    case = decide(sqlite, ids[1], Action.MARK_DUPLICATE, "same_act", duplicate_of=ids[0], note="x" if refused else "")
    assert (case.state, case.duplicate_of) == (State.DUP, ids[0])


def test_commander_reopens_with_a_note(database: Database, store: FolderStore) -> None:
    case_id = opened(database, store).case_id
    claim(database, case_id)
    decide(database, case_id, Action.REJECT, "no_violation")
    with pytest.raises(IllegalMoveError, match="nothing is left"):
        claim(database, case_id)
    claim(database, case_id, CHIEF)
    case = decide(database, case_id, Action.REOPEN, "decided_in_error", actor=CHIEF, version=2, note="sign was valid")
    assert (case.state, case.version, case.decided_at) == (State.CHECK, 3, None)
    assert case.assignee is None, "whoever is free verifies it"
    assert claim(database, case_id, MINH).assignee == "minh"


@pytest.mark.parametrize("actor", [ADMIN, AUDITOR])
def test_who_does_not_review_can_do_nothing(sqlite: Database, store: FolderStore, actor: Actor) -> None:
    case_id = opened(sqlite, store).case_id
    with pytest.raises(NotPermittedError):
        claim(sqlite, case_id, actor)
    with pytest.raises(NotPermittedError):
        decide(sqlite, case_id, actor=actor)
    with pytest.raises(NotPermittedError):
        service.release(sqlite.sessions, case_id=case_id, actor=actor, now=NOON)


def test_administrator_sees_no_case(sqlite: Database, store: FolderStore) -> None:
    case_id = opened(sqlite, store).case_id
    with pytest.raises(NotPermittedError):
        service.get_case(sqlite.sessions, case_id=case_id, actor=ADMIN)


def test_case_of_another_ward_does_not_exist_for_an_officer(sqlite: Database, store: FolderStore) -> None:
    case_id = opened(sqlite, store).case_id
    for look in (service.get_case, service.history):
        with pytest.raises(NotFoundError):
            look(sqlite.sessions, case_id=case_id, actor=ELSEWHERE)
    with pytest.raises(NotFoundError):
        claim(sqlite, case_id, ELSEWHERE)


def test_readings_of_evidence_are_chained(database: Database, store: FolderStore) -> None:
    case_id = opened(database, store).case_id
    for item in ("during.jpg", "clip.mp4"):
        service.record_access(database.sessions, case_id=case_id, actor=LAN, item=item, byte_range="bytes=0-", now=NOON)
    rows = service.accesses(database.sessions, case_id=case_id, actor=AUDITOR)
    assert [(row.seq, row.actor, row.item, row.details) for row in rows] == [
        (1, "lan", "during.jpg", {"range": "bytes=0-"}),
        (2, "lan", "clip.mp4", {"range": "bytes=0-"}),
    ]
    with read_transaction(database.sessions) as session:
        assert chain_faults(session, Access) == []
    with pytest.raises(NotPermittedError):
        service.accesses(database.sessions, case_id=case_id, actor=LAN)
