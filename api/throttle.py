"""A brake on anonymous callers: so many calls in a window for one address, counted in memory.

Enough against guessing and flooding from one place; it forgets at a restart and is for one server process. A code
from a notice has 40 bits, so guessing fails by arithmetic, and the brake keeps the log small.
"""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from fastapi import Request

from api.problems import ProblemError

MOST_KEYS = 50_000


class Throttle:
    """At most `calls` in `window_s` seconds for one key; the least recently seen keys are forgotten first."""

    def __init__(self, calls: int, window_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._calls, self._window_s, self._clock = calls, window_s, clock
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, key: str) -> int:
        """Count a call; 0 when it may go on, else the seconds to wait."""
        with self._lock:
            now = self._clock()
            times = self._seen.setdefault(key, deque())
            self._seen.move_to_end(key)
            while times and times[0] <= now - self._window_s:
                times.popleft()
            while len(self._seen) > MOST_KEYS:
                self._seen.popitem(last=False)
            if len(times) >= self._calls:
                return math.ceil(times[0] + self._window_s - now)
            times.append(now)
            return 0

    def check(self, request: Request, key: str = "") -> None:
        """Go on, or refuse.

        Raises:
            ProblemError: 429 with the seconds to wait.
        """
        wait_s = self.wait_s(key or (request.client.host if request.client else "?"))
        if wait_s:
            text = f"quá nhiều lần, thử lại sau {wait_s} giây / too often, try again in {wait_s} s"
            raise ProblemError(429, "too_often", text, {"Retry-After": str(wait_s)})
