"""What a citizen's videos are judged by: the scene in force that was drawn for this very report, by two people.

Who asked for an analysis, who ended it and what failed is chained, so that a server knows what the one before it left
undone.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases import scenes
from cases.actor import SYSTEM, Actor
from cases.citizen.reports import own_report
from cases.database import read_transaction, write_transaction
from cases.faults import IllegalMoveError, NoSceneError
from cases.ledger import seal
from cases.records import Case, CitizenReport, EntryKind, LedgerEntry, ReportState, SceneVersion
from cases.roles import REVIEWERS
from detector.scene import parse_scene, scene_hash

ASKED = "analysis_asked"
ENDS = ("analysed", "analysis_cancelled", "analysis_failed")
SAID: dict[str, Literal["asked", "done", "cancelled", "failed"]] = {
    ASKED: "asked",
    "analysed": "done",
    "analysis_cancelled": "cancelled",
    "analysis_failed": "failed",
}
LONGEST_PROBLEM = 500
PAGE = 200
"""Entries read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The last that was said of an analysis; `problem` says why it failed."""

    state: Literal["asked", "done", "cancelled", "failed"]
    problem: str


def ask_analysis(
    sessions: sessionmaker[Session], *, report_id: str, camera_id: str, actor: Actor, now: datetime
) -> str:
    """The text of the scene a report's videos go through; who asked, and the scene's hash, is chained first.

    Raises:
        NoSceneError: `camera_id` is not the report's number, or no fitting scene of it is in force.
        Everything `analysable` raises.
    """
    row = analysable(sessions, report_id=report_id, actor=actor)
    if camera_id != row.id:
        raise NoSceneError(f"scene {camera_id!r}: expected that of report {row.id}")
    text = citizens_scene(sessions, actor=actor, report=row)
    digest = scene_hash(parse_scene(text, name=camera_id))
    with write_transaction(sessions) as session:
        asked = session.get_one(CitizenReport, row.id, with_for_update=True)
        told = {"scene": camera_id, "scene_hash": digest}
        seal(session, asked, actor=actor.name, at=now, did=ASKED, **told)
    return text


def end_analysis(
    sessions: sessionmaker[Session], *, report_id: str, by: str, now: datetime, problem: str | None = None
) -> None:
    """Chain that an analysis was cancelled by an account, or failed because of a problem; it is not taken up again.

    Cases that it opened until then stand with the report.
    """
    with write_transaction(sessions) as session:
        row = session.get_one(CitizenReport, report_id, with_for_update=True)
        _adopt(session, row)
        if problem is None:
            seal(session, row, actor=by, at=now, did="analysis_cancelled")
        else:
            seal(session, row, actor=by, at=now, did="analysis_failed", problem=problem[:LONGEST_PROBLEM])


def adopt_cases(sessions: sessionmaker[Session], *, report_id: str, now: datetime) -> None:
    """Put cases with a report that its analysis opened before it was stopped; nothing is chained where none is new."""
    with write_transaction(sessions) as session:
        row = session.get_one(CitizenReport, report_id, with_for_update=True)
        if _adopt(session, row):
            seal(session, row, actor=SYSTEM, at=now, did="cases_found")


def _adopt(session: Session, row: CitizenReport) -> bool:
    """Whether the report has cases now that it had not."""
    opened = set(session.scalars(select(Case.id).where(Case.camera_id == row.id)))
    if opened <= {*row.cases}:
        return False
    row.cases = sorted({*row.cases, *opened})
    if row.state is ReportState.RECEIVED:
        row.state = ReportState.PROCESSED
    return True


def unfinished(sessions: sessionmaker[Session], *, since: datetime) -> list[tuple[str, str]]:
    """(report, text of its scene) of analyses that were asked for since then and neither done, ended nor failed.

    Those alone whose report is open and whose scene is still the one in force that was asked for. What was asked for
    long ago and never ended was asked of software that told no failure: whoever still wants it asks again.
    """
    with read_transaction(sessions) as session:
        last = _last_told(session, since)
        waiting = {name: str(one["scene_hash"]) for name, one in last.items() if one["did"] == ASKED}
        return [(name, text) for name, digest in waiting.items() if (text := _still_asked(session, name, digest))]


def _last_told(session: Session, since: datetime) -> dict[str, dict[str, Any]]:
    """Report -> what was said last of its analysis, oldest first; reads from the newest entry back to `since`."""
    told = select(LedgerEntry.at, LedgerEntry.details).where(LedgerEntry.kind == EntryKind.REPORT)
    found: dict[str, dict[str, Any]] = {}
    with session.execute(told.order_by(LedgerEntry.seq.desc()), execution_options={"yield_per": PAGE}) as rows:
        for at, details in rows:
            if at < since:
                break
            if details.get("did") in (ASKED, *ENDS):
                found.setdefault(str(details["id"]), details)
    return dict(reversed(found.items()))


def _still_asked(session: Session, report_id: str, digest: str) -> str | None:
    report = session.get(CitizenReport, report_id)
    if report is None or report.state is ReportState.CLOSED:
        return None
    versions = session.scalars(
        select(SceneVersion).where(SceneVersion.camera_id == report_id, SceneVersion.sha256 == digest)
    )
    return next((one.text for one in versions if one.in_force), None)


def still_asked(session: Session, report_id: str) -> bool:
    """Whether the last that was said of a report's analysis is that somebody asked for it."""
    last = _last_said(session, report_id)
    return last is not None and last.details["did"] == ASKED


