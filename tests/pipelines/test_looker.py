"""Three threads over one recording give what one thread gives, bit for bit; wherever one breaks, all of them end."""

import hashlib
import random
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detector.gate import MotionGate
from detector.inference import Backend, Letterbox, Picture
from detector.inference.batches import MOST
from detector.types import AS_IT_IS, Calibration, Detections, InferenceError, ObjectClass
from pipelines.looker import DECODED, IN_FLIGHT, KEPT_BYTES, Looker
from pipelines.observations import Observation
from pipelines.sampling import SlotSampler
from pipelines.video import FrameSource, ReadCounters, Recording, ResumePoint, SourceFrame, open_recording, open_source
from tests.footage_maker import cut_off, noisy, numbered, overwritten, write_pictures, write_video
from tests.pipelines.street import Street, open_scripted, run
from tests.pipelines.test_analysis import Reader, analyser, readers

RATE_HZ = 5.0
PATIENCE_S = 20.0
Told = tuple[int, int | None, float, str, tuple[int, int, int]]
"""Epoch, presentation time, second, digest of the picture and counters of a look."""


@dataclass
class Counting:
    """A network that tells a digest of each picture as a box, so that no answer fits another picture."""

    network_hash: str = "counting"
    calibration: Calibration = AS_IT_IS

    def letterbox(self, source_wh: tuple[int, int]) -> Letterbox:
        return Letterbox.fitted(source_wh, long_side_px=320, stride_px=32)

    def submit(self, picture: Picture) -> Future[Detections]:
        future: Future[Detections] = Future()
        threading.Timer(random.random() * 0.004, lambda: future.set_result(self.seen(picture))).start()
        return future

    def seen(self, picture: Picture) -> Detections:
        x, y = (int(byte) for byte in hashlib.sha256(picture.pixels.tobytes()).digest()[:2])
        return Detections.of((ObjectClass.PERSON, 0.9, (x / 2, y / 2, x / 2 + 40, y / 2 + 40)))

    def close(self) -> None:
        """Nothing is open."""


def told(epoch: int, pts: int | None, t_s: float, picture: Picture, found: Detections, read: ReadCounters) -> Told:
    digest = hashlib.sha256(picture.pixels.tobytes() + found.xyxy.tobytes()).hexdigest()
    return epoch, pts, t_s, digest, (read.frames, read.corrupt, read.time_faults)


def one_after_the_other(recording: Recording, gate: MotionGate | None) -> list[Told]:
    """Read, picked, looked at and judged on one thread; only what the gate is told comes as late as it does else."""
    source, backend, out = open_source(recording), Counting(), list[Told]()
    sampler, letterbox = SlotSampler(RATE_HZ), backend.letterbox(recording.size_wh)
    untold: deque[Detections] = deque()
    epoch = 0

    def tell(leave: int) -> None:
        while gate is not None and len(untold) > leave:
            gate.saw(untold.popleft())

    for frame in source.frames():
        if not sampler.wants(frame.t_s):
            continue
        if gate is not None:
            if frame.epoch != epoch:
                tell(0)
                gate.restart()
            luma = frame.luma(gate.cells_wh)
            tell(IN_FLIGHT - 1)
            if not gate.stirs(frame.t_s, luma):
                if gate.unsure(frame.t_s):
                    tell(0)
                if not gate.due(frame.t_s):
                    gate.held(frame.t_s)
                    continue
            gate.looked(frame.t_s, luma)
        epoch = frame.epoch
        picture = Picture.framed(frame.small(letterbox.inner_wh), letterbox, t_s=frame.t_s)
        found = backend.seen(picture)
        untold.append(found)
        out.append(told(frame.epoch, frame.pts, frame.t_s, picture, found, source.counters))
    return out


def side_by_side(recording: Recording, gate: MotionGate | None) -> list[Told]:
    """The same by the threads of the main job."""
    looker = Looker(analyser(Counting(), gate=gate, rate_hz=RATE_HZ)._plan(None), open_source(recording))
    try:
        return [
            told(look.stamp.epoch, look.stamp.pts, look.stamp.t_s, look.picture, look.found.result(), look.read)
            for look in looker
        ]
    finally:
        looker.stop()


def joined(folder: Path, *parts: Path) -> Path:
    path = folder / "joined.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def other_size(folder: Path) -> Path:
    """A camera that is set to another size in the middle of a recording."""
    first = write_video(folder / "first.ts", frames=60, size_wh=(320, 240), picture=noisy)
    return joined(folder, first, write_video(folder / "second.ts", frames=60, size_wh=(640, 360), picture=noisy))


