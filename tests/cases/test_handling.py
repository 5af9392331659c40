"""From detection to the archive: every step by its role, second officers, signing powers, undoing, amending."""

from datetime import datetime, timedelta

import pytest

from cases import service
from cases.actor import Actor
from cases.chain import chain_faults
from cases.database import Database, read_transaction
from cases.evidence import FolderStore
from cases.faults import BadReasonError, IllegalMoveError, NotPermittedError
from cases.lifecycle import DEADLINES, MOVES, Action, State, Track
from cases.permission import allowed_actions
from cases.records import Decision
from cases.roles import Role
from cases.verification import verify_case
from detector.types import ObjectClass
from tests.cases.builders import AUDITOR, CHIEF, LAN, MINH
from tests.cases.walking import DIRECTOR, HOA, KY, PHUONG, walk

A = Action
CAR_WRONG_WAY = {"vehicle": ObjectClass.CAR}
"""19 million: two officers confirm it."""


def test_whole_life(database: Database, store: FolderStore) -> None:
    life = walk(database, store)
    steps = [
        (LAN, A.CHECK, State.CHECK), (LAN, A.CONFIRM, State.CONFIRMED), (HOA, A.SEEK_OWNER, State.OWNER),
        (HOA, A.SEND_NOTICE, State.NOTICED), (HOA, A.NO_RESPONSE, State.NORESP), (HOA, A.PLACE_WARNING, State.WARNED),
        (HOA, A.IDENTIFY, State.WARNED), (HOA, A.MAKE_RECORD, State.RECORD), (HOA, A.AWAIT_EXPLANATION, State.EXPLAIN),
        (CHIEF, A.EXTEND, State.EXPLAIN), (HOA, A.SUBMIT, State.TOSIGN), (KY, A.SEND_BACK, State.RECORD),
        (HOA, A.SUBMIT, State.TOSIGN), (KY, A.SIGN, State.SIGNED), (HOA, A.ISSUE, State.DECIDED),
        (HOA, A.SERVE, State.SERVED), (HOA, A.ENFORCE, State.FORCE), (HOA, A.APPEAL, State.APPEAL),
        (CHIEF, A.UPHOLD, State.FORCE), (HOA, A.PAY, State.PAID), (HOA, A.LIFT_WARNING, State.PAID),
        (HOA, A.CLOSE, State.CLOSED),
    ]  # fmt: skip
    for actor, action, state in steps:
        assert life.take(actor, action).state is state
    rows = service.history(database.sessions, case_id=life.case_id, actor=AUDITOR)
    assert [row.action for row in rows][1:] == [action for _, action, _ in steps]
    report = verify_case(database.sessions, store, case_id=life.case_id)
    assert report.intact, str(report)
    assert service.clocks(database.sessions, case_id=life.case_id, actor=AUDITOR) == []


@pytest.mark.parametrize(
    ("before", "runs"),
    [((), {"serve", "execution_bar"}), ((A.SERVE,), {"comply", "execution_bar"}), ((A.SERVE, A.PAY), set())],
    ids=["not yet served", "served", "paid"],
)
def test_an_upheld_decision_goes_on_where_it_was_and_its_clocks_run_on(
    sqlite: Database, store: FolderStore, before: tuple[Action, ...], runs: set[str]
) -> None:
    life = walk(sqlite, store)
    life.take(LAN, A.CONFIRM)
    for actor, action in ((HOA, A.SEEK_OWNER), (HOA, A.MAKE_RECORD), (HOA, A.SUBMIT), (KY, A.SIGN), (HOA, A.ISSUE)):
        life.take(actor, action)
    for action in before:
        life.take(HOA, action)

    def clocks() -> dict[str, datetime]:
        return {due.code: due.due_at for due in service.clocks(sqlite.sessions, case_id=life.case_id, actor=AUDITOR)}

    stood, ran = life.case().state, clocks()
    assert set(ran) == runs
    assert life.take(HOA, A.APPEAL).state is State.APPEAL
    assert clocks() == ran
    assert life.take(CHIEF, A.UPHOLD).state is stood
    assert clocks() == ran
    life.take(HOA, A.APPEAL, reason="lawsuit")
    assert life.take(CHIEF, A.ANNUL).state is State.CLOSED
    assert clocks() == {}


