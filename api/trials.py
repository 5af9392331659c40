"""Trials of drawings: one process at a time beside the server, its progress read line by line.

A trial computes for minutes, so it runs niced and apart from the requests; another one waits its turn. Outcomes are
kept in memory, the newest few, for as long as the server runs.
"""

import os
import secrets
import subprocess
import sys
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from api.problems import ProblemError
from cases.scenes import scene_text
from cases.trial import Progress, TrialOutcome
from detector.scene import Scene

KEPT = 20
WAITING = 4
"""Trials that may wait or run; an officer who asks for more is told to wait."""
_NICENESS = 10


@dataclass(slots=True, kw_only=True)
class Trial:
    """One trial: `problem` or `outcome` once it is over."""

    id: str
    camera_id: str
    hours: float
    progress: Progress = field(default_factory=lambda: Progress(done=0, total=0))
    outcome: TrialOutcome | None = None
    problem: str = ""
    cancelled: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self.outcome is not None or bool(self.problem) or self.cancelled


class Trials:
    """All trials of this server."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="trial")
        self._kept: OrderedDict[str, Trial] = OrderedDict()
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None
        self._running: Trial | None = None
        self._closed = False

    def begin(self, scene: Scene, *, hours: float) -> Trial:
        """Start a trial or line it up.

        Raises:
            ProblemError: 429, too many are waiting.
        """
        trial = Trial(id=secrets.token_hex(8), camera_id=scene.camera.id, hours=hours)
        with self._lock:
            if sum(not one.over for one in self._kept.values()) >= WAITING:
                raise ProblemError(429, "too_often", "other trials are running; try again in a minute",
                                   {"Retry-After": "60"})  # fmt: skip
            self._kept[trial.id] = trial
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._pool.submit(self._run, trial, scene_text(scene))
        return trial

    def of(self, camera_id: str, trial_id: str) -> Trial | None:
        """A camera's trial, None when it is unknown or forgotten."""
        with self._lock:
            trial = self._kept.get(trial_id)
        return trial if trial is not None and trial.camera_id == camera_id else None

    def cancel(self, trial: Trial) -> None:
        """End a trial, or take it out of the line; one that is over stays as it is."""
        with self._lock:
            if trial.over:
                return
            trial.cancelled = True
            if self._running is trial and self._process is not None:
                self._process.terminate()

    def close(self) -> None:
        """End the running process; what waits never begins."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.terminate()
        self._pool.shutdown(cancel_futures=True)

    def _run(self, trial: Trial, drawing: str) -> None:
        if trial.cancelled:
            return
        command = [sys.executable, "-m", "cases.trial", str(self._root.resolve()), trial.camera_id, str(trial.hours)]
        try:
            with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                encoding="utf-8", cwd=Path(__file__).parents[1],
            ) as process:  # fmt: skip
                self._know(process, trial)
                try:
                    self._follow(trial, process, drawing)
                except ValueError:  # a line cut off, or none of ours: what comes after is worth nothing
                    process.kill()
                    raise
        except ValueError:
            trial.problem = "the trial was ended in the middle of what it said"
        except OSError as error:
            trial.problem = str(error)
        finally:
            self._know(None, None)

    def _know(self, process: subprocess.Popen[str] | None, trial: Trial | None) -> None:
        with self._lock:
            self._process, self._running = process, trial
            if process is not None and (self._closed or (trial is not None and trial.cancelled)):
                process.terminate()

    def _follow(self, trial: Trial, process: subprocess.Popen[str], drawing: str) -> None:
        assert process.stdin and process.stdout and process.stderr
        os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
        with suppress(BrokenPipeError):  # ended before it read the drawing: said below
            process.stdin.write(drawing)
            process.stdin.close()
        for line in process.stdout:
            if line.startswith('{"done"'):
                trial.progress = Progress.model_validate_json(line)
            else:
                trial.outcome = TrialOutcome.model_validate_json(line)
        if trial.outcome is None:
            said = process.stderr.read().strip().splitlines()
            trial.problem = said[-1] if said else "the trial was ended"
