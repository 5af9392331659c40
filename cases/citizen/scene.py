"""The scene a citizen's videos are judged by: in force like a camera's, so two people stand for it."""

from sqlalchemy.orm import Session, sessionmaker

from cases import scenes
from cases.actor import Actor
from cases.faults import IllegalMoveError
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
