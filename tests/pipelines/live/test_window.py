"""Which part of a camera's picture its worker looks at."""

from pathlib import Path

from pipelines.live.camera_file import load_roster
from pipelines.live.server_clock import ServerClock
from pipelines.live.tempo import Tempo
from pipelines.live.watch import Watch, build_watch
from tests.pipelines.live.parked import parked_at
from tests.pipelines.live.seeing import SeeingBackend, write_cameras

SCENE = """
version: 1
camera: {id: FAR}
size: [1920, 1080]
zones: [{id: far, kind: no_entry, polygon: [[900, 300], [920, 300], [920, 310]]}]
"""


def watch_of(folder: Path, streams: str) -> Watch:
    (folder / "FAR.yaml").write_text(SCENE, encoding="utf-8")
    (camera,) = load_roster(write_cameras(folder, f"scene: FAR.yaml, {streams}")).cameras
    watch = build_watch(
        camera,
        folder=folder / "camera-FAR",
        backend=SeeingBackend(objects=parked_at),
        loads=None,
        server_clock=ServerClock(None),
        on_frame=lambda _frame: False,
        save_tracks=lambda _stretch: None,
        tempo=Tempo(),
    )
    watch.checkpoint.close()
    return watch


def test_a_far_zone_is_looked_at_alone_and_the_tracks_kept_for_trials_say_so(tmp_path: Path) -> None:
    watch = watch_of(tmp_path, "stream: rtsp://h/a")
    assert watch.analyser.window is not None
    assert watch.analyser.window.size_wh == (640, 360)
    assert watch.tracks.window == watch.analyser.window


def test_a_small_stream_is_looked_at_whole_for_it_shows_nothing_larger(tmp_path: Path) -> None:
    watch = watch_of(tmp_path, "stream: rtsp://h/a, detect_stream: rtsp://h/b")
    assert watch.analyser.window is None
    assert watch.tracks.window is None
