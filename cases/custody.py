"""Tending the evidence: anchor the logs, work off the queue of time-stamps, blank reporters whose days are over."""

from sqlalchemy.orm import Session, sessionmaker

from cases.anchors import write_anchor
from cases.citizen.reports import blank_reporters
from cases.clock import utc_now
from cases.evidence import EvidenceStore
from cases.settings import Settings
from cases.signing import KeyRing
from cases.timestamps import open_authority, stamp_queue


def tend(sessions: sessionmaker[Session], store: EvidenceStore, keys: KeyRing, settings: Settings) -> list[str]:
    """Blank reporters whose days are over, anchor what was added, have anchors stamped where there is an authority.

    Returns:
        The anchor that was written, if any, and the anchors that were stamped.

    Raises:
        PhatnguoiError: database, store or authority cannot be used; what was done before stays done.
    """
    blank_reporters(sessions, now=utc_now())
    anchor = write_anchor(sessions, store, keys, now=utc_now())
    authority = open_authority(settings.tsa_url, settings.tsa_certificate)
    stamped = stamp_queue(sessions, store, authority, now=utc_now()) if authority else []
    return [*([anchor] if anchor else []), *stamped]
