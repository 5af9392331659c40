"""Papers: issued only on what officers confirmed, Vietnamese, PDF/A, numbered, signed, and found when altered."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pydantic import ValidationError
from pyhanko.pdf_utils.reader import PdfFileReader

from cases import service
from cases.actor import Actor
from cases.faults import (
    BadReasonError,
    IllegalMoveError,
    NotFoundError,
    NotPermittedError,
    WrongPassphraseError,
)
from cases.lifecycle import Action
from cases.notice.channels import open_channels
from cases.notice.form import DocumentForm, Owner, normal_plate
from cases.notice.issue import code_sha256, document_pdf, documents
from cases.notice.signature import FileKey, accept, sign, signature_faults
from cases.records import DocumentKind, Notice
from cases.roles import Role
from detector.types import ConfigError, EvidenceError
from tests.cases.builders import LAN, NOON, opened
from tests.cases.installation import Installation, faults, items
from tests.cases.notice.issuing import FORM, HUNG, anew, paper, text_of
from tests.cases.notice.signer import PASSPHRASE, make_p12
from tests.cases.papers import establish
from tests.cases.walking import Walk

KY = Actor(name="ky", role=Role.SIGNER)


def test_notice_is_vietnamese_pdf_a_with_stills_and_numbered(made: Installation) -> None:
    issued = paper(made)
    row = issued.document
    assert row.number == "000001/2026/TB"
    assert anew(made).document.number == "000002/2026/TB"
    pdf = document_pdf(made.store, row, signed=False)
    reader = PdfFileReader(BytesIO(pdf))
    assert b"pdfaid:part>2" in pdf and b"pdfaid:conformance>B" in pdf
    assert int(reader.root["/Pages"]["/Count"]) == 2
    assert row.fields["act"].startswith("Đi ngược chiều")
    assert row.fields["occurred"] == "12:01, 20/11/2026"
    assert "code" not in row.fields
    assert (row.plate, row.code_sha256) == ("29A12345", code_sha256(issued.code.lower().replace("-", " ")))
    words = text_of(pdf)
    for expected in ("THÔNG BÁO", "29-A1 2345", "Nguyễn Thị Ưởng", issued.code, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
                     "https://vipham.example/tra-cuu", "Hành vi vi phạm", "024 3942 4451"):  # fmt: skip
        assert expected.replace(" ", "") in words, expected
    assert faults(made) == []


def test_record_is_a_draft_with_the_ten_points(made: Installation) -> None:
    service.decide(made.database.sessions, case_id=made.case_ids[1], actor=HUNG, action=Action.SEEK_OWNER,
                   reason="owner_unknown", expected_version=2, now=NOON)  # fmt: skip
    words = text_of(document_pdf(made.store, paper(made, kind=DocumentKind.RECORD).document, signed=False))
    for expected in ("BIÊN BẢN VI PHẠM HÀNH CHÍNH", "DỰ THẢO", "10. Quyền và thời hạn giải trình", "/2026/BB-VPHC"):
        assert expected.replace(" ", "") in words, expected


def test_words_of_the_case_are_never_markup(made: Installation) -> None:
    odd = replace_owner('#panic() $x$ *b* [c] @d "q" \\ <l> // e')
    row = paper(made, form=odd).document
    assert "#panic()" in text_of(document_pdf(made.store, row, signed=False))


def replace_owner(name: str) -> DocumentForm:
    return FORM.model_copy(update={"owner": Owner(name=name)})


REFUSED = {
    "not confirmed": ({"case_id": 0}, IllegalMoveError),
    "too early for a record": ({"kind": DocumentKind.RECORD}, IllegalMoveError),
    "an officer": ({"actor": LAN}, NotPermittedError),
    "another ward": ({"actor": replace(HUNG, wards=("Ba Đình",))}, NotFoundError),
    "a signer": ({"actor": KY}, NotPermittedError),
}


@pytest.mark.parametrize("label", sorted(REFUSED))
def test_paper_is_refused(made: Installation, label: str) -> None:
    change, error = REFUSED[label]
    if "case_id" in change:
        change = {"case_id": made.case_ids[0]}
    with pytest.raises(error):
        paper(made, **change)  # type: ignore[arg-type]
    assert documents(made.database.sessions, case_id=made.case_ids[1], actor=HUNG) == []


def test_altered_evidence_yields_no_paper(made: Installation) -> None:
    location = service.get_case(made.database.sessions, case_id=made.case_ids[1], actor=LAN).evidence_location
    still = made.store.root / location / "clip.mp4"
    still.chmod(0o644)
    still.write_bytes(b"other")
    with pytest.raises(EvidenceError, match=r"clip\.mp4"):
        paper(made)


@pytest.mark.parametrize(
    ("text", "plain"), [("29a-123.45", "29A12345"), (" 29-E1 123.45", "29E112345"), ("29MĐ1-12345", "29MĐ112345")]
)
def test_plates_are_spelt_one_way(text: str, plain: str) -> None:
    assert normal_plate(text) == plain


@pytest.mark.parametrize(
    "bad", [{"plate": "?"}, {"plate": "29A12345", "papers": "a\nb"}, {"plate": "29A12345", "x": 1}]
)
def test_forms_that_do_not_fit_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DocumentForm.model_validate(bad)


def signed(made: Installation, tmp_path: Path, *, actor: Actor = KY, **how: object) -> Notice:
    papers = documents(made.database.sessions, case_id=made.case_ids[1], actor=HUNG) or [paper(made).document]
    given = {"document_id": papers[-1].id, "key": FileKey(make_p12(tmp_path / "k.p12")), "secret": PASSPHRASE}
    return sign(made.database.sessions, made.store, case_id=made.case_ids[1], actor=actor, now=NOON, **{**given, **how})  # type: ignore[arg-type]


def test_signed_paper_holds_the_issued_one_and_a_signature_that_matches(made: Installation, tmp_path: Path) -> None:
    row = signed(made, tmp_path)
    pdf, whole = document_pdf(made.store, row, signed=True), document_pdf(made.store, row, signed=False)
    assert (row.signed_by, signature_faults(pdf, issued=whole)) == ("ky", [])
    assert b"/ETSI.CAdES.detached" in pdf
    assert b"pdfaid:part>2" in pdf
    assert faults(made) == []
    with pytest.raises(IllegalMoveError, match="signed already"):
        signed(made, tmp_path, document_id=row.id)


SIGNING_REFUSED = {
    "no key": ({"key": None}, ConfigError),
    "wrong passphrase": ({"secret": "x"}, WrongPassphraseError),
    "a handler": ({"actor": HUNG}, NotPermittedError),
    "who confirmed it": ({"actor": Actor(name="lan", role=Role.COMMANDER)}, NotPermittedError),
    "no such paper": ({"document_id": "TB-0"}, NotFoundError),
}


@pytest.mark.parametrize("label", sorted(SIGNING_REFUSED))
def test_signing_is_refused(made: Installation, tmp_path: Path, label: str) -> None:
    change, error = SIGNING_REFUSED[label]
    with pytest.raises(error):
        signed(made, tmp_path, **change)  # type: ignore[arg-type]


def test_paper_signed_with_a_token_elsewhere_is_taken_and_any_other_refused(made: Installation, tmp_path: Path) -> None:
    row = paper(made).document
    whole = document_pdf(made.store, row, signed=False)
    good = FileKey(make_p12(tmp_path / "k.p12")).signed(whole, PASSPHRASE)
    other = document_pdf(made.store, paper(made, kind=DocumentKind.RESULT).document, signed=False)
    bad = {
        "unsigned": whole,
        "another paper": FileKey(tmp_path / "k.p12").signed(other, PASSPHRASE),
        "altered": whole + good[len(whole) :].replace(b"/ByteRange", b"/BiteRange", 1),
        "garbage": whole + b"x" * 100,
    }
    how = {"case_id": made.case_ids[1], "document_id": row.id, "actor": KY, "now": NOON}
    for label, pdf in bad.items():
        with pytest.raises(BadReasonError):
            accept(made.database.sessions, made.store, signed=pdf, **how)  # type: ignore[arg-type]
            pytest.fail(label)
    assert accept(made.database.sessions, made.store, signed=good, **how).signed_by == "ky"  # type: ignore[arg-type]


def test_altered_papers_and_rows_are_found(made: Installation) -> None:
    row = paper(made).document
    path = made.store.root / row.name
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b" ")
    assert any(row.name in fault for fault in faults(made))
    with pytest.raises(EvidenceError, match="altered"):
        document_pdf(made.store, row, signed=False)


def test_channels_say_that_they_are_not_connected(tmp_path: Path) -> None:
    channels = open_channels(tmp_path / "outgoing")
    assert sorted(channels) == ["payment", "registry", "vneid", "vnetraffic"]
    for name, channel in channels.items():
        receipt = channel.hand_over({"case_id": "PN-1"}, attachments={"../a.pdf": b"pdf"}, now=NOON)
        assert (receipt.connected, receipt.delivered) == (False, False)
        assert "chưa kết nối" in receipt.status
        folder = tmp_path / "outgoing" / receipt.reference
        assert sorted(path.name for path in folder.iterdir()) == ["a.pdf", "message.json"]
        assert json.loads((folder / "message.json").read_text())["channel"] == name


def test_papers_issued_at_once_get_different_numbers(made: Installation) -> None:
    ids = [made.case_ids[1]]
    for number in range(7):
        life = Walk(made.database, opened(made.database, made.store, 30 + number, items=items()).case_id)
        establish(made.database, life.case_id, now=NOON)
        ids.append(life.take(LAN, Action.CONFIRM).id)
    with ThreadPoolExecutor(4) as pool:
        rows = [done.document for done in pool.map(lambda case_id: paper(made, case_id=case_id), ids)]
    assert sorted(row.number for row in rows) == [f"{number:06d}/2026/TB" for number in range(1, 9)]
    assert faults(made) == []
