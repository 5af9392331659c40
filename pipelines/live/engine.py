"""Looking and judging for all cameras: one thread feeds the shared network in turn, one steps the lanes.

In: the latest frame of every camera. Out: acts, given to `on_act` (which may block; nothing else may), and now and then
what a successor would need, given to the keeper. A frame older than `STALE_S` is never judged as now: it is counted and
let go. Over a new epoch of a stream dwell goes on, for its times do.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from queue import Queue
from threading import Event, Thread

from detector.inference import Backend, Picture
from detector.rules import RuleOutput
from detector.types import Detections, FrameStamp, PhatnguoiError, Violation
from pipelines.live.clock import Reading, seen_at
from pipelines.live.journal import ERROR, note
from pipelines.live.keeper import Keeper
from pipelines.live.mailroom import MailRoom
from pipelines.live.reader import STALE_S, LiveFrame
from pipelines.live.watch import Watch
from pipelines.video.source import SourceFrame

IN_FLIGHT = 4
"""One engine's pictures being looked at or waiting for their lane: with those in its hands, enough for two cores that
each take several at a time."""
_WAIT_S = 0.2

OnAct = Callable[[Watch, Violation], None]


@dataclass(frozen=True, slots=True)
class _Come:
    """When a frame came: all that is kept of it on its way."""

    reading: Reading
    arrived_s: float

    @property
    def age_s(self) -> float:
        return time.monotonic() - self.arrived_s + self.reading.late_s


@dataclass(frozen=True, slots=True)
class _Looked:
    """A picture on its way through the network; without `come`: the camera is over.

    The decoded frame itself goes along only where loads are read from it: a decoder's pool of frames, 3 MB each at
    1080p, grows to what was ever held at once and never shrinks.
    """

    watch: Watch
    come: _Come | None = None
    stamp: FrameStamp | None = None
    picture: Picture | None = None
    found: Future[Detections] | None = None
    whole: SourceFrame | None = None
    blind: bool = False


class Engine:
    """The two threads; cameras come and go while they run.

    Args:
        mail: where frames come from.
        backend: the shared network.
        on_act: takes established acts.
        keeper: lays aside what a successor needs.
    """

    def __init__(self, mail: MailRoom[LiveFrame], backend: Backend, on_act: OnAct, keeper: Keeper) -> None:
        self._watches: dict[int, Watch] = {}
        self._mail = mail
        self._backend = backend
        self._on_act = on_act
        self._keeper = keeper
        self._queue: Queue[_Looked | None] = Queue(IN_FLIGHT)
        self._ending = Event()
        self._over = Event()
        self._looking = Thread(target=self._look, name="look", daemon=True)
        self._judging = Thread(target=self._judge, name="lanes", daemon=True)
        self.defect: Exception | None = None

    def start(self) -> None:
        """Begins."""
        self._looking.start()
        self._judging.start()

    def add(self, number: int, watch: Watch) -> None:
        """Frames in a box are this camera's; before the first of them."""
        self._watches[number] = watch

    def end(self) -> None:
        """No camera will be added any more: the threads end when all boxes are over."""
        self._ending.set()

    @property
    def over(self) -> bool:
        """Every camera is over, or a defect ended a thread."""
        return self._over.is_set()

    def finish(self, timeout_s: float) -> None:
        """Waits for both threads."""
        if self._over.wait(timeout_s):
            self._judging.join(_WAIT_S)

    def _look(self) -> None:
        try:
            while not self._over.is_set() and (self._watches or not self._ending.is_set()):
                self._serve(self._mail.take(_WAIT_S))
            self._queue.put(None)
        except Exception as error:  # raised again by who runs the engine
            self._fail(error)

    def _serve(self, taken: tuple[int, LiveFrame | None] | None) -> None:
        if taken is None:
            return
        number, frame = taken
        if frame is not None:
            looked = self._looked(self._watches[number], frame)
        else:
            watch = self._watches.pop(number, None)
            looked = _Looked(watch) if watch is not None else None
        # Whoever waits for a place in the line must not hold a decoder's frame meanwhile.
        del taken, frame
        if looked is None:
            return
        if looked.picture is not None:
            looked = replace(looked, found=self._backend.submit(looked.picture))
        self._queue.put(looked)

    def _looked(self, watch: Watch, frame: LiveFrame) -> _Looked | None:
        """What is to be judged of a frame; None where it is held."""
        come = _Come(frame.reading, frame.arrived_s)
        if come.age_s > STALE_S:
            return _Looked(watch, come)
        shown = watch.frame(frame)
        watch.sight.look(shown)
        if watch.sight.blind:
            return _Looked(watch, come, blind=True)
        if not watch.gate.passes(shown):
            watch.status.held += 1
            return None
        watch.sight.compare(shown)
        letterbox = self._backend.letterbox(watch.camera.scene_file.scene.size).at(watch.analyser.window)
        picture = Picture.framed(shown.small(letterbox.inner_wh, letterbox.window), letterbox, t_s=shown.t_s)
        stamp = _stamp(watch, come, pts=frame.raw.pts, repeated=watch.gate.repeated)
        return _Looked(watch, come, stamp, picture, whole=shown if watch.analyser.loads is not None else None)

    def _judge(self) -> None:
        try:
            while (looked := self._queue.get()) is not None:
                watch = looked.watch
                if looked.come is None:
                    self._keeper.last(watch)
                    watch.tracks.close()
                    self._take(watch, watch.lane.finish())
                else:
                    self._step(watch, looked, looked.come)
        except Exception as error:  # raised again by who runs the engine
            self._fail(error)
        self._over.set()

    def _step(self, watch: Watch, looked: _Looked, come: _Come) -> None:
        if looked.blind:
            watch.status.blind += 1
            watch.interrupted = True
            return
        if looked.found is None or looked.stamp is None or looked.picture is None:
            watch.status.stale += 1
            return
        # What a look that comes to nothing has seen for the first time is still new to the lane at the next one.
        watch.news = watch.news or not looked.stamp.repeated
        found = Detections.empty()
        try:
            found = looked.found.result()
            if come.age_s > STALE_S:
                watch.status.stale += 1
                return
            seen = watch.analyser.enriched(looked.stamp.t_s, looked.whole, looked.picture, found)
        except PhatnguoiError as error:
            watch.status.failed += 1
            if watch.status.failed == 1:
                note(ERROR, "look-failed", watch.status.id, problem=error)
            return
        finally:
            # Whatever became of the look, the gate waits for its answer.
            watch.gate.saw(found)
        if not self._in_order(watch, looked.stamp):
            return
        stamp, watch.news = replace(looked.stamp, repeated=not watch.news), False
        self._take(watch, watch.lane.step(stamp, seen))
        watch.tracks.note(watch.lane.tracked)
        self._keeper.look(watch)
        watch.status.analysed += 1
        watch.status.lag_s = come.age_s
        watch.status.ring_bytes = watch.ring.size_bytes

    def _in_order(self, watch: Watch, stamp: FrameStamp) -> bool:
        """Carries the lane over what it did not see; False for a frame from before what it saw last."""
        last = watch.lane.stamp
        if last is not None and (watch.interrupted or last.epoch != stamp.epoch):
            watch.lane.bridge(stamp)
        elif last is not None and stamp.t_s <= last.t_s:
            watch.status.stale += 1
            return False
        watch.interrupted = False
        return True

    def _take(self, watch: Watch, output: RuleOutput) -> None:
        """Acts on the first word of every act; the last one, under the same id, ends it."""
        for violation in output.violations:
            known = violation.id in watch.filed
            if violation.finding.final:
                watch.filed.discard(violation.id)
            else:
                watch.filed.add(violation.id)
            if not known:
                self._open(watch, violation)

    def _open(self, watch: Watch, violation: Violation) -> None:
        watch.status.violations += 1
        violation = replace(violation, extra={**violation.extra, **watch.clock_facts()})
        watch.unsafe.add(violation.id)
        self._on_act(watch, violation)

    def _fail(self, error: Exception) -> None:
        self.defect = self.defect or error
        self._over.set()


def _stamp(watch: Watch, come: _Come, *, pts: int | None, repeated: bool) -> FrameStamp:
    watch.index += 1
    reading = come.reading
    return FrameStamp(
        camera_id=watch.status.id,
        epoch=reading.epoch,
        index=watch.index - 1,
        pts=pts,
        t_s=reading.t_s,
        seen_at=seen_at(come.age_s),
        clock=reading.grade,
        repeated=repeated,
    )
