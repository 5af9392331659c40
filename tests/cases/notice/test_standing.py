"""One paper of a kind stands in a case, whoever asks at once; what is wrong is withdrawn and issued anew."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from cases.actor import Actor
from cases.citizen.lookup import look_up, own_case
from cases.database import open_database
from cases.faults import AlreadyIssuedError, BadReasonError, NoPaperError, VoidPaperError
from cases.lifecycle import Action
from cases.notice.form import DocumentForm
from cases.notice.issue import documents, issue
from cases.notice.signature import FileKey, sign
from cases.notice.unsigned import unsigned_cases
from cases.notice.void import voided
from cases.openness import openness
from cases.records import DocumentKind, Notice
from cases.roles import Role
from tests.cases.builders import LAN, NOON
from tests.cases.installation import Installation, faults, install
from tests.cases.notice.issuing import FORM, paper, settings_of
from tests.cases.notice.signer import PASSPHRASE, make_p12
from tests.cases.notice.walked import confirmed, corrected, handled
from tests.cases.papers import establish
from tests.cases.walking import HOA, KY, Walk

A = Action
K = DocumentKind


def rows(made: Installation, kind: DocumentKind) -> list[Notice]:
    found = documents(made.database.sessions, case_id=made.case_ids[1], actor=HOA)
    return [row for row in found if row.kind is kind]


STEPS = {K.NOTICE: (), K.RESULT: (), K.RECORD: (A.SEEK_OWNER,), K.DECISION: (A.SEEK_OWNER, A.MAKE_RECORD)}


@pytest.mark.parametrize("kind", list(K))
def test_a_second_paper_waits_for_the_first_to_be_withdrawn(made: Installation, kind: DocumentKind) -> None:
    life = handled(made, *STEPS[kind])
    first = paper(made, kind=kind).document
    with pytest.raises(AlreadyIssuedError, match=f"{first.number}.*withdraw it") as refused:
        paper(made, kind=kind)
    fault = refused.value
    assert (fault.paper, fault.number, fault.document) == (kind.value, first.number, first.id)
    assert fault.day.isoformat() == "2026-11-20"
    others = [row.id for row in documents(made.database.sessions, case_id=life.case_id, actor=HOA) if row.kind != kind]
    stood = life.case()
    with pytest.raises(BadReasonError):
        life.take(HOA, A.WITHDRAW, reason=f"wrong_{kind}", note=" ")
    life.take(HOA, A.WITHDRAW, reason=f"wrong_{kind}")
    assert life.case().state is stood.state
    second = paper(made, kind=kind).document
    with pytest.raises(AlreadyIssuedError, match=second.number):
        paper(made, kind=kind)
    gone = voided(made.database.sessions, documents(made.database.sessions, case_id=life.case_id, actor=HOA))
    assert {name: row.action for name, row in gone.items()} == {first.id: A.WITHDRAW}, others
    assert faults(made) == []


def test_what_is_withdrawn_is_neither_signed_nor_awaits_it_and_its_code_says_so(
    made: Installation, tmp_path: Path
) -> None:
    life, issued = handled(made), paper(made)
    with made.database.sessions() as session:
        assert session.scalars(unsigned_cases()).all() == [life.case_id]
    life.take(HOA, A.WITHDRAW, reason="wrong_notice")
    with made.database.sessions() as session:
        assert session.scalars(unsigned_cases()).all() == []
    with pytest.raises(VoidPaperError, match="hoa took withdraw"):
        sign(made.database.sessions, made.store, actor=KY, key=FileKey(make_p12(tmp_path / "k.p12")), now=NOON,
             secret=PASSPHRASE, document_id=issued.document.id, case_id=life.case_id)  # fmt: skip
    found = look_up(made.database.sessions, plate="29-A1 2345", code=issued.code, now=NOON)
    assert own_case(made.database.sessions, notice_id=found.id).void


def test_there_must_be_a_paper_to_withdraw(made: Installation) -> None:
    life = handled(made)
    assert A.WITHDRAW not in life.open_to(HOA)
    with pytest.raises(NoPaperError, match="no notice stands"):
        life.take(HOA, A.WITHDRAW, reason="wrong_notice")
    paper(made)
    assert withdrawable(life) == (K.NOTICE,)
    with pytest.raises(NoPaperError, match="no result stands"):
        life.take(HOA, A.WITHDRAW, reason="wrong_result")
    paper(made, kind=K.RESULT)
    assert withdrawable(life) == (K.NOTICE, K.RESULT)
    life.take(HOA, A.WITHDRAW, reason="wrong_notice")
    assert withdrawable(life) == (K.RESULT,)
    assert openness(life.database.sessions, life.case(), LAN, now=life.now).withdrawable == (), "it is not theirs"
    life.take(HOA, A.WITHDRAW, reason="wrong_result")
    assert A.WITHDRAW not in life.open_to(HOA)


def withdrawable(life: Walk) -> tuple[DocumentKind, ...]:
    found = openness(life.database.sessions, life.case(), HOA, now=life.now)
    assert A.WITHDRAW in found.actions
    return found.withdrawable


def test_a_paper_with_a_corrected_plate_makes_way_for_the_right_one_alone(made: Installation) -> None:
    life = handled(made)
    paper(made)
    corrected(made, life, "29A99999")
    other = DocumentForm(plate="29A99999")
    paper(made, form=other)
    with pytest.raises(AlreadyIssuedError):
        paper(made, form=other)
    assert [row.plate for row in rows(made, K.NOTICE)] == ["29A12345", "29A99999"]


def test_a_record_without_a_plate_makes_way_for_one_with_it_alone(made: Installation) -> None:
    life, form = confirmed(made), DocumentForm(marks="xe ba gác tự chế")
    life.take(HOA, A.SEEK_OWNER)
    how = {"case_id": life.case_id, "kind": K.RECORD}
    paper(made, form=form, **how)  # type: ignore[arg-type]
    with pytest.raises(AlreadyIssuedError):
        paper(made, form=form, **how)  # type: ignore[arg-type]
    establish(made.database, life.case_id, now=life.now)
    with pytest.raises(AlreadyIssuedError):
        paper(made, form=form, **how)  # type: ignore[arg-type]
    assert paper(made, **how).document.plate == "29A12345"  # type: ignore[arg-type]


def test_a_draft_decision_on_another_record_makes_way(made: Installation) -> None:
    life = handled(made, A.SEEK_OWNER)
    paper(made, kind=K.RECORD)
    life.take(HOA, A.MAKE_RECORD)
    paper(made, kind=K.DECISION)
    life.take(HOA, A.WITHDRAW, reason="wrong_record")
    new = paper(made, kind=K.RECORD).document
    assert paper(made, kind=K.DECISION).document.fields["record_number"] == new.number
    with pytest.raises(AlreadyIssuedError):
        paper(made, kind=K.DECISION)


def test_of_two_clerks_at_once_on_two_servers_one_issues_it(url: str, tmp_path: Path) -> None:
    """Both have looked and found no notice before either writes."""
    made = install(tmp_path / "data", cases=2, url=url)
    second, ready = open_database(url, lock_wait_s=20), Barrier(4)
    clerks = [(database, f"clerk-{at}") for at, database in enumerate([made.database, second] * 2)]

    def clerk(one: tuple[object, str]) -> str:
        database, name = one
        ready.wait(60)
        try:
            done = issue(database.sessions, made.store, settings_of(made), case_id=made.case_ids[1], kind=K.NOTICE,  # type: ignore[attr-defined]
                         form=FORM, actor=Actor(name=name, role=Role.HANDLER), now=NOON)  # fmt: skip
        except AlreadyIssuedError as refused:
            return refused.number
        return f"issued {done.document.number}"

    with ThreadPoolExecutor(4) as pool:
        told = sorted(pool.map(clerk, clerks))
    assert told == ["000001/2026/TB"] * 3 + ["issued 000001/2026/TB"]
    assert len(rows(made, K.NOTICE)) == 1
    assert faults(made) == []
    second.close()
    made.database.close()
