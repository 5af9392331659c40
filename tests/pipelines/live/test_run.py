"""Live cameras with real servers and files: the same violations as batch, and nothing lost when a stream is."""

import re
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import cv2
import pytest
from sqlalchemy import select

from cases.database import open_database, read_transaction, sqlite_url
from cases.evidence import FolderStore, verify_bundle
from cases.records import Case
from cases.settings import Settings
from cases.tracks import stretches, tracks_folder
from cases.trial import Effect, TrialOutcome, run_trial
from detector.inference import Backend, Network
from detector.types import ClockGrade
from pipelines.batch import OpenNetwork
from pipelines.live.endpoints import serving
from pipelines.live.journal import open_journal
from pipelines.live.metrics import LiveCollector
from pipelines.live.reader import STALE_S
from pipelines.live.run import LiveRequest, run_live
from pipelines.live.status import CameraStatus, State
from pipelines.video import open_recording, open_source
from tests.footage_maker import number_in, write_video
from tests.pipelines.live.seeing import SPEED, SeeingBackend, make_fast_street, open_seeing, write_camera, write_cameras
from tests.pipelines.live.servers import free_port, mjpeg_server, rtsp_server
from tests.pipelines.street import FPS, RIDES_S, SIZE_WH, picture, run
from tests.processes import wait_until

PASSWORD = "p@ss word/1"
MISSED = 5
"""Frames of a street, of 60, that may be overtaken without a ride being overlooked."""


def cases_in(data: Path, camera_id: str, *, url: str | None = None) -> list[Case]:
    database = open_database(url or sqlite_url(data / "phatnguoi.db"))
    try:
        with read_transaction(database.sessions) as session:
            return list(session.scalars(select(Case).where(Case.camera_id == camera_id).order_by(Case.start_s)))
    finally:
        database.close()


class Running:
    """A worker on a thread of the test's."""

    def __init__(
        self, cameras: Path, data: Path, open_network: OpenNetwork = open_seeing, *, database_url: str | None = None
    ) -> None:
        self.data = data
        self.lines: list[str] = []
        self.statuses: Sequence[CameraStatus] = ()
        self.collector = LiveCollector()
        self._stop = Event()
        self.reload = Event()
        self._close = open_journal(self.lines.append)
        self._pool = ThreadPoolExecutor(1)
        request = LiveRequest(cameras=cameras, network=None, registry=cameras.parent / "registry.toml", patience_s=5)
        self.result: Future[tuple[CameraStatus, ...]] = self._pool.submit(
            run_live,
            request,
            Settings(data_dir=data, lock_wait_s=0.1, database_url=database_url),
            stop=self._stop,
            reload=self.reload,
            on_status=self._show,
            open_network=open_network,
        )

    def _show(self, statuses: Sequence[CameraStatus], waiting: int) -> None:
        self.statuses = statuses
        self.collector.show(statuses, waiting)

    def camera(self, number: int = 0) -> CameraStatus:
        wait_until(lambda: bool(self.statuses) or self.result.done(), timeout_s=40)
        return self.statuses[number]

    def said(self, event: str) -> list[str]:
        return [line for line in self.lines if f"event={event} " in line or line.endswith(f"event={event}")]

    def stop(self) -> tuple[CameraStatus, ...]:
        self._stop.set()
        result = self.result.result(60)
        self.close()
        return result

    def close(self) -> None:
        self._stop.set()
        self._pool.shutdown()
        self._close()


@contextmanager
def running(
    cameras: Path, data: Path, open_network: OpenNetwork = open_seeing, *, database_url: str | None = None
) -> Iterator[Running]:
    worker = Running(cameras, data, open_network, database_url=database_url)
    try:
        yield worker
    finally:
        worker.close()


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The street at double speed."""
    return make_fast_street(tmp_path_factory.mktemp("fast"))


@pytest.fixture(scope="module")
def watched(fast: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One run over a file, a file with a small stream to look at, an HTTP camera and one that is not there.

    Streets do not wait: where the machine was too busy to look at every due frame, they are watched once more.
    """
    for left in (2, 1, 0):
        folder = tmp_path_factory.mktemp("watched")
        cameras = write_four(folder, fast)
        with mjpeg_server() as address:
            cameras.write_text(cameras.read_text(encoding="utf-8").replace("MJPEG", address), encoding="utf-8")
            with running(cameras, folder / "data") as worker:
                wait_until(lambda: [s.state for s in worker.statuses[:2]] == [State.ENDED] * 2, timeout_s=120)
                told = worker.stop()[:3]
                if left and any(status.dropped + status.stale > MISSED for status in told):
                    continue
                yield worker
                return


