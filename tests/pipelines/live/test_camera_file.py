"""Camera files: everything that is wrong is named with its place and cure, and no secret is ever shown."""

from pathlib import Path

import pytest

from detector.types import ConfigError
from pipelines.live.address import StreamKind, masked, parse_address
from pipelines.live.camera_file import is_camera_file, load_roster
from tests.footage_maker import write_video
from tests.pipelines.live.seeing import write_camera, write_cameras

OK = "scene: HN-1.yaml, stream: rtsp://10.0.0.9/main"


@pytest.mark.parametrize(
    ("entries", "place", "words"),
    [
        pytest.param((f"{OK}, password: x7secret",), "cameras[0].password", "unknown key", id="plain password"),
        pytest.param((f"{OK}, fps: 0",), "cameras[0].fps", "greater than or equal to 0.2", id="no frames"),
        pytest.param((f"{OK}, transport: quic",), "cameras[0].transport", "'tcp' or 'udp'", id="transport"),
        pytest.param(("scene: none.yaml, stream: rtsp://h/a",), "cameras[0].scene", "cannot be read", id="scene gone"),
        pytest.param(("stream: rtsp://h/a",), "cameras[0]", "give either `scene`, a file, or `camera`", id="no scene"),
        pytest.param((f"{OK}, camera: HN-1",), "cameras[0]", "give either `scene`, a file, or `camera`", id="both"),
        pytest.param(("camera: ../x, stream: rtsp://h/a",), "cameras[0].camera", "match pattern", id="no id"),
        pytest.param(
            (OK, "camera: HN-1, stream: rtsp://h/b"), "cameras", "2 cameras have the id 'HN-1'", id="drawn too"
        ),
        pytest.param((OK, OK), "cameras", "2 cameras have the id 'HN-1'", id="one id twice"),
        pytest.param((f"{OK}, password_env: NOT_SET_ANYWHERE",), "cameras[0]", "without `username`", id="no user"),
        pytest.param(
            (f"{OK}, username: u, password_env: NOT_SET_ANYWHERE",),
            "cameras[0].password_env",
            "no variable 'NOT_SET_ANYWHERE'",
            id="variable not set",
        ),
        pytest.param(
            (f"{OK}, username: u, password_file: none",), "cameras[0].password_file", "cannot be read", id="no file"
        ),
        pytest.param(
            (f"{OK}, username: u, password_file: a, password_env: B",), "cameras[0]", "keep one", id="two passwords"
        ),
        pytest.param(
            ("scene: HN-1.yaml, stream: 'rtsp://u:x7secret@h/a', username: v",),
            "cameras[0].stream",
            "keep one of them",
            id="two users",
        ),
        pytest.param(
            (f"{OK}, detect_stream: 'srt://u:x7secret@h/a'",),
            "cameras[0].detect_stream",
            "srt streams are not supported",
            id="SRT",
        ),
        pytest.param(("scene: HN-1.yaml, stream: [rtsp://u:x7secret@h/a]",), "cameras[0].stream", "string", id="list"),
        pytest.param(("scene: HN-1.yaml, stream: gone.mp4",), "cameras[0].stream", "no such file", id="no video"),
        pytest.param(("scene: HN-1.yaml, stream: 'rtsp:///a'",), "cameras[0].stream", "names no host", id="no host"),
        pytest.param(
            ("scene: HN-1.yaml, stream: 'rtsp://u:x7secret@h:port/a'",), "cameras[0].stream", "no address", id="port"
        ),
    ],
)
def test_faults_are_named_with_place_and_cure(tmp_path: Path, entries: tuple[str, ...], place: str, words: str) -> None:
    write_camera(tmp_path, "HN-1")
    path = write_cameras(tmp_path, *entries)
    with pytest.raises(ConfigError) as caught:
        load_roster(path)
    text = str(caught.value)
    assert f"{path}: {place}: " in text and words in text
    assert "x7secret" not in text


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    write_camera(tmp_path, "HN-1")
    path = write_cameras(tmp_path, "scene: a.yaml, stream: rtsp://h/a", "scene: HN-1.yaml, stream: b.mp4")
    with pytest.raises(ConfigError) as caught:
        load_roster(path)
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\ncameras: [\n",
        "- 1\n",
        "version: 1\ncameras: []\n",
        "version: 2\ncameras: [{scene: a, stream: 'rtsp://u:x7secret@h/a'}]\n",
        "version: 1\ncameras: {a: {password: x7secret}}\n",
    ],
)
def test_what_is_no_camera_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cameras.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"cameras\.yaml") as caught:
        load_roster(path)
    assert "x7secret" not in str(caught.value)


def test_a_broken_yaml_is_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "cameras.yaml"
    path.write_text("cameras:\n  - {stream: rtsp://u:x7secret@h/a, : :\n")
    with pytest.raises(ConfigError) as caught:
        load_roster(path)
    assert "x7secret" not in str(caught.value) and "line 2" in str(caught.value)


def test_scenes_are_no_camera_files(tmp_path: Path) -> None:
    assert not is_camera_file(write_camera(tmp_path, "HN-1"))
    assert is_camera_file(write_cameras(tmp_path, OK))


def test_a_password_from_environment_or_file_reaches_ffmpeg_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_camera(tmp_path, "HN-1")
    write_camera(tmp_path, "HN-2")
    monkeypatch.setenv("CAMERA_PASSWORD", "a/b@c")
    (tmp_path / "secret").write_text("d e\n")
    video = write_video(tmp_path / "a.mp4", frames=10)
    one, two = load_roster(
        write_cameras(
            tmp_path,
            "scene: HN-1.yaml, stream: 'rtsp://10.0.0.9:8554/main?x=1', username: u, password_env: CAMERA_PASSWORD",
            "scene: HN-2.yaml, stream: 'http://h/v', detect_stream: 'rtsps://[::1]/s', username: u,"
            " password_file: secret, transport: udp, fps: 2, memory_mb: 16",
        )
    ).cameras
    assert one.main.url == "rtsp://u:a%2Fb%40c@10.0.0.9:8554/main?x=1"
    assert one.main.shown == "rtsp://10.0.0.9:8554/main"
    assert "a%2Fb" not in repr(one) and one.detect is None
    assert two.detect is not None
    assert (two.main.url, two.detect.url) == ("http://u:d%20e@h/v", "rtsps://u:d%20e@[::1]/s")
    assert (two.main.kind, two.detect.transport, two.rate_hz, two.ring_bytes) == (StreamKind.MJPEG, "udp", 2, 16e6)
    assert parse_address("a.mp4", folder=tmp_path).url == str(video)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("lost rtsp://u:p@w@10.0.0.9/main now", "lost rtsp://***@10.0.0.9/main now"),
        ("http://h/v?token=abc broke", "http://h/v?*** broke"),
        ("rtsp://u:p@h/a and 'rtsp://v:q@h/b'", "rtsp://***@h/a and 'rtsp://***@h/b'"),
        ("rtsp://h/a mail me@b.vn", "rtsp://h/a mail me@b.vn"),
    ],
)
def test_masking(text: str, shown: str) -> None:
    assert masked(text) == shown
