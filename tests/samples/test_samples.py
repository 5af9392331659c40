"""The project's own clips: with detections fed from their exact truth, the rules find each act and nothing else."""

from functools import cache
from pathlib import Path

import pytest

from detector.inference.scripted import ScriptedBackend
from detector.lane import Lane
from detector.types import Violation
from pipelines.analysis import build_analyser
from pipelines.events import event_line
from pipelines.reading import open_reading
from pipelines.scene_file import check_size, load_scene
from pipelines.score import ScoredEvent, load_truths, score_events
from pipelines.video.recording import open_recording

SAMPLES = Path(__file__).parents[2] / "samples"
CLIPS = sorted((SAMPLES / "clips").glob("*.mp4"))
KINDS = {
    "illegal_parking",
    "sidewalk_encroachment",
    "sidewalk_riding",
    "wrong_way",
    "forbidden_turn",
    "no_entry",
    "uncovered_load",
    "clean",
}
MOST_BYTES = 12_000_000
RATE_HZ = 5.0


@cache
def violations_of(clip: Path) -> tuple[Violation, ...]:
    """What happens in a clip, detections taken from its truth, pixels only for the foreground model."""
    scene_file = load_scene(SAMPLES / "scenes" / f"{clip.stem}.yaml")
    recording = open_recording(clip)
    check_size(scene_file, recording)
    backend = ScriptedBackend.from_file(SAMPLES / "truth" / f"{clip.stem}.boxes.jsonl")
    analyser = build_analyser(scene_file, start_at=recording.created_at, rate_hz=RATE_HZ, backend=backend, loads=None)
    source = open_reading(scene_file.scene, recording, RATE_HZ)
    lane = Lane(scene_file.scene, recording.sha256)
    outputs = [lane.step(seen.stamp, seen.detections) for seen in analyser.observe(source)]
    outputs.append(lane.finish())
    return tuple(v for output in outputs for v in output.violations if v.finding.final)


def events_of(clip: Path) -> list[ScoredEvent]:
    """The same as events."""
    return [
        ScoredEvent.model_validate_json(event_line(violation, video=clip.name)) for violation in violations_of(clip)
    ]


def test_there_is_a_clip_for_every_kind_and_a_clean_one() -> None:
    assert {clip.stem for clip in CLIPS} == KINDS
    assert sum(clip.stat().st_size for clip in CLIPS) < MOST_BYTES


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.stem)
def test_the_rules_find_each_act_of_a_clip_and_nothing_else(clip: Path) -> None:
    truths = load_truths(SAMPLES / "truth" / f"{clip.stem}.truth.jsonl")
    score = score_events(events_of(clip), truths)["overall"]
    assert isinstance(score, dict)
    wanted = sum(not truth.optional for truth in truths)
    assert (score["tp"], score["fp"], score["fn"]) == (wanted, 0, 0)
