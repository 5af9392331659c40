"""What a soak's cameras see when nothing else is given: the sample streets at 1080p and 25 frames a second.

In: the samples folder. Out: recordings of a street that moves 40 % of the time (see `pipelines.bench.footage`) and the
scenes that judge them, drawn twice as large as the samples' are.
"""

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import yaml

from detector.types import ConfigError
from pipelines.bench.footage import SIZE_WH, make_footage

STREETS = ("illegal_parking", "wrong_way")
"""Samples in whose first seconds somebody can be accused: evidence is made all the time."""
LENGTH_S = 80.0
"""Of one recording, which begins anew when it is over: 16 cameras make a reconnect every 5 s."""
_PLACES = ("polygon", "direction", "enter", "leave")


def sample_pairs(folder: Path) -> list[tuple[str, Path]]:
    """The rendered clips of a samples folder with their scenes.

    Raises:
        ConfigError: there are none.
    """
    pairs = [(clip, folder / "scenes" / f"{clip.stem}.yaml") for clip in sorted((folder / "clips").glob("*.mp4"))]
    found = [(str(clip), scene) for clip, scene in pairs if scene.is_file()]
    if not found:
        raise ConfigError(f"{folder}: no sample clips with scenes; give recordings and --scene")
    return found


def full_hd_pairs(samples: Path, folder: Path, *, length_s: float = LENGTH_S) -> list[tuple[str, Path]]:
    """Recordings of 1080p25 made from samples, and their scenes, written to `folder`; about 15 s of CPU each.

    Processes of their own make them: what encoding takes must not count as the worker's memory.

    Raises:
        ConfigError: the samples are not there.
    """
    chosen = [(clip, scene) for clip, scene in sample_pairs(samples) if scene.stem in STREETS]
    for _, scene in chosen:
        (folder / scene.stem).mkdir(parents=True, exist_ok=True)
        enlarged = enlarge(yaml.safe_load(scene.read_text(encoding="utf-8")))
        (folder / scene.name).write_text(yaml.safe_dump(enlarged, allow_unicode=True), encoding="utf-8")
    with ProcessPoolExecutor(len(chosen), get_context("spawn")) as processes:
        made = [
            processes.submit(
                make_footage, Path(clip), folder / scene.stem / "street.mp4", length_s=length_s, busy=False
            )
            for clip, scene in chosen
        ]
        return [(str(one.result()), folder / scene.name) for one, (_, scene) in zip(made, chosen, strict=True)]


def enlarge(scene: Mapping[str, Any]) -> dict[str, Any]:
    """What a scene file says, drawn on pictures of 1080p."""
    factor = SIZE_WH[0] / scene["size"][0]
    drawn: dict[str, Any] = {**scene, "size": list(SIZE_WH)}
    if "ground" in scene:
        drawn["ground"] = {**scene["ground"], "px": _scaled(scene["ground"]["px"], factor)}
    for kind in ("zones", "turns"):
        drawn[kind] = [
            {key: _scaled(value, factor) if key in _PLACES else value for key, value in item.items()}
            for item in scene.get(kind, ())
        ]
    return drawn


def _scaled(points: list[list[float]], factor: float) -> list[list[float]]:
    return [[factor * x, factor * y] for x, y in points]
