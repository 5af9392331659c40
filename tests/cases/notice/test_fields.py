"""Every field of the forms stands in the PDF: Mẫu 01 (TT73) of the notice, mẫu số 01 (NĐ190/2025) of the record.

docs/notices.md says where each stands; the table here is what is looked for, field by field, in the text of the PDF.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.pens.basePen import NullPen
from fontTools.ttLib import TTFont
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, FloatObject, IndirectObject, NameObject, TextStringObject

from cases import service
from cases.lifecycle import Action
from cases.notice.form import DocumentForm, Owner
from cases.notice.issue import document_pdf
from cases.notice.signature import FileKey
from cases.records import DocumentKind
from tests.cases.builders import NOON
from tests.cases.installation import Installation, install
from tests.cases.notice.issuing import HUNG, anew, text_of
from tests.cases.notice.signer import PASSPHRASE, make_p12

PERSON = Owner(name="Nguyễn Thị Ưởng", id_number="001085012345", address="12 Hàng Bài", born="02/03/1985", gender="Nữ",
               nationality="Việt Nam", occupation="Lái xe")  # fmt: skip
FIRM = Owner(kind="organisation", name="Công ty Vận tải Số Sáu", id_number="0101234567", address="5 Lê Duẩn",
             representative="Lê Văn Đại")  # fmt: skip
FILLED = {
    "plate": "29A-123.45", "plate_colour": "yellow", "appear_at": datetime(2026, 12, 5, 1, tzinfo=UTC),
    "appear_where": "Đội CSGT số 1", "appear_instead": "Công an phường Cửa Nam", "papers": "Giấy đăng ký xe",
    "preventive": "Tạm giữ giấy phép", "sent_by": "Phòng CSGT Hải Phòng", "seized": "01 giấy đăng ký xe",
    "witness": "Phạm Chứng", "interpreter": "Trần Dịch", "victim": "Không có", "opinions": "Tôi không lái xe",
    "reason_at_office": "Phát hiện qua thiết bị", "circumstances": "Giờ cao điểm", "explanation": "Trong 05 ngày",
    "contact": "0912345678",
}  # fmt: skip
BOTH = {
    "cơ quan chủ quản": "CÔNG AN THÀNH PHỐ HÀ NỘI",
    "cơ quan": "PHÒNG CẢNH SÁT GIAO THÔNG",
    "quốc hiệu": "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "địa danh, ngày": "Hà Nội, ngày 20 tháng 11 năm 2026",
    "phương tiện: loại": "Xe mô tô, xe gắn máy",
    "phương tiện: biển số": "29-A1 2345",
    "phương tiện: màu biển số": "nền vàng, chữ và số màu đen",
    "thời gian vi phạm": "12:01, 20/11/2026",
    "địa điểm vi phạm": "Đinh Tiên Hoàng - Lê Thạch, Hoàn Kiếm",
    "hành vi vi phạm": "Đi ngược chiều",
    "điểm, khoản, điều, nghị định": "điểm a khoản 7 Điều 7 Nghị định 168/2024/NĐ-CP",
    "biện pháp ngăn chặn": "Tạm giữ giấy phép",
    "giờ, ngày đến giải quyết": "08:00, 05/12/2026",
    "nơi đến giải quyết": "Đội CSGT số 1",
}
NOTICE = {
    **BOTH,
    "số": "Số: 000001/2026/TB",
    "tên văn bản": "THÔNG BÁO Vi phạm hành chính về trật tự, an toàn giao thông đường bộ",
    "kính gửi, chủ phương tiện": "Kính gửi: Nguyễn Thị Ưởng",
    "số định danh": "Số định danh cá nhân: 001085012345",
    "địa chỉ": "Địa chỉ: 12 Hàng Bài",
    "đơn vị phát hiện": "Đơn vị phát hiện vi phạm: Phòng Cảnh sát giao thông",
    "đơn vị chuyển kết quả": "Đơn vị chuyển kết quả: Phòng CSGT Hải Phòng",
    "nơi thay thế": "Hoặc tại: Công an phường Cửa Nam",
    "giấy tờ mang theo": "Giấy tờ mang theo: Giấy đăng ký xe",
    "số điện thoại": "Điện thoại liên hệ: 024 3942 4451",
    "kèm kết quả thu thập": "Kèm theo Thông báo số 000001/2026/TB",
    "hạn 20 ngày": "Quá 20 ngày kể từ ngày gửi Thông báo này",
    "nơi nhận": "Nơi nhận:",
    "chữ ký": "THỦ TRƯỞNG ĐƠN VỊ (ký, đóng dấu hoặc ký số)",
}
RECORD = {
    **BOTH,
    "số": "/2026/BB-VPHC",
    "tên văn bản": "BIÊN BẢN VI PHẠM HÀNH CHÍNH",
    "giờ, ngày, nơi lập": "Hôm nay, 12 giờ 00, ngày 20/11/2026, tại",
    "lý do lập tại trụ sở": "Lý do lập biên bản tại trụ sở: Phát hiện qua thiết bị",
    "căn cứ": "Điều 64 Luật Xử lý vi phạm hành chính",
    "người lập": "Người lập biên bản: hung",
    "người chứng kiến": "Người chứng kiến: Phạm Chứng",
    "người phiên dịch": "Người phiên dịch: Trần Dịch",
    "2. tình tiết": "Tình tiết liên quan: Giờ cao điểm",
    "4. bị thiệt hại": "bị thiệt hại: Không có",
    "5. ý kiến người vi phạm": "Tôi không lái xe",
    "6. ý kiến người chứng kiến": "6. Ý kiến trình bày của người chứng kiến:",
    "7. ý kiến người bị thiệt hại": "7. Ý kiến trình bày của cá nhân, tổ chức bị thiệt hại:",
    "8. chấm dứt hành vi": "chấm dứt ngay hành vi vi phạm",
    "9. tạm giữ": "giấy tờ bị tạm giữ: 01 giấy đăng ký xe",
    "10. quyền, thời hạn giải trình": "10. Quyền và thời hạn giải trình: Trong 05 ngày",
    "kênh điện tử": "0912345678",
    "lý do không ký": "Lý do không ký biên bản",
    "chữ ký": "NGƯỜI LẬP BIÊN BẢN",
}
PERSONS = {
    "1. họ tên": "Họ và tên: Nguyễn Thị Ưởng", "1. giới tính": "Giới tính: Nữ", "1. ngày sinh": "năm sinh: 02/03/1985",
    "1. quốc tịch": "Quốc tịch: Việt Nam", "1. nghề nghiệp": "Nghề nghiệp: Lái xe",
    "1. nơi ở": "Nơi ở hiện tại: 12 Hàng Bài", "1. số định danh": "hộ chiếu: 001085012345",
}  # fmt: skip
FIRMS = {
    "1. tên tổ chức": "Tên tổ chức: Công ty Vận tải Số Sáu", "1. trụ sở": "Địa chỉ trụ sở chính: 5 Lê Duẩn",
    "1. mã số doanh nghiệp": "Mã số doanh nghiệp: 0101234567",
    "1. người đại diện": "Người đại diện theo pháp luật: Lê Văn Đại",
}  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    """Anew for each test: papers are numbered in the order of their issue."""
    made = install(tmp_path / "data", cases=2)
    service.decide(made.database.sessions, case_id=made.case_ids[1], actor=HUNG, action=Action.SEEK_OWNER,
                   reason="owner_unknown", expected_version=2, now=NOON)  # fmt: skip
    yield made
    made.database.close()


def pdf_of(made: Installation, kind: DocumentKind, owner: Owner) -> bytes:
    form = DocumentForm(owner=owner, **FILLED)  # type: ignore[arg-type]
    return document_pdf(made.store, anew(made, kind=kind, form=form).document, signed=False)


@pytest.mark.parametrize(
    ("kind", "owner", "fields"),
    [
        (DocumentKind.NOTICE, PERSON, NOTICE),
        (DocumentKind.RECORD, PERSON, RECORD | PERSONS),
        (DocumentKind.RECORD, FIRM, RECORD | FIRMS),
    ],
    ids=["notice", "record of a person", "record of an organisation"],
)
def test_every_field_of_the_form_stands_in_the_paper(
    made: Installation, kind: DocumentKind, owner: Owner, fields: dict[str, str]
) -> None:
    words = text_of(pdf_of(made, kind, owner))
    missing = [f"{field}: {text}" for field, text in fields.items() if "".join(text.split()) not in words]
    assert missing == []


def test_the_documentation_names_every_field() -> None:
    told = (Path(__file__).parents[3] / "docs" / "notices.md").read_text(encoding="utf-8").lower()
    fields = {field.lower() for field in NOTICE | RECORD | PERSONS | FIRMS}
    assert [field for field in sorted(fields) if field not in told] == []


@pytest.mark.parametrize("kind", [kind for kind in DocumentKind if kind is not DocumentKind.DECISION])
@pytest.mark.parametrize("signed", [False, True], ids=["issued", "signed"])
def test_papers_meet_what_can_be_checked_of_pdf_a_2b(
    made: Installation, kind: DocumentKind, signed: bool, tmp_path: Path
) -> None:
    """ISO 19005-2 as far as it shows without a validator: identification, intent, fonts, nothing forbidden."""
    pdf = pdf_of(made, kind, PERSON)
    if signed:
        pdf = FileKey(make_p12(tmp_path / "key.p12")).signed(pdf, PASSPHRASE)
    check_pdf_a(pdf)


def test_a_pdf_that_is_no_pdf_a_is_found(made: Installation) -> None:
    """The check can fail: a width that is not the font's, a hidden field, a script, a font that is left out."""
    good = pdf_of(made, DocumentKind.NOTICE, PERSON)
    for spoil in (_wrong_width, _script, _no_font, _no_intent):
        writer = PdfWriter(clone_from=BytesIO(good))
        spoil(writer)
        data = BytesIO()
        writer.write(data)
        with pytest.raises((AssertionError, KeyError, StopIteration)):
            check_pdf_a(data.getvalue())


