"""A complaint of a decision stays nothing by itself, comes once, and upheld goes on where the decision stands."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cases import service
from cases.database import Database, write_transaction
from cases.deciding import advance
from cases.evidence import FolderStore
from cases.faults import IllegalMoveError
from cases.lifecycle import Action, State
from cases.records import Due
from cases.verification import verify_case
from tests.cases.builders import AUDITOR, CHIEF, LAN
from tests.cases.walking import HOA, KY, Walk, walk

A = Action


def decided(database: Database, store: FolderStore) -> Walk:
    """A case whose decision was issued."""
    life = walk(database, store)
    life.take(LAN, A.CONFIRM)
    for actor, action in ((HOA, A.SEEK_OWNER), (HOA, A.MAKE_RECORD), (HOA, A.SUBMIT), (KY, A.SIGN), (HOA, A.ISSUE)):
        life.take(actor, action)
    return life


def clock_codes(database: Database, life: Walk) -> set[str]:
    return {due.code for due in service.clocks(database.sessions, case_id=life.case_id, actor=AUDITOR)}


@pytest.mark.parametrize(
    ("steps", "state", "runs"),
    [
        ((A.SERVE,), State.SERVED, {"comply", "execution_bar"}),
        ((A.PAY,), State.PAID, set()),
        ((A.SERVE, A.ENFORCE), State.FORCE, {"execution_bar"}),
        ((A.SERVE, A.ENFORCE, A.PAY), State.PAID, set()),
    ],
    ids=["served", "paid", "enforced", "enforced and paid"],
)
def test_a_complaint_does_not_stay_execution_and_upholding_goes_back_to_where_it_came(
    sqlite: Database, store: FolderStore, steps: tuple[Action, ...], state: State, runs: set[str]
) -> None:
    life = decided(sqlite, store)
    life.take(HOA, A.APPEAL)
    for action in steps:
        assert life.take(HOA, action).state is State.APPEAL
    assert clock_codes(sqlite, life) == runs
    with pytest.raises(IllegalMoveError, match="beneath the complaint it stands at"):
        life.take(HOA, A.SERVE)
    assert life.take(CHIEF, A.UPHOLD).state is state
    assert clock_codes(sqlite, life) == runs
    assert verify_case(sqlite.sessions, store, case_id=life.case_id).intact


def test_a_payment_counts_while_a_complaint_is_pending(sqlite: Database, store: FolderStore) -> None:
    life = decided(sqlite, store)
    life.take(HOA, A.APPEAL)
    paid = {"case_id": life.case_id, "action": A.PAY, "reason": "paid_online", "now": life.now}
    assert [advance(sqlite.sessions, **paid) for _ in range(2)] == [True, False]  # type: ignore[arg-type]
    assert life.take(CHIEF, A.UPHOLD).state is State.PAID


def test_a_decision_is_complained_of_once_and_a_lawsuit_may_follow(sqlite: Database, store: FolderStore) -> None:
    life = decided(sqlite, store)
    life.take(HOA, A.APPEAL)
    life.take(CHIEF, A.UPHOLD)
    with pytest.raises(IllegalMoveError, match="once is allowed"):
        life.take(HOA, A.APPEAL)
    assert life.take(HOA, A.APPEAL, reason="lawsuit").state is State.APPEAL


def test_upholding_starts_again_what_an_appeal_of_earlier_software_ended(sqlite: Database, store: FolderStore) -> None:
    life = decided(sqlite, store)
    version = life.take(HOA, A.APPEAL).version
    with write_transaction(sqlite.sessions) as session:
        serve = session.scalars(select(Due).where(Due.case_id == life.case_id, Due.code == "serve")).one()
        serve.running, serve.ended_version = False, version
    assert clock_codes(sqlite, life) == {"execution_bar"}
    life.take(CHIEF, A.UPHOLD)
    assert clock_codes(sqlite, life) == {"serve", "execution_bar"}


def test_a_notice_sent_again_gives_the_owner_all_days_anew(sqlite: Database, store: FolderStore) -> None:
    life = walk(sqlite, store)
    life.take(LAN, A.CONFIRM)
    life.take(HOA, A.SEND_NOTICE)
    life.now += timedelta(days=15)
    assert life.take(HOA, A.SEND_NOTICE).state is State.NOTICED
    left = [due for due in service.clocks(sqlite.sessions, case_id=life.case_id, actor=AUDITOR)
            if due.code == "response"]  # fmt: skip
    assert [due.due_at - life.now >= timedelta(days=19) for due in left] == [True]
    assert service.run_deadlines(sqlite.sessions, now=life.now + timedelta(days=6)) == []
