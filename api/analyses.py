"""Citizens' videos through the detectors: one `phatnguoi intake` at a time beside the server, niced, ended with it.

The network and the decoder run in that process alone, so a hostile video cannot take the server along. What is known of
an analysis is kept in memory for as long as the server runs; its cases stand with the report.
"""

import os
import subprocess
import sys
import tempfile
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

from api.problems import ProblemError

KEPT = 50
WAITING = 8
LIMIT_S = 3600.0
PROGRAM = Path(__file__).parents[1] / "phatnguoi.py"
_NICENESS = 10
AnalysisState = Literal["waiting", "running", "done", "failed"]


@dataclass(slots=True, kw_only=True)
class Analysis:
    """The last analysis of one report."""

    report_id: str
    camera_id: str
    state: AnalysisState = "waiting"
    problem: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ("done", "failed")


class Analyses:
    """All analyses of this server."""

    def __init__(self, data_dir: Path, *, grace_s: float = 10.0) -> None:
        """`grace_s`: how long a process may take to end when asked, before it is killed."""
        self._data_dir = data_dir
        self._grace_s = grace_s
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="analysis")
        self._kept: OrderedDict[str, Analysis] = OrderedDict()
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None
        self._closed = False

    def begin(self, report_id: str, *, camera_id: str, scene_text: str) -> Analysis:
        """Start one or line it up; one that runs for the report already is given back as it is.

        Raises:
            ProblemError: 429, too many are waiting.
        """
        with self._lock:
            known = self._kept.get(report_id)
            if known is not None and not known.over:
                return known
            if sum(not one.over for one in self._kept.values()) >= WAITING:
                raise ProblemError(429, "too_often", "other videos are being analysed; try again in some minutes",
                                   {"Retry-After": "120"})  # fmt: skip
            analysis = self._kept[report_id] = Analysis(report_id=report_id, camera_id=camera_id)
            self._kept.move_to_end(report_id)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._pool.submit(self._run, analysis, scene_text)
        return analysis

    def of(self, report_id: str) -> Analysis | None:
        """The last analysis of a report since the server started."""
        with self._lock:
            return self._kept.get(report_id)

    def close(self) -> None:
        """End the running process; what waits never begins."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            self._end(process)
        self._pool.shutdown(cancel_futures=True)

    def _end(self, process: subprocess.Popen[str]) -> None:
        process.terminate()
        try:
            process.wait(self._grace_s)
        except subprocess.TimeoutExpired:
            process.kill()

    def _run(self, analysis: Analysis, scene_text: str) -> None:
        analysis.state = "running"
        try:
            with tempfile.TemporaryDirectory(prefix="phatnguoi-") as folder:
                scene = Path(folder, "scene.yaml")
                scene.write_text(scene_text, encoding="utf-8")
                self._take_in(analysis, scene)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            analysis.problem, analysis.state = str(error), "failed"

    def _take_in(self, analysis: Analysis, scene: Path) -> None:
        """Runs in the server's own folder, where a relative data folder and `phatnguoi.toml` mean the same.

        What it leaves behind when it is killed goes with the scene's folder.
        """
        command = [sys.executable, str(PROGRAM), "intake", analysis.report_id, "--scene", str(scene),
                   "--data", str(self._data_dir)]  # fmt: skip
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            encoding="utf-8", errors="replace", env={**os.environ, "TMPDIR": str(scene.parent)},
        ) as process:  # fmt: skip
            self._know(process)
            try:
                os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
                said = process.communicate(timeout=LIMIT_S)[1].strip().splitlines()
            except subprocess.TimeoutExpired:
                process.kill()
                said = [f"the videos were not analysed within {LIMIT_S:g} s"]
            finally:
                self._know(None)
        if process.returncode:
            analysis.problem = said[-1] if said else "the analysis was ended"
        analysis.state = "failed" if process.returncode else "done"

    def _know(self, process: subprocess.Popen[str] | None) -> None:
        with self._lock:
            self._process = process
            if self._closed and process is not None:
                process.terminate()
