"""How far this server's clock is from standard time, asked of an NTP server now and then; unknown when nobody is asked.

Every case states it, so that a time of day can be defended. A thread of its own asks; any thread reads.
"""

import socket
import time
from threading import Event, Thread

import ntplib

from pipelines.live.journal import INFO, WARNING, note

ASK_EVERY_S = 300.0
ASK_AGAIN_S = 30.0
WAIT_S = 3.0
STANDS_S = 3600.0
"""An answer this old says nothing any more."""
OFF_S = 1.0
"""A clock this far off is told."""
UNKNOWN = "unknown"


class ServerClock:
    """Asks one NTP server.

    Args:
        server: name or address; None: nobody is asked.
        port: of the server.
    """

    def __init__(self, server: str | None, port: int = 123) -> None:
        self._server = server
        self._port = port
        self._answer: tuple[float, float] | None = None
        self._failing = False
        self._stop = Event()
        self._thread = Thread(target=self._run, name="server clock", daemon=True)

    def start(self) -> None:
        """Begins."""
        if self._server is not None:
            self._thread.start()

    def close(self) -> None:
        """Ends; does not wait for an answer."""
        self._stop.set()

    @property
    def offset_s(self) -> float | None:
        """Seconds to add to this clock to get standard time; None when unknown."""
        if self._answer is None or time.monotonic() - self._answer[1] > STANDS_S:
            return None
        return self._answer[0]

    @property
    def told(self) -> float | str:
        """The same as cases state it."""
        offset_s = self.offset_s
        return UNKNOWN if offset_s is None else round(offset_s, 3)

    def _run(self) -> None:
        wait_s = 0.0
        while not self._stop.wait(wait_s):
            wait_s = ASK_EVERY_S if self._ask() else ASK_AGAIN_S

    def _ask(self) -> bool:
        assert self._server is not None
        try:
            answer = ntplib.NTPClient().request(self._server, port=self._port, version=4, timeout=WAIT_S)
        except (ntplib.NTPException, OSError, socket.gaierror) as error:
            if not self._failing:
                note(WARNING, "clock-unknown", server=self._server, problem=error)
            self._failing = True
            return False
        before, self._answer = self._answer, (float(answer.offset), time.monotonic())
        if before is None or self._failing or abs(answer.offset) > OFF_S:
            level = WARNING if abs(answer.offset) > OFF_S else INFO
            note(level, "clock", server=self._server, offset_s=float(answer.offset))
        self._failing = False
        return True
