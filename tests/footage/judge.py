"""Runs the real detector and rules over the real footage and scores the events against truth written by eye.

`python -m tests.footage.judge [--write] [NAME...]` prints the table that the README and the ratchet
(`tests/footage/figures.json`) hold; `--write` makes the ratchet anew. Needs the footage beside the checkout.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from detector.gate import need_of
from detector.inference import Backend, default_registry_path, load_registry, open_backend
from detector.inference.load import open_load_classifier
from detector.lane import Lane
from detector.scene import Scene, ZoneKind
from detector.types import Finding
from pipelines.analysis import build_analyser, looked_at
from pipelines.batch import SCORE_FLOOR
from pipelines.events import event_line
from pipelines.footage import RecordedFootage
from pipelines.near_witness import NearWitness, open_near_witness
from pipelines.observations import Observation
from pipelines.reading import open_reading, reading_thrift, step_s
from pipelines.scene_file import SceneFile, load_scene
from pipelines.score import ScoredEvent, load_truths, score_events
from pipelines.shots import Looks
from pipelines.video.recording import open_recording

HERE = Path(__file__).parent
FOOTAGE = HERE.parents[2] / "shared" / "data" / "footage"
FIGURES = HERE / "figures.json"
LOOKS: Counter[str] = Counter()
"""Pictures sent to the network, per clip."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How clips are looked at: frames per second that may be, and whether the motion gate picks among them."""

    rate_hz: float = 5.0
    gated: bool = True


DEFAULT = Settings()


@dataclass(frozen=True, slots=True)
class Variant:
    """One scene of one clip: `hanoi_junction_1.flipped` and so on.

    Attributes:
        name: of the clip, a point, of the scene.
        drawn: where its scene and its truth lie.
        filmed: where its clip lies.
    """

    name: str
    drawn: Path = HERE
    filmed: Path = FOOTAGE

    @property
    def clip(self) -> Path:
        """The footage file."""
        return self.filmed / f"{self.name.split('.')[0]}.mp4"

    @property
    def scene(self) -> Path:
        """The scene file."""
        return self.drawn / f"{self.name}.scene.yaml"

    @property
    def truth(self) -> Path:
        """The truth file."""
        return self.drawn / f"{self.name}.truth.jsonl"


def variants(drawn: Path = HERE, filmed: Path = FOOTAGE) -> list[Variant]:
    """Every scene that has a truth, by name."""
    names = (path.name.removesuffix(".scene.yaml") for path in sorted(drawn.glob("*.scene.yaml")))
    return [Variant(name, drawn, filmed) for name in names]


@cache
def backend() -> Backend:
    """The registry's default detector."""
    registry = load_registry(default_registry_path())
    return open_backend(registry.network(registry.defaults["detect"]), score_min=SCORE_FLOOR)


@cache
def witness() -> NearWitness:
    """Who looks from near."""
    found = open_near_witness(load_registry(default_registry_path()))
    assert found is not None
    return found


@cache
def detected(clip: Path, drawn: Path, settings: Settings) -> tuple[Observation, ...]:
    """Observations of a clip under a scene that asks for detections alone; shared by all its variants."""
    plain = (load_scene(v.scene) for v in variants(drawn, clip.parent) if v.clip == clip)
    return tuple(_observing(next(file for file in plain if not _looks_further(file)), clip, settings))


def observed(variant: Variant, scene_file: SceneFile, settings: Settings) -> Iterator[Observation]:
    """The variant's observations, with foreground and loads where its scene asks for them."""
    if _looks_further(scene_file):
        yield from _observing(scene_file, variant.clip, settings)
        return
    for observation in detected(variant.clip, variant.drawn, settings):
        stamp = replace(observation.stamp, camera_id=scene_file.scene.camera.id)
        yield Observation(stamp, observation.detections)


def _looks_further(scene_file: SceneFile) -> bool:
    scene = scene_file.scene
    return (
        bool(scene.zones_of(ZoneKind.SIDEWALK, ZoneKind.LOAD_CHECK))
        or need_of(scene).standing_alone
        or looked_at(scene, backend()) is not None
    )


def _observing(scene_file: SceneFile, clip: Path, settings: Settings) -> Iterator[Observation]:
    """As `phatnguoi batch` looks at a clip; the looks are counted."""
    recording = open_recording(clip)
    analyser = build_analyser(
        scene_file,
        start_at=None,
        rate_hz=settings.rate_hz,
        backend=backend(),
        loads=open_load_classifier(load_registry(default_registry_path())),
        gated=settings.gated,
    )
    for observation in analyser.observe(open_reading(scene_file.scene, recording, settings.rate_hz)):
        LOOKS[clip.stem] += 1
        yield observation


def lane_of(variant: Variant, scene: Scene, settings: Settings) -> Lane:
    """A fresh lane for the clip under a scene, as `phatnguoi batch` makes it."""
    thrift = reading_thrift(scene, open_recording(variant.clip), settings.rate_hz)
    window = looked_at(scene, backend())
    return Lane(scene, variant.clip.name, step_s=step_s(thrift), window=window, calibration=backend().calibration)


def events_of(variant: Variant, settings: Settings = DEFAULT, *, scene: Scene | None = None) -> list[ScoredEvent]:
    """The final events of one variant, under its own scene or another one, as the events file holds them."""
    scene_file = load_scene(variant.scene)
    if scene is not None:
        scene_file = replace(scene_file, scene=scene, reference=None)
    lane = lane_of(variant, scene_file.scene, settings)
    outputs = [lane.step(o.stamp, o.detections) for o in observed(variant, scene_file, settings)]
    outputs.append(lane.finish())
    finals = [v for output in outputs for v in output.violations if v.finding.final]
    footage = RecordedFootage(open_recording(variant.clip))
    finals = [v for v in finals if not _cleared(footage, v.finding, scene_file.scene)]
    return [ScoredEvent.model_validate_json(event_line(violation, video=variant.clip.name)) for violation in finals]


def _cleared(footage: RecordedFootage, finding: Finding, scene: Scene) -> bool:
    return witness().clears(Looks(footage, finding, scene.size), finding, scene)


def figures_of(variant: Variant, settings: Settings = DEFAULT) -> dict[str, int]:
    """tp, fp and fn of one variant over all kinds."""
    overall: Any = score_events(events_of(variant, settings), load_truths(variant.truth))["overall"]
    return {key: overall[key] for key in ("tp", "fp", "fn")}


def main() -> None:
    """Prints the table; writes the ratchet when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--fps", type=float, default=DEFAULT.rate_hz)
    parser.add_argument("--no-gate", action="store_true", help="look at every picture")
    arguments = parser.parse_args()
    settings = Settings(rate_hz=arguments.fps, gated=not arguments.no_gate)
    table = {}
    for variant in variants():
        if arguments.names and not any(variant.name.startswith(name) for name in arguments.names):
            continue
        table[variant.name] = figures_of(variant, settings)
        print(f"{variant.name:45s} {table[variant.name]}", flush=True)
    total = {key: sum(row[key] for row in table.values()) for key in ("tp", "fp", "fn")}
    print(f"{'all':45s} {total}")
    print(f"looks: {dict(LOOKS)}")
    if arguments.write:
        FIGURES.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
