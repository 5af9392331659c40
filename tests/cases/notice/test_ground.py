"""No move without the paper it rests on, and what is missing is told beforehand."""

import pytest

from cases import deciding, service
from cases.database import Database, read_transaction, write_transaction
from cases.evidence import FolderStore
from cases.faults import (
    NoPaperError,
    UnsentPaperError,
    UnsignedPaperError,
    VoidPaperError,
)
from cases.lifecycle import MOVES, Action, State
from cases.notice.signature import refuse_handing
from cases.records import Decision, DocumentKind, Notice
from tests.cases.builders import LAN, opened
from tests.cases.notice.walked import TO_DECIDED, TO_SIGNED, TO_TOSIGN, lay, waits, walked
from tests.cases.walking import HOA, KY, Walk

A = Action
K = DocumentKind


MISSING = {
    "notice": ((), HOA, A.SEND_NOTICE),
    "record": (((HOA, A.SEEK_OWNER),), HOA, A.MAKE_RECORD),
    "draft of the decision": (TO_TOSIGN, KY, A.SIGN),
}


@pytest.mark.parametrize("label", sorted(MISSING))
def test_no_move_without_its_paper(sqlite: Database, store: FolderStore, label: str) -> None:
    steps, actor, action = MISSING[label]
    life = walked(sqlite, store, steps)
    stood = life.case()
    assert waits(life, actor)[action] is NoPaperError
    with pytest.raises(NoPaperError, match="issue it first") as refused:
        life.take(actor, action)
    assert refused.value.paper == MOVES[action].rests_on.paper  # type: ignore[union-attr]
    assert (life.case().state, life.case().version) == (stood.state, stood.version)
    lay(life, K(refused.value.paper), signed_by="chief")
    assert action not in waits(life, actor)
    case = life.take(actor, action)
    last = service.history(sqlite.sessions, case_id=case.id, actor=LAN)[-1]
    assert last.details["paper"].startswith("X-"), "the log names the paper that the move rests on"


def test_a_notice_is_sent_signed_or_by_the_word_of_who_saw_it_signed_in_ink(
    sqlite: Database, store: FolderStore
) -> None:
    life = walked(sqlite, store)
    row = lay(life, K.NOTICE)
    for reason in ("owner_known", "reminder_sent"):
        with pytest.raises(UnsignedPaperError, match=rf"{row.id} is not, unless .*signed_by_hand"):
            life.take(HOA, A.SEND_NOTICE, reason=reason)
    assert A.SEND_NOTICE in life.open_to(HOA), "by hand it may be sent"
    assert life.take(HOA, A.SEND_NOTICE, reason="signed_by_hand").state is State.NOTICED
    with read_transaction(sqlite.sessions) as session, pytest.raises(UnsignedPaperError, match="carry it over by hand"):
        refuse_handing(session, session.get_one(Notice, row.id))


def test_a_void_notice_is_neither_sent_nor_counted_as_unanswered(sqlite: Database, store: FolderStore) -> None:
    life = walked(sqlite, store)
    lay(life, K.NOTICE, signed_by="chief")
    life.take(HOA, A.SEND_NOTICE)
    life.take(HOA, A.AMEND, reason="mitigating_one", amount_vnd=life.case().amount_vnd)
    for action in (A.SEND_NOTICE, A.NO_RESPONSE):
        with pytest.raises(VoidPaperError):
            life.take(HOA, action)
    assert service.run_deadlines(sqlite.sessions, now=life.now.replace(month=12, day=31)) == []
    assert life.case().state is State.NOTICED, "an owner who was sent nothing valid has not failed to answer"
    lay(life, K.NOTICE, signed_by="chief")
    with pytest.raises(UnsentPaperError, match="send the newest first"):
        life.take(HOA, A.NO_RESPONSE)
    life.take(HOA, A.SEND_NOTICE)
    assert life.take(HOA, A.NO_RESPONSE).state is State.NORESP
    assert life.take(HOA, A.PLACE_WARNING).state is State.WARNED


def test_clocks_that_wait_for_a_paper_hold_up_no_others(sqlite: Database, store: FolderStore) -> None:
    lives = [Walk(sqlite, opened(sqlite, store, number).case_id) for number in range(3)]
    for life in lives:
        life.take(LAN, A.CONFIRM)
        life.take(HOA, A.SEND_NOTICE)
    for life in lives[:2]:
        life.take(HOA, A.AMEND, reason="mitigating_one", amount_vnd=life.case().amount_vnd)
    late = lives[0].now.replace(month=12, day=31)
    assert service.run_deadlines(sqlite.sessions, now=late, limit=1) == [(lives[2].case_id, A.NO_RESPONSE)]


