"""When a contestant had its first result, and what a stretch of the footage cost it once it was running.

In: the stream time of every result, told by whoever sees it. Out: wall and CPU seconds of the start, from the process's
own beginning with everything it loads, and of the stretch between two stream times, in which nothing starts or ends.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock

from detector.inference import Backend, Letterbox, Picture
from detector.types import Calibration, Detections

Measured = dict[str, float]


@dataclass(frozen=True, slots=True)
class _Point:
    """Wall seconds since the epoch, and the process's CPU seconds so far."""

    wall_s: float
    cpu_s: float

    @classmethod
    def now(cls) -> "_Point":
        return cls(time.time(), time.process_time())


@dataclass(slots=True, kw_only=True)
class Laps:
    """One contestant's times.

    Attributes:
        asked_at: when its process was asked for, seconds since the epoch.
        stretch_s: from which to which stream time nothing starts or ends; empty where the footage is too short.
    """

    asked_at: float
    stretch_s: Sequence[float]
    _first: _Point | None = field(default=None, init=False)
    _reached: list[_Point] = field(default_factory=list, init=False)
    _telling: Lock = field(default_factory=Lock, init=False)

    def reached(self, t_s: float) -> None:
        """There is a result for this stream time; called from any thread."""
        with self._telling:
            self._first = self._first or _Point.now()
            if len(self._reached) < len(self.stretch_s) and t_s >= self.stretch_s[len(self._reached)]:
                self._reached.append(_Point.now())

    def timed(self, run: Callable[[], object]) -> Measured:
        """What running cost: as a whole, until the first result, and per second of the stretch."""
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        run()
        measured = {"wall_s": time.perf_counter() - wall_s, "cpu_s": time.process_time() - cpu_s}
        if self._first is not None:
            measured |= {"start_wall_s": self._first.wall_s - self.asked_at, "start_cpu_s": self._first.cpu_s}
        if len(self._reached) == 2:
            (one, other), length_s = self._reached, self.stretch_s[1] - self.stretch_s[0]
            measured |= {
                "steady_wall_per_s": (other.wall_s - one.wall_s) / length_s,
                "steady_cpu_per_s": (other.cpu_s - one.cpu_s) / length_s,
            }
        return measured


class TimedBackend:
    """A network already open that tells when it has looked; whoever uses it may close it, which does nothing."""

    def __init__(self, backend: Backend, laps: Laps) -> None:
        self._backend = backend
        self._laps = laps

    @property
    def network_hash(self) -> str:
        """See `Backend`."""
        return self._backend.network_hash

    @property
    def calibration(self) -> Calibration:
        """See `Backend`."""
        return self._backend.calibration

    def letterbox(self, source_wh: tuple[int, int]) -> Letterbox:
        """See `Backend`."""
        return self._backend.letterbox(source_wh)

    def submit(self, picture: Picture) -> Future[Detections]:
        """See `Backend`."""
        found = self._backend.submit(picture)
        found.add_done_callback(lambda _: self._laps.reached(picture.t_s or 0.0))
        return found

    def close(self) -> None:
        """Nothing: opening was not timed, and the peer's is not freed either."""
