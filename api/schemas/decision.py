"""Decisions: what an officer sends, and the rows of the log."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field

from api.schemas.base import In, Out
from cases.lifecycle import Action, State
from cases.records import Decision
from cases.service import Choice


class DecisionIn(In):
    """A decision; `version` may be given in the header If-Match instead."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "action": "confirm",
                    "reason": "evidence_sufficient",
                    "exceptions_considered": ["priority_vehicle", "controller_directed", "diversion"],
                    "version": 1,
                },
                {"action": "amend", "reason": "mitigating_one", "amount_vnd": 4_500_000, "version": 2},
                {"action": "mark_duplicate", "reason": "same_act", "duplicate_of": "PN-1234-ABCD", "version": 2},
            ]
        }
    )

    action: Action
    reason: str = Field(max_length=64)
    note: str = Field("", max_length=4000)
    duplicate_of: str | None = Field(None, max_length=24)
    offence_id: str | None = Field(None, max_length=64, description="another clause, with confirm or amend")
    amount_vnd: int | None = Field(None, ge=0, le=2_000_000_000, description="with confirm or amend")
    subject: Literal["person", "organisation"] | None = Field(None, description="with confirm or amend")
    exceptions_considered: tuple[str, ...] | None = Field(
        None,
        max_length=20,
        description="the case's `exceptions`, once the officer has looked for each; confirm needs them",
    )
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None

    def choice(self) -> Choice:
        """As the service takes it."""
        return Choice(
            action=self.action,
            reason=self.reason,
            note=self.note,
            duplicate_of=self.duplicate_of,
            offence_id=self.offence_id,
            amount_vnd=self.amount_vnd,
            subject=self.subject,
            considered=self.exceptions_considered or (),
        )


class DecisionOut(Out):
    """One decision; `seq` counts within the case. Rows of the chained log, with their hashes, are in the audit."""

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

    @classmethod
    def of(cls, decision: Decision, *, seq: int) -> Self:
        """From a record and its place in the case."""
        return cls.model_validate({name: getattr(decision, name) for name in cls.model_fields} | {"seq": seq})


class VersionIn(In):
    """The version that was read; may be given in the header If-Match instead."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 2}]})

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