def fallen_back(folder: Path) -> Path:
    first = write_video(folder / "first.ts", frames=70)
    second = write_video(folder / "second.ts", frames=80, picture=lambda i, size_wh: numbered(70 + i, size_wh))
    return joined(folder, first, second)


def jumping(folder: Path) -> Path:
    times = [i * 0.04 + (7.0 if i >= 30 else 0.0) + (0.003 * (i * 7 % 5)) for i in range(90)]
    return write_video(folder / "jumping.mkv", frames=90, times=times)


FILES: dict[str, Callable[[Path], Path]] = {
    "each picture by itself": lambda folder: write_video(folder / "a.mp4", frames=120, options={"g": "1"}),
    "one keyframe in all": lambda folder: write_video(folder / "a.mp4", frames=140, options={"g": "999", "bf": "0"}),
    "pictures out of order": lambda folder: write_video(folder / "a.mp4", frames=137, options={"g": "37", "bf": "4"}),
    "open groups": lambda folder: write_video(
        folder / "a.mkv", frames=120, picture=noisy, options={"x264-params": "open-gop=1:bframes=3:keyint=17"}
    ),
    "times that jump": jumping,
    "times that fall back": fallen_back,
    "another size in the middle": other_size,
    "one picture": lambda folder: write_video(folder / "a.mp4", frames=1),
    "cut off": lambda folder: cut_off(
        write_video(folder / "w.ts", frames=150, picture=noisy), folder / "c.ts", at=0.53
    ),
    "damaged": lambda folder: overwritten(
        write_video(folder / "w.ts", frames=150, picture=noisy), folder / "d.ts", at=0.4, share=0.1
    ),
    "upright": lambda folder: write_video(folder / "a.mp4", frames=80, rotation_deg=90),
    "motion jpeg": lambda folder: write_video(folder / "a.avi", codec="mjpeg", frames=70),
    "pictures": lambda folder: write_pictures(folder / "p", frames=40),
}


@pytest.mark.parametrize("gated", [False, True], ids=["whole", "gated"])
@pytest.mark.parametrize("name", FILES)
def test_side_by_side_is_bit_for_bit_what_one_after_the_other_is(tmp_path: Path, name: str, *, gated: bool) -> None:
    path = FILES[name](tmp_path)
    recording = open_recording(path, picture_fps=8.0 if path.is_dir() else None)

    def gate() -> MotionGate | None:
        return MotionGate(size_wh=recording.size_wh, still_s=2.0) if gated else None

    expected = one_after_the_other(recording, gate())
    assert expected
    for _ in range(3):
        assert side_by_side(recording, gate()) == expected


@dataclass
class Source:
    """A source that may be empty, large, or break."""

    inner: FrameSource
    frame: Callable[[int, SourceFrame], SourceFrame] = lambda _number, frame: frame
    most: int = 10_000
    taken: int = 0

    @property
    def recording(self) -> Recording:
        return self.inner.recording

    @property
    def counters(self) -> ReadCounters:
        return self.inner.counters

    def frames(self, after: ResumePoint | None = None) -> Iterator[SourceFrame]:
        for number, frame in enumerate(self.inner.frames(after)):
            if number == self.most:
                return
            self.taken += 1
            yield self.frame(number, frame)


@pytest.fixture(scope="module")
def recording(street: Street) -> Recording:
    return open_recording(street.video)


def test_a_source_without_a_frame_ends(recording: Recording) -> None:
    empty: Any = Source(open_source(recording), most=0)
    assert list(analyser(Counting()).observe(empty)) == []
    assert readers() == []


@dataclass
class _Broken:
    """A frame, a gate or a network of which one part fails from its n-th use on."""

    inner: Any
    part: str
    good: int
    error: BaseException
    used: int = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if name != self.part:
            return found

        def use(*given: object, **named: object) -> object:
            self.used += 1
            if self.used > self.good:
                raise self.error
            return found(*given, **named)

        return use


def open_files(path: Path) -> int:
    """How often this process holds a file open."""
    links = Path("/proc/self/fd").iterdir()
    return sum(link.exists() and link.samefile(path) for link in links)


PARTS = ("source", "small", "luma", "stirs", "saw", "looked", "submit", "future", "letterbox", "judge", "leave")


