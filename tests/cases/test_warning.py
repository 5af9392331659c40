"""A wrong notice, record, result sheet or warning is taken back alone, and nothing runs on upon a void paper."""

import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import service
from cases.calendar import HANOI
from cases.database import Database, open_database, read_transaction, sqlite_url
from cases.evidence import FolderStore
from cases.faults import IllegalMoveError, VoidPaperError, WarningStandsError
from cases.lifecycle import DEADLINES, MOVES, WARNING_STANDS, Action, State
from cases.moving import beneath
from cases.notice.issue import ISSUED_IN, documents
from cases.notice.void import voided
from cases.openness import openness
from cases.permission import allowed_actions
from cases.records import Decision, DocumentKind
from cases.verification import verify_case
from cases.warning import warned
from cases.wording import WRONG
from detector.types import CaseError
from tests.cases.builders import AUDITOR, CHIEF, LAN, MINH, opened
from tests.cases.papers import lay_down
from tests.cases.walking import HOA, KY, Walk

A, S, K = Action, State, DocumentKind
LIVES = int(os.environ.get("PHATNGUOI_LIVES", "3"))
"""How many random lives; `PHATNGUOI_LIVES=200` for the long run."""
TO_WARNED = (A.SEND_NOTICE, A.NO_RESPONSE, A.PLACE_WARNING)
TO_EXPLAIN = (A.SEEK_OWNER, A.MAKE_RECORD, A.AWAIT_EXPLANATION)


def handled(database: Database, store: FolderStore, *steps: Action, number: int = 0) -> Walk:
    """A confirmed case that a handler has brought so far."""
    life = Walk(database, opened(database, store, number).case_id)
    life.take(LAN, A.CONFIRM)
    for action in steps:
        life.take(HOA, action)
    return life


def void(life: Walk) -> set[DocumentKind]:
    sessions = life.database.sessions
    rows = documents(sessions, case_id=life.case_id, actor=HOA)
    return {row.kind for row in rows if row.id in voided(sessions, rows)}


def log(life: Walk) -> list[Decision]:
    return service.history(life.database.sessions, case_id=life.case_id, actor=AUDITOR)


def clocks(life: Walk) -> dict[str, str]:
    running = service.clocks(life.database.sessions, case_id=life.case_id, actor=AUDITOR)
    return {due.code: f"{(due.due_at - timedelta(seconds=1)).astimezone(HANOI):%Y-%m-%d}" for due in running}


def today(life: Walk) -> str:
    return f"{life.now.astimezone(HANOI):%Y-%m-%d}"


def test_a_wrong_warning_is_lifted_and_placed_anew_upon_its_notice(sqlite: Database, store: FolderStore) -> None:
    life = handled(sqlite, store, *TO_WARNED)
    case = life.take(HOA, A.LIFT_WARNING, reason="warning_wrong", note="Công văn 12/CSGT ngày 11/12/2026")
    assert (case.state, void(life), "lift_warning" in clocks(life)) == (S.NORESP, set(), False)
    assert (log(life)[-1].note, log(life)[-1].from_state) == ("Công văn 12/CSGT ngày 11/12/2026", S.WARNED)
    with pytest.raises(IllegalMoveError, match="no warning stands"):
        life.take(HOA, A.LIFT_WARNING)
    assert A.LIFT_WARNING not in life.open_to(HOA)
    assert life.take(HOA, A.PLACE_WARNING).state is S.WARNED


def test_a_wrong_notice_beneath_a_warning_is_replaced_without_the_rest(database: Database, store: FolderStore) -> None:
    life = handled(database, store, *TO_WARNED)
    for kind in (K.RECORD, K.RESULT):
        lay_down(database, life.case_id, kind, now=life.now)
    assert life.take(HOA, A.WITHDRAW, reason="wrong_notice", note="sai địa chỉ").state is S.NORESP
    assert void(life) == {K.NOTICE}
    assert clocks(life)["lift_warning"] == today(life), "the registries are told at once"
    assert isinstance(openness(database.sessions, life.case(), HOA, now=life.now).waiting[A.PLACE_WARNING], CaseError)
    life.take(HOA, A.SEND_NOTICE)
    assert {"response", "lift_warning"} <= set(clocks(life)), "the new twenty days; the old warning still stands"
    life.take(HOA, A.NO_RESPONSE)
    with pytest.raises(WarningStandsError):
        life.take(HOA, A.PLACE_WARNING)
    life.take(HOA, A.LIFT_WARNING, reason="ground_gone")
    assert "lift_warning" not in clocks(life)
    assert life.take(HOA, A.PLACE_WARNING).state is S.WARNED
    assert life.take(HOA, A.MAKE_RECORD, reason="on_paper").state is S.RECORD, "the record of before stands"


