"""Authorities and the certificates they issue, as PEM files, for servers over TLS."""

import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

LOOPBACK = (x509.IPAddress(ip_address("127.0.0.1")),)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def fingerprint(self) -> str:
        """As openssl prints it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def write(self, path: Path) -> Path:
        """Certificate and key, for a server."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(key + self.certificate.public_bytes(Encoding.PEM))
        return path

    def publish(self, path: Path) -> Path:
        """The certificate alone, for those who trust it."""
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return path


def issue(
    name: str,
    authority: Issued | None = None,
    *,
    hosts: Sequence[x509.GeneralName] = LOOPBACK,
    days: float = 2,
    is_authority: bool = False,
) -> Issued:
    """A certificate good from ten days ago until so many days from now; signed by itself without an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    draft = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.certificate.subject if authority else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if hosts:
        draft = draft.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    return Issued(draft.sign(authority.key if authority else key, hashes.SHA256()), key)


@contextmanager
def https_server(
    handler: type[BaseHTTPRequestHandler], pem: Path, host: str = "127.0.0.1", port: int = 0
) -> Iterator[int]:
    """Serves over TLS; gives the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = _TlsServer((host, port), handler)
    server.context = context
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _TlsServer(ThreadingHTTPServer):
    """Shakes hands on the thread of the request, so that a client who refuses stops nobody."""

    daemon_threads = True
    context: ssl.SSLContext

    def finish_request(self, request: object, client_address: object) -> None:
        assert not isinstance(request, tuple)
        try:
            with self.context.wrap_socket(request, server_side=True) as secured:  # type: ignore[arg-type]
                super().finish_request(secured, client_address)
        except OSError:
            return
