"""`phatnguoi verify`: a bundle alone, or a case with its bundle and its rows in the decision log.

A case is intact when its bundle is, when the bundle's manifest is the one the case was opened with, when the
case's fixed columns are those its first decision hashed, and when the whole decision log hangs together.
"""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.chain import UNREADABLE, chain_faults, link_hash
from cases.database import open_database, read_transaction
from cases.evidence import MANIFEST_NAME, EvidenceStore, Fault, FolderStore, VerifyReport, verify_bundle
from cases.faults import NotFoundError
from cases.opening import fixed_hash
from cases.records import Case, Decision
from cases.settings import Settings
from detector.types import CaseError, EvidenceError


def verify_target(target: str, settings: Settings) -> VerifyReport:
    """Re-check what the command line names: a folder, a zip, or the id of a case.

    Raises:
        EvidenceError: the path is neither a folder nor a zip of a bundle.
        CaseError: no such case, or its database cannot be opened.
    """
    path = Path(target)
    if path.exists() or path.suffix == ".zip" or "/" in target:
        return verify_bundle(path)
    database = open_database(settings.database, lock_wait_s=settings.lock_wait_s)
    try:
        return verify_case(database.sessions, FolderStore(settings.evidence), case_id=target)
    finally:
        database.close()


def verify_case(
    sessions: sessionmaker[Session], store: EvidenceStore, *, case_id: str, whole_log: bool = True
) -> VerifyReport:
    """Re-check one case and its evidence, with the whole decision log or, quicker, only its own rows of it.

    Raises:
        NotFoundError: there is no such case.
    """
    with read_transaction(sessions) as session:
        case = _case(session, case_id.strip().upper())
        faults = [*_row_faults(session, case), *(_log_faults(session) if whole_log else ())]
    try:
        manifest_path = store.local_path(case.evidence_location, MANIFEST_NAME)
    except EvidenceError as error:
        missing = Fault(item=case.evidence_location, kind="missing", detail=str(error))
        return VerifyReport(
            path=Path(case.evidence_location),
            violation_id=case.violation_id,
            manifest_sha256=None,
            items=0,
            faults=(missing, *faults),
        )
    report = verify_bundle(manifest_path.parent)
    if report.manifest_sha256 not in (None, case.manifest_sha256):
        detail = f"the case was opened with manifest {case.manifest_sha256}, this one is {report.manifest_sha256}"
        faults.insert(0, Fault(item=MANIFEST_NAME, kind="altered", detail=detail))
    return VerifyReport(
        path=report.path,
        violation_id=report.violation_id,
        manifest_sha256=report.manifest_sha256,
        items=report.items,
        faults=(*report.faults, *faults),
    )


def _case(session: Session, case_id: str) -> Case:
    try:
        case = session.get(Case, case_id)
    except UNREADABLE as error:
        raise CaseError(f"case {case_id}: its row holds values this software never writes ({error})") from error
    if case is None:
        raise NotFoundError(f"{case_id!r}: neither a bundle (folder or zip) nor the id of a case")
    return case


def _row_faults(session: Session, case: Case) -> list[Fault]:
    try:
        decisions = session.scalars(select(Decision).where(Decision.case_id == case.id).order_by(Decision.seq)).all()
    except UNREADABLE:
        return [_altered(case, "a decision about it holds values this software never writes")]
    if not decisions:
        return [_altered(case, "has no row in the decision log")]
    faults = [
        _altered(case, f"row {decision.seq} of the decision log does not match its hash")
        for decision in decisions
        if link_hash(decision) != decision.hash
    ]
    if decisions[0].details.get("case_sha256") != fixed_hash(case):
        faults.append(_altered(case, "its columns are not those it was opened with"))
    if decisions[-1].to_state != case.state or case.version != len(decisions):
        stands = f"stands at {case.state}, version {case.version}"
        faults.append(_altered(case, f"{stands}; its log ends at {decisions[-1].to_state}, version {len(decisions)}"))
    return faults


def _altered(case: Case, detail: str) -> Fault:
    return Fault(item=f"case {case.id}", kind="altered", detail=detail)


def _log_faults(session: Session) -> list[Fault]:
    return [Fault(item="decision log", kind="altered", detail=fault) for fault in chain_faults(session, Decision)]