def _fonts(writer: PdfWriter) -> Iterator[Any]:
    for one in list(writer._objects):
        if isinstance(one, dict) and one.get("/Type") == "/Font" and "/W" in one:
            yield one


def _wrong_width(writer: PdfWriter) -> None:
    widths = next(_fonts(writer))["/W"]
    place, at = (widths[1], 0) if isinstance(widths[1], list) else (widths, 2)
    place[at] = FloatObject(float(place[at]) + 40)


def _script(writer: PdfWriter) -> None:
    action = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject({NameObject(k): v for k, v in action.items()})


def _no_font(writer: PdfWriter) -> None:
    descriptor = next(_fonts(writer))["/FontDescriptor"]
    for name in ("/FontFile2", "/FontFile3"):
        descriptor.pop(name, None)


def _no_intent(writer: PdfWriter) -> None:
    del writer.root_object["/OutputIntents"]


def check_pdf_a(pdf: bytes) -> None:
    """What can be told of ISO 19005-2, level B, without a validator."""
    reader = PdfReader(BytesIO(pdf))
    root: Any = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_object().get_data()
    assert (_said(xmp, "part"), _said(xmp, "conformance")) == ("2", "B")
    assert "/Filter" not in root["/Metadata"].get_object()
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert len(root["/OutputIntents"][0]["/DestOutputProfile"].get_data()) > 100
    assert reader.trailer["/ID"]
    assert not reader.is_encrypted
    objects = list(_objects(root, set()))
    fonts = [one for one in objects if one.get("/Type") == "/FontDescriptor"]
    assert fonts
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(font) for font in fonts)
    for font in (one for one in objects if one.get("/Type") == "/Font" and "/DescendantFonts" not in one):
        assert _widths_agree(font), font["/BaseFont"]
    assert {str(one["/S"]) for one in objects if one.get("/Type") == "/Group"} <= {"/Transparency"}
    for one in (one for one in objects if one.get("/Type") == "/Annot"):
        assert one.get("/F", 0) & 0b100111 == 0b100, "printed, neither hidden nor invisible (6.3.2)"
    for one in objects:
        assert one.get("/S") not in ("/JavaScript", "/Launch", "/Sound", "/Movie", "/ImportData", "/ResetForm")
        assert not {"/JS", "/AA", "/EmbeddedFiles", "/XFA", "/F_stream"} & set(one), one
        assert one.get("/Filter") != "/LZWDecode"
        assert not (one.get("/Subtype") == "/Image" and one.get("/Interpolate"))


