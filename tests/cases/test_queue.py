"""Filters, orders and pages of the queue."""

from datetime import timedelta
from typing import Any

import pytest

from cases import service
from cases.actor import Actor
from cases.database import Database, write_transaction
from cases.evidence import FolderStore
from cases.faults import BadQueryError, NotPermittedError
from cases.lifecycle import Action, State
from cases.queue import Filter, Sort, list_cases
from cases.records import DocumentKind, Notice
from detector.types import ViolationKind
from tests.cases.builders import ADMIN, AUDITOR, ELSEWHERE, LAN, NOON, opened
from tests.cases.papers import establish, lay_down
from tests.cases.walking import HOA, Walk


@pytest.fixture
def ids(database: Database, store: FolderStore) -> list[str]:
    """Six cases a minute apart, oldest first: two wards, two kinds, rising and tied confidence, one decided."""
    made = [
        opened(
            database,
            store,
            number,
            ward="Hoàn Kiếm" if number < 4 else "Ba Đình",
            camera_id=f"CAM-{number % 2}",
            kind=ViolationKind.NO_ENTRY if number == 5 else ViolationKind.WRONG_WAY,
            confidence=0.5 + 0.1 * (number // 2),
        ).case_id
        for number in range(6)
    ]
    service.claim(database.sessions, case_id=made[0], actor=LAN, now=NOON, lease_s=900)
    service.claim(database.sessions, case_id=made[1], actor=LAN, now=NOON, lease_s=900)
    service.decide(database.sessions, case_id=made[1], actor=LAN, action=Action.REJECT, reason="permit",
                   expected_version=1, now=NOON)  # fmt: skip
    return made


FILTERS: dict[str, tuple[dict[str, Any], list[int]]] = {
    "everything": ({}, [0, 1, 2, 3, 4, 5]),
    "one state": ({"states": (State.NEW,)}, [0, 2, 3, 4, 5]),
    "two states": ({"states": (State.NEW, State.REJECTED)}, [0, 1, 2, 3, 4, 5]),
    "kind": ({"kinds": (ViolationKind.NO_ENTRY,)}, [5]),
    "ward": ({"ward": "Ba Đình"}, [4, 5]),
    "camera": ({"camera_id": "CAM-1"}, [1, 3, 5]),
    "assignee": ({"assignee": "lan"}, [0]),
    "from, included": ({"from_at": NOON + timedelta(minutes=4)}, [4, 5]),
    "to, not included": ({"to_at": NOON + timedelta(minutes=2)}, [0, 1]),
    "confidence": ({"min_confidence": 0.65}, [4, 5]),
    "no confidence is a bound too": ({"min_confidence": 0.0}, [0, 1, 2, 3, 4, 5]),
    "together": ({"ward": "Hoàn Kiếm", "camera_id": "CAM-1", "states": (State.NEW,)}, [3]),
}


@pytest.mark.parametrize("label", sorted(FILTERS))
def test_filters(database: Database, ids: list[str], label: str) -> None:
    where, expected = FILTERS[label]
    page = list_cases(database.sessions, actor=AUDITOR, where=Filter(**where))
    assert [ids.index(case.id) for case in page.cases] == expected
    assert (page.total, page.total_is_exact, page.next_cursor) == (len(expected), True, None)


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("limit", [1, 2, 4, 6, 7])
def test_pages_hold_every_case_once_in_order(database: Database, ids: list[str], sort: Sort, limit: int) -> None:
    seen, cursor = [], None
    for _ in range(10):
        page = list_cases(database.sessions, actor=LAN, where=Filter(), sort=sort, limit=limit, cursor=cursor)
        assert page.total == 6
        seen += page.cases
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == 6
    keys = [(case.confidence if sort is Sort.SUREST else case.queue_at, case.id) for case in seen]
    assert keys == sorted(keys, reverse=sort is not Sort.OLDEST)


def test_wards_confine_what_is_listed(database: Database, ids: list[str]) -> None:
    both = Actor(name="x", role=LAN.role, wards=("Ba Đình", "Hoàn Kiếm"))
    seen = {actor: list_cases(database.sessions, actor=actor, where=Filter()).total for actor in (ELSEWHERE, both)}
    assert seen == {ELSEWHERE: 2, both: 6}
    assert list_cases(database.sessions, actor=ELSEWHERE, where=Filter(ward="Hoàn Kiếm")).cases == []


@pytest.mark.parametrize("cursor", ["", "x", "bm8", "WzFd", "WyJuZXdlc3QiLCAxLCAieCJd"])
def test_unusable_cursors_are_refused(sqlite: Database, cursor: str) -> None:
    with pytest.raises(BadQueryError, match="cursor"):
        list_cases(sqlite.sessions, actor=LAN, where=Filter(), cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_unusable_page_sizes_are_refused(sqlite: Database, limit: int) -> None:
    with pytest.raises(BadQueryError, match="limit"):
        list_cases(sqlite.sessions, actor=LAN, where=Filter(), limit=limit)


def test_administrator_has_no_queue(sqlite: Database) -> None:
    with pytest.raises(NotPermittedError):
        list_cases(sqlite.sessions, actor=ADMIN, where=Filter())


def test_duplicates_and_papers_that_await_a_signature_are_found(database: Database, ids: list[str]) -> None:
    sessions = database.sessions
    decide(database, ids[0], Action.MARK_DUPLICATE, "same_act", duplicate_of=ids[2])
    for case_id in ids[2:]:
        decide(database, case_id, Action.CONFIRM, "verified")
    with write_transaction(sessions) as session:
        unsigned, later = paper(ids[2], 0), paper(ids[5], 3)
        signed, sheet = paper(ids[3], 1, signed_at=NOON), paper(ids[4], 2, kind=DocumentKind.RESULT)
        session.add_all([unsigned, signed, sheet, later])
    assert listed(database, unsigned=True) == [ids[2], ids[5]]
    decide(database, ids[5], Action.AMEND, "no_circumstance", expected_version=2)
    assert listed(database, unsigned=True) == [ids[2]], "a void paper awaits nothing"
    assert listed(database, unsigned=True, states=(State.NEW,)) == []
    assert listed(database, duplicate_of=ids[2]) == [ids[0]]
    assert listed(database, duplicate_of=ids[0]) == []


def listed(database: Database, **where: Any) -> list[str]:
    return [case.id for case in list_cases(database.sessions, actor=AUDITOR, where=Filter(**where)).cases]


def decide(database: Database, case_id: str, action: Action, reason: str, **how: Any) -> None:
    how = {"expected_version": 1, **how}
    if how["expected_version"] == 1:
        service.claim(database.sessions, case_id=case_id, actor=LAN, now=NOON, lease_s=900)
    service.decide(database.sessions, case_id=case_id, actor=LAN, action=action, reason=reason, now=NOON, **how)


def paper(case_id: str, number: int, **how: Any) -> Notice:
    """An issued paper's row, with no file behind it."""
    row: dict[str, Any] = {"kind": DocumentKind.NOTICE, "signed_at": None, "fields": {"case_version": 2}, **how}
    return Notice(
        id=f"TB-{number}", case_id=case_id, number=f"{number}", plate="29A12345", code_sha256="", name=f"{number}.pdf",
        sha256="", issued_by="hoa", issued_at=NOON, signed_name=None, signed_sha256=None, signed_by=None, **row,
    )  # fmt: skip


def test_what_was_signed_in_ink_or_replaced_waits_for_nobody(database: Database, store: FolderStore) -> None:
    lives = [Walk(database, opened(database, store, number).case_id) for number in range(3)]
    for life in lives:
        life.take(LAN, Action.CONFIRM)
        establish(database, life.case_id, now=life.now)
        lay_down(database, life.case_id, DocumentKind.NOTICE, now=life.now)
        life.papers = False
    assert listed(database, unsigned=True) == [life.case_id for life in lives]
    lives[0].take(HOA, Action.SEND_NOTICE, reason="signed_by_hand")
    newer = lives[1].now + timedelta(minutes=1)
    lay_down(database, lives[1].case_id, DocumentKind.NOTICE, now=newer, signed_by="chief")
    assert listed(database, unsigned=True) == [lives[2].case_id]
    lay_down(database, lives[0].case_id, DocumentKind.NOTICE, now=newer)
    assert listed(database, unsigned=True) == [lives[0].case_id, lives[2].case_id], "the word was of the other paper"
