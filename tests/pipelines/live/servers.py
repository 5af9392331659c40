"""Real servers for live tests: GStreamer's RTSP server in its own process, HTTP-MJPEG from the standard library."""

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import pytest

from tests.pipelines.live.seeing import STREAM_FPS
from tests.pipelines.street import FRAMES, SIZE_WH, picture

SILENT_S = 30.0
"""How long the HTTP camera keeps a client whom it has shown everything."""
SYSTEM_PYTHON = Path("/usr/bin/python3")
PACKAGES = (
    "gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad python3-gi"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RtspServer:
    """One file at rtsp://HOST:PORT/main; may be killed and started again on the same port.

    `inside` is a command that runs it in another network, where it listens on `host`.
    """

    def __init__(
        self,
        file: Path,
        *,
        user: str = "",
        password: str = "",
        host: str = "127.0.0.1",
        port: int = 0,
        inside: Sequence[str] = (),
    ) -> None:
        self.port = port
        self._host = host
        self._begins = [*inside, str(SYSTEM_PYTHON), str(Path(__file__).with_name("rtsp_server.py")), host]
        self._ends = [str(file), *([user, password] if user else [])]
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Known from the first start."""
        return f"rtsp://{self._host}:{self.port}/main"

    def start(self) -> None:
        command = [*self._begins, str(self.port), *self._ends]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@contextmanager
def rtsp_server(
    file: Path, *, user: str = "", password: str = "", host: str = "127.0.0.1", inside: Sequence[str] = ()
) -> Iterator[RtspServer]:
    """A running server; the test skips where GStreamer's is not installed."""
    probe = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    if (
        not SYSTEM_PYTHON.exists()
        or subprocess.run([SYSTEM_PYTHON, "-c", probe], capture_output=True, check=False).returncode
    ):
        pytest.skip(f"GStreamer's RTSP server is not installed: apt-get install {PACKAGES}")
    server = RtspServer(file, user=user, password=password, host=host, inside=inside)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def mjpeg_server() -> Iterator[str]:
    """The street as HTTP-MJPEG, from its first frame for every client, then silence; gives the address."""
    over = threading.Event()

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            began = time.monotonic()
            with suppress(ConnectionError):
                for number in range(FRAMES):
                    over.wait(max(began + number / STREAM_FPS - time.monotonic(), 0))
                    if over.is_set():
                        return
                    data = cv2.imencode(".jpg", picture(number, SIZE_WH))[1].tobytes()
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                    self.wfile.write(head.encode() + data + b"\r\n")
            over.wait(SILENT_S)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/video"
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
