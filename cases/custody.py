"""Tending the evidence: anchor the logs, work off the queue of time-stamps, blank reporters whose days are over."""

from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import SYSTEM
from cases.anchors import write_anchor
from cases.chain import LOGS
from cases.citizen.reports import blank_reporters
from cases.clock import utc_now
from cases.database import read_transaction, write_transaction
from cases.evidence import EvidenceStore
from cases.ledger import enter
from cases.records import Access, Decision, EntryKind, LedgerEntry
from cases.settings import Settings
from cases.signing import KeyRing
from cases.timestamps import open_authority, stamp_queue
from detector.types import CaseError

SILENT_DAYS = 60
MARKED_EVERY = timedelta(days=1)
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

    It is doubted when it stands apart from the database server's, or when it leapt: when nobody worked, by it, for
    more than `SILENT_DAYS` at a stretch since the last sweep that went through. A year typed wrong would else bar
    every open case by time. What the machine logs by itself does not count, and work after the leap mends nothing.

    Raises:
        CaseError: says what speaks against the clock.
    """
    with read_transaction(sessions) as session:
        if session.get_bind().dialect.name == "postgresql":
            theirs: datetime = session.scalars(select(func.clock_timestamp())).one()
            apart_s = abs((theirs - now).total_seconds())
            if apart_s > APART_S:
                raise CaseError(f"clock: stands {apart_s:.0f} s apart from the database server's; check both")
        worked = [*_worked(session, now), now]
    silent = max((later - earlier for earlier, later in pairwise(worked)), default=timedelta(0))
    if silent > timedelta(days=SILENT_DAYS):
        raise CaseError(
            f"clock: by it nobody has looked at a case for {silent.days} days; check it. If it is right, "
            "`phatnguoi sweep --clock-is-right` goes on"
        )


def trust_clock(sessions: sessionmaker[Session], now: datetime, *, by: str = SYSTEM, said: bool = False) -> None:
    """Chain that the clock was right: after a sweep, at most once in `MARKED_EVERY`, or because somebody said so."""
    with write_transaction(sessions) as session:
        last = session.scalar(_marks())
        if said or last is None or abs(now - last) >= MARKED_EVERY:
            enter(session, kind=EntryKind.CLOCK, actor=by, at=now, did="said" if said else "swept")


def _marks() -> Select[datetime]:
    newest = select(LedgerEntry.at).where(LedgerEntry.kind == EntryKind.CLOCK)
    return newest.order_by(LedgerEntry.seq.desc()).limit(1)


def _worked(session: Session, now: datetime) -> list[datetime]:
    """When the clock was right last, and when people worked since, in order; nothing that lies ahead of `now`."""
    mark = session.scalar(_marks())
    logs = ((Decision.at, Decision.actor != SYSTEM), (Access.at, Access.actor != SYSTEM))
    found = [] if mark is None else [min(mark, now)]
    for at, people in logs:
        query = select(at).where(people, at <= now)
        found += session.scalars(query if mark is None else query.where(at > mark))
    return sorted(found)


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
