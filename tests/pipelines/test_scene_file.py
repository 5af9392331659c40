"""Scene files with what lies beside them: wrong ones are refused by name, field and cure."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from detector.types import ConfigError
from pipelines.scene_file import check_size, load_scene
from pipelines.video import open_recording
from tests.footage_maker import write_video
from tests.pipelines.street import Street, write_scene


def with_reference(folder: Path, name: str) -> Path:
    path = write_scene(folder / "scene.yaml")
    path.write_text(path.read_text(encoding="utf-8") + f"reference: {name}\n", encoding="utf-8")
    return path


def test_a_scene_is_read_with_its_text_and_hash(street: Street) -> None:
    scene_file = load_scene(street.scene)
    assert scene_file.scene.camera.name == "Phố Thử"
    assert scene_file.text == street.scene.read_text(encoding="utf-8")
    assert len(scene_file.hash) == 64
    assert scene_file.reference is None


def test_the_hash_is_of_what_it_says_and_not_of_comments(tmp_path: Path, street: Street) -> None:
    commented = tmp_path / "scene.yaml"
    commented.write_text("# drawn by hand\n" + street.scene.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_scene(commented).hash == load_scene(street.scene).hash
    assert (
        load_scene(write_scene(tmp_path / "other.yaml", zone="reminder_only: true")).hash
        != load_scene(street.scene).hash
    )


def test_a_size_unlike_the_videos_is_refused_with_both_sizes(tmp_path: Path) -> None:
    recording = open_recording(write_video(tmp_path / "clip.mp4", frames=3, size_wh=(320, 240)))
    with pytest.raises(ConfigError, match=r"scene\.yaml: size: is \[640, 360\] but .*clip\.mp4 has .*\[320, 240\]"):
        check_size(load_scene(write_scene(tmp_path / "scene.yaml")), recording)


def test_a_rotated_recording_is_measured_as_shown(tmp_path: Path) -> None:
    recording = open_recording(write_video(tmp_path / "clip.mp4", frames=3, size_wh=(360, 640), rotation_deg=90))
    check_size(load_scene(write_scene(tmp_path / "scene.yaml")), recording)


def test_a_reference_picture_is_read(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((360, 640, 3), 77, np.uint8))
    reference = load_scene(with_reference(tmp_path, "empty.png")).reference
    assert reference is not None
    assert (reference.shape, int(reference.mean())) == ((360, 640, 3), 77)


WRONG_REFERENCES = {
    "missing": (None, r"scene\.yaml: reference: .*empty\.png is missing or no picture; put it there or remove the key"),
    "no picture": (b"text", r"scene\.yaml: reference: .*empty\.png is missing or no picture"),
    "other size": (
        (100, 50),
        r"scene\.yaml: reference: .*empty\.png is 100 x 50 px, expected the scene's size 640 x 360",
    ),
}


@pytest.mark.parametrize("label", WRONG_REFERENCES)
def test_a_wrong_reference_picture_is_refused(tmp_path: Path, label: str) -> None:
    content, message = WRONG_REFERENCES[label]
    if isinstance(content, bytes):
        (tmp_path / "empty.png").write_bytes(content)
    elif content is not None:
        cv2.imwrite(str(tmp_path / "empty.png"), np.zeros((content[1], content[0], 3), np.uint8))
    with pytest.raises(ConfigError, match=message):
        load_scene(with_reference(tmp_path, "empty.png"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, r"scene\.yaml: cannot be read \(No such file", id="missing"),
        pytest.param(b"\xff\xfe\x00", r"scene\.yaml: not a text file in UTF-8 \(byte 0\)", id="not text"),
        pytest.param(b"a: [1", r"scene\.yaml: not readable as YAML", id="not YAML"),
        pytest.param(b"", r"scene\.yaml: expected a scene", id="empty"),
        pytest.param(b"[1, 2]", r"scene\.yaml: expected a scene .* got list", id="a list"),
    ],
)
def test_what_is_no_scene_is_refused_by_name(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "scene.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        load_scene(path)
