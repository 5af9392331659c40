"""The thread of one stream: connect, read, decode, hand on; lost, wait a little and connect again, for months.

Packets go to `on_packet`, frames that are due to `on_frame`. A reader knows no scene and no other camera, so a dead
stream stops nobody. Every connection, and every jump of the stream's times, is a new epoch.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event, Thread

import av.error
from av import VideoFrame

from detector.types import SourceError
from pipelines.live.address import Address, StreamKind
from pipelines.live.camera_clock import ClockOffset, camera_time_s
from pipelines.live.clock import LiveClock, Reading, Zero
from pipelines.live.connection import PACED, Connection, DeniedError, knock, reason
from pipelines.live.feeding import Diet, Feeding, KnownSizes
from pipelines.live.journal import ERROR, INFO, WARNING, note
from pipelines.live.resting import rest_s
from pipelines.live.ring import Kept, Take, VideoPacket
from pipelines.live.slots import Slots
from pipelines.live.status import Said, State, StreamStatus
from pipelines.live.tempo import Tempo
from pipelines.live.trust import UntrustedError

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 1.0
DENIED_WAIT_S = 30.0
"""Cameras lock accounts that try wrong passwords too often."""
STALE_S = 2.0
"""What comes this much later than usual is not "now" any more."""
ASK_EVERY_S = 1.0
"""A stream whose packets do not tell the camera's own time is asked for it again after so long."""
BEHIND_S = 10.0
"""A stream that stays behind so long is opened anew, which leaves its backlog behind."""


class UnfitError(SourceError):
    """The pictures do not fit the scene."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFrame:
    """A decoded frame and when it came.

    Attributes:
        raw: not yet turned into pixels.
        reading: its time on the stream's clock.
        arrived_s: on the monotonic clock.
        owed: looked at later than its turn was.
    """

    raw: VideoFrame
    reading: Reading
    arrived_s: float
    owed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What a reader is told.

    Attributes:
        camera_id, address: whose stream, where.
        check_size: raises `UnfitError` for pictures that do not fit the scene.
        on_packet: gets every packet, or None.
        on_frame: gets the frames that are due, or None when nothing need be decoded.
        rate_hz: how many of them a second; of that the share that `tempo` tells.
        diet: what is asked of its pictures.
        coarsely: the deblocking filter may be left out.
    """

    camera_id: str
    address: Address
    check_size: Callable[[tuple[int, int]], None]
    on_packet: Callable[[Kept], None] | None
    on_frame: Callable[[LiveFrame], None] | None
    rate_hz: float
    tempo: Tempo
    diet: Diet
    coarsely: bool = False


