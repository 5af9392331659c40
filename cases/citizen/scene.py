"""What a citizen's videos are judged by: the scene in force that was drawn for this very report, by two people."""

from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from cases import scenes
from cases.actor import Actor
from cases.citizen.reports import own_report
from cases.database import write_transaction
from cases.faults import IllegalMoveError, NoSceneError
from cases.ledger import seal
from cases.records import CitizenReport, ReportState
from cases.roles import REVIEWERS
from detector.scene import parse_scene, scene_hash


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
        asked = session.get_one(CitizenReport, row.id)
        told = {"scene": camera_id, "scene_hash": digest}
        seal(session, asked, actor=actor.name, at=now, did="analysis_asked", **told)
    return text


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