@pytest.mark.parametrize("kind", [K.RECORD, K.RESULT])
def test_what_the_warning_does_not_rest_on_goes_alone(sqlite: Database, store: FolderStore, kind: DocumentKind) -> None:
    life = handled(sqlite, store, *TO_WARNED)
    lay_down(sqlite, life.case_id, kind, now=life.now)
    assert life.take(HOA, A.WITHDRAW, reason=f"{WRONG}{kind}").state is S.WARNED
    assert (void(life), "lift_warning" in clocks(life)) == ({kind}, False)


def test_amending_beneath_a_warning_takes_its_ground(sqlite: Database, store: FolderStore) -> None:
    life = handled(sqlite, store, *TO_WARNED)
    assert life.take(HOA, A.AMEND, reason="mitigating_one").state is S.NORESP
    assert (void(life), "lift_warning" in clocks(life)) == ({K.NOTICE}, True)


@pytest.mark.parametrize("back", [(A.WITHDRAW, "wrong_record"), (A.AMEND, "other_clause")], ids=lambda one: one[1])
def test_the_days_to_explain_end_with_their_record_and_begin_anew_with_the_right_one(
    sqlite: Database, store: FolderStore, back: tuple[Action, str]
) -> None:
    life = handled(sqlite, store, *TO_EXPLAIN)
    before = clocks(life)
    assert life.take(HOA, back[0], reason=back[1]).state is S.RECORD
    assert K.RECORD in void(life) and "explain_written" not in clocks(life)
    life.papers = False
    with pytest.raises(VoidPaperError):
        life.take(HOA, A.AWAIT_EXPLANATION)
    life.papers, life.now = True, life.now + timedelta(days=3)
    assert life.take(HOA, A.AWAIT_EXPLANATION).state is S.EXPLAIN
    after = clocks(life)
    assert after["explain_written"] > before["explain_written"]
    assert after["decision_explained"] == before["decision_explained"], "the time to decide is not won back"


def test_a_result_sheet_withdrawn_meanwhile_leaves_the_days_to_explain(sqlite: Database, store: FolderStore) -> None:
    life = handled(sqlite, store, *TO_EXPLAIN)
    lay_down(sqlite, life.case_id, K.RESULT, now=life.now)
    before = clocks(life)
    assert life.take(HOA, A.WITHDRAW, reason="wrong_result").state is S.EXPLAIN
    assert (clocks(life), void(life)) == (before, {K.RESULT})


def test_a_file_whose_record_is_withdrawn_is_no_longer_with_the_signer(sqlite: Database, store: FolderStore) -> None:
    life = handled(sqlite, store, A.SEEK_OWNER, A.MAKE_RECORD, A.SUBMIT)
    assert life.take(HOA, A.WITHDRAW, reason="wrong_record").state is S.RECORD
    assert life.take(HOA, A.SUBMIT).state is S.TOSIGN


def test_a_case_is_closed_once_its_warning_is_lifted(sqlite: Database, store: FolderStore) -> None:
    life = handled(sqlite, store, *TO_WARNED, A.MAKE_RECORD, A.SUBMIT)
    for actor, action in ((KY, A.SIGN), (HOA, A.ISSUE), (HOA, A.SERVE)):
        life.take(actor, action)
        assert "lift_warning" not in clocks(life), "it stands until the violation is resolved"
    life.take(HOA, A.PAY)
    assert clocks(life)["lift_warning"] == today(life)
    with pytest.raises(WarningStandsError, match="lift it before close"):
        life.take(HOA, A.CLOSE)
    life.take(HOA, A.LIFT_WARNING, reason="resolved")
    assert clocks(life) == {} and life.take(HOA, A.CLOSE).state is S.CLOSED


def test_lifting_while_officers_verify_again_is_no_look_at_the_violation(sqlite: Database, store: FolderStore) -> None:
    life = handled(sqlite, store, *TO_WARNED)
    life.take(HOA, A.OBJECT)
    assert "lift_warning" in clocks(life)
    life.take(MINH, A.REQUEST_MORE)
    life.take(MINH, A.CHECK, reason="evidence_received")
    life.now += timedelta(minutes=16)
    case = life.take(HOA, A.LIFT_WARNING, reason="ground_gone")
    assert (case.state, case.last_actor, "lift_warning" in clocks(life)) == (S.CHECK, "minh", False)
    assert verify_case(sqlite.sessions, store, case_id=life.case_id).intact