def breaking(part: str, good: int, error: BaseException, recording: Recording) -> Iterator[Observation]:
    """Observations until a part breaks at its n-th use."""
    inner: Backend = open_scripted(None)  # type: ignore[arg-type]
    gate: Any = MotionGate(size_wh=recording.size_wh, still_s=2.0)
    source: Any = Source(open_source(recording))
    if part == "source":
        source.frame = lambda number, frame: frame if number < good else _raise(error)
    elif part in ("small", "luma"):
        source.frame = lambda number, frame: frame if number < good else _Broken(frame, part, 0, error)
    elif part in ("stirs", "saw", "looked"):
        gate = _Broken(gate, part, good, error)
    elif part in ("submit", "letterbox"):
        broken: Any = _Broken(inner, part, good if part == "submit" else 0, error)
        inner = broken
    elif part == "future":
        failing: Any = _Failing(inner, good, error)
        inner = failing
    return analyser(inner, gate=gate, loads=Reader()).observe(source)


def _raise(error: BaseException) -> SourceFrame:
    raise error


@dataclass
class _Failing:
    """A network whose runs fail from the n-th on."""

    inner: Backend
    good: int
    error: BaseException

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def submit(self, picture: Picture) -> Future[Detections]:
        self.good -= 1
        if self.good >= 0:
            return self.inner.submit(picture)
        future: Future[Detections] = Future()
        future.set_exception(self.error)
        return future


@pytest.mark.parametrize("part", PARTS)
def test_wherever_it_breaks_that_error_is_told_and_nothing_is_left(recording: Recording, part: str) -> None:
    """A few hundred breaks in all: at every part, after any number of uses, by errors of any sort."""
    rng = random.Random(part)
    for _ in range(30):
        good = rng.choice((0, 1, 2, 3, rng.randrange(40)))
        error = rng.choice((MemoryError, LookupError, KeyboardInterrupt, SystemExit))(f"{part} {good}")
        observing = breaking(part, good, error, recording)
        before = threading.active_count()
        if part == "leave":
            for _ in zip(range(good), observing, strict=False):
                pass
            observing.close()  # type: ignore[attr-defined]
        else:
            with pytest.raises(type(error)) as caught:
                for number, _ in enumerate(observing):
                    if part == "judge" and number == good:
                        raise error
            assert caught.value is error
            del caught
        del observing
        assert readers() == []
        assert open_files(recording.path) == 0
        assert threading.active_count() == before


def test_without_a_second_thread_the_first_ends_too(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith("pick "):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        next(analyser(Counting()).observe(open_source(recording)))
    assert readers() == []
    assert open_files(recording.path) == 0


def test_stopped_while_nothing_stirs_it_reads_no_further(tmp_path: Path) -> None:
    def slow(_number: int, frame: SourceFrame) -> SourceFrame:
        time.sleep(0.005)
        return frame

    path = write_video(tmp_path / "still.mp4", frames=400, fps=10, picture=lambda _, size_wh: numbered(0, size_wh))
    recording = open_recording(path)
    gate = MotionGate(size_wh=recording.size_wh, still_s=5.0)
    source: Any = Source(open_source(recording), frame=slow)
    looker = Looker(analyser(Counting(), gate=gate)._plan(None), source)
    while source.taken < 220:
        time.sleep(0.001)
    taken = source.taken
    looker.stop()
    assert source.taken <= taken + 2
    assert readers() == []


@pytest.mark.parametrize(("size_wh", "least"), [((640, 360), IN_FLIGHT), ((3840, 2160), 5), ((7680, 4320), 1)])
def test_frames_that_wait_to_be_judged_are_bounded_in_bytes(
    recording: Recording, size_wh: tuple[int, int], least: int
) -> None:
    pixels: list[weakref.ref[np.ndarray]] = []

    def large(_number: int, frame: SourceFrame) -> SourceFrame:
        image = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
        pixels.append(weakref.ref(image))
        return replace(frame, raw=image)

    inner = open_source(recording)
    inner.recording = replace(recording, size_wh=size_wh)
    source: Any = Source(inner, frame=large, most=80)
    observing = analyser(Counting(), loads=Reader()).observe(source)
    next(observing)
    time.sleep(1.0)
    alive = sum(ref() is not None for ref in pixels)
    observing.close()  # type: ignore[attr-defined]
    on_their_way = 1 + MOST + 1 + DECODED + 2
    assert alive >= least
    assert (alive - on_their_way) * size_wh[0] * size_wh[1] * 3 <= KEPT_BYTES


def test_a_network_that_cannot_be_opened_leaves_nothing_open(street: Street, tmp_path: Path) -> None:
    def refuse(_network: object) -> Backend:
        raise InferenceError("no such weights")

    with pytest.raises(InferenceError, match="no such weights"):
        run(street.video, scene=street.scene, data=tmp_path, open_network=refuse)
    assert open_files(tmp_path / "phatnguoi.db") == 0
