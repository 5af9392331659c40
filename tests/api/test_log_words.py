"""Every entry of the logs is told in both languages: all kinds, all names of details, all codes among their values."""

import ast
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.catalogue import catalogue
from api.log_words import SECTIONS, TOLD, phrases, reading
from api.schemas.audit import LedgerRowOut
from cases.blind import VERDICTS
from cases.citizen.reports import SettledBy
from cases.lifecycle import MOVES, Action, Role, State
from cases.notice.void import VOIDING
from cases.plate_words import Said
from cases.records import Access, EntryKind, LedgerEntry

K = EntryKind
HASH = "0123456789abcdef" * 4
ROOT = Path(__file__).parents[2]
WRITERS = {"enter", "seal", "_enter", "_seal"}
"""What puts an entry into the ledger."""
NO_DETAILS = {"kind", "actor", "at", "by", "case_id"}
"""Their arguments that are columns, or passed on; `by` is told where a paper is made void."""
ACCOUNT = {"id": "lan", "row_sha256": HASH, "role": "officer", "wards": ["Hoàn Kiếm"], "title": None, "active": True}
VOIDED = [{"did": "voided", "id": "TB-1", "by": action.value} for action in (*VOIDING, Action.UNDO, Action.WITHDRAW)]
ENTRIES: dict[EntryKind, list[dict[str, Any]]] = {
    K.ANCHOR: [{"number": 3, "covers": {"decisions": 10, "accesses": 20, "ledger": 5}}],
    K.STAMP: [{"anchor": "anchors/3.json", "token_sha256": HASH}],
    K.EXPORT: [
        *({"purpose": purpose, "reason": "CV 12", "manifest_sha256": HASH} for purpose in ("court", "owner")),
        {"purpose": "plates", "reason": "Huấn luyện", "cases": ["PN-1", "PN-2"]},
        {"what": "register", "first": "2026-11-20", "last": "2026-11-21", "lines": 4},
        *({"what": f"audit:{log}", "lines": 1, "filters": {"action": "confirm", "from_at": "2026-11-20T00:00:00Z"}}
          for log in ("decisions", "accesses", "ledger")),
        {"what": "audit:ledger", "lines": 1, "filters": {"action": "plate_search", "actor": "lan", "case_id": "PN-1",
                                                         "to_at": "2026-11-20T00:00:00Z", "before": 7}},
    ],
    K.HOLD: [{"reason": "QĐ 5"}],
    K.RELEASE: [{"reason": "xong"}],
    K.TOMBSTONE: [{"rule": f"{state.value}: 30 days", "location": "PN-1/x", "manifest_sha256": HASH,
                   "case_sha256": HASH} for state in State],
    K.KEY: [{"old": HASH, "new": HASH}],
    K.NOTICE: [*({"did": did, "id": "TB-1", "row_sha256": HASH} for did in ("issued", "signed")), *VOIDED],
    K.DELIVERY: [{"document": "TB-1", "channel": channel, "reference": "vneid/1", "delivered": False}
                 for channel in ("vnetraffic", "vneid", "registry", "payment")],
    K.REPORT: [
        *({"did": did, "id": "PA-1"} for did in ("received", "analysed", "analysis_cancelled", "cases_found", "blanked",
                                                 "case_opened")),
        {"did": "analysis_asked", "id": "PA-1", "scene": "PA-1", "scene_hash": HASH},
        {"did": "analysis_failed", "id": "PA-1", "problem": "no video"},
        *({"did": "closed", "id": "PA-1", "reason": reason.value} for reason in SettledBy),
    ],
    K.ANSWER: [{"did": did, "id": "TL-1"} for did in ("answered", "replied")],
    K.ANSWER_TASK: [{"did": did, "id": "TL-1"} for did in ("waits", "dealt", "adopted")],
    K.LOOKUP: [{"notice": "TB-1"}, {"report": "PA-1", "file": "file-1.jpg"}, {"report": "PA-1", "reason": "xác minh"}],
    K.SCENE: [{"did": did, "id": "CAM/1", "camera_id": "CAM", "number": 1, "sha256": HASH}
              for did in ("drawn", "activated", "retired")],
    K.PLATE: [*({"said": said.value, "commitment": HASH, "note": ""} for said in Said),
              {"said": "corrected", "text": "29A12345", "note": "mờ", "look": "lan"}],
    K.PLATE_SEARCH: [{"mark": HASH, "reason": "tái phạm", "found": ["PN-1"]}, {"refused": True, "reason": "x"},
                     {"asked": HASH, "reason": "đơn số 7"}],
    K.ACCOUNT: [*({"did": did, **ACCOUNT} for did in ("made", "changed", "password", "closed", "adopted")),
                *({"did": "made", **ACCOUNT, "role": role.value, "wards": [], "title": "city_director"}
                  for role in Role)],
    K.TOKEN: [{"user": "lan", "expires_at": "2026-12-01T00:00:00.000000Z"}],
    K.LAW: [{"did": did, "id": 3, "offence_id": "nd168-6-9-d"} for did in ("proposed", "approved", "refused")],
    K.REVIEW: [
        *({"did": f"known answer {did}", "verdict": verdict} for did in ("set", "dropped")
          for verdict in {*VERDICTS.values()}),
        *({"did": f"second look: {action}", "purpose": purpose, "verdict": verdict, "reason": reason}
          for purpose, verdict in (("repeat", "none"), ("known", "violation"), ("known", None))
          for action, reason in (("confirm", "verified"), ("undo", "undone"), ("reject", "wrong_vehicle"))),
    ],
    K.CLOCK: [{"did": did} for did in ("said", "swept")],
}  # fmt: skip


