"""What is laid aside of a camera and of an act: taken up whole, or refused with the reason."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from detector.types import ClockGrade, ConfigError, Finding, Moment, ObjectClass, Violation, ViolationKind
from pipelines.live.acts import ActBox
from pipelines.live.checkpoint import CheckpointFile, Past, Standpoint
from pipelines.live.footage import RingFootage
from pipelines.live.journal import open_journal
from pipelines.scene_file import load_scene
from tests.footage_maker import number_in, write_video
from tests.pipelines.live.parked import write_kerb
from tests.pipelines.live.test_reel import packets_of

STOOD = Standpoint(source_id="live/a", t_s=41.0, now_s=41.5, epoch=2, index=205, filed=frozenset({"x"}))


@pytest.fixture
def lines() -> Iterator[list[str]]:
    told: list[str] = []
    close = open_journal(told.append)
    yield told
    close()


@contextmanager
def opened(folder: Path, *, scene_hash: str = "s") -> Iterator[CheckpointFile]:
    checkpoint = CheckpointFile(folder, camera_id="HN-1", scene_hash=scene_hash, keep_s=60)
    yield checkpoint
    checkpoint.close()


def past_of(folder: Path, *, scene_hash: str = "s") -> Past | None:
    with opened(folder, scene_hash=scene_hash) as checkpoint:
        return checkpoint.past()


def laid_aside(folder: Path) -> None:
    with opened(folder) as checkpoint:
        checkpoint.write(checkpoint.frozen(STOOD, {"lane": 1}, {}), ())


def edited(change: Callable[[dict[str, object]], None]) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        header, body = path.read_bytes().split(b"\n", 1)
        content = json.loads(header)
        change(content)
        path.write_bytes(json.dumps(content).encode() + b"\n" + body)

    return edit


def test_what_was_laid_aside_is_taken_up(tmp_path: Path, lines: list[str]) -> None:
    laid_aside(tmp_path)
    past = past_of(tmp_path)
    assert past is not None
    assert past.standpoint == STOOD
    assert past.lane == {"lane": 1}
    assert "event=resumed camera=HN-1" in lines[0]


@pytest.mark.parametrize(
    ("label", "harm", "reason"),
    [
        ("cut short", lambda path: path.write_bytes(path.read_bytes()[:-5]), "damaged"),
        ("one bit", lambda path: path.write_bytes(path.read_bytes()[:-1] + b"!"), "damaged"),
        ("no header", lambda path: path.write_bytes(b"nothing"), "Expecting value"),
        ("empty", lambda path: path.write_bytes(b""), "Expecting value"),
        ("a minute old", edited(lambda h: h.update(monotonic_s=float(str(h["monotonic_s"])) - 61)), "61 s old"),
        ("from the future", edited(lambda h: h.update(monotonic_s=float(str(h["monotonic_s"])) + 9)), "-9 s old"),
        ("another version's", edited(lambda h: h.update(key="0")), "another version"),
        (
            "another run of the machine, long ago",
            edited(lambda h: h.update(boot="x", at=(datetime.now(UTC) - timedelta(seconds=90)).isoformat())),
            "90 s old",
        ),
    ],
)
def test_what_is_of_no_use_is_refused_with_the_reason_and_cleared_away(
    tmp_path: Path, lines: list[str], label: str, harm: Callable[[Path], object], reason: str
) -> None:
    laid_aside(tmp_path)
    harm(tmp_path / "state")
    assert past_of(tmp_path) is None
    assert reason in lines[0], label
    assert not (tmp_path / "state").exists()


def test_another_scene_and_another_boot(tmp_path: Path, lines: list[str]) -> None:
    laid_aside(tmp_path)
    path = tmp_path / "state"
    edited(lambda h: h.update(boot="other", at=(datetime.now(UTC) - timedelta(seconds=20)).isoformat()))(path)
    assert past_of(tmp_path) is not None, "20 s by the calendar"
    assert past_of(tmp_path, scene_hash="drawn anew") is None
    assert "another scene" in lines[1]


def test_one_worker_a_camera(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(ConfigError, match="another process watches it into the same data"):
        past_of(tmp_path)
    assert past_of(tmp_path) is None


def act(scene_hash: str) -> Violation:
    box = (100.0, 100.0, 160.0, 150.0)
    moments = {name: Moment(t_s, box) for name, t_s in (("before", 101.0), ("during", 101.7), ("after", 102.5))}
    finding = Finding(
        kind=ViolationKind.ILLEGAL_PARKING,
        zone_id="kerb",
        rule_version="illegal_parking/1",
        track_id=1,
        vehicle=ObjectClass.CAR,
        t_start_s=101.0,
        t_end_s=102.5,
        confidence=0.9,
        moments=moments,
        facts={"dwell_s": 1.5},
        path=((101.0, *box), (102.5, *box)),
    )
    return Violation(
        id="a" * 32,
        camera_id="KERB",
        source_id="live/a",
        scene_hash=scene_hash,
        finding=finding,
        start_at=datetime(2026, 1, 2, tzinfo=UTC),
        end_at=None,
        clock=ClockGrade.PTS,
        extra={"gap_s": 3.0},
    )


def test_an_act_comes_back_with_its_scene_and_its_pictures(tmp_path: Path, lines: list[str]) -> None:
    scene_file = load_scene(write_kerb(tmp_path, "KERB", limit_s=1))
    video = write_video(tmp_path / "a.mp4", frames=60, fps=10)
    footage = RingFootage(name="rtsp://h/a", kept=tuple(packets_of(video, since_s=100.0)), shift_s=0.5)
    box, violation = ActBox(tmp_path / "acts"), act(scene_file.hash)
    box.keep(violation, scene_file, footage)
    box.keep(violation, scene_file, footage)
    (tmp_path / "acts" / ".half.draft").mkdir()
    (tmp_path / "acts" / "ruined").mkdir()
    (tmp_path / "acts" / "ruined" / "act").write_bytes(b"x")
    (back,) = ActBox(tmp_path / "acts").unfiled()
    assert back.violation == violation
    assert (back.scene_file.hash, back.scene_file.text) == (scene_file.hash, scene_file.text)
    times_s = [moment.t_s for moment in violation.finding.moments.values()]
    shown = [[number_in(still.image) for still in one.stills(times_s)] for one in (footage, box.footage(violation.id))]
    assert shown[0] == shown[1] == [15, 22, 30]
    assert "act-unreadable" in lines[0]
    assert sorted(path.name for path in (tmp_path / "acts").iterdir()) == ["a" * 32, "ruined"]
    box.drop(violation.id)
    assert list(box.unfiled()) == []


@pytest.mark.parametrize("left", ["nothing", "packets", "all"])
def test_an_act_that_a_kill_caught_being_written_anew_comes_back(tmp_path: Path, left: str) -> None:
    """`left`: of what was kept before, when its place was to be taken."""
    scene_file = load_scene(write_kerb(tmp_path, "KERB", limit_s=1))
    video = write_video(tmp_path / "a.mp4", frames=60, fps=10)
    footage = RingFootage(name="rtsp://h/a", kept=tuple(packets_of(video, since_s=100.0)))
    box, violation = ActBox(tmp_path / "acts"), act(scene_file.hash)
    box.keep(violation, scene_file, replace(footage, kept=footage.kept[:35]))
    kept = tmp_path / "acts" / violation.id
    shutil.copytree(kept, tmp_path / "before")
    box.keep(violation, scene_file, footage)
    kept.rename(kept.with_name(f".{violation.id}.draft"))
    if left != "nothing":
        shutil.copytree(tmp_path / "before", kept)
    if left == "packets":
        (kept / "act").unlink()
    (back,) = ActBox(tmp_path / "acts").unfiled()
    assert back.violation == violation
    assert len(box.footage(violation.id).kept) == len(footage.kept)
    assert [path.name for path in kept.parent.iterdir()] == [violation.id]