def test_table_leaves_no_state_without_a_way_on_and_no_role_outside_its_work() -> None:
    for state in State:
        leaving = [move for move in MOVES.values() if state in move.from_states and move.to_state is not state]
        assert leaving or state is State.CLOSED, state
    for move in MOVES.values():
        assert not move.roles & {Role.ADMINISTRATOR, Role.AUDITOR, Role.OPERATOR}, move.action
    for deadline in DEADLINES.values():
        if deadline.expiry is not None:
            assert MOVES[deadline.expiry].by_system
            assert deadline.runs_in <= MOVES[deadline.expiry].from_states


def test_citizens_pictures_are_verified_before_they_count(sqlite: Database, store: FolderStore) -> None:
    life = walk(sqlite, store, source="community")
    assert A.CONFIRM not in allowed_actions(
        state=State.NEW, role=Role.OFFICER, reminder_only=False, track=Track.CITIZEN
    )
    with pytest.raises(IllegalMoveError, match="confirm: not allowed in state NEW"):
        life.take(LAN, A.CONFIRM)
    life.take(LAN, A.CHECK)
    assert life.take(LAN, A.CONFIRM).state is State.CONFIRMED


def test_dear_cases_need_a_second_officer(database: Database, store: FolderStore) -> None:
    life = walk(database, store, **CAR_WRONG_WAY)
    assert life.take(LAN, A.CONFIRM).state is State.SECOND
    with pytest.raises(IllegalMoveError, match="nothing is left to do"):
        life.take(LAN, A.CONFIRM)
    assert life.open_to(LAN) == (A.AMEND,)
    assert A.CONFIRM in life.open_to(MINH)
    case = life.take(MINH, A.CONFIRM)
    assert (case.state, case.confirmed_by) == (State.CONFIRMED, "lan")


def test_second_officer_may_disagree_and_it_starts_over(sqlite: Database, store: FolderStore) -> None:
    life = walk(sqlite, store, **CAR_WRONG_WAY)
    life.take(LAN, A.CONFIRM)
    assert life.take(MINH, A.CHECK).confirmed_by is None
    assert life.take(MINH, A.CONFIRM).state is State.SECOND
    assert life.take(LAN, A.REJECT).state is State.REJECTED


def test_who_cannot_tell_hands_on_and_one_clear_look_is_not_two(sqlite: Database, store: FolderStore) -> None:
    life = walk(sqlite, store, **CAR_WRONG_WAY)
    assert life.take(LAN, A.CANNOT_TELL).state is State.SECOND
    with pytest.raises(IllegalMoveError, match="nothing is left to do"):
        life.take(LAN, A.REJECT)
    assert life.take(MINH, A.CONFIRM).state is State.SECOND
    assert life.take(LAN, A.CONFIRM).state is State.CONFIRMED


SUBMITTED = (A.SEND_NOTICE, A.IDENTIFY, A.MAKE_RECORD, A.SUBMIT)


@pytest.mark.parametrize(
    ("label", "signer", "dear", "says"),
    [
        ("team chief, 19 million", KY, True, None),
        ("director", DIRECTOR, True, None),
        ("commune chief, wrong way", PHUONG, False, "Trưởng Công an cấp xã may not sign 7.7.a"),
        ("signer without title", Actor(name="x", role=Role.SIGNER), False, "without a title"),
        (
            "an officer on duty, 19 million",
            Actor(name="y", role=Role.SIGNER, title="soldier"),
            True,
            "may not sign 6.9.d",
        ),
        ("handler", HOA, False, "a handler may not"),
        ("who confirmed it", Actor(name="lan", role=Role.SIGNER, title="city_director"), False, "another person signs"),
    ],
)
def test_only_who_has_the_power_signs(
    sqlite: Database, store: FolderStore, label: str, signer: Actor, dear: bool, says: str | None
) -> None:
    life = walk(sqlite, store, **(CAR_WRONG_WAY if dear else {}))
    life.take(LAN, A.CONFIRM)
    if dear:
        life.take(MINH, A.CONFIRM)
    for action in SUBMITTED:
        life.take(HOA, action)
    assert A.SIGN not in life.open_to(signer), "no draft of the decision yet"
    life.provide(A.SIGN)
    assert (A.SIGN in life.open_to(signer)) is (says is None)
    if says is None:
        assert life.take(signer, A.SIGN).state is State.SIGNED
        return
    with pytest.raises(NotPermittedError, match=says):
        life.take(signer, A.SIGN)


