"""Trying a drawing over HTTP: the day's tracks through it, the cases it would have opened and those it would not."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from api.catalogue import catalogue
from api.schemas.trial import TrialOut
from api.trials import WAITING, Trials
from cases.evidence import FolderStore
from cases.tracks import TrackLog, save_stretch, tracks_folder
from tests.api.server import Server
from tests.builders import Walk, frames_of, line, standing
from tests.cases.builders import opened, scene_of, scene_text
from tests.processes import wait_until

ClientOf = Callable[[str | None], httpx.Client]
CAMERA = "CAM-TRIAL"
AT = f"/api/v1/scenes/{CAMERA}/trials"
SLOW_S = 300


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
    at = f"{AT}/{begun.json()['id']}"
    wait_until(lambda: client.get(at).json()["state"] != "running", timeout_s=SLOW_S)
    trial: dict[str, Any] = client.get(at).json()
    return trial


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


def ground(m_per_px: float) -> dict[str, list[list[float]]]:
    corners = [[0.0, 0.0], [500.0, 0.0], [500.0, 500.0], [0.0, 500.0]]
    return {"px": corners, "m": [[m_per_px * x, m_per_px * y] for x, y in corners]}


@pytest.mark.parametrize(
    ("label", "m_per_px", "told_m"),
    [("metres", 1.6 / 45, None), ("centimetres", 160 / 45, 160.0), ("no ground", None, None)],
)
def test_a_ground_by_which_riders_are_giants_is_told_before_anybody_is_accused(
    client_of: ClientOf, server: Server, label: str, m_per_px: float | None, told_m: float | None
) -> None:
    lawful = line((300, 50), (300, 450), since_s=0, until_s=9, size=(30, 45))
    keep_tracks(server, *(Walk(id=number, where=lawful, until_s=9) for number in range(1, 15)))
    scene = drawing() | ({"ground": ground(m_per_px)} if m_per_px else {})
    assert finished(client_of("cam"), scene)["outcome"]["unlikely_rider_m"] == told_m, label


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


def test_a_trial_is_cancelled_while_it_runs_or_waits(client_of: ClientOf) -> None:
    cam = client_of("cam")
    begun = cam.post(AT, json={"scene": drawing()}).json()
    assert cam.delete(f"{AT}/{begun['id']}").status_code == 204
    assert cam.get(f"{AT}/{begun['id']}").json()["state"] in ("cancelled", "done")
    assert cam.delete(f"{AT}/0123456789abcdef").status_code == 404
    assert finished(cam, drawing())["state"] == "done", "the next one begins"


def child(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Trials run this shell script in place of Python."""
    path = folder / "child"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(path))


def test_a_cancelled_trial_leaves_no_process_and_one_that_waits_never_begins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    child(monkeypatch, tmp_path, f"echo $$ >> {begun}\nexec sleep 900")
    trials = Trials(tmp_path)
    first, second = (trials.begin(scene_of(camera_id=CAMERA), hours=1) for _ in range(2))
    wait_until(lambda: begun.exists() and begun.read_text().endswith("\n"), timeout_s=SLOW_S)
    process = Path("/proc", begun.read_text().strip())
    assert process.exists()
    for trial in (second, first):
        trials.cancel(trial)
    wait_until(lambda: not process.exists(), timeout_s=SLOW_S)
    trials.close()
    assert begun.read_text().split() == [process.name]
    assert (first.cancelled, second.cancelled) == (True, True)


FAILING = {
    "says why": ("echo 'MemoryError: none is left' >&2; exit 1", "MemoryError: none is left", "fault"),
    "says nothing": ("exit 0", "the trial was ended", "ended"),
    "killed in mid-line": ("""printf '{"done": 0, "to'; kill -9 $$""", "in the middle of what it said", "ended"),
    "goes on after half a line": (
        """printf '{"done": 0\\n'; exec sleep 900""",
        "in the middle of what it said",
        "ended",
    ),
    "no text": ("printf '\\377\\n'", "in the middle of what it said", "ended"),
}


@pytest.mark.parametrize("label", FAILING)
def test_a_trial_that_fails_says_why_and_makes_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, label: str
) -> None:
    script, problem, why = FAILING[label]
    child(monkeypatch, tmp_path, script)
    trials = Trials(tmp_path)
    failed = [trials.begin(scene_of(camera_id=CAMERA), hours=1) for _ in range(WAITING)]
    wait_until(lambda: all(trial.problem for trial in failed), timeout_s=SLOW_S)
    assert all(problem in trial.problem and trial.outcome is None for trial in failed)
    assert {TrialOut.of(trial, {}).why for trial in failed} == {why}
    assert set(catalogue()["ui"][f"trial_failed_{why}"]) == {"vi", "en"}
    trials.begin(scene_of(camera_id=CAMERA), hours=1)
    trials.close()


def test_a_trial_that_cannot_begin_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    trials = Trials(tmp_path)
    trial = trials.begin(scene_of(camera_id=CAMERA), hours=1)
    wait_until(lambda: trial.over, timeout_s=SLOW_S)
    trials.close()
    assert "missing" in trial.problem
    assert trial.why == "not_begun"
