"""Of recordings whose pictures are two fields one is looked at, at its place; all others are as they were."""

from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av import VideoFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from detector.types import ClockGrade, Window
from pipelines.video import ResumePoint, SourceFrame, open_recording, open_source, stills_at
from pipelines.video.clip import cut_clip
from pipelines.video.combing import CLEAN, COMBED, Combing, combed_share, rows_of
from pipelines.video.scaler import scaled
from pipelines.video.thrift import Thrift
from tests.footage_maker import write_video
from tests.pipelines.video.fields import FLAGGED, FPS, SIZE_WH, combed, film, street

CODERS = {
    "h264, said": ("libx264", "mp4", FLAGGED),
    "h264, not said": ("libx264", "mp4", {}),
    "h264, not said, coarse": ("libx264", "mkv", {"crf": "30"}),
    "h264, said, ts": ("libx264", "ts", FLAGGED),
    "mpeg2, said": ("mpeg2video", "ts", {**FLAGGED, "b": "4000000"}),
    "mpeg4, said": ("mpeg4", "mkv", {**FLAGGED, "b": "4000000"}),
    "mpeg4, not said": ("mpeg4", "avi", {"b": "4000000"}),
    "mjpeg, not said": ("mjpeg", "avi", {"q": "3"}),
}
every_coder = pytest.mark.parametrize("coder", CODERS.values(), ids=CODERS.keys())


@every_coder
def test_recordings_of_two_fields_are_told(tmp_path: Path, coder: tuple[str, str, dict[str, str]]) -> None:
    codec, container, options = coder
    path = film(tmp_path / f"a.{container}", two_fields=True, codec=codec, options=options)
    recording = open_recording(path)
    assert recording.interlaced
    frames = list(open_source(recording).frames())
    assert all(frame.interlaced and frame.one_field for frame in frames)
    assert {frame.raw.interlaced_frame for frame in frames if isinstance(frame.raw, VideoFrame)} == {"flags" in options}


@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "mjpeg"])
def test_recordings_of_one_moment_are_not(tmp_path: Path, codec: str) -> None:
    recording = open_recording(film(tmp_path / "a.mkv", two_fields=False, codec=codec))
    assert not recording.interlaced
    assert not any(frame.one_field for frame in open_source(recording).frames())


