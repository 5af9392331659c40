"""Opening the evidence store that the settings name, with this installation's keys."""

from cases.evidence import EvidenceStore, FolderStore
from cases.settings import Settings
from cases.signing import open_keys


def open_store(settings: Settings) -> EvidenceStore:
    """The store in use; every bundle sealed through it is signed.

    Raises:
        ConfigError: keys cannot be made or read. EvidenceError: the store cannot be used.
    """
    return FolderStore(settings.evidence, open_keys(settings.keys))
