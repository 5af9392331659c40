"""Two threads that read a recording ahead: one decodes, one picks the frames that are looked at and hands them over.

In: a source. Out: `Look`s in the order of the frames, each with what will be found in it. Bounded, lossless. Pictures
are handed over as many at once as share an inference. Which frames are looked at depends on the footage alone, never
on how fast anything was: what the gate learns from the network's answers it learns at fixed places.

Decoding is the longest single strand of the work (two thirds of a recording's time on two cores), so nothing else is
done on its thread.
"""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event

from detector.gate import MotionGate
from detector.gate.memory import GateMemory
from detector.inference.backend import Backend
from detector.inference.batches import MOST
from detector.inference.picture import Picture
from detector.types import Detections, FrameStamp, Window
from pipelines.ahead import Ahead
from pipelines.observations import Observation, seen_at
from pipelines.priority import PICKING_BEHIND, step_back
from pipelines.sampling import SlotSampler
from pipelines.video.source import FrameSource, ReadCounters, ResumePoint, SourceFrame

IN_FLIGHT = 12
"""Pictures submitted and not yet collected: enough for two cores that each take several at a time."""
DECODED = 3
"""Frames decoded and not yet looked at; each holds a picture of full size."""
KEPT_BYTES, BYTES_PER_PX = 128 * 2**20, 3
"""Where looks keep their frames, so much of them may wait to be judged: 1080p is not held up by it, 4K takes 5 frames
in place of 12, half of that as a decoder stores them."""
_WAIT_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A frame that is looked at.

    Attributes:
        stamp, picture: when and what.
        frame: the frame itself, None where only the small picture is of use.
        read: what was read up to it.
        found: what the network finds in the picture.
        gate: what the gate remembered when it let this frame pass, None without a gate.
    """

    stamp: FrameStamp
    picture: Picture
    frame: SourceFrame | None
    read: ReadCounters
    found: Future[Detections]
    gate: GateMemory | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A frame that will be looked at, not handed to the network yet; see `Look`."""

    stamp: FrameStamp
    picture: Picture
    frame: SourceFrame | None
    read: ReadCounters
    gate: GateMemory | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a recording is looked at.

    Attributes:
        camera_id: whose it is.
        start_at: UTC of stream time zero, or None.
        rate_hz: frames per second that may be looked at.
        window: the part of the picture that is looked at, None for the whole.
        backend: the network.
        gate: leaves out frames in which nothing has changed; None lets all pass.
        keeps_frames: full-size pictures may be needed later.
        after: the last frame already looked at, None at the start.
        known: what was found in the last frames before; as many as the gate's memory waits for.
    """

    camera_id: str
    start_at: datetime | None
    rate_hz: float
    window: Window | None
    backend: Backend
    gate: MotionGate | None
    keeps_frames: bool
    after: Observation | None
    known: tuple[Detections, ...]


_Decoded = tuple[SourceFrame, ReadCounters]
"""A frame, and what was read up to it."""


class Looker:
    """Iterate it once, then `stop` it; an error of the reading threads comes out where looks are taken."""

    def __init__(self, plan: Plan, source: FrameSource) -> None:
        self._plan = plan
        self._source = source
        self._name = source.recording.name
        self._due: list[_Due] = []
        self._ready: list[Look] = []
        self._untold: deque[Future[Detections]] = deque(_done(seen) for seen in plan.known)
        self._decoded = Ahead(self._frames, room=DECODED, name=f"read {self._name}")
        try:
            self._looks = Ahead(
                self._picked, room=self._room, name=f"pick {self._name}", dropped=lambda look: look.found.cancel()
            )
        except BaseException:  # no second thread to be had: the first would read for nobody
            self._decoded.stop()
            raise

    def __iter__(self) -> Iterator[Look]:
        yield from self._looks

    def stop(self) -> None:
        """Lets the threads end at the next frame; waits for them, since one holds the file open."""
        self._looks.tell_to_stop()
        # Who decodes first: who picks waits for a frame that is wanted, and may wait for seconds of footage.
        self._decoded.stop()
        self._looks.stop()

    @property
    def _room(self) -> int:
        """Looks that may wait to be judged."""
        width, height = self._source.recording.size_wh
        kept = KEPT_BYTES // (width * height * BYTES_PER_PX)
        return max(1, min(kept, IN_FLIGHT)) if self._plan.keeps_frames else IN_FLIGHT

    def _frames(self, stopped: Event) -> Generator[_Decoded]:
        """The frames that may be looked at, and what was read up to each."""
        after = self._plan.after.stamp if self._plan.after else None
        sampler = SlotSampler(self._plan.rate_hz, last_s=after.t_s if after else None)
        for frame in self._source.frames(ResumePoint(after.t_s, after.epoch) if after else None):
            if stopped.is_set():
                return
            if sampler.wants(frame.t_s):
                yield frame, replace(self._source.counters)

    def _picked(self, stopped: Event) -> Generator[Look]:
        step_back(PICKING_BEHIND)
        plan = self._plan
        last = plan.after.stamp if plan.after else None
        letterbox = plan.backend.letterbox(self._source.recording.size_wh).at(plan.window)
        index, epoch = (last.index + 1, last.epoch) if last else (0, 0)
        for frame, read in self._decoded:
            if self._passes(frame, stopped, new_epoch=frame.epoch != epoch):
                due = _Due(
                    stamp=self._stamp(frame, index, repeated=plan.gate is not None and plan.gate.memory.repeated),
                    picture=Picture.framed(frame.small(letterbox.inner_wh, letterbox.window), letterbox, t_s=frame.t_s),
                    frame=frame if plan.keeps_frames else None,
                    read=read,
                    gate=plan.gate.memory if plan.gate else None,
                )
                self._due.append(due)
                index, epoch = index + 1, frame.epoch
            if len(self._due) == MOST:
                self._hand_over()
            yield from self._ready
            self._ready.clear()
        if stopped.is_set():
            return
        self._hand_over()
        yield from self._ready

    def _hand_over(self) -> None:
        """Gives the network what is due, all at once."""
        found = [self._plan.backend.submit(due.picture) for due in self._due]
        self._untold.extend(found)
        for due, future in zip(self._due, found, strict=True):
            look = Look(
                stamp=due.stamp, picture=due.picture, frame=due.frame, read=due.read, found=future, gate=due.gate
            )
            self._ready.append(look)
        self._due.clear()

    def _passes(self, frame: SourceFrame, stopped: Event, *, new_epoch: bool) -> bool:
        """Whether a frame is looked at. The gate is told of old looks, and of all where it hangs on them."""
        gate = self._plan.gate
        if gate is None:
            self._untold.clear()
            return True
        if new_epoch:
            self._tell(gate, stopped, leave=0)
            gate.restart()
        luma = frame.luma(gate.cells_wh)
        self._tell(gate, stopped, leave=IN_FLIGHT - 1)
        if not gate.stirs(frame.t_s, luma):
            if gate.unsure(frame.t_s):
                self._tell(gate, stopped, leave=0)
            if not gate.due(frame.t_s):
                gate.held(frame.t_s)
                return False
        gate.looked(frame.t_s, luma)
        return True

    def _tell(self, gate: MotionGate, stopped: Event, *, leave: int) -> None:
        """What looks found, but for the last so many, those that are only due included."""
        if leave < len(self._due):
            self._hand_over()
        while len(self._untold) + len(self._due) > leave and not stopped.is_set():
            try:
                gate.saw(self._untold[0].result(_WAIT_S))
            except NotYet:
                continue
            self._untold.popleft()

    def _stamp(self, frame: SourceFrame, index: int, *, repeated: bool) -> FrameStamp:
        return FrameStamp(
            camera_id=self._plan.camera_id,
            epoch=frame.epoch,
            index=index,
            pts=frame.pts,
            t_s=frame.t_s,
            seen_at=seen_at(self._plan.start_at, frame.t_s),
            clock=frame.clock,
            repeated=repeated,
        )


def _done(seen: Detections) -> Future[Detections]:
    future: Future[Detections] = Future()
    future.set_result(seen)
    return future
