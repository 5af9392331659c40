"""Clocks start, press, run out and act by themselves; undoing and replaying change nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from cases import service
from cases.actor import Actor
from cases.database import Database, write_transaction
from cases.deadlines import count_pressing, list_due, without_clocks
from cases.evidence import FolderStore
from cases.lifecycle import Action, State
from cases.records import Case, Due
from cases.roles import Role
from tests.cases.builders import ADMIN, AUDITOR, CHIEF, ELSEWHERE, LAN, NOON, opened
from tests.cases.walking import HOA, KY, NEVER, Walk

A = Action


def clocks(life: Walk) -> dict[str, datetime]:
    """Ends of the running clocks by code, as dates of their last day in Hanoi."""
    running = service.clocks(life.database.sessions, case_id=life.case_id, actor=AUDITOR)
    return {due.code: due.due_at for due in running}


def last_day(year: int, month: int, day: int) -> datetime:
    """The end of a day in Hanoi."""
    return datetime(year, month, day, 17, tzinfo=UTC)


def run(life: Walk, at: datetime) -> list[tuple[str, Action]]:
    return service.run_deadlines(life.database.sessions, now=at, policy=NEVER)


@pytest.fixture
def life(database: Database, store: FolderStore) -> Walk:
    walk = Walk(database, opened(database, store).case_id)
    walk.now = walk.case().opened_at
    return walk


def test_clocks_of_a_device_case(life: Walk) -> None:
    assert set(clocks(life)) == {"time_bar", "notice"}
    assert clocks(life)["time_bar"] == last_day(2027, 11, 20)  # a year from the act, not from its detection
    life.take(LAN, A.CONFIRM)
    life.now = NOON + timedelta(days=10)
    life.take(HOA, A.SEND_NOTICE)  # Monday 30 November
    assert clocks(life) == {"time_bar": last_day(2027, 11, 20), "response": last_day(2026, 12, 20)}
    life.take(HOA, A.IDENTIFY)
    assert set(clocks(life)) == {"time_bar", "response", "record", "record_target"}
    assert clocks(life)["record_target"] == last_day(2026, 12, 3)
    assert clocks(life)["record"] == last_day(2026, 12, 7)
    life.take(HOA, A.MAKE_RECORD)
    assert clocks(life) == {"time_bar": last_day(2027, 11, 20), "decision": last_day(2026, 12, 9)}
    life.take(HOA, A.AWAIT_EXPLANATION, reason="oral")
    assert clocks(life)["decision_explained"] == last_day(2026, 12, 30)
    assert clocks(life)["explain_oral"] == last_day(2026, 12, 2)
    for who, action in ((HOA, A.SUBMIT), (KY, A.SIGN), (HOA, A.ISSUE)):
        life.take(who, action)
    assert clocks(life) == {"serve": last_day(2026, 12, 3), "execution_bar": last_day(2027, 11, 30)}
    life.take(HOA, A.SERVE)
    assert set(clocks(life)) == {"comply", "execution_bar"}
    life.take(HOA, A.PAY)
    assert clocks(life) == {}


def test_owner_who_does_not_come_within_twenty_days_is_noted_by_itself(life: Walk) -> None:
    life.take(LAN, A.CONFIRM)
    life.take(HOA, A.SEND_NOTICE)
    end = clocks(life)["response"]
    assert run(life, end - timedelta(seconds=1)) == []
    assert run(life, end) == [(life.case_id, A.NO_RESPONSE)]
    assert life.case().state is State.NORESP
    assert run(life, end) == []  # once


def test_time_bar_ends_what_was_not_decided(life: Walk) -> None:
    life.claim(LAN)  # no claim holds it up
    assert run(life, last_day(2027, 11, 20)) == [(life.case_id, A.EXPIRE)]
    case = life.case()
    assert (case.state, case.assignee, case.decided_at) == (State.EXPIRED, None, last_day(2027, 11, 20))
    assert clocks(life) == {}


def test_reopening_starts_the_clocks_again(life: Walk) -> None:
    life.take(LAN, A.REJECT)
    assert clocks(life) == {}
    life.take(CHIEF, A.REOPEN)
    assert set(clocks(life)) == {"time_bar", "notice"}


def test_citizens_reports_have_no_ten_days(sqlite: Database, store: FolderStore) -> None:
    life = Walk(sqlite, opened(sqlite, store, source="citizen").case_id)
    assert set(clocks(life)) == {"time_bar"}


def test_pressing_ones_are_listed_earliest_first_and_by_ward(database: Database, store: FolderStore) -> None:
    for number in range(3):
        opened(database, store, number)
    opened(database, store, 3, ward="Ba Đình", camera_id="CAM-2")
    with write_transaction(database.sessions) as session:
        for index, due in enumerate(session.query(Due).filter(Due.code == "notice").order_by(Due.id)):
            due.due_at, due.warn_at = NOON + timedelta(days=index), NOON + timedelta(days=index - 3)

    def listed(actor: Actor, day: int, **how: object) -> list[str]:
        now = NOON + timedelta(days=day)
        rows = list_due(database.sessions, actor=actor, now=now, **how)  # type: ignore[arg-type]
        return [f"{row.due.code} {row.case.ward}" for row in rows]

    assert listed(LAN, -4) == []
    assert listed(LAN, -2) == ["notice Hoàn Kiếm"] * 2
    assert listed(ELSEWHERE, 5) == ["notice Ba Đình"]
    assert len(listed(LAN, 0, pressing_only=False)) == 8
    assert listed(LAN, 0, pressing_only=False, code="time_bar", limit=2) == ["time_bar Hoàn Kiếm"] * 2
    first = list_due(database.sessions, actor=LAN, now=NOON, pressing_only=False, limit=3)
    after = (first[-1].due.due_at, first[-1].due.id)
    rest = list_due(database.sessions, actor=LAN, now=NOON, pressing_only=False, after=after)
    ids = [row.due.id for row in [*first, *rest]]
    assert len(ids) == len(set(ids)) == 8
    system = Actor(name="system", role=Role.AUDITOR)
    assert count_pressing(database.sessions, actor=system, now=NOON + timedelta(days=1)) == {"notice": (2, 2)}
    with pytest.raises(Exception, match="administrator may not"):
        listed(ADMIN, 0)


def test_cases_of_earlier_software_get_their_clocks(life: Walk) -> None:
    with write_transaction(life.database.sessions) as session:
        session.query(Due).delete()
    assert service.run_deadlines(life.database.sessions, now=NOON, policy=NEVER, adopt=True) == []
    assert set(clocks(life)) == {"time_bar", "notice"}
    with write_transaction(life.database.sessions) as session:
        assert session.query(Case).count() == 1
        assert session.query(Due).count() == 2


def test_closed_cases_of_earlier_software_do_not_keep_open_ones_from_their_clocks(life: Walk) -> None:
    life.take(LAN, Action.REJECT)
    life.take(HOA, Action.CLOSE)
    with write_transaction(life.database.sessions) as session:
        session.query(Due).delete()
        assert without_clocks(session, limit=1) == []
