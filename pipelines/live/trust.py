"""Whether a stream over TLS comes from the camera itself: what is trusted, what FFmpeg is told, why a peer is refused.

In: an address with its `Trust`. Out: options for FFmpeg's TLS, or `UntrustedError` with the cure. A certificate is
checked by default, against the system's authorities and the address's host; a camera's own authority or a pinned
certificate may take their place.
"""

import os
import socket
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import certifi
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from detector.types import SourceError

ENCRYPTED = {"rtsps": 322, "https": 443, "rtmps": 443}
"""Schemes over TLS and their usual ports."""
SYSTEM_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
"""Debian's bundle; where it is missing, the one that comes with Python's packages is used."""
HANDSHAKE_S = 5.0
_BYTES = 32


class UntrustedError(SourceError):
    """Whoever answers at the camera's address shows a certificate that is not trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """By what a camera is known.

    Attributes:
        ca: PEM file of the authority that issued the camera's certificate; None for the system's authorities.
        fingerprint: SHA-256 of the camera's own certificate, 64 hex digits; takes the place of authority and host name.
        insecure: whoever answers is taken for the camera.
    """

    ca: Path | None = None
    fingerprint: str | None = None
    insecure: bool = False


def is_encrypted(url: str) -> bool:
    """Whether an address is reached over TLS."""
    return urlsplit(url).scheme.lower() in ENCRYPTED


def parse_fingerprint(text: str) -> str:
    """64 lower-case hex digits of a SHA-256 fingerprint as browsers and openssl write it.

    Raises:
        ValueError: it is none.
    """
    digits = text.replace(":", "").replace(" ", "").lower()
    with suppress(ValueError):
        if len(bytes.fromhex(digits)) == _BYTES:
            return digits
    raise ValueError(
        "is no SHA-256 fingerprint; write its 64 hex digits, as `openssl x509 -noout -fingerprint -sha256` prints them"
    )


def check_authorities(path: Path) -> None:
    """Reads a file of authorities.

    Raises:
        ValueError: it cannot be read or holds none; the text says what to give.
    """
    try:
        ssl.create_default_context(cafile=str(path))
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"{path} holds no certificate in PEM form ({_words(error)}); give the authority's") from error


def authorities(trust: Trust) -> Path:
    """The PEM file that a camera's certificate is checked against."""
    if trust.ca is not None:
        return trust.ca
    return SYSTEM_AUTHORITIES if SYSTEM_AUTHORITIES.is_file() else Path(certifi.where())


