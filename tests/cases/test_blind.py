"""The next case, second looks that seem new cases, known answers, and what they say about officers and rules."""

from datetime import timedelta
from typing import Any

import pytest

from cases import service
from cases.actor import Actor
from cases.agreement import agreement, kappa, precision, wilson
from cases.database import Database, read_transaction
from cases.evidence import FolderStore
from cases.faults import BadReasonError, IllegalMoveError, NotPermittedError, StaleError
from cases.known import drop_answer, list_answers, set_answer
from cases.lifecycle import MOVES, Action, Role, State
from cases.next import next_case
from cases.policy import Policy
from cases.queue import Filter, list_cases
from cases.records import BlindReview, Case
from detector.types import ObjectClass
from tests.cases.builders import ADMIN, AUDITOR, CHIEF, ELSEWHERE, LAN, MINH, NOON, opened
from tests.cases.walking import NEVER, Walk

A = Action
ALWAYS = Policy(known_share=0.0, blind_share=1.0, draw=lambda: 0.0)
KNOWN = Policy(known_share=0.5, blind_share=0.0, draw=lambda: 0.0)
LATER = NOON + timedelta(hours=2)


def taken(database: Database, actor: Actor, policy: Policy = NEVER, *, holding: tuple[str, ...] = ()) -> Case | None:
    return next_case(database.sessions, actor=actor, now=LATER, lease_s=900, holding=holding, policy=policy)


def answered(
    database: Database, case: Case, actor: Actor, action: Action, reason: str, *, version: int = 1, **more: Any
) -> Case:
    choice = service.Choice(action=action, reason=reason, note="ghi rõ", **more)
    how = {"case_id": case.id, "actor": actor, "expected_version": version, "now": LATER, "policy": ALWAYS}
    return service.carry_out(database.sessions, choice=choice, **how)


def looks(database: Database) -> list[BlindReview]:
    with read_transaction(database.sessions) as session:
        return list(session.query(BlindReview).order_by(BlindReview.id))


def test_oldest_first_and_never_the_same_twice(database: Database, store: FolderStore) -> None:
    ids = [opened(database, store, number).case_id for number in range(4)]
    opened(database, store, 5, ward="Ba Đình", camera_id="CAM-2")
    first = taken(database, LAN)
    assert first is not None
    assert (first.id, first.assignee) == (ids[0], "lan")
    again = taken(database, LAN)
    assert again is not None
    assert again.id == ids[0]  # a page loaded anew goes on where it was
    ahead = taken(database, LAN, holding=(ids[0],))
    assert ahead is not None
    assert ahead.id == ids[1]
    other = taken(database, MINH)
    assert other is not None
    assert other.id == ids[2]
    elsewhere = taken(database, ELSEWHERE)
    assert elsewhere is not None
    assert elsewhere.ward == "Ba Đình"
    with pytest.raises(NotPermittedError):
        taken(database, AUDITOR)
    with pytest.raises(NotPermittedError):
        taken(database, ADMIN)


def test_cases_awaiting_a_second_officer_go_to_another_and_first(sqlite: Database, store: FolderStore) -> None:
    older = opened(sqlite, store, 0).case_id
    dear = opened(sqlite, store, 1, vehicle=ObjectClass.CAR).case_id
    assert Walk(sqlite, dear).take(LAN, A.CONFIRM).state is State.SECOND
    mine, others = taken(sqlite, LAN), taken(sqlite, MINH)
    assert mine is not None
    assert others is not None
    assert (mine.id, others.id) == (older, dear)


def test_nothing_left_is_none(sqlite: Database) -> None:
    assert taken(sqlite, LAN) is None


