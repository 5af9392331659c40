"""What a recording is, and the clear errors for what is none."""

from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from detector.types import SourceError
from pipelines.video import cut_clip, open_recording, open_source
from tests.footage_maker import cut_off, number_in, numbered, write_pictures, write_sound, write_video

MAKERS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "mp4 cut in half": (
        lambda folder: cut_off(write_video(folder / "whole.mp4"), folder / "half.mp4", at=0.5),
        r"half\.mp4: not readable as a video .*copy it again",
    ),
    "zero bytes": (lambda folder: _file(folder / "zero.mp4", b""), r"zero\.mp4: the file is empty .*copy it again"),
    "text named mp4": (
        lambda folder: _file(folder / "text.mp4", b"Not a video.\n" * 99),
        r"text\.mp4: not readable as a video .*copy it again",
    ),
    "text named txt": (
        lambda folder: _file(folder / "notes.txt", b"Not a video.\n" * 99),
        r"notes\.txt: not readable as a video .*copy it again",
    ),
    "noise": (
        lambda folder: _file(folder / "noise.mp4", np.random.default_rng(1).bytes(60000)),
        r"noise\.mp4: not readable as a video .*copy it again",
    ),
    "sound alone": (
        lambda folder: write_sound(folder / "sound.mp4"),
        r"sound\.mp4: no picture track \(the file holds audio\); give a recording",
    ),
    "sound with a cover picture": (
        lambda folder: write_sound(folder / "song.mp4", cover=True),
        r"song\.mp4: no picture track \(the file holds a cover picture, audio\); give a recording",
    ),
    "missing": (lambda folder: folder / "missing.mp4", r"missing\.mp4: no such file; check the path"),
    "folder without pictures": (lambda folder: folder, r"the folder holds no picture"),
    "folder of recordings": (
        lambda folder: write_video(folder / "a.mp4", frames=3).parent,
        r"the folder holds no picture .*; the recordings in it are given by name, e\.g\. .*/\*",
    ),
    "play list that names another file": (
        lambda folder: _play_list(folder, "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nreal.ts\n#EXT-X-ENDLIST\n"),
        r"list\.mp4: not readable as a video",
    ),
    "script that names another file": (
        lambda folder: _play_list(folder, "ffconcat version 1.0\nfile real.ts\n"),
        r"list\.mp4: not readable as a video",
    ),
}


def _file(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _play_list(folder: Path, text: str) -> Path:
    write_video(folder / "real.ts")
    return _file(folder / "list.mp4", text.encode())


@pytest.mark.parametrize("label", MAKERS)
def test_what_is_no_recording_is_refused_by_name_with_the_cure(tmp_path: Path, label: str) -> None:
    make, message = MAKERS[label]
    with pytest.raises(SourceError, match=message):
        open_recording(make(tmp_path), picture_fps=5)


def test_pictures_that_cannot_be_decoded_are_refused(tmp_path: Path) -> None:
    _file(tmp_path / "a.jpg", b"no picture")
    with pytest.raises(SourceError, match="none of its 1 pictures can be decoded; copy them again"):
        open_recording(tmp_path, picture_fps=5)


def test_pictures_without_a_rate_are_refused_with_the_option_to_give(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"add --picture-fps, e\.g\. --picture-fps 5"):
        open_recording(write_pictures(tmp_path / "pictures", frames=2))


def test_pictures_are_ordered_by_number_and_damaged_ones_leave_their_time_empty(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "pictures", frames=13)
    (folder / "4.png").write_bytes(b"damaged")
    cv2.imwrite(str(folder / "6.png"), np.zeros((20, 20, 3), np.uint8))
    (folder / "notes.txt").write_text("not a picture")
    source = open_source(open_recording(folder, picture_fps=5))
    frames = [(number_in(frame.full()), frame.t_s) for frame in source.frames()]
    assert frames == [(i, pytest.approx(i / 5)) for i in range(13) if i not in (4, 6)]
    assert source.counters.corrupt == 2


@pytest.mark.parametrize("name", ["08:30:00.mp4", "đường phố.mp4", "100%.mp4", "-x.mp4", "a b#1?.mp4"])
def test_any_file_name_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    write_video(tmp_path / "plain.mp4", frames=5).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    recording = open_recording(Path(name))
    assert recording.name == name
    assert len(list(open_source(recording).frames())) == 5


CREATED = {
    "UTC": ("2026-03-04T01:02:03Z", datetime(2026, 3, 4, 1, 2, 3, tzinfo=UTC)),
    "with offset": ("2026-03-04T08:02:03+07:00", datetime(2026, 3, 4, 1, 2, 3, tzinfo=UTC)),
    "recorder without a clock": ("1970-01-01T00:00:00Z", None),
    "nonsense": ("yesterday", None),
    "none": (None, None),
}


@pytest.mark.parametrize("label", CREATED)
def test_the_creation_time_is_read_where_it_makes_sense(tmp_path: Path, label: str) -> None:
    text, expected = CREATED[label]
    metadata = {} if text is None else {"creation_time": text}
    path = write_video(tmp_path / "clip.mkv", frames=3, metadata=metadata)
    assert open_recording(path).created_at == expected


def test_identity_is_the_content_and_not_the_name(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", frames=5)
    copy = _file(tmp_path / "b.mp4", path.read_bytes())
    other = write_video(tmp_path / "c.mp4", frames=6)
    hashes = [open_recording(p).sha256 for p in (path, copy, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_of_several_picture_tracks_the_largest_is_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as output:
        tracks = [output.add_stream("mpeg4", rate=25) for _ in range(2)]
        for track, (width, height) in zip(tracks, ((160, 120), (320, 240)), strict=True):
            track.width, track.height, track.pix_fmt = width, height, "yuv420p"
        for number in range(5):
            for shift, track in enumerate(tracks):
                image = numbered(number + 100 * shift, (track.width, track.height))
                output.mux(track.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        for track in tracks:
            output.mux(track.encode(None))
    recording = open_recording(path)
    assert recording.size_wh == (320, 240)
    assert [number_in(frame.full()) for frame in open_source(recording).frames()] == list(range(100, 105))
    window = cut_clip(recording, 0.0, 1.0, tmp_path / "clip.mp4")
    assert (window.packets, open_recording(tmp_path / "clip.mp4").size_wh) == (5, (320, 240))


@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".mp4"])
def test_the_length_is_the_pictures_own_wherever_they_begin_and_however_long_sound_goes_on(
    tmp_path: Path, suffix: str
) -> None:
    """Recorders cut pieces out of a day without setting their times back."""
    path = tmp_path / f"late{suffix}"
    with av.open(str(path), "w") as output:
        seen, heard = output.add_stream("mpeg4", rate=25), output.add_stream("aac", rate=16000)
        seen.width, seen.height, seen.pix_fmt = 320, 240, "yuv420p"
        for number in range(50):
            frame = av.VideoFrame.from_ndarray(numbered(number, (320, 240)), format="bgr24")
            frame.pts, frame.time_base = 3605 * 25 + number, Fraction(1, 25)
            output.mux(seen.encode(frame))
        output.mux(seen.encode(None))
        for start in range(0, 10 * 16000, 1024):
            tone = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            tone.sample_rate, tone.pts = 16000, 3600 * 16000 + start
            output.mux(heard.encode(tone))
        output.mux(heard.encode(None))
    recording = open_recording(path)
    assert recording.duration_s == pytest.approx(2.0, abs=0.1)
    source = open_source(recording)
    assert [number_in(frame.full()) for frame in source.frames()] == list(range(50))
    assert not source.counters.truncated
