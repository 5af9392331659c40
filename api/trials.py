"""Trials of drawings, one at a time beside the server (`api.jobs`), their progress read line by line."""

import secrets
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from api.jobs import Job, Jobs
from cases.scenes import scene_text
from cases.trial import Progress, TrialOutcome
from detector.scene import Scene

KEPT = 20
Why = Literal["not_begun", "ended", "fault"]
"""Why a trial failed: its process could not begin, was ended from outside, or says itself what is wrong."""
WAITING = 4
"""Trials that may wait or run; an officer who asks for more is told to wait."""


@dataclass(slots=True, kw_only=True)
class Trial(Job):
    """One trial: `problem` (its sort in `why`) or `outcome` once it is over."""

    camera_id: str
    hours: float
    drawing: str = field(repr=False)
    progress: Progress = field(default_factory=lambda: Progress(done=0, total=0))
    outcome: TrialOutcome | None = None
    why: Why = "fault"

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self.outcome is not None or bool(self.problem) or self.cancelled


class Trials:
    """All trials of this server."""

    def __init__(self, root: Path) -> None:
        self._root = root
        full = "other trials are running; try again in a minute"
        self._jobs: Jobs[Trial] = Jobs("trial", self._run, kept=KEPT, waiting=WAITING, full=full)
        self.cancel, self.close = self._jobs.cancel, self._jobs.close

    def begin(self, scene: Scene, *, hours: float) -> Trial:
        """Start a trial or line it up.

        Raises:
            ProblemError: 429, too many are waiting.
        """
        camera_id, drawing = scene.camera.id, scene_text(scene)
        return self._jobs.enlist(Trial(id=secrets.token_hex(8), camera_id=camera_id, hours=hours, drawing=drawing))

    def of(self, camera_id: str, trial_id: str) -> Trial | None:
        """A camera's trial, None when it is unknown or forgotten."""
        trial = self._jobs.of(trial_id)
        return trial if trial is not None and trial.camera_id == camera_id else None

    def _run(self, trial: Trial) -> None:
        command = [sys.executable, "-m", "cases.trial", self._root.resolve(), trial.camera_id, trial.hours]
        how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": Path(__file__).parents[1]}
        try:
            with self._jobs.process(trial, command, **how) as process:
                self._follow(trial, process)
        except ValueError:  # a line cut off, or none of ours: what comes after is worth nothing
            trial.why, trial.problem = "ended", "the trial was ended in the middle of what it said"
        except OSError as error:
            trial.why, trial.problem = "not_begun", str(error)

    def _follow(self, trial: Trial, process: subprocess.Popen[str]) -> None:
        assert process.stdin and process.stdout and process.stderr
        with suppress(BrokenPipeError):  # ended before it read the drawing: said below
            process.stdin.write(trial.drawing)
            process.stdin.close()
        for line in process.stdout:
            if line.startswith('{"done"'):
                trial.progress = Progress.model_validate_json(line)
            else:
                trial.outcome = TrialOutcome.model_validate_json(line)
        if trial.outcome is None:
            said = process.stderr.read().strip().splitlines()
            trial.why = "fault" if said else "ended"
            trial.problem = said[-1] if said else "the trial was ended"
