"""Runs the real detector and rules over the real footage and scores the events against truth written by eye.

`python -m tests.footage.judge [--write] [NAME...]` prints the table that the README and the ratchet
(`tests/footage/figures.json`) hold; `--write` makes the ratchet anew. Needs the footage beside the checkout.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from detector.foreground import StaticForeground
from detector.inference import Backend, default_registry_path, load_registry, open_backend
from detector.inference.load import open_load_classifier
from detector.lane import Lane
from detector.scene import ZoneKind
from pipelines.analysis import Analyser
from pipelines.batch import SCORE_FLOOR
from pipelines.events import event_line
from pipelines.observations import Observation
from pipelines.reading import open_reading
from pipelines.scene_file import SceneFile, load_scene
from pipelines.score import ScoredEvent, load_truths, score_events
from pipelines.video.recording import open_recording

HERE = Path(__file__).parent
FOOTAGE = HERE.parents[2] / "shared" / "data" / "footage"
FIGURES = HERE / "figures.json"
RATE_HZ = 5.0


@dataclass(frozen=True, slots=True)
class Variant:
    """One scene of one clip: `hanoi_junction_1.flipped` and so on."""

    name: str

    @property
    def clip(self) -> Path:
        """The footage file."""
        return FOOTAGE / f"{self.name.split('.')[0]}.mp4"

    @property
    def scene(self) -> Path:
        """The scene file."""
        return HERE / f"{self.name}.scene.yaml"

    @property
    def truth(self) -> Path:
        """The truth file."""
        return HERE / f"{self.name}.truth.jsonl"


def variants() -> list[Variant]:
    """Every scene that has a truth, by name."""
    return [Variant(path.name.removesuffix(".scene.yaml")) for path in sorted(HERE.glob("*.scene.yaml"))]


@cache
def backend() -> Backend:
    """The registry's default detector."""
    registry = load_registry(default_registry_path())
    return open_backend(registry.network(registry.defaults["detect"]), score_min=SCORE_FLOOR)


@cache
def detected(clip: Path, rate_hz: float) -> tuple[Observation, ...]:
    """Observations of a clip under a scene that asks for detections alone; shared by all its variants."""
    scene_file = load_scene(next(v.scene for v in variants() if v.clip == clip))
    recording = open_recording(clip)
    analyser = Analyser(
        scene=scene_file.scene, start_at=None, rate_hz=rate_hz, backend=backend(), loads=None, foreground=None
    )
    return tuple(analyser.observe(open_reading(scene_file.scene, recording, rate_hz)))


def observed(variant: Variant, scene_file: SceneFile, rate_hz: float) -> Iterator[Observation]:
    """The variant's observations, with foreground and loads where its scene asks for them."""
    zones = scene_file.scene.zones_of
    if not zones(ZoneKind.SIDEWALK, ZoneKind.LOAD_CHECK):
        for observation in detected(variant.clip, rate_hz):
            stamp = replace(observation.stamp, camera_id=scene_file.scene.camera.id)
            yield Observation(stamp, observation.detections)
        return
    recording = open_recording(variant.clip)
    sidewalks = [zone.polygon for zone in zones(ZoneKind.SIDEWALK)]
    model = (
        StaticForeground(sidewalks, size_wh=recording.size_wh, reference=scene_file.reference) if sidewalks else None
    )
    analyser = Analyser(
        scene=scene_file.scene,
        start_at=None,
        rate_hz=rate_hz,
        backend=backend(),
        loads=open_load_classifier(load_registry(default_registry_path())),
        foreground=model,
    )
    yield from analyser.observe(open_reading(scene_file.scene, recording, rate_hz))


def events_of(variant: Variant, rate_hz: float = RATE_HZ) -> list[ScoredEvent]:
    """The final events of one variant, as the events file holds them."""
    scene_file = load_scene(variant.scene)
    lane = Lane(scene_file.scene, variant.clip.name)
    outputs = [lane.step(o.stamp, o.detections) for o in observed(variant, scene_file, rate_hz)]
    outputs.append(lane.finish())
    finals = [v for output in outputs for v in output.violations if v.finding.final]
    return [ScoredEvent.model_validate_json(event_line(violation, video=variant.clip.name)) for violation in finals]


def figures_of(variant: Variant, rate_hz: float = RATE_HZ) -> dict[str, int]:
    """tp, fp and fn of one variant over all kinds."""
    overall: Any = score_events(events_of(variant, rate_hz), load_truths(variant.truth))["overall"]
    return {key: overall[key] for key in ("tp", "fp", "fn")}


def main() -> None:
    """Prints the table; writes the ratchet when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--fps", type=float, default=RATE_HZ)
    arguments = parser.parse_args()
    table = {}
    for variant in variants():
        if arguments.names and not any(variant.name.startswith(name) for name in arguments.names):
            continue
        table[variant.name] = figures_of(variant, arguments.fps)
        print(f"{variant.name:45s} {table[variant.name]}", flush=True)
    total = {key: sum(row[key] for row in table.values()) for key in ("tp", "fp", "fn")}
    print(f"{'all':45s} {total}")
    if arguments.write:
        FIGURES.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
