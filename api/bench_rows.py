"""Made-up cases for `api.bench`: rows of every state, with notices and owners' answers, some of which wait.

No evidence; of the log only the detection of open ones. The same number gives the same row.
"""

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from cases.law import propose, seed_table, stamp, unit_for
from cases.lifecycle import Action, State
from cases.records import AnswerKind, AnswerTask, CitizenAnswer, Dealing, Decision, DocumentKind, Notice
from detector.types import ViolationKind

WARDS, CAMERAS = 126, 2000
OPEN_SHARE = 0.03


def case_row(number: int, draw: random.Random) -> dict[str, Any]:
    """One made-up case as a row."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number * 25 + draw.random())
    kind = draw.choice(list(ViolationKind))
    state = State.NEW if draw.random() < OPEN_SHARE else draw.choice([State.REJECTED, State.PAID, State.CLOSED])
    vehicle = "truck" if kind is ViolationKind.UNCOVERED_LOAD else draw.choice(["car", "motorcycle"])
    offence_id, stamped, unit = _law(kind, vehicle)
    camera = draw.randrange(CAMERAS)
    return {
        "id": f"PN-{number:08d}", "violation_id": f"bench-{number}", "kind": kind, "camera_id": f"CAM-{camera:04d}",
        "camera_name": f"Camera {camera}", "ward": f"W-{camera % WARDS:03d}", "lat": 21.0, "lon": 105.8,
        "timezone": "Asia/Ho_Chi_Minh", "zone_id": "z", "vehicle": vehicle, "occurred_at": at, "ended_at": at,
        "start_s": 1.0, "end_s": 5.0, "confidence": draw.random(), "facts": {"dwell_s": 130.0}, "cannot_tell": [],
        "calendar_known": True, "reminder_only": False, "clock": "PTS", "rule_version": f"{kind}/1",
        "scene_hash": "0" * 64, "network_name": "bench", "network_sha256": None, "software_version": "bench",
        "source_kind": "community" if number % 1000 == 3 else "device", "source_id": "bench",
        "evidence_location": f"bench/{number}",
        "manifest_sha256": "0" * 64, "opened_at": at, "queue_at": at, "state": state, "state_at": at,
        "decided_at": None if state is State.NEW else at, "duplicate_of": None, "version": 1, "assignee": None,
        "claimed_until": None, "offence_id": offence_id, "offence": stamped,
        "amount_vnd": stamped["amount_vnd"] if stamped else None, "unit": unit,
        "confirmed_by": None, "last_actor": None,
    }  # fmt: skip


def add_answers(session: Session, rows: list[dict[str, Any]]) -> None:
    """A notice and its owner's answer in one of 50 cases; one of 100 of these answers waits, as many notices do."""
    told = [(int(row["id"].removeprefix("PN-")), row["id"], row["opened_at"]) for row in rows]
    where = [(case_id, at, number % 5000 == 7) for number, case_id, at in told if number % 50 == 7]
    notices = [
        {"id": f"TB-{case_id}", "case_id": case_id, "kind": DocumentKind.NOTICE, "number": case_id, "plate": "29A12345",
         "code_sha256": "0" * 64, "fields": {"case_version": 1}, "name": case_id, "sha256": "0" * 64,
         "issued_by": "bench", "issued_at": at, "signed_name": None, "signed_sha256": None, "signed_by": None,
         "signed_at": None if late else at} for case_id, at, late in where
    ]  # fmt: skip
    answers = [
        {"id": f"TL-{case_id}", "notice_id": f"TB-{case_id}", "case_id": case_id, "kind": AnswerKind.EXPLAIN,
         "text": "bench", "contact": "", "at": at, "reply": None, "replied_by": None, "replied_at": None}
        for case_id, at, _ in where
    ]  # fmt: skip
    tasks = [
        {"answer_id": f"TL-{case_id}", "case_id": case_id, "kind": AnswerKind.EXPLAIN, "note": "",
         "dealing": None if late else Dealing.NOTED, "dealt_by": None if late else "bench",
         "dealt_at": None if late else at} for case_id, at, late in where
    ]  # fmt: skip
    for record, values in ((Notice, notices), (CitizenAnswer, answers), (AnswerTask, tasks)):
        if values:
            session.execute(insert(record), values)


def detection(row: dict[str, Any]) -> Decision:
    """What a second look at an open case goes back to."""
    return Decision(
        case_id=row["id"], actor="bench", action=Action.DETECT, from_state=None, to_state=State.NEW, reason=None,
        note="", details={"standing_sha256": "0" * 64}, at=row["opened_at"],
    )  # fmt: skip


@cache
def _law(kind: ViolationKind, vehicle: str) -> tuple[str | None, dict[str, Any] | None, str]:
    table = seed_table()
    offence = propose(table, kind=kind, vehicle=vehicle, facts={}, on=date(2026, 9, 1)).offence
    if offence is None:
        return None, None, "city"
    return offence.id, stamp(table, offence), unit_for(table, offence)
