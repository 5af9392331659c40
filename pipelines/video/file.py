"""A video file read through PyAV: times from PTS, damage counted, any codec FFmpeg decodes.

Time is PTS times the stream's time base, from the first frame. A frame whose time does not rise is dropped when it
merely repeats or swaps with its neighbour, and starts a new epoch when the stream's times jump back for good (joined
recordings): `t_s` then goes on from the last frame, marked CORRECTED. A file whose times do not rise at all is counted
at its frames' own duration, marked NOMINAL.
"""

from collections.abc import Iterator
from dataclasses import replace

import av
import av.error
from av import VideoFrame
from av.container import InputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from detector.types import ClockGrade
from pipelines.sampling import SlotSampler
from pipelines.video.cut_file import breaks_off
from pipelines.video.recording import JUMP_BACK_S, Recording, TimeField, open_container, video_stream
from pipelines.video.source import ReadCounters, ResumePoint, SourceFrame
from pipelines.video.tails import without_tails
from pipelines.video.thrift import WHOLE, Thrift

LIGHT_PX, LIGHT_BITS_PER_S = 1920 * 1088, 6_000_000
"""H.264 up to here is decoded by one thread faster than the network looks; a second one would cost 15 % more (1.43
against 1.67 s for 40 s of 1080p25 at 1.6 Mb/s). Else two keep the network busy; more are of no use."""
SEEK_LEADS_S = (0.0, 5.0, 30.0)
"""Containers without an index land late: aim further ahead before giving up and reading from the start."""
MISSING_S, MISSING_SHARE = 2.0, 0.02
"""A recording that ends this much before the length its container declares was cut off; containers round."""
KEYFRAMES_S = 2.2
"""Where keyframes alone are read, so much may lie behind the last."""
MAX_FAILURES_IN_A_ROW = 2000
"""A stream that yields nothing but damage for so many packets has ended for all purposes."""


class VideoFileSource:
    """`FrameSource` over one video file."""

    def __init__(self, recording: Recording, counters: ReadCounters, *, thrift: Thrift = WHOLE) -> None:
        self.recording = recording
        self.counters = counters
        # Times of decoding belong to the frame that comes out next, which is another one where frames are left out.
        whole = replace(thrift, unreferenced=False, keyframes=False, looks_hz=None)
        self._thrift = thrift if recording.times is TimeField.PTS else whole

    def frames(self, after: ResumePoint | None = None) -> Iterator[SourceFrame]:
        """The frames, or those behind `after`; a seek is tried and, where it lands too late, undone.

        Raises:
            SourceError: the file has gone or is no video any more.
        """
        if after is not None and self._can_seek:
            origin = self._origin()
            for lead_s in SEEK_LEADS_S if origin is not None else ():
                with open_container(self.recording.path) as container:
                    stream = self._stream(container)
                    if self._seek_before(container, stream, origin or 0, after.t_s, lead_s):
                        clock = _Clock(stream, self.recording, self.counters, origin=origin)
                        yield from self._behind(self._timed(container, stream, clock, from_keyframe=True), after)
                        return
        with open_container(self.recording.path) as container:
            stream = self._stream(container)
            clock = _Clock(stream, self.recording, self.counters, origin=None)
            timed = self._timed(container, stream, clock)
            yield from timed if after is None else self._behind(timed, after)

    @property
    def _can_seek(self) -> bool:
        return self.recording.times is not TimeField.NONE and not self.recording.joined

    def _behind(self, frames: Iterator[SourceFrame], after: ResumePoint) -> Iterator[SourceFrame]:
        """The frames behind a point; those on the way to it were counted by the run that stopped there."""
        before = replace(self.counters)
        waiting = True
        for frame in frames:
            if waiting and (frame.epoch, frame.t_s) <= (after.epoch, after.t_s):
                continue
            if waiting:
                waiting = False
                self._count_from(before, frames=1)
            yield frame
        if waiting:
            self._count_from(before, frames=0)

    def _count_from(self, before: ReadCounters, *, frames: int) -> None:
        self.counters.frames = before.frames + frames
        self.counters.corrupt, self.counters.time_faults = before.corrupt, before.time_faults

    def _stream(self, container: InputContainer) -> VideoStream:
        stream = video_stream(container, self.recording.path)
        context = stream.codec_context
        context.thread_type = "AUTO"
        context.thread_count = 1 if _is_light(container, stream) else 2
        if isinstance(context, VideoCodecContext):
            self._thrift.apply(context)
        return stream

    def _origin(self) -> int | None:
        """Time of the first frame in the stream's time base, as a run from the start finds it."""
        with open_container(self.recording.path) as container:
            stream = self._stream(container)
            decoded = self._decoded(container.demux(stream), stream, ReadCounters())
            return next((ticks for frame in decoded if (ticks := frame_ticks(self.recording, frame)) is not None), None)

    def _seek_before(
        self, container: InputContainer, stream: VideoStream, origin: int, t_s: float, lead_s: float
    ) -> bool:
        """Seeks to a keyframe at or before `t_s`, aiming `lead_s` ahead of it; False when it lands behind."""
        wanted = origin + round(t_s / float(stream.time_base or 1))
        target = origin + round((t_s - lead_s) / float(stream.time_base or 1))
        try:
            container.seek(max(target, origin), stream=stream, backward=True)
            decoded = self._decoded(container.demux(stream), stream, ReadCounters(), from_keyframe=True)
            first = next((frame_ticks(self.recording, frame) for frame in decoded), None)
            if first is None or first > wanted:
                return False
            container.seek(max(target, origin), stream=stream, backward=True)
        except av.error.FFmpegError:
            return False
        return True

    def _timed(
        self, container: InputContainer, stream: VideoStream, clock: "_Clock", *, from_keyframe: bool = False
    ) -> Iterator[SourceFrame]:
        t_s: float | None = None
        packets = self._needed(container, stream, clock)
        for frame in self._decoded(packets, stream, self.counters, from_keyframe=from_keyframe):
            stamped = clock.stamp(frame)
            if stamped is None:
                continue
            self.counters.frames += 1
            t_s, epoch, grade = stamped
            yield SourceFrame(
                t_s=t_s,
                epoch=epoch,
                pts=frame.pts,
                clock=grade,
                rotation_deg=self.recording.rotation_deg,
                raw=_of_recorded_size(frame, self.recording),
                interlaced=self.recording.interlaced,
            )
        self.counters.truncated |= self._ends_early(t_s) or breaks_off(self.recording.path)

    def _needed(
        self, container: InputContainer, stream: VideoStream, clock: "_Clock"
    ) -> "Iterator[Packet[VideoStream]]":
        """The packets worth decoding."""
        packets = container.demux(stream)
        if self._thrift.looks_hz is None or self._thrift.keyframes:
            return packets
        sampler, counters = SlotSampler(self._thrift.looks_hz), self.counters
        return without_tails(packets, stream, sampler, clock.foreseen_s, lambda: counters.corrupt)

    def _ends_early(self, last_s: float | None) -> bool:
        declared_s = self.recording.duration_s
        if declared_s is None or last_s is None:
            return False
        end_s = last_s + (KEYFRAMES_S if self._thrift.keyframes else 2 / self.recording.nominal_fps)
        return end_s < declared_s - max(MISSING_S, MISSING_SHARE * declared_s)

    def _decoded(
        self,
        packets: "Iterator[Packet[VideoStream]]",
        stream: VideoStream,
        counters: ReadCounters,
        *,
        from_keyframe: bool = False,
    ) -> Iterator[VideoFrame]:
        """Decoded frames as shown; `from_keyframe` passes over what a seek leaves without its keyframe."""
        failures = 0
        waiting = from_keyframe
        while failures < MAX_FAILURES_IN_A_ROW:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError:
                # The container itself breaks off: what came before stands.
                counters.truncated = True
                yield from _flushed(stream, counters)
                return
            waiting = waiting and not packet.is_keyframe
            if waiting:
                continue
            try:
                frames = packet.decode()
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                counters.corrupt += 1
                failures += 1
                continue
            for frame in frames:
                if frame.is_corrupt:
                    counters.corrupt += 1
                    continue
                failures = 0
                yield frame
        counters.truncated = True


