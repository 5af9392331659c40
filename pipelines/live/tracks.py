"""Writes what live cameras' tracks were, on a thread of its own, so that a slow disk never holds a lane up.

In: stretches of `cases.tracks`, from the lane thread. A stretch for which there is no room is let go; a disk that
refuses is told once and again when it takes. Nothing here is evidence.
"""

from pathlib import Path
from queue import Full, Queue
from threading import Thread

from cases.tracks import Stretch, save_stretch
from pipelines.live.journal import INFO, WARNING, note

WAITING = 64
"""Stretches that may wait for the disk."""


class TrackClerk:
    """`take` is called by the lane thread, `start` and `close` by who runs the worker."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._queue: Queue[Stretch | None] = Queue(WAITING)
        self._thread = Thread(target=self._run, name="tracks", daemon=True)
        self.failing = False

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def take(self, stretch: Stretch) -> None:
        """Has a stretch written when the disk gets to it."""
        try:
            self._queue.put_nowait(stretch)
        except Full:
            self._tell(problem="the disk is too slow")

    def close(self) -> None:
        """Writes what waits and ends."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (stretch := self._queue.get()) is not None:
            try:
                save_stretch(self._root, stretch)
            except OSError as error:
                self._tell(problem=f"{error.filename or ''} {error.strerror or error}".strip())
            else:
                self._tell(problem="")

    def _tell(self, *, problem: str) -> None:
        if problem and not self.failing:
            note(WARNING, "tracks-not-kept", problem=problem)
        elif self.failing and not problem:
            note(INFO, "tracks-kept")
        self.failing = bool(problem)
