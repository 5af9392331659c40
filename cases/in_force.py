"""Which scenes are in force, for workers: no account asks here, and nothing is changed.

A version is handed out only with the very text that its hash was entered into the ledger for.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.database import read_transaction
from cases.records import SceneVersion
from detector.scene import parse_scene, scene_hash
from detector.types import CaseError


def numbers_in_force(sessions: sessionmaker[Session], camera_ids: Collection[str]) -> dict[str, int]:
    """The version in force of each camera that has one."""
    query = select(SceneVersion.camera_id, SceneVersion.number).where(
        SceneVersion.camera_id.in_(camera_ids),
        SceneVersion.activated_at.is_not(None),
        SceneVersion.retired_at.is_(None),
    )
    with read_transaction(sessions) as session:
        return {row.camera_id: row.number for row in session.execute(query.order_by(SceneVersion.number))}


def version_in_force(sessions: sessionmaker[Session], camera_id: str, number: int) -> SceneVersion:
    """One version with its text.

    Raises:
        CaseError: it is gone, or its text is not the one that was put in force.
        ConfigError: its text is no scene of this software.
    """
    query = select(SceneVersion).where(SceneVersion.camera_id == camera_id, SceneVersion.number == number)
    with read_transaction(sessions) as session:
        found = session.scalar(query)
    if found is None:
        raise CaseError(f"camera {camera_id}: version {number} of its scene is gone; save and activate it anew")
    scene = parse_scene(found.text, name=f"camera {camera_id}, version {number}")
    if scene_hash(scene) != found.sha256 or scene.camera.id != camera_id:
        raise CaseError(
            f"camera {camera_id}: version {number} of its scene was altered after it was drawn; it judges nobody. Find"
            " out who changed the database, then save and activate the scene anew"
        )
    return found
