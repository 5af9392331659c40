"""Exports, holds, retention and papers over HTTP: who may, what comes out, what is logged."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from sqlalchemy import text

import cases.notice.handed
from cases.accounts import add_user
from cases.clock import utc_now
from cases.exported import verify_export
from cases.logins import create_token
from cases.notice.channels import FileChannel, Receipt
from cases.roles import Role
from tests.api.server import Server, running
from tests.cases.builders import opened
from tests.cases.installation import items
from tests.cases.notice.signer import PASSPHRASE, make_p12

FORM = {"plate": "29-A1 2345", "owner": {"name": "Nguyễn Thị Ưởng"}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, monkeypatch_module: pytest.MonkeyPatch) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("data")
    monkeypatch_module.setenv("PHATNGUOI_SIGNER_P12", str(make_p12(folder / "k.p12")))
    with running(folder) as server:
        yield server


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def by_role(server: Server) -> Iterator[Callable[[Role], httpx.Client]]:
    """A client for each role, by token."""
    clients: dict[Role, httpx.Client] = {}

    def client(role: Role) -> httpx.Client:
        if role not in clients:
            title = "station_chief" if role is Role.SIGNER else None
            add_user(
                server.context.sessions, name=f"u-{role}", password=None, role=role, title=title, subject=f"u-{role}"
            )
            token = create_token(server.context.sessions, name=f"u-{role}", days=1).secret
            clients[role] = httpx.Client(
                base_url=f"{server.url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60
            )
        return clients[role]

    yield client
    for made in clients.values():
        made.close()


@pytest.fixture
def confirmed(server: Server, numbers: Callable[[], int], by_role: Callable[[Role], httpx.Client]) -> str:
    """A case with real pictures that an officer confirmed."""
    case_id = opened(server.context.database, server.context.store, numbers(), items=items()).case_id  # type: ignore[arg-type]
    officer = by_role(Role.OFFICER)
    assert officer.post(f"/cases/{case_id}/claim").status_code == 200
    looked_for = officer.get(f"/cases/{case_id}").json()["exceptions"]
    body = {"action": "confirm", "reason": "verified", "version": 1, "exceptions_considered": looked_for}
    assert officer.post(f"/cases/{case_id}/decisions", json=body).status_code == 200
    said = {"text": FORM["plate"], "seq": 0, "note": ""}
    assert officer.put(f"/cases/{case_id}/plate", json=said).status_code == 200
    return case_id


def test_export_is_a_signed_zip(confirmed: str, by_role: Callable[[Role], httpx.Client], tmp_path: Path) -> None:
    for role, purpose, status in (
        (Role.HANDLER, "owner", 200),
        (Role.HANDLER, "court", 403),
        (Role.COMMANDER, "court", 200),
        (Role.OFFICER, "owner", 403),
        (Role.ADMINISTRATOR, "court", 403),
    ):
        answer = by_role(role).post(f"/cases/{confirmed}/exports", json={"purpose": purpose, "reason": "CV 12"})
        assert answer.status_code == status, (role, purpose, answer.text[:300])
        if status == 200:
            path = tmp_path / f"{role}.zip"
            path.write_bytes(answer.content)
            report = verify_export(path)
            assert report.intact, report


def test_copies_are_jpegs_and_logged(confirmed: str, by_role: Callable[[Role], httpx.Client]) -> None:
    officer = by_role(Role.OFFICER)
    answer = officer.get(f"/cases/{confirmed}/copies/during.jpg")
    assert (answer.status_code, answer.headers["content-type"], answer.content[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert officer.get(f"/cases/{confirmed}/copies/clip.mp4").status_code == 404
    rows = by_role(Role.COMMANDER).get(f"/cases/{confirmed}/accesses").json()
    assert "copies/during.jpg" in [row["item"] for row in rows]


def test_hold_and_retention(confirmed: str, by_role: Callable[[Role], httpx.Client]) -> None:
    chief = by_role(Role.COMMANDER)
    at = f"/cases/{confirmed}/hold"
    assert chief.get(at).json() == {"case_id": confirmed, "held": False}
    assert chief.put(at, json={"held": True, "reason": "QĐ 5"}).json()["held"] is True
    assert chief.put(at, json={"held": True, "reason": "QĐ 5"}).status_code == 409
    found = by_role(Role.AUDITOR).get("/retention").json()
    assert found["held"] == [confirmed]
    assert {rule["state"]: rule["days"] for rule in found["rules"]}["REJECTED"] == 30
    assert all(rule["proposal"] for rule in found["rules"])
    assert "đề xuất" in found["note"]
    assert chief.put(at, json={"held": False, "reason": "xong"}).json()["held"] is False


def test_paper_from_issue_to_delivery(confirmed: str, by_role: Callable[[Role], httpx.Client]) -> None:
    handler, signer = by_role(Role.HANDLER), by_role(Role.SIGNER)
    at = f"/cases/{confirmed}/documents"
    assert handler.post(at, json={"kind": "record", "form": FORM}).status_code == 409
    assert handler.post(at, json={"kind": "notice", "form": {"plate": "?"}}).status_code == 422
    issued = handler.post(at, json={"kind": "notice", "form": FORM})
    assert issued.status_code == 201, issued.text
    row = issued.json()
    assert row["code"] and row["number"].endswith("/TB")
    assert (row["plate"], row["plate_shown"]) == ("29A12345", "29-A1 2345")
    again = handler.post(at, json={"kind": "notice", "form": FORM})
    told = {name: again.json().get(name) for name in ("code", "paper", "number", "document", "day")}
    stands = {"paper": "notice", "number": row["number"], "document": row["id"]}
    assert (again.status_code, told) == (409, {"code": "already_issued", **stands, "day": told["day"]})
    assert datetime.fromisoformat(str(told["day"]))
    assert [(d["id"], d["code"]) for d in handler.get(at).json()] == [(row["id"], None)]
    pdf = handler.get(f"{at}/{row['id']}/pdf")
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert handler.get(f"{at}/{row['id']}/pdf?signed=true").status_code == 404
    assert handler.post(f"{at}/{row['id']}/signature", json={"passphrase": PASSPHRASE}).status_code == 403
    outside = {"content": b"%PDF-1.7", "headers": {"Content-Type": "application/pdf"}}
    assert signer.put(f"{at}/{row['id']}/signed", **outside).status_code == 422  # type: ignore[arg-type]
    mistyped = signer.post(f"{at}/{row['id']}/signature", json={"passphrase": "wrong"})
    assert (mistyped.status_code, mistyped.json()["code"]) == (422, "wrong_passphrase")
    assert signer.post(f"{at}/{row['id']}/signature", json={"passphrase": PASSPHRASE}).json()["signed_by"] == "u-signer"
    assert len(handler.get(f"{at}/{row['id']}/pdf?signed=true").content) > len(pdf.content)
    receipt = handler.post(f"{at}/{row['id']}/deliveries", json={"channel": "vnetraffic"}).json()
    assert (receipt["connected"], receipt["delivered"]) == (False, False)
    assert "chưa kết nối" in receipt["status"]
    (way,) = handler.get(at).json()[0]["handed"]
    assert (way["channel"], way["by"], way["reference"]) == ("vnetraffic", "u-handler", receipt["reference"])
    assert {channel["connected"] for channel in handler.get("/channels").json()} == {False}
    assert by_role(Role.AUDITOR).get("/audit/chain").json()["intact"] is True


def signed_notice(confirmed: str, by_role: Callable[[Role], httpx.Client]) -> str:
    """The address of a signed notice."""
    at = f"/cases/{confirmed}/documents"
    at += f"/{by_role(Role.HANDLER).post(at, json={'kind': 'notice', 'form': FORM}).json()['id']}"
    assert by_role(Role.SIGNER).post(f"{at}/signature", json={"passphrase": PASSPHRASE}).status_code == 200
    return at


def test_of_two_at_once_one_hands_a_paper_over(
    server: Server, confirmed: str, by_role: Callable[[Role], httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, at = by_role(Role.HANDLER), f"{signed_notice(confirmed, by_role)}/deliveries"
    monkeypatch.setattr(cases.notice.handed, "AGAIN", timedelta(seconds=5))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: handler.post(at, json={"channel": "vnetraffic"}), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (refused["code"], refused["holder"]) == ("handed_just_now", "u-handler")
    assert handler.post(at, json={"channel": "vneid"}).status_code == 200, "by another channel it may go at once"
    laid_out = sorted(path.parent.name for path in server.context.settings.outgoing.glob(f"*/*/{at.split('/')[4]}.pdf"))
    assert len(laid_out) == 2
    time.sleep(max(0.0, (datetime.fromisoformat(refused["until"]) - utc_now()).total_seconds()))
    assert handler.post(at, json={"channel": "vnetraffic"}).status_code == 200
    (row,) = handler.get(f"/cases/{confirmed}/documents").json()
    assert [way["channel"] for way in row["handed"]] == ["vnetraffic", "vneid", "vnetraffic"]


ODD = (
    "'[]'",
    "'null'",
    "'\"x\"'",
    "json_remove(details, '$.document')",
    "json_set(details, '$.delivered', 'ja')",
    "'{'",
)


@pytest.mark.parametrize("details", ODD)
def test_papers_are_shown_whatever_somebody_made_of_a_handing_over(
    server: Server, confirmed: str, by_role: Callable[[Role], httpx.Client], details: str
) -> None:
    handler, paper = by_role(Role.HANDLER), signed_notice(confirmed, by_role)
    assert handler.post(f"{paper}/deliveries", json={"channel": "vneid"}).status_code == 200
    mine = {"case": confirmed}
    with server.context.sessions() as session:
        session.connection(execution_options={"write": True})
        where = "kind = 'delivery' AND case_id = :case"
        kept = session.execute(text(f"SELECT details FROM ledger WHERE {where}"), mine).scalar_one()
        guards = session.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name='ledger'")
        ).all()
        for name, _ in guards:
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text(f"UPDATE ledger SET details = {details} WHERE {where}"), mine)
        session.commit()
    answer = handler.get(paper.rpartition("/")[0])
    assert (answer.status_code, [row["handed"] for row in answer.json()]) == (200, [[]])
    assert by_role(Role.AUDITOR).get("/audit/chain").json()["intact"] is False
    with server.context.sessions() as session:
        session.connection(execution_options={"write": True})
        session.execute(text(f"UPDATE ledger SET details = :kept WHERE {where}"), {**mine, "kept": kept})
        for _, sql in guards:
            session.execute(text(sql))
        session.commit()


def test_no_decision_comes_between_the_check_of_a_paper_and_its_way_out(
    confirmed: str, by_role: Callable[[Role], httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An amendment that comes while the paper is handed over waits, and voids what then stands as delivered."""
    handler, chief = by_role(Role.HANDLER), by_role(Role.COMMANDER)
    paper = f"/cases/{confirmed}/documents"
    paper += f"/{handler.post(paper, json={'kind': 'notice', 'form': FORM}).json()['id']}"
    body = {"action": "amend", "reason": "mitigating_one", "amount_vnd": 4_000_000, "version": 2}
    at = f"{paper}/deliveries"
    unsigned = handler.post(at, json={"channel": "vneid"})
    told = unsigned.json()
    assert (unsigned.status_code, told["code"], told["paper"]) == (409, "unsigned_paper", "notice")
    assert by_role(Role.SIGNER).post(f"{paper}/signature", json={"passphrase": PASSPHRASE}).status_code == 200
    hand_over: Any = FileChannel.hand_over
    waited: list[Any] = []

    def amended_meanwhile(channel: FileChannel, *given: Any, **more: Any) -> Receipt:
        amending = Thread(target=lambda: waited.append(chief.post(f"/cases/{confirmed}/decisions", json=body)))
        amending.start()
        amending.join(1.0)
        waited.append(amending)
        receipt: Receipt = hand_over(channel, *given, **more)
        return receipt

    monkeypatch.setattr(FileChannel, "hand_over", amended_meanwhile)
    assert handler.post(f"{paper}/deliveries", json={"channel": "vneid"}).status_code == 200
    waited[0].join(30)
    assert [getattr(one, "status_code", "the amendment") for one in waited] == ["the amendment", 200]
    assert handler.post(f"{paper}/deliveries", json={"channel": "vneid"}).json()["code"] == "void_paper"
    rows = by_role(Role.AUDITOR).get("/audit/ledger", params={"case_id": confirmed}).json()["rows"]
    assert [row["details"].get("did", row["kind"]) for row in reversed(rows)][-2:] == ["delivery", "voided"]