def analysis_told(sessions: sessionmaker[Session], *, report_id: str, since: datetime) -> Told | None:
    """What the ledger says of a report's analysis, whichever server ran it.

    None where nobody asked for one, or what was asked for is not gone on with (`unfinished`).
    """
    with read_transaction(sessions) as session:
        last = _last_said(session, report_id)
        if last is None:
            return None
        did, digest = str(last.details["did"]), str(last.details.get("scene_hash"))
        if did == ASKED and (last.at < since or _still_asked(session, report_id, digest) is None):
            return None
        return Told(state=SAID[did], problem=str(last.details.get("problem", "")))


def _last_said(session: Session, report_id: str) -> LedgerEntry | None:
    details = LedgerEntry.details
    told = (details["did"].as_string().in_((ASKED, *ENDS)), details["id"].as_string() == report_id)
    query = select(LedgerEntry).where(LedgerEntry.kind == EntryKind.REPORT, *told)
    return session.scalar(query.order_by(LedgerEntry.seq.desc()).limit(1))


def citizens_scene(sessions: sessionmaker[Session], *, actor: Actor, report: CitizenReport) -> str:
    """The text of the scene in force under the report's number, of the report's ward.

    Raises:
        NoSceneError: none is in force in the account's wards, or it is another's or not a citizen's.
    """
    found = scenes.versions(sessions, actor=actor, camera_id=report.id)
    version = next((one for one in found if one.in_force), None)
    if version is None:
        raise NoSceneError(f"scene {report.id}: no version is in force in the wards of {actor.name}")
    camera = parse_scene(version.text, name=report.id).camera
    expected = {"id": report.id, "ward": report.ward, "source": "citizen"}
    for name, value in expected.items():
        if getattr(camera, name) != value:
            raise NoSceneError(f"scene {report.id}: camera.{name} is {getattr(camera, name)!r}; expected {value!r}")
    return version.text


def analysable(sessions: sessionmaker[Session], *, report_id: str, actor: Actor) -> CitizenReport:
    """A report whose videos may go through the detectors.

    Raises:
        IllegalMoveError: it is closed, or holds no video. Everything `reports.get_report` raises.
    """
    actor.require(REVIEWERS, "analysing a report")
    row = own_report(sessions, report_id=report_id, actor=actor)
    if row.state is ReportState.CLOSED:
        raise IllegalMoveError(f"report {row.id}: is closed already")
    if not any(str(entry["media_type"]).startswith("video/") for entry in row.media):
        raise IllegalMoveError(f"report {row.id}: holds no video; look at its photos")
    return row
