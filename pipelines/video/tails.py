"""Leaves out packets undecoded whose pictures nobody looks at and on which nothing looked at depends.

Those are the ones between the last look before a fresh start (a keyframe behind which nothing needs what came before)
and that fresh start: at five looks a second and a keyframe every two seconds a twelfth of all frames, of Motion JPEG
all but the looks. In: packets in decoding order. Out: the same without such tails, none later than its own look needs.
"""

from collections.abc import Callable, Iterable, Iterator

import av.error
from av.packet import Packet
from av.video.stream import VideoStream

from pipelines.sampling import SlotSampler

FORGETFUL = frozenset({"hevc", "mpeg4", "mjpeg"})
"""Codecs whose keyframes always are a fresh start where pictures come in the order of showing."""
_START_CODE = b"\0\0\1"
_IDR = 5
_AVCC = 1
"""First byte of the header of H.264 whose units come with their length in front, as in mp4 and mkv."""


def without_tails(
    packets: "Iterable[Packet[VideoStream]]",
    stream: VideoStream,
    sampler: SlotSampler,
    t_s_of: Callable[[int], float | None],
    faults: Callable[[], int] = lambda: 0,
) -> "Iterator[Packet[VideoStream]]":
    """The packets that looks need; all of them as soon as their times show that they are not in order of showing.

    Args:
        packets: of one stream, in decoding order.
        stream: theirs.
        sampler: tells which pictures are looked at; asked once per packet.
        t_s_of: stream seconds of a presentation time, None while nobody knows.
        faults: how many pictures came out damaged so far; where a look is, one of its tail takes its place.
    """
    held: list[Packet[VideoStream]] = []
    latest: int | None = None
    in_order = True
    faults_before = faults()
    try:
        for packet in packets:
            in_order = in_order and packet.pts is not None and (latest is None or packet.pts > latest)
            latest = packet.pts
            t_s = t_s_of(latest) if in_order and latest is not None else None
            whole = t_s is not None and faults() == faults_before
            if whole and packet.is_keyframe and starts_afresh(packet, stream):
                held.clear()
            held.append(packet)
            if t_s is None or sampler.wants(t_s):
                faults_before = faults()
                yield from held
                held.clear()
    except av.error.FFmpegError:
        yield from held
        raise
    yield from held


def starts_afresh(packet: "Packet[VideoStream]", stream: VideoStream) -> bool:
    """Whether a keyframe forgets all before it; in H.264 a recovery point counts as one and need not."""
    context = stream.codec_context
    if context.name != "h264":
        return context.name in FORGETFUL
    header = context.extradata or b""
    return _IDR in (_counted(bytes(packet), header) if header[:1] == bytes([_AVCC]) else _marked(bytes(packet)))


def _counted(data: bytes, header: bytes) -> Iterator[int]:
    """Types of units that come with their length."""
    size = (header[4] & 3) + 1 if len(header) > 4 else 4
    at = 0
    while at + size < len(data):
        yield data[at + size] & 31
        at += size + int.from_bytes(data[at : at + size], "big")


def _marked(data: bytes) -> Iterator[int]:
    """Types of units that begin with a start code."""
    at = data.find(_START_CODE)
    while 0 <= at < len(data) - len(_START_CODE):
        yield data[at + len(_START_CODE)] & 31
        at = data.find(_START_CODE, at + len(_START_CODE))