def test_second_look_shows_the_case_as_new_and_moves_nothing(database: Database, store: FolderStore) -> None:
    walk = Walk(database, opened(database, store).case_id, policy=ALWAYS)
    walk.take(LAN, A.CONFIRM, offence_id="nd168-7-3-d")
    assert taken(database, LAN, ALWAYS) is None  # not one's own
    case = taken(database, MINH, ALWAYS)
    assert case is not None
    shown = service.get_case(database.sessions, case_id=case.id, actor=MINH)
    for seen in (case, shown):
        assert (seen.id, seen.state, seen.version, seen.decided_at) == (walk.case_id, State.NEW, 1, None)
        assert (seen.confirmed_by, seen.last_actor, seen.offence_id) == (None, None, "nd168-7-7-a-wrong-way")
        assert seen.assignee == "minh"
    assert len(service.history(database.sessions, case_id=case.id, actor=MINH)) == 1
    (row,) = list_cases(database.sessions, actor=MINH, where=Filter()).cases
    assert (row.state, row.version) == (State.NEW, 1)
    (row,) = list_cases(database.sessions, actor=LAN, where=Filter()).cases
    assert (row.state, row.version) == (State.CONFIRMED, 2)
    with pytest.raises(StaleError):
        walk.take(MINH, A.REJECT)  # the real version is not the one shown
    assert taken(database, MINH, ALWAYS) is not None  # that claim has run out meanwhile
    after = answered(database, case, MINH, A.REJECT, "no_violation")
    assert (after.state, after.version, after.last_actor) == (State.REJECTED, 2, "minh")
    assert (walk.case().state, walk.case().version) == (State.CONFIRMED, 2)
    (look,) = looks(database)
    assert (look.purpose, look.first_officer, look.first_verdict) == ("repeat", "lan", "violation")
    assert (look.officer, look.verdict, look.reason) == ("minh", "no_violation", "no_violation")
    assert taken(database, MINH, ALWAYS) is None  # once


def test_second_look_is_worked_on_like_any_case(sqlite: Database, store: FolderStore) -> None:
    walk = Walk(sqlite, opened(sqlite, store).case_id, policy=ALWAYS)
    walk.take(LAN, A.REJECT)
    case = taken(sqlite, MINH, ALWAYS)
    assert case is not None
    assert service.release(sqlite.sessions, case_id=case.id, actor=MINH, now=LATER).assignee is None
    with pytest.raises(IllegalMoveError, match="nobody holds it"):
        answered(sqlite, case, MINH, A.CONFIRM, "verified")
    again = taken(sqlite, MINH, ALWAYS)
    assert again is not None
    assert (again.id, again.state) == (case.id, State.NEW)
    amended = answered(sqlite, case, MINH, A.AMEND, "no_circumstance", offence_id="nd168-7-3-d")
    assert (amended.version, amended.offence_id, walk.case().offence_id) == (2, "nd168-7-3-d", "nd168-7-7-a-wrong-way")
    doubted = answered(sqlite, case, MINH, A.CHECK, MOVES[A.CHECK].reasons[0], version=2)
    assert (doubted.state, doubted.assignee, looks(sqlite)[0].verdict) == (State.CHECK, "minh", "cannot_tell")
    answered(sqlite, case, MINH, A.CONFIRM, "verified", version=3)
    assert looks(sqlite)[0].verdict == "violation"
    back = service.undo(
        sqlite.sessions, case_id=case.id, actor=MINH, expected_version=4, now=LATER, lease_s=900, policy=ALWAYS
    )
    assert (back.state, back.version, looks(sqlite)[0].verdict) == (State.CHECK, 5, "cannot_tell")
    answered(sqlite, case, MINH, A.REJECT, "no_violation", version=5)
    assert (looks(sqlite)[0].verdict, looks(sqlite)[0].reason) == ("no_violation", "no_violation")
    told = [row.action for row in service.history(sqlite.sessions, case_id=case.id, actor=MINH)]
    assert told == [A.DETECT, A.AMEND, A.CHECK, A.CONFIRM, A.UNDO, A.REJECT]
    assert [row.action for row in service.history(sqlite.sessions, case_id=case.id, actor=LAN)] == [A.DETECT, A.REJECT]


