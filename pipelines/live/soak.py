"""`phatnguoi soak`: many cameras at once from a few recordings, in real time, and what grows meanwhile.

In: recordings or addresses with their scenes, how many cameras, how many seconds. Out: the figures that tell whether
a machine can watch so many for months: lost frames, time from a frame's arrival to its verdict and from the end of an
act's post-roll to its case, waiting acts, CPU, memory and its slope. Recordings begin anew when they are over, which is
a reconnect each time.
"""

import logging
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import yaml

from cases.settings import Settings
from detector.types import ConfigError
from pipelines.batch import OpenNetwork
from pipelines.live.aims import aims_of, rows
from pipelines.live.journal import LOGGER, open_journal
from pipelines.live.run import LiveRequest, open_live_network, run_live
from pipelines.live.status import CameraStatus

SAMPLE_EVERY_S = 2.0
WARM_S = 30.0
"""Growth is told from when networks and caches are warm; at most a third of the time."""
PROCESS_MB, CAMERA_MB = 400, 45
"""Memory that the process, and every 1080p camera of it, is meant to do with."""
DUE = ("analysed", "held", "undecoded", "dropped", "stale", "blind")
"""What becomes of a frame that is due, as statuses count it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoakRequest:
    """What the command line asked for.

    Attributes:
        pairs: paths of recordings, or addresses, and the scenes that judge them; dealt out to the cameras in turn.
        cameras: how many.
        seconds: how long, after all are live and looked at.
        rate_hz: analysed frames a second of each.
        network, registry: see `LiveRequest`.
        decoding_s: CPU seconds that decoding a second of them takes, None where that is not known.
    """

    pairs: Sequence[tuple[str, Path]]
    cameras: int
    seconds: float
    rate_hz: float
    network: str | None
    registry: Path
    decoding_s: float | None = None


@dataclass(slots=True)
class _Samples:
    """What was seen, a row every `SAMPLE_EVERY_S`; times since all cameras were live and looked at."""

    began_s: float | None = None
    began_cpu_s: float = 0.0
    last_s: float = 0.0
    first: list[tuple[int, ...]] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    lags_s: list[float] = field(default_factory=list)
    analysed: dict[str, int] = field(default_factory=dict)
    slowed: list[bool] = field(default_factory=list)


class _Filed(logging.Handler):
    """Hears of every case: how long after its post-roll it stood."""

    def __init__(self) -> None:
        super().__init__()
        self.took_s: list[float] = []

    def emit(self, record: logging.LogRecord) -> None:
        told: dict[str, Any] = getattr(record, "told", {})
        if told.get("event") == "case":
            self.took_s.append(told["took_s"])


def run_soak(request: SoakRequest, *, open_network: OpenNetwork = open_live_network) -> dict[str, Any]:
    """Watches until the time is over; returns the figures.

    Raises:
        PhatnguoiError: see `run_live`.
    """
    stop, samples, filed = Event(), _Samples(), _Filed()

    def look(statuses: Sequence[CameraStatus], waiting: int) -> None:
        _sample(samples, statuses, waiting)
        if samples.began_s is not None and time.monotonic() - samples.began_s >= request.seconds:
            stop.set()

    with tempfile.TemporaryDirectory(prefix="phatnguoi-soak-") as name:
        folder = Path(name)
        live = LiveRequest(cameras=_write_cameras(folder, request), network=request.network, registry=request.registry)
        settings = Settings(data_dir=folder / "data")
        close = open_journal(lambda line: print(line, file=sys.stderr))
        LOGGER.addHandler(filed)
        try:
            ended = run_live(live, settings, stop=stop, reload=Event(), on_status=look, open_network=open_network)
        finally:
            LOGGER.removeHandler(filed)
            close()
    return _figures(request, samples, filed.took_s, ended)


def _write_cameras(folder: Path, request: SoakRequest) -> Path:
    """A camera file of copies: every camera needs a scene with an id of its own."""
    entries = []
    for number in range(request.cameras):
        video, scene = request.pairs[number % len(request.pairs)]
        drawn = yaml.safe_load(scene.read_text(encoding="utf-8"))
        drawn["camera"]["id"] = f"SOAK-{number:03}"
        if drawn.get("reference"):
            drawn["reference"] = str((scene.parent / drawn["reference"]).resolve())
        (folder / f"{number}.yaml").write_text(yaml.safe_dump(drawn, allow_unicode=True), encoding="utf-8")
        is_file = "://" not in video
        stream = str(Path(video).resolve()) if is_file else video
        entries.append({"scene": f"{number}.yaml", "stream": stream, "fps": request.rate_hz, "repeat": is_file})
    path = folder / "cameras.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "cameras": entries}), encoding="utf-8")
    return path


def _sample(samples: _Samples, statuses: Sequence[CameraStatus], waiting: int) -> None:
    now_s = time.monotonic()
    if samples.began_s is None:
        if statuses and all(status.streams[0].connects and status.analysed for status in statuses):
            samples.began_s, samples.began_cpu_s = now_s, time.process_time()
            samples.first = [_counts(status) for status in statuses]
        return
    # A lag is taken once for each verdict seen: twice a second at most, which is no choice of quick or slow ones.
    samples.lags_s += [status.lag_s for status in statuses if samples.analysed.get(status.id) != status.analysed]
    samples.analysed = {status.id: status.analysed for status in statuses}
    if now_s - samples.last_s < SAMPLE_EVERY_S:
        return
    samples.last_s = now_s
    samples.at_s.append(now_s - samples.began_s)
    samples.waiting.append(waiting)
    samples.slowed.append(any(status.slowed for status in statuses))
    samples.rss_mb.append(_rss_mb())


def _counts(status: CameraStatus) -> tuple[int, ...]:
    return tuple(getattr(status, name) for name in DUE)


def _figures(
    request: SoakRequest, samples: _Samples, took_s: Sequence[float], ended: Sequence[CameraStatus]
) -> dict[str, Any]:
    if samples.began_s is None or len(samples.at_s) < 2:
        raise ConfigError(f"--seconds: {request.seconds:g} is too short to measure anything; give 20 or more")
    ran_s = time.monotonic() - samples.began_s
    counts = np.array([_counts(status) for status in ended]) - np.array(samples.first)
    frames = dict(zip(DUE, counts.sum(axis=0).tolist(), strict=True))
    due = max(sum(frames.values()), 1)
    cpu_s = time.process_time() - samples.began_cpu_s
    per_camera_s = cpu_s / (ran_s * len(ended))
    warm = np.array(samples.at_s) >= min(WARM_S, ran_s / 3)
    violations = sum(status.violations for status in ended)
    figures = {
        "machine": {"cores": os.cpu_count(), "processor": platform.processor() or platform.machine()},
        "cameras": len(ended),
        "seconds": round(ran_s, 1),
        "rate_hz": request.rate_hz,
        "frames": frames,
        "lost_share": round((frames["dropped"] + frames["stale"]) / due, 4),
        "blind_share": round(frames["blind"] / due, 4),
        "slowed_share": round(float(np.mean(samples.slowed)), 3),
        "verdict_s": _percentiles(samples.lags_s),
        "evidence_s": _percentiles(took_s) | {"most": _percentile(took_s, 100)},
        "waiting_acts": {
            "most": max(samples.waiting),
            "last": samples.waiting[-1],
            "growth": _growth(samples.waiting),
        },
        "waiting_acts_per_h": _slope_h(samples.at_s, samples.waiting, warm),
        "cpu_s_per_camera_s": round(per_camera_s, 4),
        "cpu_of_decoding": round(per_camera_s / request.decoding_s, 2) if request.decoding_s else None,
        "rss_mb": {
            "last": round(samples.rss_mb[-1], 1),
            "most": round(max(_peak_mb(), *samples.rss_mb), 1),
            "meant": PROCESS_MB + CAMERA_MB * len(ended),
            "last_per_camera": round(samples.rss_mb[-1] / len(ended), 1),
        },
        "rss_mb_per_h": _slope_h(samples.at_s, samples.rss_mb, warm),
        "rss_mb_per_h_second_half": _slope_h(samples.at_s, samples.rss_mb, np.array(samples.at_s) >= ran_s / 2),
        "reconnects": sum(status.reconnects for status in ended),
        "violations": violations,
        "acts_per_camera_minute": round(violations / len(ended) / ran_s * 60, 3),
        "cases": sum(status.cases for status in ended),
        "lost_acts": sum(status.lost for status in ended),
    }
    return figures | {"aims": rows(aims_of(figures))}


def _growth(waiting: Sequence[int]) -> float:
    """How many more acts wait in the last third than in the first."""
    third = max(len(waiting) // 3, 1)
    return round(float(np.mean(waiting[-third:]) - np.mean(waiting[:third])), 1)


def _percentiles(values: Sequence[float]) -> dict[str, float | None]:
    return {f"p{q}": _percentile(values, q) for q in (50, 95, 99)}


def _percentile(values: Sequence[float], q: float) -> float | None:
    return round(float(np.percentile(values, q)), 3) if values else None


def _slope_h(at_s: Sequence[float], values: Sequence[float], used: "np.ndarray[Any, Any]") -> float:
    """Least-squares growth an hour over the samples in use."""
    if used.sum() < 2:
        return 0.0
    return round(float(np.polyfit(np.array(at_s)[used], np.array(values, float)[used], 1)[0]) * 3600, 2)


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def _peak_mb() -> float:
    # The kernel gathers the two counts at different moments: a sample may lie above this by a few pages.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
