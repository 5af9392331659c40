"""A track's past: every point of the last seconds, one a second before that, nothing beyond half an hour."""

from collections import deque
from itertools import chain, islice

from detector.tracking.settings import PathSettings
from detector.types.track import PathPoint


class PathRecord:
    """The growing path of one track; memory is bounded by its settings."""

    __slots__ = ("_old", "_recent", "_settings")

    def __init__(self, settings: PathSettings) -> None:
        self._settings = settings
        self._recent: deque[PathPoint] = deque()
        self._old: deque[PathPoint] = deque(maxlen=int(settings.longest_s / settings.thin_s))

    def add(self, point: PathPoint) -> None:
        """Append a point later than all before it, and thin what has become old."""
        self._recent.append(point)
        while self._recent[0].t_s < point.t_s - self._settings.full_s:
            aged = self._recent.popleft()
            if not self._old or aged.t_s - self._old[-1].t_s >= self._settings.thin_s:
                self._old.append(aged)

    def points(self) -> tuple[PathPoint, ...]:
        """All points, oldest first."""
        return (*self._old, *self._recent)

    def newest_first(self) -> chain[PathPoint]:
        """All points from the latest back."""
        return chain(reversed(self._recent), reversed(self._old))

    def tail(self, count: int) -> tuple[PathPoint, ...]:
        """The last `count` full-rate points, oldest first."""
        return tuple(islice(self._recent, max(len(self._recent) - count, 0), None))
