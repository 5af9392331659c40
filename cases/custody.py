"""Tending the evidence: anchor the logs, work off the queue of time-stamps, blank reporters whose days are over."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.anchors import write_anchor
from cases.chain import LOGS
from cases.citizen.reports import blank_reporters
from cases.clock import utc_now
from cases.database import read_transaction
from cases.evidence import EvidenceStore
from cases.settings import Settings
from cases.signing import KeyRing
from cases.timestamps import open_authority, stamp_queue


def clock_behind_s(sessions: sessionmaker[Session], now: datetime) -> float:
    """How far this machine's clock stands behind the latest row of the logs, in seconds; 0 when it does not.

    Rows keep the time the clock gave and their order by number; whoever compares times must know that it was put back.
    """
    with read_transaction(sessions) as session:
        last = [session.scalar(select(log.at).order_by(log.seq.desc()).limit(1)) for log in LOGS]
    return max([0.0, *((at - now).total_seconds() for at in last if at is not None)])


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