def test_fields_are_looked_for_in_the_pictures_that_are_read(tmp_path: Path) -> None:
    """A recorder keeps a small stream without fields in front; in the large one nothing moves at first."""

    def late(number: int, _: tuple[int, int]) -> NDArray[np.uint8]:
        return combed(max(number - 60, 0) / FPS)

    def small(number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
        return np.asarray(cv2.resize(street(number / FPS), size_wh, interpolation=cv2.INTER_AREA), np.uint8)

    parts = [
        write_video(tmp_path / "small.mkv", frames=200, fps=FPS, size_wh=(160, 112), picture=small),
        write_video(tmp_path / "large.mkv", frames=200, fps=FPS, size_wh=SIZE_WH, picture=late, options={"crf": "20"}),
    ]
    assert open_recording(parts[1]).interlaced
    with av.open(str(tmp_path / "both.mkv"), "w") as both:
        sources = [av.open(str(part)) for part in parts]
        streams = [both.add_stream_from_template(source.streams.video[0]) for source in sources]
        for source, stream in zip(sources, streams, strict=True):
            with source:
                for packet in source.demux(video=0):
                    if packet.size:
                        packet.stream = stream
                        both.mux(packet)
    recording = open_recording(tmp_path / "both.mkv")
    assert recording.size_wh == SIZE_WH
    assert recording.interlaced


@pytest.mark.parametrize("two_fields", [False, True])
def test_a_stream_is_told_as_the_recording_of_it_is(tmp_path: Path, two_fields: bool) -> None:
    recording = open_recording(film(tmp_path / "a.mp4", two_fields=two_fields, frames=200))
    combing = Combing()
    for frame in islice(open_source(recording).frames(), 0, None, 5):
        combing.follow(frame.t_s, frame.raw)
    assert combing.told
    assert combing.interlaced is recording.interlaced is two_fields


def test_a_street_that_is_quiet_at_first_is_told_by_what_comes_later(tmp_path: Path) -> None:
    def picture(number: int, _: tuple[int, int]) -> NDArray[np.uint8]:
        return combed(max(number - 160, 0) / FPS)

    path = write_video(tmp_path / "a.mp4", frames=240, fps=FPS, size_wh=SIZE_WH, picture=picture)
    assert open_recording(path).interlaced


def test_where_nothing_moves_the_streams_own_word_counts(tmp_path: Path) -> None:
    still = combed(1.0)
    for options, said in ((FLAGGED, True), ({}, False)):
        path = tmp_path / f"{said}.mp4"
        write_video(path, frames=75, size_wh=SIZE_WH, picture=lambda *_: still, options=options)
        assert open_recording(path).interlaced is said


@pytest.mark.parametrize("container", ["h264", "ts", "avi"])
def test_recordings_that_can_hardly_be_sought_are_told_by_their_beginning(tmp_path: Path, container: str) -> None:
    path = film(tmp_path / f"a.{container}", two_fields=True, options={"bf": "0"})
    assert open_recording(path).interlaced
    path = film(tmp_path / f"b.{container}", two_fields=False, options={"bf": "0"})
    assert not open_recording(path).interlaced


@pytest.mark.parametrize("options", [FLAGGED, {}], ids=["said", "not said"])
def test_every_look_shows_the_moment_of_one_field(tmp_path: Path, options: dict[str, str]) -> None:
    both = list(open_source(open_recording(film(tmp_path / "a.mp4", two_fields=True, options=options))).frames())
    one = list(open_source(open_recording(film(tmp_path / "b.mp4", two_fields=False))).frames())
    window = Window(60, 50, 420, 290)
    for frame, true in list(zip(both, one, strict=True))[3:70:9]:
        assert frame.full().shape == true.full().shape
        for shown, wanted in (
            (frame.full(), true.full()),
            (frame.small((320, 214)), true.small((320, 214))),
            (frame.small((360, 240), window), true.small((360, 240), window)),
            (frame.luma((60, 40)), true.luma((60, 40))),
        ):
            assert np.abs(shown.astype(int) - wanted).mean() < 2.5
        # As a comb, the same picture would lie further off where it moves.
        moving = np.abs(street(frame.t_s).astype(int) - street(frame.t_s + 0.02)).max(axis=2) > 40
        comb = np.abs(combed(frame.t_s).astype(int) - street(frame.t_s))[moving].mean()
        assert np.abs(frame.full().astype(int) - street(frame.t_s))[moving].mean() < 0.7 * comb


@pytest.mark.parametrize("options", [FLAGGED, {}], ids=["said", "not said"])
def test_nothing_looked_at_is_combed_any_more(tmp_path: Path, options: dict[str, str]) -> None:
    source = open_source(open_recording(film(tmp_path / "a.mp4", two_fields=True, options=options)))
    frames = list(source.frames())[::3]
    shown = [rows_of(frame.full()) for frame in frames]
    held = [rows_of(frame.raw) for frame in frames]
    for looks, combs in ((held, True), (shown, False)):
        told = [combed_share(*three) for three in zip(looks, looks[1:], looks[2:], strict=False)]
        known = [share for share in told if share is not None]
        assert len(known) > 10
        assert np.median(known) >= COMBED if combs else max(known) <= CLEAN


def test_who_goes_on_later_or_reads_sparsely_sees_the_same(tmp_path: Path) -> None:
    recording = open_recording(film(tmp_path / "a.mp4", two_fields=True, options={"bf": "2"}))
    whole = {frame.t_s: frame.small((320, 214)).tobytes() for frame in open_source(recording).frames()}
    for thrift in (Thrift(), Thrift(unreferenced=True, looks_hz=5.0)):
        for after_s in (0.0, 1.0, 2.2):
            for frame in open_source(recording, thrift=thrift).frames(ResumePoint(after_s)):
                assert frame.small((320, 214)).tobytes() == whole[frame.t_s]


def test_stills_show_one_field_and_say_so(tmp_path: Path) -> None:
    recording = open_recording(film(tmp_path / "a.mp4", two_fields=True))
    frames = list(open_source(recording).frames())
    (still,) = stills_at(recording, [1.0])
    assert still.one_field
    assert np.array_equal(still.image, frames[FPS].full())
    (plain,) = stills_at(open_recording(film(tmp_path / "b.mp4", two_fields=False)), [1.0])
    assert not plain.one_field


@pytest.mark.parametrize("two_fields", [False, True])
def test_a_folder_of_pictures_is_told_too(tmp_path: Path, two_fields: bool) -> None:
    for number in range(30):
        picture = (combed if two_fields else street)(number * 0.2)
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
    recording = open_recording(tmp_path, picture_fps=5)
    assert recording.interlaced is two_fields
    for frame in islice(open_source(recording).frames(), 3):
        assert frame.full().shape == (SIZE_WH[1], SIZE_WH[0], 3)
        assert np.abs(frame.full().astype(int) - street(frame.t_s)).mean() < (2.5 if two_fields else 0.01)


def _two(data: st.DataObject, size_wh: tuple[int, int]) -> tuple[VideoFrame, VideoFrame]:
    """Two frames that differ in every second row of each plane."""
    width, height = size_wh
    dice = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    planes = [dice.integers(16, 235, (rows, columns), np.uint8) for rows, columns in _planes(width, height)]
    others = [plane.copy() for plane in planes]
    for plane in others:
        plane[1::2] = dice.integers(16, 235, plane[1::2].shape, np.uint8)
    return _frame(planes, size_wh), _frame(others, size_wh)


def _planes(width: int, height: int) -> list[tuple[int, int]]:
    return [(height, width), (height // 2, width // 2), (height // 2, width // 2)]


def _frame(planes: list[NDArray[np.uint8]], size_wh: tuple[int, int]) -> VideoFrame:
    flat = np.concatenate([plane.reshape(-1) for plane in planes])
    frame = VideoFrame.from_ndarray(flat.reshape(size_wh[1] * 3 // 2, size_wh[0]), format="yuv420p")
    frame.pts, frame.time_base = 0, Fraction(1, FPS)
    return frame


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_what_the_other_field_holds_changes_no_pixel(data: st.DataObject) -> None:
    size_wh = 4 * data.draw(st.integers(8, 40)), 4 * data.draw(st.integers(8, 40))
    left, top = (2 * data.draw(st.integers(0, side // 4)) for side in size_wh)
    right, bottom = (
        start + 2 * data.draw(st.integers(4, (side - start) // 2))
        for start, side in zip((left, top), size_wh, strict=True)
    )
    window = data.draw(st.sampled_from([None, Window(left, top, right, bottom)]))
    wanted = data.draw(st.integers(8, 200)), data.draw(st.integers(8, 200))
    rotation_deg = data.draw(st.sampled_from([0, 180]))
    one, other = (
        SourceFrame(
            t_s=0.0,
            epoch=0,
            pts=None,
            clock=ClockGrade.PTS,
            rotation_deg=rotation_deg,
            raw=raw,
            interlaced=True,
        )
        for raw in _two(data, size_wh)
    )
    assert np.array_equal(one.small(wanted, window), other.small(wanted, window))
    assert np.array_equal(one.luma(wanted), other.luma(wanted))
    assert np.array_equal(one.full(), other.full())


@pytest.mark.parametrize("height", [240, 242])
def test_a_field_lies_where_its_picture_lay(height: int) -> None:
    """A ramp from top to bottom has at each row the value of that row, but for half a row."""
    ramp = np.repeat(np.linspace(20, 230, height)[:, None], 320, axis=1).round().astype(np.uint8)
    frame = VideoFrame.from_ndarray(ramp, format="gray")
    shown = scaled(frame, (320, height), "gray", field=True)
    assert np.abs(shown.astype(int) - ramp)[4:-4].max() <= 1
    part = scaled(frame, (320, 80), "gray", Window(0, 60, 320, 140), field=True)
    assert np.abs(part.astype(int) - ramp[60:140])[2:-2].max() <= 2


def test_the_clip_of_an_act_keeps_both_fields(tmp_path: Path) -> None:
    recording = open_recording(film(tmp_path / "a.mp4", two_fields=True))
    cut_clip(recording, 1.0, 2.0, tmp_path / "clip.mp4")
    with av.open(str(recording.path)) as whole, av.open(str(tmp_path / "clip.mp4")) as clip:
        given = {bytes(packet) for packet in whole.demux(video=0) if packet.size}
        kept = [bytes(packet) for packet in clip.demux(video=0) if packet.size]
    assert len(kept) >= FPS
    assert set(kept) <= given
