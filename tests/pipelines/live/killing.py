"""Kills a worker again and again while a car stands at a kerb: `python -m tests.pipelines.live.killing --kills 20`.

Every worker but the last dies by SIGKILL: at first after a few seconds each, at last right after the violation, before
its case. Prints what came of it; the test beside it does the same with a single kill.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.pipelines.live.parked import make_parked, write_kerb
from tests.pipelines.live.seeing import write_cameras
from tests.pipelines.live.servers import rtsp_server
from tests.processes import wait_until


class Worker:
    """One process of `phatnguoi run`."""

    def __init__(self, cameras: Path, data: Path, log: Path) -> None:
        self._log = log
        self._begins = len(log.read_text(encoding="utf-8")) if log.exists() else 0
        arguments = ["run", cameras, "--data", data, "--registry", cameras.parent / "registry.toml"]
        with log.open("a", encoding="utf-8") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.pipelines.live.process", *arguments],
                stderr=err,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "LIVE_TEST_STREET": "parked"},
            )

    @property
    def said(self) -> str:
        """What this process has logged."""
        return self._log.read_text(encoding="utf-8")[self._begins :]

    def wait_for(self, event: str, *, timeout_s: float = 60) -> None:
        """Returns when it has logged an event."""
        wait_until(lambda: f"event={event} " in self.said or self.process.poll() is not None, timeout_s=timeout_s)
        assert f"event={event} " in self.said, self.said

    def end(self, number: signal.Signals) -> int:
        """Sends a signal and waits."""
        self.process.send_signal(number)
        return self.process.wait(60)


def killed_worker(folder: Path, url: str, *, kills: int, lives_s: float, limit_s: float) -> str:
    """Runs the workers one after another; returns everything they logged."""
    write_kerb(folder, "KERB", limit_s=limit_s)
    cameras = write_cameras(folder, f"scene: KERB.yaml, stream: '{url}'")
    data, log = folder / "data", folder / "log.txt"
    for left in range(kills, -1, -1):
        worker = Worker(cameras, data, log)
        worker.wait_for("connected")
        if left:
            time.sleep(lives_s)
        else:
            worker.wait_for("violation", timeout_s=limit_s + 60)
        established = "event=violation " in worker.said
        worker.end(signal.SIGKILL)
        if established:
            break
    worker = Worker(cameras, data, log)
    worker.wait_for("case")
    time.sleep(2)
    assert worker.end(signal.SIGTERM) == 0
    return log.read_text(encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--lives-s", type=float, default=5.0)
    parser.add_argument("--limit-s", type=float, default=200.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with rtsp_server(make_parked(folder)) as server:
            kills, lives_s, limit_s = arguments.kills, arguments.lives_s, arguments.limit_s
            log = killed_worker(folder, server.url, kills=kills, lives_s=lives_s, limit_s=limit_s)
    told = ("resumed", "checkpoint-unused", "violation", "taken-up", "case", "violation-lost")
    counts = {"workers": log.count("event=started "), **{event: log.count(f"event={event} ") for event in told}}
    print(" ".join(f"{name}={count}" for name, count in counts.items()))
    print(*(line for line in log.splitlines() if "event=checkpoint-unused " in line), sep="\n")


if __name__ == "__main__":
    main()
