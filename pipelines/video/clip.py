"""A clip of the recording's own packets, not re-encoded: what the camera sent is what the officer sees.

The clip starts at the keyframe at or before the asked start, since nothing else can be decoded, and ends with the
last packet shown before the asked end. Pictures from a folder have no packets; their stills are the evidence.
"""

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from detector.types import SourceError
from pipelines.video.file import SEEK_LEADS_S, frame_ticks
from pipelines.video.recording import JUMP_BACK_S, Recording, TimeField, open_container, video_stream

VideoPacket: TypeAlias = "Packet[VideoStream]"

EPSILON_TICKS = 1e-6
MP4_CODECS = frozenset({"h264", "hevc", "mpeg4", "av1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipWindow:
    """What a clip really holds, in the recording's stream seconds, and how its file is named."""

    t_start_s: float
    t_end_s: float
    packets: int
    suffix: str


def clip_suffix(recording: Recording) -> str | None:
    """`.mp4` or else `.mkv` where that container carries the codec; None where neither does, as of Windows Media."""
    if recording.codec in MP4_CODECS:
        return ".mp4"
    return ".mkv" if recording.codec in _matroska_codecs() else None


@cache
def _matroska_codecs() -> frozenset[str]:
    with av.open(io.BytesIO(), "w", format="matroska") as output:
        return frozenset(output.supported_codecs)


def cut_clip(recording: Recording, t_start_s: float, t_end_s: float, target: Path) -> ClipWindow:
    """Copies the packets of [t_start_s, t_end_s] into `target`.

    Raises:
        SourceError: the recording cannot be read there any more, or no clip can hold its codec.
    """
    suffix = clip_suffix(recording)
    if suffix is None:
        raise SourceError(
            f"{recording.path}: no clip can hold {recording.codec}; expected a codec that mp4 or mkv holds"
        )
    with open_container(recording.path) as source:
        stream = video_stream(source, recording.path)
        time_base = float(stream.time_base or 1)
        origin = _origin(recording)
        first = origin + math.floor(max(t_start_s, 0.0) / time_base + EPSILON_TICKS)
        last = origin + math.ceil(t_end_s / time_base - EPSILON_TICKS)
        try:
            packets = _packets_of(source, stream, recording, first, last)
        except av.error.FFmpegError as error:
            raise SourceError(f"{recording.path}: cannot be read at {t_start_s:.1f} s: {error.strerror}") from error
        if not packets:
            raise SourceError(f"{recording.path}: holds no packet between {t_start_s:.1f} and {t_end_s:.1f} s")
        shown = [_shown(packet, recording) for packet in packets]
        window = ClipWindow(
            t_start_s=(min(shown) - origin) * time_base,
            t_end_s=(max(shown) - origin) * time_base,
            packets=len(packets),
            suffix=suffix,
        )
        _write(packets, stream, target)
    return window


def _origin(recording: Recording) -> int:
    """Time of the first shown frame, the zero of stream seconds."""
    if recording.times is TimeField.NONE:
        return 0
    with open_container(recording.path) as source:
        for frame in source.decode(video_stream(source, recording.path)):
            ticks = frame_ticks(recording, frame)
            if ticks is not None:
                return ticks
    return 0


def _packets_of(
    source: InputContainer, stream: VideoStream, recording: Recording, first: int, last: int
) -> list[VideoPacket]:
    """The window's packets; containers without an index land late, so further leads are tried, at last the start."""
    second = 1 / float(stream.time_base or 1)
    for lead_s in SEEK_LEADS_S:
        with suppress(av.error.FFmpegError):
            timed = _timed_packets(source, stream, recording, first - round(lead_s * second))
            packets = _window(timed, recording, first, last)
            if packets and _shown(packets[0], recording) <= first:
                return packets
    with open_container(recording.path) as fresh:
        timed = _timed_packets(fresh, video_stream(fresh, recording.path), recording, None)
        return _window(timed, recording, first, last)


def _timed_packets(
    source: InputContainer, stream: VideoStream, recording: Recording, target: int | None
) -> Iterator[VideoPacket]:
    """Packets from a keyframe at or before `target` on (None: from the start), in decoding order, all with times."""
    if recording.times is TimeField.NONE:
        ticks = 1 / (recording.nominal_fps * float(stream.time_base or 1))
        for number, packet in enumerate(source.demux(stream)):
            packet.pts = packet.dts = round(number * ticks)
            yield packet
        return
    interval = max(round(1 / (recording.nominal_fps * float(stream.time_base or 1))), 1)
    if recording.joined:
        yield from _unrolled(source.demux(stream), interval, round(JUMP_BACK_S / float(stream.time_base or 1)))
        return
    if target is not None:
        source.seek(target, stream=stream, backward=True)
    # Matroska stores no decoding times: the first packets behind a seek come without and are filled in backwards.
    untimed: list[VideoPacket] = []
    for packet in source.demux(stream):
        if packet.size == 0 or (packet.pts is None and packet.dts is None):
            continue
        if packet.dts is None:
            untimed.append(packet)
            continue
        for back, earlier in enumerate(reversed(untimed), start=1):
            earlier.dts = packet.dts - back * interval
        yield from untimed
        untimed.clear()
        yield packet
    yield from untimed


def _unrolled(packets: Iterator[VideoPacket], interval: int, jump: int) -> Iterator[VideoPacket]:
    """The packets of joined parts with times that go on where the part before ends, as frames have them."""
    shift, highest = 0, None
    for packet in packets:
        if packet.size == 0 or packet.dts is None or packet.pts is None:
            continue
        if highest is not None and packet.pts + shift < highest - jump:
            shift = highest + interval - packet.pts
        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
        highest = packet.pts if highest is None else max(highest, packet.pts)
        yield packet


def _window(packets: Iterator[VideoPacket], recording: Recording, first: int, last: int) -> list[VideoPacket]:
    """From the last keyframe shown not later than `first` to the last packet decoded by `last`, without a hole."""
    kept: list[VideoPacket] = []
    end: int | None = None
    for packet in packets:
        shown = _shown(packet, recording)
        if packet.dts is not None and packet.dts > last:
            # Packets come in decoding order: what follows is only of use where it is shown before one already taken.
            end = max((_shown(one, recording) for one in kept), default=last) if end is None else end
            if shown >= end:
                break
        if packet.is_keyframe and shown <= first:
            kept.clear()
        kept.append(packet)
    first_key = next((i for i, packet in enumerate(kept) if packet.is_keyframe), len(kept))
    # Pictures shown before the keyframe need the part before it and could not be decoded.
    return [packet for packet in kept[first_key:] if _shown(packet, recording) >= _shown(kept[first_key], recording)]


def _shown(packet: VideoPacket, recording: Recording) -> int:
    times = (packet.dts, packet.pts) if recording.times is TimeField.DTS else (packet.pts, packet.dts)
    return next((ticks for ticks in times if ticks is not None), 0)


def _write(packets: list[VideoPacket], template: VideoStream, target: Path) -> None:
    zero = packets[0].dts or 0
    rise_strictly(packets)
    with av.open(str(target), "w") as output:
        stream = output.add_stream_from_template(template)
        for packet in packets:
            packet.dts = None if packet.dts is None else packet.dts - zero
            packet.pts = None if packet.pts is None else packet.pts - zero
            packet.stream = stream
            output.mux(packet)


def rise_strictly(packets: Sequence[VideoPacket]) -> None:
    """Puts decoding times that repeat or fall back a tick behind the one before: no muxer takes them otherwise."""
    latest: int | None = None
    for packet in packets:
        if packet.dts is None:
            continue
        if latest is not None and packet.dts <= latest:
            packet.dts = latest + 1
            packet.pts = packet.dts if packet.pts is None else max(packet.pts, packet.dts)
        latest = packet.dts