def write_four(folder: Path, fast: Path) -> Path:
    small = make_fast_street(folder, size_wh=(320, 180), name="small.mp4")
    for camera_id in ("FILE", "TWO", "HTTP", "DEAD"):
        write_camera(folder, camera_id)
    return write_cameras(
        folder,
        f"scene: FILE.yaml, stream: {fast}",
        f"scene: TWO.yaml, stream: {fast}, detect_stream: {small}",
        "scene: HTTP.yaml, stream: 'MJPEG'",
        f"scene: DEAD.yaml, stream: 'rtsp://viewer:secret@127.0.0.1:{free_port()}/main'",
    )


def test_the_log_tells_which_network_serves_what(watched: Running) -> None:
    (line,) = watched.said("networks")
    assert 'detect="scripted (' in line and line.endswith(" near=- line=-")


@pytest.mark.parametrize("camera_id", ["FILE", "TWO", "HTTP"])
def test_live_finds_what_batch_finds(watched: Running, camera_id: str, fast: Path, tmp_path: Path) -> None:
    scene = write_camera(tmp_path, camera_id)
    run(fast, scene=scene, data=tmp_path, open_network=open_seeing)
    expected = cases_in(tmp_path, camera_id)
    found = cases_in(watched.data, camera_id)
    assert [(case.kind, case.vehicle, case.zone_id) for case in found] == [
        (case.kind, case.vehicle, case.zone_id) for case in expected
    ]
    assert len(found) == len(RIDES_S)
    assert [case.start_s for case in found] == pytest.approx([case.start_s for case in expected], abs=1.0)
    assert all(case.occurred_at is not None for case in found)
    grade = ClockGrade.NOMINAL if camera_id == "HTTP" else ClockGrade.PTS
    assert {case.clock for case in found} == {grade}


@pytest.mark.parametrize("camera_id", ["FILE", "TWO", "HTTP"])
def test_bundles_are_whole_and_show_what_was_judged(watched: Running, camera_id: str) -> None:
    root = watched.data / "evidence"
    suffix = ".mkv" if camera_id == "HTTP" else ".mp4"
    for number, case in enumerate(cases_in(watched.data, camera_id)):
        folder = root / case.evidence_location
        assert verify_bundle(folder).faults == ()
        # The street's own time of the act's beginning, written into the picture.
        during = number_in(cv2.imread(str(folder / "during.jpg"))) / FPS
        assert RIDES_S[number] - 0.3 <= during <= RIDES_S[number] + 3
        before = number_in(cv2.imread(str(folder / "before.jpg"))) / FPS
        assert before < during
        recording = open_recording(folder / f"clip{suffix}")
        frames = [number_in(frame.full()) / FPS for frame in open_source(recording).frames()]
        assert frames[0] <= max(RIDES_S[number] - 4 * SPEED, 0.5) and frames[-1] >= during
        assert frames == sorted(frames)


def test_a_camera_that_is_not_there_stops_nobody_and_keeps_its_password(watched: Running) -> None:
    states = {status.id: status for status in watched.result.result()}
    assert states["DEAD"].streams[0].connects == 0
    lost = [line for line in watched.said("lost") if "camera=DEAD" in line]
    assert len(lost) == 1, "told once, not at every attempt"
    assert not any("secret" in line or "viewer" in line for line in watched.lines)


def test_every_frame_is_accounted_for(watched: Running) -> None:
    for status in watched.result.result()[:3]:
        assert status.analysed > 40
        told = status.analysed + status.held + status.blind + status.stale + status.dropped
        assert told == pytest.approx(12 * 5, abs=4)
        assert status.violations == status.cases == len(RIDES_S)
        assert (status.failed, status.lost, status.reconnects) == (0, 0, 0)


def test_what_was_tracked_is_kept_for_trials_of_other_scenes(watched: Running) -> None:
    for status in watched.result.result()[:3]:
        (stretch,) = stretches(tracks_folder(watched.data), status.id, hours=1)
        assert len(stretch.arrays["t_s"]) == status.analysed
        assert [zone.id for zone in stretch.scene.zones] == ["down"]
        *_, outcome = run_trial(tracks_folder(watched.data), status.id, stretch.scene, hours=1)
        assert isinstance(outcome, TrialOutcome) and outcome.counts[Effect.STAYS] == len(RIDES_S)


def test_metrics_tell_every_camera(watched: Running) -> None:
    with serving(watched.collector, Event(), host="127.0.0.1", port=0) as port:
        text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
    assert f'phatnguoi_live_cases_total{{camera="FILE"}} {len(RIDES_S)}.0' in text
    assert 'phatnguoi_live_state{camera="FILE",state="ended"} 1.0' in text
    assert re.search(r'phatnguoi_live_ring_bytes\{camera="TWO"\} [1-9]', text)


