"""Exporting one case: what a court gets, and what the owner of the vehicle gets.

`court`: the sealed bundle as it is, redacted copies, the case's rows of all logs, anchors and public keys. `owner`:
redacted copies only, the originals are named by their hashes. Who exported what, when and why is chained first.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.anchors import FOLDER
from cases.archive import write_archive
from cases.canonical import canonical_json, utc_text
from cases.chain import LOGS, Link
from cases.credentials import Credentials, open_credentials
from cases.database import read_transaction, write_transaction
from cases.evidence import MANIFEST_NAME, SIGNATURE_NAME, EvidenceStore
from cases.evidence.disk import explain
from cases.exported import (
    BUNDLE,
    COPIES,
    INDEX,
    INDEX_SIGNATURE,
    LOG,
    ROOT_CERTIFICATE,
    SIGNED_AS,
    Entry,
    Index,
)
from cases.faults import BadReasonError, NotFoundError
from cases.ledger import enter
from cases.records import CHANGING, Case, EntryKind, Record
from cases.redaction import redacted_stills
from cases.roles import HANDLERS, Role
from cases.signing import KeyRing
from cases.verification import last_tombstone, verify_case
from cases.version import software_version
from detector.types import EvidenceError

Purpose = Literal["court", "owner"]
ClipMaker = Callable[[EvidenceStore, str, Path], Mapping[str, Path]]
"""Redacted clips of a bundle by file name, written into a folder."""
_EXPORTERS: dict[str, frozenset[Role]] = {"court": frozenset({Role.COMMANDER}), "owner": HANDLERS}
README = """HỒ SƠ CHỨNG CỨ - EXPORTED CASE

original/  bản gốc niêm phong, không chỉnh sửa (chỉ có trong bản cho tòa án)
           the sealed originals, untouched (only in an export for a court)
copies/    bản sao đã che mọi thứ ngoài phương tiện / copies with everything but the vehicle made unrecognisable
log/       các dòng nhật ký của hồ sơ / the case's rows of the logs, and the anchors
keys/      khóa công khai / public keys; so mã khóa với mã do đơn vị công bố / compare the id with the published one
           bản sao mang thông tin nguồn gốc C2PA / copies bear content credentials (C2PA)
index.json danh mục và mã băm / list of files and hashes, signed in index.sig

Kiểm tra, không cần mạng / to check, offline:  phatnguoi verify CASE.zip
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """A written export."""

    path: Path
    sha256: str


def export_case(
    sessions: sessionmaker[Session],
    store: EvidenceStore,
    keys: KeyRing,
    *,
    case_id: str,
    actor: Actor,
    purpose: Purpose,
    reason: str,
    target: Path,
    now: datetime,
    credentials: Credentials | None = None,
    clips: ClipMaker | None = None,
) -> Exported:
    """Write one case as a signed zip; `clips` makes redacted clips, without one only stills go out.

    Copies bear content credentials, by default of the installation's own certificate.

    Raises:
        NotFoundError: no such case in the actor's wards, or its evidence was deleted by rule.
        NotPermittedError: originals go out through a commander only.
        BadReasonError: no reason was given.
        EvidenceError: the evidence is not intact (nothing is exported), or the disk refuses.
    """
    actor.require(_EXPORTERS[purpose], f"an export for {purpose}")
    if not reason.strip():
        raise BadReasonError("reason: an export needs one in words, e.g. the number of the request", why="words")
    case = _case(sessions, case_id, actor)
    report = verify_case(sessions, store, case_id=case.id, whole_log=False)
    if not report.intact:
        raise EvidenceError(f"case {case.id}: is not intact and is not exported; {report.faults[0]}")
    _record(sessions, case, actor=actor, purpose=purpose, reason=reason.strip(), now=now)
    bearing = credentials or open_credentials(keys.folder)
    how: dict[str, Any] = {"actor": actor, "purpose": purpose, "reason": reason.strip(), "now": now}
    try:
        with TemporaryDirectory(prefix="phatnguoi-") as folder:
            entries = dict(_entries(sessions, store, keys, case, purpose))
            entries |= dict(_copies(store, case, bearing, clips, Path(folder)))
            return _write(keys, case, entries, target=target, **how)
    except OSError as error:
        raise explain(error, target) from error


