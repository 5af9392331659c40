"""Trying a drawing over HTTP: the day's tracks through it, the cases it would have opened and those it would not."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from api.trials import Trials
from cases.evidence import FolderStore
from cases.tracks import TrackLog, save_stretch, tracks_folder
from tests.api.server import Server
from tests.builders import Walk, frames_of, line, standing
from tests.cases.builders import opened, scene_of, scene_text

ClientOf = Callable[[str | None], httpx.Client]
CAMERA = "CAM-TRIAL"
AT = f"/api/v1/scenes/{CAMERA}/trials"


@pytest.fixture(scope="module", autouse=True)
def tracks(server: Server) -> str:
    """A ride against the lane that has its case, and a car that stands; the id of the case."""
    rider = Walk(id=17, where=line((400, 450), (400, 50), since_s=3, until_s=9, size=(30, 45)), since_s=3, until_s=9)
    parked = Walk(id=4, where=standing((200, 300), size=(90, 60)), until_s=60)
    return keep_tracks(server, rider, parked)


def keep_tracks(server: Server, *walks: Walk) -> str:
    root, store = tracks_folder(server.context.settings.data_dir), server.context.store
    assert isinstance(store, FolderStore)
    log = TrackLog(CAMERA, "clip.mp4", scene_text(camera_id=CAMERA), lambda stretch: save_stretch(root, stretch))
    for frame in frames_of(*walks, until_s=60):
        log.note(frame)
    log.close()
    return opened(server.context.database, store, camera_id=CAMERA).case_id


def drawing(*, kind: str = "one_way") -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(scene_text(camera_id=CAMERA))
    if kind != "one_way":
        raw["zones"][0] = {"id": "kerb", "kind": kind, "polygon": raw["zones"][0]["polygon"], "limit_s": 20}
    return raw


def finished(client: httpx.Client, scene: dict[str, Any]) -> dict[str, Any]:
    begun = client.post(AT, json={"scene": scene})
    assert begun.status_code == 202, begun.text
    for _ in range(600):
        trial: dict[str, Any] = client.get(f"{AT}/{begun.json()['id']}").json()
        if trial["state"] != "running":
            return trial
        time.sleep(0.05)
    raise AssertionError(f"still running: {trial}")


def test_what_appears_and_what_vanishes_is_told_with_the_case_it_had(client_of: ClientOf, tracks: str) -> None:
    trial = finished(client_of("cam"), drawing(kind="no_parking"))
    assert (trial["state"], trial["done"], trial["total"]) == ("done", 1, 1)
    outcome = trial["outcome"]
    assert (outcome["appears"], outcome["vanishes"], outcome["stays"], outcome["blind"]) == (1, 1, 0, [])
    acts = {act["effect"]: act for act in outcome["acts"]}
    assert (acts["appears"]["kind"], acts["appears"]["case_id"]) == ("illegal_parking", None)
    assert (acts["vanishes"]["kind"], acts["vanishes"]["case_id"]) == ("wrong_way", tracks)


def test_a_drawing_that_changes_nothing_changes_nothing(client_of: ClientOf, tracks: str) -> None:
    outcome = finished(client_of("chief"), drawing())["outcome"]
    assert [(act["effect"], act["case_id"]) for act in outcome["acts"]] == [("stays", tracks)]


def test_a_wrong_drawing_and_other_cameras_are_refused(client_of: ClientOf) -> None:
    cam, scene = client_of("cam"), drawing()
    scene["zones"][0]["polygon"] = [[0, 0], [9, 9], [9, 0], [0, 9]]
    assert cam.post(AT, json={"scene": scene}).json()["code"] == "bad_scene"
    assert cam.post("/api/v1/scenes/CAM-OTHER/trials", json={"scene": drawing()}).json()["code"] == "bad_scene"
    assert cam.get(f"{AT}/0123456789abcdef").status_code == 404
    assert client_of("lan").post(AT, json={"scene": drawing()}).status_code == 403


def test_too_many_at_once_are_told_to_wait_and_closing_ends_what_runs(tmp_path: Path) -> None:
    trials, begun = Trials(tmp_path), []
    with pytest.raises(Exception, match="other trials are running"):
        while len(begun) < 9:
            begun.append(trials.begin(scene_of(camera_id=CAMERA), hours=1))
    trials.close()
    assert len(begun) == 4


def test_a_trial_is_cancelled_while_it_runs_or_waits(client_of: ClientOf, tmp_path: Path) -> None:
    cam = client_of("cam")
    begun = cam.post(AT, json={"scene": drawing()}).json()
    assert cam.delete(f"{AT}/{begun['id']}").status_code == 204
    assert cam.get(f"{AT}/{begun['id']}").json()["state"] in ("cancelled", "done")
    assert cam.delete(f"{AT}/0123456789abcdef").status_code == 404
    assert finished(cam, drawing())["state"] == "done", "the next one begins"
    trials = Trials(tmp_path)
    first, second = (trials.begin(scene_of(camera_id=CAMERA), hours=1) for _ in range(2))
    for trial in (second, first):
        trials.cancel(trial)
        assert trial.over
    trials.close()


def test_a_trial_that_fails_says_why(tmp_path: Path) -> None:
    trials = Trials(tmp_path / "\udcff")
    trial = trials.begin(scene_of(camera_id=CAMERA), hours=1)
    while not trial.over:
        time.sleep(0.01)
    trials.close()
    assert trial.outcome is not None or trial.problem
