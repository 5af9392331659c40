"""Papers whose case was amended after they were issued are void: not signed, not handed over, named in the ledger."""

from pathlib import Path

import pytest
from sqlalchemy import select

from cases.database import read_transaction
from cases.faults import VoidPaperError
from cases.lifecycle import Action
from cases.notice.form import DocumentForm
from cases.notice.issue import document_pdf, documents
from cases.notice.signature import FileKey, accept, refuse_handing, sign
from cases.notice.void import voided, voided_by
from cases.records import DocumentKind, LedgerEntry, Notice
from tests.cases.builders import NOON
from tests.cases.installation import install
from tests.cases.notice.signer import PASSPHRASE, make_p12
from tests.cases.notice.test_notice import faults, paper
from tests.cases.walking import HOA, KY, Walk


def test_a_paper_is_void_once_its_case_was_amended(tmp_path: Path) -> None:
    made = install(tmp_path / "data", cases=2)
    sessions, life = made.database.sessions, Walk(made.database, made.case_ids[1])
    form, key = DocumentForm(plate="29A12345"), FileKey(make_p12(tmp_path / "k.p12"))
    life.take(HOA, Action.SEEK_OWNER)
    paper(made, kind=DocumentKind.RECORD, form=form)
    life.take(HOA, Action.MAKE_RECORD)
    old = paper(made, kind=DocumentKind.DECISION, form=form).document
    amount = (life.case().amount_vnd or 0) + 100_000
    life.take(HOA, Action.AMEND, reason="other_clause", amount_vnd=amount)
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
    assert set(voided(sessions, rows)) == {row.id for row in rows} - {new.id}
    assert sign(sessions, made.store, actor=KY, key=key, secret=PASSPHRASE, document_id=new.id, **how).signed_by == "ky"  # type: ignore[arg-type]
    assert faults(made) == []
    made.database.close()


def test_a_paper_of_earlier_software_is_void_by_the_time_of_the_amendment(tmp_path: Path) -> None:
    made = install(tmp_path / "data", cases=2)
    life = Walk(made.database, made.case_ids[1])
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
