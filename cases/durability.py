"""Many writers, one trip to the disk: what SQLite's log holds is synchronised for all who wait at that moment.

SQLite with `synchronous = FULL` synchronises inside the write lock, so two hundred officers wait for two hundred disks
in a row. With NORMAL it leaves the log (`-wal`) to the operating system and synchronises only around checkpoints; here
the log is synchronised after the commit and outside the lock. Frames lie in one file in the order of their commits, so
one call makes all transactions before it durable. Nobody is told that a change stands before it survives a power cut.
"""

import os
from pathlib import Path
from threading import Condition

from detector.types import CaseError


class Durability:
    """For the log of one database; called by any thread after its commit."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._changed = Condition()
        self._committed = 0
        self._durable = 0
        self._syncing = False

    def wait(self) -> None:
        """Return when all that was committed before this call is on the disk.

        Raises:
            CaseError: the disk refuses; the change is visible but may not survive a power cut.
        """
        with self._changed:
            self._committed += 1
            mine = self._committed
            while self._durable < mine:
                if self._syncing:
                    self._changed.wait()
                else:
                    self._lead()

    def _lead(self) -> None:
        """Synchronise for all who have committed by now; the lock is held before and after, not meanwhile."""
        covered, self._syncing = self._committed, True
        self._changed.release()
        try:
            self._synchronise()
        finally:
            self._changed.acquire()
            self._syncing = False
            self._changed.notify_all()
        self._durable = max(self._durable, covered)

    def _synchronise(self) -> None:
        try:
            descriptor = os.open(self._log, os.O_RDONLY)
        except FileNotFoundError:
            return  # the last connection of another process closed: all of it lies in the database, synchronised
        try:
            os.fsync(descriptor)
        except OSError as error:
            raise CaseError(f"{self._log}: the disk reports an error or is full ({error}); check the disk") from error
        finally:
            os.close(descriptor)
