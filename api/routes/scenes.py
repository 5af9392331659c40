"""Scenes of cameras: drawn in the console, checked by the detector's own rules, put in force by a second person."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.dependencies import ActorDep, ContextDep
from api.fault_words import FieldFaultOut
from api.problems import responses
from api.schemas.scene import (
    SceneActivationIn,
    SceneCameraOut,
    SceneCheckOut,
    SceneDrawingOut,
    SceneIn,
    SceneStartOut,
    SceneVersionIn,
    SceneVersionOut,
)
from cases import scenes
from cases.clock import utc_now
from cases.evidence import Manifest
from cases.faults import BadSceneError, NotFoundError
from cases.records import Case
from detector.scene import scene_hash
from detector.types import EvidenceError

router = APIRouter(prefix="/scenes", tags=["scenes"])
CameraId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_.\-]+$", examples=["HN-HOANKIEM-014"])]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("", responses=responses(401, 403))
def cameras(context: ContextDep, actor: ActorDep) -> list[SceneCameraOut]:
    """All cameras that have scenes or cases."""
    return [SceneCameraOut.of(camera) for camera in scenes.cameras(context.sessions, actor=actor)]


@router.post("/check", responses=responses(401, 403, 422))
def check(body: SceneIn) -> SceneCheckOut:
    """Every fault of a drawing with its place; nothing is kept."""
    try:
        scene = scenes.check_scene(body.scene)
    except BadSceneError as error:
        faults = [FieldFaultOut.of(one, "scene_fields") for one in error.faults]
        return SceneCheckOut(good=False, faults=faults, sha256=None, ground_rmse_m=None)
    ground = scene.fitted_ground
    rmse_m = ground.rmse_m if ground else None
    return SceneCheckOut(good=True, faults=[], sha256=scene_hash(scene), ground_rmse_m=rmse_m)


@router.get("/{camera_id}", responses=responses(401, 403, 404, 422))
def start(camera_id: CameraId, context: ContextDep, actor: ActorDep) -> SceneStartOut:
    """The camera's versions and the drawing to go on from: its newest version, else what judged its newest case."""
    versions = scenes.versions(context.sessions, actor=actor, camera_id=camera_id)
    case = scenes.newest_case(context.sessions, actor=actor, camera_id=camera_id)
    if not versions and case is None:
        raise NotFoundError(f"camera {camera_id!r}: no scene and no case in the wards of {actor.name}")
    text = versions[0].text if versions else _text_of(case, context)
    return SceneStartOut(
        camera_id=camera_id,
        versions=[SceneVersionOut.of(one) for one in versions],
        scene=scenes.plain_scene(text, name=camera_id) if text is not None else None,
        based_on=versions[0].number if versions else None,
        case_id=case.id if case else None,
    )


@router.post("/{camera_id}/versions", status_code=201, responses=responses(401, 403, 404, 409, 422))
def save(camera_id: CameraId, body: SceneVersionIn, context: ContextDep, actor: ActorDep) -> SceneVersionOut:
    """Keep a drawing as the next version; 409 when somebody saved one since `based_on`."""
    kept = scenes.save_version(
        context.sessions,
        actor=actor,
        camera_id=camera_id,
        raw=body.scene,
        note=body.note,
        based_on=body.based_on,
        reference_jpeg=body.reference_jpeg,
        now=utc_now(),
    )
    return SceneVersionOut.of(kept)


@router.get("/{camera_id}/versions/{number}", responses=responses(401, 403, 404, 422))
def read(camera_id: CameraId, number: Number, context: ContextDep, actor: ActorDep) -> SceneDrawingOut:
    """One version with its drawing."""
    return SceneDrawingOut.of(scenes.version(context.sessions, actor=actor, camera_id=camera_id, number=number))


@router.post("/{camera_id}/versions/{number}/activation", responses=responses(401, 403, 404, 409, 422))
def activate(
    camera_id: CameraId, number: Number, context: ContextDep, actor: ActorDep, body: SceneActivationIn | None = None
) -> SceneVersionOut:
    """Put another person's version in force; 409 `scene_moved` when not `instead_of` is in force by then."""
    shown = body.shown if body else ()
    kept = scenes.activate(
        context.sessions, actor=actor, camera_id=camera_id, number=number, now=utc_now(), instead_of=shown
    )
    return SceneVersionOut.of(kept)


@router.get(
    "/{camera_id}/versions/{number}/reference",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The view"}, **responses(401, 403, 404, 422)},
)
def reference(camera_id: CameraId, number: Number, context: ContextDep, actor: ActorDep) -> Response:
    """The view the version was drawn on."""
    version = scenes.version(context.sessions, actor=actor, camera_id=camera_id, number=number)
    if version.reference_jpeg is None:
        raise NotFoundError(f"camera {camera_id!r}: version {number} was drawn without a reference picture")
    return Response(version.reference_jpeg, media_type="image/jpeg")


def _text_of(case: Case | None, context: ContextDep) -> str | None:
    """The scene that judged a case; None when there is no case or its evidence is gone."""
    if case is None:
        return None
    try:
        manifest: Manifest = context.store.manifest(case.evidence_location)
    except EvidenceError:
        return None
    return manifest.scene.text
