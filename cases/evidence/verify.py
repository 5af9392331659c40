"""Checking a bundle offline, from the bundle alone: a folder or a zip of it.

Every item is hashed again and compared with the manifest, the manifest with its own hash and with its canonical
spelling, so a change of any one byte is found and the item named.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, Protocol

from pydantic import ValidationError

from cases.canonical import canonical_json
from cases.evidence.manifest import MANIFEST_NAME, SIGNATURE_NAME, SIGNED_AS, Item, Manifest, content_sha256
from cases.signing import parse_signature
from detector.types import EvidenceError

FaultKind = Literal["missing", "altered", "extra"]
CHUNK_BYTES = 1 << 20
UNREADABLE_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What `zipfile` raises on altered archives, by experiment on every byte of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one item of a bundle."""

    item: str
    kind: FaultKind
    detail: str

    def __str__(self) -> str:
        return f"{self.item}: {self.kind}: {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """The outcome of a check; `violation_id` and `manifest_sha256` are None when no manifest could be read.

    `deleted` says that the evidence was deleted by a retention rule and its tombstone stands.
    """

    path: Path
    violation_id: str | None
    manifest_sha256: str | None
    items: int
    faults: tuple[Fault, ...]
    signed_by: str | None = None
    deleted: bool = False

    @property
    def intact(self) -> bool:
        """Whether nothing was missing, altered or added."""
        return not self.faults

    def __str__(self) -> str:
        if self.intact and self.deleted:
            return (
                f"{self.path}: chứng cứ đã xóa theo quy định, hồ sơ nguyên vẹn / evidence deleted by rule, rows intact"
            )
        if self.intact:
            signed = f"ký bởi khóa / signed by key {self.signed_by}" if self.signed_by else "chưa ký / not signed"
            return f"{self.path}: nguyên vẹn / intact ({self.items} items, manifest {self.manifest_sha256}; {signed})"
        return "\n".join([f"{self.path}: KHÔNG NGUYÊN VẸN / NOT INTACT", *(f"  {fault}" for fault in self.faults)])


class _Bundle(Protocol):
    def names(self) -> list[str]: ...

    def open(self, name: str) -> IO[bytes]: ...


def verify_bundle(
    path: Path, *, trusted: Mapping[str, bytes] | None = None, must_be_signed: bool = False
) -> VerifyReport:
    """Re-check a bundle: a folder or a zip file; a signature must be by one of the `trusted` keys (id -> raw).

    Raises:
        EvidenceError: there is nothing at `path`, or neither a folder nor a zip of a bundle.
    """
    with _opened(path) as bundle:
        names = bundle.names()
        if MANIFEST_NAME not in names:
            return _report(path, None, (Fault(item=MANIFEST_NAME, kind="missing", detail="no manifest"),))
        manifest, faults = _manifest(bundle)
        if manifest is None:
            return _report(path, None, faults)
        faults += _signature_faults(bundle, manifest, present=SIGNATURE_NAME in names, trusted=trusted)
        if must_be_signed and manifest.key_id is None:
            faults += (Fault(item=SIGNATURE_NAME, kind="missing", detail="expected a signature, it has none"),)
        listed = {item.name for item in manifest.items} | {MANIFEST_NAME, SIGNATURE_NAME}
        for item in manifest.items:
            faults += _check(bundle, item, present=item.name in names)
        faults += tuple(
            Fault(item=name, kind="extra", detail="not listed in the manifest") for name in names if name not in listed
        )
        return _report(path, manifest, faults)


def _report(path: Path, manifest: Manifest | None, faults: tuple[Fault, ...]) -> VerifyReport:
    return VerifyReport(
        path=path,
        violation_id=manifest.violation_id if manifest else None,
        manifest_sha256=manifest.manifest_sha256 if manifest else None,
        items=len(manifest.items) if manifest else 0,
        faults=faults,
        signed_by=manifest.key_id if manifest else None,
    )


def _signature_faults(
    bundle: _Bundle, manifest: Manifest, *, present: bool, trusted: Mapping[str, bytes] | None
) -> tuple[Fault, ...]:
    def fault(kind: FaultKind, detail: str) -> tuple[Fault, ...]:
        return (Fault(item=SIGNATURE_NAME, kind=kind, detail=detail),)

    if manifest.key_id is None:
        if present:
            return fault("extra", "the manifest names no key")
        return ()
    if not present:
        return fault("missing", f"the manifest says that key {manifest.key_id} signed it")
    try:
        with bundle.open(SIGNATURE_NAME) as file:
            signature = parse_signature(file.read())
    except UNREADABLE_ZIP as error:
        return fault("altered", f"cannot be read: {error}")
    if signature is None or signature.key_id != manifest.key_id:
        return fault("altered", f"not a signature by the key the manifest names, {manifest.key_id}")
    found = signature.faults(purpose=SIGNED_AS, digest=manifest.manifest_sha256, trusted=trusted)
    return tuple(Fault(item=SIGNATURE_NAME, kind="altered", detail=detail) for detail in found)


def _manifest(bundle: _Bundle) -> tuple[Manifest | None, tuple[Fault, ...]]:
    def altered(detail: str) -> tuple[Fault, ...]:
        return (Fault(item=MANIFEST_NAME, kind="altered", detail=detail),)

    try:
        with bundle.open(MANIFEST_NAME) as file:
            data = file.read()
        manifest, parsed = Manifest.model_validate_json(data), json.loads(data)
    except ValidationError as error:
        return None, altered(f"not a manifest of this product ({error.error_count()} faults)")
    except UNREADABLE_ZIP as error:
        return None, altered(f"cannot be read: {error}")
    if canonical_json(parsed) != data:
        return manifest, altered("not in its canonical spelling")
    if content_sha256(parsed) != manifest.manifest_sha256:
        return manifest, altered("its content does not match its manifest_sha256")
    return manifest, ()


def _check(bundle: _Bundle, item: Item, *, present: bool) -> tuple[Fault, ...]:
    if not present:
        return (Fault(item=item.name, kind="missing", detail="listed in the manifest but not there"),)
    digest, size_bytes = hashlib.sha256(), 0
    try:
        with bundle.open(item.name) as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                size_bytes += len(chunk)
    except UNREADABLE_ZIP as error:
        return (Fault(item=item.name, kind="altered", detail=f"cannot be read: {error}"),)
    if (digest.hexdigest(), size_bytes) != (item.sha256, item.size_bytes):
        detail = (
            f"expected {item.size_bytes} bytes with SHA-256 {item.sha256}, got {size_bytes} with {digest.hexdigest()}"
        )
        return (Fault(item=item.name, kind="altered", detail=detail),)
    return ()


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self) -> list[str]:
        return sorted(path.relative_to(self._root).as_posix() for path in self._root.rglob("*") if not path.is_dir())

    def open(self, name: str) -> IO[bytes]:
        path = self._root / name
        if path.is_symlink():
            raise OSError("a link stands in its place")
        return path.open("rb")


class _Zip:
    """A zip whose bundle lies at its top or in one folder of it."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        inside = [name for name in archive.namelist() if name.rsplit("/", 1)[-1] == MANIFEST_NAME]
        self._prefix = min(inside, key=len).removesuffix(MANIFEST_NAME) if inside else ""

    def names(self) -> list[str]:
        files = [name for name in self._archive.namelist() if not name.endswith("/")]
        return [name.removeprefix(self._prefix) for name in files]

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(self._prefix + name)


@contextmanager
def _opened(path: Path) -> Iterator[_Bundle]:
    if path.is_dir():
        yield _Folder(path)
        return
    if not path.exists():
        raise EvidenceError(f"{path}: no such bundle; give a case id, a bundle's folder or a zip of one")
    try:
        archive = zipfile.ZipFile(path)
    except UNREADABLE_ZIP as error:
        raise EvidenceError(f"{path}: neither a folder nor a readable zip of a bundle ({error})") from error
    with archive:
        yield _Zip(archive)
