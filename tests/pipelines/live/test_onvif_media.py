"""ONVIF's two media services: streams of both by token, one in place of the other, and answers of hostile peers."""

from pathlib import Path
from threading import Event
from urllib.parse import quote

import pytest
import yaml

from pipelines.live import onvif_device, onvif_wire
from pipelines.live.camera_file import load_roster
from pipelines.live.discover import camera_file
from pipelines.live.onvif_device import Device
from tests.pipelines.live.onvif_peer import PASSWORD, USER, OnvifPeer, enveloped, onvif_peer
from tests.pipelines.live.parked import write_kerb
from tests.pipelines.live.test_discover import ENV, ask

SECOND = ("ver10/device", "ver20/media")
BOTH = ("ver10/device", "ver10/media", "ver20/media")
FIRST_TOLD = [("main", (1920, 1080), "h264", 25), ("sub", (640, 360), "h264", 10), ("tiny", (352, 288), "h264", 5)]
SECOND_TOLD = [("main", (3840, 2160), "h265", 25), ("sub", (640, 360), "h264", 12.5)]


def streams(device: Device) -> list[tuple[str, tuple[int, int], str, float | None]]:
    """Token, size, codec and rate of each."""
    return [(one.uri.split("/")[3].split("?")[0], one.size_wh, one.codec, one.fps) for one in device.profiles]


@pytest.mark.parametrize(
    ("label", "services", "faulty", "told", "remarked"),
    [
        ("the second alone", SECOND, (), SECOND_TOLD, None),
        ("both: the second's word first", BOTH, (), [*SECOND_TOLD, FIRST_TOLD[2]], None),
        ("the second fails", BOTH, ("ver20/media/GetProfiles",), FIRST_TOLD, "Media2 fails (Fault)"),
        ("the second has no streams", BOTH, ("ver20/media/GetStreamUri",), FIRST_TOLD, "cannot be used (Fault)"),
        ("the first fails", BOTH, ("ver10/media/GetProfiles",), SECOND_TOLD, "Media1 fails (Fault)"),
    ],
)
def test_streams_of_both_services(
    label: str, services: tuple[str, ...], faulty: tuple[str, ...], told: list[object], remarked: str | None
) -> None:
    with onvif_peer(services=services, faulty=frozenset(faulty)) as port:
        found = ask(f"127.0.0.1:{port}")
    assert found.faults == (), label
    (device,) = found.devices
    assert streams(device) == told, label
    assert [one for one in device.remarks if remarked and remarked in one] == list(device.remarks), label
    assert bool(device.remarks) == (remarked is not None), label
    assert device.profiles[0].uri == "rtsp://127.0.0.1:554/main?channel=1&proto=Onvif", "its place known, no user"


def test_a_firmware_that_knows_the_older_word_for_a_stream_alone() -> None:
    with onvif_peer(services=SECOND, protocols=("RTSP",)) as port:
        (device,) = ask(f"127.0.0.1:{port}").devices
    assert (streams(device), device.remarks) == (SECOND_TOLD, ())


def test_what_is_told_stands_in_the_camera_file(tmp_path: Path) -> None:
    with onvif_peer(services=BOTH, faulty=frozenset({"ver20/media/GetStreamUri"})) as port:
        text = camera_file(ask(f"127.0.0.1:{port}").devices, user=USER, password_env=ENV)
    assert "# Sub: không dùng được / cannot be used (Fault)" in text
    with onvif_peer(services=SECOND) as port:
        text = camera_file(ask(f"127.0.0.1:{port}").devices, user=USER, password_env=ENV)
    assert "3840x2160 h265 25 fps" in text


