"""Cases: the rows of the queue, the single case in full, and what the queue is asked."""

from datetime import date, datetime, timedelta
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field

from api.problems import code_of
from api.schemas.base import In, Moment, Out
from api.schemas.law import StampOut
from cases.actor import Actor
from cases.exceptions import exceptions_for
from cases.lifecycle import ENDED, FORMS, REVIEWING, Action, State, Track, track_of
from cases.openness import Openness
from cases.policy import Policy
from cases.queue import PAGE_LIMIT, Page, Sort
from cases.records import Case, DocumentKind, Due
from detector.types import ClockGrade, ViolationKind

DUE_EXAMPLE: dict[str, Any] = {
    "code": "notice",
    "started_at": "2026-11-22T03:00:05Z",
    "warn_at": "2026-11-29T17:00:00Z",
    "due_at": "2026-12-02T17:00:00Z",
    "level": "running",
}
CASE_EXAMPLE: dict[str, Any] = {
    "id": "PN-7K3M-Q2XD",
    "kind": "wrong_way",
    "state": "NEW",
    "state_at": "2026-11-22T03:00:05Z",
    "ward": "Hoàn Kiếm",
    "camera_id": "HN-HOANKIEM-014",
    "camera_name": "Đinh Tiên Hoàng - Lê Thạch",
    "timezone": "Asia/Ho_Chi_Minh",
    "zone_id": "southbound",
    "vehicle": "motorcycle",
    "occurred_at": "2026-11-22T03:00:00Z",
    "opened_at": "2026-11-22T03:00:05Z",
    "confidence": 0.94,
    "reminder_only": False,
    "calendar_known": True,
    "cannot_tell": [],
    "source_kind": "device",
    "track": "device",
    "unit": "city",
    "offence_id": "nd168-7-7-a-wrong-way",
    "amount_vnd": 5_000_000,
    "claim": {"holder": "lan", "until": "2026-11-22T03:15:00Z"},
    "version": 1,
}


class QueueQuery(In):
    """Filters of the queue; `state` and `kind` may be repeated; times need a zone, `to` is not included."""

    state: list[State] = Field([], max_length=20)
    kind: list[ViolationKind] = Field([], max_length=20)
    ward: str | None = Field(None, max_length=100)
    camera: str | None = Field(None, max_length=64)
    unit: Literal["commune", "city"] | None = None
    track: Track | None = None
    assignee: str | None = Field(None, max_length=64)
    from_: Moment | None = Field(None, alias="from")
    to: Moment | None = None
    min_confidence: float | None = Field(None, ge=0, le=1)
    answers: Literal["waiting"] | None = Field(None, description="only cases whose owner's answer nobody dealt with")
    papers: Literal["unsigned"] | None = Field(None, description="only cases with a paper that awaits a signature")
    duplicate_of: str | None = Field(None, max_length=24, description="only cases marked as duplicates of this one")
    sort: Sort = Sort.OLDEST
    limit: int = Field(50, ge=1, le=PAGE_LIMIT)
    cursor: str | None = Field(None, max_length=200)


class ClaimOut(Out):
    """Who holds a case, and until when."""

    holder: str
    until: datetime


class DueOut(Out):
    """A running clock; `level`: running, pressing (to be warned of) or overdue; its words are in the vocabulary."""

    model_config = ConfigDict(json_schema_extra={"examples": [DUE_EXAMPLE]})

    code: str
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    level: Literal["running", "pressing", "overdue"]

    @classmethod
    def of(cls, due: Due, *, now: datetime) -> Self:
        """From a record."""
        level = "overdue" if due.due_at <= now else "pressing" if due.warn_at <= now else "running"
        columns = {name: getattr(due, name) for name in ("code", "started_at", "warn_at", "due_at")}
        return cls.model_validate({**columns, "level": level})


