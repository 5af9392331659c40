"""Evidence over HTTP: Range requests of a real server, nothing outside the bundle, every reading logged."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from cases.chain import chain_faults
from cases.database import read_transaction
from cases.records import Access
from tests.api.server import Server

ClientOf = Callable[[str | None], httpx.Client]
CLIP = b"c" * 5000


def at(case_id: str, name: str = "clip.mp4") -> str:
    return f"/api/v1/cases/{case_id}/evidence/{name}"


def test_manifest_lists_what_can_be_fetched(lan: httpx.Client, case_id: str) -> None:
    manifest = lan.get(f"/api/v1/cases/{case_id}/evidence").json()
    assert [item["name"] for item in manifest["items"]] == ["before.jpg", "during.jpg", "after.jpg", "clip.mp4"]
    assert manifest["manifest_sha256"] == lan.get(f"/api/v1/cases/{case_id}").json()["manifest_sha256"]
    for item in manifest["items"]:
        answer = lan.get(at(case_id, item["name"]))
        assert (answer.status_code, len(answer.content)) == (200, item["size_bytes"])
        assert answer.headers["etag"] == f'"{item["sha256"]}"'
        assert answer.headers["content-type"] == item["media_type"]
        assert answer.headers["accept-ranges"] == "bytes"
        assert "sandbox" in answer.headers["content-security-policy"]


RANGES = {
    "first bytes": ("bytes=0-99", 206, "bytes 0-99/5000", 100),
    "from the middle": ("bytes=4000-", 206, "bytes 4000-4999/5000", 1000),
    "last bytes": ("bytes=-10", 206, "bytes 4990-4999/5000", 10),
    "past the end": ("bytes=4990-9999", 206, "bytes 4990-4999/5000", 10),
    "beyond": ("bytes=5000-5001", 416, "bytes */5000", None),
    "backwards": ("bytes=10-5", 400, None, None),
    "not bytes": ("lines=0-5", 400, None, None),
}


@pytest.mark.parametrize("label", sorted(RANGES))
def test_ranges(lan: httpx.Client, case_id: str, label: str) -> None:
    asked, status, content_range, length = RANGES[label]
    answer = lan.get(at(case_id), headers={"Range": asked})
    assert answer.status_code == status
    assert answer.headers.get("content-range") == content_range
    if length is not None:
        assert len(answer.content) == int(answer.headers["content-length"]) == length


def test_head_gives_the_size_without_the_bytes(lan: httpx.Client, case_id: str) -> None:
    answer = lan.head(at(case_id))
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "5000", b"")
    part = lan.head(at(case_id), headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.headers["content-length"], part.content) == (206, "10", b"")


def test_range_of_another_version_is_answered_whole(lan: httpx.Client, case_id: str) -> None:
    answer = lan.get(at(case_id), headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (answer.status_code, answer.content) == (200, CLIP)


@pytest.mark.parametrize(
    "name",
    ["..%2f..%2f..%2fphatnguoi.db", "%2e%2e%2fmanifest.json", "..", ".", "%2fetc%2fpasswd", "clip.mp4%00", "no.jpg",
     "..\\..\\x", "manifest.json"],
)  # fmt: skip
def test_nothing_but_the_items_can_be_read(lan: httpx.Client, case_id: str, name: str) -> None:
    answer = lan.get(at(case_id, name))
    assert b"SQLite" not in answer.content
    assert b"root:" not in answer.content
    listing = f"/api/v1/cases/{case_id}/evidence"
    if answer.request.url.path.rstrip("/") in (listing, f"/api/v1/cases/{case_id}"):
        return  # the client itself resolved the dots
    assert answer.status_code == 404


def test_every_reading_is_logged_and_chained(server: Server, client_of: ClientOf, case_id: str) -> None:
    client_of("lan").get(f"/api/v1/cases/{case_id}/evidence")
    client_of("lan").get(at(case_id), headers={"Range": "bytes=0-9"})
    client_of("audit").get(at(case_id, "during.jpg"))
    client_of("tuan").get(at(case_id))
    rows = client_of("chief").get(f"/api/v1/cases/{case_id}/accesses").json()
    assert [(row["actor"], row["item"], row["details"]) for row in rows] == [
        ("lan", "manifest.json", {}),
        ("lan", "clip.mp4", {"range": "bytes=0-9"}),
        ("audit", "during.jpg", {}),
        ("chief", "accesses", {}),
    ]
    with read_transaction(server.context.sessions) as session:
        assert chain_faults(session, Access) == []


def test_altered_evidence_is_shown_as_such(server: Server, lan: httpx.Client, case_id: str) -> None:
    location = server.context.settings.evidence
    violation = lan.get(f"/api/v1/cases/{case_id}").json()["violation_id"]
    still = next(location.glob(f"*/*/{violation}/during.jpg"))
    still.chmod(0o644)
    still.write_bytes(b"x" + still.read_bytes()[1:])
    report = lan.get(f"/api/v1/cases/{case_id}/verification").json()
    assert report["intact"] is False
    assert [fault["item"] for fault in report["faults"]] == ["during.jpg"]
    manifest = still.parent / "manifest.json"
    manifest.chmod(0o644)
    _replace_hash(manifest)
    answer = lan.get(f"/api/v1/cases/{case_id}/evidence")
    assert (answer.status_code, answer.json()["code"]) == (500, "evidence")


def _replace_hash(manifest: Path) -> None:
    text = manifest.read_text()
    at_ = text.index('"manifest_sha256":"') + len('"manifest_sha256":"')
    manifest.write_text(text[:at_] + "0" * 64 + text[at_ + 64 :])
