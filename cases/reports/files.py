"""A report as CSV, XLSX and PDF: the same rows, Vietnamese headings, both comparisons beside every count."""

import csv
from collections.abc import Iterator, Mapping
from io import BytesIO, StringIO
from typing import Literal

import xlsxwriter

from cases.notice.typeset import typeset_from
from cases.reports.figures import Figures, Triple, change_percent
from cases.settings import Settings

Row = tuple[str, str, int, int, int, float | None, float | None]
HEADINGS = ("Nhóm", "Giá trị", "Kỳ này", "Cùng kỳ năm trước", "Kỳ liền trước", "So cùng kỳ (%)", "So kỳ trước (%)")
GROUPS = {
    "kind": "Hành vi",
    "outcome": "Kết quả",
    "ward": "Xã, phường",
    "street": "Tuyến phố",
    "camera": "Camera",
}
OUTCOME_WORDS = {
    "pending": "Đang xem xét",
    "confirmed": "Đã xác nhận, đang xử lý",
    "sanctioned": "Đã ra quyết định xử phạt",
    "paid": "Đã nộp phạt",
    "reminded": "Nhắc nhở",
    "rejected": "Bác bỏ",
    "duplicate": "Trùng lặp",
    "expired": "Hết thời hiệu",
    "annulled": "Đã hủy quyết định",
}
KIND_WORDS = {
    "illegal_parking": "Dừng, đỗ sai quy định",
    "sidewalk_encroachment": "Lấn chiếm vỉa hè, lòng đường",
    "sidewalk_riding": "Đi trên vỉa hè",
    "wrong_way": "Đi ngược chiều",
    "forbidden_turn": "Chuyển hướng, quay đầu nơi cấm",
    "no_entry": "Đi vào đường cấm",
    "uncovered_load": "Chở vật liệu không che phủ",
}
WORDS: Mapping[str, Mapping[str, str]] = {"kind": KIND_WORDS, "outcome": OUTCOME_WORDS}
Format = Literal["csv", "xlsx", "pdf"]
MEDIA: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def write_report(found: Figures, form: Format, settings: Settings) -> bytes:
    """The report in one of the three forms."""
    return {"csv": _csv, "xlsx": _xlsx}[form](found) if form != "pdf" else _pdf(found, settings)


def rows(found: Figures) -> Iterator[Row]:
    """Every line of a report: the total, each dimension most first, citizens' reports, repeat offenders."""
    yield _row("Tổng số", "Vi phạm phát hiện", found.total)
    for group, words in GROUPS.items():
        values = sorted(found.by[group].items(), key=lambda item: (-item[1]["now"], -item[1]["last_year"], item[0]))
        for value, counts in values:
            yield _row(words, WORDS.get(group, {}).get(value, value), counts)
    yield _row("Phản ánh của người dân", "Đã tiếp nhận", found.reports)
    yield _row("Phản ánh của người dân", "Đã giải quyết", found.reports_handled)
    for repeat in found.repeats:
        yield ("Tái phạm (biển số)", repeat.plate_shown, repeat.cases, 0, 0, None, None)


def _row(group: str, value: str, counts: Triple) -> Row:
    now, year, before = counts["now"], counts["last_year"], counts["before"]
    return (group, value, now, year, before, change_percent(now, year), change_percent(now, before))


def _csv(found: Figures) -> bytes:
    """UTF-8 with a mark, as spreadsheets expect; a leading = + - @ gets a quote so that no cell is a formula."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for row in rows(found):
        writer.writerow([_harmless(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _xlsx(found: Figures) -> bytes:
    data = BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold, percent = book.add_format({"bold": True}), book.add_format({"num_format": "+0.0;-0.0;0"})
        sheet = book.add_worksheet("Báo cáo")
        sheet.write_row(0, 0, HEADINGS, bold)
        lines = list(rows(found))
        for at, row in enumerate(lines, start=1):
            sheet.write_row(at, 0, row[:5])
            for column, cell in enumerate(row[5:], start=5):
                sheet.write(at, column, cell, percent) if cell is not None else sheet.write_blank(at, column, None)
        sheet.autofilter(0, 0, len(lines), len(HEADINGS) - 1)
        sheet.freeze_panes(1, 0)
        sheet.autofit()
        kinds = [at for at, row in enumerate(lines, start=1) if row[0] == GROUPS["kind"]]
        if kinds:
            chart = book.add_chart({"type": "bar"})
            for column in (2, 3, 4):
                where = [kinds[0], column, kinds[-1], column]
                name, names = ["Báo cáo", 0, column], ["Báo cáo", kinds[0], 1, kinds[-1], 1]
                chart.add_series({"name": name, "categories": names, "values": ["Báo cáo", *where]})
            chart.set_title({"name": "Theo hành vi"})
            sheet.insert_chart("I2", chart)
    return data.getvalue()


def _pdf(found: Figures, settings: Settings) -> bytes:
    spans = {side: f"{span.first:%d/%m/%Y} - {span.last:%d/%m/%Y}" for side, span in found.periods.items()}
    received, handled = found.reports["now"], found.reports_handled["now"]
    data = {
        "title": "Báo cáo kết quả xử lý vi phạm qua camera",
        "agency": settings.agency_name,
        "agency_parent": settings.agency_parent,
        "place": settings.agency_place,
        "spans": spans,
        "headings": list(HEADINGS),
        "rows": [[_written(cell) for cell in row] for row in rows(found)],
        "handled": f"{_written(100 * handled / received)} %" if received else "không có phản ánh",
        "largest": max([counts["now"] for counts in found.by["kind"].values()], default=0),
        "kinds": [
            [KIND_WORDS.get(kind, kind), *(counts[s] for s in spans)] for kind, counts in found.by["kind"].items()
        ],
    }
    return typeset_from("cases.reports", "report.typ", data, {})


def _written(cell: str | float | None) -> str | int:
    """A cell as a Vietnamese paper prints it: shares with one digit behind a comma."""
    if cell is None:
        return ""
    return f"{cell:.1f}".replace(".", ",") if isinstance(cell, float) else cell
