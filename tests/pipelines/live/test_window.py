"""Which part of a camera's picture its worker looks at."""

from pathlib import Path

from tests.pipelines.live.watching import watch_of

SCENE = """
version: 1
camera: {id: FAR}
size: [1920, 1080]
zones: [{id: far, kind: no_entry, polygon: [[900, 300], [920, 300], [920, 310]]}]
"""


def test_a_far_zone_is_looked_at_alone_and_the_tracks_kept_for_trials_say_so(tmp_path: Path) -> None:
    (tmp_path / "FAR.yaml").write_text(SCENE, encoding="utf-8")
    with watch_of(tmp_path, "scene: FAR.yaml, stream: rtsp://h/a") as watch:
        assert watch.analyser.window is not None
        assert watch.analyser.window.size_wh == (640, 360)
        assert watch.tracks.window == watch.analyser.window


def test_a_small_stream_is_looked_at_whole_for_it_shows_nothing_larger(tmp_path: Path) -> None:
    (tmp_path / "FAR.yaml").write_text(SCENE, encoding="utf-8")
    with watch_of(tmp_path, "scene: FAR.yaml, stream: rtsp://h/a, detect_stream: rtsp://h/b") as watch:
        assert watch.analyser.window is None
        assert watch.tracks.window is None