def test_amending_changes_clause_amount_and_unit_and_keeps_the_range(database: Database, store: FolderStore) -> None:
    life = walk(database, store)
    assert (life.case().offence_id, life.case().unit) == ("nd168-7-7-a-wrong-way", "city")
    life.claim(LAN)
    case = life.take(LAN, A.AMEND, reason="other_clause", offence_id="nd168-7-3-d")
    assert (case.amount_vnd, case.unit, case.state) == (700_000, "city", State.NEW)
    case = life.take(LAN, A.AMEND, reason="mitigating_more", amount_vnd=600_000)
    assert (case.amount_vnd, case.offence_id) == (600_000, "nd168-7-3-d")
    case = life.take(LAN, A.AMEND, reason="other_clause", subject="organisation")
    assert (case.amount_vnd, case.offence["subject"]) == (1_400_000, "organisation")  # type: ignore[index]
    with pytest.raises(BadReasonError, match="1200000 to 1600000"):
        life.take(LAN, A.AMEND, amount_vnd=600_000)
    with pytest.raises(BadReasonError, match="none for this act"):
        life.take(LAN, A.AMEND, offence_id="nd168-6-9-d")
    with pytest.raises(BadReasonError, match="belong to confirm and amend"):
        life.take(LAN, A.REJECT, amount_vnd=600_000)
    assert verify_case(database.sessions, store, case_id=life.case_id).intact


def test_undo_puts_everything_back_and_stays_in_the_log(database: Database, store: FolderStore) -> None:
    life = walk(database, store)
    before = life.case()
    clocks = service.clocks(database.sessions, case_id=life.case_id, actor=AUDITOR)
    life.take(LAN, A.CONFIRM, offence_id="nd168-7-3-d")
    case = life.undo(LAN)
    assert (case.state, case.version, case.assignee) == (State.NEW, 3, "lan")
    for name in ("offence_id", "offence", "amount_vnd", "confirmed_by", "decided_at", "duplicate_of"):
        assert getattr(case, name) == getattr(before, name), name
    again = service.clocks(database.sessions, case_id=life.case_id, actor=AUDITOR)
    assert [(due.code, due.due_at) for due in again] == [(due.code, due.due_at) for due in clocks]
    life.take(LAN, A.REJECT)
    assert life.undo(LAN).state is State.NEW
    rows = service.history(database.sessions, case_id=life.case_id, actor=AUDITOR)
    assert [row.action for row in rows] == [A.DETECT, A.CONFIRM, A.UNDO, A.REJECT, A.UNDO]
    with read_transaction(database.sessions) as session:
        assert chain_faults(session, Decision) == []
    assert verify_case(database.sessions, store, case_id=life.case_id).intact


@pytest.mark.parametrize(
    ("label", "who", "after_s", "says"),
    [("too late", LAN, 10.5, "10 s have passed"), ("another's", MINH, 1, "minh can take back")],
)
def test_undo_is_for_ones_own_fresh_decision(
    sqlite: Database, store: FolderStore, label: str, who: Actor, after_s: float, says: str
) -> None:
    life = walk(sqlite, store)
    life.take(LAN, A.CONFIRM)
    with pytest.raises(IllegalMoveError, match=says):
        life.undo(who, after_s=after_s)
    assert life.case().state is State.CONFIRMED