def entry(kind: EntryKind, details: dict[str, Any]) -> LedgerEntry:
    return LedgerEntry(seq=1, kind=kind, case_id=None, actor="lan", details=details, hash=HASH,
                       at=datetime(2026, 11, 22, tzinfo=UTC))  # fmt: skip


def codes() -> set[str]:
    """Every code that stands in the table above: what may be left in no phrase."""
    found = {value for rows in ENTRIES.values() for row in rows for name, value in row.items()
             if isinstance(value, str) and (name in {"did", "by", *SECTIONS})}  # fmt: skip
    spelt = {code for code in found if "_" in code or ":" in code}
    return spelt | {state.value for state in State} | {move.value for move in MOVES if "_" in move.value}


@pytest.mark.parametrize("kind", list(EntryKind))
def test_every_kind_of_entry_is_told_in_both_languages(kind: EntryKind) -> None:
    assert set(catalogue()["entries"][kind.value]) == {"vi", "en"}
    for details in ENTRIES[kind]:
        told = phrases(entry(kind, details))
        assert len(told) == len(
            {name for name in details if name != "row_sha256" and (name, details[name]) != ("note", "")}
        )
        for vi, en in told:
            assert not {vi.partition(": ")[2] or vi, en.partition(": ")[2] or en} & codes(), (vi, en)
            for phrase in (vi, en):
                assert not re.search(r"\b[0-9a-f]{16,}|\b(?:True|False|None)\b|[{}\[\]]", phrase), phrase
        labels = {vi.partition(": ")[0] for vi, _ in told}
        assert not labels & set(details), "a name of the details is left as it is"
        assert LedgerRowOut.of(entry(kind, details)).told[0].vi == told[0][0]


@pytest.mark.parametrize(
    ("kind", "details", "vi", "en"),
    [
        (K.PLATE, {"said": "corrected"}, "đã nói: sửa", "said: corrected"),
        (K.PLATE, {"commitment": HASH}, "mã băm lời đã nói: 0123456789ab…", "hash of what was said: 0123456789ab…"),
        (K.REPORT, {"reason": "no_violation"}, "lý do: Không vi phạm", "reason: No violation"),
        (K.HOLD, {"reason": "no_violation"}, "lý do: no_violation", "reason: no_violation"),
        (K.NOTICE, {"by": "withdraw"}, "do: Thu hồi văn bản ghi sai", "by: Withdraw a wrong paper"),
        (K.REVIEW, {"did": "second look: confirm"}, "xem lại lần hai: Xác nhận vi phạm",
         "second look: Confirm the violation"),
        (K.TOMBSTONE, {"rule": "REJECTED: 30 days"}, "theo quy tắc: Bác bỏ, 30 ngày", "by the rule: Rejected, 30 days"),
        (K.TOKEN, {"expires_at": "2026-12-01T00:00:00Z"}, "hết hạn: 01/12/2026 07:00", "expires: 01/12/2026 07:00"),
        (K.DELIVERY, {"delivered": False}, "đã chuyển: không", "delivered: no"),
        (K.ACCOUNT, {"wards": []}, "địa bàn: mọi xã, phường", "wards: every ward"),
        (K.EXPORT, {"filters": {"action": "plate_search"}}, "điều kiện lọc: việc: Tìm biển số",
         "filters: act: Plate search"),
    ],
    ids=lambda value: "" if isinstance(value, str) else str(value),
)  # fmt: skip
def test_a_detail_reads_so(kind: EntryKind, details: dict[str, Any], vi: str, en: str) -> None:
    assert phrases(entry(kind, details)) == [(vi, en)]


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"notice": "TB-1"}, "Tra cứu của chủ phương tiện"),
        ({"report": "PA-1"}, "Cán bộ mở phản ánh của công dân"),
        ({"report": "PA-1", "file": "file-1.jpg"}, "Cán bộ mở phản ánh của công dân"),
    ],
    ids=["owner", "officer", "officer's file"],
)
def test_an_officers_opening_is_no_owners_look_up(details: dict[str, Any], words: str) -> None:
    assert catalogue()["entries"][LedgerRowOut.of(entry(K.LOOKUP, details)).done]["vi"] == words


