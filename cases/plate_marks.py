"""Keyed hashes of plates: whoever holds only a log or a copy of it cannot tell which plates it speaks of.

In: the folder of the installation's keys and a plate. Out: HMAC-SHA256 (RFC 2104) of its letters and digits under a
secret made at first start. There are few enough plates to try them all, so a hash without a key would hide nothing.
"""

import hmac
import os
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from detector.plates.alphabet import normalised
from detector.types import ConfigError

NAME = "plates.secret"
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class PlateMarks:
    """Marks plates with one secret."""

    secret: bytes = field(repr=False)

    def of(self, text: str) -> str:
        """64 hex digits; the same for every writing of a plate."""
        return hmac.new(self.secret, b"plate\0" + normalised(text).encode(), sha256).hexdigest()


def open_marks(folder: Path) -> PlateMarks:
    """The installation's marks; the secret is made where there is none.

    Raises:
        ConfigError: the secret cannot be made or read, others may read it, or it is not 32 bytes in hex.
    """
    path = folder / NAME
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"{path}: others may read this secret; run `chmod 600` on it")
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be used ({error}); restore it from the backup or correct rights") from error
    if len(secret) != SECRET_BYTES:
        raise ConfigError(f"{path}: holds {len(secret)} bytes, expected {SECRET_BYTES}; restore it from the backup")
    return PlateMarks(secret)


def _make(path: Path) -> None:
    """Two processes may start at once: the one whose file comes first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{NAME}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
