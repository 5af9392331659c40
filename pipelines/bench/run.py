"""Lets the contestants run in turn, several rounds, and sets their medians beside each other.

Rounds alternate so that a noisy machine is noisy to everybody; only ratios within one run mean anything.
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
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from detector.inference import Network, load_registry
from detector.types import ConfigError, InferenceError
from pipelines.bench.footage import SIZE_WH, make_footage
from pipelines.video.recording import open_recording

RATE_HZ = 5.0
STRIDE = 5
FULL_LENGTH_S, QUICK_LENGTH_S = 60.0, 24.0
FULL_ROUNDS = 5
QUICK_BUDGET_S = 50.0
SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "clips" / "clean.mp4"


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
    """`machine`, `runs` (medians per contestant, with every single run) and `ratios`.

    Raises:
        ConfigError: the sample clip or the given recording is missing.
        InferenceError: a contestant ended with an error.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="phatnguoi-bench-") as name:
        folder = Path(name)
        length_s = QUICK_LENGTH_S if request.quick else FULL_LENGTH_S
        work = _work(request, folder, length_s)
        length_s = open_recording(Path(work["video"])).duration_s or length_s
        contestants = ["decode", "batch"] + (["ultralytics"] if importlib.util.find_spec("ultralytics") else [])
        rounds: dict[str, list[dict[str, float]]] = {contestant: [] for contestant in contestants}
        for number in range(1 if request.quick else FULL_ROUNDS):
            for contestant in contestants:
                rounds[contestant].append(_run(contestant, work | {"folder": str(folder / f"data-{number}")}))
        if not (request.quick and time.monotonic() - began > QUICK_BUDGET_S - 15):
            rounds["latency"] = [_run("latency", work)]
    runs = {contestant: _summary(measured) for contestant, measured in rounds.items()}
    return {
        "machine": _machine(),
        "footage": _footage(request, length_s),
        "runs": runs,
        "ratios": _ratios(runs, length_s),
    }


def _work(request: BenchRequest, folder: Path, length_s: float) -> dict[str, Any]:
    registry = load_registry(request.registry)
    network = registry.network(request.network or registry.defaults["detect"])
    video = request.video
    if video is None:
        if not SAMPLE.exists():
            raise ConfigError(f"{SAMPLE}: missing; run from a whole checkout, or name a recording with --video")
        video = make_footage(SAMPLE, folder / "footage.mp4", length_s=length_s)
    scene = folder / "scene.yaml"
    scene.write_text(yaml.safe_dump(_scene()), encoding="utf-8")
    return {
        "video": str(video),
        "scene": str(scene),
        "rate_hz": RATE_HZ,
        "stride": STRIDE,
        "network": network.name,
        "registry": str(request.registry.resolve()),
        "peer_model": str(_peer_model(network, folder)),
        "imgsz": network.long_side_px,
        "warm_up": str(_warm_up(folder)),
    }


def _scene() -> dict[str, Any]:
    """Rules at work on every vehicle, none of which may accuse: the footage runs backwards half of the time."""
    width, height = SIZE_WH
    whole = [[0, height // 3], [width, height // 3], [width, height], [0, height]]
    kerb = {"id": "kerb", "kind": "no_stopping", "polygon": whole, "limit_s": 3600}
    lane = {
        "id": "lane",
        "kind": "one_way",
        "polygon": whole,
        "direction": [[width // 2, height - 1], [width // 2, height // 3]],
        "classes": ["bicycle"],
    }
    return {"version": 1, "camera": {"id": "BENCH"}, "size": [width, height], "zones": [kerb, lane]}


def _peer_model(network: Network, folder: Path) -> Path:
    """The same weights in the folder layout Ultralytics expects of an OpenVINO export."""
    source = network.verified_path(network.file_for("openvino"))
    target = folder / "peer_openvino_model"
    target.mkdir()
    for part in source.parent.glob(f"{source.stem}.*"):
        (target / part.name).symlink_to(part.resolve())
    side = network.long_side_px or max(network.input_wh or (640, 640))
    metadata = {
        "task": "detect",
        "stride": network.stride_px or 32,
        "batch": 1,
        "imgsz": list(network.input_wh or (side, side)),
        "names": {number: network.classes.get(number, "other") for number in range(max(network.classes) + 1)},
        "dynamic": network.input_wh is None,
        "channels": 3,
    }
    (target / "metadata.yaml").write_text(yaml.safe_dump(metadata), encoding="utf-8")
    return target


def _warm_up(folder: Path) -> Path:
    import cv2
    import numpy as np

    path = folder / "warm-up.png"
    cv2.imwrite(str(path), np.full((SIZE_WH[1], SIZE_WH[0], 3), 114, np.uint8))
    return path


def _run(contestant: str, work: dict[str, Any]) -> dict[str, float]:
    command = [sys.executable, "-m", "pipelines.bench.child", contestant, json.dumps(work)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        raise InferenceError(f"bench: {contestant} ended with code {done.returncode}: {done.stderr.strip()[-800:]}")
    measured: dict[str, float] = json.loads(lines[-1])
    return measured


def _summary(measured: Sequence[dict[str, float]]) -> dict[str, Any]:
    medians = {key: round(median(run[key] for run in measured), 4) for key in measured[0]}
    return medians | {"rounds": len(measured), "each": list(measured)}


def _ratios(runs: dict[str, dict[str, Any]], length_s: float) -> dict[str, float | None]:
    ours, peer, floor = runs["batch"], runs.get("ultralytics"), runs["decode"]
    return {
        "times_real_time": round(length_s / ours["wall_s"], 2),
        "cpu_over_decoding": round(ours["cpu_s"] / floor["cpu_s"], 2),
        "throughput_over_ultralytics": round(peer["wall_s"] / ours["wall_s"], 2) if peer else None,
        "cpu_of_ultralytics": round(ours["cpu_s"] / peer["cpu_s"], 2) if peer else None,
        "memory_of_ultralytics": round(ours["peak_mb"] / peer["peak_mb"], 2) if peer else None,
    }


def _footage(request: BenchRequest, length_s: float) -> dict[str, Any]:
    made = {"from": SAMPLE.name, "size_wh": SIZE_WH, "fps": 25, "codec": "h264", "length_s": length_s}
    return made if request.video is None else {"from": request.video.name, "length_s": length_s}


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
