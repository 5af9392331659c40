"""`phatnguoi discover` against cameras that speak ONVIF: named, swept for, found by multicast; no secret is shown."""

import gzip
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
import typer.testing
import yaml

import phatnguoi
from detector.types import ConfigError
from pipelines.live import onvif_wire
from pipelines.live.camera_file import load_roster
from pipelines.live.discover import Discovered, DiscoverRequest, camera_file, discover, main_and_sub
from pipelines.live.discovery import parse_place, parse_subnet
from pipelines.live.onvif_media import Profile
from pipelines.live.onvif_place import Place
from pipelines.live.trust import Trust
from tests.pipelines.live.certificates import issue
from tests.pipelines.live.network import network
from tests.pipelines.live.onvif_peer import PASSWORD, USER, OnvifPeer, onvif_peer
from tests.pipelines.live.parked import write_kerb
from tests.pipelines.live.servers import free_port

ENV = "CAMERA_PASSWORD"


def ask(*addresses: str, password: str | None = PASSWORD, user: str | None = USER, **named: object) -> Discovered:
    request = DiscoverRequest(addresses=addresses, user=user, password=password, password_env=ENV, **named)  # type: ignore[arg-type]
    return discover(request)


@pytest.fixture(scope="module")
def camera() -> Iterator[str]:
    with onvif_peer() as port:
        yield f"127.0.0.1:{port}"


def test_a_named_camera_tells_its_streams(camera: str) -> None:
    told = ask(camera)
    assert told.faults == ()
    (device,) = told.devices
    assert (device.maker, device.model, device.firmware, device.serial) == ("Hồ Gươm", "HG-2", "1.2.3", "A1B2")
    assert [(one.name, one.size_wh, one.codec, one.fps) for one in device.profiles] == [
        ("Chính & phụ", (1920, 1080), "h264", 25),
        ("Sub", (640, 360), "h264", 10),
        ("Tiny", (352, 288), "h264", 5),
    ]
    assert device.profiles[0].uri == "rtsp://127.0.0.1:554/main?channel=1&proto=Onvif", "its place known, no user"
    assert abs(device.clock_offset_s) < 5


def test_the_command_prints_a_camera_file_that_can_be_completed(
    camera: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENV, PASSWORD)
    gone = f"127.0.0.1:{free_port()}"
    arguments = ["discover", "--address", camera, "--address", gone, "--user", USER, "--password-env", ENV]
    told = typer.testing.CliRunner().invoke(phatnguoi.app, arguments)
    assert told.exit_code == 0, told.stderr
    assert f"{gone}: không trả lời như camera ONVIF / does not answer as an ONVIF camera" in told.stderr
    assert PASSWORD not in told.output and "secret" not in told.output
    assert "1920x1080 h264 25 fps" in told.stdout
    path = tmp_path / "cameras.yaml"
    path.write_text(told.stdout, encoding="utf-8")
    (entry,) = yaml.safe_load(told.stdout)["cameras"]
    write_kerb(tmp_path, entry["scene"].removesuffix(".yaml"), limit_s=60)
    (made,) = load_roster(path).cameras
    assert made.detect is not None
    assert (made.main.shown, made.detect.shown) == ("rtsp://127.0.0.1:554/main", "rtsp://127.0.0.1:554/sub")


def test_a_terminal_shows_the_faults_alone(camera: str) -> None:
    command = [sys.executable, "-m", "phatnguoi", "discover", "--address", camera, "--user", USER]
    environment = {**os.environ, "PHATNGUOI_CAMERA_PASSWORD": PASSWORD}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert told.stderr == "Đang tìm camera / searching for cameras ...\n"
    assert yaml.safe_load(told.stdout)["cameras"]


def test_a_recorder_stands_for_its_cameras() -> None:
    channels = [(f"{n}-{kind}", kind, w, h, 25) for n in (1, 2) for kind, w, h in (("a", 1920, 1080), ("b", 640, 360))]
    with onvif_peer(profiles=channels) as port:
        entries = yaml.safe_load(camera_file(ask(f"127.0.0.1:{port}").devices, user=None, password_env=ENV))["cameras"]
    assert [
        (entry["scene"], urlsplit(entry["stream"]).path, urlsplit(entry["detect_stream"]).path) for entry in entries
    ] == [
        (f"127.0.0.1-{port}-1.yaml", "/1-a", "/1-b"),
        (f"127.0.0.1-{port}-2.yaml", "/2-a", "/2-b"),
    ]


