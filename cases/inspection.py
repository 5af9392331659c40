"""`phatnguoi verify`: what the target is, and checking a whole data folder.

A data folder is whole when every case with its bundle, all three logs, every sealed row, every anchor and the
database's own guards are; each fault names the place. Works offline, from the folder alone.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session, sessionmaker

from cases.anchors import FOLDER, anchor_faults, anchored_faults
from cases.chain import LOGS, chain_faults, readable_or_none
from cases.database import open_database, read_transaction
from cases.evidence import MANIFEST_NAME, EvidenceStore, Fault, VerifyReport, verify_bundle
from cases.exported import is_export, verify_export
from cases.ledger import sealed_faults
from cases.plate_words import word_faults
from cases.records import Case, Notice
from cases.settings import Settings
from cases.signing import known_keys
from cases.spelling import keys_of
from cases.stores import open_store
from cases.timestamps import stamp_faults
from cases.verification import last_tombstone, row_faults, verify_case
from detector.types import CaseError, EvidenceError

WHOLE = "all"
COPIES = frozenset({".jpg", ".mp4"})
"""Suffixes of exported stills and clips."""
GUARDS = ("no_update", "no_delete", "no_replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataReport:
    """The outcome of checking a data folder."""

    name: str
    cases: int
    items: int
    anchors: int
    faults: tuple[Fault, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing was missing, altered or added."""
        return not self.faults

    def __str__(self) -> str:
        counts = f"{self.cases} cases, {self.items} items, {self.anchors} anchors"
        if self.intact:
            return f"{self.name}: nguyên vẹn / intact ({counts})"
        return "\n".join(
            [f"{self.name}: KHÔNG NGUYÊN VẸN / NOT INTACT ({counts})", *(f"  {fault}" for fault in self.faults)]
        )


def verify_target(target: str, settings: Settings) -> VerifyReport | DataReport:
    """Re-check what the command line names: a bundle, export or copy, a data folder, `all`, or a case id.

    `all` is the installation that the settings name, wherever its database and store are.

    Raises:
        EvidenceError: the path is neither a folder nor a zip of a bundle.
        CaseError: no such case, or its database cannot be opened.
    """
    path = Path(target)
    if path.is_dir() and (path / "phatnguoi.db").exists():
        return verify_data(settings.model_copy(update={"data_dir": path}), name=target)
    if target == WHOLE:
        return verify_data(settings, name=str(settings.data_dir))
    if path.is_file() and path.suffix.lower() in COPIES:
        return verify_copy(path, settings)
    if path.exists() or path.suffix == ".zip" or "/" in target:
        return verify_export(path) if is_export(path) else verify_bundle(path)
    database = open_database(settings.database, lock_wait_s=settings.lock_wait_s)
    try:
        return verify_case(database.sessions, open_store(settings, signing=False), case_id=target)
    finally:
        database.close()


def verify_copy(path: Path, settings: Settings) -> VerifyReport:
    """Re-check one exported still or clip by its content credentials; trusted is the installation's certificate."""
    from cases.credentials import credential_faults, said_by

    chain = settings.c2pa_certificate or settings.keys / "c2pa" / "chain.pem"
    roots = chain.read_bytes() if chain.is_file() else b""
    details = credential_faults(path, roots_pem=roots)
    faults = tuple(Fault(item=path.name, kind="altered", detail=detail) for detail in details)
    said, signed_by = said_by(path), None if details else "C2PA"
    manifest = str(said["manifest_sha256"]) if "manifest_sha256" in said else None
    case_id = str(said["case_id"]) if "case_id" in said else None
    return VerifyReport(
        path=path, violation_id=case_id, manifest_sha256=manifest, items=1, faults=faults, signed_by=signed_by
    )


def verify_data(settings: Settings, *, name: str) -> DataReport:
    """Re-check everything an installation holds."""
    try:
        database = open_database(settings.database, lock_wait_s=settings.lock_wait_s)
    except (DatabaseError, CaseError) as error:
        raise CaseError(f"{name}: its database cannot be opened ({error}); restore it from a backup") from error
    try:
        store = open_store(settings, signing=False)
        trusted = known_keys(settings.keys)
        return inspect_all(database.sessions, store, trusted=trusted, name=name)
    except DatabaseError as error:
        broken = Fault(item="database file", kind="altered", detail=f"cannot be read to its end ({error.orig})")
        return DataReport(name=name, cases=0, items=0, anchors=0, faults=(broken,))
    finally:
        database.close()


