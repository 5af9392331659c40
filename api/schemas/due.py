"""Deadlines: the clocks that run on cases."""

from datetime import datetime
from typing import Self

from pydantic import Field

from api.schemas.base import In, Out
from api.schemas.case import CaseOut, DueOut
from cases.deadlines import DueCase


class DueQuery(In):
    """Which clocks: one code or all, only pressing ones (warned of or overdue) or all."""

    code: str | None = Field(None, max_length=32)
    pressing: bool = True
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=60)


class DueCaseOut(Out):
    """A clock and its case."""

    due: DueOut
    case: CaseOut

    @classmethod
    def of(cls, row: DueCase, *, now: datetime) -> Self:
        """From a record and its case."""
        return cls(due=DueOut.of(row.due, now=now), case=CaseOut.of(row.case, now=now))


class DuePageOut(Out):
    """One page of clocks, earliest end first."""

    rows: list[DueCaseOut]
    next_cursor: str | None
