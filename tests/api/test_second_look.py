"""An officer with every route at hand tries to tell a second look from a new case, and cannot.

Two cases alike in all but id and camera: one was never judged; the other was confirmed, amended, put on hold, its plate
named, its notice issued. The same officer is given both and asks everything of both, step by step through a review:
the answers, ids and hashes apart, must be the same.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from api.access import PREFIX, RIGHTS
from cases import service
from cases.actor import Actor
from cases.evidence import FolderStore
from cases.lifecycle import Action, State
from cases.notice.form import DocumentForm
from cases.notice.issue import issue
from cases.plates import say_plate
from cases.policy import Policy
from cases.records import DocumentKind
from cases.retention import hold
from cases.roles import Role
from tests.api.server import Server, running
from tests.cases.builders import CHIEF, LAN, NOON, opened
from tests.cases.installation import items
from tests.cases.walking import Walk

HOA = Actor(name="hoa", role=Role.HANDLER)
PLATE = "29E112345"
SURE = {"action": "confirm", "reason": "verified",
        "exceptions_considered": ["priority_vehicle", "controller_directed", "diversion"]}  # fmt: skip
STEPS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "decisions", {"action": "confirm", "reason": "verified", "version": 1}),
    ("POST", "decisions", {"action": "reject", "reason": "no_violation", "version": 7}),
    ("POST", "decisions", {"action": "send_notice", "reason": "sent", "version": 1}),
    ("POST", "undo", {"version": 1}),
    ("PUT", "plate", {"text": PLATE, "seq": 0}),
    ("PUT", "plate", {"text": "", "seq": 0, "note": "mờ"}),
    ("POST", "decisions", {"action": "amend", "reason": "no_circumstance", "offence_id": "nd168-7-3-d", "version": 1}),
    ("POST", "decisions", {"action": "check", "reason": "on_site", "note": "x", "version": 2}),
    ("POST", "release", {}),
    ("POST", "decisions", {**SURE, "version": 3}),
    ("POST", "claim", {}),
    ("POST", "decisions", {"action": "mark_duplicate", "reason": "same_act", "duplicate_of": "THIRD", "version": 3}),
    ("POST", "undo", {"version": 4}),
    ("POST", "decisions", {**SURE, "version": 5}),
    ("POST", "claim", {}),
    ("POST", "decisions", {"action": "reject", "reason": "no_violation", "version": 6}),
    ("POST", "exports", {"purpose": "owner", "reason": "x"}),
    ("POST", "undo", {"version": 6}),
    ("POST", "decisions", {"action": "reject", "reason": "no_violation", "version": 7}),
]


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str, str, str]]:
    """A server, and the ids of the judged case, its like that nobody judged, and of a third one."""
    with running(tmp_path_factory.mktemp("data"), known_share=0.0, blind_share=1.0, undo_s=300.0) as server:
        database, store = server.context.database, server.context.store
        assert isinstance(store, FolderStore)
        media = items()
        judged, new, third = (
            opened(database, store, number, camera_id=f"CAM-{name}", items=media).case_id
            for number, name in ((0, "A"), (0, "B"), (1, "C"))
        )
        walk = Walk(database, judged, policy=Policy(known_share=0.0, blind_share=1.0, draw=lambda: 0.0))
        walk.now = NOON - timedelta(days=30)
        walk.take(LAN, Action.CONFIRM, offence_id="nd168-7-7-a-wrong-way", amount_vnd=4_500_000)
        sessions, at = server.context.sessions, walk.now
        say_plate(sessions, case_id=judged, actor=LAN, text="30E154321", expected_seq=0, now=at)
        hold(sessions, case_id=judged, actor=CHIEF, reason="QĐ 5", now=at)
        how = {"case_id": judged, "actor": HOA, "kind": DocumentKind.NOTICE, "form": DocumentForm(plate="30E154321")}
        issue(sessions, store, server.context.settings, now=at, **how)  # type: ignore[arg-type]
        walk.take(HOA, Action.SEND_NOTICE)
        yield server, judged, new, third


@pytest.fixture(scope="module")
def minh(alike: tuple[Server, str, str, str]) -> Iterator[httpx.Client]:
    with alike[0].client("minh") as client:
        yield client


def test_a_second_look_cannot_be_told_from_a_new_case(alike: tuple[Server, str, str, str], minh: httpx.Client) -> None:
    server, judged, new, third = alike
    assert minh.post(f"{PREFIX}/cases/next").json()["id"] == judged
    assert minh.post(f"{PREFIX}/cases/next", params={"holding": [judged]}).json()["id"] == new
    seen = [_everything(minh, case_id) for case_id in (judged, new)]
    assert _differing(*seen) == {}
    for number, (method, rest, body) in enumerate(STEPS):
        told = []
        for case_id in (judged, new):
            filled = {name: third if value == "THIRD" else value for name, value in body.items()}
            answer = minh.request(method, f"{PREFIX}/cases/{case_id}/{rest}", json=filled)
            told.append((answer.status_code, _plain(answer, case_id), answer.headers.get("etag")))
        assert told[0] == told[1], (number, method, rest, body)
        assert told[0][0] < 500, told[0]
        seen = [_everything(minh, case_id) for case_id in (judged, new)]
        assert _differing(*seen) == {}, (number, method, rest, body)
    states = {case_id: service.get_case(server.context.sessions, case_id=case_id, actor=CHIEF).state
              for case_id in (judged, new)}  # fmt: skip
    assert states == {judged: State.NOTICED, new: State.REJECTED}


def test_counts_do_not_tell(alike: tuple[Server, str, str, str], minh: httpx.Client) -> None:
    """Whatever is counted, the judged case counts for what the officer made of it."""
    _server, judged, new, _third = alike
    shown = {case_id: minh.get(f"{PREFIX}/cases/{case_id}").json()["state"] for case_id in (judged, new)}
    assert shown[judged] == shown[new]
    total = minh.get(f"{PREFIX}/cases", params={"state": [shown[new]]}).json()["total"]
    assert total == 2
    assert minh.get(f"{PREFIX}/cases", params={"state": ["NOTICED", "CONFIRMED"]}).json()["total"] == 0
    days = {"first": "2026-11-20", "last": "2026-11-20"}
    report = minh.get(f"{PREFIX}/reports", params=days).json()
    outcomes = {row["value"]: row["now"] for row in report["by"]["outcome"] if row["now"]}
    assert outcomes == {"pending": 1, "rejected": 2}


def _differing(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}


def _everything(client: httpx.Client, case_id: str) -> dict[str, Any]:
    """All that an officer can read of a case, by itself and in every list."""
    found: dict[str, Any] = {}
    for (method, path), right in RIGHTS.items():
        if method != "GET" or "{case_id}" not in path:
            continue
        filled = path.replace("{case_id}", case_id).replace("{name}", "during.jpg").replace("{document_id}", "TB-1")
        answer = client.get(f"{PREFIX}{filled}")
        assert (answer.status_code == 403) == (Role.OFFICER not in right.roles), path
        picture = answer.headers["content-type"] == "image/jpeg"  # its credentials name its own case, its pixels do not
        body = Image.open(BytesIO(answer.content)).tobytes() if picture else _plain(answer, case_id)
        found[path] = (answer.status_code, body, answer.headers.get("etag") if "evidence" not in path else None)
    for query in _queries():
        rows = client.get(f"{PREFIX}/cases", params=query).json()["cases"]
        found[f"queue {query}"] = [
            _plain(httpx.Response(200, json=row), case_id) for row in rows if row["id"] == case_id
        ]
    for query in ({"pressing": False}, {"pressing": True}, {"pressing": False, "code": "notice"}):
        rows = client.get(f"{PREFIX}/deadlines", params=query).json()["rows"]
        found[f"due {query}"] = sorted(row["due"]["code"] for row in rows if row["case"]["id"] == case_id)
    for text in (PLATE, "30E154321"):
        search = client.post(f"{PREFIX}/plates/search", json={"text": text, "reason": "kiểm tra tái phạm"}).json()
        found[f"plate {text}"] = [hit["state"] for hit in search["found"] if hit["case_id"] == case_id]
    return found


def _queries() -> Iterator[dict[str, Any]]:
    yield {}
    yield from ({"sort": sort} for sort in ("newest", "surest"))
    yield from ({"state": [state.value]} for state in State)
    yield {"state": [state.value for state in State][:20]}
    yield from ({"assignee": name} for name in ("minh", "lan", "hoa"))
    yield from ({"unit": unit} for unit in ("city", "commune"))
    yield {"ward": "Hoàn Kiếm", "state": ["NEW"]}


def _plain(answer: httpx.Response, case_id: str) -> Any:
    """An answer without what differs between any two cases: ids, cameras, hashes; moments by their order."""
    text = re.sub(r"[0-9a-f]{16,}|PN-[0-9A-Z-]{9}", "*", answer.text.replace(case_id, "ID"))
    text = re.sub(r"CAM-[ABC]|\"seq\":\d+|(?<=entry )\d+|(?<=until )\d\d:\d\d:\d\d", "*", text)
    text = re.sub(r"\"violation_id\":\"[^\"]*\"", "*", text)
    text = re.sub(r"\d{4}/\d\d/[^\"/]*", "*", text)
    moments = sorted(set(re.findall(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", text)))
    for number, moment in enumerate(moments):
        text = text.replace(moment, f"T{number}")
    return text


def test_no_field_route_or_word_of_the_officers_api_names_second_looks(minh: httpx.Client) -> None:
    schema = minh.get("/api/openapi.json").json()
    open_ = {
        path: schema["paths"][f"{PREFIX}{path}"] for (method, path), right in RIGHTS.items()
        if Role.OFFICER in right.roles and f"{PREFIX}{path}" in schema["paths"]
    }  # fmt: skip
    words = re.compile(r"blind.?review|known.answer|second.look|seeded|purpose.*repeat", re.I)
    used = set(re.findall(r"#/components/schemas/(\w+)", str(open_)))
    fields = {name: sorted(schema["components"]["schemas"][name].get("properties", {})) for name in used}
    assert not [name for name in [*open_, *fields, *str(fields).split()] if words.search(name)]


def test_callers_elsewhere_do_not_read_the_counters(alike: tuple[Server, str, str, str]) -> None:
    """How many cases stand in which state would tell; only this machine, or who has the token, may scrape."""
    client_of: Callable[..., httpx.Client] = httpx.Client
    with client_of(base_url=alike[0].url, headers={"X-Forwarded-For": "10.0.0.7"}) as elsewhere:
        assert elsewhere.get("/metrics").status_code == 403
    with client_of(base_url=alike[0].url) as here:
        assert here.get("/metrics").status_code == 200
