"""One conformance suite for every kind of recording: all frames, in order, each with its time, resumable anywhere."""

from collections.abc import Callable

import pytest

from detector.types import ClockGrade
from pipelines.video import ReadCounters, Recording, ResumePoint, SourceFrame, Thrift, open_source
from tests.footage_maker import number_in
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
def test_the_small_picture_is_the_whole_picture(recorded: Recorded, form: Format) -> None:
    source = open_source(recorded(form))
    frame = list(source.frames())[23]
    small = frame.small((80, 60))
    assert small.shape == (60, 80, 3)
    assert number_in(small) == 23
    assert frame.full().shape == (SIZE_WH[1], SIZE_WH[0], 3)


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