def test_a_killed_server_costs_no_established_act_and_its_return_begins_a_new_epoch(fast: Path, tmp_path: Path) -> None:
    write_camera(tmp_path, "RTSP")
    with rtsp_server(fast, user="viewer", password=PASSWORD) as server:
        (tmp_path / "secret").write_text(PASSWORD + "\n", encoding="utf-8")
        entry = f"scene: RTSP.yaml, stream: '{server.url}', username: viewer, password_file: secret"
        with running(write_cameras(tmp_path, entry), tmp_path / "data") as worker:
            camera = worker.camera()
            wait_until(lambda: camera.violations == 1, timeout_s=60)
            server.kill()
            wait_until(lambda: camera.state is State.LOST, timeout_s=40)
            server.start()
            wait_until(lambda: camera.state is State.LIVE, timeout_s=60)
            wait_until(lambda: camera.violations == 2, timeout_s=60)
            (status,) = worker.stop()
            assert (status.streams[0].epoch, status.reconnects) == (1, 1)
            assert (status.cases, status.lost) == (2, 0)
            assert not any("p@ss" in line or "p%40ss" in line for line in worker.lines)
    cases = cases_in(tmp_path / "data", "RTSP")
    assert len(cases) == 2 and cases[1].start_s > cases[0].start_s + 2
    store = FolderStore(tmp_path / "data" / "evidence")
    for case in cases:
        assert verify_bundle(store.root / case.evidence_location).faults == ()
        manifest = store.manifest(case.evidence_location)
        assert manifest.source.name == server.url
        assert (
            number_in(cv2.imread(str(store.local_path(case.evidence_location, "during.jpg")))) / FPS <= RIDES_S[0] + 3
        )


def test_a_wrong_password_is_a_state_of_its_own_and_shown_nowhere(
    fast: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_camera(tmp_path, "LOCKED")
    monkeypatch.setenv("CAMERA_PASSWORD", "wr0ng")
    with rtsp_server(fast, user="viewer", password=PASSWORD) as server:
        entry = f"scene: LOCKED.yaml, stream: '{server.url}', username: viewer, password_env: CAMERA_PASSWORD"
        cameras = write_cameras(tmp_path, entry)
        with running(cameras, tmp_path / "data") as worker:
            camera = worker.camera()
            wait_until(lambda: camera.state is State.DENIED, timeout_s=40)
            assert "refuses user or password" in camera.problem
            assert camera.said is not None and camera.said.code == "denied"
            worker.stop()
    assert not any("wr0ng" in text for text in (*worker.lines, camera.problem))


def test_udp_carries_a_stream_too(fast: Path, tmp_path: Path) -> None:
    write_camera(tmp_path, "UDP")
    with rtsp_server(fast) as server:
        cameras = write_cameras(tmp_path, f"scene: UDP.yaml, stream: '{server.url}', transport: udp")
        with running(cameras, tmp_path / "data") as worker:
            camera = worker.camera()
            wait_until(lambda: camera.analysed >= 5, timeout_s=40)
            (status,) = worker.stop()
    assert status.streams[0].connects == 1


def test_frames_that_waited_too_long_are_counted_and_never_judged(tmp_path: Path) -> None:
    write_camera(tmp_path, "SLOW")
    video = write_video(tmp_path / "a.mp4", frames=40, fps=20, size_wh=SIZE_WH, picture=picture)

    def open_slow(_network: Network) -> Backend:
        return SeeingBackend(look=lambda _number: time.sleep(STALE_S + 0.2))

    cameras = write_cameras(tmp_path, f"scene: SLOW.yaml, stream: {video}")
    with running(cameras, tmp_path / "data", open_slow) as worker:
        wait_until(worker.result.done, timeout_s=60)
        (status,) = worker.result.result()
    assert status.analysed == 0
    assert status.stale >= 1 and status.dropped >= 5


def test_pictures_of_another_size_than_the_scene_are_refused_with_the_cure(tmp_path: Path) -> None:
    write_camera(tmp_path, "SMALL")
    video = make_fast_street(tmp_path, size_wh=(320, 180))
    with running(write_cameras(tmp_path, f"scene: SMALL.yaml, stream: {video}"), tmp_path / "data") as worker:
        camera = worker.camera()
        wait_until(lambda: camera.state is State.UNFIT, timeout_s=40)
        assert "320x180" in camera.problem and "set the camera to size 640x360" in camera.problem
        (status,) = worker.stop()
    assert status.analysed == 0
