"""A real RFC 3161 authority on this machine: OpenSSL's own `ts` behind a small HTTP server."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = {name}
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[stamper]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def have_openssl() -> bool:
    """Whether such an authority can be run here."""
    return shutil.which("openssl") is not None


@contextmanager
def running_authority(folder: Path) -> Iterator[tuple[str, Path]]:
    """(URL, root certificate) of an authority that answers every request."""
    _make(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "query.tsq").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            _run(folder, "ts", "-reply", "-config", "ts.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr")
            reply = (folder / "reply.tsr").read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", folder / "root.pem"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def _make(folder: Path) -> None:
    (folder / "serial").write_text("01\n")
    for name in ("root", "tsa"):
        (folder / "ts.cnf").write_text(CONFIG.format(folder=folder, name=f"Test {name}"))
        _run(folder, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-config", "ts.cnf", "-keyout", f"{name}.key", "-out", f"{name}.csr")  # fmt: skip
    _run(folder, "x509", "-req", "-in", "root.csr", "-signkey", "root.key", "-days", "30", "-extfile", "ts.cnf",
         "-extensions", "root", "-out", "root.pem")  # fmt: skip
    _run(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "2",
         "-days", "30", "-extfile", "ts.cnf", "-extensions", "stamper", "-out", "tsa.pem")  # fmt: skip


def _run(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)
