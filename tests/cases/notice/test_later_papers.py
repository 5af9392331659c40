"""The device's result sheet (NĐ135 Đ14.2) and the draft of the decision (L-XLVPHC Đ68), field by field."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases import service
from cases.actor import Actor
from cases.database import read_transaction
from cases.faults import CaseFirstError, IllegalMoveError, NoPaperError, NotPermittedError
from cases.lifecycle import Action, State
from cases.notice.form import DocumentForm, Owner
from cases.notice.issue import document_pdf
from cases.notice.signature import FileKey, accept, refuse_handing, sign
from cases.records import DocumentKind, Notice
from tests.cases.builders import CHIEF, LAN, NOON, opened
from tests.cases.installation import Installation, install
from tests.cases.installation import items as stills
from tests.cases.notice.issuing import HUNG, paper, text_of
from tests.cases.notice.signer import PASSPHRASE, make_p12
from tests.cases.notice.test_fields import FILLED, PERSON, check_pdf_a
from tests.cases.papers import establish
from tests.cases.walking import DIRECTOR, HOA, KY, Walk

MORE = {"operator": "Lê Trực", "verified": "Đúng chủ xe",
        "aggravating": "Tái phạm", "mitigating": "Tự khai báo",
        "additional": "Không tước giấy phép",
        "decider": "Trưởng phòng Lê Ký", "pay_where": "Kho bạc Hoàn Kiếm"}  # fmt: skip
RESULT = {
    "a) đơn vị": "Đơn vị vận hành: Phòng Cảnh sát giao thông",
    "a) người vận hành": "Người vận hành phương tiện, thiết bị: Lê Trực",
    "b) người vi phạm": "vi phạm (nếu đã xác minh): Nguyễn Thị Ưởng",
    "b) địa chỉ người vi phạm": "Địa chỉ: 12 Hàng Bài",
    "c) hình ảnh": "c) Hình ảnh: 3 ảnh kèm theo",
    "d) số liệu đo được": "quãng đường 14.2 m",
    "đ) thời gian": "đ) Thời gian: 12:01, 20/11/2026",
    "đ) địa điểm": "Địa điểm: Đinh Tiên Hoàng - Lê Thạch, Hoàn Kiếm",
    "e) hành vi": "e) Hành vi vi phạm: Đi ngược chiều",
    "g) thông tin khác": "g) Thông tin khác:",
    "chữ ký người vận hành": "NGƯỜI VẬN HÀNH THIẾT BỊ (ký, ghi rõ họ và tên)",
}
DECISION = {
    "căn cứ": "Căn cứ: Luật Xử lý vi phạm hành chính",
    "số biên bản": "Biên bản vi phạm hành chính số 000001/2026/BB-VPHC",
    "kết quả xác minh": "Kết quả xác minh: Đúng chủ xe",
    "giải trình": "Giải trình của cá nhân, tổ chức vi phạm: Trong 05 ngày",
    "người ra quyết định": "Người ra quyết định: Trưởng phòng Lê Ký",
    "người vi phạm": "Xử phạt ông (bà): Nguyễn Thị Ưởng",
    "hành vi": "hành vi vi phạm hành chính: Đi ngược chiều",
    "tình tiết tăng nặng": "Tình tiết tăng nặng: Tái phạm",
    "tình tiết giảm nhẹ": "Tình tiết giảm nhẹ: Tự khai báo",
    "điều khoản": "điểm a khoản 7 Điều 7",
    "hình thức chính": "Hình thức xử phạt chính: phạt tiền 5.000.000 đồng",
    "hình thức bổ sung": "Không tước giấy phép",
    "khắc phục hậu quả": "Biện pháp khắc phục hậu quả:",
    "quyền khiếu nại, khởi kiện": "quyền khiếu nại hoặc khởi kiện hành chính",
    "hiệu lực": "Quyết định có hiệu lực kể từ ngày ký",
    "thời hạn chấp hành": "trong thời hạn 10 ngày kể từ ngày nhận",
    "nơi nộp": "nộp tiền phạt tại Kho bạc Hoàn Kiếm",
    "cưỡng chế": "thì bị cưỡng chế thi hành",
    "chữ ký (quyết định)": "NGƯỜI RA QUYẾT ĐỊNH (ký, đóng dấu hoặc ký số",
    "dự thảo": "DỰ THẢO",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = install(tmp_path_factory.mktemp("data"), cases=2)
    yield made
    made.database.close()


def test_result_sheet_then_record_then_decision(made: Installation) -> None:
    sessions, case_id = made.database.sessions, made.case_ids[1]
    form = DocumentForm(owner=PERSON, **FILLED, **MORE)  # type: ignore[arg-type]

    def words_of(kind: DocumentKind) -> str:
        issued = paper(made, kind=kind, form=form)
        assert (issued.code == "") is (kind is not DocumentKind.RECORD)
        pdf = document_pdf(made.store, issued.document, signed=False)
        check_pdf_a(pdf)
        return text_of(pdf)

    sheet = words_of(DocumentKind.RESULT)
    assert [field for field, text in RESULT.items() if "".join(text.split()) not in sheet] == []
    step = {"case_id": case_id, "actor": HUNG, "now": NOON}
    service.decide(sessions, action=Action.SEEK_OWNER, reason="owner_unknown", expected_version=2, **step)  # type: ignore[arg-type]
    with pytest.raises(IllegalMoveError):
        paper(made, kind=DocumentKind.DECISION, form=form)
    words_of(DocumentKind.RECORD)
    service.decide(sessions, action=Action.MAKE_RECORD, reason="on_paper", expected_version=3, **step)  # type: ignore[arg-type]
    decided = words_of(DocumentKind.DECISION)
    assert [field for field, text in DECISION.items() if "".join(text.split()) not in decided] == []


def test_what_a_citizen_sent_is_no_devices_result(made: Installation) -> None:
    sessions = made.database.sessions
    case_id = opened(made.database, made.store, 9, source="citizen", items=stills()).case_id
    for action, reason, version in ((Action.CHECK, "on_site", 1), (Action.CONFIRM, "verified", 2)):
        service.claim(sessions, case_id=case_id, actor=LAN, now=NOON, lease_s=60)
        service.decide(sessions, case_id=case_id, actor=LAN, action=action, reason=reason, expected_version=version,
                       now=NOON)  # fmt: skip
    establish(made.database, case_id, now=NOON)
    with pytest.raises(IllegalMoveError, match="no device's result"):
        paper(made, kind=DocumentKind.RESULT, case_id=case_id)
    paper(made, kind=DocumentKind.NOTICE, case_id=case_id)
    assert service.get_case(sessions, case_id=case_id, actor=CHIEF).source_kind == "citizen"


def test_a_decision_without_a_record_is_refused(made: Installation) -> None:
    sessions = made.database.sessions
    case_id = opened(made.database, made.store, 11, items=stills()).case_id
    service.claim(sessions, case_id=case_id, actor=LAN, now=NOON, lease_s=60)
    steps = (
        (LAN, Action.CONFIRM, "verified"),
        (HUNG, Action.SEEK_OWNER, "owner_unknown"),
    )
    for version, (actor, action, reason) in enumerate(steps, start=1):
        service.decide(sessions, case_id=case_id, actor=actor, action=action, reason=reason, expected_version=version,
                       now=NOON)  # fmt: skip
    with pytest.raises(NoPaperError, match="make_record rests on a record; issue it first"):
        service.decide(sessions, case_id=case_id, actor=HUNG, action=Action.MAKE_RECORD, reason="on_paper",
                       expected_version=3, now=NOON)  # fmt: skip
    with pytest.raises(IllegalMoveError, match="it stands at OWNER"):
        paper(made, kind=DocumentKind.DECISION, case_id=case_id, form=DocumentForm(plate="29A12345", owner=Owner()))


def test_a_decision_is_signed_by_who_signed_its_case_and_by_nobody_before(tmp_path: Path) -> None:
    made = install(tmp_path / "data", cases=2)
    sessions, life = made.database.sessions, Walk(made.database, made.case_ids[1])
    form, key = DocumentForm(plate="29A12345"), FileKey(make_p12(tmp_path / "k.p12"))
    life.take(HOA, Action.SEEK_OWNER)
    paper(made, kind=DocumentKind.RECORD, form=form)
    life.take(HOA, Action.MAKE_RECORD)
    row = paper(made, kind=DocumentKind.DECISION, form=form).document
    outside = key.signed(document_pdf(made.store, row, signed=False), PASSPHRASE)
    how = {"case_id": life.case_id, "document_id": row.id, "now": NOON}

    def refused(actor: Actor, fault: type[Exception]) -> None:
        with pytest.raises(fault):
            sign(sessions, made.store, actor=actor, key=key, secret=PASSPHRASE, **how)  # type: ignore[arg-type]
        with pytest.raises(fault):
            accept(sessions, made.store, actor=actor, signed=outside, **how)  # type: ignore[arg-type]
        with read_transaction(sessions) as session, pytest.raises(NotPermittedError, match="signed by one person"):
            refuse_handing(session, session.get_one(Notice, row.id))

    for state, action in ((State.RECORD, Action.SUBMIT), (State.TOSIGN, Action.SIGN)):
        assert life.case().state is state
        for actor in (CHIEF, KY, DIRECTOR):
            refused(actor, CaseFirstError if state is State.TOSIGN else IllegalMoveError)
        life.take(KY if action is Action.SIGN else HOA, action)
    for actor in (CHIEF, DIRECTOR):
        refused(actor, NotPermittedError)
    assert sign(sessions, made.store, actor=KY, key=key, secret=PASSPHRASE, **how).signed_by == "ky"  # type: ignore[arg-type]
    with read_transaction(sessions) as session:
        refuse_handing(session, session.get_one(Notice, row.id))
    made.database.close()