def test_dear_second_look_asks_for_a_second_officer_as_any_would(sqlite: Database, store: FolderStore) -> None:
    walk = Walk(sqlite, opened(sqlite, store, vehicle=ObjectClass.CAR).case_id, policy=ALWAYS)
    walk.take(LAN, A.REJECT)
    case = taken(sqlite, MINH, ALWAYS)
    assert case is not None
    after = answered(sqlite, case, MINH, A.CONFIRM, "verified")
    assert (after.state, after.confirmed_by, looks(sqlite)[0].verdict) == (State.SECOND, "minh", "violation")
    assert taken(sqlite, MINH, ALWAYS) is None


def test_looks_go_to_officers_who_know_nothing_of_the_case(sqlite: Database, store: FolderStore) -> None:
    walk = Walk(sqlite, opened(sqlite, store).case_id, policy=ALWAYS)
    walk.take(LAN, A.REJECT)
    handler = Actor(name="hoa", role=Role.HANDLER)
    assert taken(sqlite, handler, ALWAYS) is None
    assert taken(sqlite, CHIEF, ALWAYS) is None
    soon = walk.now - timedelta(minutes=1) + timedelta(seconds=5)
    assert next_case(sqlite.sessions, actor=MINH, now=soon, lease_s=900, policy=ALWAYS) is None  # may be undone still
    service.record_view(sqlite.sessions, case_id=walk.case_id, actor=MINH, view="case", now=LATER)
    assert taken(sqlite, MINH, ALWAYS) is None
    third = Actor(name="binh", role=Role.OFFICER)
    assert taken(sqlite, third, ALWAYS) is not None


def test_undoing_a_judgement_takes_its_second_look_away(sqlite: Database, store: FolderStore) -> None:
    walk = Walk(sqlite, opened(sqlite, store).case_id, policy=ALWAYS)
    walk.take(LAN, A.REJECT)
    assert len(looks(sqlite)) == 1
    walk.undo(LAN)
    assert looks(sqlite) == []


def test_known_answers_are_met_as_new_cases_once_by_each(sqlite: Database, store: FolderStore) -> None:
    walk = Walk(sqlite, opened(sqlite, store).case_id)
    walk.take(LAN, A.REJECT)
    for actor in (LAN, AUDITOR, ADMIN):
        with pytest.raises(NotPermittedError):
            set_answer(sqlite.sessions, actor=actor, case_id=walk.case_id, verdict="violation", note="", now=LATER)
    with pytest.raises(BadReasonError, match="expected one of"):
        set_answer(sqlite.sessions, actor=CHIEF, case_id=walk.case_id, verdict="maybe", note="", now=LATER)
    with pytest.raises(BadReasonError, match="say in words why"):
        set_answer(sqlite.sessions, actor=CHIEF, case_id=walk.case_id, verdict="violation", note=" ", now=LATER)
    set_answer(sqlite.sessions, actor=CHIEF, case_id=walk.case_id, verdict="no_violation", note="x", now=LATER)
    assert taken(sqlite, LAN, KNOWN) is None  # judged it before
    case = taken(sqlite, MINH, KNOWN)
    assert case is not None
    assert (case.id, case.state, case.version) == (walk.case_id, State.NEW, 1)
    answered(sqlite, case, MINH, A.CONFIRM, "verified")
    assert taken(sqlite, MINH, KNOWN) is None
    (row,) = (one for one in agreed(sqlite) if one.kind == "all")
    assert (row.officer, row.pairs, row.kappa, row.known, row.known_right) == ("minh", 0, None, 1, 0)
    assert [one.case_id for one in list_answers(sqlite.sessions, actor=AUDITOR)] == [walk.case_id]
    drop_answer(sqlite.sessions, actor=CHIEF, case_id=walk.case_id, now=LATER)
    assert list_answers(sqlite.sessions, actor=CHIEF) == []


