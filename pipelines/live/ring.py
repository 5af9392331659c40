"""The last minutes of a stream as the camera's own packets: all of them for a while, then keyframes alone.

Bounded in seconds and bytes. Over its bytes it keeps fewer of the older packets, never forgets the newest; the part
of keyframes thins out evenly, so that the beginning of a long act stays in it. All that is kept can be decoded as the
camera meant it: where even one group of pictures is too large, the rest of it is not kept. The reading thread adds, any
thread takes a snapshot.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from threading import Lock
from typing import TypeAlias, cast

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

VideoPacket: TypeAlias = "Packet[VideoStream]"

MP4_CODECS = frozenset({"h264", "hevc", "mpeg4", "av1"})
DENSE_S = 75.0
"""Every packet is kept so long: a whole act with its clip."""
DENSE_LEAST_S = 20.0
"""Short of memory, keyframes are thinned out before the last seconds are."""


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """One unbroken connection: what its packets need to be decoded and written, long after it is closed.

    Attributes:
        codec: FFmpeg's name of the decoder.
        extradata: the decoder's parameters.
        suffix: of a clip's file.
    """

    codec: str
    extradata: bytes
    suffix: str
    _holder: OutputContainer = field(repr=False)

    @classmethod
    def of(cls, stream: VideoStream) -> "Take":
        """The parameters of an open stream; they outlive it in a container that is never written."""
        holder = av.open(BytesIO(), "w", format="matroska")
        holder.add_stream_from_template(stream)
        codec = stream.codec_context.name
        return cls(
            codec=codec,
            extradata=bytes(stream.codec_context.extradata or b""),
            suffix=".mp4" if codec in MP4_CODECS else ".mkv",
            _holder=holder,
        )

    @property
    def template(self) -> VideoStream:
        """For `add_stream_from_template`."""
        return self._holder.streams.video[0]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """One packet and when it is shown, in the camera's seconds."""

    packet: VideoPacket
    t_s: float
    take: Take

    @classmethod
    def of(cls, packet: VideoPacket, t_s: float, take: Take) -> "Kept":
        """A copy of the packet alone: the received one holds its connection's decoder, megabytes, in memory."""
        copy = cast("VideoPacket", Packet(bytes(packet)))
        copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
        copy.is_keyframe = packet.is_keyframe
        return cls(copy, t_s, take)


class PacketRing:
    """See the module.

    Args:
        keep_s: how far back keyframes reach.
        most_bytes: of packets in memory.
    """

    def __init__(self, *, keep_s: float, most_bytes: int, dense_s: float = DENSE_S) -> None:
        self._keep_s = max(keep_s, dense_s)
        self._dense_s = dense_s
        self._most_bytes = most_bytes
        self._sparse: deque[Kept] = deque()
        self._dense: deque[Kept] = deque()
        self._groups = 0
        self._bytes = 0
        self._full = False
        self._newest_s = float("-inf")
        self._lock = Lock()

    def add(self, kept: Kept) -> None:
        """Takes a packet in decoding order; what precedes a connection's first keyframe is of no use and left out."""
        with self._lock:
            begins = not self._dense or self._dense[-1].take is not kept.take
            if begins and not kept.packet.is_keyframe:
                return
            self._newest_s = max(self._newest_s, kept.t_s)
            self._full = self._full and not kept.packet.is_keyframe
            if self._full:
                return
            self._dense.append(kept)
            self._groups += kept.packet.is_keyframe
            self._bytes += kept.packet.size
            self._forget()

    def restore(self, kept: Sequence[Kept]) -> None:
        """Takes keyframes that an earlier worker kept; before the first `add`."""
        with self._lock:
            self._sparse.extend(kept)
            self._bytes += sum(one.packet.size for one in kept)

    def snapshot(self) -> tuple[Kept, ...]:
        """Everything kept, in the order of arrival; the packets are shared and must not be changed."""
        with self._lock:
            return (*self._sparse, *self._dense)

    @property
    def newest_s(self) -> float:
        """Up to when there are pictures."""
        return self._newest_s

    @property
    def size_bytes(self) -> int:
        """Of the packets kept."""
        return self._bytes

    def _forget(self) -> None:
        while self._dense[0].t_s < self._newest_s - self._dense_s and self._thin_dense():
            pass
        while self._sparse and self._sparse[0].t_s < self._newest_s - self._keep_s:
            self._bytes -= self._sparse.popleft().packet.size
        while self._bytes > self._most_bytes:
            long = self._dense[0].t_s < self._newest_s - DENSE_LEAST_S
            if not ((long and self._thin_dense()) or self._thin_sparse() or self._thin_dense() or self._cut()):
                return

    def _thin_dense(self) -> bool:
        """Keeps of the oldest group of pictures its keyframe alone; False where it is the newest one."""
        if self._groups < 2:
            return False
        self._sparse.append(self._dense.popleft())
        self._groups -= 1
        while not self._dense[0].packet.is_keyframe:
            self._bytes -= self._dense.popleft().packet.size
        keyframe = self._dense.popleft()
        while self._leads(keyframe):
            # Shown before the keyframe that it follows, it may need pictures that are gone.
            self._bytes -= self._dense.popleft().packet.size
        self._dense.appendleft(keyframe)
        return True

    def _leads(self, keyframe: Kept) -> bool:
        """Whether what follows a keyframe is shown before it."""
        behind = self._dense[0] if self._dense else keyframe
        return not behind.packet.is_keyframe and behind.t_s < keyframe.t_s

    def _cut(self) -> bool:
        """Gives up the newest packet behind the only keyframe, and all behind it up to the next one: without it FFmpeg
        would make up their pictures. False where the keyframe is all there is."""
        if len(self._dense) < 2:
            return False
        self._bytes -= self._dense.pop().packet.size
        self._full = True
        return True

    def _thin_sparse(self) -> bool:
        """Drops every second keyframe but the first; False where there are too few."""
        if len(self._sparse) < 3:
            return False
        every = list(self._sparse)
        self._bytes -= sum(kept.packet.size for kept in every[1::2])
        self._sparse = deque(every[::2])
        return True
