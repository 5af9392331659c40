"""Content credentials (C2PA) on copies that leave the house: who made the copy, of which case, and what was done to it.

A copy carries them inside the file, so that one that travels on without its zip still proves where it comes from. They
are signed with a certificate of the installation: configured, or made at first use under a root of its own, whose
certificate goes out with every export. No thumbnails are embedded: they would show what the copy hides.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cases.clock import utc_now
from cases.evidence.disk import explain
from cases.version import software_version
from detector.types import ConfigError, EvidenceError

LABEL = "vn.phatnguoi.case"
REDACTED = "vn.phatnguoi.redacted"
WHAT_WAS_DONE = "Che mọi thứ ngoài phương tiện vi phạm / everything but the vehicle in question made unrecognisable"
SIGNING = (x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"), ExtendedKeyUsageOID.EMAIL_PROTECTION)
"""Key purposes that C2PA takes of a signer: documents (RFC 9336), e-mail."""
ROOT_DAYS, OWN_DAYS = 7300, 3650
_OFFLINE = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What copies are signed with: the certificate first, then those above it, all PEM."""

    chain_pem: bytes
    key: ec.EllipticCurvePrivateKey

    @property
    def root_pem(self) -> bytes:
        """The certificate to trust: the last of the chain."""
        return x509.load_pem_x509_certificates(self.chain_pem)[-1].public_bytes(serialization.Encoding.PEM)

    def sign(
        self, source: IO[bytes], target: IO[bytes], *, media_type: str, name: str, case_id: str, manifest_sha256: str
    ) -> None:
        """Write a copy with its credentials; `name` is the sealed item it was made of.

        Raises:
            EvidenceError: the file is not of its media type, or the certificate cannot sign.
        """
        original = {"title": name, "relationship": "parentOf", "instance_id": f"sha256:{manifest_sha256}/{name}"}
        signer = c2pa.Signer.from_callback(self._sign, c2pa.C2paSigningAlg.ES256, self.chain_pem.decode(), None)
        try:
            with signer, c2pa.Builder(_claim(name, case_id, manifest_sha256, original), context=_context()) as builder:
                builder.add_ingredient(json.dumps(original), media_type, source)
                source.seek(0)
                builder.sign(signer, media_type, source, target)
        except c2pa.C2paError as error:
            raise EvidenceError(f"{name}: content credentials cannot be put on it ({error})") from error

    def signed(self, data: bytes, **how: str) -> bytes:
        """`sign` for a file in memory."""
        target = BytesIO()
        self.sign(BytesIO(data), target, **how)
        return target.getvalue()

    def _sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def open_credentials(folder: Path, *, certificate: Path | None = None, key: Path | None = None) -> Credentials:
    """The configured certificate chain and key, else the installation's own in `folder/c2pa`, made when missing.

    Raises:
        ConfigError: files are missing, unreadable, or do not belong together; names them.
        EvidenceError: the disk refuses.
    """
    if (certificate is None) != (key is None):
        raise ConfigError("c2pa_certificate, c2pa_key: give both or neither")
    chain_file, key_file = certificate or folder / "c2pa" / "chain.pem", key or folder / "c2pa" / "key.pem"
    if certificate is None and not chain_file.exists():
        _make(folder / "c2pa")
    try:
        chain = chain_file.read_bytes()
        loaded = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        own = x509.load_pem_x509_certificates(chain)[0]
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"{chain_file}, {key_file}: not readable as PEM certificates and key ({error})") from error
    if not isinstance(loaded, ec.EllipticCurvePrivateKey) or not isinstance(loaded.curve, ec.SECP256R1):
        raise ConfigError(f"{key_file}: expected an elliptic-curve key on P-256, without a passphrase")
    if own.public_key() != loaded.public_key():
        raise ConfigError(f"{chain_file}: its first certificate is not that of {key_file}")
    return Credentials(chain_pem=chain, key=loaded)


