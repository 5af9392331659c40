"""Tending the evidence: anchor the logs and work off the queue of time-stamps; the server and a command do it."""

from sqlalchemy.orm import Session, sessionmaker

from cases.anchors import write_anchor
from cases.clock import utc_now
from cases.evidence import EvidenceStore
from cases.settings import Settings
from cases.signing import KeyRing
from cases.timestamps import open_authority, stamp_queue


def tend(sessions: sessionmaker[Session], store: EvidenceStore, keys: KeyRing, settings: Settings) -> list[str]:
    """Anchor what was added, then have waiting anchors stamped where an authority is configured.

    Returns:
        The anchor that was written, if any, and the anchors that were stamped.

    Raises:
        PhatnguoiError: database, store or authority cannot be used; what was done before stays done.
    """
    anchor = write_anchor(sessions, store, keys, now=utc_now())
    authority = open_authority(settings.tsa_url, settings.tsa_certificate)
    stamped = stamp_queue(sessions, store, authority, now=utc_now()) if authority else []
    return [*([anchor] if anchor else []), *stamped]
