"""What any evidence store does, be it a folder or, later, an object store.

Writing: `begin`, `add_bytes` / `add_file`, `seal`. Until `seal` returns nothing of a bundle is visible; after
it the whole bundle is. Reading goes by a bundle's `location`, which is relative to the store, so a store may
move. All implementations join tests/cases/evidence/test_store.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from cases.evidence.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleRef:
    """A sealed bundle: whose, where in its store, the hash its manifest states of itself, and of each item."""

    violation_id: str
    location: str
    manifest_sha256: str
    items: Mapping[str, str] = field(default_factory=dict)


class BundleWriter(Protocol):
    """One bundle being written; as a context manager it removes its leftovers when it was not sealed."""

    def add_bytes(self, name: str, media_type: str, data: bytes) -> None:
        """Add one item from memory."""

    def add_file(self, name: str, media_type: str, path: Path) -> None:
        """Add one item by copying a file."""

    def seal(self, facts: Mapping[str, Any]) -> BundleRef:
        """Write the manifest and make the bundle visible as a whole; see `bundle_facts` for the facts."""

    def abort(self) -> None:
        """Remove everything written so far; harmless after `seal`."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class EvidenceStore(Protocol):
    """Where sealed bundles lie. Every method raises `EvidenceError` naming the place and the cure."""

    def begin(self, violation_id: str) -> BundleWriter:
        """Start a bundle."""

    def find(self, violation_id: str) -> BundleRef | None:
        """The sealed bundle of a violation, None when there is none."""

    def manifest(self, location: str) -> Manifest:
        """The manifest of a sealed bundle."""

    def local_path(self, location: str, name: str) -> Path:
        """A local file with an item's bytes (a remote store fetches it into a cache)."""

    def local_bundle(self, location: str) -> Path:
        """A local folder with a whole bundle (a remote store fetches it into a cache)."""

    def bundles(self) -> Iterator[BundleRef]:
        """Every sealed bundle, oldest month first."""

    def clear_unfinished(self) -> tuple[str, ...]:
        """Remove what writers that no longer live left behind; returns what was removed."""

    def remove(self, location: str) -> None:
        """Remove a bundle for good; harmless when it is gone. Only `cases.retention` may, after its tombstone."""

    def put(self, name: str, data: bytes) -> None:
        """Keep a document beside the bundles, e.g. `anchors/00000001.json`; one that stands is never overwritten."""

    def get(self, name: str) -> bytes | None:
        """A document kept with `put`, None when there is none."""

    def names(self, folder: str) -> list[str]:
        """Names of all documents under one folder, in order."""
