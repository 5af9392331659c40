"""From sealed evidence to a case: one transaction writes the case, its first decision and the outbox event.

The evidence is there first, so a case without evidence cannot exist; the violation's id is unique, so running
the same recording again, or in two processes at once, opens no second case.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import SYSTEM
from cases.chain import append, columns_sha256
from cases.clock import utc_now
from cases.database import read_transaction, write_transaction
from cases.deadlines import turn_clocks
from cases.evidence import BundleRef, NetworkRef
from cases.law.applied import apply_proposal, standing_hash
from cases.lifecycle import Action, State
from cases.policy import DEFAULT
from cases.records import CHANGING, Case, Decision, OutboxEvent
from cases.version import software_version
from detector.scene import Scene
from detector.types import CaseError, Violation

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so an id can be read out over the telephone."""


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """The case of a violation; `created` is False when it was there already."""

    case_id: str
    created: bool


def open_case(
    sessions: sessionmaker[Session],
    *,
    violation: Violation,
    scene: Scene,
    bundle: BundleRef,
    network: NetworkRef,
    along: Callable[[Session, str], object] | None = None,
) -> CaseOpened:
    """Open the case of a violation whose evidence is sealed.

    The detection's row of the decision log names every evidence item with its hash. `along` gets the new case's id and
    writes in the same transaction: both stand or neither.

    Raises:
        CaseError: the bundle is another violation's, or the database cannot be written.
    """
    if bundle.violation_id != violation.id:
        raise CaseError(f"bundle {bundle.location} is evidence of {bundle.violation_id}, not of {violation.id}")
    known = find_case_id(sessions, violation.id)
    if known is not None:
        return CaseOpened(known, created=False)
    try:
        with write_transaction(sessions) as session:
            case = _case(violation, scene, bundle, network, opened_at=utc_now())
            case.id = _free_id(session, violation.id)
            _insert(session, case, bundle)
            if along is not None:
                along(session, case.id)
            return CaseOpened(case.id, created=True)
    except IntegrityError:
        known = find_case_id(sessions, violation.id)  # another process was first
        if known is None:
            raise
        return CaseOpened(known, created=False)


def find_case_id(sessions: sessionmaker[Session], violation_id: str) -> str | None:
    """The id of a violation's case, None when it has none."""
    with read_transaction(sessions) as session:
        return session.scalar(select(Case.id).where(Case.violation_id == violation_id))


def fixed_hash(case: Case) -> str:
    """SHA-256 of the columns that never change; the case's first decision carries it."""
    return columns_sha256(case, without=CHANGING)


def _insert(session: Session, case: Case, bundle: BundleRef) -> None:
    apply_proposal(session, case)
    session.add(case)
    session.flush()
    session.refresh(case)  # the hash is over what the database will give back
    append(
        session,
        Decision(
            case_id=case.id,
            actor=SYSTEM,
            action=Action.DETECT,
            from_state=None,
            to_state=State.NEW,
            reason=None,
            note="",
            details={
                "case_sha256": fixed_hash(case),
                "standing_sha256": standing_hash(case),
                "manifest_sha256": case.manifest_sha256,
                "items": dict(bundle.items),
            },
            at=case.opened_at,
        ),
    )
    turn_clocks(session, case, action=Action.DETECT, reason=None, at=case.opened_at, calendar=DEFAULT.calendar)
    session.add(
        OutboxEvent(
            topic="case.opened",
            case_id=case.id,
            payload={"kind": case.kind.value, "camera_id": case.camera_id, "ward": case.ward},
            created_at=case.opened_at,
        )
    )


def _case(violation: Violation, scene: Scene, bundle: BundleRef, network: NetworkRef, *, opened_at: datetime) -> Case:
    finding, camera = violation.finding, scene.camera
    return Case(
        violation_id=violation.id,
        kind=finding.kind,
        camera_id=violation.camera_id,
        camera_name=camera.name,
        ward=camera.ward,
        lat=camera.lat,
        lon=camera.lon,
        timezone=camera.timezone,
        zone_id=finding.zone_id,
        vehicle=finding.vehicle.label if finding.vehicle is not None else None,
        occurred_at=violation.start_at,
        ended_at=violation.end_at,
        start_s=finding.t_start_s,
        end_s=finding.t_end_s,
        confidence=finding.confidence,
        facts={**finding.facts, **violation.extra},
        cannot_tell=list(finding.cannot_tell),
        calendar_known=violation.start_at is not None,
        reminder_only=finding.reminder_only,
        clock=violation.clock,
        rule_version=finding.rule_version,
        scene_hash=violation.scene_hash,
        network_name=network.name,
        network_sha256=network.sha256,
        software_version=software_version(),
        source_kind=camera.source,
        source_id=violation.source_id,
        evidence_location=bundle.location,
        manifest_sha256=bundle.manifest_sha256,
        opened_at=opened_at,
        queue_at=violation.start_at or opened_at,
        state=State.NEW,
        state_at=opened_at,
        decided_at=None,
        duplicate_of=None,
        version=1,
        assignee=None,
        claimed_until=None,
        unit="city",
        confirmed_by=None,
        last_actor=None,
    )


def _free_id(session: Session, violation_id: str) -> str:
    """`PN-` and 8 letters drawn from the violation's id, 12 or 16 where shorter ones are taken."""
    digest = hashlib.sha256(violation_id.encode()).digest()
    letters = "".join(_ALPHABET[byte % 32] for byte in digest)
    for length in (8, 12, 16):
        groups = [letters[i : i + 4] for i in range(0, length, 4)]
        candidate = "-".join(("PN", *groups))
        if session.get(Case, candidate) is None:
            return candidate
    raise CaseError(f"violation {violation_id}: no free case id; its id collides with three others")
