"""A changed camera file exchanges what changed and leaves the others alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.live.status import CameraStatus, State
from tests.pipelines.live.parked import make_parked, open_parked, write_kerb
from tests.pipelines.live.seeing import write_cameras
from tests.pipelines.live.test_run import Running, running
from tests.processes import wait_until


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_parked(tmp_path_factory.mktemp("kerb"), length_s=100)


@pytest.fixture
def worker(video: Path, tmp_path: Path) -> Iterator[Running]:
    """Two cameras at work."""
    for camera_id in ("A", "B", "C"):
        write_kerb(tmp_path, camera_id, limit_s=60)
    cameras = write_cameras(tmp_path, *(f"scene: {name}.yaml, stream: {video}" for name in ("A", "B")))
    with running(cameras, tmp_path / "data", open_parked) as worker:
        wait_until(lambda: [status.state for status in worker.statuses] == [State.LIVE] * 2, timeout_s=60)
        yield worker


def of(worker: Running, camera_id: str) -> CameraStatus | None:
    return next((status for status in worker.statuses if status.id == camera_id), None)


def test_cameras_come_go_and_change_while_another_is_watched(worker: Running, video: Path, tmp_path: Path) -> None:
    first = of(worker, "A")
    assert first is not None
    before = of(worker, "B")
    entries = [f"scene: A.yaml, stream: {video}", f"scene: B.yaml, stream: {video}, fps: 2"]
    write_cameras(tmp_path, *entries, f"scene: C.yaml, stream: {video}")
    wait_until(lambda: [status.id for status in worker.statuses] == ["A", "B", "C"], timeout_s=60)
    wait_until(lambda: [status.state for status in worker.statuses] == [State.LIVE] * 3, timeout_s=60)
    assert of(worker, "A") is first, "untouched"
    assert of(worker, "B") is not before, "exchanged"
    resumed = [line for line in worker.said("resumed") if "camera=B" in line]
    assert len(resumed) == 1, "with what it knew"
    analysed = first.analysed
    write_cameras(tmp_path, f"scene: A.yaml, stream: {video}")
    worker.reload.set()
    wait_until(lambda: [status.id for status in worker.statuses] == ["A"], timeout_s=60)
    wait_until(lambda: first.analysed > analysed, timeout_s=60)
    assert sorted(line.split("camera=")[1] for line in worker.said("dismissed")) == [
        "B why=changed",
        "B why=removed",
        "C why=removed",
    ]
    assert first.reconnects == 0


@pytest.mark.parametrize(
    ("label", "text", "problem"),
    [
        ("no YAML", "version: 1\ncameras: [", "not readable as YAML"),
        ("no cameras", "version: 1\ncameras: []\n", "list at least one camera"),
        ("no scene", "version: 1\ncameras: [{scene: gone.yaml, stream: 'rtsp://u:s3cret@h/a'}]\n", "gone.yaml"),
        (
            "twice",
            "version: 1\ncameras: [{scene: A.yaml, stream: 'rtsp://h/a'}, {scene: A.yaml, stream: 'rtsp://h/a'}]\n",
            "id 'A'",
        ),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_changes(
    worker: Running, tmp_path: Path, label: str, text: str, problem: str
) -> None:
    statuses = tuple(worker.statuses)
    (tmp_path / "cameras.yaml").write_text(text, encoding="utf-8")
    worker.reload.set()
    wait_until(lambda: bool(worker.said("reload-refused")), timeout_s=60)
    assert problem in worker.said("reload-refused")[0], label
    assert not any("s3cret" in line for line in worker.lines)
    analysed = statuses[0].analysed
    wait_until(lambda: statuses[0].analysed > analysed + 1, timeout_s=60)
    assert tuple(worker.statuses) == statuses


def test_a_scene_that_is_drawn_anew_begins_anew(worker: Running, tmp_path: Path) -> None:
    wait_until((tmp_path / "data" / "live" / "camera-B" / "state").exists, timeout_s=60)
    write_kerb(tmp_path, "B", limit_s=45)
    wait_until(lambda: bool(worker.said("checkpoint-unused")), timeout_s=60)
    assert "under another scene" in worker.said("checkpoint-unused")[0]
    wait_until(lambda: [status.state for status in worker.statuses] == [State.LIVE] * 2, timeout_s=60)
    assert len(worker.said("dismissed")) == 1


def test_a_camera_that_another_process_watches_is_refused(worker: Running, video: Path, tmp_path: Path) -> None:
    with running(tmp_path / "cameras.yaml", tmp_path / "data", open_parked) as second:
        wait_until(second.result.done, timeout_s=60)
        assert "another process watches it into the same data" in str(second.result.exception())
    assert of(worker, "A") is not None
