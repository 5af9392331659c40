"""Observations come in the order of the frames, bounded in memory; errors arrive and threads end."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from detector.gate import MotionGate
from detector.inference import Backend, Letterbox, Picture
from detector.inference.batches import MOST
from detector.inference.scripted import ScriptedBackend, ScriptedFrame
from detector.types import (
    AS_IT_IS,
    Calibration,
    Detections,
    InferenceError,
    LoadState,
    ObjectClass,
    SourceError,
    Window,
)
from pipelines.analysis import Analyser, looked_at
from pipelines.looker import DECODED, IN_FLIGHT
from pipelines.observations import Observation
from pipelines.video import (
    WHOLE,
    FrameSource,
    ReadCounters,
    Recording,
    ResumePoint,
    SourceFrame,
    Thrift,
    open_recording,
    open_source,
)
from tests.builders import scene_of
from tests.footage_maker import number_in, write_video
from tests.pipelines.street import FRAMES, Street, open_scripted

SCENE = scene_of("{id: load, kind: load_check, polygon: [[0, 0], [640, 0], [640, 360], [0, 360]]}", size=(640, 360))


@pytest.fixture(scope="module")
def recording(street: Street) -> Recording:
    return open_recording(street.video)


def analyser(backend: Backend, **options: object) -> Analyser:
    return Analyser(
        **{  # type: ignore[arg-type]
            "scene": SCENE,
            "start_at": None,
            "rate_hz": 5.0,
            "backend": backend,
            "loads": None,
            "foreground": None,
            "window": None,
            **options,
        }
    )


def scripted() -> Backend:
    return open_scripted(None)  # type: ignore[arg-type]


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith(("read ", "pick "))]


@dataclass
class Late:
    """Finishes the pictures of a window in reverse order, as a busy network may."""

    inner: Backend
    waiting: list[tuple[Future[Detections], Detections]] = field(default_factory=list)
    network_hash: str = "late"
    calibration: Calibration = AS_IT_IS

    def letterbox(self, source_wh: tuple[int, int]) -> Letterbox:
        return self.inner.letterbox(source_wh)

    def submit(self, picture: Picture) -> Future[Detections]:
        future: Future[Detections] = Future()
        self.waiting.append((future, self.inner.submit(picture).result()))
        if len(self.waiting) == IN_FLIGHT:
            for late, detections in reversed(self.waiting):
                late.set_result(detections)
            self.waiting.clear()
        return future

    def close(self) -> None:
        self.inner.close()


def test_observations_come_in_the_order_of_the_frames(recording: Recording) -> None:
    observations = list(analyser(scripted()).observe(open_source(recording)))
    assert [o.stamp.index for o in observations] == list(range(FRAMES // 2))
    assert [o.stamp.t_s for o in observations] == pytest.approx([i / 5 for i in range(FRAMES // 2)])
    at_two = observations[10].detections
    assert [ObjectClass(int(kind)) for kind in at_two.kind] == [ObjectClass.MOTORCYCLE]
    assert readers() == []


def test_a_network_that_finishes_out_of_order_changes_nothing(recording: Recording) -> None:
    plain = list(analyser(scripted()).observe(open_source(recording)))
    late = list(analyser(Late(scripted())).observe(open_source(recording)))
    assert [o.stamp for o in late] == [o.stamp for o in plain]
    for mine, theirs in zip(late, plain, strict=True):
        np.testing.assert_array_equal(mine.detections.xyxy, theirs.detections.xyxy)


@pytest.mark.parametrize("thrift", [WHOLE, Thrift(unreferenced=True, unfiltered=True)], ids=["whole", "thrifty"])
def test_resumed_behind_any_observation_the_rest_is_the_same(recording: Recording, thrift: Thrift) -> None:
    whole = list(analyser(scripted()).observe(open_source(recording, thrift=thrift)))
    for number in (0, 7, 63, len(whole) - 2, len(whole) - 1):
        source = open_source(recording, thrift=thrift)
        rest = list(analyser(scripted()).observe(source, after=whole[number]))
        assert [o.stamp for o in rest] == [o.stamp for o in whole[number + 1 :]]


QUIET_S, BUSY_S, AGAIN_S = 10.0, 14.0, 24.0
"""A street lies still, then somebody rides through it, then it lies still again."""


def quiet_street(number: int, size_wh: tuple[int, int]) -> np.ndarray:
    image = np.random.default_rng(5).integers(60, 120, (size_wh[1], size_wh[0], 3)).astype(np.uint8)
    if QUIET_S <= number / 10 < BUSY_S:
        x = round(40 + (number / 10 - QUIET_S) * 100)
        image[180:220, x : x + 60] = (200, 200, 40)
    return image


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    path = tmp_path_factory.mktemp("quiet") / "quiet.mp4"
    options = {"g": "20", "crf": "20"}
    frames = round(AGAIN_S * 10)
    return open_recording(
        write_video(path, frames=frames, fps=10, size_wh=(640, 360), picture=quiet_street, options=options)
    )


def gate() -> MotionGate:
    return MotionGate(size_wh=(640, 360), still_s=2.0)


def rider() -> ScriptedBackend:
    frames = []
    for number in range(round(AGAIN_S * 10)):
        x = 40 + (number / 10 - QUIET_S) * 100
        objects = [{"kind": "car", "xyxy": [x, 180, x + 60, 220]}] if QUIET_S <= number / 10 < BUSY_S else []
        frames.append(ScriptedFrame.model_validate({"t_s": number / 10, "objects": objects}))
    return ScriptedBackend(tuple(frames))


def test_a_gated_recording_is_looked_at_where_it_moves_and_rarely_where_not(quiet: Recording) -> None:
    times = [o.stamp.t_s for o in analyser(rider(), gate=gate()).observe(open_source(quiet))]
    moving = [t_s for t_s in times if QUIET_S <= t_s < BUSY_S]
    still = [t_s for t_s in times if 4 <= t_s < QUIET_S]
    assert moving == pytest.approx(np.arange(QUIET_S, BUSY_S, 0.2))
    assert len(still) <= 4
    assert max(np.diff(times)) <= 2.0 + 1e-6


def test_a_gated_recording_resumed_behind_any_observation_goes_on_alike(quiet: Recording) -> None:
    first = analyser(rider(), gate=gate())
    whole = [(o, first.state()) for o in first.observe(open_source(quiet))]
    for number in range(0, len(whole), 5):
        after, state = whole[number]
        again = analyser(rider(), gate=gate())
        again.restore(state)
        rest = [o.stamp for o in again.observe(open_source(quiet), after=after)]
        assert rest == [o.stamp for o, _ in whole[number + 1 :]], f"behind {after.stamp.t_s} s"


@dataclass
class Breaking:
    """A source whose disk is slow and gives up behind some frames."""

    inner: FrameSource
    good: int
    taken: int = 0
    pause_s: float = 0.0

    @property
    def recording(self) -> Recording:
        return self.inner.recording

    @property
    def counters(self) -> ReadCounters:
        return self.inner.counters

    def frames(self, after: ResumePoint | None = None) -> Iterator[SourceFrame]:
        for frame in self.inner.frames(after):
            if self.taken == self.good:
                raise SourceError("street.mp4: the disk gave up")
            self.taken += 1
            time.sleep(self.pause_s)
            yield frame


def test_an_error_while_reading_arrives_behind_all_good_frames(recording: Recording) -> None:
    source = Breaking(open_source(recording), good=100)
    seen: list[Observation] = []
    with pytest.raises(SourceError, match="the disk gave up"):
        seen.extend(analyser(scripted()).observe(source))
    assert 50 - IN_FLIGHT < len(seen) <= 50
    assert readers() == []


def test_an_error_of_the_network_arrives_and_the_reader_ends(recording: Recording) -> None:
    backend = scripted()
    observing = analyser(backend).observe(open_source(recording))
    next(observing)
    backend.close()
    with pytest.raises(InferenceError, match="closed"):
        list(observing)
    assert readers() == []


def test_reading_waits_for_who_observes(recording: Recording) -> None:
    source = Breaking(open_source(recording), good=10_000)
    observing = analyser(scripted()).observe(source)
    next(observing)
    threading.Event().wait(0.3)
    # One is looked at, as many as share an inference are on their way, one each waits for room.
    assert source.taken <= 2 * (1 + IN_FLIGHT + MOST + 1 + DECODED + 1)
    observing.close()
    assert readers() == []


def test_a_stop_does_not_wait_for_the_next_frame_that_is_wanted(recording: Recording) -> None:
    source = Breaking(open_source(recording), good=10_000, pause_s=0.02)
    observing = analyser(scripted(), rate_hz=0.5).observe(source)
    next(observing)
    taken = source.taken
    observing.close()
    assert source.taken <= taken + 2, "of 20 until the next one that is looked at"
    assert readers() == []


@dataclass
class Reader:
    """Reads every load as uncovered and keeps the crops."""

    crops: list[np.ndarray] = field(default_factory=list)
    network_hash: str = "reader"

    def read(self, crops: list[np.ndarray]) -> np.ndarray:
        self.crops += crops
        return np.tile(np.array([1, 0, 0, 0, 0], np.float32), (len(crops), 1))


def test_loads_are_read_from_full_size_crops_of_trucks_in_the_zone(recording: Recording) -> None:
    rows = [("truck", (100, 200, 220, 300)), ("car", (300, 200, 380, 260)), ("truck", (600, 300, 700, 420))]
    frame = {"t_s": 0.0, "objects": [{"kind": kind, "xyxy": xyxy} for kind, xyxy in rows]}
    reader = Reader()
    observing = analyser(ScriptedBackend((ScriptedFrame.model_validate(frame),)), loads=reader).observe(
        open_source(recording)
    )
    detections = next(observing).detections
    observing.close()
    assert detections.load is not None
    assert detections.load[0].argmax() == list(LoadState).index(LoadState.UNCOVERED_LOAD)
    assert np.isnan(detections.load[1:]).all(), "a car, and a truck whose foot is outside, are not read"
    assert reader.crops[0].shape == (100, 120, 3)


def test_numbers_reach_the_network_unharmed(tmp_path: Path) -> None:
    recording = open_recording(write_video(tmp_path / "wide.mp4", frames=30, fps=5, size_wh=(800, 300)))
    backend = Keeping(scripted())
    list(analyser(backend).observe(open_source(recording)))
    box = backend.letterbox((800, 300))
    left, top = box.offset_xy
    for number, picture in enumerate(backend.pictures):
        inner = picture.pixels[top : top + box.inner_wh[1], left : left + box.inner_wh[0]]
        assert number_in(inner) == number
        assert picture.t_s == pytest.approx(number / 5)


def test_the_network_sees_the_window_alone_and_its_boxes_are_of_the_full_frame(tmp_path: Path) -> None:
    recording = open_recording(write_video(tmp_path / "wide.mp4", frames=10, fps=5, size_wh=(1280, 720)))
    inside, outside = (700.0, 40.0, 760.0, 100.0), (10.0, 600.0, 90.0, 700.0)
    cars = [{"kind": "car", "xyxy": box} for box in (inside, outside)]
    frames = [ScriptedFrame.model_validate({"t_s": n / 5, "objects": cars}) for n in range(10)]
    backend = Keeping(ScriptedBackend(frames))
    window = Window(560, 0, 1200, 360)
    seen = list(analyser(backend, window=window).observe(open_source(recording)))
    assert [observation.detections.xyxy.round().tolist() for observation in seen] == [[list(inside)]] * 10
    for picture, frame in zip(backend.pictures, open_source(recording).frames(), strict=True):
        shown = frame.full()[window.top : window.bottom, window.left : window.right]
        assert picture.letterbox.window == window
        assert np.abs(picture.pixels[12:-12].astype(int) - shown)[2:-2, 2:-2].max() <= 6


def test_a_scene_whose_zones_lie_in_a_corner_is_looked_at_there() -> None:
    corner = scene_of("{id: z, kind: no_entry, polygon: [[900, 300], [920, 300], [920, 310]]}", size=(1920, 1080))
    window = looked_at(corner, scripted())
    assert window is not None
    assert window.size_wh == (640, 360), "as large as the footage shows it, on a network of 640 px"
    small = scene_of("{id: z, kind: no_entry, polygon: [[300, 30], [320, 30], [320, 60]]}", size=(640, 360))
    assert looked_at(small, scripted()) is None


@dataclass
class Keeping:
    """Keeps the pictures it is given."""

    inner: Backend
    pictures: list[Picture] = field(default_factory=list)
    network_hash: str = "keeping"
    calibration: Calibration = AS_IT_IS

    def letterbox(self, source_wh: tuple[int, int]) -> Letterbox:
        return self.inner.letterbox(source_wh)

    def submit(self, picture: Picture) -> Future[Detections]:
        self.pictures.append(picture)
        return self.inner.submit(picture)

    def close(self) -> None:
        self.inner.close()
