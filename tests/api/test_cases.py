"""Queue, claim, decide, history over HTTP."""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack

import httpx
import pytest

from tests.api.server import Server
from tests.cases.builders import opened

ClientOf = Callable[[str | None], httpx.Client]
LOOKED_FOR = ["priority_vehicle", "controller_directed", "diversion"]
CONFIRM = {"action": "confirm", "reason": "evidence_sufficient", "exceptions_considered": LOOKED_FOR}


def test_case_in_full(lan: httpx.Client, case_id: str) -> None:
    answer = lan.get(f"/api/v1/cases/{case_id}")
    case = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["cache-control"] == "no-store"
    assert (case["kind"], case["state"], case["vehicle"], case["ward"]) == (
        "wrong_way",
        "NEW",
        "motorcycle",
        "Hoàn Kiếm",
    )
    assert case["facts"]["travelled_m"] == 14.2
    assert case["allowed_actions"][0] == "confirm"
    assert case["claim"] is None


@pytest.mark.parametrize(("said", "told"), [("12.50 13.10", [12.5, 13.1]), ("0:12 s", "0:12 s"), (7, 7)])
def test_times_that_a_rule_states_as_a_text_come_as_numbers(
    server: Server, lan: httpx.Client, said: object, told: object
) -> None:
    facts, number = {"agreed_at_s": said}, 700 + len(str(said))
    case_id = opened(server.context.database, server.context.store, number, facts=facts).case_id  # type: ignore[arg-type]
    assert lan.get(f"/api/v1/cases/{case_id}").json()["facts"]["agreed_at_s"] == told


def test_claim_decide_history(lan: httpx.Client, case_id: str) -> None:
    at = f"/api/v1/cases/{case_id}"
    claimed = lan.post(f"{at}/claim").json()
    assert claimed["claim"]["holder"] == "lan"
    decided = lan.post(f"{at}/decisions", json={**CONFIRM, "note": "rõ"}, headers={"If-Match": '"1"'})
    assert (decided.status_code, decided.json()["state"], decided.headers["etag"]) == (200, "CONFIRMED", '"2"')
    rows = lan.get(f"{at}/history").json()
    assert [(row["actor"], row["to_state"], row["note"]) for row in rows] == [
        ("system", "NEW", ""),
        ("lan", "CONFIRMED", "rõ"),
    ]
    assert lan.get(f"{at}/verification").json()["intact"] is True


def test_second_officer_gets_409_with_the_holder(client_of: ClientOf, case_id: str) -> None:
    at = f"/api/v1/cases/{case_id}"
    client_of("lan").post(f"{at}/claim")
    answer = client_of("minh").post(f"{at}/claim")
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["code"], problem["holder"]) == (409, "held", "lan")
    assert problem["until"].endswith("Z")
    assert client_of("minh").post(f"{at}/release").status_code == 409
    assert client_of("lan").post(f"{at}/release").json()["claim"] is None


