"""Accounts, law table, deadlines, review quality and logs over HTTP: what the console is built on."""

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import httpx
import pytest

import cases.audit
from cases.accounts import add_user
from cases.evidence import FolderStore
from cases.law import seed_table
from cases.logins import create_token
from detector.types import ObjectClass
from tests.api.server import PASSWORD, Server
from tests.cases.builders import opened

ClientOf = Callable[[str | None], httpx.Client]
REJECT = {"action": "reject", "reason": "no_violation"}


def second_administrator(server: Server) -> httpx.Client:
    """A client of another administrator."""
    add_user(server.context.sessions, name="root2", password=None, role="administrator", subject="root2")
    token = create_token(server.context.sessions, name="root2", days=1).secret
    return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def test_next_decide_undo_history(server: Server, lan: httpx.Client, case_id: str) -> None:
    case = lan.post("/api/v1/cases/next").json()
    while case["id"] != case_id:  # cases other tests left come first
        lan.post(f"/api/v1/cases/{case['id']}/decisions", json={**REJECT, "version": case["version"]})
        case = lan.post("/api/v1/cases/next").json()
    assert (case["claim"]["holder"], case["version"], case["undo_until"]) == ("lan", 1, None)
    assert case["exceptions"] == ["priority_vehicle", "controller_directed", "diversion"]
    assert (case["offence"]["number"], case["amount_vnd"], case["needs_second"]) == ("7.7.a", 5_000_000, False)
    assert case["forms"]["notice"] == "Mẫu 01/73"
    refused = lan.post(
        f"/api/v1/cases/{case_id}/decisions", json={"action": "confirm", "reason": "verified", "version": 1}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_reason")
    decided = lan.post(f"/api/v1/cases/{case_id}/decisions", json=REJECT, headers={"If-Match": '"1"'}).json()
    assert (decided["state"], decided["undo_until"] is not None) == ("REJECTED", True)
    undone = lan.post(f"/api/v1/cases/{case_id}/undo", json={"version": 2})
    assert (undone.status_code, undone.json()["state"], undone.headers["etag"]) == (200, "NEW", '"3"')
    assert undone.json()["claim"]["holder"] == "lan"
    assert lan.post(f"/api/v1/cases/{case_id}/undo").status_code == 428
    clocks = lan.get(f"/api/v1/cases/{case_id}/deadlines").json()
    assert [clock["code"] for clock in clocks] == ["notice", "time_bar"]
    choices = lan.get(f"/api/v1/cases/{case_id}/offences").json()
    assert choices["applied"]["id"] == "nd168-7-7-a-wrong-way"
    assert {"nd168-7-3-d", "nd168-7-1-a"} <= {row["id"] for row in choices["offences"]}


def test_nothing_waits_is_204(server: Server) -> None:
    add_user(server.context.sessions, name="xa", password=PASSWORD, role="officer", wards=("Phường không có hồ sơ",))
    with server.client("xa") as client:
        answer = client.post("/api/v1/cases/next")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    "why",
    [{"vehicle": ObjectClass.CAR}, {"cannot_tell": ("common",)}, {"cannot_tell": ("ground_unlikely",)}],
    ids=["dear", "scene", "ground"],
)
def test_dear_or_common_act_awaits_its_second_officer(
    why: dict[str, Any], server: Server, client_of: ClientOf, numbers: Callable[[], int]
) -> None:
    store = server.context.store
    assert isinstance(store, FolderStore)
    case_id = opened(server.context.database, store, numbers(), **why).case_id
    at, lan, minh = f"/api/v1/cases/{case_id}", client_of("lan"), client_of("minh")
    body = {"action": "confirm", "reason": "verified",
            "exceptions_considered": ["priority_vehicle", "controller_directed", "diversion"]}  # fmt: skip
    assert lan.post(f"{at}/claim").json()["needs_second"] is True
    assert lan.post(f"{at}/decisions", json={**body, "version": 1}).json()["state"] == "SECOND"
    assert lan.get(at).json()["allowed_actions"] == ["amend"]
    assert minh.post(f"{at}/claim").status_code == 200
    assert minh.post(f"{at}/decisions", json={**body, "version": 2}).json()["state"] == "CONFIRMED"