def checking_context(trust: Trust, pinned: bytes | None = None) -> ssl.SSLContext:
    """What a client of Python's checks a camera by.

    Args:
        pinned: DER of the certificate that bears the trust's fingerprint; it alone is believed, whatever host it names.

    Raises:
        OSError: the authorities cannot be read.
    """
    if pinned is None and not trust.insecure:
        return ssl.create_default_context(cafile=str(authorities(trust)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if pinned is None:
        context.verify_mode = ssl.CERT_NONE
        return context
    # Whoever issued it is not known and need not be.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(pinned))
    return context


def fingerprint_of(certificate: bytes) -> str:
    """64 lower-case hex digits: SHA-256 of a certificate's DER."""
    return sha256(certificate).hexdigest()


def spelled(fingerprint: str) -> str:
    """A fingerprint as browsers and openssl write it."""
    return bytes.fromhex(fingerprint).hex(":").upper()


@contextmanager
def tls_options(url: str, shown: str, trust: Trust) -> Iterator[dict[str, str]]:
    """FFmpeg's options for an address, good while the context lasts; none where nothing is encrypted or checked.

    Raises:
        UntrustedError: the certificate is not the pinned one.
        SourceError: a pinned camera does not answer.
    """
    if not is_encrypted(url):
        yield {}
    elif trust.insecure:
        yield {"tls_verify": "0"}
    elif trust.fingerprint is None:
        yield {"tls_verify": "1", "ca_file": str(authorities(trust))}
    else:
        certificate = _pinned(url, shown, trust.fingerprint)
        with tempfile.NamedTemporaryFile(prefix="phatnguoi-", suffix=".pem") as file:
            file.write(ssl.DER_cert_to_PEM_cert(certificate).encode())
            file.flush()
            # The certificate itself is known, so the name in it need not be the host's: FFmpeg is told its own.
            yield {"tls_verify": "1", "ca_file": file.name, "verifyhost": _own_name(certificate, shown)}


def explain(url: str, shown: str, trust: Trust) -> None:
    """Shakes hands as FFmpeg did, whose errors tell nothing, and returns when there is nothing wrong with trust.

    Raises:
        UntrustedError: with what is wrong with the certificate, and the cure.
    """
    if not is_encrypted(url) or trust.insecure:
        return
    pinned = None if trust.fingerprint is None else _shown_certificate(url, shown)
    try:
        context = checking_context(trust, pinned)
    except OSError as error:
        raise UntrustedError(
            f"{shown}: {authorities(trust)} cannot be read as certificates any more ({_words(error)});"
            " correct `tls.ca`",
            code="authorities_unread",
        ) from None
    try:
        with _connected(url) as plain, context.wrap_socket(plain, server_hostname=urlsplit(url).hostname):
            return
    except ssl.SSLCertVerificationError as error:
        raise _untrusted(url, shown, trust, error.verify_message.rstrip(".")) from error
    except OSError:
        return


def _untrusted(url: str, shown: str, trust: Trust, why: str) -> UntrustedError:
    if trust.fingerprint is not None:
        told = f"{shown}: the pinned certificate is not valid ({why}); give the camera a new one"
        return UntrustedError(told, code="pin_invalid")
    certificate = _shown_certificate(url, shown)
    return UntrustedError(
        f"{shown}: the camera's certificate is not trusted ({why}); name the authority that issued it in `tls: {{ca:"
        f" FILE}}`, or, once you know it to be the camera's own, `tls: {{fingerprint: {fingerprint_of(certificate)}}}`;"
        " `insecure: true` leaves it unchecked",
        code="untrusted",
        fingerprint=fingerprint_of(certificate),
    )


def _pinned(url: str, shown: str, fingerprint: str) -> bytes:
    certificate = _shown_certificate(url, shown)
    if fingerprint_of(certificate) != fingerprint:
        raise UntrustedError(
            f"{shown}: the camera shows another certificate than the pinned one (fingerprint"
            f" {fingerprint_of(certificate)}); find out why, then correct `tls.fingerprint`",
            code="pin_other",
            fingerprint=fingerprint_of(certificate),
        )
    return certificate


def _shown_certificate(url: str, shown: str) -> bytes:
    """DER of whatever certificate is shown, trusted or not."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with _connected(url) as plain, context.wrap_socket(plain, server_hostname=urlsplit(url).hostname) as secured:
            return secured.getpeercert(binary_form=True) or b""
    except OSError as error:
        raise SourceError(
            f"{shown}: cannot be opened ({_words(error)})", code="unreachable", why=_words(error)
        ) from None


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    port = parts.port or ENCRYPTED[parts.scheme.lower()]
    return socket.create_connection((parts.hostname or "", port), HANDSHAKE_S)


def _own_name(certificate: bytes, shown: str) -> str:
    """A name that the certificate is valid for."""
    read = x509.load_der_x509_certificate(certificate)
    with suppress(x509.ExtensionNotFound):
        names = read.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
        assert isinstance(names, x509.SubjectAlternativeName)
        hosts = names.get_values_for_type(x509.DNSName)
        addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
        if hosts or addresses:
            return (hosts + addresses)[0].replace("*", "camera")
    common = read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if not common:
        told = f"{shown}: the camera's certificate names nobody; give the camera another one"
        raise UntrustedError(told, code="nameless")
    return str(common[0].value).replace("*", "camera")


def _words(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno and error.errno > 0 else type(error).__name__
