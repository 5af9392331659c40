"""A case's plate over HTTP: read, corrected by one officer at a time, searched for with a reason."""

from collections.abc import Callable

import httpx

WHY = "Hồ sơ liên quan: kiểm tra tái phạm"


def test_an_officer_gives_a_case_its_plate_and_the_next_one_reads_again(lan: httpx.Client, case_id: str) -> None:
    path = f"/api/v1/cases/{case_id}/plate"
    assert lan.get(path).json() | {"read": {}} == {
        "text": "",
        "shown": "",
        "established": False,
        "valid": False,
        "seq": 0,
        "read": {},
        "words": [],
    }
    said = lan.put(path, json={"text": "29-e1 123.45", "seq": 0})
    assert said.status_code == 200
    plate = said.json()
    assert (plate["text"], plate["shown"], plate["established"]) == ("29E112345", "29-E1 123.45", True)
    assert [word["actor"] for word in plate["words"]] == ["lan"]
    late = lan.put(path, json={"text": "29-F1 123.45", "seq": 0})
    assert late.status_code == 409
    slip = lan.put(path, json={"text": "29-E1 12", "seq": plate["seq"]})
    assert slip.status_code == 422
    assert "fits no form" in slip.json()["detail"]


def test_a_search_needs_a_reason_and_finds_the_case(lan: httpx.Client, case_id: str) -> None:
    said = {"text": "30-K9 7316", "seq": 0}
    assert lan.put(f"/api/v1/cases/{case_id}/plate", json=said).status_code == 200
    assert lan.post("/api/v1/plates/search", json={"text": "30K97316", "reason": ""}).status_code == 422
    found = lan.post("/api/v1/plates/search", json={"text": "30k-973.16", "reason": WHY}).json()["found"]
    assert [(hit["case_id"], hit["established"]) for hit in found] == [(case_id, True)]
    assert lan.get("/api/v1/plates/search").status_code in (404, 405)


def test_who_has_no_right_to_search_is_refused_and_entered(client_of: Callable[[str | None], httpx.Client]) -> None:
    body = {"text": "30K98765", "reason": WHY}
    assert client_of("cam").post("/api/v1/plates/search", json=body).status_code == 403
    rows = client_of("chief").get("/api/v1/audit/ledger", params={"limit": 5}).json()["rows"]
    last = next(row for row in rows if row["kind"] == "plate_search" and row["actor"] == "cam")
    assert last["details"]["refused"] is True


def test_another_form_than_the_typed_one_is_told_and_kept_once_it_is_accepted(lan: httpx.Client, case_id: str) -> None:
    path, said = f"/api/v1/cases/{case_id}/plate", {"text": "30K-987.65", "seq": 0}
    refused = lan.put(path, json=said)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "plate_form")
    assert (problem["typed"], problem["form"]) == ("30K-987.65", "30-K9 8765")
    assert lan.get(path).json()["words"] == []
    assert lan.put(path, json={**said, "accepted_form": "30-K9 876"}).status_code == 409
    kept = lan.put(path, json={**said, "accepted_form": problem["form"]}).json()
    assert (kept["text"], kept["shown"], kept["seq"] > 0) == ("30K98765", problem["form"], True)
