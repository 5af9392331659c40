"""One conformance suite for every kind of recording: all frames, in order, each with its time, resumable anywhere."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import av
import numpy as np
import pytest
from av import VideoFrame

from detector.types import ClockGrade, Window
from pipelines.sampling import SlotSampler
from pipelines.video import ReadCounters, Recording, ResumePoint, SourceFrame, Thrift, open_recording, open_source
from pipelines.video.tails import without_tails
from tests.footage_maker import number_in, numbered, write_video
from tests.pipelines.video.conftest import FORMATS, FPS, FRAMES, SIZE_WH, Format

every_format = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
SPARSE = Thrift(unreferenced=True)
Recorded = Callable[[Format], Recording]


def told(frame: SourceFrame) -> tuple[int, int, float]:
    return number_in(frame.full()), frame.epoch, frame.t_s


def read(recording: Recording, after: ResumePoint | None = None, **options: Thrift) -> list[tuple[int, int, float]]:
    return [told(frame) for frame in open_source(recording, **options).frames(after)]


@every_format
def test_every_frame_comes_once_and_in_order(recorded: Recorded, form: Format) -> None:
    assert [number for number, _, _ in read(recorded(form))] == list(range(FRAMES))


@every_format
def test_times_are_those_the_frames_were_made_with(recorded: Recorded, form: Format) -> None:
    for number, epoch, t_s in read(recorded(form)):
        assert (t_s, epoch) == (pytest.approx(number / FPS, abs=0.0011), 0)


@every_format
def test_resuming_behind_any_frame_gives_exactly_the_rest(recorded: Recorded, form: Format) -> None:
    whole = read(recorded(form))
    for number, (_, epoch, t_s) in enumerate(whole):
        assert read(recorded(form), ResumePoint(t_s, epoch)) == whole[number + 1 :], f"behind frame {number}"


@every_format
def test_a_resumed_reader_counts_only_what_is_behind(recorded: Recorded, form: Format) -> None:
    whole = read(recorded(form))
    for number in (0, 12, 25, FRAMES - 1):
        _, epoch, t_s = whole[number]
        source = open_source(recorded(form))
        list(source.frames(ResumePoint(t_s, epoch)))
        assert source.counters == ReadCounters(frames=FRAMES - 1 - number)


@every_format
def test_sparse_reading_leaves_frames_out_but_changes_none(recorded: Recorded, form: Format) -> None:
    whole = read(recorded(form))
    sparse = read(recorded(form), thrift=SPARSE)
    assert sparse[0] == whole[0]
    assert set(sparse) <= set(whole)
    assert sparse == sorted(sparse)
    middle = sparse[len(sparse) // 2]
    resumed = read(recorded(form), ResumePoint(middle[2], middle[1]), thrift=SPARSE)
    assert resumed == [frame for frame in sparse if frame[2] > middle[2]]


def test_sparse_reading_really_decodes_less(recorded: Recorded) -> None:
    counters = ReadCounters()
    list(open_source(recorded(FORMATS[0]), counters=counters, thrift=SPARSE).frames())
    assert counters.frames < FRAMES


@every_format
@pytest.mark.parametrize("rate_hz", [2.0, 4.0, 5.0, 12.5, 25.0])
def test_what_is_looked_at_is_the_same_without_tails(recorded: Recorded, form: Format, rate_hz: float) -> None:
    def looks(frames: list[tuple[int, int, float]], last_s: float | None = None) -> list[tuple[int, int, float]]:
        sampler = SlotSampler(rate_hz, last_s=last_s)
        return [frame for frame in frames if sampler.wants(frame[2])]

    thrift = Thrift(looks_hz=rate_hz)
    whole = looks(read(recorded(form)))
    assert looks(read(recorded(form), thrift=thrift)) == whole
    for number, epoch, t_s in whole:
        rest = [frame for frame in whole if frame[0] > number]
        assert looks(read(recorded(form), ResumePoint(t_s, epoch), thrift=thrift), t_s) == rest


@pytest.mark.parametrize(
    ("codec", "container", "options", "left"),
    [
        # Looks at 0, 5, 10...: in the 10 frames from one keyframe to the next the last four serve nobody.
        pytest.param("libx264", "mp4", {"bf": "0"}, 4 * 3, id="h264.mp4"),
        pytest.param("libx264", "ts", {"bf": "0"}, 4 * 3, id="h264.ts"),
        pytest.param("libx264", "mp4", {"bf": "0", "x264-params": "open-gop=1"}, 4 * 3, id="open, but nothing before"),
        pytest.param("mpeg4", "mkv", {"bf": "0"}, 4 * 3, id="mpeg4.mkv"),
        # Eight looks, and the second frame: it was sent before the first had told where time begins.
        pytest.param("mjpeg", "avi", {}, FRAMES - 9, id="mjpeg.avi"),
        pytest.param("mjpeg", "mkv", {}, FRAMES - 9, id="mjpeg.mkv"),
        pytest.param("libx264", "mp4", {"bf": "2"}, 0, id="not in order"),
        pytest.param("libx264", "mp4", {"bf": "0", "intra-refresh": "1"}, 0, id="nothing forgets"),
    ],
)
def test_tails_are_left_out_where_nothing_depends_on_them(
    tmp_path: Path, codec: str, container: str, options: dict[str, str], left: int
) -> None:
    path = write_video(tmp_path / f"a.{container}", codec=codec, frames=FRAMES, options=options, size_wh=SIZE_WH)
    counters = ReadCounters()
    list(open_source(open_recording(path), counters=counters, thrift=Thrift(looks_hz=5.0)).frames())
    assert counters == ReadCounters(frames=FRAMES - left)


@pytest.mark.parametrize(("step", "left"), [(0, 4 * 3), (1, 0)], ids=["sound", "damaged"])
def test_the_tail_of_a_look_that_came_out_damaged_is_kept(tmp_path: Path, step: int, left: int) -> None:
    path = write_video(tmp_path / "a.mp4", frames=FRAMES, options={"bf": "0"}, size_wh=SIZE_WH)
    faults = count(step=step)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        second = 1 / float(stream.time_base or 1)
        kept = list(
            without_tails(
                container.demux(stream), stream, SlotSampler(5.0), lambda ticks: ticks / second, lambda: next(faults)
            )
        )
    assert sum(packet.size > 0 for packet in kept) == FRAMES - left


@every_format
def test_the_small_picture_is_the_whole_picture(recorded: Recorded, form: Format) -> None:
    source = open_source(recorded(form))
    frame = list(source.frames())[23]
    small = frame.small((80, 60))
    assert small.shape == (60, 80, 3)
    assert number_in(small) == 23
    assert frame.full().shape == (SIZE_WH[1], SIZE_WH[0], 3)


@every_format
@pytest.mark.parametrize("window", [Window(0, 0, 80, 60), Window(20, 10, 84, 58), Window(96, 60, 160, 120)], ids=str)
def test_a_window_of_the_picture_shows_what_lies_there(recorded: Recorded, form: Format, window: Window) -> None:
    frame = list(open_source(recorded(form)).frames())[23]
    part = frame.small(window.size_wh, window).astype(int)
    there = frame.full()[window.top : window.bottom, window.left : window.right].astype(int)
    assert part.shape == there.shape
    # Colours are stored for pairs of pixels: at a window's edge the last pair has no neighbour to be smoothed with.
    assert np.abs(part - there)[2:-2, 2:-2].max() <= 6


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_a_window_of_a_turned_picture_shows_what_lies_there(rotation_deg: int) -> None:
    stored = VideoFrame.from_ndarray(np.random.default_rng(3).integers(0, 255, (48, 64, 3), np.uint8), format="bgr24")
    frame = SourceFrame(
        t_s=0.0, epoch=0, pts=None, clock=ClockGrade.PTS, rotation_deg=rotation_deg, raw=stored.reformat(format="bgr24")
    )
    window = Window(6, 10, 26, 40)
    part = frame.small(window.size_wh, window)
    assert np.array_equal(part, frame.full()[window.top : window.bottom, window.left : window.right])


@every_format
def test_facts_and_clean_counters(recorded: Recorded, form: Format) -> None:
    recording = recorded(form)
    assert recording.size_wh == SIZE_WH
    assert recording.nominal_fps == pytest.approx(FPS)
    assert recording.duration_s == pytest.approx(FRAMES / FPS, abs=0.1)
    assert not recording.joined
    source = open_source(recording)
    list(source.frames())
    assert source.counters == ReadCounters(frames=FRAMES)


@every_format
def test_the_clock_grade_says_how_far_the_times_can_be_trusted(recorded: Recorded, form: Format) -> None:
    grades = {frame.clock for frame in open_source(recorded(form)).frames()}
    if form.pictures:
        assert grades == {ClockGrade.NOMINAL}
    elif form.name == "h264.avi":
        assert grades <= {ClockGrade.CORRECTED, ClockGrade.NOMINAL}
    else:
        assert grades == {ClockGrade.PTS}


def test_frames_behind_a_change_of_size_come_as_large_as_the_first(tmp_path: Path) -> None:
    large = write_video(tmp_path / "large.ts", frames=30)
    small = write_video(
        tmp_path / "small.ts", frames=30, size_wh=(160, 120), picture=lambda i, size_wh: numbered(30 + i, size_wh)
    )
    changed = tmp_path / "changed.ts"
    changed.write_bytes(large.read_bytes() + small.read_bytes())
    frames = list(open_source(open_recording(changed)).frames())
    assert [number_in(frame.full()) for frame in frames] == list(range(60))
    assert {frame.full().shape for frame in frames} == {(240, 320, 3)}
    assert {frame.small((80, 60), Window(0, 0, 320, 240)).shape for frame in frames[::10]} == {(60, 80, 3)}
