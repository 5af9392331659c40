"""No move without the paper it rests on, no paper with a plate that no officer established; both told beforehand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases import deciding, service
from cases.actor import Actor
from cases.database import Database, read_transaction, write_transaction
from cases.evidence import FolderStore
from cases.faults import (
    NoPaperError,
    PaperError,
    PlateDiffersError,
    PlateUnconfirmedError,
    UnsentPaperError,
    UnsignedPaperError,
    VoidPaperError,
)
from cases.lifecycle import MOVES, Action, State
from cases.notice.form import DocumentForm
from cases.notice.issue import document_pdf, documents
from cases.notice.plate import with_another_plate
from cases.notice.signature import refuse_handing
from cases.openness import openness
from cases.plate_words import forget_words
from cases.plates import plate_of, say_plate
from cases.records import Decision, DocumentKind, Notice
from tests.cases.builders import LAN, NOON, opened
from tests.cases.installation import Installation, install, items
from tests.cases.notice.test_notice import paper, text_of
from tests.cases.papers import PLATE, establish, lay_down
from tests.cases.walking import HOA, KY, Walk

A = Action
K = DocumentKind
TO_TOSIGN = ((HOA, A.SEEK_OWNER), (HOA, A.MAKE_RECORD), (HOA, A.SUBMIT))
TO_SIGNED = (*TO_TOSIGN, (KY, A.SIGN))
TO_DECIDED = (*TO_SIGNED, (HOA, A.ISSUE))


def walked(database: Database, store: FolderStore, steps: tuple[tuple[Actor, Action], ...] = ()) -> Walk:
    """A confirmed case that went these steps with papers, and goes on without being given any."""
    life = Walk(database, opened(database, store).case_id)
    establish(database, life.case_id, now=NOON)
    life.take(LAN, A.CONFIRM)
    for actor, action in steps:
        life.take(actor, action)
    life.papers = False
    return life


def lay(life: Walk, kind: DocumentKind, **how: object) -> Notice:
    """One more paper of the case."""
    return lay_down(life.database, life.case_id, kind, now=life.now, **how)  # type: ignore[arg-type]


def waits(life: Walk, actor: Actor) -> dict[Action, type[PaperError]]:
    """What is told beforehand to wait for a paper."""
    found = openness(life.database.sessions, life.case(), actor, now=life.now)
    assert not set(found.actions) & set(found.waiting)
    return {action: type(fault) for action, fault in found.waiting.items() if isinstance(fault, PaperError)}


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


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    made = install(tmp_path / "data", cases=2)
    yield made
    made.database.close()


def confirmed(made: Installation, number: int = 20) -> Walk:
    """Another confirmed case, of whose plate nobody said anything."""
    life = Walk(made.database, opened(made.database, made.store, number, items=items()).case_id, papers=False)
    life.take(LAN, A.CONFIRM)
    return life


def test_no_paper_bears_a_plate_that_no_officer_established(made: Installation) -> None:
    life = confirmed(made)
    form = DocumentForm(plate="29a-123.45")
    with pytest.raises(PlateUnconfirmedError, match="no officer confirmed"):
        paper(made, case_id=life.case_id, form=form)
    life.take(HOA, A.SEEK_OWNER)
    for kind in (K.NOTICE, K.RECORD, K.RESULT):
        with pytest.raises(PlateUnconfirmedError):
            paper(made, case_id=life.case_id, kind=kind, form=form)
    establish(made.database, life.case_id, now=NOON, plate="30K54321")
    with pytest.raises(PlateDiffersError, match="bears 29A12345, officers established 30K54321"):
        paper(made, case_id=life.case_id, form=form)
    assert paper(made, case_id=life.case_id, form=replace_plate(form, "30K-543.21")).document.plate == "30K54321"


def replace_plate(form: DocumentForm, plate: str) -> DocumentForm:
    return DocumentForm(**{**form.model_dump(exclude={"owner"}), "plate": plate})


def test_a_case_without_a_plate_keeps_its_other_ways(made: Installation) -> None:
    life = confirmed(made)
    life.take(HOA, A.SEEK_OWNER)
    with pytest.raises(PlateUnconfirmedError):
        paper(made, case_id=life.case_id, form=DocumentForm())
    issued = paper(made, case_id=life.case_id, kind=K.RECORD, form=DocumentForm(marks="xe ba gác tự chế, sơn xanh"))
    words = text_of(document_pdf(made.store, issued.document, signed=False))
    assert "chưaxácđịnh" in words and "xebagáctựchế" in words
    assert (issued.code, issued.document.plate) == ("", ""), "no plate, no look-up by one"
    assert life.take(HOA, A.MAKE_RECORD, reason="on_paper").state is State.RECORD


def test_a_plate_that_officers_correct_later_holds_back_the_papers_with_the_old_one(made: Installation) -> None:
    life = Walk(made.database, made.case_ids[1], papers=False)
    row = paper(made).document
    say_plate(made.database.sessions, case_id=life.case_id, actor=LAN, text="29A99999", now=life.now,
              expected_seq=_seq(made, life.case_id))  # fmt: skip
    with read_transaction(made.database.sessions) as session, pytest.raises(PlateDiffersError):
        refuse_handing(session, session.get_one(Notice, row.id))
    with pytest.raises(PlateDiffersError, match=f"bears {PLATE}, officers established 29A99999"):
        life.take(HOA, A.SEND_NOTICE)
    assert waits(life, HOA)[A.SEND_NOTICE] is PlateDiffersError


@pytest.mark.parametrize(
    ("steps", "marked"),
    [(TO_SIGNED, {K.RECORD, K.DECISION}), (TO_DECIDED, {K.RECORD})],
    ids=["decision not yet issued", "decision that stands until it is annulled"],
)
def test_papers_whose_plate_was_corrected_since_are_told_apart(
    sqlite: Database, store: FolderStore, steps: tuple[tuple[Actor, Action], ...], marked: set[DocumentKind]
) -> None:
    life = walked(sqlite, store, steps)
    rows = documents(sqlite.sessions, case_id=life.case_id, actor=HOA)
    assert with_another_plate(sqlite.sessions, rows) == frozenset()
    establish(sqlite, life.case_id, now=life.now, plate="29A99999")
    other = with_another_plate(sqlite.sessions, rows)
    assert {row.kind for row in rows if row.id in other} == marked


def _seq(made: Installation, case_id: str) -> int:
    return plate_of(made.database.sessions, case_id=case_id, actor=LAN).seq


def test_every_ground_names_a_kind_of_paper_and_reasons_of_its_move() -> None:
    for move in MOVES.values():
        if move.rests_on is not None:
            assert DocumentKind(move.rests_on.paper)
            assert set(move.rests_on.by_hand) <= set(move.reasons)
            assert not (move.rests_on.by_hand and not move.rests_on.signed)
            assert set(move.reasons) - set(move.rests_on.by_hand), move.action


def corrected(made: Installation, life: Walk, plate: str) -> None:
    say_plate(made.database.sessions, case_id=life.case_id, actor=LAN, text=plate, now=life.now, note="đã xem lại",
              expected_seq=_seq(made, life.case_id))  # fmt: skip


def test_no_decision_rests_on_a_record_with_another_plate(made: Installation) -> None:
    life = Walk(made.database, made.case_ids[1], store=made.store)
    life.take(HOA, A.SEEK_OWNER)
    old, form = paper(made, kind=K.RECORD).document, DocumentForm(plate="29A99999")
    for actor, action in ((HOA, A.MAKE_RECORD), (HOA, A.SUBMIT)):
        life.take(actor, action)
    first = paper(made, kind=K.DECISION).document
    assert first.fields["record_number"] == old.number
    life.take(KY, A.SIGN)
    corrected(made, life, "29A99999")
    with pytest.raises(PlateDiffersError) as refused:
        paper(made, kind=K.DECISION, form=form)
    assert refused.value.paper == "record"
    assert life.take(KY, A.SEND_BACK).state is State.RECORD
    new = paper(made, kind=K.RECORD, form=form).document
    life.take(HOA, A.SUBMIT)
    life.papers = False
    with pytest.raises(VoidPaperError):
        life.take(KY, A.SIGN)
    assert paper(made, kind=K.DECISION, form=form).document.fields["record_number"] == new.number
    assert life.take(KY, A.SIGN).state is State.SIGNED


def test_a_decision_is_issued_anew_once_another_record_holds(made: Installation) -> None:
    life = Walk(made.database, made.case_ids[1], store=made.store)
    life.take(HOA, A.SEEK_OWNER)
    old = paper(made, kind=K.RECORD).document
    life.take(HOA, A.MAKE_RECORD)
    paper(made, kind=K.DECISION)
    new = paper(made, kind=K.RECORD).document
    life.take(HOA, A.SUBMIT)
    life.papers = False
    with pytest.raises(VoidPaperError, match=f"rests on the record {old.number}, and {new.number} holds now"):
        life.take(KY, A.SIGN)
    assert waits(life, KY)[A.SIGN] is VoidPaperError


def test_a_signed_case_without_a_record_goes_back_and_on(made: Installation) -> None:
    life = Walk(made.database, made.case_ids[1], store=made.store)
    for actor, action in TO_SIGNED:
        life.take(actor, action)
    with write_transaction(made.database.sessions) as session:
        for row in session.query(Notice).filter(Notice.case_id == life.case_id):
            session.delete(row)
    with pytest.raises(NoPaperError, match="issue the record first"):
        paper(made, kind=K.DECISION)
    assert A.SEND_BACK in life.open_to(KY)
    life.take(KY, A.SEND_BACK)
    paper(made, kind=K.RECORD)
    life.take(HOA, A.SUBMIT)
    paper(made, kind=K.DECISION)
    life.take(KY, A.SIGN)
    assert life.take(HOA, A.ISSUE).state is State.DECIDED


def test_what_was_signed_before_a_case_was_sent_back_is_void(sqlite: Database, store: FolderStore) -> None:
    life = walked(sqlite, store, TO_SIGNED)
    lay(life, K.DECISION, signed_by="ky")
    life.take(KY, A.SEND_BACK)
    life.take(HOA, A.SUBMIT)
    with pytest.raises(VoidPaperError, match="took send_back"):
        life.take(KY, A.SIGN)


@pytest.mark.parametrize(("action", "reason"), [(A.SUBMIT, "on_paper"), (A.AWAIT_EXPLANATION, "oral_on_paper")])
def test_the_record_in_a_void_ones_place_is_signed_too(
    sqlite: Database, store: FolderStore, action: Action, reason: str
) -> None:
    life = walked(sqlite, store, TO_TOSIGN[:2])
    life.take(HOA, A.AMEND, reason="mitigating_one", amount_vnd=life.case().amount_vnd)
    lay(life, K.RECORD)
    with pytest.raises(UnsignedPaperError):
        life.take(HOA, action)
    assert action in life.open_to(HOA), "signed in ink it will do"
    assert life.take(HOA, action, reason=reason).state in (State.TOSIGN, State.EXPLAIN)


def test_a_record_noted_as_signed_in_ink_needs_no_further_word(sqlite: Database, store: FolderStore) -> None:
    life = walked(sqlite, store, TO_TOSIGN[:1])
    lay(life, K.RECORD)
    life.take(HOA, A.MAKE_RECORD, reason="on_paper")
    life.take(HOA, A.AWAIT_EXPLANATION)
    assert life.take(HOA, A.SUBMIT).state is State.TOSIGN


def test_the_log_names_the_notice_that_was_sent(sqlite: Database, store: FolderStore) -> None:
    life = walked(sqlite, store)
    sent = lay(life, K.NOTICE, signed_by="chief")
    never = lay(life, K.NOTICE)
    life.take(HOA, A.SEND_NOTICE)
    life.take(HOA, A.NO_RESPONSE)
    named = {row.action: row.details.get("paper") for row in service.history(sqlite.sessions, case_id=life.case_id,
                                                                             actor=LAN)}  # fmt: skip
    assert named[A.SEND_NOTICE] == named[A.NO_RESPONSE] == sent.id != never.id


def test_the_twenty_days_end_where_nobody_contradicts_the_plate_of_the_notice(
    sqlite: Database, store: FolderStore
) -> None:
    lives = [Walk(sqlite, opened(sqlite, store, number).case_id, papers=False) for number in range(2)]
    for life in lives:  # as earlier software sent them: no officer had said a word of the plate
        life.take(LAN, A.CONFIRM)
        row = lay(life, K.NOTICE, signed_by="chief")
        establish(sqlite, life.case_id, now=NOON)
        life.take(HOA, A.SEND_NOTICE)
        assert row.plate == PLATE
    with write_transaction(sqlite.sessions) as session:
        forget_words(session, lives[0].case_id)
    establish(sqlite, lives[1].case_id, now=NOON, plate="30K54321")
    late = lives[0].now.replace(month=12, day=31)
    stuck: list[str] = []
    moved = service.run_deadlines(sqlite.sessions, now=late, stuck=stuck)
    assert moved == [(lives[0].case_id, A.NO_RESPONSE)]
    assert stuck == [lives[1].case_id]
    with pytest.raises(PlateDiffersError, match="was sent for the plate"):
        lives[1].take(HOA, A.NO_RESPONSE)


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