class StreamReader:
    """Reads one stream on a thread of its own until its file ends or `stop` is set."""

    def __init__(self, stream: Stream, status: StreamStatus, zero: Zero, clock: LiveClock, stop: Event) -> None:
        self.clock = clock
        self._stream = stream
        self._status = status
        self._zero = zero
        self._stop = stop
        self._wait_s = FIRST_WAIT_S
        self._behind_since_s: float | None = None
        self._slots = Slots(stream.rate_hz, stream.tempo)
        self._known_sizes = KnownSizes()
        self._offset = ClockOffset()
        self._ask_s = 0.0
        self._thread = Thread(target=self._run, name=f"read {stream.camera_id} {status.role}", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Waits for the thread to end."""
        self._thread.join(timeout_s)

    @property
    def ended(self) -> bool:
        """Nothing more will come."""
        return self._status.state is State.ENDED

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._watch()
            except SourceError as error:
                self._lose(error)
            except Exception as error:  # one camera must never take the others down
                told = f"{self._stream.address.shown}: unexpected {type(error).__name__}: {error}"
                self._lose(SourceError(told, code="unexpected", kind=type(error).__name__))
            else:
                break
            self._stop.wait(self._wait_s)
            self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)
        self._status.state, self._status.problem, self._status.said = State.ENDED, "", None
        note(INFO, "ended", self._stream.camera_id, stream=self._status.role)

    def _watch(self) -> None:
        """One connection from its beginning to its end; returns only when there will be no other."""
        if self._status.state is State.LOST:
            knock(self._stream.address)
        with Connection(self._stream.address) as connection:
            self._stream.check_size(connection.size_wh)
            if self._stop.is_set():
                return
            self._read(connection)
        address = self._stream.address
        if not self._stop.is_set() and (address.kind is not StreamKind.FILE or address.repeat):
            code, told = ("anew", "begins anew") if address.repeat else ("ended", "the camera ended the stream")
            raise SourceError(f"{address.shown}: {told}", code=code)

    def _read(self, connection: Connection) -> None:
        self.clock.restart()
        self._behind_since_s = None
        if self._stream.on_frame is not None:
            connection.decode_sparsely(self._stream.rate_hz, coarsely=self._stream.coarsely)
        feeding = Feeding(
            connection.stream, self._stream.diet, self._slots, patient=self._restful, known=self._known_sizes
        )
        take: Take | None = None
        usable, restful = False, self._restful and not connection.stream.codec_context.has_b_frames
        for packet in connection.packets(self._stop):
            arrived_s = time.monotonic()
            began = self._hear(packet, connection, arrived_s)
            if began:
                # Frames still in the decoder have no place in the new epoch's times.
                connection.stream.codec_context.flush_buffers()
                feeding.restart(self.clock.epoch)
                take, usable = Take.of(connection.stream), False
            usable = usable or packet.is_keyframe
            if not usable or take is None:
                continue
            if self._status.state is not State.LIVE:
                self._live(connection)
            reading = self.clock.read(packet.pts, self._zero.since(arrived_s))
            if self._stream.on_packet is not None:
                self._stream.on_packet(Kept.of(packet, reading.t_s, take))
            if self._stream.on_frame is not None:
                self._feed(feeding, packet, reading, connection, arrived_s)
            self._check_behind(reading, arrived_s)
            if restful:
                self._rest(reading.t_s, feeding)
        self._hand_on(self._flushed(connection), time.monotonic())

    def _feed(
        self, feeding: Feeding, packet: VideoPacket, reading: Reading, connection: Connection, arrived_s: float
    ) -> None:
        wanted, at_once = feeding.hear(packet, reading, by_arrival=self.clock.by_arrival)
        for waiting in wanted:
            self._hand_on(self._decoded(waiting), arrived_s)
        if at_once:
            self._hand_on(self._flushed(connection), arrived_s)

    def _hear(self, packet: VideoPacket, connection: Connection, arrived_s: float) -> bool:
        self._status.packets += 1
        self._status.heard_s = arrived_s
        ticks = packet.pts if packet.dts is None else packet.dts
        began = self.clock.hear(ticks, connection.time_base_s, self._zero.since(arrived_s))
        if began:
            self._begin_epoch()
        if arrived_s >= self._ask_s:
            told_s = camera_time_s(packet)
            if told_s is not None:
                self._status.clock_offset_s = self._offset.add(told_s - time.time(), arrived_s)
            # Where one packet tells it all do, and those that were not kept waiting tell it best.
            self._ask_s = arrived_s + ASK_EVERY_S if told_s is None else 0.0
        return began

    def _begin_epoch(self) -> None:
        """Tells a jump within a connection, and that the stream's times are not believed any more."""
        status, epoch = self._status, self.clock.epoch
        if status.state is State.LIVE:
            status.jumps += 1
            note(WARNING, "clock-jump", self._stream.camera_id, stream=status.role, epoch=epoch)
        lies = self.clock.by_arrival and not status.by_arrival
        if lies and self._stream.address.kind is not StreamKind.MJPEG:
            note(WARNING, "clock-lies", self._stream.camera_id, stream=status.role, epoch=epoch, timed_by="arrival")
        status.by_arrival, status.epoch = self.clock.by_arrival, epoch

    def _live(self, connection: Connection) -> None:
        width, height = connection.size_wh
        self._status.connects += 1
        self._status.state, self._status.problem, self._status.said = State.LIVE, "", None
        self._wait_s = FIRST_WAIT_S
        note(
            INFO,
            "connected",
            self._stream.camera_id,
            stream=self._status.role,
            source=self._stream.address.shown,
            codec=connection.stream.codec_context.name,
            size=f"{width}x{height}",
            epoch=self.clock.epoch,
        )

    def _lose(self, error: SourceError) -> None:
        states = {DeniedError: State.DENIED, UntrustedError: State.UNTRUSTED, UnfitError: State.UNFIT}
        state, problem = states.get(type(error), State.LOST), str(error)
        if (state, problem) != (self._status.state, self._status.problem):
            level = WARNING if state is State.LOST else ERROR
            note(level, state.value, self._stream.camera_id, stream=self._status.role, problem=problem)
        said = Said(code=error.code, values=error.values) if error.code else None
        self._status.state, self._status.problem, self._status.said = state, problem, said
        if state is not State.LOST:
            self._stop.wait(DENIED_WAIT_S - self._wait_s)

    def _decoded(self, packet: VideoPacket) -> Iterator[VideoFrame]:
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            self._status.decode_errors += 1
            return
        yield from self._sound(frames)

    def _flushed(self, connection: Connection) -> Iterator[VideoFrame]:
        """What the decoder still holds; it is ready for a new beginning afterwards."""
        context = connection.stream.codec_context
        try:
            frames = context.decode(None) if self._stream.on_frame is not None else []
        except av.error.FFmpegError as error:
            note(WARNING, "decoder", self._stream.camera_id, problem=reason(error))
            frames = []
        context.flush_buffers()
        yield from self._sound(frames)

    def _sound(self, frames: list[VideoFrame]) -> Iterator[VideoFrame]:
        for frame in frames:
            self._status.frames += 1
            if frame.is_corrupt:
                self._status.decode_errors += 1
            else:
                yield frame

    def _hand_on(self, frames: Iterator[VideoFrame], arrived_s: float) -> None:
        for frame in frames:
            if self._stream.on_frame is None:
                return
            self._stream.check_size((frame.width, frame.height))
            reading = self.clock.read(frame.pts, self._zero.since(arrived_s))
            owed = self._slots.owes(reading.t_s)
            if self._slots.looks(reading.t_s):
                self._stream.on_frame(LiveFrame(raw=frame, reading=reading, arrived_s=arrived_s, owed=owed))

    @property
    def _restful(self) -> bool:
        """Whether packets may wait in the socket for one that is due: they are sure to stay there."""
        return self._stream.address.kind in PACED or self._stream.address.transport == "tcp"

    def _rest(self, t_s: float, feeding: Feeding) -> None:
        """Sleeps until the packet behind the one of `t_s` that may be due comes: just before, if that must be timed."""
        if self.clock.by_arrival:
            return
        looked_at = self._stream.on_frame is not None
        next_s = feeding.next_s(t_s) if looked_at else math.inf
        punctual = looked_at and not feeding.asleep
        now_s, lag_s = self._zero.since(time.monotonic()), self.clock.base_lag_s
        time.sleep(rest_s(t_s, self._stream.rate_hz, now_s, lag_s, punctual=punctual, next_s=next_s))

    def _check_behind(self, reading: Reading, arrived_s: float) -> None:
        if reading.late_s <= STALE_S:
            self._behind_since_s = None
        elif self._behind_since_s is None:
            self._behind_since_s = arrived_s
        elif arrived_s - self._behind_since_s > BEHIND_S:
            self.clock.fall_behind()
            told = f"{self._stream.address.shown}: fell {reading.late_s:.1f} s behind; connecting anew"
            raise SourceError(told, code="behind", s=f"{reading.late_s:.1f}")