def _write(
    keys: KeyRing,
    case: Case,
    entries: Mapping[str, bytes | Path],
    *,
    actor: Actor,
    purpose: Purpose,
    reason: str,
    target: Path,
    now: datetime,
) -> Exported:
    index = Index(
        format="phatnguoi-export/1",
        purpose=purpose,
        reason=reason,
        exported_by=actor.name,
        exported_at=utc_text(now),
        software_version=software_version(),
        case=row_values(case, without=CHANGING),
        state=case.state.value,
        manifest_sha256=case.manifest_sha256,
        entries=tuple(_entry(name, content) for name, content in entries.items()),
    )
    data = canonical_json(index.model_dump(mode="json"))
    signature = keys.sign(purpose=SIGNED_AS, digest=hashlib.sha256(data).hexdigest()).to_bytes()
    content = [(INDEX, data), (INDEX_SIGNATURE, signature), *entries.items()]
    return Exported(target, write_archive(target, content, keys))


def row_values(row: Record, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A row's columns as JSON values, times in the spelling that is hashed."""
    names = [column.key for column in type(row).__mapper__.column_attrs if column.key not in without]
    values = {name: getattr(row, name) for name in names}
    return {name: utc_text(item) if isinstance(item, datetime) else item for name, item in values.items()}


def _case(sessions: sessionmaker[Session], case_id: str, actor: Actor) -> Case:
    with read_transaction(sessions) as session:
        case = session.get(Case, case_id.strip().upper())
        if case is None or not actor.sees(case.ward):
            raise NotFoundError(f"case {case_id!r}: there is none of this id in the wards of {actor.name}")
        if last_tombstone(session, case.id) is not None:
            raise NotFoundError(f"case {case.id}: its evidence was deleted by rule; only its history is left")
        return case


def _record(
    sessions: sessionmaker[Session], case: Case, *, actor: Actor, purpose: Purpose, reason: str, now: datetime
) -> None:
    with write_transaction(sessions) as session:
        enter(
            session,
            kind=EntryKind.EXPORT,
            actor=actor.name,
            at=now,
            case_id=case.id,
            purpose=purpose,
            reason=reason,
            manifest_sha256=case.manifest_sha256,
        )


def _entries(
    sessions: sessionmaker[Session], store: EvidenceStore, keys: KeyRing, case: Case, purpose: Purpose
) -> Iterator[tuple[str, bytes | Path]]:
    yield "README.txt", README.encode()
    for key_id, pem in keys.public_pems().items():
        yield f"keys/{key_id}.pub.pem", pem
    if purpose == "owner":
        return
    manifest = store.manifest(case.evidence_location)
    names = [MANIFEST_NAME, *([SIGNATURE_NAME] if manifest.key_id else []), *(item.name for item in manifest.items)]
    for name in names:
        yield f"{BUNDLE}/{name}", store.local_path(case.evidence_location, name)
    with read_transaction(sessions) as session:
        for log in LOGS:
            yield (
                f"{LOG}/{log.__tablename__}.json",
                canonical_json([row_values(row) for row in _rows(session, log, case)]),
            )
    for name in store.names(FOLDER):
        yield f"{LOG}/{name}", store.get(name) or b""


def _copies(
    store: EvidenceStore, case: Case, bearing: Credentials, clips: ClipMaker | None, folder: Path
) -> Iterator[tuple[str, bytes | Path]]:
    """Redacted stills and clips with their content credentials, and the certificate to check those with."""
    yield ROOT_CERTIFICATE, bearing.root_pem
    said = {"case_id": case.id, "manifest_sha256": case.manifest_sha256}
    for name, jpeg in redacted_stills(store, case.evidence_location):
        yield f"{COPIES}/{name}", bearing.signed(jpeg, media_type="image/jpeg", name=name, **said)
    for name, clip in (clips(store, case.evidence_location, folder) if clips else {}).items():
        signed = folder / f"signed-{name}"
        try:
            with clip.open("rb") as source, signed.open("w+b") as target:
                bearing.sign(source, target, media_type="video/mp4", name=name, **said)
        except OSError as error:
            raise explain(error, folder) from error
        clip.unlink()
        yield f"{COPIES}/{name}", signed


def _rows(session: Session, log: type[Link], case: Case) -> list[Link]:
    return list(session.scalars(select(log).where(log.case_id == case.id).order_by(log.seq)))


def _entry(name: str, content: bytes | Path) -> Entry:
    data = content if isinstance(content, bytes) else content.read_bytes()
    return Entry(name=name, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))
