"""Checking an exported case offline, from the zip (or its unpacked folder) alone.

`index.json` lists every file with its hash and is signed in `index.sig`; copies bear content credentials of the same
case; the sealed bundle inside is checked as any bundle; each log row is hashed again and must belong together with the
case's fixed columns; a zip's own signature covers every byte of it. The keys are those inside: compare the key id with
the one the police publish.
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cases.archive import archive_faults, is_archive
from cases.canonical import canonical_json, sha256_of, without
from cases.evidence import MANIFEST_NAME, Fault, VerifyReport, verify_bundle
from cases.evidence.verify import UNREADABLE_ZIP
from cases.signing import parse_signature

INDEX, INDEX_SIGNATURE = "index.json", "index.sig"
SIGNED_AS = "export-index"
BUNDLE, COPIES, LOG = "original", "copies", "log"
ROOT_CERTIFICATE = "keys/c2pa-root.crt.pem"
LOG_NAMES = ("decisions", "accesses", "ledger")


class Entry(BaseModel):
    """One file of an export."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size_bytes: int = Field(ge=0)


class Index(BaseModel):
    """What an export holds and how it came about; `case` are the case's fixed columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["phatnguoi-export/1"]
    purpose: Literal["court", "owner"]
    reason: str
    exported_by: str
    exported_at: str
    software_version: str
    case: dict[str, Any]
    state: str
    manifest_sha256: str
    entries: tuple[Entry, ...]


def is_export(path: Path) -> bool:
    """Whether a folder or a file is an export, be it altered or not."""
    if path.is_dir():
        return (path / INDEX).exists() or (path / INDEX_SIGNATURE).exists()
    if not path.is_file():
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return is_archive(path) or INDEX in archive.namelist()
    except UNREADABLE_ZIP:
        return is_archive(path)


def verify_export(path: Path, *, trusted: Mapping[str, bytes] | None = None) -> VerifyReport:
    """Re-check an export; faults name the file inside, or `archive` for the zip around them."""
    if path.is_dir():
        return replace(_verify_folder(path, trusted), path=path)
    around = tuple(Fault(item="archive", kind="altered", detail=f) for f in archive_faults(path, trusted=trusted))
    with TemporaryDirectory(prefix="phatnguoi-") as folder:
        try:
            _unpack(path, Path(folder))
        except UNREADABLE_ZIP as error:
            fault = Fault(item="archive", kind="altered", detail=f"cannot be unpacked: {error}")
            return VerifyReport(path=path, violation_id=None, manifest_sha256=None, items=0, faults=(*around, fault))
        report = _verify_folder(Path(folder), trusted)
    return replace(report, path=path, faults=(*report.faults, *around))


def _unpack(path: Path, folder: Path) -> None:
    """Entry by entry, without the zip's own checksum in the way: what is inside is hashed anyway."""
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            target = (folder / info.filename).resolve()
            if not target.is_relative_to(folder.resolve()) or info.is_dir():
                raise ValueError(f"{info.filename!r} is no file name of an export")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_content(archive, info))


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(info)
    except UNREADABLE_ZIP:
        return b""


def _verify_folder(folder: Path, trusted: Mapping[str, bytes] | None) -> VerifyReport:
    index, faults = _index(folder, trusted)
    if index is None:
        return VerifyReport(path=folder, violation_id=None, manifest_sha256=None, items=0, faults=tuple(faults))
    faults += _entry_faults(folder, index)
    faults += _row_faults(folder, index)
    faults += _credential_faults(folder, index)
    if any(entry.name.startswith(f"{BUNDLE}/") for entry in index.entries):
        bundle = verify_bundle(folder / BUNDLE, trusted=trusted) if (folder / BUNDLE).is_dir() else None
        faults += [replace(fault, item=f"{BUNDLE}/{fault.item}") for fault in (bundle.faults if bundle else ())]
        if bundle and bundle.manifest_sha256 not in (None, index.manifest_sha256):
            faults.append(_altered(f"{BUNDLE}/{MANIFEST_NAME}", "is not the manifest the case was opened with"))
    data = folder / INDEX_SIGNATURE
    signature = parse_signature(data.read_bytes()) if data.is_file() else None
    signed_by = signature.key_id if signature else None
    return VerifyReport(
        path=folder,
        violation_id=str(index.case.get("violation_id")),
        manifest_sha256=index.manifest_sha256,
        items=len(index.entries),
        faults=tuple(faults),
        signed_by=signed_by,
    )


