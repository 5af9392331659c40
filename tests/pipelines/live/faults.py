"""The fault suite: every camera of one worker suffers a fault of its own while a car stands before it.

`python -m tests.pipelines.live.faults` (`make faults`) hurts for as long as a street network would and prints a table;
the test beside it does the same in less time. Servers, links, bytes and disks are real; only the network that looks is
replaced by one that reads the street off the picture.
"""

import argparse
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import pytest

from pipelines.live.status import State
from tests.pipelines.live.link import Hurt, Link, linked
from tests.pipelines.live.network import network
from tests.pipelines.live.parked import STREAM_FPS, make_parked, picture_of, write_kerb
from tests.pipelines.live.seeing import write_cameras
from tests.pipelines.live.servers import RtspServer, rtsp_server

Act = Callable[[], None]


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        name: what is done.
        stream: the address of the camera that suffers it.
        hurt, heal: begin and end it.
        states: any of which must be seen, empty where the camera stays live.
        event: that must be in the log.
        metric: counter that must rise, or empty.
    """

    name: str
    stream: str
    hurt: Act
    heal: Act
    states: frozenset[State]
    event: str
    metric: str = ""


@contextmanager
def resizing_camera() -> Iterator[tuple[str, Act, Act]]:
    """HTTP-MJPEG whose pictures change their size in mid-stream: address, hurt, heal."""
    over, resized = threading.Event(), threading.Event()

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            with suppress(ConnectionError):
                for number in range(1000):
                    if over.wait(1 / STREAM_FPS):
                        return
                    image = picture_of(number)
                    image = cv2.resize(image, (160, 120)) if resized.is_set() else image
                    data = cv2.imencode(".jpg", image)[1].tobytes()
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                    self.wfile.write(head.encode() + data + b"\r\n")

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/video", resized.set, resized.clear
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def all_faults(video: Path, *, patient: bool = False) -> Iterator[list[Fault]]:
    """Every fault with its camera ready; `patient`: also those that take half a minute to be found out."""
    with ExitStack() as stack:
        lost, live = frozenset({State.LOST}), frozenset[State]()
        killed = stack.enter_context(rtsp_server(video))
        stopped = stack.enter_context(rtsp_server(video))
        faults = [
            Fault("server killed", killed.url, killed.kill, killed.start, lost, "lost", "reconnects"),
            Fault(
                "server hangs",
                stopped.url,
                lambda: stopped.signal(signal.SIGSTOP),
                lambda: stopped.signal(signal.SIGCONT),
                lost,
                "lost",
                "reconnects",
            ),
        ]
        with suppress(pytest.skip.Exception):
            net = stack.enter_context(network())
            far = stack.enter_context(rtsp_server(video, host=net.host, inside=net.inside))
            faults.append(Fault("packets swallowed", far.url, net.swallow, net.pass_on, lost, "lost", "reconnects"))
        behind = stack.enter_context(rtsp_server(video))
        for hurt, states, event, metric in (
            (Hurt.BLACKHOLE, lost, "lost", "reconnects"),
            (Hurt.TRUNCATE, live, "", "decode_errors"),
            (Hurt.BACKWARDS, live, "clock-jump", "jumps"),
            (Hurt.FAST, live, "clock-lies", "timed_by_arrival"),
            *([(Hurt.SLOW, lost, "clock-lies", "timed_by_arrival")] if patient else []),
        ):
            link = stack.enter_context(linked(behind.port))
            faults.append(_linked(link, hurt, states, event, metric))
        address, resize, restore = stack.enter_context(resizing_camera())
        faults.append(Fault("resolution changed", address, resize, restore, frozenset({State.UNFIT}), "unfit"))
        faults.append(_denied(stack, video))
        yield faults


def _linked(link: Link, hurt: Hurt, states: frozenset[State], event: str, metric: str) -> Fault:
    names = {
        Hurt.BLACKHOLE: "relay that answers nothing",
        Hurt.TRUNCATE: "packets truncated",
        Hurt.BACKWARDS: "times 30 s back",
        Hurt.FAST: "times twice as fast",
        Hurt.SLOW: "times half as fast",
    }
    url = f"rtsp://127.0.0.1:{link.port}/main"
    return Fault(
        names[hurt],
        url,
        lambda: setattr(link, "hurt", hurt),
        lambda: setattr(link, "hurt", Hurt.NOTHING),
        states,
        event,
        metric,
    )


def _denied(stack: ExitStack, video: Path) -> Fault:
    """The camera's password is changed, and changed back."""
    server = stack.enter_context(rtsp_server(video, user="viewer", password="right-s3cret"))
    other = RtspServer(video, user="viewer", password="other", port=server.port)
    stack.callback(other.kill)

    def hurt() -> None:
        server.kill()
        other.start()

    def heal() -> None:
        other.kill()
        server.start()

    url = server.url.replace("rtsp://", "rtsp://viewer:right-s3cret@")
    return Fault("wrong password", url, hurt, heal, frozenset({State.DENIED}), "denied", "reconnects")


def write_sufferers(folder: Path, faults: list[Fault], *, limit_s: float) -> Path:
    """Scenes and the camera file."""
    for number in range(len(faults)):
        write_kerb(folder, f"C{number}", limit_s=limit_s)
    return write_cameras(
        folder, *(f"scene: C{number}.yaml, stream: '{fault.stream}', fps: 2" for number, fault in enumerate(faults))
    )


def main() -> None:
    from tests.pipelines.live.suffering import row, suffer

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hurt-s", type=float, default=40.0)
    parser.add_argument("--limit-s", type=float, default=90.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.monotonic()
        with all_faults(make_parked(folder, length_s=100), patient=True) as faults:
            told = suffer(folder, faults, hurt_s=arguments.hurt_s, limit_s=arguments.limit_s, wait_s=120)
        print("| fault | seen as | in the log | live again after | violations | cases | lost |")
        print("|---|---|---|---|---|---|---|")
        for one in told:
            print(row(one))
        print(f"{time.monotonic() - began:.0f} s, hurt for {arguments.hurt_s:g} s, limit {arguments.limit_s:g} s")


if __name__ == "__main__":
    main()
