"""Citizens' reports: taken in confidence, followed by number and code, dealt with by officers of the ward.

Who sent a report is shown to a commander only, and each such look is chained. Name and contact are blanked some days
after a report is closed.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.citizen.media import Upload, keep
from cases.database import read_transaction, write_transaction
from cases.faults import BadQueryError, BadReasonError, IllegalMoveError, NotFoundError
from cases.ledger import enter, seal
from cases.notice.form import FormModel, Line, Long
from cases.notice.issue import code_sha256, new_code
from cases.records import Case, CitizenReport, EntryKind, ReportState
from cases.roles import READERS, REVIEWERS, Role
from detector.types import ViolationKind

CITIZEN = "citizen"
COMMANDERS = frozenset({Role.COMMANDER})
KINDS = (*(kind.value for kind in ViolationKind), "other")
FIELD_WORDS = {"what": "hành vi", "occurred_at": "thời gian", "place": "địa điểm", "ward": "xã, phường",
               "description": "mô tả", "reporter": "họ tên", "contact": "điện thoại hoặc thư"}  # fmt: skip
"""Fields of the form as its page names them."""
OLDEST = timedelta(days=365)
BLANK_AFTER = timedelta(days=20)
PAGE_LIMIT = 200


class SettledBy(StrEnum):
    """How a report was dealt with, in the words of the register (Mẫu 05: không vi phạm, không đủ căn cứ) and ours."""

    CASE = "case"
    NO_VIOLATION = "no_violation"
    NO_GROUNDS = "no_grounds"
    ELSEWHERE = "elsewhere"
    REPEATED = "repeated"


class ReportForm(FormModel):
    """What a citizen fills in; name and contact may stay empty."""

    occurred_at: AwareDatetime
    place: Line = Field(min_length=3)
    ward: Line = Field(min_length=2, max_length=100)
    what: str = Field(pattern=f"^({'|'.join(KINDS)})$")
    description: Long = ""
    reporter: Line = Field("", max_length=200)
    contact: Line = Field("", max_length=200)


def report_form(**fields: Any) -> ReportForm:
    """A filled-in form.

    Raises:
        BadReasonError: a field does not fit; names it.
    """
    try:
        given = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
        return ReportForm(**{**given, "description": given.get("description", "").replace("\r\n", "\n")})
    except ValidationError as error:
        names = sorted({str(fault["loc"][0]) for fault in error.errors()})
        told = ", ".join(FIELD_WORDS.get(name, name) for name in names)
        raise BadReasonError(f"chưa đúng: {told} / not right: {', '.join(names)}") from error


@dataclass(frozen=True, slots=True)
class Received:
    """A report that was taken in, and the code to follow it by, which is not kept."""

    report: CitizenReport
    code: str


def receive(
    sessions: sessionmaker[Session],
    folder: Path,
    *,
    form: ReportForm,
    uploads: Sequence[Upload],
    largest_bytes: int,
    now: datetime,
) -> Received:
    """Keep the files, then the row with its hash in the ledger.

    Raises:
        BadReasonError: the time lies in the future or over a year back, or a file does not fit.
        EvidenceError: the disk refuses.
    """
    if not now - OLDEST <= form.occurred_at <= now + timedelta(minutes=5):
        raise BadReasonError(
            "thời gian xảy ra phải trong vòng một năm qua, không ở tương lai (thời hiệu xử phạt)"
            " / occurred_at: expected a time within the last year (the time-bar of the sanction)"
        )
    report_id, code = f"PA-{new_code()}", new_code()
    media = keep(folder / report_id, uploads, largest_bytes=largest_bytes)
    row = CitizenReport(
        id=report_id,
        code_sha256=code_sha256(code),
        received_at=now,
        media=media,
        state=ReportState.RECEIVED,
        cases=[],
        outcome="",
        handled_by=None,
        handled_at=None,
        **form.model_dump(),
    )
    with write_transaction(sessions) as session:
        seal(session, row, actor=CITIZEN, at=now, did="received")
    return Received(row, code)


def follow(sessions: sessionmaker[Session], *, report_id: str, code: str) -> CitizenReport:
    """One's own report, by the number and code that came with it.

    Raises:
        NotFoundError: there is none of this number and code.
    """
    with read_transaction(sessions) as session:
        number = report_id.strip().upper()
        row = session.get(CitizenReport, number) if number.isprintable() else None
        if row is None or not secrets.compare_digest(row.code_sha256, code_sha256(code)):
            raise NotFoundError(
                "không có phản ánh nào mang số và mã theo dõi này; hãy kiểm tra lại"
                " / report: there is none with this number and code"
            )
        return row


def list_reports(
    sessions: sessionmaker[Session], *, actor: Actor, state: ReportState | None = None, limit: int = 50
) -> list[CitizenReport]:
    """Reports of the account's wards, oldest first; closed ones alone come latest first.

    Raises:
        NotPermittedError: the role does not read cases. BadQueryError: the page size is out of bounds.
    """
    actor.require(READERS, "citizens' reports")
    if not 1 <= limit <= PAGE_LIMIT:
        raise BadQueryError(
            f"limit {limit}: expected 1 to {PAGE_LIMIT}", why="limit", typed=limit, allowed=[PAGE_LIMIT]
        )
    order = (CitizenReport.received_at, CitizenReport.id)
    latest_first = state is ReportState.CLOSED
    query = select(CitizenReport).order_by(*(one.desc() if latest_first else one for one in order)).limit(limit)
    if state is not None:
        query = query.where(CitizenReport.state == state)
    if actor.wards:
        query = query.where(CitizenReport.ward.in_(actor.wards))
    with read_transaction(sessions) as session:
        return list(session.scalars(query))


def get_report(
    sessions: sessionmaker[Session], *, report_id: str, actor: Actor, now: datetime, file: str | None = None
) -> CitizenReport:
    """One report of the account's wards; that it, or one file of it, is looked at is chained before it is shown.

    Raises:
        NotPermittedError: the role does not read cases. NotFoundError: no such report.
    """
    with write_transaction(sessions) as session:
        row = _load(session, report_id, actor)
        what = {"file": file} if file is not None else {}
        enter(session, kind=EntryKind.LOOKUP, actor=actor.name, at=now, report=row.id, **what)
        return row


def own_report(sessions: sessionmaker[Session], *, report_id: str, actor: Actor) -> CitizenReport:
    """One report of the account's wards, nothing of it shown yet; errors as `get_report`."""
    with read_transaction(sessions) as session:
        return _load(session, report_id, actor)


