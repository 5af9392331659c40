"""Whether the machine keeps up: of the frames that were due, how many were overtaken or too old to be judged.

Read from the counters of a status by the main thread; told when it lasts, and when it is over.
"""

import time
from collections import deque

from pipelines.live.journal import INFO, WARNING, note
from pipelines.live.status import CameraStatus

OVER_S = 15.0
"""Over so long a stretch the share is taken."""
TOO_MUCH, ENOUGH = 0.5, 0.25
"""Shares of lost frames from which an overload begins and below which it is over."""
LEAST_FRAMES = 10


class OverloadWatch:
    """One camera's."""

    def __init__(self) -> None:
        self._past: deque[tuple[float, int, int]] = deque()

    def look(self, status: CameraStatus, now_s: float | None = None) -> None:
        """Sets `status.overloaded` and tells when it turns."""
        now_s = time.monotonic() if now_s is None else now_s
        lost, seen = status.dropped + status.stale, status.done
        self._past.append((now_s, lost, seen))
        while len(self._past) > 2 and self._past[1][0] <= now_s - OVER_S:
            self._past.popleft()
        since_s, lost_then, seen_then = self._past[0]
        lost, seen = lost - lost_then, seen - seen_then
        if now_s - since_s < OVER_S or lost + seen < LEAST_FRAMES:
            return
        share = lost / (lost + seen)
        if share > TOO_MUCH and not status.overloaded:
            status.overloaded = True
            note(
                WARNING,
                "overloaded",
                status.id,
                lost_share=share,
                cure="fewer cameras, a lower fps, or a faster machine",
            )
        elif share < ENOUGH and status.overloaded:
            status.overloaded = False
            note(INFO, "keeps-up", status.id, lost_share=share)
