"""Lets the contestants run in turn, several rounds, and sets their medians beside each other.

Rounds alternate so that a noisy machine is noisy to everybody; only ratios within one run mean anything. Two questions:
how fast a recording in which the street always moves is worked through, and what a live camera costs whose street
moves 40 % of the time.
"""

import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from detector.inference import load_registry
from detector.types import InferenceError
from pipelines.bench.work import Course, prepare
from pipelines.video.recording import open_recording

FULL_ROUNDS = 5
QUICK_BUDGET_S = 50.0
LONG_FACTOR = 10
"""Memory must not grow with the footage: one more run over so many times its length."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Who runs over what: a contestant of `pipelines.bench.child` and a recording of `Course`."""

    contestant: str
    over: str


EVERY_ROUND = {
    "decode": Entry("decode", "busy"),
    "batch": Entry("batch", "busy"),
    "ultralytics": Entry("ultralytics", "busy"),
    "duty decode": Entry("decode", "duty"),
    "duty batch": Entry("batch", "duty"),
    "duty live": Entry("live", "duty"),
    "duty ultralytics": Entry("ultralytics", "duty"),
}
ONCE = {
    "duty live, sub-stream": Entry("live", "sub"),
    "duty live, dwell rules": Entry("live", "dwell"),
    "batch, long": Entry("batch", "long"),
    "latency": Entry("latency", "busy"),
}
TOGETHER = {
    "duty live, settled": Entry("live", "settled"),
    "duty live, settled, sub-stream": Entry("live", "settled sub"),
}
"""At the same time, each a tenth of a core: a minute and a half in which a camera comes to know its quiet."""
IN_REAL_TIME = frozenset({"live"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRequest:
    """What to measure.

    Attributes:
        quick: one short round, within 50 s on two cores.
        video: the operator's own recording of 1080p25 instead of the made one.
        network: registry name, the default when None.
        registry: the registry file.
    """

    quick: bool
    video: Path | None
    network: str | None
    registry: Path


def run_bench(request: BenchRequest) -> dict[str, Any]:
    """`machine`, `runs` (medians per entry, with every single run) and `ratios`.

    Raises:
        ConfigError: the sample clip or the given recording is missing.
        InferenceError: a contestant ended with an error.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="phatnguoi-bench-") as name:
        folder = Path(name)
        registry = load_registry(request.registry)
        course = prepare(
            registry.network(request.network or registry.defaults["detect"]),
            folder,
            registry=request.registry,
            video=request.video,
            quick=request.quick,
            long_factor=0 if request.quick else LONG_FACTOR,
        )
        measured: dict[str, list[dict[str, float]]] = {}
        for number in range(1 if request.quick else FULL_ROUNDS):
            for entry in _wanted(EVERY_ROUND, request):
                work = course.work(EVERY_ROUND[entry].over) | {"folder": str(folder / f"{entry}-{number}")}
                measured.setdefault(entry, []).append(_run(EVERY_ROUND[entry].contestant, work))
        for entry in _wanted(ONCE, request):
            if request.quick and time.monotonic() - began > QUICK_BUDGET_S - 15:
                break
            work = course.work(ONCE[entry].over) | {"folder": str(folder / entry)}
            measured[entry] = [_run(ONCE[entry].contestant, work)]
        measured |= _run_together(course, folder, _wanted(TOGETHER, request))
        lengths_s = {over: _length_s(course, over) for over in ("busy", "duty")}
    runs = {entry: _summary(rounds) for entry, rounds in measured.items()}
    return {
        "machine": _machine(),
        "footage": course.told | {f"{over}_s": round(length_s, 1) for over, length_s in lengths_s.items()},
        "runs": runs,
        "ratios": _ratios(runs, lengths_s["busy"]) | _duty_ratios(runs, lengths_s["duty"]),
    }


def _wanted(entries: dict[str, Entry], request: BenchRequest) -> list[str]:
    """What runs: nothing in real time and nothing long where it must be quick, no peer that is not installed."""
    peer = importlib.util.find_spec("ultralytics") is not None
    return [
        name
        for name, entry in entries.items()
        if (peer or entry.contestant != "ultralytics")
        and not (request.quick and (entry.contestant in IN_REAL_TIME or entry.over == "long"))
    ]


def _run_together(course: Course, folder: Path, entries: Sequence[str]) -> dict[str, list[dict[str, float]]]:
    """Contestants that wait most of the time, side by side."""
    works = {entry: course.work(TOGETHER[entry].over) | {"folder": str(folder / entry)} for entry in entries}
    with ThreadPoolExecutor(len(TOGETHER)) as threads:
        running = {entry: threads.submit(_run, TOGETHER[entry].contestant, work) for entry, work in works.items()}
        return {entry: [run.result()] for entry, run in running.items()}


def _length_s(course: Course, over: str) -> float:
    return open_recording(Path(course.work(over)["video"])).duration_s or 0.0


def _run(contestant: str, work: dict[str, Any]) -> dict[str, float]:
    told = json.dumps(work | {"asked_at": time.time()})
    command = [sys.executable, "-m", "pipelines.bench.child", contestant, told]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        raise InferenceError(f"bench: {contestant} ended with code {done.returncode}: {done.stderr.strip()[-800:]}")
    measured: dict[str, float] = json.loads(lines[-1])
    return measured


def _summary(measured: Sequence[dict[str, float]]) -> dict[str, Any]:
    told = set(measured[0]).intersection(*measured)
    medians = {key: round(median(run[key] for run in measured), 4) for key in measured[0] if key in told}
    return medians | {"rounds": len(measured), "each": list(measured)}


def _ratios(runs: dict[str, dict[str, Any]], length_s: float) -> dict[str, float | None]:
    ours, peer, floor, long = runs["batch"], runs.get("ultralytics"), runs["decode"], runs.get("batch, long")
    steady = "steady_wall_per_s" in ours
    return {
        "times_real_time": round(length_s / ours["wall_s"], 2),
        "times_real_time_steady": round(1 / ours["steady_wall_per_s"], 2) if steady else None,
        "cpu_over_decoding": round(ours["cpu_s"] / floor["cpu_s"], 2),
        "throughput_over_ultralytics": round(peer["wall_s"] / ours["wall_s"], 2) if peer else None,
        "throughput_over_ultralytics_steady": (
            round(peer["steady_wall_per_s"] / ours["steady_wall_per_s"], 2) if peer and steady else None
        ),
        "cpu_of_ultralytics": round(ours["cpu_s"] / peer["cpu_s"], 2) if peer else None,
        "memory_of_ultralytics": round(ours["peak_mb"] / peer["peak_mb"], 2) if peer else None,
        "memory_growth_mb": round(long["peak_mb"] - ours["peak_mb"], 1) if long else None,
    }


def _duty_ratios(runs: dict[str, dict[str, Any]], length_s: float) -> dict[str, float | None]:
    """CPU seconds per camera-second over the street that moves 40 % of the time: of whole runs, and once they run; of
    those that first come to know their street only the latter."""
    duty = {name.removeprefix("duty "): run for name, run in runs.items() if name.startswith("duty ")}
    cpu = {name: run["cpu_s"] / length_s for name, run in duty.items() if f"duty {name}" not in TOGETHER}
    ratios = _beside(cpu, "")
    steady = {name: run["steady_cpu_per_s"] for name, run in duty.items() if "steady_cpu_per_s" in run}
    return ratios | (_beside(steady, "steady_") if "decode" in steady else {})


def _beside(cpu: dict[str, float], how: str) -> dict[str, float | None]:
    floor, peer = cpu["decode"], cpu.get("ultralytics")
    ratios: dict[str, float | None] = {}
    for name, per_s in cpu.items():
        ratios[f"duty {name}: {how}cpu_per_camera_s"] = round(per_s, 4)
        if name not in ("decode", "ultralytics"):
            ratios[f"duty {name}: {how}over_decoding"] = round(per_s / floor, 2)
            ratios[f"duty {name}: {how}of_ultralytics"] = round(per_s / peer, 2) if peer else None
    return ratios


def _machine() -> dict[str, Any]:
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    model = next((line.split(":", 1)[1].strip() for line in flags.splitlines() if line.startswith("model name")), "")
    return {
        "cpu": model or platform.processor(),
        "cores": os.cpu_count(),
        "instructions": [name for name in ("avx2", "avx512_vnni", "avx512_bf16", "amx_tile") if name in flags],
        "load_before": [round(value, 2) for value in os.getloadavg()],
        "python": platform.python_version(),
        "system": platform.platform(),
    }
