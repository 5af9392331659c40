"""The evidence store in a local folder: `ROOT/yyyy/mm/VIOLATION_ID/`, made visible by one rename.

A bundle grows in `ROOT/.incoming/`, is flushed to the disk file by file and then renamed, so a crash at any
point leaves nothing or a whole bundle. A writer holds a lock on its folder that ends with its process: that is
how `clear_unfinished` knows leftovers from work in progress.
"""

import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from cases.evidence.disk import explain, sync_folder
from cases.evidence.manifest import MANIFEST_NAME, SIGNATURE_NAME, Manifest
from cases.evidence.store import BundleRef
from cases.evidence.writer import FolderWriter
from cases.signing import KeyRing
from detector.types import EvidenceError

INCOMING = ".incoming"
GRACE_S = 60.0
"""A leftover younger than this may belong to a writer that has not taken its lock yet."""


class FolderStore:
    """Sealed bundles under one root folder, which is made when it is missing; manifests are signed where keys are."""

    def __init__(self, root: Path, keys: KeyRing | None = None) -> None:
        self.root = root
        self.keys = keys
        try:
            (root / INCOMING).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise explain(error, root) from error

    def begin(self, violation_id: str) -> FolderWriter:
        """Start a bundle; it becomes visible when sealed."""
        return FolderWriter(store=self, violation_id=violation_id)

    def find(self, violation_id: str) -> BundleRef | None:
        """The sealed bundle of a violation, None when there is none."""
        for month in self._months():
            folder = month / violation_id
            if folder.is_dir():
                return self._ref(folder)
        return None

    def manifest(self, location: str) -> Manifest:
        """The manifest of a sealed bundle, checked for form but not against its items."""
        path = self._inside(location) / MANIFEST_NAME
        try:
            return Manifest.model_validate_json(path.read_bytes())
        except OSError as error:
            raise explain(error, path) from error
        except ValidationError as error:
            raise EvidenceError(f"{path}: not a manifest of this product ({error.error_count()} faults)") from error

    def local_path(self, location: str, name: str) -> Path:
        """The file of one item.

        Raises:
            EvidenceError: the manifest lists no such item, or its file is gone.
        """
        if name not in (MANIFEST_NAME, SIGNATURE_NAME) and self.manifest(location).item(name) is None:
            raise EvidenceError(f"bundle {location}: its manifest lists no item {name!r}")
        path = self._inside(location) / name
        if path.is_symlink() or not path.is_file():
            raise EvidenceError(f"{path}: missing; run `phatnguoi verify` on the bundle and restore it from a backup")
        return path

    def local_bundle(self, location: str) -> Path:
        """The folder of a bundle.

        Raises:
            EvidenceError: there is none.
        """
        return self.local_path(location, MANIFEST_NAME).parent

    def bundles(self) -> Iterator[BundleRef]:
        """Every sealed bundle, oldest month first."""
        for month in self._months():
            for folder in sorted(month.iterdir()):
                if folder.is_dir() and (ref := self._standing(folder)) is not None:
                    yield ref

    def clear_unfinished(self) -> tuple[str, ...]:
        """Remove incoming folders whose writer no longer lives; returns their names."""
        return tuple(
            folder.name for folder in sorted((self.root / INCOMING).iterdir()) if folder.is_dir() and _clear(folder)
        )

    def remove(self, location: str) -> None:
        """Remove a bundle for good; harmless when it is gone, or when another process removes it too."""
        folder = self._inside(location)
        if folder == self.root.resolve() or not folder.is_dir():
            return
        try:
            if not (folder / MANIFEST_NAME).exists() and _holds_anything(folder):
                return
            # The manifest goes last: after a crash in between, what is left is a bundle still, or empty.
            for path in sorted(folder.iterdir(), key=lambda path: path.name == MANIFEST_NAME):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
            folder.rmdir()
            sync_folder(folder.parent)
        except FileNotFoundError:
            return
        except OSError as error:
            raise explain(error, folder) from error

    def put(self, name: str, data: bytes) -> None:
        """Keep a document beside the bundles; one that stands is never overwritten.

        Raises:
            EvidenceError: a different document of that name stands there, or the disk refuses.
        """
        path = self._inside(name)
        draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), 0o444)
                os.fsync(file.fileno())
            os.link(draft, path)
            sync_folder(path.parent)
        except FileExistsError:
            if path.read_bytes() != data:
                raise EvidenceError(f"{path}: another document stands there; documents are never overwritten") from None
        except OSError as error:
            raise explain(error, path) from error
        finally:
            draft.unlink(missing_ok=True)

    def get(self, name: str) -> bytes | None:
        """A document kept with `put`, None when there is none."""
        path = self._inside(name)
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise explain(error, path) from error

    def names(self, folder: str) -> list[str]:
        """Names of all documents under one folder, in order."""
        root = self._inside(folder)
        files = (path for path in root.rglob("*") if path.is_file() and not path.name.startswith("."))
        return sorted(path.relative_to(self.root.resolve()).as_posix() for path in files)

    def place(self, folder: Path, *, month: str, violation_id: str) -> BundleRef | None:
        """Rename a finished incoming folder to its place; None when another bundle of that id stands there."""
        target = self.root / month / violation_id
        target.parent.mkdir(parents=True, exist_ok=True)
        if self.find(violation_id) is not None:
            return None
        try:
            folder.rename(target)
        except FileExistsError:
            return None
        except OSError:
            if target.is_dir():
                return None
            raise
        for parent in (target.parent, target.parent.parent, self.root):
            sync_folder(parent)
        return self._ref(target)

    def _standing(self, folder: Path) -> BundleRef | None:
        """A bundle; None of what a crash left of a removal, and of one that another process removes just now."""
        try:
            return self._ref(folder)
        except EvidenceError:
            if _holds_anything(folder):
                raise
            return None

    def _ref(self, folder: Path) -> BundleRef:
        path = folder / MANIFEST_NAME
        try:
            manifest = json.loads(path.read_bytes())
            digest = manifest["manifest_sha256"]
            items = {str(item["name"]): str(item["sha256"]) for item in manifest["items"]}
        except OSError as error:
            raise explain(error, path) from error
        except (ValueError, KeyError, TypeError) as error:
            raise EvidenceError(f"{path}: not a manifest; the bundle was altered, restore it from a backup") from error
        return BundleRef(
            violation_id=folder.name,
            location=folder.relative_to(self.root).as_posix(),
            manifest_sha256=str(digest),
            items=items,
        )

    def _months(self) -> list[Path]:
        return sorted(self.root.glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]"))

    def _inside(self, location: str) -> Path:
        folder = (self.root / location).resolve()
        if not folder.is_relative_to(self.root.resolve()):
            raise EvidenceError(f"location {location!r} points outside the evidence folder {self.root}")
        return folder


def _holds_anything(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except FileNotFoundError:
        return False


def _clear(folder: Path) -> bool:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return False
    try:
        if time.time() - os.fstat(descriptor).st_mtime < GRACE_S:
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        shutil.rmtree(folder)
        return True
    finally:
        os.close(descriptor)
