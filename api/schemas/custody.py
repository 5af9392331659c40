"""Exports, legal holds and retention."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas.base import In, Out
from cases.lifecycle import State


class ExportIn(In):
    """For whom and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"purpose": "owner", "reason": "Chủ xe đề nghị"}]})

    purpose: Literal["court", "owner"]
    reason: str = Field(min_length=1, max_length=500)


class HoldIn(In):
    """Set or end a legal hold."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"held": True, "reason": "Quyết định 5/QĐ"}]})

    held: bool
    reason: str = Field(min_length=1, max_length=500)


class HoldOut(Out):
    """Whether a case is under a legal hold."""

    case_id: str
    held: bool


class RetentionRuleOut(Out):
    """How long evidence of cases in a state is kept; `proposal` marks the software's own number, which is not law."""

    state: State
    days: int
    proposal: bool


class ExpiryOut(Out):
    """A case whose evidence may be deleted now."""

    case_id: str
    state: State
    since: datetime
    days: int


class RetentionOut(Out):
    """The rules in force and what they would delete now; deleting is `phatnguoi retention --apply`."""

    note: str
    rules: list[RetentionRuleOut]
    due: list[ExpiryOut]
    held: list[str]


class KeyOut(Out):
    """A public key of this installation."""

    key_id: str
    current: bool
    public_key_pem: str
