"""What a citizen's videos are judged by: a scene in force like a camera's, so two people stand for it."""

from sqlalchemy.orm import Session, sessionmaker

from cases import scenes
from cases.actor import Actor
from cases.citizen.reports import own_report
from cases.faults import IllegalMoveError
from cases.records import CitizenReport, ReportState
from cases.roles import REVIEWERS
from detector.scene import parse_scene


def citizens_scene(sessions: sessionmaker[Session], *, actor: Actor, camera_id: str) -> str:
    """The text of the scene in force under an id; by custom the number of the report it was drawn for.

    Raises:
        IllegalMoveError: none is in force in the account's wards, or it is not a citizen's.
    """
    found = scenes.versions(sessions, actor=actor, camera_id=camera_id)
    version = next((one for one in found if one.in_force), None)
    if version is None:
        raise IllegalMoveError(f"scene {camera_id!r}: no version is in force in the wards of {actor.name}")
    source = parse_scene(version.text, name=camera_id).camera.source
    if source != "citizen":
        raise IllegalMoveError(f"scene {camera_id!r}: camera.source is {source!r}; expected citizen")
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