def credential_faults(
    copy: Path, *, roots_pem: bytes, case_id: str | None = None, manifest_sha256: str | None = None
) -> list[str]:
    """What is wrong with a copy's credentials, offline: altered, of a stranger, or of another case."""
    try:
        found = _read(copy, roots_pem)
    except (c2pa.C2paError, ValueError) as error:
        return [f"content credentials: {str(error)[:200]}"]
    if found.get("validation_state") != "Trusted":
        codes = sorted({str(status.get("code")) for status in found.get("validation_status", [])})
        return [f"content credentials: {', '.join(codes) or 'not valid'}"]
    said = _said(found)
    wanted = {"case_id": case_id, "manifest_sha256": manifest_sha256}
    wrong = [name for name, value in wanted.items() if value is not None and said.get(name) != value]
    return [f"content credentials: name another {name}, {said.get(name)!r}" for name in wrong]


def said_by(copy: Path) -> dict[str, Any]:
    """Case, manifest and item that a copy names, be they true or not; empty when it bears no credentials."""
    try:
        return _said(_read(copy))
    except (c2pa.C2paError, ValueError):
        return {}


def _read(copy: Path, roots_pem: bytes = b"") -> dict[str, Any]:
    media_type = "video/mp4" if copy.suffix.lower() == ".mp4" else "image/jpeg"
    with copy.open("rb") as file, c2pa.Reader(media_type, file, context=_context(roots_pem)) as reader:
        found: dict[str, Any] = json.loads(reader.json())
    return found


def _claim(name: str, case_id: str, manifest_sha256: str, original: Mapping[str, str]) -> dict[str, Any]:
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [original["instance_id"]]}}
    edited = {"action": "c2pa.edited", "description": WHAT_WAS_DONE}
    actions = [opened, edited, {"action": REDACTED, "description": WHAT_WAS_DONE}]
    case = {"case_id": case_id, "manifest_sha256": manifest_sha256, "item": name}
    return {
        "claim_generator_info": [{"name": "phatnguoi", "version": software_version()}],
        "title": name,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": LABEL, "data": case},
        ],
    }


def _said(found: Mapping[str, Any]) -> dict[str, Any]:
    """The case assertion of the active manifest."""
    active = found.get("manifests", {}).get(found.get("active_manifest"), {})
    case: Any = next((one["data"] for one in active.get("assertions", []) if one.get("label") == LABEL), {})
    return case if isinstance(case, dict) else {}


def _context(roots_pem: bytes = b"") -> c2pa.Context:
    trust = {"trust": {"trust_anchors": roots_pem.decode(errors="replace")}} if roots_pem else {}
    return c2pa.Context(c2pa.Settings.from_dict({**_OFFLINE, **trust}))


def _make(folder: Path) -> None:
    """A root, and a certificate under it; the root's key is not kept, so nothing else can ever be signed with it."""
    root_key, own_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("phatnguoi root", root_key, None, None)
    own = _certificate("phatnguoi exports", own_key, root, root_key)
    chain = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (own, root))
    private = own_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=".c2pa-", dir=folder.parent))
        for name, data, mode in (("key.pem", private, 0o600), ("chain.pem", chain, 0o644)):
            with os.fdopen(os.open(draft / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(data)
                os.fsync(file.fileno())
        try:
            draft.rename(folder)
        except OSError:  # another process was first
            shutil.rmtree(draft, ignore_errors=True)
            if not folder.exists():
                raise
    except OSError as error:
        raise explain(error, folder) from error


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey | None,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "phatnguoi"),
                         x509.NameAttribute(NameOID.COMMON_NAME, name)])  # fmt: skip
    now, root = utc_now(), issuer is None
    above = issuer_key or key
    usage = x509.KeyUsage(
        digital_signature=not root, key_cert_sign=root, crl_sign=root, content_commitment=False, key_agreement=False,
        data_encipherment=False, key_encipherment=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=ROOT_DAYS if root else OWN_DAYS))
        .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
    )
    if not root:
        builder = builder.add_extension(x509.ExtendedKeyUsage(SIGNING), critical=False)
    return builder.sign(above, hashes.SHA256())