def test_officers_at_once_get_one_decision(server: Server, case_id: str) -> None:
    codes, gate = Counter[int](), threading.Barrier(4)

    def work(client: httpx.Client) -> None:
        gate.wait(30)
        client.post(f"/api/v1/cases/{case_id}/claim")
        codes[client.post(f"/api/v1/cases/{case_id}/decisions", json={**CONFIRM, "version": 1}).status_code] += 1

    with ExitStack() as stack:
        clients = [stack.enter_context(server.client(name)) for name in ("lan", "minh", "lan", "minh")]
        threads = [threading.Thread(target=work, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert codes == {200: 1, 409: 3}


REFUSALS: dict[str, tuple[dict[str, object], dict[str, str], int, str]] = {
    "no version": (CONFIRM, {}, 428, "version_needed"),
    "stale": ({**CONFIRM, "version": 7}, {}, 409, "stale"),
    "stale by header": (CONFIRM, {"If-Match": '"7"'}, 409, "stale"),
    "star": (CONFIRM, {"If-Match": "*"}, 422, "invalid"),
    "two versions": ({**CONFIRM, "version": 1}, {"If-Match": '"2"'}, 422, "invalid"),
    "wrong reason": ({"action": "confirm", "reason": "no_violation", "version": 1}, {}, 422, "bad_reason"),
    "other without note": ({"action": "reject", "reason": "other", "version": 1}, {}, 422, "bad_reason"),
    "duplicate of nothing": ({"action": "mark_duplicate", "reason": "same_act", "version": 1}, {}, 422, "bad_reason"),
    "not open in NEW": (
        {"action": "reopen", "reason": "new_evidence", "note": "x", "version": 1},
        {},
        409,
        "illegal_move",
    ),
    "detection by hand": ({"action": "detect", "reason": "x", "version": 1}, {}, 409, "illegal_move"),
    "unknown action": ({"action": "fine", "reason": "x", "version": 1}, {}, 422, "invalid"),
    "unknown field": ({**CONFIRM, "version": 1, "amount": 5}, {}, 422, "invalid"),
    "exceptions not looked for": (
        {"action": "confirm", "reason": "verified", "exceptions_considered": ["diversion"], "version": 1},
        {},
        422,
        "bad_reason",
    ),
    "no reason": ({"action": "confirm", "version": 1}, {}, 422, "invalid"),
    "version below one": ({**CONFIRM, "version": 0}, {}, 422, "invalid"),
}


WHY: dict[str, tuple[str, list[str]]] = {
    "wrong reason": ("reason", ["evidence_sufficient", "verified"]),
    "other without note": ("note", []),
    "duplicate of nothing": ("duplicate", []),
    "exceptions not looked for": ("exceptions", ["priority_vehicle", "controller_directed", "diversion"]),
}


@pytest.mark.parametrize("label", sorted(REFUSALS))
def test_refused_decisions_are_problems_and_change_nothing(lan: httpx.Client, case_id: str, label: str) -> None:
    body, headers, status, code = REFUSALS[label]
    lan.post(f"/api/v1/cases/{case_id}/claim")
    answer = lan.post(f"/api/v1/cases/{case_id}/decisions", json=body, headers=headers)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["status"]) == (status, code, status), answer.text
    assert problem["type"] == f"urn:phatnguoi:problem:{code}"
    assert problem["detail"]
    assert (problem.get("why"), problem.get("allowed")) == WHY.get(label, (None, None))
    after = lan.get(f"/api/v1/cases/{case_id}").json()
    assert (after["state"], after["version"]) == ("NEW", 1)


def test_deciding_without_a_claim_is_refused(lan: httpx.Client, case_id: str) -> None:
    answer = lan.post(f"/api/v1/cases/{case_id}/decisions", json={**CONFIRM, "version": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")


@pytest.mark.parametrize(
    ("label", "query"),
    [
        ("unknown state", "state=LOST"),
        ("unknown kind", "kind=speeding"),
        ("time without zone", "from=2026-11-20T05:00:00"),
        ("no time", "to=yesterday"),
        ("confidence over one", "min_confidence=2"),
        ("limit zero", "limit=0"),
        ("unknown filter", "wards=x"),
        ("broken cursor", "cursor=abc"),
        ("unknown order", "sort=random"),
    ],
)
def test_unusable_queries_are_problems(lan: httpx.Client, label: str, query: str) -> None:
    answer = lan.get(f"/api/v1/cases?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_queue_filters_and_pages(lan: httpx.Client, server: Server, case_id: str) -> None:
    everything = lan.get("/api/v1/cases", params={"limit": 200}).json()
    ids = [case["id"] for case in everything["cases"]]
    assert case_id in ids
    assert everything["total"] == len(ids)
    seen, cursor = [], None
    while True:
        params = {"limit": 3, "sort": "newest", **({"cursor": cursor} if cursor else {})}
        page = lan.get("/api/v1/cases", params=params).json()
        seen += [case["id"] for case in page["cases"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(ids)
    new = lan.get("/api/v1/cases?state=NEW&state=CHECK&kind=wrong_way&from=2026-11-20T00:00:00Z&camera=CAM-1").json()
    assert {case["state"] for case in new["cases"]} <= {"NEW", "CHECK"}
    assert lan.get("/api/v1/cases?camera=CAM-9").json() == {
        "cases": [],
        "next_cursor": None,
        "total": 0,
        "total_is_exact": True,
        "answers_waiting": 0,
    }


@pytest.mark.parametrize("bad", ["PN-0000-0000", "x", "%00", "..%2f..%2fetc", "' OR 1=1", "x" * 25])
def test_unknown_ids_are_refused(lan: httpx.Client, bad: str) -> None:
    assert lan.get(f"/api/v1/cases/{bad}").status_code in (404, 422)