@pytest.mark.parametrize("refusing", [("ver10/media",), ("ver20/media",), ("ver10/media", "ver20/media")])
@pytest.mark.parametrize("other", [True, False])
def test_who_is_refused_by_the_media_services_is_told(refusing: tuple[str, ...], other: bool) -> None:
    refusal = enveloped(
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>"
        '<s:Reason><s:Text xml:lang="en">Sender not Authorized</s:Text></s:Reason></s:Fault>'
    )
    services = BOTH if other else ("ver10/device", *refusing)
    raw = {f"{service}/GetProfiles": refusal for service in refusing}
    faulty = frozenset(f"{service}/GetProfiles" for service in services) - raw.keys()
    with onvif_peer(services=services, raw=raw, faulty=faulty) as port:
        (fault,) = ask(f"127.0.0.1:{port}").faults
    assert "refuses user or password" in fault


def test_a_device_without_pictures_is_told() -> None:
    with onvif_peer(services=("ver10/device",)) as port:
        (fault,) = ask(f"127.0.0.1:{port}").faults
    assert "is an ONVIF device without a media service" in fault


@pytest.mark.parametrize("size", [("wide", 1080), ("", ""), (1920, "<x/>"), ("9" * 5000, 1)])
def test_a_profile_of_wrong_types_costs_no_other(size: tuple[object, object]) -> None:
    odd = ("odd", "Odd", *size, 25, "H265")
    with onvif_peer(services=SECOND, profiles2=[odd, *OnvifPeer.profiles2]) as port:
        (device,) = ask(f"127.0.0.1:{port}").devices
    assert streams(device) == SECOND_TOLD
    (remark,) = device.remarks
    assert remark.startswith("Odd: không dùng được / cannot be used (")


@pytest.mark.parametrize("services", [SECOND, ("ver10/device", "ver10/media")])
@pytest.mark.parametrize(
    "stream",
    ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/x", "rtsp://", "rtsp://[::", "rtsp://10.0.0.1:99999/", ""],
)
def test_an_address_that_is_no_stream_is_left_out(services: tuple[str, ...], stream: str) -> None:
    with onvif_peer(services=services, stream=stream) as port:
        told = ask(f"127.0.0.1:{port}")
    assert [device.profiles for device in told.devices] == [()]
    (fault,) = told.faults
    assert f"127.0.0.1:{port}: không có luồng nào dùng được / tells no stream that can be used; " in fault
    assert "Sub: không dùng được / cannot be used (ValueError)" in fault


def test_a_stream_at_another_host_gets_no_password(tmp_path: Path) -> None:
    stream = f"rtsp://thief:{quote(PASSWORD, safe='')}@192.0.2.9:554/TOKEN\n  - scene: other.yaml"
    with onvif_peer(services=SECOND, stream=stream) as port:
        told = ask(f"127.0.0.1:{port}")
        text = camera_file(told.devices, user=USER, password_env=ENV)
    (entry,) = yaml.safe_load(text)["cameras"]
    assert set(entry) == {"scene", "stream", "detect_stream"}
    assert entry["stream"].startswith("rtsp://192.0.2.9:554/main")
    assert "stream at another host, user left out: 192.0.2.9" in text
    assert "thief" not in text and PASSWORD not in text and quote(PASSWORD, safe="") not in text


def test_a_camera_named_by_its_name_may_tell_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENV, PASSWORD)
    # A name of 127.0.0.2 on every machine.
    with onvif_peer(host="127.0.0.2", services=SECOND, stream="rtsp://127.0.0.2:554/TOKEN") as port:
        told = ask(f"127.2:{port}")
        text = camera_file(told.devices, user=USER, password_env=ENV)
    (entry,) = yaml.safe_load(text)["cameras"]
    assert (entry["username"], entry["password_env"]) == (USER, ENV)
    assert "another host" not in text
    path = tmp_path / "cameras.yaml"
    path.write_text(text, encoding="utf-8")
    write_kerb(tmp_path, entry["scene"].removesuffix(".yaml"), limit_s=60)
    assert load_roster(path).cameras[0].main.shown == "rtsp://127.0.0.2:554/main"