def test_nobody_found_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENV, PASSWORD)
    runner = typer.testing.CliRunner()
    told = runner.invoke(phatnguoi.app, ["discover", "--address", f"127.0.0.1:{free_port()}"])
    assert told.exit_code == 2
    assert "no camera told its streams" in told.stderr


@pytest.mark.parametrize(
    ("label", "user", "password", "cure"),
    [
        ("wrong password", USER, "wrong", "correct --user and the password"),
        ("wrong user", "other", PASSWORD, "correct --user and the password"),
        ("nobody", None, None, "give --user"),
    ],
)
def test_who_is_refused_is_told(camera: str, label: str, user: str | None, password: str | None, cure: str) -> None:
    told = ask(camera, user=user, password=password)
    assert told.devices == (), label
    (fault,) = told.faults
    assert fault.startswith(f"{camera}: camera từ chối tài khoản; ")
    assert fault.endswith(f" / the camera refuses user or password; {cure}")


def wanting(scheme: str, heard: list[str]) -> Callable[[OnvifPeer], None]:
    """A web server before a camera that wants a login of HTTP's own for all but the time."""

    def post(peer: OnvifPeer) -> None:
        told = peer.headers.get("Authorization", "")
        heard.append(told)
        said = dict(re.findall(r'(\w+)="?([^",]+)"?', told))
        digest = hashlib.md5
        whose = digest(f"{USER}:camera:{PASSWORD}".encode()).hexdigest()
        what = digest(f"POST:{peer.path}".encode()).hexdigest()
        once = ":".join(said.get(key, "") for key in ("nonce", "nc", "cnonce", "qop"))
        right = digest(f"{whose}:{once}:{what}".encode()).hexdigest()
        if told.startswith("Digest ") and (said["nonce"], said["response"]) == ("n0nce", right):
            OnvifPeer.do_POST(peer)
            return
        peer.rfile.read(int(peer.headers["Content-Length"]))
        peer.send_response(401)
        peer.send_header("WWW-Authenticate", f'{scheme} realm="camera", nonce="n0nce", qop="auth"')
        peer.send_header("Content-Length", "0")
        peer.end_headers()

    return post


def test_a_camera_that_wants_the_digest_of_http_is_let_in() -> None:
    heard: list[str] = []
    with onvif_peer(do_POST=wanting("Digest", heard), _authorized=lambda *_: True) as port:
        (device,) = ask(f"127.0.0.1:{port}").devices
        assert len(device.profiles) == 3
        (fault,) = ask(f"127.0.0.1:{port}", password="wrong").faults
        assert "refuses user or password; correct --user and the password" in fault
        (fault,) = ask(f"127.0.0.1:{port}", user=None, password=None).faults
        assert "refuses user or password; give --user" in fault
    assert not [one for one in heard if PASSWORD in one]


