"""Ed25519 signatures of this installation: a key made at first start, its public half for everybody, rotation.

`KeyRing` holds the folder of keys; `sign` states a SHA-256 together with what it is the hash of, so that a signature
of one kind of document never passes for another. `Signature.faults` checks one offline, from itself alone.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cases.canonical import canonical_json
from detector.types import ConfigError

CURRENT = "current"
KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class Signature(BaseModel):
    """Who signed the hash of what; all of it but the signature itself is what was signed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["phatnguoi-signature/1"]
    purpose: str = Field(pattern=r"^[a-z-]{1,40}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    key_id: KeyId
    public_key: str = Field(pattern=r"^[0-9a-f]{64}$")
    signature: str = Field(pattern=r"^[0-9a-f]{128}$")

    def to_bytes(self) -> bytes:
        """The one spelling in which it is kept."""
        return canonical_json(self.model_dump())

    def faults(self, *, purpose: str, digest: str, trusted: Mapping[str, bytes] | None = None) -> list[str]:
        """What is wrong with it as the signature of `digest`; `trusted` maps key ids to raw public keys."""
        raw = bytes.fromhex(self.public_key)
        if (self.purpose, self.sha256) != (purpose, digest):
            return [f"it signs {self.purpose} {self.sha256}, not {purpose} {digest}"]
        if key_id_of(raw) != self.key_id:
            return [f"its key id {self.key_id} is not that of its public key"]
        if trusted is not None and trusted.get(self.key_id) != raw:
            return [f"its key {self.key_id} is none of this installation's keys"]
        try:
            Ed25519PublicKey.from_public_bytes(raw).verify(bytes.fromhex(self.signature), _message(self))
        except (InvalidSignature, ValueError):
            return ["the signature does not match"]
        return []


def parse_signature(data: bytes) -> Signature | None:
    """A signature as `to_bytes` spells it, None for anything else."""
    try:
        signature = Signature.model_validate_json(data)
    except ValidationError:
        return None
    return signature if signature.to_bytes() == data else None


def key_id_of(public_raw: bytes) -> str:
    """The first 16 hex digits of the public key's SHA-256."""
    return sha256(public_raw).hexdigest()[:16]


def public_key_raw(pem: bytes) -> bytes:
    """The 32 bytes of a public key in PEM.

    Raises:
        ConfigError: it is not an Ed25519 public key.
    """
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError as error:
        raise ConfigError(f"public key: not readable as PEM ({error})") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError("public key: expected Ed25519, as `phatnguoi key show` prints it")
    return key.public_bytes_raw()


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys in one folder: `ID.pem` private (mode 0600, only the current one), `ID.pub.pem` for each ever used."""

    folder: Path

    @property
    def key_id(self) -> str:
        """The key that signs now."""
        return self._current()

    def sign(self, *, purpose: str, digest: str) -> Signature:
        """A signature of a SHA-256 by the current key."""
        key_id = self._current()
        private = self._private(key_id)
        unsigned = Signature(
            format="phatnguoi-signature/1",
            purpose=purpose,
            sha256=digest,
            key_id=key_id,
            public_key=private.public_key().public_bytes_raw().hex(),
            signature="0" * 128,
        )
        return unsigned.model_copy(update={"signature": private.sign(_message(unsigned)).hex()})

    def public_keys(self) -> dict[str, bytes]:
        """Raw public key of every key ever used here, by id."""
        return {path.name.removesuffix(".pub.pem"): public_key_raw(path.read_bytes()) for path in self._public_files()}

    def public_pems(self) -> dict[str, bytes]:
        """The same as PEM, as they are handed out."""
        return {path.name.removesuffix(".pub.pem"): path.read_bytes() for path in self._public_files()}

    def rotate(self) -> str:
        """Sign with a new key from now on; the old private key is removed, its public key stays. Returns the id."""
        old = self._current()
        new = _write_key(self.folder)
        _replace(self.folder / CURRENT, new)
        (self.folder / f"{old}.pem").unlink(missing_ok=True)
        return new

    def _public_files(self) -> list[Path]:
        return sorted(self.folder.glob("*.pub.pem"))

    def _current(self) -> str:
        try:
            return (self.folder / CURRENT).read_text().strip()
        except OSError as error:
            raise _unusable(self.folder / CURRENT, error) from error

    def _private(self, key_id: str) -> Ed25519PrivateKey:
        path = self.folder / f"{key_id}.pem"
        try:
            if path.stat().st_mode & 0o077:
                raise ConfigError(f"{path}: others may read this signing key; run `chmod 600` on it, then rotate it")
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError) as error:
            raise _unusable(path, error) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigError(f"{path}: expected an Ed25519 private key")
        return key


def open_keys(folder: Path) -> KeyRing:
    """The keys of an installation; the first one is made when there is none.

    Raises:
        ConfigError: the folder cannot be made or read; names it and the cure.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (folder / CURRENT).exists():
            _first(folder)
    except OSError as error:
        raise _unusable(folder, error) from error
    return KeyRing(folder)


def known_keys(folder: Path) -> dict[str, bytes]:
    """Raw public keys in a folder by id, none where there is no folder; makes nothing."""
    return KeyRing(folder).public_keys() if folder.is_dir() else {}


def _first(folder: Path) -> None:
    """Two processes may start at once: the one whose `current` comes first wins, the other's key is removed."""
    key_id = _write_key(folder)
    draft = folder / f".{CURRENT}-{secrets.token_hex(4)}"
    draft.write_text(key_id)
    try:
        os.link(draft, folder / CURRENT)
    except FileExistsError:
        for name in (f"{key_id}.pem", f"{key_id}.pub.pem"):
            (folder / name).unlink()
    finally:
        draft.unlink()


def _write_key(folder: Path) -> str:
    private = Ed25519PrivateKey.generate()
    key_id = key_id_of(private.public_key().public_bytes_raw())
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for name, data, mode in ((f"{key_id}.pem", secret, 0o600), (f"{key_id}.pub.pem", public, 0o644)):
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    return key_id


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    with draft.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _message(signature: Signature) -> bytes:
    return canonical_json(signature.model_dump(exclude={"signature"}))


def _unusable(path: Path, error: Exception) -> ConfigError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return ConfigError(f"{path}: cannot be used ({reason}); restore the signing keys from the backup or correct rights")
