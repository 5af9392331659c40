"""Lays aside every camera's standpoint every few seconds: taken on the lane thread, written on its own.

A disk that refuses is told once and again when it takes; the checkpoint before stands meanwhile. A camera with an act
that is not on disk yet is put off for a while: if that act is over, its lane knows nothing of it any more, and only a
successor that begins before it would establish it again.
"""

import time
from dataclasses import dataclass
from queue import Queue
from threading import Thread

from pipelines.live.checkpoint import CHECKPOINT_EVERY_S
from pipelines.live.journal import ERROR, INFO, WARNING, note
from pipelines.live.watch import Watch
from pipelines.priority import BEHIND_LOOKING, step_back

PUT_OFF_S = 30.0
"""Half as long as a standpoint is of use: a disk that takes no act must not cost all that was known of a street."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A standpoint to write, or (None) one that is of no use; `ends`: it is the camera's last."""

    watch: Watch
    frozen: tuple[bytes, bytes] | None
    ends: bool = False


class Keeper:
    """`look` and `last` are called by the lane thread, `start` and `close` by who runs the worker.

    Args:
        every_s: between two checkpoints of a camera.
        put_off_s: how long one waits at most for acts to be kept.
    """

    def __init__(self, every_s: float = CHECKPOINT_EVERY_S, *, put_off_s: float = PUT_OFF_S) -> None:
        self._every_s = every_s
        self._put_off_s = put_off_s
        self._due_s: dict[str, float] = {}
        self._waits_since_s: dict[str, float] = {}
        self._told: set[str] = set()
        self._waiting: dict[str, _Job] = {}
        self._bell: Queue[str | None] = Queue()
        self._thread = Thread(target=self._run, name="keeper", daemon=True)
        self.failing = False

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def look(self, watch: Watch) -> None:
        """A frame was judged: lays the camera's standpoint aside if that is due."""
        now_s = time.monotonic()
        if now_s >= self._due_s.get(watch.camera.id, 0.0) and not self._puts_off(watch, now_s):
            self._due_s[watch.camera.id] = now_s + self._every_s
            self._put(_Job(watch=watch, frozen=watch.frozen()))

    def last(self, watch: Watch) -> None:
        """No frame will follow: a stream that was stopped is laid aside, one that is over is forgotten."""
        for known in (self._due_s, self._waits_since_s):
            known.pop(watch.camera.id, None)
        self._told.discard(watch.camera.id)
        self._put(_Job(watch=watch, frozen=watch.frozen() if watch.stop.is_set() else None, ends=True))

    def close(self) -> None:
        """Writes what waits and ends."""
        self._bell.put(None)
        self._thread.join()

    def _puts_off(self, watch: Watch, now_s: float) -> bool:
        """Whether an act must be on disk first; no longer where it has been waited for for too long."""
        camera_id = watch.camera.id
        if not watch.unsafe:
            self._waits_since_s.pop(camera_id, None)
            self._told.discard(camera_id)
            return False
        if now_s - self._waits_since_s.setdefault(camera_id, now_s) < self._put_off_s:
            return True
        if camera_id not in self._told:
            self._told.add(camera_id)
            problem = "acts that are over lie in memory alone; a kill before they are filed loses them"
            note(WARNING, "acts-unsafe", camera_id, acts=len(watch.unsafe), problem=problem)
        return False

    def _put(self, job: _Job) -> None:
        """The newest job of a camera takes the place of one that waits."""
        self._waiting[job.watch.camera.id] = job
        self._bell.put(job.watch.camera.id)

    def _run(self) -> None:
        step_back(BEHIND_LOOKING)
        while (camera_id := self._bell.get()) is not None:
            job = self._waiting.pop(camera_id, None)
            if job is None:
                continue
            self._do(job)
            if job.ends:
                job.watch.checkpoint.close()
                job.watch.over = True

    def _do(self, job: _Job) -> None:
        try:
            if job.frozen is not None:
                job.watch.checkpoint.write(job.frozen, job.watch.ring.snapshot())
            elif job.ends and not job.watch.stop.is_set():
                job.watch.checkpoint.clear()
        except OSError as error:
            self._tell(failing=True, problem=f"{error.filename or ''} {error.strerror or error}".strip())
        except Exception as error:  # the next checkpoint may do better, and the worker goes on without
            self._tell(failing=True, problem=f"{type(error).__name__}: {error}")
        else:
            self._tell(failing=False, problem="")

    def _tell(self, *, failing: bool, problem: str) -> None:
        if failing and not self.failing:
            note(ERROR, "checkpoint-failed", problem=problem)
        elif self.failing and not failing:
            note(INFO, "checkpoint-written")
        self.failing = failing
