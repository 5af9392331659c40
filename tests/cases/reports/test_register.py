"""The register of citizens' reports, Mẫu 05/73: 17 columns, the sender in confidence, no formula in any cell."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cases.actor import Actor
from cases.citizen.media import Upload
from cases.citizen.reports import SettledBy, receive, report_form, settle
from cases.database import read_transaction
from cases.faults import NoPaperError, NotPermittedError
from cases.lifecycle import Action
from cases.notice.form import DocumentForm, Owner
from cases.notice.issue import issue
from cases.records import DocumentKind, EntryKind, LedgerEntry
from cases.reports.period import Period
from cases.reports.register import COLUMNS, CONFIDENTIAL, register
from cases.settings import Settings
from tests.cases.builders import AUDITOR, CHIEF, ELSEWHERE, LAN, NOON, opened
from tests.cases.installation import Installation, install, street_jpeg
from tests.cases.papers import establish
from tests.cases.walking import HOA, KY, Walk

DAY = Period(date(2026, 11, 20), date(2026, 11, 20))


def test_each_report_has_its_line_and_no_sender(tmp_path: Path) -> None:
    made = install(tmp_path / "data", cases=2)
    sessions = made.database.sessions
    for place in ('=HYPERLINK("http://x")', "12 Hàng Bài"):
        form = report_form(occurred_at=NOON, place=place, ward="Hoàn Kiếm", what="illegal_parking",
                           reporter="Bà Lan", contact="0912")  # fmt: skip
        done = receive(sessions, made.root / "citizen", form=form, uploads=[Upload("x", [street_jpeg()])],
                       largest_bytes=1 << 20, now=NOON)  # fmt: skip
        settle(sessions, report_id=done.report.id, actor=LAN, outcome="@SUM(1)", cases=made.case_ids[:1],
               reason=SettledBy.NO_GROUNDS, now=NOON)  # fmt: skip
    data = register(sessions, actor=CHIEF, period=DAY, now=NOON)
    rows = list(load_workbook(BytesIO(data)).active.iter_rows())  # type: ignore[union-attr]
    assert [cell.value for cell in rows[0]] == list(COLUMNS) and len(COLUMNS) == 17
    assert len(rows) == 3
    for number, row in enumerate(rows[1:], start=1):
        cells = dict(zip(COLUMNS, (cell.value for cell in row), strict=True))
        assert (cells["STT"], cells["Người cung cấp"], cells["Địa chỉ"]) == (number, CONFIDENTIAL, CONFIDENTIAL)
        assert (cells["Không vi phạm, không đủ căn cứ"], cells["Cán bộ"]) == ("Không đủ căn cứ", "lan")
        assert {cell.data_type for cell in row} <= {"n", "s"}, "no formula"
    words = " ".join(str(cell.value) for row in rows for cell in row)
    assert "12 Hàng Bài" in words and "0912" not in words and "Bà Lan" not in words
    with read_transaction(sessions) as session:
        last = session.query(LedgerEntry).filter(LedgerEntry.kind == EntryKind.EXPORT).all()[-1]
        assert (last.actor, last.details["what"], last.details["lines"]) == ("chief", "register", 2)
    elsewhere = register(sessions, actor=AUDITOR, period=Period(date(2026, 11, 21), date(2026, 11, 22)), now=NOON)
    assert load_workbook(BytesIO(elsewhere)).active.max_row == 1  # type: ignore[union-attr]
    with pytest.raises(NotPermittedError):
        register(sessions, actor=ELSEWHERE, period=DAY, now=NOON)
    made.database.close()


def told(made: Installation, actor: Actor = CHIEF) -> list[dict[str, object]]:
    """The register's lines, empty cells as empty texts."""
    rows = load_workbook(BytesIO(register(made.database.sessions, actor=actor, period=DAY, now=NOON))).active
    assert rows is not None
    heads, *lines = rows.iter_rows(values_only=True)
    return [dict(zip(map(str, heads), (value or "" for value in line), strict=True)) for line in lines]


def report_of(made: Installation, *case_ids: str) -> None:
    """A report of Hoàn Kiếm that led to these cases."""
    sessions = made.database.sessions
    form = report_form(occurred_at=NOON, place="12 Hàng Bài", ward="Hoàn Kiếm", what="other")
    done = receive(sessions, made.root / "citizen", form=form, uploads=[Upload("x", [street_jpeg()])],
                   largest_bytes=1 << 20, now=NOON)  # fmt: skip
    settle(sessions, report_id=done.report.id, actor=CHIEF, outcome="đã xem", cases=case_ids, now=NOON,
           reason=SettledBy.CASE)  # fmt: skip


def test_a_commander_reads_nothing_of_another_wards_case(tmp_path: Path) -> None:
    made = install(tmp_path / "data", cases=2)
    far = opened(made.database, made.store, 8, ward="Ba Đình").case_id
    report_of(made, made.case_ids[1], far)
    sides = [told(made, replace(CHIEF, wards=wards)) for wards in ((), ("Hoàn Kiếm",), ("Ba Đình",))]
    acts = [sorted(str(line["Thời gian, hành vi"]).split(", ")[2] for line in lines) for lines in sides]
    assert acts == [["Đi ngược chiều"] * 2, ["Khác", "Đi ngược chiều"], []]
    assert [line["Loại xe, biển số"] for line in sides[1]].count("") == 1
    made.database.close()


