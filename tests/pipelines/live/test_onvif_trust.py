"""Cameras that answer ONVIF over HTTPS: who is believed, who is refused, and that nothing is told to whoever is not."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import typer.testing
import yaml

import phatnguoi
from detector.types import ConfigError
from pipelines.live.camera_file import load_roster
from pipelines.live.discover import camera_file
from pipelines.live.discovery import parse_place
from pipelines.live.trust import Trust, parse_fingerprint
from tests.pipelines.live.certificates import Issued, issue
from tests.pipelines.live.onvif_peer import PASSWORD, USER, onvif_peer
from tests.pipelines.live.parked import write_kerb
from tests.pipelines.live.test_discover import ENV, ask

CITY = issue("City authority", hosts=(), is_authority=True)
OWN = issue("camera")
CAMERAS: dict[str, Issued] = {
    "own": OWN,
    "city": issue("camera", CITY),
    "expired": issue("camera", days=-1),
    "nameless": issue("camera", CITY, hosts=()),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("onvif")
    CITY.publish(folder / "authority.pem")
    for name, camera in CAMERAS.items():
        camera.write(folder / f"{name}.pem")
    return folder


def pin(name: str) -> Trust:
    return Trust(fingerprint=parse_fingerprint(CAMERAS[name].fingerprint))


@pytest.mark.parametrize("address", ["https://127.0.0.1:PORT", "127.0.0.1:PORT", "https://127.0.0.1:PORT/"])
@pytest.mark.parametrize(
    ("camera", "known_by", "problem"),
    [
        ("own", "nothing", "is not trusted (self-signed certificate)"),
        ("own", "own", None),
        ("own", "insecure", None),
        ("own", "ca", "is not trusted (self-signed certificate)"),
        ("own", "city", "is not trusted (not of the fingerprint given)"),
        ("city", "ca", None),
        ("city", "city", None),
        ("city", "nothing", "is not trusted (unable to get local issuer certificate)"),
        ("expired", "expired", "is not trusted (certificate has expired)"),
        ("nameless", "ca", "is not trusted (IP address mismatch"),
        ("nameless", "nameless", None),
    ],
)
def test_who_is_believed(folder: Path, address: str, camera: str, known_by: str, problem: str | None) -> None:
    known = {"nothing": Trust(), "insecure": Trust(insecure=True), "ca": Trust(ca=folder / "authority.pem")}
    heard: list[bytes] = []
    with onvif_peer(pem=folder / f"{camera}.pem", heard=heard) as port:
        told = ask(address.replace("PORT", str(port)), trust=known.get(known_by) or pin(known_by))
    if problem is None:
        assert told.faults == ()
        (device,) = told.devices
        assert str(device.place) == f"https://127.0.0.1:{port}"
        assert len(device.profiles) == 3
        return
    assert told.devices == ()
    (fault,) = told.faults
    assert fault.startswith(f"https://127.0.0.1:{port}: chứng thư của camera")
    assert problem in fault
    assert CAMERAS[camera].fingerprint in fault
    assert heard == [], "whoever is not trusted hears nothing"


def test_services_told_without_tls_are_asked_over_it(folder: Path) -> None:
    """Their digest would go in the clear to whoever listens there."""
    with onvif_peer() as plain, onvif_peer(pem=folder / "own.pem", told_port=plain) as port:
        (device,) = ask(f"https://127.0.0.1:{port}", trust=pin("own")).devices
    assert device.place.port == port
    assert len(device.profiles) == 3


@contextmanager
def answering(status: int, location: str = "", heard: list[bytes] | None = None) -> Iterator[int]:
    """A web server that has one answer without TLS; gives its port."""

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if heard is not None:
                heard.append(body)
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_camera_that_refers_to_its_https_is_asked_there(folder: Path, status: int) -> None:
    heard: list[bytes] = []
    with onvif_peer(pem=folder / "own.pem", heard=heard) as port:
        told_at = f"https://127.0.0.1:{port}/onvif/device_service"
        asked: list[bytes] = []
        with answering(status, told_at, asked) as plain:
            told = ask(f"127.0.0.1:{plain}")
            assert told.devices == () and CAMERAS["own"].fingerprint in told.faults[0]
            assert heard == []
            (device,) = ask(f"127.0.0.1:{plain}", trust=Trust(insecure=True)).devices
    assert device.place.port == port
    assert not [body for body in asked if b"UsernameToken" in body], "no digest before it is sent on"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_referrals_to_another_host_are_told_and_not_followed(folder: Path, scheme: str) -> None:
    heard: list[bytes] = []
    pem = folder / "own.pem" if scheme == "https" else None
    with onvif_peer(host="127.0.0.2", pem=pem, heard=heard) as port:
        elsewhere = f"{scheme}://127.0.0.2:{port}/onvif/device_service"
        with answering(307, elsewhere) as plain:
            told = ask(f"127.0.0.1:{plain}", trust=Trust(insecure=True))
    assert told.faults == (f"127.0.0.1:{plain}: chuyển sang nơi khác / refers to another address: {elsewhere}",)
    assert heard == []


@pytest.mark.parametrize("status", [400, 403, 404, 426])
def test_what_is_refused_without_tls_is_told_where_there_is_none(status: int) -> None:
    with answering(status) as plain:
        (fault,) = ask(f"127.0.0.1:{plain}").faults
    assert fault.startswith(f"127.0.0.1:{plain}: ")
    assert ("refuses user or password" in fault) == (status == 403)


def test_who_wants_a_certificate_asks_nobody_without(folder: Path) -> None:
    heard: list[bytes] = []
    with onvif_peer(heard=heard) as port:
        for trust in (pin("own"), Trust(ca=folder / "authority.pem")):
            (fault,) = ask(f"127.0.0.1:{port}", trust=trust).faults
            assert f"https://127.0.0.1:{port}: không kết nối TLS được / cannot be reached over TLS" in fault
    assert heard == []


def test_refused_passwords_are_told_over_tls(folder: Path) -> None:
    with onvif_peer(pem=folder / "own.pem") as port:
        (fault,) = ask(f"127.0.0.1:{port}", password="wrong", trust=pin("own")).faults
    assert "refuses user or password; correct --user and the password" in fault


def test_a_sweep_tells_a_camera_once_and_whom_it_does_not_trust(folder: Path) -> None:
    with ExitStack() as stack:
        plain = stack.enter_context(onvif_peer())
        secured = [stack.enter_context(onvif_peer(pem=folder / "own.pem")) for _ in range(2)]
        told = ask(subnets=["127.0.0.1/32"], ports=(plain, *secured))
        assert [device.place.port for device in told.devices] == [plain]
        assert told.faults == (), "the camera is found"
        told = ask(subnets=["127.0.0.1/32"], ports=secured)
        assert told.devices == ()
        assert len(told.faults) == 2
        told = ask(subnets=["127.0.0.1/32"], ports=secured, trust=Trust(insecure=True))
        assert [device.place.port for device in told.devices] == secured[:1], "by its serial"


def test_the_command_prints_by_what_the_camera_is_known(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENV, PASSWORD)
    arguments = ["discover", "--user", USER, "--password-env", ENV, "--address"]
    ca = folder / "authority.pem"
    digits = parse_fingerprint(CAMERAS["city"].fingerprint)
    with onvif_peer(pem=folder / "city.pem", stream="rtsps://0.0.0.0:322/TOKEN") as port:
        for options, entry in (
            (["--ca", str(ca)], {"tls": {"ca": str(ca)}}),
            (["--fingerprint", CAMERAS["city"].fingerprint], {"tls": {"fingerprint": digits}}),
            (["--insecure"], {"insecure": True}),
        ):
            told = typer.testing.CliRunner().invoke(phatnguoi.app, [*arguments, f"https://127.0.0.1:{port}", *options])
            assert told.exit_code == 0, told.stderr
            (printed,) = yaml.safe_load(told.stdout)["cameras"]
            assert {key: printed[key] for key in printed if key in ("tls", "insecure")} == entry
            path = tmp_path / "cameras.yaml"
            path.write_text(told.stdout, encoding="utf-8")
            write_kerb(tmp_path, printed["scene"].removesuffix(".yaml"), limit_s=60)
            (made,) = load_roster(path).cameras
            assert made.main.shown == "rtsps://127.0.0.1:322/main"
        told = typer.testing.CliRunner().invoke(phatnguoi.app, [*arguments, f"127.0.0.1:{port}"])
    assert told.exit_code == 2
    assert CAMERAS["city"].fingerprint in told.stderr


def test_streams_without_tls_and_elsewhere_bear_no_trust(folder: Path) -> None:
    for stream in ("rtsp://0.0.0.0/TOKEN", "rtsps://192.0.2.9/TOKEN"):
        with onvif_peer(pem=folder / "own.pem", stream=stream) as port:
            devices = ask(f"https://127.0.0.1:{port}", trust=Trust(insecure=True)).devices
        text = camera_file(devices, user=USER, password_env=ENV, trust=Trust(insecure=True))
        (entry,) = yaml.safe_load(text)["cameras"]
        assert "insecure" not in entry


def test_a_fingerprint_is_for_one_camera() -> None:
    for addresses, subnets in (((), ()), (("10.0.0.1", "10.0.0.2"), ()), (("10.0.0.1",), ("10.0.0.0/30",))):
        with pytest.raises(ConfigError, match=r"chỉ cho một camera.*exactly one --address"):
            ask(*addresses, subnets=subnets, trust=pin("own"))


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--fingerprint", "AB:CD"], "--fingerprint: không dùng được / is no SHA-256 fingerprint"),
        (["--ca", "/nowhere.pem"], "--ca: không dùng được / /nowhere.pem holds no certificate"),
        (["--ca", "/nowhere.pem", "--insecure"], "chỉ một thứ / give one of them"),
    ],
)
def test_what_cannot_be_trusted_by_is_told(options: list[str], problem: str) -> None:
    told = typer.testing.CliRunner().invoke(phatnguoi.app, ["discover", "--address", "127.0.0.1", *options])
    assert told.exit_code == 2
    assert problem in told.stderr


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("10.1.0.14", "10.1.0.14"),
        ("10.1.0.14:443", "https://10.1.0.14"),
        ("https://10.1.0.14/", "https://10.1.0.14"),
        ("https://[fd00::1]:8443", "https://[fd00::1]:8443"),
        ("[fd00::1]:8080", "[fd00::1]:8080"),
    ],
)
def test_places_are_shown_as_they_are_asked(text: str, shown: str) -> None:
    assert str(parse_place(text)) == shown
