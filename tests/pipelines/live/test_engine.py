"""What the lane is told of a picture that was new, also where the look came to nothing; what is held meanwhile."""

import sys
import time
from concurrent.futures import Future
from pathlib import Path

import pytest
from av import VideoFrame

from detector.inference import Letterbox, Picture
from detector.types import ClockGrade, Detections, InferenceError
from pipelines.live.clock import Reading
from pipelines.live.engine import Engine, _Come, _Looked
from pipelines.live.keeper import Keeper
from pipelines.live.mailroom import MailRoom
from pipelines.live.reader import STALE_S, LiveFrame
from pipelines.live.watch import Watch
from tests.builders import stamp
from tests.pipelines.live.parked import SIZE_WH, picture_of
from tests.pipelines.live.seeing import SeeingBackend
from tests.pipelines.live.watching import kerb_watch

BOX = Letterbox.fitted(SIZE_WH, long_side_px=640, stride_px=32)


def come(t_s: float, *, arrived_s: float) -> LiveFrame:
    """A frame of the kerb."""
    raw = VideoFrame.from_ndarray(picture_of(0), "bgr24")
    reading = Reading(t_s=t_s, epoch=0, late_s=0.0, grade=ClockGrade.PTS)
    return LiveFrame(raw=raw, reading=reading, arrived_s=arrived_s)


def looked(watch: Watch, t_s: float, became: str, *, repeated: bool) -> tuple[_Looked, _Come]:
    """A look and what became of it."""
    found: Future[Detections] = Future()
    if became == "failed":
        found.set_exception(InferenceError("no answer"))
    else:
        found.set_result(Detections.empty())
    frame = come(t_s, arrived_s=time.monotonic() - (2 * STALE_S if became == "stale" else 0.0))
    picture = Picture.framed(watch.frame(frame).small(BOX.inner_wh), BOX, t_s=t_s)
    at = _Come(frame.reading, frame.arrived_s)
    return _Looked(watch, at, stamp(t_s, repeated=repeated), picture, found), at


@pytest.mark.parametrize(("became", "t_s"), [("failed", 0.4), ("stale", 0.4), ("overtaken", 0.1)])
def test_a_new_picture_that_was_not_judged_is_new_at_the_next_look(tmp_path: Path, became: str, t_s: float) -> None:
    engine = Engine(MailRoom(), SeeingBackend(), lambda _watch, _violation: None, Keeper())
    with kerb_watch(tmp_path) as watch:
        said = []
        for at_s, what, repeated in [(0.2, "", False), (t_s, became, False), (0.6, "", True), (0.8, "", True)]:
            engine._step(watch, *looked(watch, at_s, what, repeated=repeated))
            said.append(watch.lane.stamp and (watch.lane.stamp.t_s, watch.lane.stamp.repeated))
    assert said == [(0.2, False), (0.2, False), (0.6, False), (0.8, True)]


class _Busy(SeeingBackend):
    """Takes pictures, and counts who holds the decoder's frame by then."""

    def __init__(self, raw: VideoFrame) -> None:
        super().__init__()
        self.raw = raw
        self.holders: list[int] = []

    def submit(self, picture: Picture) -> Future[Detections]:
        self.holders.append(sys.getrefcount(self.raw))
        return super().submit(picture)


def test_while_the_network_looks_the_decoder_has_its_frame_back(tmp_path: Path) -> None:
    """Its pool of frames grows to what was ever held at once: 3 MB each, for good."""
    mail: MailRoom[LiveFrame] = MailRoom()
    frame = come(0.2, arrived_s=time.monotonic())
    backend = _Busy(frame.raw)
    alone = sys.getrefcount(frame.raw) - 1
    engine = Engine(mail, backend, lambda _watch, _violation: None, Keeper())
    with kerb_watch(tmp_path) as watch:
        number = mail.open()
        engine.add(number, watch)
        mail.put(number, frame)
        del frame
        engine._serve(mail.take(0.0))
        waiting = engine._queue.get_nowait()
    assert backend.holders == [alone], "the test's own reference"
    assert waiting is not None and waiting.whole is None
    backend.close()


class _Loads:
    """Stands where a classifier of loads would."""


def test_where_loads_are_read_the_whole_frame_goes_along(tmp_path: Path) -> None:
    engine = Engine(MailRoom(), SeeingBackend(), lambda _watch, _violation: None, Keeper())
    with kerb_watch(tmp_path) as watch:
        watch.analyser.loads = _Loads()  # type: ignore[assignment]
        frame = come(0.2, arrived_s=time.monotonic())
        sent = engine._looked(watch, frame)
    assert sent is not None and sent.whole is not None and sent.whole.raw is frame.raw
