"""The register of what citizens sent, Mẫu 05/73: its 17 columns by name, one line for each report and case it led to.

Who sent a report is in confidence: the columns for it say so, and a commander looks it up with a reason instead.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from io import BytesIO

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.citizen.reports import SettledBy
from cases.database import read_transaction, write_transaction
from cases.ledger import enter
from cases.lifecycle import Action
from cases.notice.form import VEHICLES
from cases.notice.plate import printed
from cases.notice.void import superseded
from cases.records import Case, CitizenReport, Decision, DocumentKind, EntryKind, LedgerEntry, Notice
from cases.reports.files import KIND_WORDS
from cases.reports.period import HANOI, Period
from cases.roles import OVERSEERS

COLUMNS = (
    "STT", "Thời gian", "Người cung cấp", "Địa chỉ", "Loại thông tin", "Chữ ký", "Cán bộ", "Số BB/QĐ",
    "Người vi phạm", "Loại xe, biển số", "Thời gian, hành vi", "Biện pháp", "Phạt tiền", "Bổ sung, trừ điểm",
    "Thi hành", "Không vi phạm, không đủ căn cứ", "Ghi chú",
)  # fmt: skip
CONFIDENTIAL = "Giữ bí mật"
MADE_BY = {Action.MAKE_RECORD: DocumentKind.RECORD, Action.ISSUE: DocumentKind.DECISION}
UNFOUNDED = {SettledBy.NO_VIOLATION: "Không vi phạm", SettledBy.NO_GROUNDS: "Không đủ căn cứ"}
Line = tuple[int | str, ...]


def register(sessions: sessionmaker[Session], *, actor: Actor, period: Period, now: datetime) -> bytes:
    """The register of the reports received in a period, of the account's wards, as XLSX; that it left is chained.

    Raises:
        NotPermittedError: neither commander nor auditor.
    """
    actor.require(OVERSEERS, "the register of citizens' reports")
    with read_transaction(sessions) as session:
        lines = list(_lines(session, actor, period))
    with write_transaction(sessions) as session:
        told = {"what": "register", "first": period.first.isoformat(), "last": period.last.isoformat()}
        enter(session, kind=EntryKind.EXPORT, actor=actor.name, at=now, lines=len(lines), **told)
    return _sheet(lines)


def _lines(session: Session, actor: Actor, period: Period) -> Iterator[Line]:
    where = CitizenReport.received_at >= period.from_at, CitizenReport.received_at < period.to_at
    rows = session.scalars(select(CitizenReport).where(*where).order_by(CitizenReport.received_at, CitizenReport.id))
    reasons = _reasons(session)
    number = 0
    for row in (row for row in rows if actor.sees(row.ward)):
        for case in [_case(session, actor, case_id) for case_id in row.cases] or [None]:
            number += 1
            yield (number, *_line(session, row, case, reasons.get(row.id, "")))


def _case(session: Session, actor: Actor, case_id: str) -> Case | None:
    """A case that a report led to; None where it lies in a ward the account does not see."""
    case = session.get(Case, case_id)
    return case if case is not None and actor.sees(case.ward) else None


def _line(session: Session, row: CitizenReport, case: Case | None, reason: str) -> tuple[str, ...]:
    kinds = sorted({"ảnh" if str(entry["media_type"]).startswith("image/") else "video" for entry in row.media})
    act = KIND_WORDS.get(case.kind.value if case else row.what, "Khác")
    papers = _papers(session, case) if case else []
    points = next((one.fields["points"] for one in papers if "points" in one.fields), 0)
    done = _done(session, case) if case else frozenset()
    fined = Action.ISSUE in done and Action.ANNUL not in done
    vehicle = VEHICLES.get((case.vehicle or "") if case else "", "")
    return (
        _time(row.received_at),
        CONFIDENTIAL,
        CONFIDENTIAL,
        ", ".join(kinds),
        "",
        row.handled_by or "",
        "; ".join(_numbers(done, papers)),
        _newest(one.fields.get("owner", {}).get("name") for one in papers),
        ", ".join(filter(None, (vehicle, _newest(printed(one) for one in papers)))),
        f"{_time(row.occurred_at)}, {act}, {row.place}",
        _newest(one.fields.get("preventive") for one in papers),
        f"{case.amount_vnd:,}".replace(",", ".") if case is not None and fined and case.amount_vnd else "",
        f"Trừ {points} điểm" if fined and points else "",
        "Đã hủy quyết định" if Action.ANNUL in done else "Đã nộp phạt" if Action.PAY in done else "",
        UNFOUNDED.get(SettledBy(reason), "") if reason else "",
        row.outcome,
    )


def _papers(session: Session, case: Case) -> list[Notice]:
    """The case's papers, newest first, without those that it went on without; an annulled decision is told."""
    newest = Notice.issued_at.desc(), Notice.number.desc()
    rows = session.scalars(select(Notice).where(Notice.case_id == case.id).order_by(*newest)).all()
    return [row for row in rows if not superseded(session, row)]


def _newest(told: Iterable[str | None]) -> str:
    """What the newest paper that says anything says; later ones often leave out what an earlier one has."""
    return next((text for text in told if text), "")


def _done(session: Session, case: Case) -> frozenset[Action]:
    """All that was ever done to a case: what stood once is told even after the case is closed."""
    return frozenset(session.scalars(select(Decision.action).where(Decision.case_id == case.id)))


def _numbers(done: frozenset[Action], papers: list[Notice]) -> list[str]:
    """Number of the record and of the decision once either was made, of the signed paper where one is.

    A draft that was laid down anew or never became a decision has a number too; it is none of the register's.
    """
    found = []
    for action, kind in MADE_BY.items():
        ours = [one for one in papers if one.kind is kind] if action in done else []
        if ours:
            found.append(next((one for one in ours if one.signed_at is not None), ours[0]).number)
    return found


def _reasons(session: Session) -> dict[str, str]:
    """Report -> the reason it was closed with, as the ledger has it."""
    entries = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == EntryKind.REPORT).order_by(LedgerEntry.seq))
    return {str(one.details["id"]): str(one.details["reason"]) for one in entries if "reason" in one.details}


def _time(at: datetime) -> str:
    return at.astimezone(HANOI).strftime("%H:%M, %d/%m/%Y")


def _sheet(lines: list[Line]) -> bytes:
    data = BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(data, plain) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Mẫu 05-73")
        sheet.write_row(0, 0, COLUMNS, bold)
        for at, line in enumerate(lines, start=1):
            sheet.write_row(at, 0, line)
        sheet.freeze_panes(1, 0)
        sheet.autofit(240)
    return data.getvalue()
