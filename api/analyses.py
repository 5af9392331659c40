"""Citizens' videos through the detectors: one `phatnguoi intake` at a time beside the server (`api.jobs`).

The network and the decoder run in that process alone, so a hostile video cannot take the server along. Of several
servers on one database one runs an analysis, by its lease (`cases.citizen.lease`), renewed while the process runs; what
an ended server left undone is taken up by another (`cases.citizen.scene.unfinished`), and cases stand with the report.
"""

import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from api.jobs import Job, Jobs
from cases.citizen.lease import Leases
from detector.types import CaseError

_LOG = logging.getLogger(__name__)
KEPT = 50
WAITING = 8
LIMIT_S = 3600.0
PROGRAM = Path(__file__).parents[1] / "phatnguoi.py"
AnalysisState = Literal["waiting", "running", "done", "failed", "cancelled"]


@dataclass(slots=True, kw_only=True)
class Analysis(Job):
    """The last analysis of one report on this server; `id` is the report's number.

    `elsewhere`: another server runs it, or it is asked for no longer; what became of it stands in the ledger.
    """

    camera_id: str
    scene_text: str = field(repr=False)
    begun: bool = False
    done: bool = False
    elsewhere: bool = False

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
        """Whether this server does nothing about it any more."""
        return self.elsewhere or self.state in ("done", "failed", "cancelled")


class Analyses:
    """All analyses of this server."""

    def __init__(
        self, data_dir: Path, *, on_failure: Callable[[str, str], None] | None = None, leases: Leases | None = None
    ) -> None:
        """`on_failure` is told a report's number and why, unless the server itself ended the analysis.

        `leases`: where several servers may share a database; without, this one runs whatever it is asked.
        """
        self._data_dir, self._on_failure, self._leases = data_dir, on_failure, leases
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
        if self._leases is None:
            return self._analyse(analysis)
        try:
            analysis.elsewhere = not self._leases.take(analysis.report_id)
            if not analysis.elsewhere:
                with self._renewing(self._leases, analysis):
                    self._analyse(analysis)
                self._leases.give_back(analysis.report_id)
        except CaseError as error:
            _LOG.warning("analysis of %s: %s", analysis.report_id, error)
            analysis.problem = analysis.problem or str(error)
        return None

    @contextmanager
    def _renewing(self, leases: Leases, analysis: Analysis) -> Iterator[None]:
        """Renew the lease meanwhile; the process is ended once it is another's, or could not be renewed in its time."""
        over = Event()
        renewing = Thread(target=self._renew, args=(leases, analysis, over), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            over.set()
            renewing.join()

    def _renew(self, leases: Leases, analysis: Analysis, over: Event) -> None:
        renewed_s = time.monotonic()
        while not over.wait(leases.lease_s / 4):
            asked_s = time.monotonic()
            try:
                kept = leases.renew(analysis.report_id)
            except (CaseError, SQLAlchemyError) as error:
                _LOG.warning("analysis of %s: its lease could not be renewed: %s", analysis.report_id, error)
                kept = time.monotonic() - renewed_s < leases.lease_s
            else:
                renewed_s = asked_s
            if not kept:
                _LOG.warning("analysis of %s: is another server's now, or was cancelled there", analysis.report_id)
                self._jobs.cancel(analysis)
                return

    def _analyse(self, analysis: Analysis) -> None:
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
