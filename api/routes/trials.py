"""Trying a drawing on kept tracks before anybody puts it in force."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.dependencies import ActorDep, ContextDep
from api.problems import responses
from api.routes.scenes import CameraId
from api.schemas.trial import TrialIn, TrialOut
from cases.faults import NotFoundError
from cases.trying import cases_of_acts, checked_for, require_camera

router = APIRouter(prefix="/scenes", tags=["scenes"])
TrialId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", max_length=16)]


@router.post("/{camera_id}/trials", status_code=202, responses=responses(401, 403, 404, 422, 429))
def begin(camera_id: CameraId, body: TrialIn, context: ContextDep, actor: ActorDep) -> TrialOut:
    """Begin to try a drawing; ask again under its id how far it is."""
    scene = checked_for(context.sessions, actor=actor, camera_id=camera_id, raw=body.scene)
    return TrialOut.of(context.trials.begin(scene, hours=body.hours), {})


@router.delete("/{camera_id}/trials/{trial_id}", status_code=204, responses=responses(401, 403, 404, 422))
def cancel(camera_id: CameraId, trial_id: TrialId, context: ContextDep, actor: ActorDep) -> None:
    """End a trial that runs or waits; one that is over stays as it is."""
    require_camera(context.sessions, actor=actor, camera_id=camera_id)
    trial = context.trials.of(camera_id, trial_id)
    if trial is None:
        raise NotFoundError(f"camera {camera_id!r}: there is no trial {trial_id}; the server may have been restarted")
    context.trials.cancel(trial)


@router.get("/{camera_id}/trials/{trial_id}", responses=responses(401, 403, 404, 422))
def read(camera_id: CameraId, trial_id: TrialId, context: ContextDep, actor: ActorDep) -> TrialOut:
    """How far a trial is, and what came of it."""
    require_camera(context.sessions, actor=actor, camera_id=camera_id)
    trial = context.trials.of(camera_id, trial_id)
    if trial is None:
        raise NotFoundError(f"camera {camera_id!r}: there is no trial {trial_id}; the server may have been restarted")
    acts = trial.outcome.acts if trial.outcome is not None else []
    return TrialOut.of(trial, cases_of_acts(context.sessions, actor=actor, camera_id=camera_id, acts=acts))