def test_a_decision_is_issued_with_the_signature_of_who_signed_its_case(sqlite: Database, store: FolderStore) -> None:
    life = walked(sqlite, store, TO_SIGNED)
    with pytest.raises(UnsignedPaperError):
        life.take(HOA, A.ISSUE)
    lay(life, K.DECISION, signed_by="another")
    with pytest.raises(UnsignedPaperError):
        life.take(HOA, A.ISSUE)
    lay(life, K.DECISION, signed_by="ky")
    assert life.take(HOA, A.ISSUE).state is State.DECIDED


def test_a_decision_signed_in_ink_is_not_served_electronically(sqlite: Database, store: FolderStore) -> None:
    life = walked(sqlite, store, TO_SIGNED)
    life.take(HOA, A.ISSUE, reason="signed_by_hand")
    with pytest.raises(UnsignedPaperError):
        life.take(HOA, A.SERVE, reason="electronically")
    assert life.take(HOA, A.SERVE, reason="by_post").state is State.SERVED


def test_what_earlier_software_decided_without_a_paper_is_carried_out(sqlite: Database, store: FolderStore) -> None:
    life = walked(sqlite, store, TO_DECIDED)
    with write_transaction(sqlite.sessions) as session:
        for row in session.query(Notice).filter(Notice.kind == K.DECISION):
            session.delete(row)
    for action in (A.SERVE, A.PAY):
        with pytest.raises(NoPaperError):
            life.take(HOA, action)
        assert waits(life, HOA)[action] is NoPaperError
    with write_transaction(sqlite.sessions) as session:
        for trigger in session.connection().exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            session.connection().exec_driver_sql(f'DROP TRIGGER "{trigger[0]}"')
        issued = session.query(Decision).filter(Decision.action == A.ISSUE).one()
        issued.details = {name: value for name, value in issued.details.items() if name != "paper"}
    for action, state in ((A.SERVE, State.SERVED), (A.ENFORCE, State.FORCE), (A.PAY, State.PAID)):
        assert life.take(HOA, action).state is state


def test_beneath_a_complaint_only_what_fits_the_decision_is_offered(sqlite: Database, store: FolderStore) -> None:
    life = walked(sqlite, store, TO_DECIDED)
    life.papers = True
    life.take(HOA, A.APPEAL)
    offered = []
    for action in (A.SERVE, A.ENFORCE, A.PAY, None):
        life.wait_for(A.ENFORCE)
        offered.append(set(life.open_to(HOA)) & {A.SERVE, A.PAY, A.ENFORCE})
        if action is not None:
            life.take(HOA, action)
    assert offered == [{A.SERVE, A.PAY}, {A.ENFORCE, A.PAY}, {A.PAY}, set()]


def test_every_ground_names_a_kind_of_paper_and_reasons_of_its_move() -> None:
    for move in MOVES.values():
        if move.rests_on is not None:
            assert DocumentKind(move.rests_on.paper)
            assert set(move.rests_on.by_hand) <= set(move.reasons)
            assert not (move.rests_on.by_hand and not move.rests_on.signed)
            assert set(move.reasons) - set(move.rests_on.by_hand), move.action


def test_the_log_names_the_notice_that_was_sent(sqlite: Database, store: FolderStore) -> None:
    life = walked(sqlite, store)
    sent = lay(life, K.NOTICE, signed_by="chief")
    never = lay(life, K.NOTICE)
    life.take(HOA, A.SEND_NOTICE)
    life.take(HOA, A.NO_RESPONSE)
    named = {row.action: row.details.get("paper") for row in service.history(sqlite.sessions, case_id=life.case_id,
                                                                             actor=LAN)}  # fmt: skip
    assert named[A.SEND_NOTICE] == named[A.NO_RESPONSE] == sent.id != never.id


def test_clocks_that_cannot_move_their_case_open_no_write_transaction(
    sqlite: Database, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = walked(sqlite, store)
    lay(life, K.NOTICE, signed_by="chief")
    life.take(HOA, A.SEND_NOTICE)
    life.take(HOA, A.AMEND, reason="mitigating_one", amount_vnd=life.case().amount_vnd)

    def writes(_: object) -> None:
        raise AssertionError("a write transaction was opened")

    monkeypatch.setattr(deciding, "write_transaction", writes)
    assert service.run_deadlines(sqlite.sessions, now=life.now.replace(month=12, day=31)) == []