def reporter(
    sessions: sessionmaker[Session], *, report_id: str, actor: Actor, reason: str, now: datetime
) -> tuple[str, str]:
    """Name and contact of who sent a report; the look is chained with its reason before they are shown.

    Raises:
        NotPermittedError: not a commander. BadReasonError: no reason was given.
    """
    actor.require(COMMANDERS, "who sent a report")
    if not reason.strip():
        raise BadReasonError("reason: looking up who sent a report needs one in words", why="words")
    with write_transaction(sessions) as session:
        row = _load(session, report_id, actor)
        enter(session, kind=EntryKind.LOOKUP, actor=actor.name, at=now, report=row.id, reason=reason.strip())
        return row.reporter, row.contact


def settle(
    sessions: sessionmaker[Session],
    *,
    report_id: str,
    actor: Actor,
    outcome: str,
    cases: Sequence[str],
    now: datetime,
    reason: SettledBy | None = None,
) -> CitizenReport:
    """Close a report with what came of it, in words the citizen will read, and the cases it led to.

    `reason` says it in one of the register's words; it is chained with the closing.

    Raises:
        IllegalMoveError: it is closed already. BadReasonError: no words, or a case that does not exist.
    """
    actor.require(REVIEWERS, "closing a report")
    if not outcome.strip():
        raise BadReasonError("outcome: say in words what came of the report; the citizen reads it", why="words")
    with write_transaction(sessions) as session:
        row = _load(session, report_id, actor, lock=True)
        if row.state is ReportState.CLOSED:
            raise IllegalMoveError(f"report {row.id}: is closed already")
        for case_id in cases:
            case = session.get(Case, case_id)
            if case is None or not actor.sees(case.ward):
                told = f"cases {case_id!r}: there is none of this id in the wards of {actor.name}"
                raise BadReasonError(told, why="case", allowed=[case_id])
        row.state, row.outcome, row.cases = ReportState.CLOSED, outcome.strip(), sorted({*row.cases, *cases})
        row.handled_by, row.handled_at = actor.name, now
        seal(session, row, actor=actor.name, at=now, did="closed", **({"reason": reason.value} if reason else {}))
        return row


