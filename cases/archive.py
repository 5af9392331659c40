"""A zip whose every byte counts: a signature over all that comes before it stands in the archive's own comment.

Hashes of the entries alone would leave a zip's headers open (times, rights, names in the other directory). Any zip
program opens such a file; `archive_faults` checks it.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from cases.evidence.disk import explain
from cases.signing import KeyRing, Signature, parse_signature

SIGNED_AS = "export-archive"
CHUNK_BYTES = 1 << 20
MARK = b'"format":"phatnguoi-signature/1"'
_BLANK = Signature(
    format="phatnguoi-signature/1",
    purpose=SIGNED_AS,
    sha256="0" * 64,
    key_id="0" * 16,
    public_key="0" * 64,
    signature="0" * 128,
).to_bytes()
"""As long as every signature for this purpose is."""


def write_archive(path: Path, entries: Iterable[tuple[str, bytes | Path]], keys: KeyRing) -> str:
    """Write (name, bytes or file) entries, unpacked and in order; returns the SHA-256 of the whole file.

    Raises:
        EvidenceError: the disk refuses; nothing is left behind.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
            for name, content in entries:
                archive.writestr(zipfile.ZipInfo(name), content if isinstance(content, bytes) else content.read_bytes())
            archive.comment = _BLANK
        body = draft.stat().st_size - len(_BLANK)
        signature = keys.sign(purpose=SIGNED_AS, digest=_sha256(draft, body)).to_bytes()
        with draft.open("r+b") as file:
            file.seek(body)
            file.write(signature)
            file.flush()
            os.fsync(file.fileno())
        whole = _sha256(draft, body + len(signature))
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise explain(error, path) from error
    return whole


def is_archive(path: Path) -> bool:
    """Whether a file ends with a signature such as `write_archive` puts there, be it altered or not."""
    return MARK in _tail(path)


def archive_faults(path: Path, *, trusted: Mapping[str, bytes] | None = None) -> list[str]:
    """What is wrong with the bytes of an archive as a whole; empty when not one of them was changed."""
    size = path.stat().st_size
    signature = parse_signature(_tail(path)) if size > len(_BLANK) else None
    if signature is None:
        return ["the signature at its end is missing or altered"]
    return signature.faults(purpose=SIGNED_AS, digest=_sha256(path, size - len(_BLANK)), trusted=trusted)


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - len(_BLANK), 0))
        return file.read()


def _sha256(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (chunk := file.read(min(CHUNK_BYTES, size))):
            digest.update(chunk)
            size -= len(chunk)
    return digest.hexdigest()
