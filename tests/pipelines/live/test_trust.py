"""Cameras over TLS, from real servers with an authority of their own: who is believed, who is refused, and why."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from detector.types import ConfigError
from pipelines.live.address import parse_address
from pipelines.live.camera_file import load_roster
from pipelines.live.connection import Connection, DeniedError
from pipelines.live.status import State
from pipelines.live.trust import Trust, UntrustedError, checking_context, parse_fingerprint
from tests.pipelines.live.certificates import Issued, https_server, issue
from tests.pipelines.live.parked import make_parked, open_parked, write_kerb
from tests.pipelines.live.seeing import write_cameras
from tests.pipelines.live.servers import rtsp_server
from tests.pipelines.live.test_run import running
from tests.pipelines.live.test_sources import rtmp_server
from tests.processes import wait_until

CITY = issue("City authority", hosts=(), is_authority=True)
STRANGER = issue("Somebody's authority", hosts=(), is_authority=True)
CAMERAS: dict[str, Issued] = {
    "good": issue("camera", CITY),
    "other host": issue("camera", CITY, hosts=[x509.DNSName("camera-9.example")]),
    "expired": issue("camera", CITY, days=-1),
    "stranger": issue("camera", STRANGER),
    "own": issue("camera", hosts=[x509.DNSName("camera.local")]),
    "no names": issue("camera", hosts=()),
}
PICTURE = cv2.imencode(".jpg", np.random.default_rng(0).integers(0, 255, (180, 320, 3), np.uint8))[1].tobytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trust")
    CITY.publish(folder / "city.pem")
    for name, camera in CAMERAS.items():
        camera.write(folder / f"{name}.pem")
    make_parked(folder, length_s=20)
    return folder


class Camera(BaseHTTPRequestHandler):
    """MJPEG at /video; at /live.m3u8 a playlist whose one segment may lie on another server."""

    segment = b""
    segments_at = ""

    def do_GET(self) -> None:
        if self.path == "/locked/live.m3u8" and self.headers.get("Authorization") != "Basic dTpwQHNz":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        if self.path == "/video":
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(PICTURE)}\r\n\r\n".encode()
            with suppress(OSError):
                for _ in range(20):
                    self.wfile.write(head + PICTURE + b"\r\n")
            return
        lines = ("#EXTM3U", "#EXT-X-TARGETDURATION:20", "#EXTINF:20,", f"{self.segments_at}/0.ts", "#EXT-X-ENDLIST", "")
        data = self.segment if self.path.endswith(".ts") else "\n".join(lines).encode()
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def ports(folder: Path) -> Iterator[dict[str, int]]:
    """A server for each certificate."""
    with av.open(str(folder / "parked.mp4")) as source, av.open(str(folder / "0.ts"), "w", format="mpegts") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    Camera.segment = (folder / "0.ts").read_bytes()
    with ExitStack() as stack:
        yield {name: stack.enter_context(https_server(Camera, folder / f"{name}.pem")) for name in CAMERAS}


def hear(url: str, trust: Trust) -> int:
    """Connects and takes three packets; how many came."""
    with Connection(replace(parse_address(url, folder=Path()), trust=trust)) as connection:
        return sum(1 for _, _ in zip(range(3), connection.packets(threading.Event()), strict=False))


def city(folder: Path) -> Trust:
    return Trust(ca=folder / "city.pem")


def pin(name: str) -> Trust:
    return Trust(fingerprint=parse_fingerprint(CAMERAS[name].fingerprint))


@pytest.mark.parametrize("path", ["/video", "/live.m3u8"])
@pytest.mark.parametrize(
    ("name", "trust", "problem"),
    [
        ("good", "city", None),
        ("good", "system", "issuer certificate"),
        ("other host", "city", "mismatch"),
        ("expired", "city", "expired"),
        ("stranger", "city", "issuer certificate"),
        ("own", "city", "self-signed"),
        ("own", "own", None),
        ("stranger", "stranger", None),
        ("no names", "no names", None),
        ("good", "own", "another certificate than the pinned one"),
        ("expired", "insecure", None),
    ],
)
def test_who_is_believed(
    folder: Path, ports: dict[str, int], path: str, name: str, trust: str, problem: str | None
) -> None:
    url = f"https://127.0.0.1:{ports[name]}{path}"
    known = {"city": city(folder), "system": Trust(), "insecure": Trust(insecure=True)}.get(trust) or pin(trust)
    if problem is None:
        assert hear(url, known) == 3
        return
    with pytest.raises(UntrustedError, match=problem) as told:
        hear(url, known)
    assert f"127.0.0.1:{ports[name]}" in str(told.value)


def test_beside_a_pinned_certificate_nothing_is_believed(ports: dict[str, int]) -> None:
    """A later connection may reach somebody else, whom a known authority has certified."""
    context = checking_context(pin("stranger"), CAMERAS["stranger"].certificate.public_bytes(Encoding.DER))

    def shake(name: str) -> None:
        with socket.create_connection(("127.0.0.1", ports[name])) as plain, context.wrap_socket(plain):
            return

    shake("stranger")
    for name in ("own", "good", "expired"):
        with pytest.raises(ssl.SSLCertVerificationError):
            shake(name)


def test_a_refused_certificate_is_told_with_its_fingerprint(folder: Path, ports: dict[str, int]) -> None:
    with pytest.raises(UntrustedError) as told:
        hear(f"https://u:s3cret@127.0.0.1:{ports['own']}/video?token=s3cret", city(folder))
    assert parse_fingerprint(CAMERAS["own"].fingerprint) in str(told.value)
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("path", ["/video", "/live.m3u8"])
def test_an_authority_that_is_gone_is_told(tmp_path: Path, ports: dict[str, int], path: str) -> None:
    with pytest.raises(UntrustedError, match=r"city\.pem cannot be read as certificates any more"):
        hear(f"https://127.0.0.1:{ports['good']}{path}", Trust(ca=tmp_path / "city.pem"))


def test_segments_on_a_server_that_is_not_trusted_are_refused(
    folder: Path, ports: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Camera, "segments_at", f"https://127.0.0.1:{ports['stranger']}")
    with pytest.raises(UntrustedError, match="the playlist names"):
        hear(f"https://127.0.0.1:{ports['good']}/live.m3u8", city(folder))


def test_a_playlist_behind_a_password(folder: Path, ports: dict[str, int]) -> None:
    place = f"127.0.0.1:{ports['good']}/locked/live.m3u8"
    assert hear(f"https://u:p%40ss@{place}", city(folder)) == 3
    with pytest.raises(DeniedError):
        hear(f"https://u:wrong@{place}", city(folder))


def test_rtsp_over_tls(folder: Path) -> None:
    with rtsp_server(folder / "parked.mp4", user=str(folder / "good.pem")) as server:
        url = server.url.replace("rtsp://", "rtsps://")
        assert hear(url, city(folder)) == 3
        assert hear(url, pin("good")) == 3
        with pytest.raises(UntrustedError, match="issuer certificate"):
            hear(url, Trust())
        with pytest.raises(UntrustedError, match="another certificate"):
            hear(url, pin("own"))


def test_rtmp_over_tls(folder: Path, tmp_path: Path) -> None:
    with rtmp_server(folder / "parked.mp4", tmp_path) as plain, secured(plain, folder / "good.pem") as url:
        assert hear(url, city(folder)) == 3
        with pytest.raises(UntrustedError, match="issuer certificate"):
            hear(url, Trust())


@contextmanager
def secured(url: str, pem: Path) -> Iterator[str]:
    """A server of RTMP behind TLS: the address without."""
    target = int(url.split(":")[2].split("/", maxsplit=1)[0])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = server.accept()
                threading.Thread(target=relay, args=(client,), daemon=True).start()

    def relay(client: socket.socket) -> None:
        with (
            suppress(OSError),
            context.wrap_socket(client, server_side=True) as one,
            socket.create_connection(("127.0.0.1", target)) as other,
        ):
            one.settimeout(0.02)
            other.settimeout(0.02)
            while True:
                for source, sink in ((one, other), (other, one)):
                    with suppress(TimeoutError):
                        data = source.recv(65536)
                        if not data:
                            return
                        sink.sendall(data)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield url.replace("rtmp://", "rtmps://").replace(f":{target}/", f":{server.getsockname()[1]}/")
    finally:
        server.close()


def test_a_camera_that_is_not_trusted_is_a_state_of_its_own(folder: Path, ports: dict[str, int]) -> None:
    write_kerb(folder, "CAMERA", limit_s=60)
    stream = f"https://127.0.0.1:{ports['stranger']}/video"
    cameras = write_cameras(folder, f"scene: CAMERA.yaml, stream: '{stream}', tls: {{ca: city.pem}}")
    with running(cameras, folder / "data", open_parked) as worker:
        camera = worker.camera()
        wait_until(lambda: camera.state is State.UNTRUSTED, timeout_s=30)
        assert "fingerprint:" in camera.problem
        assert camera.said is not None and (camera.said.code, *camera.said.values) == ("untrusted", "fingerprint")
        worker.stop()
    assert worker.said("untrusted")


@pytest.mark.parametrize(
    ("label", "stream", "keys", "problem"),
    [
        ("a good one", "rtsps://h/a", "tls: {ca: city.pem}", None),
        ("fingerprint", "rtsps://h/a", f"tls: {{fingerprint: '{CAMERAS['own'].fingerprint}'}}", None),
        ("insecure", "https://h/a", "insecure: true", None),
        ("both", "rtsps://h/a", "tls: {ca: city.pem}, insecure: true", "both given; keep one"),
        ("neither", "rtsps://h/a", "tls: {}", "give either `ca` or `fingerprint`"),
        ("no file", "rtsps://h/a", "tls: {ca: gone.pem}", "tls.ca: .*gone.pem holds no certificate"),
        ("no certificate", "rtsps://h/a", "tls: {ca: cameras.yaml}", "tls.ca: .*cameras.yaml holds no certificate"),
        ("short", "rtsps://h/a", "tls: {fingerprint: 'AB:CD'}", "no SHA-256 fingerprint; write its 64 hex digits"),
        ("nothing encrypted", "rtsp://h/a", "tls: {ca: city.pem}", "remove them or encrypt the stream"),
        ("nothing to leave unchecked", "rtsp://h/a", "insecure: true", "remove them or encrypt the stream"),
    ],
)
def test_the_camera_file_says_who_is_trusted(
    folder: Path, label: str, stream: str, keys: str, problem: str | None
) -> None:
    write_kerb(folder, "CAMERA", limit_s=60)
    cameras = write_cameras(folder, f"scene: CAMERA.yaml, stream: '{stream}', {keys}")
    if problem is None:
        (camera,) = load_roster(cameras).cameras
        assert camera.main.trust != Trust(), label
        return
    with pytest.raises(ConfigError, match=problem):
        load_roster(cameras)
