"""The record that a decision rests on: the one that holds, with the plate that stands, signed, or said to be in ink."""

import pytest

from cases.database import Database, write_transaction
from cases.evidence import FolderStore
from cases.faults import (
    NoPaperError,
    PlateDiffersError,
    UnsignedPaperError,
    VoidPaperError,
)
from cases.lifecycle import Action, State
from cases.notice.form import DocumentForm
from cases.records import DocumentKind, Notice
from tests.cases.installation import Installation
from tests.cases.notice.issuing import paper
from tests.cases.notice.walked import TO_SIGNED, TO_TOSIGN, corrected, lay, waits, walked
from tests.cases.walking import HOA, KY, Walk

A = Action
K = DocumentKind


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
    life.take(HOA, A.WITHDRAW, reason="wrong_record")
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
