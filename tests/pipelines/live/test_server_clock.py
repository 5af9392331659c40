"""The offset of this server's clock, asked of a small real NTP server."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pipelines.live.journal import open_journal
from pipelines.live.server_clock import UNKNOWN, ServerClock
from tests.processes import wait_until

SINCE_1900_S = 2_208_988_800


@contextmanager
def ntp_server(ahead_s: float) -> Iterator[int]:
    """Answers every request with a time so far ahead of ours; gives the port."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def stamp() -> tuple[int, int]:
        now = time.time() + ahead_s + SINCE_1900_S
        return int(now), int((now % 1) * 2**32)

    def serve() -> None:
        while True:
            request, client = server.recvfrom(512)
            if not request:
                return
            sent = request[40:48]
            head = struct.pack("!BBBbIII", 0b00100100, 1, 6, -20, 0, 0, 0)
            times = struct.pack("!II", *stamp()) + sent + struct.pack("!II", *stamp()) + struct.pack("!II", *stamp())
            server.sendto(head + times, client)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.sendto(b"", server.getsockname())
        thread.join()
        server.close()


@pytest.mark.parametrize(("ahead_s", "level"), [(0.0, "INFO"), (2.5, "WARNING"), (-40.0, "WARNING")])
def test_the_offset_is_measured_and_a_wrong_clock_is_told(ahead_s: float, level: str) -> None:
    lines: list[str] = []
    close = open_journal(lines.append)
    with ntp_server(ahead_s) as port:
        clock = ServerClock("127.0.0.1", port)
        clock.start()
        wait_until(lambda: clock.offset_s is not None, timeout_s=60)
        clock.close()
    close()
    assert clock.offset_s == pytest.approx(ahead_s, abs=0.3)
    assert clock.told == pytest.approx(ahead_s, abs=0.3)
    (line,) = (line for line in lines if "event=clock " in line)
    assert f" {level} " in line


def test_nobody_asked_and_nobody_there_are_unknown() -> None:
    nobody = ServerClock(None)
    nobody.start()
    assert nobody.told == UNKNOWN
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
    lines: list[str] = []
    close = open_journal(lines.append)
    gone = ServerClock("127.0.0.1", port)
    gone.start()
    wait_until(lambda: any("event=clock-unknown" in line for line in lines), timeout_s=60)
    gone.close()
    close()
    assert gone.told == UNKNOWN