def test_services_told_at_another_host_are_asked_where_the_camera_was_found() -> None:
    with onvif_peer(services=BOTH, told_host="192.0.2.7") as port:
        told = ask(f"127.0.0.1:{port}")
    assert told.faults == ()
    assert streams(told.devices[0]) == [*SECOND_TOLD, FIRST_TOLD[2]]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 if n else str()};" * 10}">' for n in range(10))
    + "]><s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>&a9;</s:Body></s:Envelope>"
).encode()
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    b"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>&a;</s:Body></s:Envelope>"
)


@pytest.mark.parametrize(
    "question",
    ["ver10/device/GetSystemDateAndTime", "ver10/device/GetServices", "ver10/device/GetDeviceInformation"]
    + [f"{service}/{name}" for service in ("ver10/media", "ver20/media") for name in ("GetProfiles", "GetStreamUri")],
)
@pytest.mark.parametrize(
    ("label", "answer"),
    [
        ("bomb", BOMB),
        ("a file of ours", OUTSIDE),
        ("nothing", b""),
        ("no XML", b"\x00\xff" * 100),
        ("cut", enveloped("")[:120]),
        ("empty", enveloped("")),
        ("another's answer", enveloped("<tr2:GetMasksResponse/>")),
        ("deep", enveloped("<a>" * 5000 + "</a>" * 5000)),
    ],
)
def test_hostile_answers_are_told(label: str, question: str, answer: bytes) -> None:
    services = ("ver10/device", question.rpartition("/")[0] if "media" in question else "ver10/media")
    with onvif_peer(services=services, raw={question: answer}) as port:
        told = ask(f"127.0.0.1:{port}")
    silent = [device for device in told.devices if not device.profiles]
    assert len(told.devices) + len(told.faults) == 1 + len(silent), label
    assert all(fault.startswith(f"127.0.0.1:{port}: ") for fault in told.faults), label
    assert all(not device.profiles or question.startswith("ver10/device") for device in told.devices), label
    text = camera_file(told.devices, user=USER, password_env=ENV)
    assert "root:" not in text and "aaaa" not in text, label


@pytest.mark.parametrize(
    "question", ["ver10/device/GetServices", "ver10/media/GetProfiles", "ver10/media/GetStreamUri"]
)
def test_a_huge_answer_is_given_up(question: str) -> None:
    with onvif_peer(raw={question: enveloped("<a>" + "x" * onvif_wire.MOST_BYTES + "</a>")}) as port:
        (fault,) = ask(f"127.0.0.1:{port}").faults
    assert "does not answer as an ONVIF camera (TooMuchError)" in fault


def test_a_camera_that_drops_kept_connections_is_asked_anew() -> None:
    dropped = []

    def once(peer: OnvifPeer) -> None:
        if hasattr(peer, "has_answered"):
            dropped.append(peer.client_address)
            peer.close_connection = True
            return
        OnvifPeer.do_POST(peer)
        peer.has_answered = True  # type: ignore[attr-defined]

    with onvif_peer(do_POST=once, protocol_version="HTTP/1.1") as port:
        (device,) = ask(f"127.0.0.1:{port}").devices
    assert streams(device) == FIRST_TOLD
    assert dropped, "the first answer's connection was kept"


def test_an_answer_without_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onvif_device, "PATIENCE_S", 1.0)
    over = Event()

    def drip(peer: OnvifPeer) -> None:
        peer.heard.append(b"")
        peer.send_response(200)
        peer.end_headers()
        while not over.wait(0.05):
            peer.wfile.write(b" ")

    def stopped(peer: OnvifPeer) -> None:
        try:
            drip(peer)
        except OSError:
            return

    with onvif_peer(do_POST=stopped) as port:
        try:
            (fault,) = ask(f"127.0.0.1:{port}").faults
        finally:
            over.set()
    assert "không trả lời trong 1 giây / no answer within 1 s" in fault