class CaseOut(Out):
    """A case as a row of the queue."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [CASE_EXAMPLE]})

    id: str
    kind: ViolationKind
    state: State
    state_at: datetime
    ward: str
    camera_id: str
    camera_name: str
    timezone: str
    zone_id: str
    vehicle: str | None
    occurred_at: datetime | None = Field(description="UTC; null when nothing puts the recording on the calendar")
    opened_at: datetime
    confidence: float
    reminder_only: bool
    calendar_known: bool
    cannot_tell: list[str]
    source_kind: Literal["device", "community", "citizen"]
    track: Track
    unit: str = Field(description="whose case it is by signing power: commune or city")
    offence_id: str | None
    amount_vnd: int | None
    claim: ClaimOut | None
    version: int

    @classmethod
    def of(cls, case: Case, *, now: datetime) -> Self:
        """From a record; a claim that has run out is none."""
        return cls.model_validate({**_columns(case), "track": track_of(case.source_kind), "claim": _claim(case, now)})


class WaitingOut(Out):
    """An action that only waits: for a paper (its kind), `own_decision` for another person, `too_early` for a day to
    pass, `answer_first` for an answer to be dealt with, `warning_stands` for a warning to be lifted; `code` is that of
    the problem that taking it would meet.
    """

    action: Action
    code: str
    paper: str | None = Field(description="null where it is no paper that is missing")
    day: date | None = Field(description="the last day, in Hanoi, of the time that must pass; else null")


class CaseDetail(CaseOut):
    """A case in full, with what this account may do to it."""

    model_config = ConfigDict(json_schema_extra={"examples": []})

    violation_id: str
    ended_at: datetime | None
    start_s: float
    end_s: float
    facts: dict[str, Any]
    clock: ClockGrade
    rule_version: str
    scene_hash: str
    network_name: str
    network_sha256: str | None
    software_version: str
    source_id: str
    manifest_sha256: str
    lat: float | None
    lon: float | None
    decided_at: datetime | None
    duplicate_of: str | None
    offence: StampOut | None = Field(description="the law applied, proposed by the facts until an officer decides")
    needs_second: bool = Field(
        description="confirming takes two officers: by kind, amount, a doubt about the scene, or a case opened by eye"
    )
    confirmed_by: str | None
    exceptions: tuple[str, ...] = Field(description="to be considered before confirming; see the vocabulary")
    forms: dict[str, str] = Field(description="forms of this track by their use: notice, transfer, register, warning")
    allowed_actions: tuple[Action, ...]
    waiting_actions: tuple[WaitingOut, ...] = Field(
        description="otherwise open, but a paper is missing or does not do, another person must, or it is too early"
    )
    withdrawable: tuple[DocumentKind, ...] = Field(
        description="kinds of which a paper stands: only the reasons `wrong_KIND` of these go with `withdraw`"
    )
    undo_until: datetime | None = Field(description="until when this account can take its last decision back")

    @classmethod
    def seen_by(cls, case: Case, *, actor: Actor, now: datetime, policy: Policy, openness: Openness) -> Self:
        """From a record; the provider of a citizen's report stays confidential."""
        track = track_of(case.source_kind)
        more = {
            "track": track,
            "claim": _claim(case, now),
            "needs_second": policy.needs_second(case.kind, case.amount_vnd, case.cannot_tell),
            "exceptions": exceptions_for(case.kind),
            "forms": FORMS[track],
            "allowed_actions": openness.actions,
            "waiting_actions": [
                {
                    "action": action,
                    "code": code_of(fault),
                    "paper": getattr(fault, "paper", None),
                    "day": getattr(fault, "day", None),
                }
                for action, fault in openness.waiting.items()
            ],
            "withdrawable": openness.withdrawable,
            "undo_until": _undo_until(case, actor, now, policy),
        }
        hidden = {"source_id": "confidential"} if case.source_kind == "citizen" else {}
        facts = {name: _numbers(name, value) for name, value in case.facts.items()}
        return cls.model_validate({**_columns(case), **hidden, **more, "facts": facts})


class QueueOut(Out):
    """One page of the queue; `total` stops counting at 10,000, then `total_is_exact` is false."""

    cases: list[CaseOut]
    next_cursor: str | None
    total: int
    total_is_exact: bool
    answers_waiting: int = Field(description="owners' answers nobody has dealt with, in all cases of this account")

    @classmethod
    def of(cls, page: Page, *, now: datetime) -> Self:
        """From a page of records."""
        return cls(
            cases=[CaseOut.of(case, now=now) for case in page.cases],
            next_cursor=page.next_cursor,
            total=page.total,
            total_is_exact=page.total_is_exact,
            answers_waiting=page.answers_waiting,
        )


def _numbers(name: str, value: Any) -> Any:
    """Times that a rule states as a text, `12.50 13.10`, as numbers: each language writes those its own way."""
    if not (name.endswith("_at_s") and isinstance(value, str)):
        return value
    try:
        return [float(part) for part in value.split()]
    except ValueError:
        return value


def _columns(case: Case) -> dict[str, Any]:
    return {column.key: getattr(case, column.key) for column in Case.__mapper__.column_attrs}


def _undo_until(case: Case, actor: Actor, now: datetime, policy: Policy) -> datetime | None:
    until = case.state_at + timedelta(seconds=policy.undo_s)
    taken = case.last_actor == actor.name and case.state in REVIEWING | ENDED
    return until if taken and until > now else None


def _claim(case: Case, now: datetime) -> dict[str, object] | None:
    if case.assignee is None or case.claimed_until is None or case.claimed_until <= now:
        return None
    return {"holder": case.assignee, "until": case.claimed_until}
