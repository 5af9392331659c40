"""What the motion gate saves and loses on the samples, each between two quiet half minutes, with the real networks.

`python -m tests.samples.gating [NAME...]` prints, per clip, the pictures looked at without and with the gate and the
events found. The quiet is the clip's first and last picture standing still, with a camera's grain.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from detector.inference import default_registry_path, load_registry
from detector.inference.load import open_load_classifier
from detector.lane import Lane
from pipelines.analysis import build_analyser
from pipelines.bench.footage import FPS, Image, encode, sample_frames
from pipelines.reading import open_reading, reading_thrift, step_s
from pipelines.scene_file import load_scene
from pipelines.video.recording import open_recording
from tests.footage.judge import backend
from tests.samples.test_samples import CLIPS, RATE_HZ, SAMPLES

QUIET_S = 30.0
Told = tuple[str, float, float]
"""Kind, start and end of an event, rounded to tenths of a second."""


def waiting(clip: Path) -> Iterator[Image]:
    """The clip at 25 frames a second between two still stretches."""
    frames = list(sample_frames(clip))
    yield from (frames[0][1] for _ in range(round(QUIET_S * FPS)))
    number = 0
    for index in range(round((frames[-1][0] + 0.1) * FPS)):
        while number + 1 < len(frames) and frames[number + 1][0] <= index / FPS:
            number += 1
        yield frames[number][1]
    yield from (frames[-1][1] for _ in range(round(QUIET_S * FPS)))


def found(video: Path, scene: Path, *, gated: bool) -> tuple[int, list[Told]]:
    """Pictures looked at and events, by the product's own path over a recording."""
    scene_file = load_scene(scene)
    recording = open_recording(video)
    analyser = build_analyser(
        scene_file,
        start_at=None,
        rate_hz=RATE_HZ,
        backend=backend(),
        loads=open_load_classifier(load_registry(default_registry_path())),
        gated=gated,
    )
    lane = Lane(scene_file.scene, "gating", step_s=step_s(reading_thrift(scene_file.scene, recording, RATE_HZ)))
    outputs, looks = [], 0
    for seen in analyser.observe(open_reading(scene_file.scene, recording, RATE_HZ)):
        looks += 1
        outputs.append(lane.step(seen.stamp, seen.detections))
    outputs.append(lane.finish())
    finals = [v.finding for output in outputs for v in output.violations if v.finding.final]
    return looks, sorted((f.kind.value, round(f.t_start_s, 1), round(f.t_end_s, 1)) for f in finals)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    names = parser.parse_args().names
    for clip in CLIPS:
        if names and clip.stem not in names:
            continue
        scene = SAMPLES / "scenes" / f"{clip.stem}.yaml"
        with tempfile.TemporaryDirectory() as folder:
            video = Path(folder) / "waiting.mp4"
            encode(waiting(clip), video, load_scene(scene).scene.size)
            every, gated = (found(video, scene, gated=gate) for gate in (False, True))
        saved = 1 - gated[0] / every[0]
        print(f"{clip.stem:24s} looks {every[0]:4d} -> {gated[0]:4d} ({saved:.0%} fewer)", flush=True)
        print(f"{'':24s} without {every[1]}\n{'':24s} with    {gated[1]}", flush=True)


if __name__ == "__main__":
    main()