def _index(folder: Path, trusted: Mapping[str, bytes] | None) -> tuple[Index | None, list[Fault]]:
    path, signed = folder / INDEX, folder / INDEX_SIGNATURE
    if not path.is_file():
        return None, [Fault(item=INDEX, kind="missing", detail="no index")]
    data = path.read_bytes()
    try:
        index, parsed = Index.model_validate_json(data), json.loads(data)
    except (ValidationError, ValueError):
        return None, [_altered(INDEX, "not an index of this product")]
    if canonical_json(parsed) != data:
        return index, [_altered(INDEX, "not in its canonical spelling")]
    signature = parse_signature(signed.read_bytes()) if signed.is_file() else None
    if signature is None:
        return index, [_altered(INDEX_SIGNATURE, "missing, or not a signature")]
    details = signature.faults(purpose=SIGNED_AS, digest=hashlib.sha256(data).hexdigest(), trusted=trusted)
    signature_is_whole = not signature.faults(purpose=SIGNED_AS, digest=signature.sha256, trusted=trusted)
    place = INDEX if signature_is_whole else INDEX_SIGNATURE
    return index, [_altered(place, f"against {INDEX_SIGNATURE}: {detail}") for detail in details]


def _entry_faults(folder: Path, index: Index) -> list[Fault]:
    faults = []
    for entry in index.entries:
        path = folder / entry.name
        if not path.is_file() or path.is_symlink():
            faults.append(Fault(item=entry.name, kind="missing", detail="listed in the index but not there"))
            continue
        data = path.read_bytes()
        if (hashlib.sha256(data).hexdigest(), len(data)) != (entry.sha256, entry.size_bytes):
            faults.append(_altered(entry.name, f"expected {entry.size_bytes} bytes with SHA-256 {entry.sha256}"))
    listed = {entry.name for entry in index.entries} | {INDEX, INDEX_SIGNATURE}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    return faults + [
        Fault(item=name, kind="extra", detail="not listed in the index") for name in sorted(there - listed)
    ]


def _credential_faults(folder: Path, index: Index) -> list[Fault]:
    """Copies that do not bear the content credentials of this very case; exports of before have none."""
    names = {entry.name for entry in index.entries}
    root = folder / ROOT_CERTIFICATE
    if ROOT_CERTIFICATE not in names or not root.is_file():
        return []
    from cases.credentials import credential_faults

    said = {"case_id": str(index.case.get("id")), "manifest_sha256": index.manifest_sha256}
    return [
        _altered(name, detail)
        for name in sorted(names)
        if name.startswith(f"{COPIES}/") and (folder / name).is_file()
        for detail in credential_faults(folder / name, roots_pem=root.read_bytes(), **said)
    ]


def _row_faults(folder: Path, index: Index) -> list[Fault]:
    """Each row against its own hash, and the case's fixed columns against its first decision or its tombstone."""
    faults: list[Fault] = []
    rows: dict[str, list[dict[str, Any]]] = {}
    for log in LOG_NAMES:
        name = f"{LOG}/{log}.json"
        if not (folder / name).is_file():
            continue
        try:
            rows[log] = json.loads((folder / name).read_bytes())
            faults += [
                _altered(name, f"row {row['seq']} does not match its hash")
                for row in rows[log]
                if sha256_of(without(row, "hash")) != row["hash"]
            ]
        except (ValueError, KeyError, TypeError):
            faults.append(_altered(name, "not a list of log rows"))
    opened = rows.get("decisions") or []
    if opened and opened[0].get("details", {}).get("case_sha256") != sha256_of(index.case):
        faults.append(_altered(INDEX, "the case's columns are not those it was opened with"))
    return faults


def _altered(item: str, detail: str) -> Fault:
    return Fault(item=item, kind="altered", detail=detail)
