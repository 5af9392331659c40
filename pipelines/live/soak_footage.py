"""What a soak's cameras see when nothing else is given: the sample streets at 1080p and 25 frames a second.

In: the samples folder. Out: recordings of a street that moves 40 % of the time (see `pipelines.bench.footage`) and the
scenes that judge them, drawn twice as large as the samples' are. Every street comes in variants that begin at another
moment and end after another time, so that sixteen cameras neither move nor begin anew in step, as the streets of a city
do not. In most rounds everybody moves but nobody gets far; how often somebody does, and is accused, is asked for.
"""

import math
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import av
import yaml

from detector.types import ConfigError
from pipelines.bench.footage import MOVING_S, SIZE_WH, STILL_S, make_rounds
from pipelines.video import open_recording, open_source

STREETS = ("illegal_parking", "wrong_way")
"""A street where cars stand, though not for long enough, and one where somebody rides against the traffic."""
ROUND_S = MOVING_S + STILL_S
MOST_PER_MINUTE = 60 / ROUND_S / len(STREETS)
"""Acts a camera and minute, over all streets: one a round where somebody rides against the traffic."""
VARIANTS = (
    *((14, 59), (0, 61), (6, 67), (4, 71), (12, 73), (8, 79), (10, 83), (16, 89)),
    *((10, 97), (0, 101), (18, 103), (6, 107), (14, 109), (4, 113), (16, 127), (2, 131)),
)
"""First second and length, s, of what sixteen cameras see, the streets in turn.

Begun anew when they are over, one of the sixteen reconnects every 5.4 s; lengths are prime, so that they seldom come
back together. Six or seven move at first.
"""
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


def full_hd_pairs(samples: Path, folder: Path, *, per_minute: float, times: int = 1) -> list[tuple[str, Path]]:
    """Recordings of 1080p25 made from samples, and their scenes; about 20 s of CPU a street.

    Processes of their own make them in `folder`: what encoding takes must not count as the worker's memory.

    Args:
        samples: their folder.
        folder: where everything goes.
        per_minute: acts a camera and minute, on the average of many cameras; up to `MOST_PER_MINUTE`.
        times: how many times as long as the variants say.

    Raises:
        ConfigError: the samples are not there.
    """
    chosen = [(clip, scene) for clip, scene in sample_pairs(samples) if scene.stem in STREETS]
    for _, scene in chosen:
        (folder / scene.stem).mkdir(parents=True, exist_ok=True)
        enlarged = enlarge(yaml.safe_load(scene.read_text(encoding="utf-8")))
        (folder / scene.name).write_text(yaml.safe_dump(enlarged, allow_unicode=True), encoding="utf-8")
    with ProcessPoolExecutor(len(chosen), get_context("spawn")) as processes:
        streets = [
            processes.submit(_variants, Path(clip), folder / scene.stem, variants_of(scene.stem), times, per_minute)
            for clip, scene in chosen
        ]
        made = [(street.result(), folder / scene.name) for street, (_, scene) in zip(streets, chosen, strict=True)]
    # Streets take turns, so that few cameras see both.
    return [(str(videos[number]), scene) for number in range(len(made[0][0])) for videos, scene in made]


def variants_of(street: str) -> list[tuple[int, int]]:
    """First second and length, s, of each of a street's variants."""
    return list(VARIANTS[STREETS.index(street) :: len(STREETS)])


def _variants(
    clip: Path, folder: Path, variants: Sequence[tuple[int, int]], times: int, per_minute: float
) -> list[Path]:
    made = []
    for first_s, length_s in variants:
        acting = acting_rounds(first_s, times * length_s, per_minute)
        street = make_rounds(clip, folder / "street.mp4", acting)
        made.append(folder / f"{length_s}-s.mp4")
        excerpt(street, made[-1], first_s, times * length_s)
        street.unlink()
    return made


def decoding_cost(videos: Sequence[str]) -> float | None:
    """CPU seconds a second of footage that decoding every frame takes, over a round of two files; None without any."""
    files = [video for video in videos if "://" not in video][:2]
    spent_s = watched_s = 0.0
    for video in files:
        began_s, shown_s = time.thread_time(), 0.0
        for frame in open_source(open_recording(Path(video))).frames():
            shown_s = frame.t_s
            if shown_s >= ROUND_S:
                break
        spent_s, watched_s = spent_s + time.thread_time() - began_s, watched_s + shown_s
    return spent_s / watched_s if watched_s else None


def acting_rounds(first_s: float, length_s: float, per_minute: float) -> list[bool]:
    """In which of the rounds that an excerpt reaches into somebody gets far: only in whole ones, evenly spread, and not
    in the first of them while that can be: a worker that starts is busy with other things."""
    first, last = math.ceil(first_s / ROUND_S), math.floor((first_s + length_s) / ROUND_S)
    rounds = last - first
    acts = min(round(per_minute * len(STREETS) * length_s / 60), rounds)
    chosen = {last - 1 - number * rounds // acts for number in range(acts)}
    return [number in chosen for number in range(math.ceil((first_s + length_s) / ROUND_S))]


def excerpt(source: Path, target: Path, first_s: float, length_s: float) -> None:
    """The packets of so many seconds from a keyframe on; of a stream without B-frames."""
    with av.open(str(source)) as whole, av.open(str(target), "w") as part:
        video = whole.streams.video[0]
        stream = part.add_stream_from_template(video)
        shift: int | None = None
        for packet in whole.demux(video):
            if packet.dts is None or packet.pts is None or packet.time_base is None:
                continue
            t_s = float(packet.dts * packet.time_base)
            if t_s < first_s or t_s >= first_s + length_s or (shift is None and not packet.is_keyframe):
                continue
            shift = packet.dts if shift is None else shift
            packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, stream
            part.mux(packet)


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