@pytest.mark.parametrize(
    ("away", "back"),
    [
        ((A.TRANSFER,), (A.WITHDRAW, "wrong_notice")),
        ((A.TRANSFER,), (A.AMEND, "other_clause")),
        ((A.MAKE_RECORD,), (A.AMEND, "other_clause")),
        ((A.MAKE_RECORD, A.SUBMIT), (A.WITHDRAW, "wrong_notice")),
    ],
)
def test_a_warning_whose_notice_is_void_is_to_be_lifted_wherever_the_case_went(
    sqlite: Database, store: FolderStore, away: tuple[Action, ...], back: tuple[Action, str]
) -> None:
    life = handled(sqlite, store, *TO_WARNED, *away)
    assert "lift_warning" not in clocks(life)
    life.take(HOA, back[0], reason=back[1])
    assert clocks(life)["lift_warning"] == today(life)
    life.take(HOA, A.LIFT_WARNING, reason="ground_gone")
    assert "lift_warning" not in clocks(life)


def test_a_warning_is_lifted_while_more_is_awaited(sqlite: Database, store: FolderStore) -> None:
    life = handled(sqlite, store, *TO_WARNED, A.OBJECT)
    life.take(MINH, A.REQUEST_MORE)
    life.now += timedelta(minutes=16)
    case = life.take(HOA, A.LIFT_WARNING, reason="ground_gone")
    assert (case.state, case.last_actor, "lift_warning" in clocks(life)) == (S.MORE, "minh", False)
    assert verify_case(sqlite.sessions, store, case_id=life.case_id).intact


BEFORE = {S.OWNER, S.NOTICED, S.NORESP, S.WARNED, S.MOVED}
REPLACED = {
    K.NOTICE: BEFORE | {S.CONFIRMED},
    K.RECORD: BEFORE | {S.RECORD, S.EXPLAIN, S.TOSIGN},
    K.RESULT: BEFORE | {S.CONFIRMED, S.RECORD, S.EXPLAIN, S.TOSIGN},
    K.DECISION: {S.RECORD, S.EXPLAIN, S.TOSIGN},
}
"""Where each kind has its part still to play; once there is a record, the notice has played its own."""


@pytest.mark.parametrize("kind", list(K))
def test_what_is_withdrawn_is_issued_anew_where_the_case_then_stands(kind: DocumentKind) -> None:
    move = MOVES[A.WITHDRAW]
    assert REPLACED[kind] <= move.from_states
    assert {move.leads_to(state, f"{WRONG}{kind}") or state for state in REPLACED[kind]} <= ISSUED_IN[kind]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, FolderStore, Iterator[int]]]:
    """One database for all lives: each is another case in it."""
    folder = tmp_path_factory.mktemp("lives")
    made = open_database(sqlite_url(folder / "phatnguoi.db"))
    yield made, FolderStore(folder / "evidence"), count()
    made.close()


@settings(max_examples=LIVES, deadline=None, suppress_health_check=list(HealthCheck))
@given(begin=st.sampled_from([TO_WARNED, TO_EXPLAIN]), draws=st.lists(st.integers(0, 10**6), min_size=8, max_size=16))
def test_whatever_is_done_nothing_runs_on_upon_a_void_paper(
    place: tuple[Database, FolderStore, Iterator[int]], begin: tuple[Action, ...], draws: list[int]
) -> None:
    database, store, numbers = place
    life = handled(database, store, *begin, number=next(numbers))
    for draw in draws:
        case, actor = life.case(), (HOA, HOA, HOA, CHIEF, KY, LAN)[draw % 6]
        open_ones = allowed_actions(state=case.state, role=actor.role, reminder_only=False)
        if not open_ones:
            continue
        action = open_ones[draw // 6 % len(open_ones)]
        try:
            life.take(actor, action, reason=MOVES[action].reasons[draw // 100 % len(MOVES[action].reasons)])
        except CaseError:
            life.now += timedelta(minutes=16)
            continue
        holds(life, store)


def holds(life: Walk, store: FolderStore) -> None:
    """What is true of every case after every step."""
    assert verify_case(life.database.sessions, store, case_id=life.case_id, whole_log=False).intact
    sessions, case, rows = life.database.sessions, life.case(), log(life)
    assert (rows[-1].to_state, len(rows)) == (case.state, case.version)
    papers = documents(sessions, case_id=life.case_id, actor=HOA)
    gone = voided(sessions, papers)
    standing = {row.kind for row in papers if row.id not in gone}
    with read_transaction(sessions) as session:
        stands, warning = beneath(session, case), warned(session, case.id)
    if case.state is S.WARNED:
        assert warning and K.NOTICE in standing
    if case.state in {S.EXPLAIN, S.TOSIGN, S.SIGNED, S.DECIDED, S.SERVED}:
        assert K.RECORD in standing
    running = set(clocks(life))
    assert all(stands in DEADLINES[code].runs_in for code in running)
    rests_on = next((row.details["paper"] for row in reversed(rows) if row.action is A.PLACE_WARNING), None)
    may_stand = stands in WARNING_STANDS and rests_on not in gone
    assert ("lift_warning" in running) is (warning and not may_stand)
