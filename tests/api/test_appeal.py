"""A dispute, its answer, the decision, a complaint of it and what became of it, over HTTP: by every role, on the
owner's page, in the life cycle and in the logs.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from cases.accounts import add_user
from tests.api.server import PASSWORD, Server, running
from tests.cases.builders import opened
from tests.cases.installation import items

Desks = dict[str, httpx.Client]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("appeal"), known_share=0.0, blind_share=0.0) as server:
        add_user(server.context.sessions, name="ky", password=PASSWORD, role="signer", title="city_director")
        add_user(server.context.sessions, name="xa", password=PASSWORD, role="officer", wards=("Ba Đình",))
        yield server


@pytest.fixture(scope="module")
def desks(server: Server) -> Iterator[Desks]:
    """Everybody logged in."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(server.client(name)) for name in ("lan", "minh", "hoa", "chief", "ky")}


_numbers = iter(range(900, 990))


@pytest.fixture
def case_id(server: Server) -> str:
    context = server.context
    return opened(context.database, context.store, next(_numbers), items=items()).case_id  # type: ignore[arg-type]


def take(desks: Desks, name: str, case_id: str, action: str, reason: str) -> str:
    """One step by one account; returns the state after it."""
    at = f"/api/v1/cases/{case_id}"
    client = desks[name]
    client.post(f"{at}/claim")
    case = client.get(at).json()
    looked = {"exceptions_considered": case["exceptions"]} if action == "confirm" else {}
    body = {"action": action, "reason": reason, "note": f"{action} ghi rõ", "version": case["version"], **looked}
    done = client.post(f"{at}/decisions", json=body)
    assert done.status_code == 200, done.text
    return str(done.json()["state"])


def walk(desks: Desks, case_id: str, *steps: tuple[str, str, str, str]) -> None:
    for name, action, reason, state in steps:
        assert take(desks, name, case_id, action, reason) == state


def paper(desks: Desks, case_id: str, kind: str, **more: object) -> dict[str, str]:
    form = {"plate": "29-A1 2345", **more}
    plate = desks["lan"].get(f"/api/v1/cases/{case_id}/plate").json()
    said = {"text": form["plate"], "seq": plate["seq"], "note": ""}
    assert plate["established"] or desks["lan"].put(f"/api/v1/cases/{case_id}/plate", json=said).status_code == 200
    done = desks["hoa"].post(f"/api/v1/cases/{case_id}/documents", json={"kind": kind, "form": form})
    assert done.status_code == 201, done.text
    return dict(done.json())


def says(owner: httpx.Client, kind: str, text: str) -> int:
    token = re.findall(r'name="token" value="(\w+)"', owner.get("/tra-cuu/ho-so").text)
    sent = owner.post("/tra-cuu/tra-loi", data={"kind": kind, "text": text, "token": token[0] if token else ""})
    return sent.status_code


def offered(owner: httpx.Client) -> list[str]:
    return re.findall(r'name="kind" value="(\w+)"', owner.get("/tra-cuu/ho-so").text)


def replied(desks: Desks, name: str, case_id: str, text: str) -> None:
    at = f"/api/v1/cases/{case_id}/answers"
    row = desks[name].get(at).json()[-1]
    assert desks[name].post(f"{at}/{row['id']}/reply", json={"text": text}).status_code == 200


def own_dispute(desks: Desks, name: str, case_id: str) -> httpx.Response:
    """Who confirmed confirms again what the owner disputes."""
    at = f"/api/v1/cases/{case_id}"
    case = desks[name].post(f"{at}/claim").json()
    assert "confirm" not in case["allowed_actions"]
    body = {"action": "confirm", "reason": "verified", "version": case["version"],
            "exceptions_considered": case["exceptions"]}  # fmt: skip
    refused = desks[name].post(f"{at}/decisions", json=body)
    desks[name].post(f"{at}/release")
    return refused


def waiting(client: httpx.Client) -> tuple[int, list[str]]:
    page = client.get("/api/v1/cases", params={"answers": "waiting"}).json()
    return page["answers_waiting"], [row["id"] for row in page["cases"]]


