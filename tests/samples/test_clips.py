"""The sample files agree with one another: pictures, boxes, truth and scene of each clip."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest
import yaml

SAMPLES = Path(__file__).parents[2] / "samples"
CLIPS = sorted((SAMPLES / "clips").glob("*.mp4"))
by_clip = pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.stem)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def boxes_of(clip: Path) -> list[dict[str, Any]]:
    return lines(SAMPLES / "truth" / f"{clip.stem}.boxes.jsonl")


@by_clip
def test_every_picture_has_its_boxes_at_its_time(clip: Path) -> None:
    with av.open(str(clip)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert [row["t_s"] for row in boxes_of(clip)] == pytest.approx(times, abs=1e-3)


@by_clip
def test_a_recording_starts_on_the_calendar_and_can_be_cut_every_two_seconds(clip: Path) -> None:
    with av.open(str(clip)) as container:
        assert container.metadata["creation_time"].startswith("2026-05-12T")
        keys = [packet.pts * packet.time_base for packet in container.demux(video=0) if packet.is_keyframe]
    assert max(float(later - key) for key, later in pairwise(keys)) <= 2.0


@by_clip
def test_boxes_lie_in_the_picture_and_have_an_area(clip: Path) -> None:
    width, height = yaml.safe_load((SAMPLES / "scenes" / f"{clip.stem}.yaml").read_text(encoding="utf-8"))["size"]
    for row in boxes_of(clip):
        for thing in row["objects"]:
            left, top, right, bottom = thing["xyxy"]
            assert 0 <= left < right <= width, (row["t_s"], thing)
            assert 0 <= top < bottom <= height, (row["t_s"], thing)
            assert 0 < thing["visible"] <= 1, (row["t_s"], thing)


@by_clip
def test_truth_lies_within_the_recording(clip: Path) -> None:
    end_s = boxes_of(clip)[-1]["t_s"]
    for truth in lines(SAMPLES / "truth" / f"{clip.stem}.truth.jsonl"):
        assert truth["video"] == clip.name
        assert 0 <= truth["start_s"] < truth["t_s"] < truth["end_s"] <= end_s


def test_the_clean_clip_has_no_truth_and_every_other_clip_has_its_own_kind() -> None:
    kinds = {clip.stem: {t["kind"] for t in lines(SAMPLES / "truth" / f"{clip.stem}.truth.jsonl")} for clip in CLIPS}
    assert kinds == {clip.stem: set() if clip.stem == "clean" else {clip.stem} for clip in CLIPS}
