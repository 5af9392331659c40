"""Documents issued in a case: notice to the owner, result sheet, drafts of the record and of the decision.

A row's hash goes into the ledger whenever it is written (`cases.ledger.seal`), so a later change is found.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cases.records.base import Record, Utc, by_value


class DocumentKind(StrEnum):
    """Which form: the notice (thông báo vi phạm), the device's result sheet, the drafts of record and decision."""

    NOTICE = "notice"
    RECORD = "record"
    RESULT = "result"
    DECISION = "decision"


class Notice(Record):
    """One issued document.

    Attributes:
        number: the running number on the paper, unique for each kind.
        plate: upper case, letters and digits only; with the code it opens the look-up page.
        code_sha256: SHA-256 of the look-up code printed on the paper; the code itself is not kept.
        fields: what was printed, so that the paper can be explained later.
        name, sha256: the PDF in the document store; `signed_*` the PDF with the signature in it.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("kind", "number", name="uq_notices_number"),
        Index("ix_notices_case", "case_id"),
        Index("ix_notices_code", "code_sha256"),
        Index("ix_notices_unsigned", "signed_at", "case_id"),
    )

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="RESTRICT"))
    kind: Mapped[DocumentKind] = mapped_column(by_value(DocumentKind))
    number: Mapped[str] = mapped_column(String(40))
    plate: Mapped[str] = mapped_column(String(20))
    code_sha256: Mapped[str] = mapped_column(String(64))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    name: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    issued_by: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime] = mapped_column(Utc)
    signed_name: Mapped[str | None] = mapped_column(String(100))
    signed_sha256: Mapped[str | None] = mapped_column(String(64))
    signed_by: Mapped[str | None] = mapped_column(String(64))
    signed_at: Mapped[datetime | None] = mapped_column(Utc)