def test_each_column_is_of_the_newest_paper_that_has_it_and_drafts_are_no_decisions(tmp_path: Path) -> None:
    made = install(tmp_path / "data", cases=2)
    life = Walk(made.database, made.case_ids[1])
    report_of(made, life.case_id)
    life.take(HOA, Action.SEEK_OWNER)

    def lay_down(kind: DocumentKind, **form: object) -> None:
        life.now += timedelta(minutes=1)
        with suppress(NoPaperError):
            life.take(HOA, Action.WITHDRAW, reason=f"wrong_{kind}")
        issue(made.database.sessions, made.store, Settings(data_dir=made.root), case_id=life.case_id, kind=kind,
              form=DocumentForm(plate="29A12345", **form), actor=HOA, now=life.now)  # type: ignore[arg-type] # fmt: skip

    lay_down(DocumentKind.RECORD, owner=Owner(name="Nguyễn Văn Sai"), preventive="Tạm giữ xe")
    lay_down(DocumentKind.RECORD, owner=Owner(name="Nguyễn Thị Ưởng"), preventive="Tạm giữ giấy phép")
    assert told(made)[0]["Số BB/QĐ"] == "", "a draft is no record yet"
    life.take(HOA, Action.MAKE_RECORD)
    for kind in (DocumentKind.DECISION, DocumentKind.DECISION, DocumentKind.RESULT):
        lay_down(kind)
    line = told(made)[0]
    assert (line["Số BB/QĐ"], line["Phạt tiền"]) == ("000002/2026/BB-VPHC", "")
    for actor, action in ((HOA, Action.SUBMIT), (KY, Action.SIGN), (HOA, Action.ISSUE)):
        life.take(actor, action)
    line = told(made)[0]
    assert line["Số BB/QĐ"] == "000002/2026/BB-VPHC; 000002/2026/QĐ-XPHC"
    assert (line["Người vi phạm"], line["Biện pháp"]) == ("Nguyễn Thị Ưởng", "Tạm giữ giấy phép")
    assert line["Loại xe, biển số"] == "Xe mô tô, xe gắn máy, 29-A1 2345"
    assert (line["Phạt tiền"], line["Bổ sung, trừ điểm"]) == ("5.000.000", "Trừ 2 điểm")
    for action in (Action.SERVE, Action.PAY, Action.CLOSE):
        life.take(HOA, action)
    closed = told(made)[0]
    assert {**closed, "Thi hành": ""} == line and closed["Thi hành"] == "Đã nộp phạt", "a closed case stays told"
    made.database.close()


def test_papers_that_the_case_went_on_without_are_none_of_the_registers(tmp_path: Path) -> None:
    made = install(tmp_path / "data", cases=2)
    life = Walk(made.database, made.case_ids[1])
    report_of(made, life.case_id)

    def record(**form: object) -> None:
        issue(made.database.sessions, made.store, Settings(data_dir=made.root), case_id=life.case_id, actor=HOA,
              kind=DocumentKind.RECORD, form=DocumentForm(**form), now=life.now)  # type: ignore[arg-type] # fmt: skip

    life.take(HOA, Action.SEEK_OWNER)
    record(plate="29A12345", owner=Owner(name="Nguyễn Văn Sai"), preventive="Tạm giữ xe")
    life.take(HOA, Action.MAKE_RECORD)
    life.take(HOA, Action.AMEND, reason="other_clause", amount_vnd=(life.case().amount_vnd or 0) + 100_000)
    line = told(made)[0]
    assert [line[name] for name in ("Số BB/QĐ", "Người vi phạm", "Biện pháp")] == [""] * 3
    establish(made.database, life.case_id, now=life.now, plate="29A54321")
    record(plate="29A54321")
    line = told(made)[0]
    assert (line["Số BB/QĐ"], line["Người vi phạm"]) == ("000002/2026/BB-VPHC", "")
    assert line["Loại xe, biển số"] == "Xe mô tô, xe gắn máy, 29-A5 4321"
    made.database.close()


def test_an_annulled_decision_is_no_fine(tmp_path: Path) -> None:
    made = install(tmp_path / "data", cases=2)
    life = Walk(made.database, made.case_ids[1])
    report_of(made, life.case_id)
    life.take(HOA, Action.SEEK_OWNER)
    issue(made.database.sessions, made.store, Settings(data_dir=made.root), case_id=life.case_id, actor=HOA,
          kind=DocumentKind.RECORD, form=DocumentForm(plate="29A12345"), now=life.now)  # fmt: skip
    for actor, action in ((HOA, Action.MAKE_RECORD), (HOA, Action.SUBMIT), (KY, Action.SIGN), (HOA, Action.ISSUE),
                          (HOA, Action.APPEAL)):  # fmt: skip
        life.take(actor, action)
    assert told(made)[0]["Phạt tiền"] == "5.000.000"
    life.take(CHIEF, Action.ANNUL)
    line = told(made)[0]
    assert str(line["Số BB/QĐ"]).startswith("000001/2026/BB-VPHC; "), "what was annulled is told"
    assert (line["Phạt tiền"], line["Bổ sung, trừ điểm"], line["Thi hành"]) == ("", "", "Đã hủy quyết định")
    made.database.close()
