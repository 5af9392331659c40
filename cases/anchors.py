"""Anchors: the heads of all logs, signed and written beside the evidence, outside the database.

Whoever may rewrite the database, its hashes and heads included, still contradicts an anchor. Anchor N names the
hash of anchor N-1 and has its own entry in the ledger, so none can be left out in the middle or at the end.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.canonical import canonical_json, sha256_of, utc_text
from cases.chain import LOGS, START, lock_log, readable_or_none
from cases.database import write_transaction
from cases.evidence import EvidenceStore
from cases.ledger import enter
from cases.records import ChainHead, EntryKind, LedgerEntry
from cases.signing import KeyRing, Signature
from detector.types import EvidenceError

FOLDER = "anchors"
SIGNED_AS = "chain-anchor"
AWAITED_S = (0.05, 0.2, 0.5, 1.0)
"""How long an anchor that was entered is waited for, all together, before it counts as missing."""


class Head(BaseModel):
    """The last row of one log when the anchor was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: int = Field(ge=0)
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")


class AnchorBody(BaseModel):
    """What an anchor states."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["phatnguoi-anchor/1"]
    number: int = Field(ge=1)
    at: str
    heads: dict[str, Head]
    previous_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Anchor(AnchorBody):
    """An anchor with its signature, as it stands in its file."""

    signature: Signature


@dataclass(frozen=True, slots=True)
class AnchorFault:
    """What is wrong with one anchor, or between it and the logs."""

    name: str
    detail: str


def anchor_name(number: int) -> str:
    """Where anchor N lies in the store."""
    return f"{FOLDER}/{number:08d}.json"


def write_anchor(sessions: sessionmaker[Session], store: EvidenceStore, keys: KeyRing, *, now: datetime) -> str | None:
    """Sign the heads of all logs and keep them beside the evidence; None when nothing was added since the last one.

    The entry in the ledger comes first: a crash in between leaves an entry whose anchor the next call still writes.

    Raises:
        EvidenceError: the store cannot be used; it is asked before the log is locked, so that nobody waits for it.
    """
    store.get(anchor_name(1))
    with write_transaction(sessions) as session:
        lock_log(session, LedgerEntry)
        last = session.scalars(
            select(LedgerEntry).where(LedgerEntry.kind == EntryKind.ANCHOR).order_by(LedgerEntry.seq.desc()).limit(1)
        ).first()
        number = int(last.details["number"]) if last else 0
        written = last is None or store.get(anchor_name(number)) is not None
        if written:
            covers = _ends(session)
            if last is not None and covers == last.details["covers"]:
                return None
            number += 1
            enter(session, kind=EntryKind.ANCHOR, actor="system", at=now, number=number, covers=covers)
        session.flush()
        heads = {head.name: Head(seq=head.seq, hash=head.hash) for head in session.scalars(select(ChainHead))}
        before = store.get(anchor_name(number - 1)) if number > 1 else None
        body = AnchorBody(
            format="phatnguoi-anchor/1",
            number=number,
            at=utc_text(now),
            heads=heads,
            previous_sha256=sha256(before).hexdigest() if before else START,
        )
    signature = keys.sign(purpose=SIGNED_AS, digest=sha256_of(body.model_dump()))
    data = canonical_json({**body.model_dump(), "signature": signature.model_dump()})
    try:
        store.put(anchor_name(number), data)
    except EvidenceError:
        if store.get(anchor_name(number)) is None:
            raise  # otherwise another process finished the same anchor first
    return anchor_name(number)


def parse_anchor(data: bytes) -> Anchor | None:
    """An anchor in its canonical spelling, None for anything else."""
    try:
        anchor = Anchor.model_validate_json(data)
    except ValidationError:
        return None
    return anchor if canonical_json(anchor.model_dump()) == data else None


def anchor_faults(
    files: Mapping[str, bytes], *, trusted: Mapping[str, bytes] | None, first: int = 1
) -> list[AnchorFault]:
    """What is wrong with anchor files among themselves: numbers, spelling, links and signatures."""
    faults: list[AnchorFault] = []
    previous = START
    for number, name in enumerate(sorted(files), start=first):
        anchor = parse_anchor(files[name])
        if anchor is None:
            faults.append(AnchorFault(name, "is not an anchor of this product"))
        else:
            faults += [AnchorFault(name, detail) for detail in _own_faults(anchor, trusted)]
            if (anchor.number, name) != (number, anchor_name(number)):
                faults.append(AnchorFault(name, f"expected anchor {number}; anchors were removed or added"))
            elif number > first and anchor.previous_sha256 != previous:
                faults.append(AnchorFault(name, "does not follow from the anchor before it"))
        previous = sha256(files[name]).hexdigest()
    return faults


def anchored_faults(session: Session, files: Mapping[str, bytes], store: EvidenceStore) -> list[AnchorFault]:
    """Where the logs in the database contradict the anchors, or anchors the ledger tells of are missing.

    `files` were listed before the session's snapshot; an anchor written meanwhile is looked for once more.
    """
    faults: list[AnchorFault] = []
    for name, data in files.items():
        anchor = parse_anchor(data)
        for log in LOGS if anchor else ():
            head = anchor.heads.get(log.__tablename__) if anchor else None
            if head is None or head.seq == 0:
                continue
            row = readable_or_none(session, log, head.seq)
            if row is None or row.hash != head.hash:
                detail = f"{log.__tablename__} row {head.seq} is not the one that was anchored"
                faults.append(AnchorFault(name, detail))
    told = session.scalars(select(LedgerEntry.seq).where(LedgerEntry.kind == EntryKind.ANCHOR)).all()
    entries = [entry for seq in told if (entry := readable_or_none(session, LedgerEntry, seq)) is not None]
    numbers = {entry.details.get("number") for entry in entries if isinstance(entry.details, dict)}
    expected = {anchor_name(number) for number in numbers if isinstance(number, int)}
    newest = max(expected, default="")
    lost = [name for name in sorted(expected - set(files)) if not _appears(store, name, awaited=name == newest)]
    return faults + [AnchorFault(name, "the ledger tells of it, it is missing") for name in lost]


def _appears(store: EvidenceStore, name: str, *, awaited: bool) -> bool:
    """Whether a file is there, or soon is: whoever writes an anchor enters it first and may be between the two."""
    for wait_s in AWAITED_S if awaited else ():
        if store.get(name) is not None:
            return True
        time.sleep(wait_s)
    return store.get(name) is not None


def _own_faults(anchor: Anchor, trusted: Mapping[str, bytes] | None) -> list[str]:
    digest = sha256_of(anchor.model_dump(exclude={"signature"}))
    return anchor.signature.faults(purpose=SIGNED_AS, digest=digest, trusted=trusted)


def _ends(session: Session) -> dict[str, int]:
    """Where the logs end, anchors' own entries left out: what tells whether a new anchor would say anything new."""
    heads = {head.name: head.seq for head in session.scalars(select(ChainHead))}
    but_anchors = select(func.max(LedgerEntry.seq)).where(LedgerEntry.kind != EntryKind.ANCHOR)
    return heads | {LedgerEntry.__tablename__: session.scalar(but_anchors) or 0}
