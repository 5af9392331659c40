"""Files whose times or bytes are out of order: times by PTS and not by count, damage skipped and counted."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.types import ClockGrade
from pipelines.video import Recording, ResumePoint, open_recording, open_source, stills_at
from pipelines.video.file import VideoFileSource
from tests.footage_maker import cut_off, noisy, number_in, numbered, overwritten, write_video

SIZE_WH = (320, 240)


def small(path: Path, **options: object) -> Path:
    return write_video(path, size_wh=SIZE_WH, **options)  # type: ignore[arg-type]


def read(recording: Recording, after: ResumePoint | None = None) -> list[tuple[int, int, float]]:
    frames = open_source(recording).frames(after)
    return [(number_in(frame.full()), frame.epoch, frame.t_s) for frame in frames]


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """30 frames, then 60 more whose times start again at zero."""
    folder = tmp_path_factory.mktemp("joined")
    first = small(folder / "first.ts", frames=30)
    second = small(folder / "second.ts", frames=60, picture=lambda i, size_wh: numbered(30 + i, size_wh))
    path = folder / "joined.ts"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    return open_recording(path)


def test_a_variable_rate_is_read_by_time(tmp_path: Path) -> None:
    times = [i * 0.04 if i < 20 else 0.8 + (i - 20) * 0.3 for i in range(40)]
    recording = open_recording(small(tmp_path / "vfr.mp4", frames=40, times=times))
    assert [t_s for _, _, t_s in read(recording)] == pytest.approx(times, abs=0.002)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_gap_in_the_times_stays_a_gap(tmp_path: Path, suffix: str) -> None:
    times = [i * 0.04 + (10 if i >= 20 else 0) for i in range(40)]
    recording = open_recording(small(tmp_path / f"gap.{suffix}", frames=40, times=times))
    frames = read(recording)
    assert [t_s for _, _, t_s in frames] == pytest.approx(times, abs=0.002)
    assert {epoch for _, epoch, _ in frames} == {0}
    assert read(recording, ResumePoint(5.0)) == frames[20:]


def test_times_that_fall_back_start_a_new_epoch_and_go_on(joined: Recording) -> None:
    source = open_source(joined)
    frames = [(number_in(f.full()), f.epoch, f.t_s, f.clock) for f in source.frames()]
    assert [number for number, *_ in frames] == list(range(90))
    assert [epoch for _, epoch, *_ in frames] == [0] * 30 + [1] * 60
    assert [t_s for *_, t_s, _ in frames] == pytest.approx([i / 25 for i in range(90)])
    assert {clock for _, epoch, _, clock in frames if epoch} == {ClockGrade.CORRECTED}
    assert source.counters.time_faults == 1
    assert joined.joined
    assert joined.duration_s is None


@pytest.mark.parametrize("number", [0, 5, 28, 29, 30, 31, 55, 88])
def test_a_joined_recording_is_resumed_in_the_right_part(joined: Recording, number: int) -> None:
    whole = read(joined)
    assert read(joined, ResumePoint(whole[number][2], whole[number][1])) == whole[number + 1 :]


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_equal_times_are_counted(tmp_path: Path, suffix: str) -> None:
    path = small(tmp_path / "rising.avi", codec="mjpeg", frames=30)
    recording = open_recording(_all_times_equal(path, tmp_path / f"equal.{suffix}"))
    source = open_source(recording)
    frames = list(source.frames())
    assert [number_in(frame.full()) for frame in frames] == list(range(30))
    assert [frame.t_s for frame in frames] == pytest.approx([i / 25 for i in range(30)])
    assert {frame.clock for frame in frames} == {ClockGrade.NOMINAL}
    behind = open_source(recording).frames(ResumePoint(frames[7].t_s))
    assert [number_in(frame.full()) for frame in behind] == list(range(8, 30))
    assert number_in(stills_at(recording, [frames[20].t_s])[0].image) == 20


def _all_times_equal(path: Path, target: Path) -> Path:
    import av

    with av.open(str(path)) as source, av.open(str(target), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.pts = packet.dts = 0
                packet.duration = 1
                packet.stream = stream
                output.mux(packet)
    return target


DAMAGED = [
    ("libx264", "mp4", None),
    ("libx264", "mkv", {"cluster_time_limit": "300"}),
    ("libx264", "ts", None),
    ("libx264", "avi", None),
    ("mpeg4", "avi", None),
    ("mjpeg", "avi", None),
]


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """100 frames a format, 4 s, so large that a few hundred bytes are a small part of a picture."""
    folder = tmp_path_factory.mktemp("noise")
    return {
        f"{codec}.{suffix}": write_video(
            folder / f"{codec}.{suffix}",
            codec=codec,
            frames=100,
            size_wh=(240, 180),
            picture=noisy,
            options={"preset": "ultrafast", "bf": "2"} if codec == "libx264" else None,
            container_options=options,
        )
        for codec, suffix, options in DAMAGED
    }


@pytest.mark.parametrize(("codec", "suffix"), [case[:2] for case in DAMAGED], ids=[f"{c}.{s}" for c, s, _ in DAMAGED])
def test_corrupt_packets_are_skipped_and_counted_and_the_rest_is_read(
    tmp_path: Path, noise: dict[str, Path], codec: str, suffix: str
) -> None:
    path = overwritten(noise[f"{codec}.{suffix}"], tmp_path / f"damaged.{suffix}", at=0.48)
    recording = open_recording(path)
    source = open_source(recording)
    frames = [(number_in(frame.full()), frame.t_s) for frame in source.frames()]
    assert source.counters.corrupt + (100 - len(frames)) > 0
    assert source.counters.frames == len(frames)
    assert all(a[1] < b[1] for a, b in pairwise(frames))
    sound = [(number, t_s) for number, t_s in frames if t_s < 1.4 or number >= 70]
    assert [number for number, _ in sound] == [*range(35), *range(70, 100)]
    # AVI stores no times: where packets cannot even be found, what follows moves forward by their number.
    lost_s = (100 - len(frames)) / 25 if suffix == "avi" else 0.0
    assert all(-lost_s - 0.0011 <= t_s - number / 25 <= 0.0011 for number, t_s in sound)


def test_damaged_pictures_are_counted(tmp_path: Path, noise: dict[str, Path]) -> None:
    recording = open_recording(overwritten(noise["libx264.mp4"], tmp_path / "damaged.mp4", at=0.5))
    source = open_source(recording)
    list(source.frames())
    assert source.counters.corrupt > 0


@pytest.mark.parametrize("name", ["libx264.mkv", "libx264.ts", "libx264.avi", "mpeg4.avi", "mjpeg.avi"])
def test_a_cut_off_file_yields_all_it_holds(tmp_path: Path, noise: dict[str, Path], name: str) -> None:
    recording = open_recording(cut_off(noise[name], tmp_path / f"cut-{name}", at=0.5))
    frames = read(recording)
    numbers = [number for number, _, _ in frames]
    assert numbers[:40] == list(range(40))
    assert len(numbers) < 75


def test_a_file_that_ends_before_its_declared_length_says_so(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "long.mkv", codec="mpeg4", frames=200, size_wh=SIZE_WH, picture=noisy)
    for path, truncated in ((whole, False), (cut_off(whole, tmp_path / "cut.mkv", at=0.5), True)):
        source = open_source(open_recording(path))
        assert 80 < len(list(source.frames())) <= 200
        assert source.counters.truncated is truncated, path.name


def test_the_rotation_flag_turns_pictures_upright(tmp_path: Path) -> None:
    for turn, rotation_deg in ((1, 270), (2, 180), (3, 90)):
        path = small(
            tmp_path / f"turned-{rotation_deg}.mp4", frames=3, rotation_deg=rotation_deg, picture=_turned_by(turn)
        )
        recording = open_recording(path)
        assert recording.size_wh == ((240, 320) if turn % 2 else (320, 240))
        for number, frame in enumerate(open_source(recording).frames()):
            full = frame.full()
            assert full.shape[1::-1] == recording.size_wh
            assert number_in(full) == number
            foot = full[full.shape[0] * 3 // 4 :]
            assert abs(foot.mean() - 90) < 12, "the plain half is below"
            width, height = recording.size_wh
            assert number_in(frame.small((width // 2, height // 2))) == number


def _turned_by(turns: int):  # type: ignore[no-untyped-def]
    """Encodes a numbered picture as a camera mounted on its side sees it: `turns` quarter turns counter-clockwise."""

    def picture(number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
        upright = numbered(number, size_wh[::-1] if turns % 2 else size_wh)
        return np.ascontiguousarray(np.rot90(upright, turns))

    return picture


def test_the_rotation_flag_is_the_one_telephones_write(tmp_path: Path) -> None:
    """A telephone held upright writes the matrix (0 1 -1 0): a quarter turn clockwise, 270 counter-clockwise."""
    path = small(tmp_path / "flag.mp4", frames=2, rotation_deg=270)
    data = path.read_bytes()
    header = data.index(b"tkhd") + 4
    matrix = np.frombuffer(data[header + 40 : header + 76], ">i4").reshape(3, 3)
    assert (matrix[:2, :2] >> 16).tolist() == [[0, 1], [-1, 0]]
    assert open_recording(path).rotation_deg == 270


def test_sources_are_chosen_by_what_the_recording_is(tmp_path: Path) -> None:
    assert isinstance(open_source(open_recording(small(tmp_path / "a.mp4", frames=2))), VideoFileSource)
