"""Who may try a drawing of a camera, and which cases its acts have: the records' side of `cases.trial`."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases import scenes
from cases.actor import Actor
from cases.database import read_transaction
from cases.faults import NotFoundError, NotPermittedError
from cases.records import Case
from cases.roles import DRAWERS
from cases.trial import TrialAct
from detector.scene import Scene

NEAR_S = 1.0
"""A case and an act of one source, kind and camera that begin so close are one."""


def checked_for(sessions: sessionmaker[Session], *, actor: Actor, camera_id: str, raw: object) -> Scene:
    """A drawing that may be tried on a camera's tracks.

    Raises:
        BadSceneError: the drawing is wrong or another camera's. NotFoundError: no such camera in the account's wards.
        NotPermittedError: the role does not draw, or the drawing lies in a ward that is not the account's.
    """
    actor.require(DRAWERS, "trying scenes")
    require_camera(sessions, actor=actor, camera_id=camera_id)
    scene = scenes.check_scene(raw)
    if scene.camera.id != camera_id:
        raise scenes.another_camera(scene, camera_id)
    if not actor.sees(scene.camera.ward):
        raise NotPermittedError(f"ward {scene.camera.ward!r}: {actor.name} works in {', '.join(actor.wards)}")
    return scene


def require_camera(sessions: sessionmaker[Session], *, actor: Actor, camera_id: str) -> None:
    """Refuse cameras of other wards; one that nobody knows is shown to those who see all wards.

    Raises:
        NotFoundError: no such camera in the account's wards.
    """
    known = scenes.versions(sessions, actor=actor, camera_id=camera_id)
    if actor.wards and not known and scenes.newest_case(sessions, actor=actor, camera_id=camera_id) is None:
        raise NotFoundError(f"camera {camera_id!r}: no scene and no case in the wards of {actor.name}")


def cases_of_acts(
    sessions: sessionmaker[Session], *, actor: Actor, camera_id: str, acts: Sequence[TrialAct]
) -> dict[int, str]:
    """Place of an act -> id of the case that was opened for it, for acts that have one in the account's wards."""
    sources = {act.source_id for act in acts}
    if not sources:
        return {}
    query = select(Case).where(Case.camera_id == camera_id, Case.source_id.in_(sources))
    with read_transaction(sessions) as session:
        opened = [case for case in session.scalars(query) if actor.sees(case.ward)]
    found: dict[int, str] = {}
    for place, act in enumerate(acts):
        near = (case for case in opened if _is_of(case, act))
        case = min(near, key=lambda one: abs(one.start_s - act.start_s), default=None)
        if case is not None:
            found[place] = case.id
    return found


def _is_of(case: Case, act: TrialAct) -> bool:
    same = case.source_id == act.source_id and case.kind is act.kind
    return same and abs(case.start_s - act.start_s) <= NEAR_S
