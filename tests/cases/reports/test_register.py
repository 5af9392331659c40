"""The register of citizens' reports, Mẫu 05/73: 17 columns, the sender in confidence, no formula in any cell."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cases.citizen.media import Upload
from cases.citizen.reports import SettledBy, receive, report_form, settle
from cases.database import read_transaction
from cases.faults import NotPermittedError
from cases.records import EntryKind, LedgerEntry
from cases.reports.period import Period
from cases.reports.register import COLUMNS, CONFIDENTIAL, register
from tests.cases.builders import AUDITOR, CHIEF, ELSEWHERE, LAN, NOON
from tests.cases.installation import install, street_jpeg

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
        told = dict(zip(COLUMNS, (cell.value for cell in row), strict=True))
        assert (told["STT"], told["Người cung cấp"], told["Địa chỉ"]) == (number, CONFIDENTIAL, CONFIDENTIAL)
        assert (told["Không vi phạm, không đủ căn cứ"], told["Cán bộ"]) == ("Không đủ căn cứ", "lan")
        assert {cell.data_type for cell in row} <= {"n", "s"}, "no formula"
    assert b"0912" not in data and "Bà Lan".encode() not in data
    with read_transaction(sessions) as session:
        last = session.query(LedgerEntry).filter(LedgerEntry.kind == EntryKind.EXPORT).all()[-1]
        assert (last.actor, last.details["what"], last.details["lines"]) == ("chief", "register", 2)
    elsewhere = register(sessions, actor=AUDITOR, period=Period(date(2026, 11, 21), date(2026, 11, 22)), now=NOON)
    assert load_workbook(BytesIO(elsewhere)).active.max_row == 1  # type: ignore[union-attr]
    with pytest.raises(NotPermittedError):
        register(sessions, actor=ELSEWHERE, period=DAY, now=NOON)
    made.database.close()