def test_deadlines_are_paged(lan: httpx.Client, case_id: str) -> None:
    first = lan.get("/api/v1/deadlines", params={"pressing": False, "limit": 1}).json()
    assert first["rows"][0]["due"]["level"] in ("running", "pressing", "overdue")
    second = lan.get("/api/v1/deadlines", params={"pressing": False, "limit": 1, "cursor": first["next_cursor"]}).json()
    assert first["rows"] != second["rows"]
    assert lan.get("/api/v1/deadlines", params={"cursor": "x"}).json()["code"] == "bad_query"


def test_law_is_read_by_day_and_changed_by_two(server: Server, client_of: ClientOf) -> None:
    root = client_of("root")
    law = root.get("/api/v1/law", params={"kind": "uncovered_load", "on": "2026-08-14"}).json()
    assert [row["id"] for row in law["offences"] if row["number"] == "17.2.a"] == ["nd168-17-2-a-2025"]
    assert {title["code"] for title in law["titles"]} >= {"commune_police_chief", "city_director"}
    row = seed_table().find("nd168-6-3-e")
    assert row is not None
    content = {**row.model_dump(mode="json", by_alias=True), "person_vnd": [900_000, 1_100_000]}
    change = root.post("/api/v1/law/changes", json={"offence": content, "source": "NĐ 999/2027"}).json()
    assert change["before"]["person_vnd"] == list(row.person_vnd)
    assert (change["organisation_vnd"], change["organisation_own"]) == ([1_800_000, 2_200_000], False)
    assert change["organisation_before_vnd"] == [2 * amount for amount in row.person_vnd]
    assert change["warnings"] == [{"code": "from_past", "day": str(row.from_), "cases": 0}]
    decision = f"/api/v1/law/changes/{change['id']}/decision"
    assert root.post(decision, json={"approve": True}).status_code == 403
    with second_administrator(server) as other:
        stale = other.post(decision, json={"approve": True, "before_sha256": "0" * 64})
        assert (stale.status_code, stale.json()["code"]) == (409, "stale")
        seen = {"approve": True, "note": "đúng", "before_sha256": change["before_sha256"]}
        assert other.post(decision, json=seen).json()["status"] == "approved"
        assert other.post(decision, json={"approve": True}).status_code == 409
    told = root.get("/api/v1/law/changes").json()[0]
    assert (told["decided_by"], told["before"]["person_vnd"]) == ("root2", list(row.person_vnd))
    assert told["warnings"] == []
    same = root.post("/api/v1/law/changes", json={"offence": content, "source": "NĐ 1000/2027"})
    assert (same.status_code, same.json()["code"], same.json()["why"]) == (422, "bad_change", "unchanged")
    again = {"offence": {**content, "points": 3}, "source": "NĐ 1000/2027"}
    further = root.post("/api/v1/law/changes", json=again).json()
    assert further["before"] == told["content"], "a change after it starts from it"
    new = root.post("/api/v1/law/changes", json={"offence": {**content, "id": "nd168-new"}, "source": "NĐ 1"}).json()
    assert new["before"] is None
    now = next(row for row in root.get("/api/v1/law").json()["offences"] if row["id"] == "nd168-6-3-e")
    assert now["person_vnd"] == [900_000, 1_100_000]
    wrong = root.post("/api/v1/law/changes", json={"offence": {"id": "x"}, "source": "NĐ 1"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_change")


def test_accounts_are_kept_over_http(server: Server, client_of: ClientOf) -> None:
    root = client_of("root")
    new = {"name": "moi", "role": "officer", "wards": ["Hoàn Kiếm"], "password": PASSWORD}
    made = root.post("/api/v1/users", json=new)
    assert (made.status_code, made.json()["local"]) == (201, True)
    assert [one for one in (PASSWORD, "password_hash", "argon2") if one in made.text] == []
    again = root.post("/api/v1/users", json=new)
    assert (again.status_code, again.json()["code"]) == (409, "name_taken")
    untitled = root.post("/api/v1/users", json={**new, "name": "ky.so", "role": "signer"})
    assert (untitled.status_code, untitled.json()["code"]) == (422, "title_needed")
    with server.client("moi") as moi:
        assert root.patch("/api/v1/users/moi", json={"role": "signer", "title": "soldier"}).json()["title"] == "soldier"
        assert moi.get("/api/v1/session").status_code == 401  # what an account may changes at once
    assert root.patch("/api/v1/users/moi", json={"title": None}).status_code == 422
    assert root.patch("/api/v1/users/root", json={"role": "commander"}).status_code == 403
    assert root.patch("/api/v1/users/nobody", json={"active": False}).status_code == 404
    own = root.put("/api/v1/users/root/password", json={"password": "không cần mật khẩu cũ"})
    assert (own.status_code, own.json()["code"]) == (403, "not_permitted"), "nor does a session left open"
    assert root.get("/api/v1/session").status_code == 200
    weak = root.put("/api/v1/users/moi/password", json={"password": "kém"})
    assert (weak.status_code, weak.json()["code"]) == (422, "bad_password")
    assert root.put("/api/v1/users/moi/password", json={"password": "một câu dài khác"}).status_code == 204
    assert root.patch("/api/v1/users/moi", json={"active": False}).json()["active"] is False
    assert "moi" in [user["name"] for user in root.get("/api/v1/users").json()]


def test_own_password_needs_the_old_one_and_ends_the_login(server: Server) -> None:
    add_user(server.context.sessions, name="doi", password=PASSWORD, role="officer")
    with server.client("doi") as client:
        wrong = client.put("/api/v1/session/password", json={"old": "sai", "new": "một câu dài khác"})
        assert wrong.status_code == 401
        done = client.put("/api/v1/session/password", json={"old": PASSWORD, "new": "một câu dài khác"})
        assert done.status_code == 204
        assert client.get("/api/v1/session").status_code == 401


def test_known_answers_agreement_precision_and_logs(client_of: ClientOf, case_id: str) -> None:
    chief, audit = client_of("chief"), client_of("audit")
    known = chief.put(f"/api/v1/review/known-answers/{case_id}", json={"verdict": "no_violation", "note": "x"}).json()
    assert (known["case_id"], known["set_by"]) == (case_id, "chief")
    assert case_id in [row["case_id"] for row in audit.get("/api/v1/review/known-answers").json()]
    assert chief.delete(f"/api/v1/review/known-answers/{case_id}").status_code == 204
    assert audit.get("/api/v1/review/agreement").status_code == 200
    assert all(row["judged"] > 0 for row in audit.get("/api/v1/review/precision").json())
    chief.post(f"/api/v1/cases/{case_id}/claim")
    chief.post(f"/api/v1/cases/{case_id}/decisions", json={**REJECT, "version": 1})
    page = audit.get("/api/v1/audit/decisions", params={"actor": "chief", "case_id": case_id}).json()
    assert [(row["action"], row["reason"]) for row in page["rows"]] == [("reject", "no_violation")]
    audit.get(f"/api/v1/cases/{case_id}/evidence/during.jpg")
    page = audit.get("/api/v1/audit/accesses", params={"limit": 1}).json()
    assert (page["rows"][0]["actor"], page["rows"][0]["item"]) == ("audit", "during.jpg")
    for path in ("/api/v1/audit/decisions", "/api/v1/audit/ledger", "/api/v1/cases"):
        refused = audit.get(path, params={"from": "0001-01-01T00:00:00+07:00"})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid"), path
        assert audit.get(path, params={"to": "9999-12-31T23:59:59-07:00"}).status_code == 200, path
    older = audit.get("/api/v1/audit/decisions", params={"limit": 1, "before": 2}).json()
    assert [row["seq"] for row in older["rows"]] == [1]
    assert audit.get("/api/v1/audit/chain").json() == {"intact": True, "faults": []}


def test_logs_are_found_by_what_was_done_and_handed_out_as_files(client_of: ClientOf, case_id: str) -> None:
    chief, audit = client_of("chief"), client_of("audit")
    assert chief.put(f"/api/v1/cases/{case_id}/hold", json={"held": True, "reason": "=QĐ 5"}).status_code == 200
    chief.get(f"/api/v1/cases/{case_id}")
    for log, action in (("decisions", "detect"), ("accesses", "case"), ("ledger", "hold")):
        asked = {"case_id": case_id, "action": action}
        rows = audit.get(f"/api/v1/audit/{log}", params=asked).json()["rows"]
        assert {row["case_id"] for row in rows} == {case_id}, log
        assert audit.get(f"/api/v1/audit/{log}", params={**asked, "action": "nothing"}).json()["rows"] == []
        answer = audit.get("/api/v1/audit/file", params={**asked, "log": log})
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert len(lines) == len(rows) + 1, log
        assert rows[0]["hash"] in lines[1] and "hash" in lines[0]
    assert client_of("lan").get("/api/v1/audit/file", params={"log": "ledger"}).status_code == 403


def lines_of(client: httpx.Client, **asked: str) -> list[dict[str, str]]:
    """The rows of a log's file."""
    answer = client.get("/api/v1/audit/file", params=asked)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def test_no_cell_of_a_log_file_is_a_formula(client_of: ClientOf, case_id: str) -> None:
    chief, audit = client_of("chief"), client_of("audit")
    assert chief.post(f"/api/v1/cases/{case_id}/claim").status_code == 200
    body = {**REJECT, "note": "=1+1", "version": 1}
    assert chief.post(f"/api/v1/cases/{case_id}/decisions", json=body).status_code == 200
    (row,) = lines_of(audit, log="decisions", case_id=case_id, action="reject")
    assert row["note"] == "'=1+1"


def test_a_log_file_is_noted_in_the_ledger_before_it_leaves(client_of: ClientOf, case_id: str) -> None:
    audit = client_of("audit")
    since = "2026-01-01T07:00:00+07:00"
    rows = lines_of(audit, log="decisions", case_id=case_id, **{"from": since})
    assert len(rows) == 1
    entry = audit.get("/api/v1/audit/ledger", params={"limit": 1}).json()["rows"][0]
    assert (entry["kind"], entry["actor"]) == ("export", "audit")
    filters = {"case_id": case_id, "from_at": "2026-01-01T00:00:00.000000Z"}
    assert entry["details"] == {"what": "audit:decisions", "filters": filters, "lines": 1}
    taken = lines_of(audit, log="ledger")
    assert int(taken[0]["seq"]) == entry["seq"], "the entry about a file is not in it"
    assert audit.get("/api/v1/audit/chain").json()["intact"]


def test_a_log_file_holds_the_wards_of_its_reader_only(server: Server, client_of: ClientOf, case_id: str) -> None:
    add_user(server.context.sessions, name="ba.dinh", password=PASSWORD, role="commander", wards=("Ba Đình",))
    store = server.context.store
    assert isinstance(store, FolderStore)
    own = opened(server.context.database, store, 9_000, ward="Ba Đình").case_id
    with server.client("ba.dinh") as confined:
        assert [row["case_id"] for row in lines_of(confined, log="decisions")] == [own]
        assert lines_of(confined, log="decisions", case_id=case_id) == []
    everywhere = {row["case_id"] for row in lines_of(client_of("audit"), log="decisions")}
    assert {own, case_id} <= everywhere


def test_a_log_file_comes_in_pieces_without_a_gap_and_has_an_end(
    client_of: ClientOf, case_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = client_of("audit")
    whole = [row["seq"] for row in lines_of(audit, log="ledger", before="4")]
    assert whole == ["3", "2", "1"]
    monkeypatch.setattr(cases.audit, "PIECE_ROWS", 2)
    assert [row["seq"] for row in lines_of(audit, log="ledger", before="4")] == whole
    monkeypatch.setattr(cases.audit, "MOST_ROWS", 1)
    answer = audit.get("/api/v1/audit/file", params={"log": "ledger"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_query")
    assert "more than 1 fit" in answer.json()["detail"]


@pytest.mark.parametrize("period", [{"from": "2026-01-01T00:00:00"}, {"to": "x"}])
def test_periods_need_a_zone(client_of: ClientOf, period: dict[str, str]) -> None:
    assert client_of("chief").get("/api/v1/review/precision", params=period).json()["code"] == "invalid"