def inspect_all(
    sessions: sessionmaker[Session], store: EvidenceStore, *, trusted: dict[str, bytes], name: str
) -> DataReport:
    """Re-check all cases, bundles, logs, sealed rows, anchors and guards."""
    anchors = {where: store.get(where) or b"" for where in store.names(FOLDER)}
    with read_transaction(sessions) as session:
        if session.get_bind().dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        faults = [*_guard_faults(session), *_log_faults(session)]
        if anchors and not trusted:
            faults.append(Fault(item="keys", kind="missing", detail="no public keys to check signatures with"))
        faults += [_altered(fault) for fault in (*sealed_faults(session), *word_faults(session))]
        found = [*anchor_faults(anchors, trusted=trusted), *anchored_faults(session, anchors, store)]
        faults += [Fault(item=fault.name, kind="altered", detail=fault.detail) for fault in found]
        keys = keys_of(session, Case)
        items = 0
        for key in keys:
            more, count = _case_faults(session, store, key, trusted)
            faults += more
            items += count
            session.expunge_all()
    faults += [Fault(item=where, kind="altered", detail=detail) for where, detail in stamp_faults(sessions, store)]
    faults += _document_faults(sessions, store)
    return DataReport(name=name, cases=len(keys), items=items, anchors=len(anchors), faults=tuple(faults))


def _case_faults(
    session: Session, store: EvidenceStore, key: str, trusted: dict[str, bytes]
) -> tuple[list[Fault], int]:
    case = readable_or_none(session, Case, key)
    if case is None:
        return [_altered(f"case {key}: its row holds values this software never writes")], 0
    faults = row_faults(session, case)
    if last_tombstone(session, case.id) is not None:
        if store.find(case.violation_id) is not None:
            faults.append(_altered(f"case {key}: its evidence should be deleted and is there"))
        return faults, 0
    try:
        report = verify_bundle(store.local_bundle(case.evidence_location), trusted=trusted)
    except (EvidenceError, ValueError, OSError) as error:
        return [*faults, Fault(item=f"case {key}", kind="missing", detail=f"its evidence: {error}")], 0
    faults += [Fault(item=f"{case.evidence_location}/{f.item}", kind=f.kind, detail=f.detail) for f in report.faults]
    if report.manifest_sha256 not in (None, case.manifest_sha256):
        faults.append(
            Fault(
                item=f"{case.evidence_location}/{MANIFEST_NAME}",
                kind="altered",
                detail=f"case {key} was opened with manifest {case.manifest_sha256}, this one is another",
            )
        )
    return faults, report.items


def _document_faults(sessions: sessionmaker[Session], store: EvidenceStore) -> list[Fault]:
    """Issued papers whose PDF is gone or altered; rows that cannot be read are the ledger's fault."""
    with read_transaction(sessions) as session:
        rows = [row for key in keys_of(session, Notice) if (row := readable_or_none(session, Notice, key)) is not None]
        session.expunge_all()
    wanted = {row.name: row.sha256 for row in rows}
    wanted |= {row.signed_name: row.signed_sha256 or "" for row in rows if row.signed_name}
    return [
        Fault(item=name, kind="altered", detail="missing, or not the paper that was issued")
        for name, digest in wanted.items()
        if _sha256(store, name) != digest
    ]


def _sha256(store: EvidenceStore, name: str) -> str | None:
    try:
        data = store.get(name)
    except (EvidenceError, ValueError):
        return None
    return sha256(data).hexdigest() if data is not None else None


def _log_faults(session: Session) -> list[Fault]:
    return [_altered(fault) for log in LOGS for fault in chain_faults(session, log)]


def _guard_faults(session: Session) -> list[Fault]:
    """Triggers that refuse changes of the logs, and SQLite's own check of its file."""
    if session.get_bind().dialect.name == "sqlite":
        there = set(session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
        wanted = {f"{log.__tablename__}_{guard}" for log in LOGS for guard in GUARDS}
        broken = [line for line in session.scalars(text("PRAGMA quick_check")) if line != "ok"]
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        there, broken = set(session.scalars(text(query))), []
        wanted = {f"{log.__tablename__}_append_only" for log in LOGS}
    return [
        *(_altered(f"database: the guard {name} is gone, the log could be changed") for name in sorted(wanted - there)),
        *(_altered(f"database file: {line}") for line in broken),
    ]


def _altered(sentence: str) -> Fault:
    place, _, detail = sentence.partition(": ")
    return Fault(item=place, kind="altered", detail=detail)
