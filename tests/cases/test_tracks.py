"""Kept tracks on disk: written whole, read in order, forgotten after two days; and a drawing tried on them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.tracks import (
    KEPT_S,
    STRETCH_S,
    Stretch,
    TrackLog,
    camera_folder,
    count_stretches,
    save_stretch,
    stretches,
)
from cases.trial import Effect, Progress, TrialOutcome, run_trial
from detector.types import TrackedFrame
from tests.builders import Walk, frames_of, line, scene_of, standing

UP = Walk(id=1, where=line((500, 900), (500, 100), since_s=0, until_s=10), until_s=10)
PARKED = Walk(id=2, where=standing((200, 400), size=(120, 80)), until_s=700)
WHOLE = "polygon: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]]"
ONE_WAY = f"{{id: down, kind: one_way, {WHOLE}, direction: [[500, 100], [500, 900]]}}"
NO_PARKING = f"{{id: kerb, kind: no_parking, {WHOLE}, limit_s: 20}}"
CAMERA = "CAM-1"


def text(*zones: str, size: str = "[1000, 1000]") -> str:
    drawn = "".join(f"  - {zone}\n" for zone in zones)
    return f"version: 1\ncamera: {{id: {CAMERA}}}\nsize: {size}\nzones:\n{drawn}"


def keep(root: Path, frames: Iterator[TrackedFrame], *, source: str = "live/1", zones: tuple[str, ...] = (ONE_WAY,)):
    log = TrackLog(CAMERA, source, text(*zones), lambda stretch: save_stretch(root, stretch))
    for frame in frames:
        log.note(frame)
    log.note(None)
    log.close()


def outcome(root: Path, *zones: str, **how: float) -> TrialOutcome:
    *_, last = run_trial(root, CAMERA, scene_of(*zones), hours=how.get("hours", 24.0))
    assert isinstance(last, TrialOutcome)
    return last


def test_stretches_come_back_in_order_with_the_scene_that_watched(tmp_path: Path) -> None:
    keep(tmp_path, frames_of(PARKED, until_s=700, fps=2))
    keep(tmp_path, frames_of(PARKED, until_s=700, fps=2))  # the same again takes its own place
    found = list(stretches(tmp_path, CAMERA, hours=1))
    assert [one.first_index for one in found] == sorted({0, int(2 * STRETCH_S), int(4 * STRETCH_S)})
    assert [zone.id for zone in found[0].scene.zones] == ["down"]
    assert count_stretches(tmp_path, CAMERA, hours=1) == 3
    assert list(stretches(tmp_path, "OTHER", hours=1)) == []


def test_old_and_damaged_files_are_left_out(tmp_path: Path) -> None:
    keep(tmp_path, frames_of(PARKED, until_s=5), source="old")
    keep(tmp_path, frames_of(PARKED, until_s=5), source="damaged")
    keep(tmp_path, frames_of(PARKED, until_s=5), source="good")
    paths = {next(stretches_of(path)).source_id: path for path in camera_folder(tmp_path, CAMERA).glob("*.npz")}
    paths["damaged"].write_bytes(paths["damaged"].read_bytes()[:-200])
    an_hour_ago = time.time() - 3700
    os.utime(paths["old"], (an_hour_ago, an_hour_ago))
    assert [one.source_id for one in stretches(tmp_path, CAMERA, hours=1)] == ["good"]
    too_old = time.time() - KEPT_S - 60
    os.utime(paths["old"], (too_old, too_old))
    keep(tmp_path, frames_of(PARKED, until_s=5), source="new")
    assert not paths["old"].exists()


def stretches_of(path: Path) -> Iterator[Stretch]:
    from cases.tracks import _read

    yield _read(CAMERA, path)


def test_a_full_disk_goes_to_who_notes_the_frames_and_leaves_no_draft(tmp_path: Path) -> None:
    camera_folder(tmp_path, CAMERA).write_text("a file where the folder should be")
    with pytest.raises(OSError, match=CAMERA):
        keep(tmp_path, frames_of(PARKED, until_s=5))


def test_no_camera_is_called_out_of_the_folder(tmp_path: Path) -> None:
    assert camera_folder(tmp_path, "..").resolve().parent == tmp_path.resolve()


@pytest.mark.parametrize(
    ("zones", "effects"),
    [
        ((ONE_WAY,), {Effect.STAYS: 1}),
        ((NO_PARKING,), {Effect.APPEARS: 1, Effect.VANISHES: 1}),
        ((ONE_WAY, NO_PARKING), {Effect.STAYS: 1, Effect.APPEARS: 1}),
        ((ONE_WAY.replace("[[500, 100], [500, 900]]", "[[500, 900], [500, 100]]"),), {Effect.VANISHES: 1}),
    ],
    ids=["the same scene", "another rule", "one rule more", "the arrow turned"],
)
def test_a_drawing_is_tried(tmp_path: Path, zones: tuple[str, ...], effects: dict[Effect, int]) -> None:
    keep(tmp_path, frames_of(UP, PARKED, until_s=60))
    found = outcome(tmp_path, *zones)
    assert found.counts == dict.fromkeys(Effect, 0) | effects
    assert {act.effect for act in found.acts} == set(effects)
    assert all(act.path and act.start_s < act.end_s for act in found.acts)
    assert (found.watched_s, found.first_at, found.unfit) == (60.0, None, 0)


def test_two_sources_are_not_mixed_and_other_sizes_are_told(tmp_path: Path) -> None:
    keep(tmp_path, frames_of(UP, until_s=12), source="a")
    keep(tmp_path, frames_of(UP, until_s=12), source="b")
    found = outcome(tmp_path, ONE_WAY)
    assert (found.counts[Effect.STAYS], {act.source_id for act in found.acts}) == (2, {"a", "b"})
    *_, other = run_trial(tmp_path, CAMERA, scene_of(ONE_WAY, size=(1000, 1001)), hours=24)
    assert isinstance(other, TrialOutcome)
    assert (other.unfit, other.acts, other.watched_s) == (2, [], 0.0)


def test_the_process_tells_its_progress_and_then_the_outcome(tmp_path: Path) -> None:
    keep(tmp_path, frames_of(UP, until_s=12))
    command = [sys.executable, "-m", "cases.trial", str(tmp_path), CAMERA, "24"]
    done = subprocess.run(command, input=text(NO_PARKING), capture_output=True, text=True, check=True)
    *progress, last = done.stdout.splitlines()
    assert [Progress.model_validate_json(line).done for line in progress] == [0, 1]
    assert TrialOutcome.model_validate_json(last).counts[Effect.VANISHES] == 1
