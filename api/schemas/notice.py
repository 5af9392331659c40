"""Issued papers, their signature and the channels they go out by."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import ConfigDict, Field

from api.schemas.base import In, Out
from cases.lifecycle import Action
from cases.notice.channels import Receipt
from cases.notice.form import DocumentForm
from cases.notice.plate import printed
from cases.records import Decision, DocumentKind, LedgerEntry, Notice


class DocumentIn(In):
    """Which paper, and what the officer fills in."""

    kind: DocumentKind
    form: DocumentForm


class VoidOut(Out):
    """The decision after which a paper no longer says what stands; it is issued anew, not signed."""

    action: Action
    actor: str
    at: datetime


class HandedOut(Out):
    """One handing over of a paper; `delivered` is false where it was laid out to be carried by hand."""

    channel: str
    by: str
    at: datetime
    delivered: bool
    reference: str

    @classmethod
    def of(cls, entry: LedgerEntry) -> Self:
        """From the ledger."""
        told = {name: entry.details[name] for name in ("channel", "delivered", "reference")}
        return cls(by=entry.actor, at=entry.at, **told)


class DocumentOut(Out):
    """An issued paper; `code` comes once, with the answer that issued it."""

    id: str
    case_id: str
    kind: DocumentKind
    number: str
    plate: str = Field(description="letters and digits only; empty on a paper that describes the vehicle")
    plate_shown: str = Field(description="as the paper prints it")
    sha256: str
    issued_by: str
    issued_at: datetime
    signed_by: str | None
    signed_at: datetime | None
    code: str | None = Field(None, description="look-up code printed on the paper; not kept, given only when issued")
    void: VoidOut | None = Field(None, description="what made it void; null while it says what stands")
    plate_differs: bool = Field(False, description="officers have said since that the plate is another, or unreadable")
    handed: list[HandedOut] = Field([], description="every handing over, oldest first")

    @classmethod
    def of(
        cls,
        row: Notice,
        *,
        code: str | None = None,
        voided_by: Decision | None = None,
        plate_differs: bool = False,
        handed: Sequence[LedgerEntry] = (),
    ) -> Self:
        """From a record."""
        own = ("code", "void", "plate_differs", "plate_shown", "handed")
        told = {name: getattr(row, name) for name in cls.model_fields if name not in own}
        by = voided_by
        void = VoidOut(action=by.action, actor=by.actor, at=by.at) if by else None
        ways = [HandedOut.of(entry) for entry in handed]
        return cls(**told, code=code, void=void, plate_differs=plate_differs, plate_shown=printed(row), handed=ways)


class SignIn(In):
    """The PIN of the installation's token, or the passphrase of its PKCS#12 key; it is not kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"passphrase": "…"}]})

    passphrase: str = Field(max_length=1024, repr=False)


class HandOverIn(In):
    """By which channel a paper goes out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"channel": "vnetraffic"}]})

    channel: Literal["vnetraffic", "vneid", "registry", "payment"]


class ChannelOut(Out):
    """A way out of the house; `connected` is false where papers are carried by hand."""

    name: str
    words: str
    connected: bool
    status: str


class ReceiptOut(Out):
    """What became of a paper handed to a channel."""

    channel: str
    connected: bool
    delivered: bool
    reference: str
    status: str

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """From a receipt."""
        return cls(**{name: getattr(receipt, name) for name in cls.model_fields})
