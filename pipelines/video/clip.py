"""A clip of the recording's own packets, not re-encoded: what the camera sent is what the officer sees.

The clip starts at the keyframe at or before the asked start, since nothing else can be decoded, and ends with the
last packet shown before the asked end. Pictures from a folder have no packets; their stills are the evidence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import av
import av.error
from av.packet import Packet
from av.video.stream import VideoStream

from detector.types import SourceError
from pipelines.video.recording import Recording, open_container, video_stream

VideoPacket: TypeAlias = "Packet[VideoStream]"

MP4_CODECS = frozenset({"h264", "hevc", "mpeg4", "av1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipWindow:
    """What a clip really holds, in the recording's stream seconds, and how its file is named."""

    t_start_s: float
    t_end_s: float
    packets: int
    suffix: str


def clip_suffix(recording: Recording) -> str:
    """`.mp4` where that container carries the codec, `.mkv` otherwise."""
    return ".mp4" if recording.codec in MP4_CODECS else ".mkv"


def cut_clip(recording: Recording, t_start_s: float, t_end_s: float, target: Path) -> ClipWindow:
    """Copies the packets of [t_start_s, t_end_s] into `target`.

    Raises:
        SourceError: the recording cannot be read there any more.
    """
    with open_container(recording.path) as source:
        stream = video_stream(source, recording.path)
        time_base = float(stream.time_base or 1)
        origin = _origin(recording) if recording.has_times else 0
        first_pts, last_pts = origin + t_start_s / time_base, origin + t_end_s / time_base
        try:
            if recording.has_times:
                source.seek(max(round(first_pts), origin), stream=stream, backward=True)
                packets = list(_window(source.demux(stream), first_pts, last_pts))
            else:
                ticks = 1 / (recording.nominal_fps * time_base)
                packets = list(_window(_counted(source.demux(stream), ticks), first_pts, last_pts))
        except av.error.FFmpegError as error:
            raise SourceError(f"{recording.path}: cannot be read at {t_start_s:.1f} s: {error.strerror}") from error
        if not packets:
            raise SourceError(f"{recording.path}: holds no packet between {t_start_s:.1f} and {t_end_s:.1f} s")
        shown = [packet.pts for packet in packets if packet.pts is not None]
        window = ClipWindow(
            t_start_s=(min(shown) - origin) * time_base,
            t_end_s=(max(shown) - origin) * time_base,
            packets=len(packets),
            suffix=clip_suffix(recording),
        )
        _write(packets, stream, target)
    return window


def _origin(recording: Recording) -> int:
    """PTS of the first shown frame, the zero of stream seconds."""
    with open_container(recording.path) as source:
        for frame in source.decode(video_stream(source, recording.path)):
            if frame.pts is not None:
                return frame.pts
    return 0


def _counted(packets: Iterator[VideoPacket], ticks: float) -> Iterator[VideoPacket]:
    """Packets of a file without usable times, stamped by their order as the analysis counted them."""
    for number, packet in enumerate(packets):
        packet.pts = packet.dts = round(number * ticks)
        yield packet


def _window(packets: Iterator[VideoPacket], first_pts: float, last_pts: float) -> Iterator[VideoPacket]:
    """From the last keyframe not later than `first_pts` to the last packet shown by `last_pts`."""
    kept: list[VideoPacket] = []
    started = False
    for packet in packets:
        if packet.dts is None or packet.pts is None:
            continue
        if not started:
            if packet.is_keyframe and packet.pts <= first_pts:
                kept = []
            started = packet.pts > first_pts
        # Packets come in decoding order: one group further on, nothing of the window can follow.
        if packet.dts > last_pts:
            break
        kept.append(packet)
    first_key = next((i for i, packet in enumerate(kept) if packet.is_keyframe), 0)
    yield from kept[first_key:]


def _write(packets: list[VideoPacket], template: VideoStream, target: Path) -> None:
    first_dts = packets[0].dts or 0
    with av.open(str(target), "w") as output:
        stream = output.add_stream_from_template(template)
        for packet in packets:
            assert packet.dts is not None and packet.pts is not None
            packet.dts -= first_dts
            packet.pts -= first_dts
            packet.stream = stream
            output.mux(packet)