def test_second_officer_who_takes_back_may_judge_anew(sqlite: Database, store: FolderStore) -> None:
    life = walk(sqlite, store, **CAR_WRONG_WAY)
    life.take(LAN, A.CONFIRM)
    life.take(MINH, A.CONFIRM)
    case = life.undo(MINH)
    assert (case.state, case.last_actor, case.confirmed_by) == (State.SECOND, "lan", "lan")
    assert A.REJECT in life.open_to(MINH)
    assert life.take(MINH, A.REJECT).state is State.REJECTED
    assert verify_case(sqlite.sessions, store, case_id=life.case_id).intact


def test_undo_does_not_reach_a_sent_notice_or_the_detection(sqlite: Database, store: FolderStore) -> None:
    life = walk(sqlite, store)
    with pytest.raises(IllegalMoveError, match="take back"):
        life.undo(LAN)
    life.take(LAN, A.CONFIRM)
    life.take(HOA, A.SEND_NOTICE)
    with pytest.raises(IllegalMoveError, match="take back"):
        life.undo(HOA)


def test_exceptions_must_be_looked_for_before_confirming(sqlite: Database, store: FolderStore) -> None:
    life = walk(sqlite, store)
    with pytest.raises(BadReasonError, match="look for priority_vehicle, controller_directed, diversion"):
        life.take(LAN, A.CONFIRM, considered=("diversion",))
    life.take(LAN, A.CONFIRM, considered=("priority_vehicle", "controller_directed", "diversion"))
    last = service.history(sqlite.sessions, case_id=life.case_id, actor=AUDITOR)[-1]
    assert last.details["considered"] == ["controller_directed", "diversion", "priority_vehicle"]


def test_outside_systems_move_only_what_the_table_lets_them(sqlite: Database, store: FolderStore) -> None:
    life = walk(sqlite, store)

    def advance(action: Action, reason: str) -> bool:
        return service.advance(
            sqlite.sessions, case_id=life.case_id, action=action, reason=reason, now=life.now, note="x"
        )

    with pytest.raises(NotPermittedError, match="people take it"):
        advance(A.CONFIRM, "verified")
    assert not advance(A.OBJECT, "dispute")  # no notice was sent
    life.take(LAN, A.CONFIRM)
    life.take(HOA, A.SEND_NOTICE)
    assert advance(A.OBJECT, "dispute")
    assert (life.case().state, life.case().last_actor) == (State.CHECK, "system")
    life.now += timedelta(hours=1)
    assert life.take(MINH, A.REJECT).state is State.REJECTED


def test_a_confirmed_case_whose_amount_grows_beyond_one_officer_awaits_a_second(
    database: Database, store: FolderStore
) -> None:
    """Wrong way by a car: on a two-way road one officer's amount, in a one-way street two officers'."""
    life = walk(database, store, vehicle=ObjectClass.CAR)
    dear, cheap = life.case().offence_id, "nd168-6-5-b"
    assert life.take(LAN, A.CONFIRM, offence_id=cheap).state is State.CONFIRMED
    life.take(HOA, A.SEEK_OWNER)
    case = life.take(HOA, A.AMEND, reason="other_clause", offence_id=dear)
    assert (case.state, case.confirmed_by) == (State.SECOND, "hoa")
    assert life.take(MINH, A.CONFIRM).state is State.CONFIRMED
    assert life.take(HOA, A.AMEND, reason="mitigating_one").state is State.CONFIRMED, "dear before, two confirmed it"
    assert verify_case(database.sessions, store, case_id=life.case_id).intact


def test_who_lifts_an_amount_is_not_the_second_officer_for_it(database: Database, store: FolderStore) -> None:
    life = walk(database, store, vehicle=ObjectClass.CAR)
    dear = life.case().offence_id
    life.take(LAN, A.CONFIRM, offence_id="nd168-6-5-b")
    assert life.take(MINH, A.AMEND, reason="other_clause", offence_id=dear).state is State.SECOND
    assert A.CONFIRM not in life.open_to(MINH)
    assert life.take(LAN, A.CONFIRM).state is State.CONFIRMED
