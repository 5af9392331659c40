"""Work for minutes beside the server: of each sort one process at a time, niced, ended with the server; others wait.

`Trials` and `Analyses` say what is run and what it tells. What is known of a job is kept in memory, the newest few, for
as long as the server runs. A server that is killed takes its processes along (`api.tether`).
"""

import os
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any, Generic, TypeVar

from api.problems import ProblemError

_NICENESS = 10
_TETHER = Path(__file__).with_name("tether.py")


@dataclass(slots=True, kw_only=True)
class Job:
    """One piece of work; `problem` says in words why it failed."""

    id: str
    problem: str = ""
    cancelled: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return bool(self.problem) or self.cancelled


J = TypeVar("J", bound=Job)


class Jobs(Generic[J]):
    """All jobs of one sort."""

    def __init__(self, sort: str, work: Callable[[J], None], *, kept: int, waiting: int, full: str) -> None:
        """`work` does a job in a thread of ours; `full` tells who asks while `waiting` wait or run."""
        self._work, self._most_kept, self._most_waiting, self._full = work, kept, waiting, full
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=sort)
        self._kept: OrderedDict[str, J] = OrderedDict()
        self._lock = RLock()
        self._process: subprocess.Popen[str] | None = None
        self._running: J | None = None
        self._closed = False

    def enlist(self, job: J, *, again: bool = False) -> J:
        """Start a job or line it up; one of this id that is not over is given back as it is.

        `again`: it was taken on before, by a server that was stopped, and is not refused.

        Raises:
            ProblemError: 429, too many are waiting.
        """
        with self._lock:
            known = self._kept.get(job.id)
            if known is not None and not known.over:
                return known
            if not again and sum(not one.over for one in self._kept.values()) >= self._most_waiting:
                raise ProblemError(429, "too_often", self._full, {"Retry-After": "60"})
            self._kept[job.id] = job
            self._kept.move_to_end(job.id)
            while len(self._kept) > self._most_kept:
                self._kept.popitem(last=False)
            self._pool.submit(self._begin, job)
        return job

    def of(self, job_id: str) -> J | None:
        """A job, None when it is unknown or forgotten."""
        with self._lock:
            return self._kept.get(job_id)

    def cancel(self, job: J) -> bool:
        """End a job, or take it out of the line; False when it was over already, and stays as it is."""
        with self._lock:
            if job.over:
                return False
            job.cancelled = True
            if self._running is job and self._process is not None:
                self._process.kill()
            return True

    @property
    def closed(self) -> bool:
        """Whether the server is ending: what stops now did not fail."""
        return self._closed

    def close(self) -> None:
        """End the running process; what waits never begins."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()
        self._pool.shutdown(cancel_futures=True)

    @contextmanager
    def process(self, job: J, command: Sequence[object], **how: Any) -> Iterator[subprocess.Popen[str]]:
        """A running process of a job, ended when the block fails, the job is cancelled or the server ends."""
        tied = [sys.executable, str(_TETHER), str(os.getpid()), *map(str, command)]
        with subprocess.Popen(tied, stderr=subprocess.PIPE, text=True, encoding="utf-8", **how) as process:
            self._know(process, job)
            try:
                _put_behind(process.pid)
                yield process
            except BaseException:
                process.kill()
                raise
            finally:
                self._know(None, None)

    def _begin(self, job: J) -> None:
        if not job.cancelled:
            self._work(job)

    def _know(self, process: subprocess.Popen[str] | None, job: J | None) -> None:
        with self._lock:
            self._process, self._running = process, job
            if process is not None and (self._closed or (job is not None and job.cancelled)):
                process.kill()


def _put_behind(process_id: int) -> None:
    """Lets a process come after the server, and after others; where that is refused the work is done all the same."""
    # A sandbox may forbid it (`SystemCallFilter=~@resources`), and nobody without the right may put a process forward.
    with suppress(OSError):
        usual = os.getpriority(os.PRIO_PROCESS, os.getpid())
        os.setpriority(os.PRIO_PROCESS, process_id, max(usual, _NICENESS))
