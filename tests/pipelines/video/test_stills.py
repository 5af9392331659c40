"""The exact frame at a time, in any kind of recording."""

from pathlib import Path

import pytest

from detector.types import SourceError
from pipelines.video import open_recording, open_source, stills_at
from tests.footage_maker import number_in, numbered, write_video
from tests.pipelines.video.conftest import FORMATS, FPS, FRAMES, Format
from tests.pipelines.video.test_source import Recorded, every_format


@every_format
def test_every_frame_is_found_by_its_own_time(recorded: Recorded, form: Format) -> None:
    recording = recorded(form)
    times_s = [frame.t_s for frame in open_source(recording).frames()]
    stills = stills_at(recording, times_s)
    assert [(number_in(still.image), still.t_s) for still in stills] == list(enumerate(times_s))
    for number in (3, 20, 35):
        assert number_in(stills_at(recording, [times_s[number]])[0].image) == number


def test_between_frames_the_one_shown_then_is_given_in_the_order_asked(recorded: Recorded) -> None:
    recording = recorded(FORMATS[0])
    stills = stills_at(recording, [1.03, 0.09, 99.0, 0.0, 0.09])
    assert [number_in(still.image) for still in stills] == [25, 2, FRAMES - 1, 0, 2]
    assert stills[0].t_s == pytest.approx(25 / FPS)


@pytest.mark.parametrize("fps", [3, 6, 7, 30])
def test_a_time_told_to_the_millisecond_means_its_frame(tmp_path: Path, fps: int) -> None:
    recording = open_recording(write_video(tmp_path / "slow.mp4", frames=20, fps=fps))
    told_s = [round(number / fps, 3) for number in range(20)]
    assert [number_in(still.image) for still in stills_at(recording, told_s)] == list(range(20))


@pytest.mark.parametrize("t_s", [1.2, 9.0, 30.0, 140.0])
def test_in_a_gap_the_last_frame_before_it_is_given(tmp_path: Path, t_s: float) -> None:
    times = [i * 0.04 if i < 20 else 150 + i * 0.04 for i in range(40)]
    recording = open_recording(write_video(tmp_path / "gap.mkv", frames=40, times=times))
    assert [number_in(still.image) for still in stills_at(recording, [t_s])] == [19]


def test_a_joined_recording_gives_frames_of_the_right_part(tmp_path: Path) -> None:
    first = write_video(tmp_path / "a.ts", frames=30)
    second = write_video(tmp_path / "b.ts", frames=150, picture=lambda i, size_wh: numbered(30 + i, size_wh))
    (tmp_path / "joined.ts").write_bytes(first.read_bytes() + second.read_bytes())
    recording = open_recording(tmp_path / "joined.ts")
    for number in (3, 29, 30, 70, 130, 179):
        assert number_in(stills_at(recording, [number / 25 + 0.001])[0].image) == number


def test_a_recording_that_has_gone_is_an_error_with_its_name(tmp_path: Path) -> None:
    recording = open_recording(write_video(tmp_path / "clip.mp4", frames=5))
    recording.path.unlink()
    with pytest.raises(SourceError, match=r"clip\.mp4: not readable"):
        stills_at(recording, [0.1])
