"""Tending the evidence: anchor the logs, work off the queue of time-stamps, blank reporters whose days are over."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import SYSTEM
from cases.anchors import write_anchor
from cases.chain import LOGS
from cases.citizen.reports import blank_reporters
from cases.clock import utc_now
from cases.database import read_transaction
from cases.evidence import EvidenceStore
from cases.records import Access, Decision
from cases.settings import Settings
from cases.signing import KeyRing
from cases.timestamps import open_authority, stamp_queue
from detector.types import CaseError

SILENT_DAYS = 60
APART_S = 60.0


def clock_behind_s(sessions: sessionmaker[Session], now: datetime) -> float:
    """How far this machine's clock stands behind the latest row of the logs, in seconds; 0 when it does not.

    Rows keep the time the clock gave and their order by number; whoever compares times must know that it was put back.
    """
    with read_transaction(sessions) as session:
        last = [session.scalar(select(log.at).order_by(log.seq.desc()).limit(1)) for log in LOGS]
    return max([0.0, *((at - now).total_seconds() for at in last if at is not None)])


def refuse_doubtful_clock(sessions: sessionmaker[Session], now: datetime) -> None:
    """Go on with what a wrong clock would end for good (deadlines, deletion) only by a clock that seems right.

    It is doubted when it stands apart from the database server's, or when by it nobody has worked for `SILENT_DAYS`:
    a year typed wrong would else bar every open case by time. What the machine logs by itself does not count.

    Raises:
        CaseError: says what speaks against the clock.
    """
    with read_transaction(sessions) as session:
        if session.get_bind().dialect.name == "postgresql":
            theirs: datetime = session.scalars(select(func.clock_timestamp())).one()
            apart_s = abs((theirs - now).total_seconds())
            if apart_s > APART_S:
                raise CaseError(f"clock: stands {apart_s:.0f} s apart from the database server's; check both")
        decided = select(Decision.at).where(Decision.actor != SYSTEM).order_by(Decision.seq.desc()).limit(1)
        looked = select(Access.at).order_by(Access.seq.desc()).limit(1)
        worked = [at for at in (session.scalar(decided), session.scalar(looked)) if at is not None]
    silent = now - max(worked) if worked else timedelta(0)
    if silent > timedelta(days=SILENT_DAYS):
        raise CaseError(
            f"clock: by it nobody has looked at a case for {silent.days} days; check it. If it is right, this goes on "
            "as soon as somebody opens a case"
        )


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
