"""Writing that survives a power cut, and disk errors put into words an operator can act on."""

import errno
import os
from pathlib import Path

from cases.faults import StoreUnavailableError
from detector.types import EvidenceError

_CURES = {
    errno.ENOSPC: "the disk is full; free space or point the data folder at a larger disk",
    errno.EDQUOT: "the disk quota is used up; raise it or point the data folder elsewhere",
    errno.EFBIG: "the file is larger than this system or account allows; raise the limit (ulimit -f)",
    errno.EROFS: "the file system is read-only; mount it writable or point the data folder elsewhere",
    errno.EACCES: "this account may not write here; give it the right or point the data folder elsewhere",
    errno.EPERM: "this account may not write here; give it the right or point the data folder elsewhere",
    errno.ENOENT: "there is no such file or folder; restore it or correct the path",
    errno.ENOTDIR: "a file stands where a folder is needed; move it away or correct the path",
    errno.EEXIST: "a file stands where a folder is needed; move it away or correct the path",
    errno.EISDIR: "a folder stands where a file is needed; give the name of a file",
    errno.EIO: "the disk reports a read or write error; check the disk",
}

_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.EISDIR})
"""Not a matter of waiting: something is not where it should be."""


def explain(error: OSError, path: Path) -> EvidenceError:
    """An `EvidenceError` that names the path, what the system said and the cure; by kind whether it may pass."""
    cure = _CURES.get(error.errno or 0, "check the disk and the rights of this account")
    text = f"{error.filename or path}: {error.strerror or error}: {cure}"
    return EvidenceError(text) if error.errno in _GONE else StoreUnavailableError(text)


def sync_folder(folder: Path) -> None:
    """Put a folder's entries on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