def agreed(database: Database) -> list:  # type: ignore[type-arg]
    day = timedelta(days=1)
    return agreement(database.sessions, actor=CHIEF, from_at=LATER - day, to_at=LATER + day)


def test_agreement_per_officer_and_kind(sqlite: Database, store: FolderStore) -> None:
    for number, verdict in enumerate(("no_violation", "no_violation", "insufficient_grounds", "permit")):
        walk = Walk(sqlite, opened(sqlite, store, number).case_id, policy=ALWAYS)
        walk.take(LAN, A.REJECT if number < 2 else A.CONFIRM)
        case = taken(sqlite, MINH, ALWAYS)
        assert case is not None
        right = number != 3
        confirm = (number >= 2) is right
        answered(sqlite, case, MINH, A.CONFIRM if confirm else A.REJECT, "verified" if confirm else verdict)
    rows = {(row.officer, row.kind): row for row in agreed(sqlite)}
    assert set(rows) == {("lan", "all"), ("lan", "wrong_way"), ("minh", "all"), ("minh", "wrong_way")}
    assert (rows["lan", "all"].pairs, rows["lan", "all"].agreed, rows["lan", "all"].kappa) == (4, 3, 0.5)


@pytest.mark.parametrize(
    ("label", "pairs", "expected"),
    [
        ("none", [], None),
        ("both always say the same", [("a", "a")] * 5, None),
        ("perfect", [("a", "a"), ("b", "b")], 1.0),
        ("the opposite", [("a", "b"), ("b", "a")], -1.0),
        (
            "Cohen's own measure by hand",
            [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15,
            0.4,
        ),
    ],
)
def test_kappa(label: str, pairs: list[tuple[str, str]], expected: float | None) -> None:
    assert kappa(pairs) == (None if expected is None else pytest.approx(expected))


def test_wilson_against_a_published_value() -> None:
    low, high = wilson(84, 120)
    assert (low, high) == (pytest.approx(0.6127, abs=2e-4), pytest.approx(0.7748, abs=2e-4))
    assert wilson(0, 3)[0] == 0.0
    assert wilson(3, 3)[1] == pytest.approx(1.0)


def test_precision_names_what_to_fix_worst_first(sqlite: Database, store: FolderStore) -> None:
    for number in range(6):
        camera = "CAM-BAD" if number < 4 else "CAM-GOOD"
        walk = Walk(sqlite, opened(sqlite, store, number, camera_id=camera).case_id)
        if number < 3:
            walk.take(LAN, A.REJECT, reason="diversion")
        else:
            walk.take(LAN, A.CONFIRM)
    back = Walk(sqlite, opened(sqlite, store, 6, camera_id="CAM-GOOD").case_id)
    back.take(LAN, A.REJECT, reason="diversion")
    back.undo(LAN)  # a slip of the finger says nothing of the camera
    again = Walk(sqlite, opened(sqlite, store, 7, camera_id="CAM-BAD").case_id)
    again.take(LAN, A.CANNOT_TELL)
    again.undo(LAN)
    again.take(LAN, A.REJECT, reason="diversion")
    day = timedelta(days=1)
    rows = precision(sqlite.sessions, actor=AUDITOR, from_at=NOON - day, to_at=NOON + day)
    assert [(row.camera_id, row.judged, row.confirmed) for row in rows] == [("CAM-BAD", 5, 1), ("CAM-GOOD", 2, 2)]
    assert (rows[0].main_reason, rows[0].fix) == ("diversion", "suspension_of_zone")
    assert (rows[1].main_reason, rows[1].fix) == (None, None)
    with pytest.raises(NotPermittedError):
        precision(sqlite.sessions, actor=LAN, from_at=NOON, to_at=NOON)
    with pytest.raises(IllegalMoveError):
        Walk(sqlite, opened(sqlite, store, 9).case_id).undo(LAN)
