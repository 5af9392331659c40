"""The command line in a process of its own, so that it can be killed, starved and interrupted for real.

A fork server with the product already imported starts each process in a few milliseconds. `Trial` says what the
process is to do; with `scripted` the street's script stands in for the network and every analysed frame is noted.
"""

import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import phatnguoi
import pipelines.batch
import pipelines.progress
from detector.inference import Backend, Letterbox, Network, Picture
from detector.types import Calibration, Detections
from tests.pipelines.street import open_scripted

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run of the command line.

    Attributes:
        arguments: of the command line.
        folder: where `out.txt`, `err.txt` and `frames.txt` (stream seconds of every frame analysed) go.
        scripted: the street's script in place of a network.
        segment_s: stream seconds of a stored segment.
        pause_s: how long the network takes for a frame.
        file_limit_bytes: no file may grow beyond (as on a disk with a quota).
        environment: added to it.
    """

    arguments: tuple[str, ...]
    folder: Path
    scripted: bool = True
    segment_s: float = 2.0
    pause_s: float = 0.0
    file_limit_bytes: int | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> BaseProcess:
        """The running process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        process = _CONTEXT.Process(target=_main, args=(self,))
        process.start()
        return process

    def run(self, *, timeout_s: float = 120) -> "Outcome":
        """Runs it to its end."""
        return self.outcome(self.start(), timeout_s=timeout_s)

    def outcome(self, process: BaseProcess, *, timeout_s: float = 120) -> "Outcome":
        """What came of it."""
        process.join(timeout_s)
        assert process.exitcode is not None, f"still running after {timeout_s} s"
        texts = [(self.folder / name).read_text(encoding="utf-8") for name in ("out.txt", "err.txt")]
        return Outcome(process.exitcode, *texts)

    @property
    def frames_s(self) -> list[float]:
        """Stream seconds of every frame analysed, over all runs in this folder."""
        path = self.folder / "frames.txt"
        return [float(line) for line in path.read_text().split()] if path.exists() else []


@dataclass(frozen=True)
class Outcome:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Watched:
    """A backend that notes every picture it is given, and takes its time."""

    inner: Backend
    note: Path
    pause_s: float

    @property
    def network_hash(self) -> str:
        return self.inner.network_hash

    @property
    def calibration(self) -> Calibration:
        return self.inner.calibration

    def letterbox(self, source_wh: tuple[int, int]) -> Letterbox:
        return self.inner.letterbox(source_wh)

    def submit(self, picture: Picture) -> Future[Detections]:
        with self.note.open("a") as file:
            file.write(f"{picture.t_s}\n")
        time.sleep(self.pause_s)
        return self.inner.submit(picture)

    def close(self) -> None:
        self.inner.close()


def wait_until(holds: Callable[[], bool], *, timeout_s: float = 60) -> None:
    """Returns as soon as something holds."""
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end, f"did not happen within {timeout_s} s"
        time.sleep(0.005)


def _main(trial: Trial) -> None:
    for number, name in ((1, "out.txt"), (2, "err.txt")):
        os.dup2(os.open(trial.folder / name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o644), number)
    os.environ.update(trial.environment)
    tempfile.tempdir = None  # what TMPDIR names is asked for anew
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if trial.file_limit_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (trial.file_limit_bytes, trial.file_limit_bytes))
    if trial.scripted:
        _use_script(trial)
    sys.argv = ["phatnguoi", *trial.arguments]
    phatnguoi.main()


def _use_script(trial: Trial) -> None:
    real = pipelines.batch.run_batch

    def open_network(network: Network) -> Backend:
        return Watched(open_scripted(network), trial.folder / "frames.txt", trial.pause_s)

    def run_batch(request: pipelines.batch.BatchRequest, *rest: object, **named: object) -> pipelines.batch.BatchResult:
        request = replace(request, segment_s=trial.segment_s)
        return partial(real, open_network=open_network)(request, *rest, **named)  # type: ignore[arg-type]

    pipelines.batch.run_batch = run_batch