def test_a_decision_leaves_the_house_only_signed_with_its_case(
    confirmed: str, by_role: Callable[[Role], httpx.Client]
) -> None:
    handler, signer, chief = (by_role(role) for role in (Role.HANDLER, Role.SIGNER, Role.COMMANDER))
    at, secret = f"/cases/{confirmed}/documents", {"json": {"passphrase": PASSPHRASE}}

    def take(client: httpx.Client, action: str, reason: str) -> None:
        version = chief.get(f"/cases/{confirmed}").json()["version"]
        body = {"action": action, "reason": reason, "version": version}
        assert (done := client.post(f"/cases/{confirmed}/decisions", json=body)).status_code == 200, done.text

    take(handler, "seek_owner", "owner_unknown")
    assert handler.post(at, json={"kind": "record", "form": FORM}).status_code == 201
    take(handler, "make_record", "on_paper")
    paper = f"{at}/{handler.post(at, json={'kind': 'decision', 'form': FORM}).json()['id']}"
    for client in (chief, signer):
        assert client.post(f"{paper}/signature", **secret).status_code == 409  # type: ignore[arg-type]
    assert handler.post(f"{paper}/deliveries", json={"channel": "vneid"}).status_code == 403
    take(handler, "submit", "complete")
    take(signer, "sign", "lawful")
    assert chief.post(f"{paper}/signature", **secret).status_code == 403  # type: ignore[arg-type]
    assert handler.post(f"{paper}/deliveries", json={"channel": "vneid"}).status_code == 403
    assert signer.post(f"{paper}/signature", **secret).json()["signed_by"] == "u-signer"  # type: ignore[arg-type]
    assert handler.post(f"{paper}/deliveries", json={"channel": "vneid"}).status_code == 200


def test_keys_are_public_inside(by_role: Callable[[Role], httpx.Client]) -> None:
    found = by_role(Role.OPERATOR).get("/keys").json()
    assert [key["current"] for key in found] == [True]
    assert "BEGIN PUBLIC KEY" in found[0]["public_key_pem"]
