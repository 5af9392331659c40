"""The table of moves against the law's vocabulary, and random lives of a case that never leave the table."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cases import service
from cases.actor import Actor
from cases.chain import chain_faults
from cases.database import open_database, read_transaction, sqlite_url
from cases.evidence import FolderStore
from cases.exceptions import EXCEPTIONS, exceptions_for
from cases.faults import BadReasonError, IllegalMoveError, NotPermittedError
from cases.lifecycle import MOVES, REASONS, REVIEWING, STATES, Action, Role, State
from cases.permission import allowed_actions, permit
from cases.records import Decision
from cases.verification import verify_case
from cases.wording import EXCEPTION_WORDS
from detector.types import CaseError, ViolationKind
from tests.cases.builders import ADMIN, AUDITOR, CHIEF, LAN, MINH, NOON, opened

JUDGING = {
    "confirm",
    "reject",
    "remind",
    "check",
    "request_more",
    "cannot_tell",
    "mark_duplicate",
    "amend",
}
TABLE = {
    (State.NEW, Role.OFFICER): JUDGING,
    (State.CHECK, Role.OFFICER): JUDGING - {"check"},
    (State.MORE, Role.OFFICER): JUDGING - {"request_more"},
    (State.SECOND, Role.OFFICER): JUDGING - {"cannot_tell"},
    (State.CONFIRMED, Role.OFFICER): {"amend"},
    (State.REJECTED, Role.OFFICER): set(),
    (State.DUP, Role.OFFICER): set(),
    (State.REMIND, Role.OFFICER): set(),
    (State.CONFIRMED, Role.COMMANDER): {"amend", "object", "reopen", "seek_owner", "send_notice", "transfer"}
    | {"withdraw", "lift_warning"},
    (State.REJECTED, Role.COMMANDER): {"reopen", "close", "lift_warning"},
    (State.DUP, Role.COMMANDER): {"reopen", "close", "lift_warning"},
    (State.REMIND, Role.COMMANDER): {"reopen", "close", "lift_warning"},
    (State.TOSIGN, Role.SIGNER): {"sign", "send_back"},
    (State.TOSIGN, Role.HANDLER): {"withdraw", "lift_warning"},
    (State.SIGNED, Role.SIGNER): {"send_back"},
}


@pytest.mark.parametrize(("state", "role"), sorted(TABLE))
def test_what_each_role_may_do_in_each_state(state: State, role: Role) -> None:
    assert set(allowed_actions(state=state, role=role, reminder_only=False)) == TABLE[state, role]


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.OPERATOR])
@pytest.mark.parametrize("state", list(State))
def test_administrators_and_auditors_never_decide(state: State, role: Role) -> None:
    assert allowed_actions(state=state, role=role, reminder_only=False) == ()


@pytest.mark.parametrize("state", [State.NEW, State.CHECK, State.MORE])
def test_reminder_only_case_is_never_confirmed(state: State) -> None:
    allowed = allowed_actions(state=state, role=Role.OFFICER, reminder_only=True)
    assert Action.CONFIRM not in allowed
    assert {Action.REMIND, Action.REJECT, Action.MARK_DUPLICATE} <= set(allowed)
    with pytest.raises(IllegalMoveError, match="warning period"):
        permit(state=state, role=Role.OFFICER, reminder_only=True, action=Action.CONFIRM, reason="verified", note="")


@pytest.mark.parametrize(
    ("label", "change", "error", "says"),
    [
        ("wrong state", {"state": State.REJECTED}, IllegalMoveError, "not allowed in state REJECTED; .*nothing"),
        ("wrong role", {"role": Role.AUDITOR}, NotPermittedError, "a auditor may not"),
        ("unknown reason", {"reason": "no_violation"}, BadReasonError, "expected one of evidence_sufficient, verified"),
        ("detection by hand", {"action": Action.DETECT}, IllegalMoveError, "detect: not allowed"),
        ("other without note", {"action": Action.REJECT, "reason": "other"}, BadReasonError, "needs a note"),
        ("reopening without note", {"state": State.DUP, "role": Role.COMMANDER, "action": Action.REOPEN,
                                    "reason": "new_evidence", "note": "  "}, BadReasonError, "needs a note"),
    ],
)  # fmt: skip
def test_refusals_say_what_is_allowed(label: str, change: dict[str, str], error: type[CaseError], says: str) -> None:
    asked = {
        "state": State.NEW,
        "role": Role.OFFICER,
        "reminder_only": False,
        "action": Action.CONFIRM,
        "reason": "verified",
        "note": "",
    }
    with pytest.raises(error, match=says):
        permit(**{**asked, **change})  # type: ignore[arg-type]


def test_every_code_has_words_and_every_reason_a_use() -> None:
    used = {reason for move in MOVES.values() for reason in move.reasons}
    assert used == set(REASONS) - {"undone"}
    assert set(STATES) == set(State)
    assert set(MOVES) == set(Action) - {Action.DETECT, Action.UNDO}
    for words in (*REASONS.values(), *STATES.values(), *(move.words for move in MOVES.values())):
        assert words.vi.strip()
        assert words.en.strip()
        assert words.vi != words.en


def test_at_most_eleven_reasons_fit_the_console_keys() -> None:
    assert max(len(move.reasons) for move in MOVES.values()) <= 11


class CaseLife(RuleBasedStateMachine):
    """Random officers doing random things to three cases, one of them reminder-only."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        root = Path(self.folder.name)
        self.database = open_database(sqlite_url(root / "phatnguoi.db"))
        self.store = FolderStore(root / "evidence")
        self.ids = [opened(self.database, self.store, number, reminder_only=number == 2).case_id for number in range(3)]
        self.now = NOON
        self.expected = {case_id: [State.NEW] for case_id in self.ids}
        self.holders: dict[str, Actor] = {}

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    @rule(which=st.integers(0, 2), actor=st.sampled_from([LAN, MINH, CHIEF, ADMIN, AUDITOR]))
    def claim(self, which: int, actor: Actor) -> None:
        case_id = self.ids[which]
        try:
            service.claim(self.database.sessions, case_id=case_id, actor=actor, now=self.now, lease_s=60)
        except CaseError:
            return
        assert actor.role in (Role.OFFICER, Role.COMMANDER)
        held = self.holders.get(case_id)
        assert held in (None, actor), "two officers hold one case"
        self.holders[case_id] = actor

    @rule(seconds=st.sampled_from([1, 61]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        if seconds > 60:
            self.holders.clear()

    @rule(
        which=st.integers(0, 2),
        other=st.integers(0, 2),
        actor=st.sampled_from([LAN, MINH, CHIEF, ADMIN, AUDITOR]),
        action=st.sampled_from(sorted(MOVES)),
        reason=st.integers(0, 20),
        stale=st.booleans(),
    )
    def decide(self, which: int, other: int, actor: Actor, action: Action, reason: int, stale: bool) -> None:
        case_id, move = self.ids[which], MOVES[action]
        why = move.reasons[reason % len(move.reasons)]
        before = self.expected[case_id][-1]
        version = len(self.expected[case_id]) - (1 if stale else 0)
        duplicate = self.ids[other] if action is Action.MARK_DUPLICATE else None
        try:
            case = service.decide(
                self.database.sessions,
                case_id=case_id,
                actor=actor,
                action=action,
                reason=why,
                note="written down",
                duplicate_of=duplicate,
                expected_version=version,
                now=self.now,
            )
        except CaseError:
            return
        assert not stale
        assert before in move.from_states
        assert actor.role in move.roles
        assert self.holders.get(case_id) in ((actor,) if move.needs_claim else (None, actor))
        assert not (which == 2 and case.state is State.CONFIRMED), "reminder-only case confirmed"
        assert duplicate != case_id
        target = case.state if move.goes_back else move.leads_to(before, why) or before
        self.expected[case_id].append(target)
        if target not in REVIEWING or target is State.SECOND or action is Action.REOPEN:
            self.holders.pop(case_id, None)

    @invariant()
    def every_case_stands_where_its_log_ends(self) -> None:
        for case_id, states in self.expected.items():
            case = service.get_case(self.database.sessions, case_id=case_id, actor=AUDITOR)
            rows = service.history(self.database.sessions, case_id=case_id, actor=AUDITOR)
            assert [row.to_state for row in rows] == states
            assert (case.state, case.version) == (states[-1], len(states))
            assert case.duplicate_of is not None or case.state is not State.DUP
            assert case.duplicate_of is None or case.state in (State.DUP, State.CLOSED)

    @invariant()
    def log_is_chained(self) -> None:
        with read_transaction(self.database.sessions) as session:
            assert chain_faults(session, Decision) == []
        assert verify_case(self.database.sessions, self.store, case_id=self.ids[0]).intact


TestCaseLife = CaseLife.TestCase
TestCaseLife.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_every_exception_is_asked_for_some_kind_and_is_a_reason_to_reject() -> None:
    assert set(EXCEPTIONS) == set(EXCEPTION_WORDS)
    assert set(EXCEPTIONS) <= set(MOVES[Action.REJECT].reasons)
    assert all(EXCEPTIONS.values())
    assert exceptions_for(ViolationKind.UNCOVERED_LOAD) == ()
    assert "diversion" in exceptions_for(ViolationKind.WRONG_WAY)
