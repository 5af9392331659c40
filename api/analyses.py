"""Citizens' videos through the detectors: one `phatnguoi intake` at a time beside the server (`api.jobs`).

The network and the decoder run in that process alone, so a hostile video cannot take the server along. What an ended
server left undone is taken up again by the next one (`cases.citizen.scene.unfinished`); cases stand with the report.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from api.jobs import Job, Jobs

KEPT = 50
WAITING = 8
LIMIT_S = 3600.0
PROGRAM = Path(__file__).parents[1] / "phatnguoi.py"
AnalysisState = Literal["waiting", "running", "done", "failed", "cancelled"]


@dataclass(slots=True, kw_only=True)
class Analysis(Job):
    """The last analysis of one report; `id` is the report's number."""

    camera_id: str
    scene_text: str = field(repr=False)
    begun: bool = False
    done: bool = False

    @property
    def report_id(self) -> str:
        """The report's number."""
        return self.id

    @property
    def state(self) -> AnalysisState:
        """How far it is, in a word."""
        if self.cancelled:
            return "cancelled"
        if self.problem:
            return "failed"
        return "done" if self.done else "running" if self.begun else "waiting"

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ("done", "failed", "cancelled")


class Analyses:
    """All analyses of this server."""

    def __init__(self, data_dir: Path, *, on_failure: Callable[[str, str], None] | None = None) -> None:
        """`on_failure` is told a report's number and why, unless the server itself ended the analysis."""
        self._data_dir, self._on_failure = data_dir, on_failure
        full = "other videos are being analysed; try again in some minutes"
        self._jobs: Jobs[Analysis] = Jobs("analysis", self._run, kept=KEPT, waiting=WAITING, full=full)
        self.of, self.cancel, self.close = self._jobs.of, self._jobs.cancel, self._jobs.close

    def begin(self, report_id: str, *, camera_id: str, scene_text: str, again: bool = False) -> Analysis:
        """Start one or line it up; one that runs for the report already is given back as it is.

        `again`: an earlier server had taken it on.

        Raises:
            ProblemError: 429, too many are waiting.
        """
        analysis = Analysis(id=report_id, camera_id=camera_id, scene_text=scene_text)
        return self._jobs.enlist(analysis, again=again)

    def _run(self, analysis: Analysis) -> None:
        analysis.begun = True
        try:
            with tempfile.TemporaryDirectory(prefix="phatnguoi-") as folder:
                scene = Path(folder, "scene.yaml")
                scene.write_text(analysis.scene_text, encoding="utf-8")
                problem = self._take_in(analysis, scene)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            problem = str(error)
        if not problem:
            analysis.done = True
            return
        if self._on_failure is not None and not self._jobs.closed and not analysis.cancelled:
            self._on_failure(analysis.report_id, problem)
        analysis.problem = problem

    def _take_in(self, analysis: Analysis, scene: Path) -> str:
        """What went wrong, empty when nothing did.

        Runs in the server's own folder, where a relative data folder and `phatnguoi.toml` mean the same. What it
        leaves behind when it is killed goes with the scene's folder.
        """
        command = [sys.executable, PROGRAM, "intake", analysis.report_id, "--scene", scene, "--data", self._data_dir]
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "errors": "replace",
               "env": {**os.environ, "TMPDIR": str(scene.parent)}}  # fmt: skip
        try:
            with self._jobs.process(analysis, command, **how) as process:
                said = process.communicate(timeout=LIMIT_S)[1].strip().splitlines()
        except subprocess.TimeoutExpired:
            return f"the videos were not analysed within {LIMIT_S:g} s"
        if not process.returncode:
            return ""
        return said[-1] if said else "the analysis was ended"
