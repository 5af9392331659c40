"""Ways a stream may come, from real servers: HLS, RTMP; RTSP, MJPEG, files and TLS are tested elsewhere."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import av.error
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipelines.live.address import SCHEMES, StreamKind, masked, parse_address
from pipelines.live.connection import Connection, DeniedError
from pipelines.live.journal import ERROR, note, open_journal
from pipelines.live.status import CameraStatus
from tests.pipelines.live.parked import make_parked, open_parked, write_kerb
from tests.pipelines.live.seeing import write_cameras
from tests.pipelines.live.servers import free_port, rtsp_server
from tests.pipelines.live.test_run import running
from tests.processes import wait_until

SEGMENT_S = 2.0
NGINX, RTMP_MODULE = Path("/usr/sbin/nginx"), Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_parked(tmp_path_factory.mktemp("sources"), length_s=40)


def watched(tmp_path: Path, stream: str) -> CameraStatus:
    """A camera of which ten frames were judged, and only as now."""
    write_kerb(tmp_path, "CAMERA", limit_s=60)
    cameras = write_cameras(tmp_path, f"scene: CAMERA.yaml, stream: '{stream}'")
    with running(cameras, tmp_path / "data", open_parked) as worker:
        camera = worker.camera()
        wait_until(lambda: camera.analysed >= 10, timeout_s=60)
        (status,) = worker.stop()
    return status


@contextmanager
def hls_server(video: Path, folder: Path) -> Iterator[str]:
    """A live playlist of which a new segment comes every two seconds, three at a time; gives the address."""
    with av.open(str(video)) as source:
        options = {"hls_time": f"{SEGMENT_S:g}", "hls_list_size": "0", "hls_segment_filename": str(folder / "%d.ts")}
        with av.open(str(folder / "all.m3u8"), "w", format="hls", options=options) as out:
            stream = out.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    out.mux(packet)
    began = time.monotonic()

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.split("?")[0].rsplit("/", 1)[1]
            data = self._playlist() if name == "live.m3u8" else (folder / name).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(data)

        def _playlist(self) -> bytes:
            first = int((time.monotonic() - began) / SEGMENT_S)
            lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
            for number in range(first, first + 3):
                lines += [f"#EXTINF:{SEGMENT_S:g},", f"{number}.ts"]
            return ("\n".join(lines) + "\n").encode()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/street/live.m3u8?token=s3cret"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def rtmp_server(video: Path, folder: Path) -> Iterator[str]:
    """nginx's RTMP module, to which the recording is published at its pace; gives the address."""
    if not (NGINX.exists() and RTMP_MODULE.exists()):
        pytest.skip("nginx's RTMP module is not installed: apt-get install nginx-light libnginx-mod-rtmp")
    port = free_port()
    conf = folder / "nginx.conf"
    conf.write_text(
        f"load_module {RTMP_MODULE}; daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;\n"
        f"events {{}}\nrtmp {{ server {{ listen 127.0.0.1:{port}; application live {{ live on; }} }} }}\n"
    )
    url = f"rtmp://127.0.0.1:{port}/live/street"
    nginx = subprocess.Popen([NGINX, "-c", conf, "-p", folder], stderr=subprocess.DEVNULL)
    over = threading.Event()
    thread = threading.Thread(target=publish, args=(video, url, over))
    try:
        wait_until(lambda: listens(port), timeout_s=60)
        thread.start()
        yield url
    finally:
        over.set()
        thread.join(20)
        nginx.kill()
        nginx.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def publish(video: Path, url: str, over: threading.Event) -> None:
    with av.open(str(video)) as source, av.open(url, "w", format="flv") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        began = time.monotonic()
        for packet in source.demux(video=0):
            if over.is_set():
                return
            if packet.dts is not None and packet.time_base is not None:
                over.wait(max(began + float(packet.dts * packet.time_base) - time.monotonic(), 0))
                packet.stream = stream
                out.mux(packet)


def test_a_playlist_is_played_at_its_pace(video: Path, tmp_path: Path) -> None:
    with hls_server(video, tmp_path) as url:
        status = watched(tmp_path, url)
    assert status.stale == 0
    assert status.dropped <= status.analysed / 2


def test_rtmp_is_watched(video: Path, tmp_path: Path) -> None:
    with rtmp_server(video, tmp_path) as url:
        assert watched(tmp_path, url).stale == 0


def test_the_cameras_own_clock_is_told(video: Path, tmp_path: Path) -> None:
    with rtsp_server(video) as server:
        offset_s = watched(tmp_path, server.url).streams[0].clock_offset_s
    assert offset_s is not None, "GStreamer sends sender reports"
    assert abs(offset_s) < 2, "one machine, one clock"


SECRET = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=6, max_size=20).filter(
    lambda text: text.strip() == text
)


def shown_of(scheme: str, user: str, password: str) -> list[str]:
    """All that a log or an error says of a camera's address."""
    address = parse_address(f"{scheme}://10.0.0.9:554/live/a", folder=Path(), username=user, password=password)
    lines: list[str] = []
    close = open_journal(lines.append)
    note(ERROR, "lost", "camera", problem=f"{address.url}: broke off", repr=address)
    close()
    return [address.shown, repr(address), masked(f"cannot open {address.url} now"), *lines]


@given(user=SECRET, password=SECRET, scheme=st.sampled_from(sorted(SCHEMES)))
def test_credentials_are_never_shown(user: str, password: str, scheme: str) -> None:
    # A secret that is a word of the sentence itself, as `problem`, is shown whoever logs in.
    anyway = shown_of(scheme, "\x7f" * 6, "\x7f" * 7)
    assume(not any(secret in text for secret in (user, password) for text in anyway))
    shown = shown_of(scheme, user, password)
    assert not any(secret in text for secret in (user, password) for text in shown)


@pytest.mark.parametrize("kind", [StreamKind.RTSP, StreamKind.MJPEG, StreamKind.HLS, StreamKind.RTMP])
def test_a_server_that_is_not_there_is_told_without_secrets(kind: StreamKind, tmp_path: Path) -> None:
    ends = {StreamKind.HLS: "/a.m3u8?key=s3cret"}
    schemes = {StreamKind.RTSP: "rtsp", StreamKind.RTMP: "rtmp"}
    url = f"{schemes.get(kind, 'http')}://viewer:s3cret@127.0.0.1:{free_port()}{ends.get(kind, '/a')}"
    address = parse_address(url, folder=tmp_path)
    assert address.kind is kind
    with pytest.raises(Exception, match="cannot be opened") as told:
        Connection(address)
    assert not isinstance(told.value, DeniedError)
    assert "s3cret" not in str(told.value) and "viewer" not in str(told.value)
