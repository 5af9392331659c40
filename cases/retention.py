"""How long evidence is kept, what holds it, and deleting it so that the deletion itself can be proven.

The law read so far names no number of days: the days below are this product's PROPOSALS and are shown as such; the
agency sets its own (`retention_days` in the settings). The logs are never deleted here. A legal hold stops deletion
until somebody releases it. First the tombstone is chained, the case's measurements are blanked and its plate is
forgotten, in one transaction, then the files go; a crash in between is finished by the next run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.database import read_transaction, write_transaction
from cases.evidence import EvidenceStore
from cases.faults import BadReasonError, IllegalMoveError, NotFoundError
from cases.ledger import enter
from cases.lifecycle import State
from cases.opening import fixed_hash
from cases.plate_words import forget_words
from cases.records import BlindReview, Case, EntryKind, KnownAnswer, LedgerEntry
from cases.roles import Role
from detector.types import ConfigError

PROPOSAL = "đề xuất của phần mềm, không phải quy định pháp luật / a proposal of this software, not law"
COMMANDERS = frozenset({Role.COMMANDER})
PROPOSED_DAYS: dict[State, int] = {
    State.REJECTED: 30,
    State.DUP: 30,
    State.REMIND: 30,
    State.EXPIRED: 30,
    State.CLOSED: 365,
}
"""Days after a case came to rest in a state; states not named are kept. CLOSED: the time-bar of execution, 1 year."""
AT_REST = tuple(state.value for state in (*PROPOSED_DAYS, State.PAID))
"""States for which days may be set at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """One case whose evidence may go."""

    case_id: str
    state: State
    since: datetime
    days: int


def days_in_force(own: Mapping[str, int]) -> dict[State, int]:
    """The rules in force: the proposals with the agency's own numbers laid over them.

    Raises:
        ConfigError: a state that does not exist, one in which a case is still open, or fewer than 0 days.
    """
    for name, days in own.items():
        if name not in AT_REST or days < 0:
            raise ConfigError(f"retention_days: {name} = {days}: expected days >= 0 for one of {', '.join(AT_REST)}")
    return {**PROPOSED_DAYS, **{State(name): days for name, days in own.items()}}


def hold(sessions: sessionmaker[Session], *, case_id: str, actor: Actor, reason: str, now: datetime) -> None:
    """Keep a case's evidence whatever the rules say.

    Raises:
        NotPermittedError, NotFoundError: the role or the case does not fit. BadReasonError: no reason was given.
        IllegalMoveError: it is held already.
    """
    _hold(sessions, case_id, actor, reason, now, kind=EntryKind.HOLD)


def release(sessions: sessionmaker[Session], *, case_id: str, actor: Actor, reason: str, now: datetime) -> None:
    """End a legal hold; errors as `hold`."""
    _hold(sessions, case_id, actor, reason, now, kind=EntryKind.RELEASE)


def holds(session: Session, *, wards: tuple[str, ...] = ()) -> set[str]:
    """Ids of all cases, or those of some wards, under a legal hold: whose last such entry in the ledger is a hold."""
    kinds = (EntryKind.HOLD, EntryKind.RELEASE)
    last = select(func.max(LedgerEntry.seq)).where(LedgerEntry.kind.in_(kinds)).group_by(LedgerEntry.case_id)
    query = select(LedgerEntry).where(LedgerEntry.seq.in_(last))
    if wards:
        query = query.join(Case, Case.id == LedgerEntry.case_id).where(Case.ward.in_(wards))
    return {row.case_id for row in session.scalars(query) if row.kind is EntryKind.HOLD and row.case_id}


def expired(
    sessions: sessionmaker[Session], *, days: Mapping[State, int], now: datetime, wards: tuple[str, ...] = ()
) -> list[Expiry]:
    """Cases whose evidence may be deleted now, oldest first in each state; of some wards, or of all."""
    with read_transaction(sessions) as session:
        spared = holds(session) | _buried(session) | _shown_again(session)
        return [
            Expiry(case_id=row.id, state=state, since=row.state_at, days=kept)
            for state, kept in days.items()
            for row in session.execute(
                select(Case.id, Case.state_at)
                .where(Case.state == state, Case.state_at < now - timedelta(days=kept))
                .where(Case.ward.in_(wards) if wards else true())
                .order_by(Case.state_at)
            )
            if row.id not in spared
        ]


def delete_expired(
    sessions: sessionmaker[Session], store: EvidenceStore, *, days: Mapping[State, int], actor: str, now: datetime
) -> Iterator[Expiry]:
    """Delete what may go, one case at a time; first finishes deletions that a crash interrupted."""
    _finish(sessions, store)
    for found in expired(sessions, days=days, now=now):
        location = _bury(sessions, found, actor=actor, now=now)
        if location is not None:
            store.remove(location)
            yield found


def _bury(sessions: sessionmaker[Session], found: Expiry, *, actor: str, now: datetime) -> str | None:
    """Chain the tombstone and blank what was measured; None when the case has moved on or is held by now."""
    with write_transaction(sessions) as session:
        case = session.get_one(Case, found.case_id, with_for_update=True)
        spared = holds(session) | _buried(session) | _shown_again(session)
        if (case.state, case.state_at) != (found.state, found.since) or case.id in spared:
            return None
        case.facts = {}
        forget_words(session, case.id)
        session.flush()
        session.refresh(case)
        enter(
            session,
            kind=EntryKind.TOMBSTONE,
            actor=actor,
            at=now,
            case_id=case.id,
            rule=f"{found.state.value}: {found.days} days",
            location=case.evidence_location,
            manifest_sha256=case.manifest_sha256,
            case_sha256=fixed_hash(case),
        )
        return case.evidence_location


def _shown_again(session: Session) -> set[str]:
    """Cases an officer was given to judge again, or whose answer is known: they must look like any other."""
    given = select(BlindReview.case_id).where(BlindReview.done_at.is_(None), BlindReview.officer.is_not(None))
    return {*session.scalars(given), *session.scalars(select(KnownAnswer.case_id))}


def _finish(sessions: sessionmaker[Session], store: EvidenceStore) -> None:
    with read_transaction(sessions) as session:
        graves = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == EntryKind.TOMBSTONE)).all()
    for grave in graves:
        store.remove(str(grave.details["location"]))


def _buried(session: Session) -> set[str]:
    query = select(LedgerEntry.case_id).where(LedgerEntry.kind == EntryKind.TOMBSTONE)
    return {case_id for case_id in session.scalars(query) if case_id}


def _hold(
    sessions: sessionmaker[Session], case_id: str, actor: Actor, reason: str, now: datetime, *, kind: EntryKind
) -> None:
    actor.require(COMMANDERS, "a legal hold")
    if not reason.strip():
        raise BadReasonError("reason: a legal hold needs one in words, e.g. the number of the order", why="words")
    with write_transaction(sessions) as session:
        case = session.get(Case, case_id, with_for_update=True)  # no deletion comes between the look and the hold
        if case is None or not actor.sees(case.ward):
            raise NotFoundError(f"case {case_id!r}: there is none of this id in the wards of {actor.name}")
        if case.id in _buried(session):
            raise IllegalMoveError(f"case {case.id}: its evidence was deleted already")
        if (case.id in holds(session)) is (kind is EntryKind.HOLD):
            raise IllegalMoveError(f"case {case.id}: is {'held already' if kind is EntryKind.HOLD else 'not held'}")
        enter(session, kind=kind, actor=actor.name, at=now, case_id=case.id, reason=reason.strip())
