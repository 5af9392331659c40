"""Opening the evidence store that the settings name, with this installation's keys."""

from cases.evidence import EvidenceStore, FolderStore
from cases.evidence.bucket import BucketStore
from cases.settings import Settings
from cases.signing import open_keys


def open_store(settings: Settings, *, signing: bool = True) -> EvidenceStore:
    """The store in use; every bundle sealed through it is signed, unless it is opened for reading only.

    Raises:
        ConfigError: keys cannot be made or read. EvidenceError: the store cannot be used.
    """
    keys = open_keys(settings.keys) if signing else None
    if settings.evidence_url is not None:
        return BucketStore(settings.evidence_url, cache=settings.data_dir / "cache", keys=keys)
    return FolderStore(settings.evidence, keys)