def test_who_did_not_drive_holds_the_papers_until_an_officer_says_what_was_done(
    server: Server, desks: Desks, case_id: str
) -> None:
    walk(desks, case_id, ("lan", "confirm", "verified", "CONFIRMED"))
    notice = paper(desks, case_id, "notice")
    walk(desks, case_id, ("hoa", "send_notice", "signed_by_hand", "NOTICED"))
    with httpx.Client(base_url=server.url, timeout=30) as owner:
        owner.post("/tra-cuu", data={"plate": "29A12345", "code": notice["code"]})
        assert says(owner, "not_driver", "Con trai tôi lái") == 303
        assert says(owner, "accept", "") == 303
    at = f"/api/v1/cases/{case_id}"
    for name in ("lan", "hoa"):
        assert waiting(desks[name]) == (2, [case_id])
    with server.client("xa") as elsewhere:
        assert waiting(elsewhere) == (0, [])
    refused = desks["hoa"].post(f"{at}/documents", json={"kind": "notice", "form": {"plate": "29-A1 2345"}})
    handed = desks["hoa"].post(f"{at}/documents/{notice['id']}/deliveries", json={"channel": "vneid"})
    assert [(done.status_code, done.json()["code"]) for done in (refused, handed)] == [(409, "answer_waits")] * 2
    denied, accepted = desks["lan"].get(f"{at}/answers").json()
    for answer, body, status in (
        (denied, {"dealing": "noted"}, 422),
        (denied, {"dealing": "driver_found"}, 422),
        (denied, {"dealing": "moved", "note": "x"}, 422),
        (denied, {"dealing": "driver_found", "note": "Con trai đến nhận"}, 200),
        (denied, {"dealing": "other", "note": "hai lần"}, 409),
        (accepted, {"dealing": "noted"}, 200),
    ):
        assert desks["lan"].post(f"{at}/answers/{answer['id']}/dealing", json=body).status_code == status, body
    assert waiting(desks["lan"]) == (0, [])
    walk(desks, case_id, ("hoa", "withdraw", "wrong_notice", "NOTICED"))
    assert paper(desks, case_id, "notice")["id"] != notice["id"]
    rows = desks["chief"].get("/api/v1/audit/ledger", params={"case_id": case_id}).json()["rows"]
    told = [(row["details"]["did"], row["actor"]) for row in reversed(rows) if row["kind"] == "answer_task"]
    assert told == [("waits", "system")] * 2 + [("dealt", "lan")] * 2
    assert desks["chief"].get("/api/v1/audit/chain").json()["intact"]


def runs(client: httpx.Client, case_id: str) -> set[str]:
    return {row["code"] for row in client.get(f"/api/v1/cases/{case_id}/deadlines").json()} - {"time_bar"}


def waits_for(client: httpx.Client, case_id: str) -> dict[str, str]:
    return {one["action"]: one["code"] for one in client.get(f"/api/v1/cases/{case_id}").json()["waiting_actions"]}


def dealt(client: httpx.Client, case_id: str, dealing: str, note: str) -> None:
    at = f"/api/v1/cases/{case_id}/answers"
    done = client.post(f"{at}/{client.get(at).json()[-1]['id']}/dealing", json={"dealing": dealing, "note": note})
    assert done.status_code == 200, done.text


def test_who_did_not_drive_names_the_driver_whose_case_goes_to_its_end(
    server: Server, desks: Desks, case_id: str
) -> None:
    hoa, driver = desks["hoa"], {"name": "Trần Văn Con", "address": "5 Hàng Bạc"}
    walk(desks, case_id, ("lan", "confirm", "verified", "CONFIRMED"))
    notice = paper(desks, case_id, "notice", owner={"name": "Trần Văn Cha"})
    walk(desks, case_id, ("hoa", "send_notice", "signed_by_hand", "NOTICED"))
    assert runs(hoa, case_id) == {"response"} and waits_for(hoa, case_id)["no_response"] == "too_early"
    with httpx.Client(base_url=server.url, timeout=30) as owner, httpx.Client(base_url=server.url, timeout=30) as son:
        owner.post("/tra-cuu", data={"plate": "29A12345", "code": notice["code"]})
        assert says(owner, "not_driver", "Con trai tôi, Trần Văn Con, lái xe") == 303
        assert waits_for(hoa, case_id)["no_response"] == "answer_first", "who answered has not kept silent"
        assert waiting(desks["lan"]) == waiting(desks["chief"]) == (1, [case_id]), "every officer of the ward sees it"
        dealt(hoa, case_id, "driver_found", "Trần Văn Con đến nhận, số định danh 001")
        replied(desks, "hoa", case_id, "Đã xác định người điều khiển, cảm ơn ông.")
        assert waits_for(hoa, case_id)["no_response"] == "too_early", "the twenty days run on"
        walk(desks, case_id, ("hoa", "identify", "driver_named", "NOTICED"))
        assert runs(hoa, case_id) == {"response", "record_target", "record"}
        record = paper(desks, case_id, "record", owner=driver)
        walk(desks, case_id, ("hoa", "make_record", "on_paper", "RECORD"))
        assert runs(hoa, case_id) == {"decision"}
        walk(desks, case_id, ("hoa", "await_explanation", "written", "EXPLAIN"))
        assert runs(hoa, case_id) == {"explain_written", "decision_explained"}
        son.post("/tra-cuu", data={"plate": "29A12345", "code": record["code"]})
        assert says(son, "explain", "Tôi không thấy biển báo") == 303
        dealt(desks["lan"], case_id, "other", "Đã xem xét, biển báo rõ")
        walk(desks, case_id, ("hoa", "submit", "explained", "TOSIGN"))
        paper(desks, case_id, "decision", owner=driver)
        walk(desks, case_id, ("ky", "sign", "lawful", "SIGNED"), ("hoa", "issue", "signed_by_hand", "DECIDED"),
             ("hoa", "serve", "by_post", "SERVED"))  # fmt: skip
        assert runs(hoa, case_id) == {"comply", "execution_bar"}
        walk(desks, case_id, ("hoa", "pay", "paid_in_person", "PAID"), ("hoa", "close", "finished", "CLOSED"))
        assert runs(hoa, case_id) == set() and offered(son) == offered(owner) == []
        assert "Đã xác định người điều khiển" in owner.get("/tra-cuu/ho-so").text
        assert "Đã xác định người điều khiển" not in son.get("/tra-cuu/ho-so").text, "each reads the own answers"
    told = {row["kind"]: row for row in desks["chief"].get(f"/api/v1/cases/{case_id}/documents").json()}
    assert set(told) == {"notice", "record", "decision"} and not any(row["void"] for row in told.values())
    assert waiting(desks["lan"]) == (0, []) and desks["chief"].get("/api/v1/audit/chain").json()["intact"]