def report_row(sessions: sessionmaker[Session], report_id: str) -> CitizenReport:
    """A report for the machine itself, no account asked.

    Raises:
        NotFoundError: there is none of this number.
    """
    with read_transaction(sessions) as session:
        row = session.get(CitizenReport, report_id)
        if row is None:
            raise NotFoundError(f"report {report_id!r}: there is none of this number")
        return row


def link_cases(
    sessions: sessionmaker[Session], *, report_id: str, cases: Sequence[str], now: datetime, by: str = "system"
) -> CitizenReport:
    """Note the cases that analysing a report's files, or an officer, opened; a person still closes the report.

    Raises:
        NotFoundError: there is no such report. IllegalMoveError: an officer links to a closed one.
    """
    with write_transaction(sessions) as session:
        return link(session, report_id=report_id, cases=cases, now=now, by=by)


def link(session: Session, *, report_id: str, cases: Sequence[str], now: datetime, by: str) -> CitizenReport:
    """`link_cases` inside the caller's `write_transaction`."""
    row = session.get(CitizenReport, report_id, with_for_update=True)  # two who open cases at once add to one list
    if row is None:
        raise NotFoundError(f"report {report_id!r}: there is none of this number")
    if row.state is ReportState.CLOSED and by != "system":
        raise IllegalMoveError(f"report {row.id}: is closed already")
    row.cases = sorted({*row.cases, *cases})
    if row.state is ReportState.RECEIVED:
        row.state = ReportState.PROCESSED
    seal(session, row, actor=by, at=now, did="analysed" if by == "system" else "case_opened")
    return row


def blank_reporters(sessions: sessionmaker[Session], *, now: datetime) -> int:
    """Remove name and contact from reports closed for `BLANK_AFTER`; returns how many."""
    with write_transaction(sessions) as session:
        rows = session.scalars(
            select(CitizenReport).where(
                CitizenReport.state == ReportState.CLOSED,
                CitizenReport.handled_at < now - BLANK_AFTER,
                (CitizenReport.reporter != "") | (CitizenReport.contact != ""),
            )
        ).all()
        for row in rows:
            row.reporter = row.contact = ""
            seal(session, row, actor="system", at=now, did="blanked")
        return len(rows)


def media_path(store: Path, row: CitizenReport, name: str) -> tuple[Path, str]:
    """File and media type of one of a report's files.

    Raises:
        NotFoundError: the report has no such file.
    """
    entry = next((entry for entry in row.media if entry["name"] == name), None)
    path = store / row.id / name
    if entry is None or not path.is_file():
        raise NotFoundError(f"report {row.id}: has no file {name!r}")
    return path, str(entry["media_type"])


def _load(session: Session, report_id: str, actor: Actor, *, lock: bool = False) -> CitizenReport:
    actor.require(READERS, "citizens' reports")
    row = session.get(CitizenReport, report_id, with_for_update=lock or None)
    if row is None or not actor.sees(row.ward):
        raise NotFoundError(f"report {report_id!r}: there is none of this number in the wards of {actor.name}")
    return row