def _widths_agree(font: dict[str, Any]) -> bool:
    """Whether the widths a PDF states are those of the font program in it, within 1/1000 em (6.2.11.5)."""
    found = _program_widths(font["/FontDescriptor"])
    return all(abs(found[cid] - width) <= 1 for cid, width in _widths(font["/W"]))


def _program_widths(descriptor: Any) -> list[float]:
    """The widths of an embedded font's glyphs by number, in thousandths of an em."""
    if "/FontFile3" in descriptor:
        fonts = CFFFontSet()
        fonts.decompile(BytesIO(descriptor["/FontFile3"].get_data()), None)
        top = fonts[0]
        glyphs = [top.CharStrings[name] for name in top.charset]
        for glyph in glyphs:
            glyph.draw(NullPen())  # the width of a charstring is known once it has run
        return [glyph.width * top.FontMatrix[0] * 1000 for glyph in glyphs]
    with TTFont(BytesIO(descriptor["/FontFile2"].get_data())) as program:
        per_em = program["head"].unitsPerEm
        return [program["hmtx"].metrics[name][0] * 1000 / per_em for name in program.getGlyphOrder()]


def _widths(array: Any) -> Iterator[tuple[int, float]]:
    """(glyph, width) of a /W array: `first [w w ...]` or `first last w`."""
    rest = list(array)
    while rest:
        first, second = rest.pop(0), rest.pop(0)
        if isinstance(second, list):
            yield from ((int(first) + at, float(width)) for at, width in enumerate(second))
        else:
            width = float(rest.pop(0))
            yield from ((cid, width) for cid in range(int(first), int(second) + 1))


def _said(xmp: bytes, name: str) -> str | None:
    """What the metadata says of PDF/A, as an element or as an attribute."""
    key = f"{{http://www.aiim.org/pdfa/ns/id/}}{name}"
    found = [
        one.attrib.get(key) or (one.text if one.tag == key else None) for one in ElementTree.fromstring(xmp).iter()
    ]
    return next((value for value in found if value), None)


def _objects(node: Any, seen: set[int]) -> Iterator[dict[str, Any]]:
    """Every dictionary reachable from a node."""
    if isinstance(node, IndirectObject):
        if node.idnum in seen:
            return
        seen.add(node.idnum)
        node = node.get_object()
    if isinstance(node, dict):
        yield node
        for value in list(dict.values(node)):
            yield from _objects(value, seen)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value, seen)