def _is_light(container: InputContainer, stream: VideoStream) -> bool:
    return (
        stream.codec_context.name == "h264"
        and stream.width * stream.height <= LIGHT_PX
        and container.bit_rate <= LIGHT_BITS_PER_S
    )


def _of_recorded_size(frame: VideoFrame, recording: Recording) -> VideoFrame:
    """The frame as large as all others: boxes and marks are of that size, and some cameras change theirs on the way."""
    width, height = recording.size_wh if recording.rotation_deg % 180 == 0 else recording.size_wh[::-1]
    return frame if (frame.width, frame.height) == (width, height) else frame.reformat(width=width, height=height)


def _flushed(stream: VideoStream, counters: ReadCounters) -> Iterator[VideoFrame]:
    """What the decoder still holds when the container has broken off."""
    try:
        yield from (frame for frame in stream.codec_context.decode(None) if not frame.is_corrupt)
    except av.error.FFmpegError:
        counters.corrupt += 1


class _Clock:
    """Turns presentation times into strictly rising seconds, one per read."""

    def __init__(self, stream: VideoStream, recording: Recording, counters: ReadCounters, origin: int | None) -> None:
        self._recording = recording
        self._time_base = float(stream.time_base or 0)
        self._interval_s = 1.0 / recording.nominal_fps
        self._counters = counters
        self._origin = origin
        self._offset_s = 0.0
        self._last_s: float | None = None
        self._epoch = 0

    def stamp(self, frame: VideoFrame) -> tuple[float, int, ClockGrade] | None:
        """(t_s, epoch, grade), or None for a frame whose time repeats or swaps."""
        ticks = frame_ticks(self._recording, frame)
        if ticks is None or not self._time_base:
            return self._counted()
        if self._origin is None:
            self._origin = ticks
        t_s = (ticks - self._origin) * self._time_base + self._offset_s
        if self._last_s is not None and t_s <= self._last_s:
            self._counters.time_faults += 1
            if t_s > self._last_s - JUMP_BACK_S:
                return None
            self._offset_s += self._last_s + self._interval_s - t_s
            t_s = self._last_s + self._interval_s
            self._epoch += 1
        self._last_s = t_s
        return t_s, self._epoch, ClockGrade.CORRECTED if self._epoch else self._recording.native_clock

    def foreseen_s(self, ticks: int) -> float | None:
        """When a picture will be shown that has not been decoded yet; None before the first."""
        if self._origin is None or not self._time_base:
            return None
        return (ticks - self._origin) * self._time_base + self._offset_s

    def _counted(self) -> tuple[float, int, ClockGrade]:
        self._last_s = 0.0 if self._last_s is None else self._last_s + self._interval_s
        return self._last_s, self._epoch, ClockGrade.NOMINAL


def frame_ticks(recording: Recording, frame: VideoFrame) -> int | None:
    """The time of a frame that the recording's clock trusts, in the stream's time base; None without one."""
    if recording.times is TimeField.NONE:
        return None
    return frame.pts if recording.times is TimeField.PTS else frame.dts
