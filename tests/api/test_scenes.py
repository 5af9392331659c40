"""Scenes through the API: draw, check, keep, put in force by a second person."""

import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import yaml

from cases.evidence import FolderStore
from cases.heartbeat import Beat, Heart
from tests.api.server import Server
from tests.cases.builders import opened, scene_text

ClientOf = Callable[[str | None], httpx.Client]
AT = "/api/v1/scenes"
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0 a street").decode()


def drawing(camera_id: str) -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(scene_text(camera_id=camera_id))
    return raw


@pytest.fixture
def case_of(server: Server, numbers: Callable[[], int]) -> Callable[[str], str]:
    """A fresh case of a camera that no other test draws for."""
    store = server.context.store
    assert isinstance(store, FolderStore)
    return lambda camera_id: opened(server.context.database, store, numbers(), camera_id=camera_id).case_id


def test_the_editor_starts_from_what_judged_the_newest_case(lan: httpx.Client, case_of: Callable[[str], str]) -> None:
    case_of("CAM-UNDRAWN")
    listed = {row["camera_id"]: row for row in lan.get(AT).json()}
    assert (listed["CAM-UNDRAWN"]["in_force"], listed["CAM-UNDRAWN"]["newest"]) == (None, None)
    start = lan.get(f"{AT}/CAM-UNDRAWN").json()
    assert (start["versions"], start["based_on"]) == ([], None)
    assert start["scene"]["zones"][0]["id"] == "southbound"
    assert start["case_id"].startswith("PN-")


def test_a_drawing_is_checked_kept_and_put_in_force_by_another(
    client_of: ClientOf, case_of: Callable[[str], str]
) -> None:
    case_of("CAM-DRAWN")
    cam, chief, scene = client_of("cam"), client_of("chief"), drawing("CAM-DRAWN")
    checked = cam.post(f"{AT}/check", json={"scene": scene}).json()
    assert (checked["good"], checked["faults"]) == (True, [])
    kept = cam.post(f"{AT}/CAM-DRAWN/versions", json={"scene": scene, "note": "mới", "reference_jpeg": JPEG})
    assert kept.status_code == 201, kept.text
    assert (kept.json()["number"], kept.json()["sha256"], kept.json()["in_force"]) == (1, checked["sha256"], False)
    again = cam.post(f"{AT}/CAM-DRAWN/versions", json={"scene": scene})
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")
    assert cam.post(f"{AT}/CAM-DRAWN/versions/1/activation").status_code == 403
    shown = chief.post(f"{AT}/CAM-DRAWN/versions/1/activation", json={"instead_of": None})
    assert shown.json()["in_force"] is True
    read = client_of("lan").get(f"{AT}/CAM-DRAWN/versions/1").json()
    assert (read["scene"]["zones"][0]["id"], read["activated_by"]) == ("southbound", "chief")
    assert read["text"].startswith("version: 1\n")
    picture = cam.get(f"{AT}/CAM-DRAWN/versions/1/reference")
    assert (picture.headers["content-type"], picture.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")


def test_faults_come_with_their_places(client_of: ClientOf, case_id: str) -> None:
    cam, scene = client_of("cam"), drawing("CAM-1")
    scene["zones"][0]["polygon"] = [[0, 0], [9, 9], [9, 0], [0, 9]]
    scene["zones"][0]["limit_s"] = -5
    checked = cam.post(f"{AT}/check", json={"scene": scene}).json()
    assert checked["good"] is False
    assert {fault["place"] for fault in checked["faults"]} == {"zones[0].limit_s"}
    refused = cam.post(f"{AT}/CAM-1/versions", json={"scene": scene, "based_on": 1})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_scene")
    assert "zones[0].limit_s" in refused.json()["detail"]


@pytest.mark.parametrize(("name", "status"), [("lan", 403), ("audit", 403), ("cam", 201)], ids=str)
def test_only_those_who_draw_save(client_of: ClientOf, case_id: str, name: str, status: int) -> None:
    client = client_of(name)
    newest = client.get(f"{AT}/CAM-1").json()["based_on"]
    body = {"scene": drawing("CAM-1"), "based_on": newest}
    assert client.post(f"{AT}/CAM-1/versions", json=body).status_code == status


def test_other_wards_get_nothing(client_of: ClientOf, case_id: str) -> None:
    tuan = client_of("tuan")
    assert tuan.get(AT).json() == []
    for path in ("CAM-1", "CAM-1/versions/1", "CAM-1/versions/1/reference", "NOT-A-CAMERA"):
        assert tuan.get(f"{AT}/{path}").status_code == 404, path


def test_cameras_show_what_their_worker_said_last(client_of: ClientOf, server: Server, case_id: str) -> None:
    heart = Heart(server.context.settings.data_dir)
    why = {"why": "Connection refused"}
    lost = Beat(camera_id="CAM-1", state="lost", problem="no answer", code="unreachable", values=why, lag_s=0.4)
    beats = [lost, Beat(camera_id="NEW", state="live")]
    assert heart.beat(beats, waiting=0) == ""
    found = {row["camera_id"]: row for row in client_of("cam").get("/api/v1/cameras").json()}
    assert (found["CAM-1"]["state"], found["CAM-1"]["problem"], found["CAM-1"]["ward"]) == (
        "lost",
        "no answer",
        "Hoàn Kiếm",
    )
    assert found["CAM-1"]["told"]["vi"] == "Không kết nối được: máy ở địa chỉ này từ chối kết nối."
    assert (found["NEW"]["told"], "code" in found["NEW"]) == (None, False)
    assert (found["NEW"]["state"], found["NEW"]["scene_in_force"]) == ("live", None)
    assert client_of("tuan").get("/api/v1/cameras").json() == [], "neither another ward's nor one of unknown ward"
    heart.stop()
    left = {row["camera_id"]: row for row in client_of("cam").get("/api/v1/cameras").json()}
    assert "NEW" not in left
    assert (left["CAM-1"]["state"], left["CAM-1"]["told_at"]) == (None, None)


@pytest.mark.parametrize(("shown", "status"), [(None, 409), (2, 409), (1, 200)], ids=["none", "another", "it"])
def test_only_what_was_shown_is_replaced(client_of: ClientOf, shown: int | None, status: int) -> None:
    cam, chief, at = client_of("cam"), client_of("chief"), f"{AT}/CAM-SHOWN-{shown}/versions"
    scene = drawing(f"CAM-SHOWN-{shown}")
    for number in (1, 2, 3):
        assert cam.post(at, json={"scene": scene, "based_on": number - 1 or None}).status_code == 201
    assert chief.post(f"{at}/1/activation").status_code == 200
    answered = chief.post(f"{at}/3/activation", json={"instead_of": shown})
    assert answered.status_code == status, answered.text
    assert answered.json().get("code") == ("scene_moved" if status == 409 else None)
    assert [row["number"] for row in cam.get(f"{at[:-9]}").json()["versions"] if row["in_force"]] == [
        1 if status == 409 else 3
    ]