@pytest.mark.parametrize(
    ("item", "details", "told"),
    [
        ("case", {}, []),
        ("during.jpg", {}, ["Chứng cứ: Trong khi vi phạm (during.jpg)"]),
        ("copies/before.jpg", {}, ["Bản sao đã che: Trước (before.jpg)"]),
        ("documents/TB-1", {}, ["Văn bản: TB-1"]),
        ("manifest.json", {}, ["Bản kê chứng cứ: manifest.json"]),
        ("clip.mp4", {"range": "bytes=0-9"}, ["Chứng cứ: Đoạn hình (clip.mp4)", "phần đã đọc: bytes=0-9"]),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_a_reading_says_what_was_read(item: str, details: dict[str, Any], told: list[str]) -> None:
    assert [vi for vi, _ in reading(Access(item=item, details=details))] == told


@pytest.mark.parametrize(
    "value", [None, 5, "x", "9999-99-99", [1, {"a": 2}], {"action": None}, {"action": [1]}, True, {}]
)
@pytest.mark.parametrize("name", sorted({*SECTIONS, *TOLD, "did", "reason", "nobody_knows"}))
def test_a_row_that_somebody_altered_is_told_all_the_same(name: str, value: Any) -> None:
    """The log page stands, whatever is in a row; that it was altered is for the check of the chain to say."""
    for kind in EntryKind:
        assert len(phrases(entry(kind, {name: value}))) == 1


def _written() -> tuple[set[str], set[str]]:
    """Names of details and words of what was done, as the sources write them into the ledger."""
    names: set[str] = set()
    did: set[str] = set()
    for path in (*(ROOT / "cases").rglob("*.py"), *(ROOT / "api").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if getattr(call.func, "id", getattr(call.func, "attr", "")) not in WRITERS:
                continue
            for keyword in call.keywords:
                names |= {keyword.arg} if keyword.arg else set()
                if keyword.arg == "did":
                    did |= {one.value for one in ast.walk(keyword.value) if isinstance(one, ast.Constant)}  # type: ignore[misc]
    return names - NO_DETAILS, {code for code in did if isinstance(code, str) and code != "system"}


def test_whatever_the_sources_write_into_the_ledger_has_words_and_stands_in_this_table() -> None:
    names, did = _written()
    listed = {name for rows in ENTRIES.values() for row in rows for name in row}
    assert {"said", "commitment", "rule", "scene"} - {"scene"} <= names and {"issued", "waits"} <= did
    assert names - {"did", "row_sha256"} <= set(catalogue()["details"])
    assert listed - {"did", "row_sha256"} <= set(catalogue()["details"])
    assert names <= listed, "a detail this table does not know"
    assert {code.replace(" ", "_") for code in did} <= set(catalogue()["did"])
    assert set(SECTIONS) | set(TOLD) <= set(catalogue()["details"])


def test_the_log_page_is_given_words(
    lan: httpx.Client, client_of: Callable[[str | None], httpx.Client], case_id: str
) -> None:
    chief = client_of("chief")
    assert lan.put(f"/api/v1/cases/{case_id}/plate", json={"text": "29-E1 123.45", "seq": 0}).status_code == 200
    for view in ("evidence", "plate"):
        assert lan.get(f"/api/v1/cases/{case_id}/{view}").status_code == 200
    (row,) = chief.get("/api/v1/audit/ledger", params={"case_id": case_id}).json()["rows"]
    assert row["told"][0] == {"vi": "đã nói: sửa", "en": "said: corrected"}
    rows = chief.get("/api/v1/audit/accesses", params={"case_id": case_id}).json()["rows"]
    told = {row["item"]: [word["vi"] for word in row["told"]] for row in rows}
    assert told["manifest.json"] == ["Bản kê chứng cứ: manifest.json"] and told["plate"] == []
