"""How live cameras are doing, told by workers to the server through small files in the data folder.

A worker writes `DATA/live/HOST-PID.json` anew every few seconds and removes it when it stops; a file that is no longer
renewed tells of a worker that died. Nothing here is evidence: it is what the operators' page shows.
"""

import json
import os
import socket
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from cases.clock import utc_now

EVERY_S = 5.0
SILENT_AFTER = timedelta(seconds=20)
"""A worker that has not written for so long is taken for dead."""
FORGOTTEN_AFTER = timedelta(days=7)


class Beat(BaseModel):
    """One camera as its worker sees it; `state` and `problem` in the worker's words, rates since its start.

    `code` and `values` are the problem for the operators' page; without a code the state alone is told there.
    """

    model_config = ConfigDict(frozen=True)

    camera_id: str
    state: str
    problem: str = ""
    code: str = ""
    values: dict[str, str] = {}
    lag_s: float = 0.0
    analysed: int = 0
    dropped: int = 0
    blind: int = 0
    reconnects: int = 0
    violations: int = 0
    cases: int = 0


class Beats(BaseModel):
    """What one worker wrote."""

    model_config = ConfigDict(frozen=True)

    worker: str
    at: AwareDatetime
    waiting: int
    cameras: tuple[Beat, ...]


class Heart:
    """Writes a worker's beats; a folder that cannot be written costs the page, never the watching."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "live"
        self._worker = f"{socket.gethostname()}-{os.getpid()}"
        self._written_s = -EVERY_S

    def beat(self, cameras: Iterable[Beat], waiting: int) -> str:
        """Write when it is time; called as often as one likes. Returns what went wrong, empty when nothing did."""
        if time.monotonic() - self._written_s < EVERY_S:
            return ""
        self._written_s = time.monotonic()
        beats = Beats(worker=self._worker, at=utc_now(), waiting=waiting, cameras=tuple(cameras))
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            fresh.write_text(beats.model_dump_json(), encoding="utf-8")
            fresh.replace(self._path)
        except OSError as error:
            return f"{self._path}: cannot be written ({error.strerror}); the cameras page shows nothing new"
        return ""

    def stop(self) -> None:
        """Take the file away: the worker ended as it should."""
        self._path.unlink(missing_ok=True)

    @property
    def _path(self) -> Path:
        return self._folder / f"{self._worker}.json"


def read_beats(data_dir: Path, *, now: datetime) -> list[tuple[Beats, Beat]]:
    """The newest beat of every camera, by camera id; files nobody renewed for a week are left out."""
    newest: dict[str, tuple[Beats, Beat]] = {}
    for beats in _all(data_dir / "live"):
        for beat in beats.cameras:
            known = newest.get(beat.camera_id)
            if now - beats.at < FORGOTTEN_AFTER and (known is None or known[0].at < beats.at):
                newest[beat.camera_id] = beats, beat
    return [newest[camera_id] for camera_id in sorted(newest)]


def _all(folder: Path) -> Sequence[Beats]:
    found = []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        try:
            found.append(Beats.model_validate(json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, ValidationError):
            continue  # being replaced or half copied: the next reading sees it
    return found
