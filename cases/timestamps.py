"""RFC 3161 time-stamps over anchors: an authority outside the house states when the logs stood as they did.

One token over an anchor covers all evidence and decisions before it. The queue is simply the anchors that have no
token yet: without an authority it grows and nothing else waits; with one `stamp_queue` works it off. A token lies
beside its anchor (`00000001.tsr`) and its hash goes into the ledger.
"""

import hashlib
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.anchors import FOLDER
from cases.chain import readable_or_none
from cases.database import read_transaction, write_transaction
from cases.evidence import EvidenceStore
from cases.ledger import enter
from cases.records import EntryKind, LedgerEntry
from detector.types import ConfigError, EvidenceError

STAMPS = "stamps"
TIMEOUT_S = 20.0
LARGEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority: its address and the root certificates its tokens must lead to (PEM)."""

    url: str
    roots: tuple[x509.Certificate, ...]


def open_authority(url: str | None, certificate: Path | None) -> Authority | None:
    """The configured authority, None when there is none.

    Raises:
        ConfigError: the certificate is missing or unreadable.
    """
    if url is None:
        return None
    if certificate is None:
        raise ConfigError(
            "tsa_certificate: name the PEM file of the authority's root, its tokens are checked against it"
        )
    try:
        return Authority(url, tuple(x509.load_pem_x509_certificates(certificate.read_bytes())))
    except (OSError, ValueError) as error:
        raise ConfigError(f"tsa_certificate {certificate}: not readable as PEM certificates ({error})") from error


def queue(store: EvidenceStore) -> list[str]:
    """Anchors that no authority has stamped yet, oldest first."""
    stamped = set(store.names(STAMPS))
    return [name for name in store.names(FOLDER) if _stamp_name(name) not in stamped]


def stamp_queue(
    sessions: sessionmaker[Session], store: EvidenceStore, authority: Authority, *, now: datetime
) -> list[str]:
    """Have every waiting anchor stamped; returns the anchors that were.

    Raises:
        EvidenceError: the authority cannot be reached or its answer does not check; the anchor stays in the queue.
    """
    done = []
    for name in queue(store):
        data = store.get(name) or b""
        token = _request(authority, data)
        store.put(_stamp_name(name), token)
        with write_transaction(sessions) as session:
            digest = hashlib.sha256(token).hexdigest()
            enter(session, kind=EntryKind.STAMP, actor="system", at=now, anchor=name, token_sha256=digest)
        done.append(name)
    return done


def stamp_faults(sessions: sessionmaker[Session], store: EvidenceStore) -> list[tuple[str, str]]:
    """(token, what is wrong) of tokens that do not fit their anchor or are not those the ledger recorded."""
    with read_transaction(sessions) as session:
        told = session.scalars(select(LedgerEntry.seq).where(LedgerEntry.kind == EntryKind.STAMP)).all()
        entries = [entry for seq in told if (entry := readable_or_none(session, LedgerEntry, seq)) is not None]
        details = [entry.details for entry in entries if isinstance(entry.details, dict)]
    recorded = {_stamp_name(str(told.get("anchor"))): str(told.get("token_sha256")) for told in details}
    faults = [(name, "the ledger tells of it, it is missing") for name in recorded if store.get(name) is None]
    for name in store.names(STAMPS):
        token, anchor = store.get(name) or b"", store.get(_anchor_name(name))
        if name in recorded and hashlib.sha256(token).hexdigest() != recorded[name]:
            faults.append((name, "is not the token the ledger recorded"))
        elif anchor is None or not _is_over(token, anchor):
            faults.append((name, "is no time-stamp over its anchor"))
    return faults


def stamped_at(token: bytes) -> datetime:
    """The time a token states.

    Raises:
        EvidenceError: it is no token.
    """
    return _decode(token).tst_info.gen_time


def _request(authority: Authority, data: bytes) -> bytes:
    asked = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    request = urllib.request.Request(authority.url, data=asked.as_bytes(), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            token: bytes = answer.read(LARGEST_BYTES)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise EvidenceError(
            f"time-stamping authority {authority.url}: cannot be reached ({error}); try later"
        ) from error
    builder = VerifierBuilder.from_request(asked)
    for root in authority.roots:
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(_decode(token), data)
    except (VerificationError, ValueError) as error:
        raise EvidenceError(f"time-stamping authority {authority.url}: its token does not check: {error}") from error
    return token


def _is_over(token: bytes, data: bytes) -> bool:
    try:
        return bytes(_decode(token).tst_info.message_imprint.message) == hashlib.sha256(data).digest()
    except EvidenceError:
        return False


def _decode(token: bytes) -> TimeStampResponse:
    try:
        return decode_timestamp_response(token)
    except ValueError as error:
        raise EvidenceError(f"not a time-stamp: {error}") from error


def _stamp_name(anchor: str) -> str:
    return f"{STAMPS}/{Path(anchor).stem}.tsr"


def _anchor_name(stamp: str) -> str:
    return f"{FOLDER}/{Path(stamp).stem}.json"
