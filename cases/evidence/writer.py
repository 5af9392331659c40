"""One bundle being written into a folder store; see `FolderStore` for how it becomes visible.

Used by one thread at a time. Any disk error removes what was written and comes out as `EvidenceError`.
"""

import fcntl
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from pydantic import ValidationError

from cases.clock import utc_now
from cases.evidence.disk import explain, sync_folder
from cases.evidence.manifest import MANIFEST_NAME, SIGNATURE_NAME, SIGNED_AS, Facts, Item, manifest_bytes
from cases.evidence.store import BundleRef
from cases.evidence.verify import verify_bundle
from cases.signing import KeyRing
from detector.types import EvidenceError

CHUNK_BYTES = 1 << 20


class Home(Protocol):
    """The store a bundle is written for, as far as its writer needs it."""

    root: Path
    keys: KeyRing | None

    def place(self, folder: Path, *, month: str, violation_id: str) -> BundleRef | None:
        """Make a finished folder visible as a bundle; None when one of that id stands there."""

    def find(self, violation_id: str) -> BundleRef | None:
        """The bundle that stands there."""

    def local_bundle(self, location: str) -> Path:
        """That bundle in a local folder."""


class FolderWriter:
    """Collects items in `ROOT/.incoming/ID-RANDOM/` until `seal` or `abort`."""

    def __init__(self, *, store: Home, violation_id: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", violation_id):
            raise EvidenceError(f"violation id {violation_id!r}: expected 1 to 64 letters, digits, `-` or `_`")
        self._store = store
        self._violation_id = violation_id
        self._items: dict[str, Item] = {}
        self._folder = store.root / ".incoming" / f"{violation_id}-{secrets.token_hex(4)}"
        try:
            self._folder.mkdir(parents=True)
            self._lock = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise explain(error, self._folder) from error
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._open = True

    def add_bytes(self, name: str, media_type: str, data: bytes) -> None:
        """Add one item from memory.

        Raises:
            EvidenceError: the name is unusable or taken, or the disk refuses.
        """
        self._add(name, media_type, [data])

    def add_file(self, name: str, media_type: str, path: Path) -> None:
        """Add one item by copying a file; errors as `add_bytes`, and when the file cannot be read."""
        with self._cleaning_up(), path.open("rb") as source:
            self._add(name, media_type, iter(lambda: source.read(CHUNK_BYTES), b""))

    def seal(self, facts: Mapping[str, Any]) -> BundleRef:
        """Write the manifest, flush everything and make the bundle visible by one rename.

        A sealed, intact bundle of the same violation is returned instead of being written again.

        Raises:
            EvidenceError: a fact is missing or malformed, the disk refuses, or a bundle of this violation is
                there already and was altered.
        """
        with self._cleaning_up():
            checked = self._check(facts)
            created_at = utc_now()
            try:
                self._write_manifest(checked, created_at)
            except ValueError as error:
                raise EvidenceError(f"violation {self._violation_id}: a fact cannot be written: {error}") from error
            sync_folder(self._folder)
            month = _month(checked.window.start_at or created_at)
            ref = self._store.place(self._folder, month=month, violation_id=self._violation_id)
        self.abort()
        return ref or self._standing()

    def abort(self) -> None:
        """Remove everything written so far; harmless after `seal`."""
        if self._open:
            self._open = False
            shutil.rmtree(self._folder, ignore_errors=True)
            os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()

    def _add(self, name: str, media_type: str, chunks: Iterable[bytes]) -> None:
        if not self._open:
            raise EvidenceError(f"item {name!r}: the bundle of {self._violation_id} is sealed or given up")
        with self._cleaning_up():
            if name in (MANIFEST_NAME, SIGNATURE_NAME) or name in self._items:
                raise EvidenceError(f"item {name!r}: the name is taken in the bundle of {self._violation_id}")
            try:
                item = Item(name=name, media_type=media_type, sha256="0" * 64, size_bytes=0)
            except ValidationError as error:
                fault = error.errors()[0]
                raise EvidenceError(f"item {name!r}: {fault['loc'][0]}: {fault['msg']}") from error
            digest, size_bytes = self._write(self._folder / name, chunks)
            self._items[name] = item.model_copy(update={"sha256": digest, "size_bytes": size_bytes})

    def _write_manifest(self, facts: Facts, created_at: datetime) -> None:
        keys = self._store.keys
        key_id = keys.key_id if keys is not None else None
        items = tuple(self._items.values())
        data, digest = manifest_bytes(facts, items=items, created_at=created_at, key_id=key_id)
        self._write(self._folder / MANIFEST_NAME, [data])
        if keys is not None:
            signature = keys.sign(purpose=SIGNED_AS, digest=digest)
            self._write(self._folder / SIGNATURE_NAME, [signature.to_bytes()])

    def _write(self, path: Path, chunks: Iterable[bytes]) -> tuple[str, int]:
        digest, size_bytes = hashlib.sha256(), 0
        with path.open("xb") as target:
            for chunk in chunks:
                target.write(chunk)
                digest.update(chunk)
                size_bytes += len(chunk)
            target.flush()
            os.fchmod(target.fileno(), 0o444)
            os.fsync(target.fileno())
        return digest.hexdigest(), size_bytes

    def _check(self, facts: Mapping[str, Any]) -> Facts:
        try:
            checked = Facts.model_validate(facts)
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors())
            raise EvidenceError(f"facts of violation {self._violation_id}: {faults}") from error
        if checked.violation_id != self._violation_id:
            raise EvidenceError(f"facts of violation {checked.violation_id} in the bundle of {self._violation_id}")
        return checked

    def _standing(self) -> BundleRef:
        ref = self._store.find(self._violation_id)
        if ref is None:
            raise EvidenceError(f"bundle of {self._violation_id}: vanished from {self._store.root} while being written")
        report = verify_bundle(self._store.local_bundle(ref.location))
        if not report.intact:
            raise EvidenceError(
                f"{report.path}: a bundle of this violation is there already and was altered "
                f"({report.faults[0]}); restore it from a backup, evidence is never overwritten"
            )
        return ref

    @contextmanager
    def _cleaning_up(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.abort()
            raise explain(error, self._folder) from error
        except EvidenceError:
            self.abort()
            raise


def _month(at: datetime) -> str:
    return f"{at:%Y/%m}"
