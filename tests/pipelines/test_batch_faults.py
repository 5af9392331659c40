"""Recordings that cannot be done, in whole or in part, and what a batch says of them and does with the others."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detector.types import ConfigError, EvidenceError, InferenceError
from phatnguoi import app
from pipelines.batch import BatchResult, raise_defects
from pipelines.video import ClipWindow, Recording, cut_clip
from tests.footage_maker import cut_off, write_video
from tests.pipelines.street import (
    FPS,
    FRAMES,
    RIDES_S,
    SIZE_WH,
    Street,
    cases_in,
    events_of,
    picture,
    run,
    write_scene,
)


@pytest.mark.parametrize("cores", [1, 8])
def test_bad_files_among_good_ones_are_named_while_the_others_are_done(
    many: list[Path], street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    result = run(*many, scene=street.scene, data=tmp_path / "data", events=tmp_path / "events.jsonl")
    assert [one.recording.name for one in result.results] == [f"good-{i}.mp4" for i in range(5)]
    for name, fault in zip(("text.mp4", "empty.mp4", "small.mp4", "missing.mp4"), result.faults, strict=True):
        assert name in fault
    events = events_of(tmp_path / "events.jsonl")
    assert [event["video"] for event in events] == sorted(event["video"] for event in events)
    assert {event["video"] for event in events} == {f"good-{i}.mp4" for i in range(5)}
    ids = [event["violation_id"] for event in events]
    assert len(set(ids)) == len(ids) == len(cases_in(tmp_path / "data"))


def test_defects_in_recordings_are_told_beside_what_came_of_the_others(
    many: list[Path], street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(recording: Recording, *window: object) -> ClipWindow:
        if recording.name in ("good-1.mp4", "good-3.mp4"):
            raise ZeroDivisionError
        return cut_clip(recording, *window)  # type: ignore[arg-type]

    monkeypatch.setattr("pipelines.footage.cut_clip", broken)
    good = [path for path in many if path.name.startswith("good")]
    result = run(*many, scene=street.scene, data=tmp_path / "data", events=tmp_path / "events.jsonl")
    assert [defect.__notes__ for defect in result.defects] == [[f"recording: {good[i]}"] for i in (1, 3)]
    assert len(result.faults) == 4, "what is wrong with the others is told, too"
    told = {event["video"] for event in events_of(tmp_path / "events.jsonl")}
    assert told == {path.name for path in good} - {"good-1.mp4", "good-3.mp4"}
    with pytest.raises(ExceptionGroup) as raised:
        raise_defects(result.defects)
    assert raised.value.exceptions == result.defects
    with pytest.raises(ZeroDivisionError):
        raise_defects(result.defects[:1])


def test_the_command_tells_faults_before_it_ends_with_a_defect(
    street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = BatchResult(results=(), faults=("bad.mp4: no video",), defects=(ZeroDivisionError("ours"),))
    monkeypatch.setattr("pipelines.batch.run_batch", lambda *_, **__: failed)
    command = ["batch", str(street.video), "--scene", str(street.scene), "--data", str(tmp_path / "data")]
    ended = CliRunner().invoke(app, command)
    assert (ended.exit_code, type(ended.exception)) == (1, ZeroDivisionError)
    assert "bad.mp4: no video" in ended.output


@pytest.mark.parametrize(("codec", "suffix"), [("wmv2", ".asf"), ("msmpeg4v2", ".avi"), ("flv", ".flv")])
def test_a_codec_that_no_clip_holds_leaves_stills_as_evidence(
    street: Street, tmp_path: Path, codec: str, suffix: str
) -> None:
    video = write_video(
        tmp_path / f"old{suffix}", codec=codec, frames=FRAMES, fps=FPS, size_wh=SIZE_WH, picture=picture
    )
    result = run(video, scene=street.scene, data=tmp_path / "data", events=tmp_path / "events.jsonl")
    assert result.faults == ()
    assert [event["start_s"] for event in events_of(tmp_path / "events.jsonl")] == pytest.approx(RIDES_S, abs=0.5)
    for case in result.results[0].cases:
        names = {item.name for item in (tmp_path / "data" / "evidence" / case.evidence).iterdir()}
        assert "during.jpg" in names
        assert not any(name.startswith("clip") for name in names)


def test_a_cut_off_recording_gives_what_it_holds(street: Street, tmp_path: Path) -> None:
    whole = write_video(
        tmp_path / "whole.mkv",
        codec="mpeg4",
        frames=240,
        fps=10,
        size_wh=SIZE_WH,
        picture=picture,
        container_options={"cluster_time_limit": "500"},
    )
    cut = cut_off(whole, tmp_path / "cut.mkv", at=0.5)
    result = run(cut, scene=street.scene, data=tmp_path / "data", events=tmp_path / "events.jsonl")
    assert result.faults == ()
    assert result.results[0].counters.truncated
    assert [event["start_s"] for event in events_of(tmp_path / "events.jsonl")][:2] == pytest.approx([1, 6], abs=0.5)


def test_a_wrong_scene_stops_everything_before_anything_is_written(street: Street, tmp_path: Path) -> None:
    scene = tmp_path / "scene.yaml"
    scene.write_text(street.scene.read_text(encoding="utf-8") + "surprise: 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="surprise: unknown key"):
        run(street.video, scene=scene, data=tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_another_size_than_the_scenes_is_a_fault_of_that_recording(street: Street, tmp_path: Path) -> None:
    scene = write_scene(tmp_path / "scene.yaml", size_wh=(1280, 720))
    result = run(street.video, scene=scene, data=tmp_path / "data", events=tmp_path / "events.jsonl")
    assert result.results == ()
    assert "size: is [1280, 720]" in result.faults[0] and "[640, 360]" in result.faults[0]
    assert events_of(tmp_path / "events.jsonl") == []


def test_a_place_where_no_events_can_be_written_is_told_before_the_work(street: Street, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="a folder stands where a file is needed; give the name of a file"):
        run(street.video, scene=street.scene, data=tmp_path / "data", events=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_network_is_named(street: Street, tmp_path: Path) -> None:
    with pytest.raises(InferenceError, match=r"no network 'nobody'.*expected one of \['scripted'\]"):
        run(street.video, scene=street.scene, data=tmp_path / "data", network="nobody")
