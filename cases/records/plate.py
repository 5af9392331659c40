"""What an officer said a plate reads, in clear: beside the ledger, which keeps only a commitment to it for ever."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cases.records.base import Record


class PlateText(Record):
    """The text of one entry of the ledger; it goes when the case's evidence does.

    Attributes:
        seq: the entry's number.
        text: letters and digits; empty where the plate was called unreadable.
        nonce: 32 hex digits; the entry holds the SHA-256 of both, so that a changed text is found and a deleted one
            cannot be guessed.
    """

    __tablename__ = "plate_texts"
    __table_args__ = (Index("ix_plate_texts_text", "text"), Index("ix_plate_texts_case", "case_id"))

    seq: Mapped[int] = mapped_column(
        ForeignKey("ledger.seq", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="RESTRICT"))
    text: Mapped[str] = mapped_column(String(24))
    nonce: Mapped[str] = mapped_column(String(32))
