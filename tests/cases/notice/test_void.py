"""Papers whose case was amended after they were issued are void: not signed, not handed over, named in the ledger."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import cases.ledger
from cases import service
from cases.database import read_transaction
from cases.faults import IllegalMoveError, VoidPaperError
from cases.ledger import sealed_faults
from cases.lifecycle import Action, State
from cases.notice.form import DocumentForm
from cases.notice.issue import document_pdf, documents
from cases.notice.signature import FileKey, accept, refuse_handing, sign
from cases.notice.void import voided, voided_by
from cases.records import DocumentKind, LedgerEntry, Notice
from tests.cases.builders import CHIEF, NOON
from tests.cases.installation import Installation, faults, install
from tests.cases.notice.issuing import paper
from tests.cases.notice.signer import PASSPHRASE, make_p12
from tests.cases.walking import HOA, KY, Walk

A = Action
FORM = DocumentForm(plate="29A12345")


def test_a_paper_is_void_once_its_case_was_amended(tmp_path: Path) -> None:
    made = install(tmp_path / "data", cases=2)
    sessions, life = made.database.sessions, Walk(made.database, made.case_ids[1], store=made.store)
    form, key = DocumentForm(plate="29A12345"), FileKey(make_p12(tmp_path / "k.p12"))
    life.take(HOA, Action.SEEK_OWNER)
    paper(made, kind=DocumentKind.RECORD, form=form)
    life.take(HOA, Action.MAKE_RECORD)
    old = paper(made, kind=DocumentKind.DECISION, form=form).document
    amount = (life.case().amount_vnd or 0) + 100_000
    life.take(HOA, Action.AMEND, reason="other_clause", amount_vnd=amount)
    rests_on = paper(made, kind=DocumentKind.RECORD, form=form).document
    new = paper(made, kind=DocumentKind.DECISION, form=form).document
    life.take(HOA, Action.SUBMIT)
    life.take(KY, Action.SIGN)
    how = {"case_id": life.case_id, "now": NOON}
    outside = key.signed(document_pdf(made.store, old, signed=False), PASSPHRASE)
    with pytest.raises(VoidPaperError, match=r"hoa took amend .* issue it anew"):
        sign(sessions, made.store, actor=KY, key=key, secret=PASSPHRASE, document_id=old.id, **how)  # type: ignore[arg-type]
    with pytest.raises(VoidPaperError):
        accept(sessions, made.store, actor=KY, signed=outside, document_id=old.id, **how)  # type: ignore[arg-type]
    with read_transaction(sessions) as session:
        with pytest.raises(VoidPaperError):
            refuse_handing(session, session.get_one(Notice, old.id))
        told = [one.details for one in session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq))]
    assert {one["id"] for one in told if one.get("did") == "voided" and one["by"] == "amend"} >= {old.id}
    assert new.id not in {one.get("id") for one in told if one.get("did") == "voided"}
    rows = documents(sessions, case_id=life.case_id, actor=HOA)
    assert {one.actor for one in voided(sessions, rows).values()} == {"hoa"}
    assert set(voided(sessions, rows)) == {row.id for row in rows} - {new.id, rests_on.id}
    assert sign(sessions, made.store, actor=KY, key=key, secret=PASSPHRASE, document_id=new.id, **how).signed_by == "ky"  # type: ignore[arg-type]
    assert faults(made) == []
    made.database.close()


def test_a_paper_of_earlier_software_is_void_by_the_time_of_the_amendment(tmp_path: Path) -> None:
    made = install(tmp_path / "data", cases=2)
    life = Walk(made.database, made.case_ids[1], store=made.store)
    life.take(HOA, Action.SEEK_OWNER)
    row = paper(made, kind=DocumentKind.RECORD, form=DocumentForm(plate="29A12345")).document
    with read_transaction(made.database.sessions) as session:
        kept = session.get_one(Notice, row.id)
        session.expunge(kept)
        kept.fields = {name: value for name, value in kept.fields.items() if name != "case_version"}
        assert voided_by(session, kept) is None
    life.take(HOA, Action.AMEND, reason="mitigating_one", amount_vnd=life.case().amount_vnd)
    with read_transaction(made.database.sessions) as session:
        decision = voided_by(session, kept)
    assert decision is not None and decision.action is Action.AMEND
    made.database.close()


def unsettled(made: Installation) -> tuple[Walk, Notice]:
    """A case whose confirmation is undone once its notice was issued, and which is then dismissed."""
    life = Walk(made.database, made.case_ids[1], store=made.store)
    life.take(CHIEF, A.REOPEN)
    life.take(CHIEF, A.CONFIRM)
    row = paper(made, form=FORM).document
    assert life.undo(CHIEF).state is State.CHECK
    life.take(CHIEF, A.REJECT)
    return life, row


def time_barred(made: Installation) -> tuple[Walk, Notice]:
    """A case whose time ran out after its record was issued."""
    life = Walk(made.database, made.case_ids[1], store=made.store)
    life.take(HOA, A.SEEK_OWNER)
    row = paper(made, kind=DocumentKind.RECORD, form=FORM).document
    life.take(HOA, A.MAKE_RECORD)
    service.run_deadlines(made.database.sessions, now=NOON + timedelta(days=800))
    assert life.case().state is State.EXPIRED
    return life, row


def annulled(made: Installation) -> tuple[Walk, Notice]:
    """A case whose decision was annulled, and its record."""
    life = Walk(made.database, made.case_ids[1], store=made.store)
    life.take(HOA, A.SEEK_OWNER)
    row = paper(made, kind=DocumentKind.RECORD, form=FORM).document
    steps = ((HOA, A.MAKE_RECORD), (HOA, A.SUBMIT), (KY, A.SIGN), (HOA, A.ISSUE), (HOA, A.APPEAL), (CHIEF, A.ANNUL))
    for actor, action in steps:
        life.take(actor, action)
    return life, row


@pytest.mark.parametrize(
    ("ends", "by"),
    [(unsettled, A.UNDO), (time_barred, A.EXPIRE), (annulled, A.ANNUL)],
    ids=["confirmation undone", "time-barred", "annulled"],
)
def test_a_paper_whose_ground_is_gone_is_neither_signed_nor_handed_over(tmp_path: Path, ends: Any, by: Action) -> None:
    made = install(tmp_path / "data", cases=2)
    life, row = ends(made)
    key, sessions = FileKey(make_p12(tmp_path / "k.p12")), made.database.sessions
    with pytest.raises(VoidPaperError, match=f"took {by} "):
        sign(sessions, made.store, actor=KY, key=key, secret=PASSPHRASE, document_id=row.id, case_id=life.case_id,
             now=life.now)  # fmt: skip
    with read_transaction(sessions) as session:
        with pytest.raises(VoidPaperError):
            refuse_handing(session, session.get_one(Notice, row.id))
        told = [one.details for one in session.scalars(select(LedgerEntry))]
    assert [one["by"] for one in told if one.get("did") == "voided" and one["id"] == row.id] == [by.value]
    assert faults(made) == []
    made.database.close()


def test_undoing_what_is_no_confirmation_leaves_papers_as_they_are(tmp_path: Path) -> None:
    made = install(tmp_path / "data", cases=2)
    life = Walk(made.database, made.case_ids[1], store=made.store)
    life.take(CHIEF, A.REOPEN)
    life.take(CHIEF, A.REQUEST_MORE)
    life.undo(CHIEF)
    life.take(CHIEF, A.CONFIRM)
    row = paper(made, form=FORM).document
    assert voided(made.database.sessions, [row]) == {}
    made.database.close()


def test_a_decision_rests_on_no_void_record_and_a_new_one_is_issued_while_awaiting_an_explanation(
    tmp_path: Path,
) -> None:
    made = install(tmp_path / "data", cases=2)
    life = Walk(made.database, made.case_ids[1], store=made.store)
    life.take(HOA, A.SEEK_OWNER)
    paper(made, kind=DocumentKind.RECORD, form=FORM)
    life.take(HOA, A.MAKE_RECORD)
    life.take(HOA, A.AWAIT_EXPLANATION)
    life.take(HOA, A.AMEND, reason="other_clause", amount_vnd=(life.case().amount_vnd or 0) + 100_000)
    with pytest.raises(IllegalMoveError, match="not void"):
        paper(made, kind=DocumentKind.DECISION, form=FORM)
    new = paper(made, kind=DocumentKind.RECORD, form=FORM).document
    decision = paper(made, kind=DocumentKind.DECISION, form=FORM).document
    assert decision.fields["record_number"] == new.number
    made.database.close()


def test_nobody_signs_a_paper_while_a_decision_makes_it_void(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The amendment has the case, and holds on before the ledger has the void paper; the signature must wait for it."""
    made = install(tmp_path / "data", cases=2, url=url)
    life, key = Walk(made.database, made.case_ids[1], store=made.store), FileKey(make_p12(tmp_path / "k.p12"))
    row, amount = paper(made, form=FORM).document, (life.case().amount_vnd or 0) + 100_000
    enter, reached, go_on = cases.ledger.enter, threading.Event(), threading.Event()

    def slow(session: Any, **entry: Any) -> Any:
        if entry.get("did") == "voided":
            reached.set()
            go_on.wait(1.0)
        return enter(session, **entry)

    monkeypatch.setattr(cases.ledger, "enter", slow)
    amending = threading.Thread(
        target=lambda: life.take(HOA, A.AMEND, reason="other_clause", amount_vnd=amount), daemon=True
    )
    amending.start()
    assert reached.wait(60)
    with pytest.raises(VoidPaperError):
        sign(made.database.sessions, made.store, actor=KY, key=key, secret=PASSPHRASE, document_id=row.id,
             case_id=life.case_id, now=life.now)  # fmt: skip
    go_on.set()
    amending.join(60)
    with read_transaction(made.database.sessions) as session:
        assert sealed_faults(session) == []
        assert session.get_one(Notice, row.id).signed_by is None
    made.database.close()
