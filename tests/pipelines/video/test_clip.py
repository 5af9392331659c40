"""Clips hold the recording's own packets, cover what was asked, and play from their first frame on."""

from collections import Counter
from pathlib import Path

import av
import pytest

from detector.types import SourceError
from pipelines.video import Recording, cut_clip, open_recording, open_source
from pipelines.video.clip import clip_suffix, rise_strictly
from tests.footage_maker import number_in, numbered, write_video
from tests.pipelines.video.conftest import FILES, FORMATS, FPS, FRAMES, Format
from tests.pipelines.video.test_source import Recorded

every_file = pytest.mark.parametrize("form", FILES, ids=lambda form: form.name)
KEYFRAME_EVERY_S = 12 / FPS
"""MPEG-4's encoder lets two frames pass before it sets one."""
REORDERED = 5
"""So many packets an encoder may send ahead of the order of showing."""
UNORDERED = "h264.avi"
"""AVI keeps no times of showing, so a clip may end on a few pictures of which one between is missing."""
WINDOWS_S = [(0.0, 0.5), (0.5, 1.2), (0.83, 0.84), (1.0, 99.0), (-3.0, 99.0)]


def shown(path: Path) -> list[int]:
    recording = open_recording(path)
    source = open_source(recording)
    numbers = [number_in(frame.full()) for frame in source.frames()]
    assert source.counters.corrupt == 0
    return numbers


def packets(path: Path) -> list[bytes]:
    """The packets as the container frames them; only mp4 to mp4, and MJPEG, keep the same framing."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


@every_file
@pytest.mark.parametrize("window_s", WINDOWS_S, ids=str)
def test_a_clip_covers_what_was_asked_and_plays_without_a_hole(
    recorded: Recorded, tmp_path: Path, form: Format, window_s: tuple[float, float]
) -> None:
    recording = recorded(form)
    path = tmp_path / f"clip{clip_suffix(recording)}"
    window = cut_clip(recording, *window_s, path)
    numbers = shown(path)
    first, last = max(window_s[0], 0) * FPS, min(window_s[1] * FPS, FRAMES - 1)
    told = numbers if form.name != UNORDERED else numbers[:-3]
    assert told == list(range(told[0], told[-1] + 1))
    assert numbers[0] <= first + 1e-6
    assert numbers[0] >= first - KEYFRAME_EVERY_S * FPS
    assert int(last + 1e-6) <= numbers[-1] <= last + REORDERED
    assert len(numbers) == window.packets
    if form.name != UNORDERED:
        assert (window.t_start_s, window.t_end_s) == pytest.approx((numbers[0] / FPS, numbers[-1] / FPS), abs=0.002)


@every_file
def test_a_clip_keeps_the_times_between_its_frames(recorded: Recorded, tmp_path: Path, form: Format) -> None:
    recording = recorded(form)
    path = tmp_path / f"clip{clip_suffix(recording)}"
    cut_clip(recording, 0.5, 1.2, path)
    frames = [(number_in(frame.full()), frame.t_s) for frame in open_source(open_recording(path)).frames()]
    for number, t_s in frames if form.name != UNORDERED else frames[:-3]:
        assert t_s == pytest.approx((number - frames[0][0]) / FPS, abs=0.0021)


@pytest.mark.parametrize(
    "form", [form for form in FILES if form.name.endswith((".mp4", "mjpeg.avi", "mjpeg.mkv"))], ids=lambda f: f.name
)
def test_packets_are_byte_for_byte_those_of_the_recording(recorded: Recorded, tmp_path: Path, form: Format) -> None:
    recording = recorded(form)
    path = tmp_path / f"clip{clip_suffix(recording)}"
    cut_clip(recording, 0.5, 1.2, path)
    clip = packets(path)
    assert len(clip) > 10
    assert not Counter(clip) - Counter(packets(recording.path))


@pytest.mark.parametrize("form", [f for f in FILES if "mjpeg" not in f.name], ids=lambda form: form.name)
def test_decoded_pictures_are_bit_for_bit_those_of_the_recording(
    recorded: Recorded, tmp_path: Path, form: Format
) -> None:
    recording = recorded(form)
    path = tmp_path / f"clip{clip_suffix(recording)}"
    cut_clip(recording, 0.5, 1.2, path)
    whole = {number_in(frame.full()): frame.full().tobytes() for frame in open_source(recording).frames()}
    for frame in open_source(open_recording(path)).frames():
        assert frame.full().tobytes() == whole[number_in(frame.full())]


def test_variable_rate_is_kept(tmp_path: Path) -> None:
    times = [i * 0.04 if i < 20 else 0.8 + (i - 20) * 0.3 for i in range(40)]
    recording = open_recording(write_video(tmp_path / "vfr.mp4", frames=40, times=times))
    cut_clip(recording, 0.5, 4.0, tmp_path / "clip.mp4")
    frames = [(number_in(f.full()), f.t_s) for f in open_source(open_recording(tmp_path / "clip.mp4")).frames()]
    assert frames[0][0] == 10
    assert [t_s for _, t_s in frames] == pytest.approx([times[number] - times[10] for number, _ in frames], abs=0.002)


def test_a_rotated_recording_gives_a_rotated_clip(tmp_path: Path) -> None:
    recording = open_recording(write_video(tmp_path / "turned.mp4", frames=30, rotation_deg=90))
    cut_clip(recording, 0.0, 1.0, tmp_path / "clip.mp4")
    clip = open_recording(tmp_path / "clip.mp4")
    assert (clip.rotation_deg, clip.size_wh) == (90, recording.size_wh)


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    folder = tmp_path_factory.mktemp("joined")
    first = write_video(folder / "a.ts", frames=30)
    second = write_video(folder / "b.ts", frames=90, picture=lambda i, size_wh: numbered(30 + i, size_wh))
    (folder / "joined.ts").write_bytes(first.read_bytes() + second.read_bytes())
    return open_recording(folder / "joined.ts")


@pytest.mark.parametrize(("window_s", "first", "last"), [((0.2, 0.8), 0, 20), ((0.9, 2.0), 20, 50), ((3, 4), 70, 100)])
def test_a_joined_recording_gives_the_clip_of_that_very_moment(
    joined: Recording, tmp_path: Path, window_s: tuple[float, float], first: int, last: int
) -> None:
    cut_clip(joined, *window_s, tmp_path / "clip.mp4")
    numbers = shown(tmp_path / "clip.mp4")
    assert numbers[0] == first
    assert last <= numbers[-1] <= last + REORDERED
    assert numbers == list(range(numbers[0], numbers[-1] + 1))


def test_a_window_behind_the_end_is_an_error_that_names_it(recorded: Recorded, tmp_path: Path) -> None:
    recording = recorded(FORMATS[0])
    moved = tmp_path / "gone.mp4"
    moved.write_bytes(recording.path.read_bytes())
    copy = open_recording(moved)
    moved.unlink()
    with pytest.raises(SourceError, match=r"gone\.mp4: not readable"):
        cut_clip(copy, 0.0, 1.0, tmp_path / "clip.mp4")


def test_decoding_times_that_a_recorder_repeats_are_parted():
    packets = [av.Packet(b"x") for _ in range(4)]
    for packet, dts, pts in zip(packets, (0, 10, 10, 10), (5, 10, 30, 10), strict=True):
        packet.dts, packet.pts = dts, pts
    rise_strictly(packets)
    assert [(packet.dts, packet.pts) for packet in packets] == [(0, 5), (10, 10), (11, 30), (12, 12)]
