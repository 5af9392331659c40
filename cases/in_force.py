"""Which scenes are in force, for workers: no account asks here, and nothing is changed.

A version is handed out only as the ledger knows it: its row (text, hash, who put it in force, when) must have the hash
that the newest entry about it bears, and that entry is written when a second person puts a scene in force. What its
text means is not hashed again: another release may have other defaults.
"""

from collections.abc import Collection

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session, sessionmaker

from cases.chain import columns_sha256
from cases.database import read_transaction
from cases.records import EntryKind, LedgerEntry, SceneVersion
from detector.scene import parse_scene
from detector.types import CaseError


class NotAsLedgerSaysError(CaseError):
    """A version that nobody put in force as it stands; asking again does not help."""


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
        NotAsLedgerSaysError: it is gone, or the ledger does not say that it was put in force as it stands.
        ConfigError: its text is no scene of this software.
        CaseError: the database cannot be read now.
    """
    query = select(SceneVersion).where(SceneVersion.camera_id == camera_id, SceneVersion.number == number)
    with read_transaction(sessions) as session:
        found = session.scalar(query)
        if found is None:
            raise NotAsLedgerSaysError(f"camera {camera_id}: version {number} is gone; save and activate it anew")
        entered = _entered(session, found)
    scene = parse_scene(found.text, name=f"camera {camera_id}, version {number}")
    if not entered or scene.camera.id != camera_id:
        raise NotAsLedgerSaysError(
            f"camera {camera_id}: version {number} of its scene is not what the ledger says was put in force; it judges"
            " nobody. Find out who changed the database, then save and activate the scene anew"
        )
    return found


def _entered(session: Session, version: SceneVersion) -> bool:
    """Whether the newest entry about a row has the hash of all its columns, and somebody put it in force."""
    about = cast(LedgerEntry.details["id"], String) == str(version.id)
    query = select(LedgerEntry).where(LedgerEntry.kind == EntryKind.SCENE, about)
    last = session.scalar(query.order_by(LedgerEntry.seq.desc()).limit(1))
    if last is None or version.activated_at is None:
        return False
    return str(last.details.get("row_sha256")) == columns_sha256(version)
