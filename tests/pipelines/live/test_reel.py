"""Packets laid aside on disk come back with their times and show the same pictures."""

from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from detector.types import SourceError
from pipelines.live.footage import RingFootage
from pipelines.live.reel import Reel, read_reel, write_reel
from pipelines.live.ring import Kept, Take
from pipelines.video import open_recording, open_source
from tests.footage_maker import number_in, write_video

FPS = 10


def packets_of(path: Path, *, since_s: float) -> list[Kept]:
    """As a stream would give them that began at some second."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        take = Take.of(stream)
        return [
            Kept.of(packet, since_s + float(packet.pts * stream.time_base), take)
            for packet in container.demux(stream)
            if packet.size and packet.pts is not None and stream.time_base is not None
        ]


@pytest.fixture(scope="module", params=["libx264", "libx265", "mjpeg"])
def video(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {"bf": "2"} if request.param == "libx264" else {"x265-params": "log-level=none"}
    name = {"libx264": "a.mp4", "libx265": "b.mp4", "mjpeg": "c.mkv"}[request.param]
    options = {} if request.param == "mjpeg" else options
    folder = tmp_path_factory.mktemp("reel")
    return write_video(folder / name, frames=40, fps=FPS, codec=request.param, options=options)


def numbers_at(footage: RingFootage, times_s: list[float]) -> Iterator[int]:
    for still in footage.stills(times_s):
        yield number_in(still.image)


def test_two_connections_come_back_with_their_times_and_pictures(video: Path, tmp_path: Path) -> None:
    kept = [*packets_of(video, since_s=1000.5), *packets_of(video, since_s=1010.0)]
    write_reel(kept, tmp_path / "reel")
    back = read_reel(tmp_path / "reel")
    assert [one.t_s for one in back] == pytest.approx([one.t_s for one in kept], abs=2e-3)
    footage = RingFootage(name="rtsp://camera", kept=back)
    assert list(numbers_at(footage, [1001.0, 1003.01, 1010.71])) == [5, 25, 7]
    clip = tmp_path / f"clip{footage.clip_suffix}"
    footage.cut(1010.0, 1014.0, clip)
    frames = [number_in(frame.full()) for frame in open_source(open_recording(clip)).frames()]
    assert frames[-1] == 39


def test_only_keyframes_of_the_last_minutes_are_kept(video: Path, tmp_path: Path) -> None:
    reel = Reel(tmp_path / "reel", keep_s=10.0)
    first, second, third = (packets_of(video, since_s=since_s) for since_s in (0.0, 4.0, 20.0))
    reel.add(first)
    reel.add([*first, *second])
    assert [one.t_s for one in read_reel(tmp_path / "reel")] == pytest.approx([0, 1, 2, 3, 4, 5, 6, 7], abs=1e-3)
    reel.add(third)
    again = Reel(tmp_path / "reel", keep_s=10.0)
    back = again.read()
    assert [one.t_s for one in back] == pytest.approx([20, 21, 22, 23], abs=1e-3)
    assert list(numbers_at(RingFootage(name="a", kept=back), [21.0, 22.0])) == [10, 20]
    again.add(third)
    assert len(read_reel(tmp_path / "reel")) == 4, "what is written is not written twice"
    again.clear()
    assert read_reel(tmp_path / "reel") == ()


def test_a_damaged_file_gives_what_it_holds(video: Path, tmp_path: Path) -> None:
    write_reel(packets_of(video, since_s=0.0), tmp_path)
    (file,) = tmp_path.glob("reel-*")
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 9 // 10])
    (tmp_path / "reel-000000099000000.mkv").write_bytes(b"no video")
    assert 0 < len(read_reel(tmp_path)) < 40


def test_a_still_of_a_hole_is_of_the_nearest_picture(video: Path) -> None:
    kept = (*packets_of(video, since_s=0.0), *packets_of(video, since_s=40.0))
    footage = RingFootage(name="rtsp://camera", kept=kept)
    assert list(numbers_at(footage, [10.0, 31.0])) == [39, 0], "the last before it, the first behind it"
    with pytest.raises(SourceError, match="no picture is kept of 22"):
        list(footage.stills([22.0]))


def test_a_stream_that_tells_its_times_twice_still_shows_what_was_when(video: Path) -> None:
    once = packets_of(video, since_s=0.0)
    kept = (*once, *(Kept(one.packet, one.t_s + 10, one.take) for one in once))
    assert list(numbers_at(RingFootage(name="a", kept=kept), [0.51, 3.01, 10.51, 13.01])) == [5, 30, 5, 30]
