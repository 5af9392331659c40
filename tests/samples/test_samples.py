"""The project's own clips: with detections fed from their exact truth, the rules find each act and nothing else."""

from pathlib import Path

import pytest

from detector.foreground import StaticForeground
from detector.inference.scripted import ScriptedBackend
from detector.lane import Lane
from detector.scene import ZoneKind
from pipelines.analysis import Analyser
from pipelines.events import event_line
from pipelines.scene_file import check_size, load_scene
from pipelines.score import ScoredEvent, load_truths, score_events
from pipelines.video.recording import open_recording
from pipelines.video.source import open_source

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


def events_of(clip: Path) -> list[ScoredEvent]:
    """The events of a clip, detections taken from its truth, pixels only for the foreground model."""
    scene_file = load_scene(SAMPLES / "scenes" / f"{clip.stem}.yaml")
    recording = open_recording(clip)
    check_size(scene_file, recording)
    backend = ScriptedBackend.from_file(SAMPLES / "truth" / f"{clip.stem}.boxes.jsonl")
    sidewalks = [zone.polygon for zone in scene_file.scene.zones_of(ZoneKind.SIDEWALK)]
    foreground = (
        StaticForeground(sidewalks, size_wh=recording.size_wh, reference=scene_file.reference) if sidewalks else None
    )
    analyser = Analyser(
        scene=scene_file.scene,
        start_at=recording.created_at,
        rate_hz=5.0,
        backend=backend,
        loads=None,
        foreground=foreground,
    )
    lane = Lane(scene_file.scene, recording.sha256)
    outputs = [lane.step(seen.stamp, seen.detections) for seen in analyser.observe(open_source(recording))]
    outputs.append(lane.finish())
    finals = [v for output in outputs for v in output.violations if v.finding.final]
    return [ScoredEvent.model_validate_json(event_line(violation, video=clip.name)) for violation in finals]


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
