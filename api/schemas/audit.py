"""The logs across cases, for those who oversee: who decided what, who read which evidence."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field

from api.catalogue import WordOut
from api.log_words import done, phrases, reading
from api.schemas.base import In, Moment, Out
from cases.records import Access, Decision, EntryKind, LedgerEntry


class LogQuery(In):
    """Filters of a log, newest first; `before` is the `seq` of the last row of the page before."""

    actor: str | None = Field(None, max_length=64)
    case_id: str | None = Field(None, max_length=24)
    action: str | None = Field(
        None, max_length=100, description="a decision's action, the item or view that was read, a ledger entry's kind"
    )
    from_: Moment | None = Field(None, alias="from")
    to: Moment | None = None
    limit: int = Field(50, ge=1, le=200)
    before: int | None = Field(None, ge=1, le=2**31 - 1)


class LogFileQuery(LogQuery):
    """A log as a file: all rows that fit, no page of them."""

    log: Literal["decisions", "accesses", "ledger"]


class LogRowOut(Out):
    """One row; decisions have action, states and reason, readings of evidence have an item."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    case_id: str
    actor: str
    at: datetime
    action: str | None = None
    from_state: str | None = None
    to_state: str | None = None
    reason: str | None = None
    note: str = ""
    item: str | None = None
    details: dict[str, Any]
    hash: str
    told: list[WordOut] = Field([], description="of a reading: the file, and which part of it, in words")

    @classmethod
    def of(cls, row: Decision | Access) -> Self:
        """From a record."""
        found = cls.model_validate(row)
        return found.model_copy(update={"told": _words(reading(row))}) if isinstance(row, Access) else found


class LogOut(Out):
    """One page of a log."""

    rows: list[LogRowOut]
    next_before: int | None


class LedgerRowOut(Out):
    """One entry of the ledger; `case_id` is null where it concerns no single case."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    kind: EntryKind
    case_id: str | None
    actor: str
    at: datetime
    details: dict[str, Any]
    hash: str
    done: str = Field("", description="what was done; words: `entries` of the catalogue")
    told: list[WordOut] = Field([], description="`details` in words, in order; hashes shortened")

    @classmethod
    def of(cls, row: LedgerEntry) -> Self:
        """From a record."""
        return cls.model_validate(row).model_copy(update={"told": _words(phrases(row)), "done": done(row)})


def _words(pairs: list[tuple[str, str]]) -> list[WordOut]:
    return [WordOut(vi=vi, en=en) for vi, en in pairs]


class LedgerOut(Out):
    """One page of the ledger."""

    rows: list[LedgerRowOut]
    next_before: int | None


class ChainOut(Out):
    """Whether the chained logs hang together; each fault names the log and the row."""

    intact: bool
    faults: list[str]
