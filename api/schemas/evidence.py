"""Evidence re-checked, and who read it."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import ConfigDict

from api.schemas.base import Out
from cases.evidence import VerifyReport
from cases.records import Access


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
