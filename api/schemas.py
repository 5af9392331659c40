"""What the API takes and gives; records never leave as they are."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from cases.accounts import Credential, Identity
from cases.actor import Actor
from cases.evidence import VerifyReport
from cases.lifecycle import Action, Role, State, allowed_actions
from cases.queue import PAGE_LIMIT, Page, Sort
from cases.records import Access, Case, Decision
from detector.types import ClockGrade, ViolationKind

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
    "claim": {"holder": "lan", "until": "2026-11-22T03:15:00Z"},
    "version": 1,
}


class In(BaseModel):
    """A request body or query; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """A response."""

    model_config = ConfigDict(frozen=True)


class LoginIn(In):
    """Name and password of a local account."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "lan", "password": "…"}]})

    name: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=1024)


class SessionOut(Out):
    """Who is logged in; `csrf_token` goes with every change as X-CSRF-Token (null for bearer tokens)."""

    name: str
    display_name: str
    role: Role
    wards: tuple[str, ...]
    expires_at: datetime
    csrf_token: str | None

    @classmethod
    def of(cls, login: Credential | Identity, *, csrf: str | None) -> Self:
        """From a login."""
        actor = login.actor
        return cls(
            name=actor.name,
            display_name=login.display_name,
            role=actor.role,
            wards=actor.wards,
            expires_at=login.expires_at,
            csrf_token=csrf,
        )


class QueueQuery(In):
    """Filters of the queue; `state` and `kind` may be repeated; times need a zone, `to` is not included."""

    state: list[State] = Field([], max_length=20)
    kind: list[ViolationKind] = Field([], max_length=20)
    ward: str | None = Field(None, max_length=100)
    camera: str | None = Field(None, max_length=64)
    assignee: str | None = Field(None, max_length=64)
    from_: AwareDatetime | None = Field(None, alias="from")
    to: AwareDatetime | None = None
    min_confidence: float | None = Field(None, ge=0, le=1)
    sort: Sort = Sort.OLDEST
    limit: int = Field(50, ge=1, le=PAGE_LIMIT)
    cursor: str | None = Field(None, max_length=200)


class ClaimOut(Out):
    """Who holds a case, and until when."""

    holder: str
    until: datetime


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
    claim: ClaimOut | None
    version: int

    @classmethod
    def of(cls, case: Case, *, now: datetime) -> Self:
        """From a record; a claim that has run out is none."""
        return cls.model_validate({**_columns(case), "claim": _claim(case, now)})


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
    allowed_actions: tuple[Action, ...]

    @classmethod
    def seen_by(cls, case: Case, *, actor: Actor, now: datetime) -> Self:
        """From a record."""
        allowed = allowed_actions(state=case.state, role=actor.role, reminder_only=case.reminder_only)
        return cls.model_validate({**_columns(case), "claim": _claim(case, now), "allowed_actions": allowed})


class QueueOut(Out):
    """One page of the queue; `total` stops counting at 10,000, then `total_is_exact` is false."""

    cases: list[CaseOut]
    next_cursor: str | None
    total: int
    total_is_exact: bool

    @classmethod
    def of(cls, page: Page, *, now: datetime) -> Self:
        """From a page of records."""
        return cls(
            cases=[CaseOut.of(case, now=now) for case in page.cases],
            next_cursor=page.next_cursor,
            total=page.total,
            total_is_exact=page.total_is_exact,
        )


class DecisionIn(In):
    """A decision; `version` may be given in the header If-Match instead."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"action": "confirm", "reason": "evidence_sufficient", "version": 1},
                {"action": "mark_duplicate", "reason": "same_act", "duplicate_of": "PN-1234-ABCD", "version": 2},
            ]
        }
    )

    action: Action
    reason: str = Field(max_length=64)
    note: str = Field("", max_length=4000)
    duplicate_of: str | None = Field(None, max_length=24)
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class DecisionOut(Out):
    """One row of the decision log; `hash` covers all other fields, `previous_hash` is that of row seq - 1."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    actor: str
    action: Action
    from_state: State | None
    to_state: State
    reason: str | None
    note: str
    details: dict[str, Any]
    at: datetime
    previous_hash: str
    hash: str

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """From a record."""
        return cls.model_validate(decision)


class AccessOut(Out):
    """One reading of evidence."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    actor: str
    item: str
    details: dict[str, Any]
    at: datetime
    hash: str

    @classmethod
    def of(cls, access: Access) -> Self:
        """From a record."""
        return cls.model_validate(access)


class FaultOut(Out):
    """What is wrong with one item."""

    item: str
    kind: Literal["missing", "altered", "extra"]
    detail: str


class VerificationOut(Out):
    """The outcome of re-hashing a case's evidence and log."""

    intact: bool
    items: int
    manifest_sha256: str | None
    faults: list[FaultOut]

    @classmethod
    def of(cls, report: VerifyReport) -> Self:
        """From a report."""
        faults = [FaultOut(item=fault.item, kind=fault.kind, detail=fault.detail) for fault in report.faults]
        return cls(intact=report.intact, items=report.items, manifest_sha256=report.manifest_sha256, faults=faults)


class WordOut(Out):
    """One code in Vietnamese and English."""

    vi: str
    en: str


class MoveOut(WordOut):
    """An action: from where to where, by whom, for which reasons."""

    from_states: list[State]
    to_state: State
    roles: list[Role]
    reasons: list[str]
    needs_note: bool


class VocabularyOut(Out):
    """All codes of the product in words."""

    states: dict[str, WordOut]
    actions: dict[str, MoveOut]
    reasons: dict[str, WordOut]
    kinds: dict[str, WordOut]
    vehicles: dict[str, WordOut]
    facts: dict[str, WordOut]
    doubts: dict[str, WordOut]
    sources: dict[str, WordOut]
    clocks: dict[str, WordOut]
    roles: dict[str, WordOut]


def _columns(case: Case) -> dict[str, Any]:
    return {column.key: getattr(case, column.key) for column in Case.__mapper__.column_attrs}


def _claim(case: Case, now: datetime) -> dict[str, object] | None:
    if case.assignee is None or case.claimed_until is None or case.claimed_until <= now:
        return None
    return {"holder": case.assignee, "until": case.claimed_until}