@pytest.mark.parametrize("packed", [False, True])
def test_who_asks_for_a_login_in_a_huge_answer_is_given_up(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(onvif_wire, "MOST_BYTES", 20_000)
    plain = b"x" * 50_000_000 if packed else b"x" * 30_000
    huge = gzip.compress(plain, 1)[:30_000] if packed else plain
    sent: list[int] = []

    def post(peer: OnvifPeer) -> None:
        peer.rfile.read(int(peer.headers["Content-Length"]))
        peer.send_response(401)
        peer.send_header("WWW-Authenticate", 'Digest realm="camera", nonce="n0nce", qop="auth"')
        peer.send_header("Content-Length", str(len(huge)))
        if packed:
            peer.send_header("Content-Encoding", "gzip")
        peer.end_headers()
        with suppress(OSError):
            peer.wfile.write(huge)
        sent.append(len(huge))

    with onvif_peer(do_POST=post) as port:
        (fault,) = ask(f"127.0.0.1:{port}").faults
    assert "does not answer as an ONVIF camera (TooMuchError)" in fault
    assert len(sent) == 1, "no answer that is given up is answered"


@pytest.mark.parametrize("scheme", ["Basic", "Bearer", "Digest algorithm=none,", "Digest ="])
def test_a_camera_that_wants_the_password_otherwise_does_not_get_it(scheme: str) -> None:
    heard: list[str] = []
    with onvif_peer(do_POST=wanting(scheme, heard)) as port:
        (fault,) = ask(f"127.0.0.1:{port}").faults
    assert fault.startswith(f"127.0.0.1:{port}: ")
    assert not [one for one in heard if one.startswith(("Basic", "Bearer"))]


@pytest.mark.parametrize("off", [timedelta(hours=7), timedelta(days=-3000)])
def test_a_camera_whose_clock_is_wrong_is_let_in_and_told(off: timedelta) -> None:
    with onvif_peer(clock_off=off) as port:
        (device,) = ask(f"127.0.0.1:{port}").devices
    assert device.clock_offset_s == pytest.approx(off.total_seconds(), abs=5)


def test_a_camera_without_video_is_no_entry() -> None:
    with onvif_peer(profiles=()) as port:
        (device,) = ask(f"127.0.0.1:{port}").devices
    assert device.profiles == ()


class Website(BaseHTTPRequestHandler):
    """Something else on port 80."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Hello</html>")

    def log_message(self, format: str, *args: object) -> None:
        return


def test_a_subnet_is_swept_and_other_servers_are_passed_over() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Website)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        with onvif_peer() as port:
            told = ask(subnets=["127.0.0.1/32"], ports=(port, server.server_port, free_port()))
            assert [device.place.port for device in told.devices] == [port]
            assert told.faults == ()
        told = ask(f"127.0.0.1:{server.server_port}")
        assert "does not answer as an ONVIF camera" in told.faults[0], "named, so it is told"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_cameras_of_the_local_network_answer_a_probe(scheme: str, tmp_path: Path) -> None:
    pem = [str(issue("camera").write(tmp_path / "camera.pem"))] if scheme == "https" else []
    with network() as net:
        port = free_port()
        command = [*net.inside, sys.executable, "-m", "tests.pipelines.live.onvif_peer", net.host, str(port), *pem]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as peer:
            try:
                assert peer.stdout is not None and peer.stdout.readline() == "listening\n"
                told = ask(trust=Trust(insecure=True))
            finally:
                peer.kill()
    assert Place.parse(f"{scheme}://{net.host}:{port}") in [device.place for device in told.devices]


@pytest.mark.parametrize("text", ["", "10.0.0.9/24", "http://10.0.0.9", "u:p@10.0.0.9", "10.0.0.9:99999", "https://"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="write HOST or HOST:PORT"):
        parse_place(text)


@pytest.mark.parametrize(("text", "problem"), [("10.0.0.0/33", "is no subnet"), ("10.0.0.0/8", "give at most 4096")])
def test_what_is_no_subnet_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        parse_subnet(text)


def profile(name: str, *size_wh: int) -> Profile:
    return Profile(
        name=name, source="", size_wh=(size_wh[0], size_wh[1]), codec="h264", fps=None, uri=f"rtsp://h/{name}"
    )


@pytest.mark.parametrize(
    ("label", "sizes", "main", "sub"),
    [
        ("the smallest that will do", [(1920, 1080), (1280, 720), (640, 360), (320, 180)], 0, 2),
        ("of the same shape", [(1920, 1080), (640, 480)], 0, None),
        ("in any order", [(704, 396), (2560, 1440)], 1, 0),
        ("alone", [(1920, 1080)], 0, None),
        ("twice the same", [(1920, 1080), (1920, 1080)], 0, None),
    ],
)
def test_main_and_small_stream(label: str, sizes: list[tuple[int, int]], main: int, sub: int | None) -> None:
    profiles = [profile(str(number), *size_wh) for number, size_wh in enumerate(sizes)]
    wanted = profiles[main], None if sub is None else profiles[sub]
    assert main_and_sub(profiles) == wanted, label
