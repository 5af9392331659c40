"""The clerk of kept tracks: a disk that refuses costs the tracks, is told once, and again when it takes."""

from pathlib import Path

import pytest

from cases.tracks import Stretch, TrackLog, camera_folder, stretches
from pipelines.live.journal import open_journal
from pipelines.live.tracks import WAITING, TrackClerk
from tests.builders import Walk, frames_of, standing

SCENE = (
    "version: 1\ncamera: {id: CAM-1}\nsize: [10, 10]\nzones: [{id: z, kind: no_entry, polygon: [[0,0],[9,0],[9,9]]}]\n"
)


def some(count: int) -> list[Stretch]:
    kept: list[Stretch] = []
    for number in range(count):
        log = TrackLog("CAM-1", f"source {number}", SCENE, kept.append)
        for frame in frames_of(Walk(id=1, where=standing((5, 5))), until_s=1):
            log.note(frame)
        log.close()
    return kept


@pytest.fixture
def lines():
    told: list[str] = []
    close = open_journal(told.append)
    yield told
    close()


def test_a_disk_that_refuses_is_told_once_and_again_when_it_takes(tmp_path: Path, lines: list[str]) -> None:
    first, second, third = some(3)
    camera_folder(tmp_path, "CAM-1").write_text("in the way")
    clerk = TrackClerk(tmp_path)
    clerk.take(first)
    clerk.take(second)
    clerk.start()
    clerk.close()
    camera_folder(tmp_path, "CAM-1").unlink()
    clerk = TrackClerk(tmp_path)
    clerk.failing = True
    clerk.start()
    clerk.take(third)
    clerk.close()
    assert [line.split("event=")[1].split()[0] for line in lines] == ["tracks-not-kept", "tracks-kept"]
    assert [one.source_id for one in stretches(tmp_path, "CAM-1", hours=1)] == ["source 2"]


def test_a_lane_never_waits_for_a_slow_disk(tmp_path: Path, lines: list[str]) -> None:
    (one,) = some(1)
    clerk = TrackClerk(tmp_path)
    for _ in range(WAITING + 2):
        clerk.take(one)
    assert [line.split("problem=")[1] for line in lines] == ['"the disk is too slow"']
