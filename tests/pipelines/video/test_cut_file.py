"""Real recordings of many containers, whole and cut off: only the cut ones break off, and reading them says so."""

from pathlib import Path

import pytest

from pipelines.video.cut_file import breaks_off
from pipelines.video.recording import open_recording
from pipelines.video.source import open_source
from tests.footage_maker import cut_off, noisy, write_video

FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
KINDS: dict[str, dict[str, str]] = {
    "plain.avi": {},
    "stream.ts": {},
    "disc.m2ts": {},
    "fragmented.mp4": FRAGMENTED,
    "fragmented.mov": FRAGMENTED,
    "moov-first.mp4": {"movflags": "faststart"},
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("whole")
    return {
        name: write_video(folder / name, frames=100, picture=noisy, container_options=options)
        for name, options in KINDS.items()
    }


@pytest.mark.parametrize("name", KINDS)
def test_a_cut_off_recording_is_told(tmp_path: Path, whole: dict[str, Path], name: str) -> None:
    for path, told in ((whole[name], False), (cut_off(whole[name], tmp_path / name, at=0.98765), True)):
        source = open_source(open_recording(path))
        assert len(list(source.frames())) > 90
        assert (breaks_off(path), source.counters.truncated) == (told, told), path


@pytest.mark.parametrize("name", [name for name in KINDS if not name.endswith("ts")])
@pytest.mark.parametrize("behind", [b"\n", bytes(4096), b"\xff" * 64], ids=["newline", "zeros", "ones"])
def test_what_a_recorder_leaves_behind_the_last_part_is_no_cut(
    tmp_path: Path, whole: dict[str, Path], name: str, behind: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(whole[name].read_bytes() + behind)
    assert not breaks_off(path)


def test_a_length_that_was_never_written_tells_nothing(tmp_path: Path, whole: dict[str, Path]) -> None:
    content = bytearray(whole["plain.avi"].read_bytes()[:50_000])
    for length in (0, 0xFFFFFFFF):
        content[4:8] = length.to_bytes(4, "little")
        path = tmp_path / f"{length}.avi"
        path.write_bytes(content)
        assert not breaks_off(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", False), (b"RIFF", False), (b"\x00\x00\x00\x20ftyp", True), (b"no container", False), (b"G" * 1500, True)],
)
def test_odd_files_break_nothing(tmp_path: Path, content: bytes, told: bool) -> None:
    path = tmp_path / "odd"
    path.write_bytes(content)
    assert breaks_off(path) is told


def test_a_file_that_is_gone_is_not_called_cut(tmp_path: Path) -> None:
    assert not breaks_off(tmp_path / "gone.ts")
