"""Cameras and how they are doing now, as their workers last said."""

from datetime import datetime
from typing import Self

from fastapi import APIRouter
from pydantic import Field

from api.catalogue import WordOut
from api.dependencies import ActorDep, ContextDep
from api.problem_words import problem_words
from api.problems import responses
from api.schemas.base import Out
from cases import scenes
from cases.clock import utc_now
from cases.heartbeat import SILENT_AFTER, Beat, Beats, read_beats
from cases.scenes import CameraScenes

router = APIRouter(prefix="/cameras", tags=["cameras"])


class CameraHealthOut(Out):
    """One camera; all but the first fields are null while no worker of this data folder watches it."""

    camera_id: str
    camera_name: str
    ward: str
    lat: float | None
    lon: float | None
    scene_in_force: int | None
    state: str | None = Field(description="as `phatnguoi run` shows it, `silent` when its worker stopped telling")
    problem: str | None = Field(description="in English, as the worker's log has it")
    told: WordOut | None = Field(description="what is wrong and what to do, in words; null while nothing is")
    told_at: datetime | None
    worker: str | None
    lag_s: float | None
    analysed: int | None
    dropped: int | None
    blind: int | None
    reconnects: int | None
    violations: int | None
    cases: int | None

    @classmethod
    def of(cls, camera: CameraScenes, told: tuple[Beats, Beat] | None, *, now: datetime) -> Self:
        """From what is known of the camera and what its worker said."""
        known: dict[str, object] = {
            "camera_id": camera.camera_id,
            "camera_name": camera.camera_name,
            "ward": camera.ward,
        }
        known |= {"lat": camera.lat, "lon": camera.lon, "scene_in_force": camera.in_force}
        base: dict[str, object] = dict.fromkeys(cls.model_fields) | known
        if told is None:
            return cls.model_validate(base)
        beats, beat = told
        silent = now - beats.at > SILENT_AFTER
        said = beat.model_dump(exclude={"code", "values"}) | {"told_at": beats.at, "worker": beats.worker}
        said |= {"told": problem_words(beat.code or beat.state, beat.values) if beat.problem else None}
        return cls.model_validate(base | said | ({"state": "silent"} if silent else {}))


@router.get("", responses=responses(401, 403))
def cameras(context: ContextDep, actor: ActorDep) -> list[CameraHealthOut]:
    """All cameras of the account's wards that have scenes or cases or are watched, by id."""
    now = utc_now()
    told = {beat.camera_id: (beats, beat) for beats, beat in read_beats(context.settings.data_dir, now=now)}
    known = {camera.camera_id: camera for camera in scenes.cameras(context.sessions, actor=actor)}
    if not actor.wards:  # a camera nobody knows the ward of is shown to those who see all wards
        for camera_id in told.keys() - known.keys():
            known[camera_id] = scenes.unknown_camera(camera_id)
    return [CameraHealthOut.of(known[camera_id], told.get(camera_id), now=now) for camera_id in sorted(known)]
