"""How review is kept honest: agreement between officers, precision of rules, answers known beforehand."""

from datetime import datetime
from typing import Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field

from api.schemas.base import In, Out
from cases.agreement import Agreement, Precision
from cases.records import KnownAnswer
from detector.types import ViolationKind


class PeriodQuery(In):
    """A period; `from` is included, `to` is not; without them the last 30 days."""

    from_: AwareDatetime | None = Field(None, alias="from")
    to: AwareDatetime | None = None


class AgreementOut(Out):
    """Agreement of one officer on one kind, `all` for all kinds; kappa null when nothing can be said."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "officer": "lan",
                    "kind": "wrong_way",
                    "pairs": 40,
                    "agreed": 38,
                    "kappa": 0.87,
                    "known": 9,
                    "known_right": 9,
                }
            ]
        },
    )

    officer: str
    kind: str
    pairs: int
    agreed: int
    kappa: float | None
    known: int
    known_right: int

    @classmethod
    def of(cls, row: Agreement) -> Self:
        """From a row."""
        return cls.model_validate(row)


class PrecisionOut(Out):
    """How many judged cases of a rule in a zone were confirmed, with a 95 % interval, and what to look at."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "camera_id": "HN-HOANKIEM-014",
                    "zone_id": "east-pavement",
                    "kind": "illegal_parking",
                    "rule_version": "illegal_parking/2",
                    "judged": 120,
                    "confirmed": 84,
                    "precision": 0.7,
                    "low": 0.61,
                    "high": 0.77,
                    "main_reason": "loading_hours",
                    "fix": "calendar_of_zone",
                }
            ]
        },
    )

    camera_id: str
    zone_id: str
    kind: ViolationKind
    rule_version: str
    judged: int
    confirmed: int
    precision: float
    low: float
    high: float
    main_reason: str | None
    fix: str | None

    @classmethod
    def of(cls, row: Precision) -> Self:
        """From a row."""
        return cls.model_validate(row)


class KnownAnswerIn(In):
    """What a case is, for certain, and why: officers are measured by it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"verdict": "no_violation", "note": "xe cứu thương"}]})

    verdict: Literal["violation", "no_violation"]
    note: str = Field(max_length=1000, pattern=r"\S", description="why the answer is known")


class KnownAnswerOut(Out):
    """A case whose answer is known."""

    model_config = ConfigDict(from_attributes=True)

    case_id: str
    verdict: str
    set_by: str
    set_at: datetime
    note: str

    @classmethod
    def of(cls, row: KnownAnswer) -> Self:
        """From a record."""
        return cls.model_validate(row)
