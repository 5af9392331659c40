"""Re-checking a case: its bundle, its row and its rows in the decision log.

A case is intact when its bundle is, when the bundle's manifest is the one the case was opened with, when the
case's fixed columns are those its first decision hashed, and when the whole decision log hangs together.
"""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.chain import UNREADABLE, chain_faults, link_hash, readable_or_none
from cases.database import read_transaction
from cases.evidence import MANIFEST_NAME, EvidenceStore, Fault, VerifyReport, verify_bundle
from cases.faults import NotFoundError
from cases.law.applied import standing_hash
from cases.lifecycle import NO_JUDGEMENT, REVIEWING, Action
from cases.opening import fixed_hash
from cases.records import Case, Decision, EntryKind, LedgerEntry
from cases.spelling import misspelt
from detector.types import CaseError, EvidenceError


def verify_case(
    sessions: sessionmaker[Session], store: EvidenceStore, *, case_id: str, whole_log: bool = True
) -> VerifyReport:
    """Re-check one case and its evidence, with the whole decision log or, quicker, only its own rows of it.

    Raises:
        NotFoundError: there is no such case.
    """
    with read_transaction(sessions) as session:
        case = _case(session, case_id.strip().upper())
        faults = [*row_faults(session, case), *(_log_faults(session) if whole_log else ())]
        tombstone = last_tombstone(session, case.id)
    if tombstone is not None:
        return _deleted(store, case, faults)
    try:
        folder = store.local_bundle(case.evidence_location)
    except EvidenceError as error:
        missing = Fault(item=case.evidence_location, kind="missing", detail=str(error))
        return VerifyReport(
            path=Path(case.evidence_location),
            violation_id=case.violation_id,
            manifest_sha256=None,
            items=0,
            faults=(missing, *faults),
        )
    report = verify_bundle(folder)
    if report.manifest_sha256 not in (None, case.manifest_sha256):
        detail = f"the case was opened with manifest {case.manifest_sha256}, this one is {report.manifest_sha256}"
        faults.insert(0, Fault(item=MANIFEST_NAME, kind="altered", detail=detail))
    return VerifyReport(
        path=report.path,
        violation_id=report.violation_id,
        manifest_sha256=report.manifest_sha256,
        items=report.items,
        faults=(*report.faults, *faults),
        signed_by=report.signed_by,
    )


def last_tombstone(session: Session, case_id: str) -> LedgerEntry | None:
    """The ledger's entry that a case's evidence was deleted, None while it is kept."""
    seq = session.scalar(
        select(func.max(LedgerEntry.seq)).where(LedgerEntry.case_id == case_id, LedgerEntry.kind == EntryKind.TOMBSTONE)
    )
    return readable_or_none(session, LedgerEntry, seq) if seq is not None else None


def _deleted(store: EvidenceStore, case: Case, faults: list[Fault]) -> VerifyReport:
    """A case whose evidence was deleted by rule is intact when the evidence is gone and its rows are as recorded."""
    if store.find(case.violation_id) is not None:
        detail = "its tombstone says that it was deleted, it is there; run `phatnguoi retention` to finish"
        faults.append(Fault(item=case.evidence_location, kind="extra", detail=detail))
    return VerifyReport(
        path=Path(case.evidence_location),
        violation_id=case.violation_id,
        manifest_sha256=case.manifest_sha256,
        items=0,
        faults=tuple(faults),
        deleted=True,
    )


def _case(session: Session, case_id: str) -> Case:
    try:
        case = session.get(Case, case_id)
    except UNREADABLE as error:
        raise CaseError(f"case {case_id}: its row holds values this software never writes ({error})") from error
    if case is None:
        raise NotFoundError(f"{case_id!r}: neither a bundle (folder or zip) nor the id of a case")
    return case


def row_faults(session: Session, case: Case) -> list[Fault]:
    """What is wrong between a case's row, its rows of the decision log and its tombstone."""
    try:
        decisions = session.scalars(select(Decision).where(Decision.case_id == case.id).order_by(Decision.seq)).all()
    except UNREADABLE:
        return [_altered(case, "a decision about it holds values this software never writes")]
    if not decisions:
        return [_altered(case, "has no row in the decision log")]
    faults = [
        _altered(case, f"column {column} is not as this software writes it") for _, column in misspelt(session, [case])
    ]
    faults += [
        _altered(case, f"row {decision.seq} of the decision log does not match its hash")
        for decision in decisions
        if link_hash(decision) != decision.hash
    ]
    tombstone = last_tombstone(session, case.id)
    opened_with = tombstone.details if tombstone is not None else decisions[0].details
    if opened_with.get("case_sha256") != fixed_hash(case):
        faults.append(_altered(case, "its columns are not those it was opened with"))
    standing = standing_hash(case)
    if decisions[-1].details.get("standing_sha256", standing) != standing:  # rows of before 0003_law have none
        faults.append(_altered(case, "how it stands in law is not what its last decision left"))
    faults += _moved_faults(case, decisions)
    if decisions[-1].to_state != case.state or case.version != len(decisions):
        stands = f"stands at {case.state}, version {case.version}"
        faults.append(_altered(case, f"{stands}; its log ends at {decisions[-1].to_state}, version {len(decisions)}"))
    return faults


def _moved_faults(case: Case, decisions: Sequence[Decision]) -> list[Fault]:
    """Times that follow from the decisions, told again from them."""
    state_at, decided_at = decisions[0].at, None
    for decision in decisions[1:]:
        if decision.from_state is not decision.to_state:
            state_at = decision.at
            decided_at = None if decision.to_state in REVIEWING else (decided_at or decision.at)
    kept = "standing_sha256" in decisions[-1].details  # rows of before 0003_law named no last actor
    actors: list[str | None] = [None]
    for decision in decisions[1:]:
        if decision.action is Action.UNDO:
            actors.pop()
        elif decision.action not in NO_JUDGEMENT:
            actors.append(decision.actor)
    last_actor = actors[-1] if kept and actors else None
    told = {"state_at": state_at, "decided_at": decided_at, "last_actor": last_actor}
    return [
        _altered(case, f"column {name} is not what its decisions say")
        for name, value in told.items()
        if getattr(case, name) != value
    ]


def _altered(case: Case, detail: str) -> Fault:
    return Fault(item=f"case {case.id}", kind="altered", detail=detail)


def _log_faults(session: Session) -> list[Fault]:
    return [Fault(item="decision log", kind="altered", detail=fault) for fault in chain_faults(session, Decision)]
