"""No paper with a plate that no officer established, none with one corrected since; cases without a plate go on."""

import pytest

from cases import service
from cases.actor import Actor
from cases.database import Database, read_transaction, write_transaction
from cases.evidence import FolderStore
from cases.faults import (
    PlateDiffersError,
    PlateUnconfirmedError,
)
from cases.lifecycle import Action, State
from cases.notice.form import DocumentForm
from cases.notice.issue import document_pdf, documents
from cases.notice.plate import with_another_plate
from cases.notice.signature import refuse_handing
from cases.plate_words import forget_words
from cases.records import DocumentKind, Notice
from tests.cases.builders import LAN, NOON, opened
from tests.cases.installation import Installation
from tests.cases.notice.issuing import paper, text_of
from tests.cases.notice.walked import TO_DECIDED, TO_SIGNED, confirmed, corrected, lay, waits, walked
from tests.cases.papers import PLATE, establish
from tests.cases.walking import HOA, Walk

A = Action
K = DocumentKind


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
    corrected(made, life, "29A99999")
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
