"""Citizens' pages and API over HTTP: confidential, braked, and nobody sees a case that is not their own."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest

from api.throttle import Throttle
from cases import service
from cases.clock import utc_now
from cases.lifecycle import Action
from cases.notice.issue import Issued, issue
from cases.records import DocumentKind
from tests.api.server import Server, running
from tests.cases.builders import LAN, NOON, opened
from tests.cases.installation import items, street_jpeg
from tests.cases.notice.issuing import FORM, HUNG
from tests.cases.papers import establish

GIVEN = {"what": "illegal_parking", "occurred": "", "place": "12 Hàng Bài", "ward": "Hoàn Kiếm", "contact": "0912"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture(autouse=True)
def unbraked(server: Server) -> None:
    """Each test begins with a brake that has counted nothing."""
    fresh = {"lookups": Throttle(20, 600.0), "uploads": Throttle(6, 3600.0)}
    server.app.state.context = replace(server.context, **fresh)


@pytest.fixture
def issued(server: Server, numbers: Callable[[], int]) -> Issued:
    """A notice in a confirmed case."""
    context = server.context
    case_id = opened(context.database, context.store, numbers(), items=items()).case_id  # type: ignore[arg-type]
    service.claim(context.sessions, case_id=case_id, actor=LAN, now=NOON, lease_s=60)
    service.decide(context.sessions, case_id=case_id, actor=LAN, action=Action.CONFIRM, reason="verified",
                   expected_version=1, now=NOON)  # fmt: skip
    establish(context.database, case_id, now=NOON)
    how = {"case_id": case_id, "kind": DocumentKind.NOTICE, "form": FORM, "actor": HUNG, "now": NOON}
    return issue(context.sessions, context.store, context.settings, **how)  # type: ignore[arg-type]


@pytest.fixture
def citizen(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


def given() -> dict[str, str]:
    return {**GIVEN, "occurred": utc_now().strftime("%Y-%m-%dT%H:%M")}


def test_pages_are_plain_html_under_a_strict_policy(citizen: httpx.Client) -> None:
    for path in ("/tra-cuu", "/phan-anh", "/phan-anh/theo-doi", "/thong-ke"):
        answer = citizen.get(path)
        assert answer.status_code == 200, path
        assert answer.text.startswith('<!doctype html>\n<html lang="vi">')
        assert "<script" not in answer.text and "style=" not in answer.text and " on" + "click" not in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        asked = set(re.findall(r'<(?:input|select|textarea)[^>]* id="(\w+)"', answer.text))
        assert asked == set(re.findall(r'<label for="(\w+)"', answer.text)), "every field has its label"
    assert citizen.get("/cong-dan/style.css").headers["content-type"].startswith("text/css")


def test_report_by_page_and_followed(server: Server, citizen: httpx.Client) -> None:
    photo = street_jpeg()
    done = citizen.post("/phan-anh", data=given(), files=[("files", ("a.jpg", photo))])
    assert done.status_code == 201, done.text
    number, code = re.findall(r"<dd>([A-Z0-9-]{9,})</dd>", done.text)
    shown = citizen.post("/phan-anh/theo-doi", data={"number": number, "code": code})
    assert "Đã tiếp nhận" in shown.text
    assert "0912" not in shown.text
    assert citizen.post("/phan-anh/theo-doi", data={"number": number, "code": "AAAA-AAAA"}).status_code == 422
    with server.client("lan") as lan, server.client("root") as root, server.client("chief") as chief:
        row = next(row for row in lan.get("/api/v1/citizen-reports").json() if row["id"] == number)
        assert (row["id"], row["media"][0]["media_type"]) == (number, "image/jpeg")
        assert not {"reporter", "contact", "code_sha256"} & set(row)
        assert lan.get(f"/api/v1/citizen-reports/{number}/files/file-1.jpg").content == photo
        for name in ("..%2f..%2fphatnguoi.db", "file-9.jpg", ".."):
            assert b"SQLite" not in lan.get(f"/api/v1/citizen-reports/{number}/files/{name}").content
        assert root.get("/api/v1/citizen-reports").status_code == 403
        asked = {"reason": "cần video gốc"}
        assert lan.post(f"/api/v1/citizen-reports/{number}/reporter", json=asked).status_code == 403
        assert chief.post(f"/api/v1/citizen-reports/{number}/reporter", json=asked).json()["contact"] == "0912"
        body = {"outcome": "Đã nhắc nhở <b>chủ xe</b>"}
        assert lan.post(f"/api/v1/citizen-reports/{number}/outcome", json=body).json()["state"] == "CLOSED"
    shown = citizen.post("/phan-anh/theo-doi", data={"number": number, "code": code})
    assert "&lt;b&gt;" in shown.text and "<b>" not in shown.text


def test_report_that_does_not_fit_keeps_what_was_typed(citizen: httpx.Client) -> None:
    bad = citizen.post(
        "/phan-anh", data={**given(), "place": '"><script>1</script>'}, files=[("files", ("a.exe", b"MZ"))]
    )
    assert bad.status_code == 422
    assert 'role="alert"' in bad.text
    assert "<script>" not in bad.text
    assert "&lt;script&gt;" in bad.text


@pytest.mark.parametrize(
    ("path", "sent", "files", "told"),
    [
        ("/phan-anh/theo-doi", {"number": "PA-0000-0000", "code": "AAAA-AAAA"}, None, "không có phản ánh nào mang số"),
        ("/phan-anh", {"occurred": "2020-01-01T08:00"}, b"x", "thời gian xảy ra phải trong vòng một năm qua"),
        ("/phan-anh", {}, b"MZ", "tệp &#39;a.bin&#39; không phải ảnh"),
        ("/phan-anh", {"place": "x"}, b"x", "chưa đúng: địa điểm"),
    ],
)
def test_refusals_are_told_in_vietnamese_first(
    citizen: httpx.Client, path: str, sent: dict[str, str], files: bytes | None, told: str
) -> None:
    whole = sent if files is None else {**given(), **sent}
    answer = citizen.post(path, data=whole, files=None if files is None else [("files", ("a.bin", files))])
    alert = re.findall(r'role="alert"><p>(.*?)</p>', answer.text)
    assert answer.status_code == 422
    assert len(alert) == 1 and alert[0].startswith(told), alert


def test_own_case_from_look_up_to_dispute(server: Server, citizen: httpx.Client, issued: Issued) -> None:
    assert citizen.get("/tra-cuu/ho-so").headers["location"] == "/tra-cuu"
    assert citizen.get("/tra-cuu/anh/during.jpg").status_code == 404
    refused = citizen.post("/tra-cuu", data={"plate": "29A-123.45", "code": "AAAA-AAAA"})
    assert refused.status_code == 422 and "không tìm thấy" in refused.text
    opened_ = citizen.post("/tra-cuu", data={"plate": "29a 12345", "code": issued.code})
    assert (opened_.status_code, opened_.headers["location"]) == (303, "/tra-cuu/ho-so")
    assert {"httponly", "samesite=strict"} <= {
        part.strip().lower() for part in opened_.headers["set-cookie"].split(";")
    }
    page = citizen.get("/tra-cuu/ho-so").text
    assert issued.document.number in page and "Chưa xử phạt" in page
    assert citizen.get("/tra-cuu/anh/during.jpg").content[:2] == b"\xff\xd8"
    assert citizen.get("/tra-cuu/anh/clip.mp4").status_code == 404
    token = re.findall(r'name="token" value="(\w+)"', page)[0]
    said = {"kind": "dispute", "text": "Tôi đã bán xe <i>", "token": token}
    assert citizen.post("/tra-cuu/tra-loi", data={**said, "token": "x"}).headers["location"] == "/tra-cuu"
    assert citizen.post("/tra-cuu/tra-loi", data={**said, "kind": "x"}).status_code == 422
    assert citizen.post("/tra-cuu/tra-loi", data=said).headers["location"] == "/tra-cuu/ho-so"
    assert "Tôi đã bán xe &lt;i&gt;" in citizen.get("/tra-cuu/ho-so").text
    with server.client("lan") as lan:
        row = lan.get(f"/api/v1/cases/{issued.document.case_id}/answers").json()[0]
        at = f"/api/v1/cases/{issued.document.case_id}/answers/{row['id']}/reply"
        assert lan.post(at, json={"text": "Mời đến đơn vị"}).status_code == 200
    assert "Mời đến đơn vị" in citizen.get("/tra-cuu/ho-so").text
    citizen.post("/tra-cuu/thoat")
    assert citizen.get("/tra-cuu/ho-so").headers["location"] == "/tra-cuu"


@pytest.mark.parametrize("ticket", ["", "x", "TB-1.9999999999.0", "TB-1.9999999999." + "0" * 64, "é", "." * 500])
def test_made_up_tickets_open_nothing(citizen: httpx.Client, issued: Issued, ticket: str) -> None:
    headers = {"Cookie": f"phatnguoi_own_case={ticket}".encode()}
    assert citizen.get("/tra-cuu/ho-so", headers=headers).headers["location"] == "/tra-cuu"


def test_look_up_by_api_uses_the_portals_names(citizen: httpx.Client, issued: Issued) -> None:
    found = citizen.post("/api/public/v1/lookups", json={"plate": "29A12345", "code": issued.code}).json()
    assert (found["bien_kiem_soat"], found["trang_thai"]) == ("29A12345", "Chưa xử phạt")
    assert found["thoi_gian_vi_pham"].endswith(", 20/11/2026")
    refused = citizen.post("/api/public/v1/lookups", json={"plate": "29A12345", "code": "AAAA"})
    assert (refused.status_code, refused.headers["content-type"]) == (404, "application/problem+json")
    data = {"occurred_at": utc_now().isoformat(), "place": "12 Hàng Bài", "ward": "Hoàn Kiếm", "what": "other"}
    done = citizen.post("/api/public/v1/reports", data=data, files=[("files", ("a.jpg", street_jpeg()))])
    assert done.status_code == 201 and done.json()["id"].startswith("PA-")


def test_guessing_and_flooding_are_braked(citizen: httpx.Client) -> None:
    wrong = {"plate": "29A12345", "code": "AAAA"}
    statuses = [citizen.post("/api/public/v1/lookups", json=wrong).status_code for _ in range(21)]
    assert statuses == [404] * 20 + [429]
    again = citizen.post("/tra-cuu", data=wrong)
    assert again.status_code == 429


def test_large_bodies_are_refused_before_they_are_read(citizen: httpx.Client) -> None:
    assert citizen.post("/tra-cuu", data={"plate": "x" * 70_000, "code": "x"}).status_code == 413
    answer = citizen.post(
        "/phan-anh", content=iter([b"x"]), headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code == 411


def test_throttle_counts_by_key_and_forgets() -> None:
    now = [0.0]
    throttle = Throttle(2, 10.0, clock=lambda: now[0])
    assert [throttle.wait_s("a") for _ in range(3)] == [0, 0, 10]
    assert throttle.wait_s("b") == 0
    now[0] = 10.1
    assert throttle.wait_s("a") == 0


def test_public_figures_page(citizen: httpx.Client) -> None:
    assert "Tổng số" in citizen.get("/thong-ke", params={"first": "2025-10", "last": "2025-11"}).text
    assert citizen.get("/thong-ke", params={"first": "2099-10", "last": "2099-11"}).status_code == 422
    assert citizen.get("/thong-ke", params={"first": "<x>", "last": ""}).status_code == 422