def test_from_dispute_to_answer_to_complaint_and_its_outcome(server: Server, desks: Desks, case_id: str) -> None:
    walk(desks, case_id, ("lan", "confirm", "verified", "CONFIRMED"))
    notice = paper(desks, case_id, "notice")
    walk(desks, case_id, ("hoa", "send_notice", "signed_by_hand", "NOTICED"))
    with httpx.Client(base_url=server.url, timeout=30) as owner:
        owner.post("/tra-cuu", data={"plate": "29A12345", "code": notice["code"]})
        assert offered(owner) == ["accept", "not_driver", "explain", "dispute"]
        assert says(owner, "complaint", "Chưa có quyết định") == 422
        assert says(owner, "dispute", "Đường này hai chiều") == 303
        assert waiting(desks["chief"]) == (1, [case_id]), "the dispute waits where a commander sees it"
        replied(desks, "lan", case_id, "Đã xem lại biển báo: đường một chiều.")
        refused = own_dispute(desks, "lan", case_id)
        assert (refused.status_code, refused.json()["code"]) == (403, "own_decision")
        walk(desks, case_id, ("minh", "confirm", "verified", "CONFIRMED"))
        assert waiting(desks["chief"]) == (0, [])
        assert "đã hết giá trị" in (page := owner.get("/tra-cuu/ho-so").text) and offered(owner) == []
        assert "Đã xem lại biển báo" in page and "<img" not in page and "Chưa xử phạt" not in page
        assert owner.get("/tra-cuu/anh/during.jpg").status_code == 404
        told = owner.post("/api/public/v1/lookups", json={"plate": "29A12345", "code": notice["code"]}).json()
        assert (told["trang_thai"], told["hanh_vi_vi_pham"]) == ("Thông báo đã hết giá trị", "")
        new = paper(desks, case_id, "notice")
        owner.post("/tra-cuu", data={"plate": "29A12345", "code": new["code"]})
        walk(desks, case_id, ("hoa", "send_notice", "signed_by_hand", "NOTICED"))
        paper(desks, case_id, "record")
        walk(desks, case_id, ("hoa", "make_record", "on_paper", "RECORD"))
        paper(desks, case_id, "decision")
        walk(desks, case_id, ("hoa", "submit", "complete", "TOSIGN"), ("ky", "sign", "lawful", "SIGNED"),
             ("hoa", "issue", "signed_by_hand", "DECIDED"), ("hoa", "serve", "by_post", "SERVED"))  # fmt: skip
        assert "Đã xử phạt" in owner.get("/tra-cuu/ho-so").text
        assert offered(owner) == ["accept", "complaint"]
        assert says(owner, "dispute", "Tôi không đồng ý") == 422
        assert says(owner, "complaint", "Quyết định sai biển số") == 303
        assert "đang được giải quyết" in owner.get("/tra-cuu/ho-so").text
        assert offered(owner) == ["explain"]
        replied(desks, "chief", case_id, "Biển số đúng với ảnh gốc.")
        walk(desks, case_id, ("chief", "uphold", "upheld", "SERVED"))
        page = owner.get("/tra-cuu/ho-so").text
        assert "giữ nguyên quyết định" in page and "Biển số đúng với ảnh gốc." in page
        walk(desks, case_id, ("hoa", "pay", "paid_online", "PAID"))
        assert offered(owner) == []
        walk(desks, case_id, ("hoa", "appeal", "lawsuit", "APPEAL"), ("chief", "annul", "annulled", "CLOSED"))
        page = owner.get("/tra-cuu/ho-so").text
        assert "hủy quyết định" in page and "Đã kết thúc" in page and offered(owner) == []
    at, chief = f"/api/v1/cases/{case_id}", desks["chief"]
    steps = [row["action"] for row in chief.get(f"{at}/history").json()]
    void = [row["void"] and row["void"]["action"] for row in chief.get(f"{at}/documents").json()]
    told = chief.get("/api/v1/audit/ledger", params={"case_id": case_id}).json()["rows"]
    assert [one for one in steps if one in ("object", "appeal", "uphold", "annul")] == [
        "object", "appeal", "uphold", "appeal", "annul",
    ]  # fmt: skip
    assert void == ["object", "annul", "annul", "annul"] and new["id"] != notice["id"]
    assert [one["details"]["did"] for one in reversed(told) if one["kind"] == "answer"] == ["answered", "replied"] * 2
    assert chief.get("/api/v1/audit/chain").json()["intact"]
