"""`Footage` over a snapshot of a camera's packet ring: stills are decoded, clips copied, nothing is re-encoded.

A still is the frame shown at its moment where every packet is kept, the keyframe before it where only keyframes
are. A clip comes from one connection: packets of two cannot be decoded together.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, groupby, pairwise
from pathlib import Path
from statistics import median
from typing import cast

import av
import av.error
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext

from detector.types import SourceError
from pipelines.live.ring import Kept, Take, VideoPacket
from pipelines.video.stills import Still

SAME_S = 1e-3
FAR_S = 12.0
"""A picture this far from its moment does not show it."""
PACED_BY = 50
"""So many packets tell how long a frame is shown."""
TICKS = 90_000
STEP_TICKS = 90
"""Containers may count in milliseconds: less would be no step there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RingFootage:
    """The last minutes of one camera.

    Attributes:
        name: the stream's address without secrets.
        kept: the ring's packets.
        shift_s: added to times of the looked-at stream to get those of these packets.
        interlaced: its pictures are two fields: stills show one.
    """

    name: str
    kept: tuple[Kept, ...]
    shift_s: float = 0.0
    interlaced: bool = False

    @property
    def sha256(self) -> str | None:
        """A stream has no hash of its own; the bundle's items have."""
        return None

    @property
    def clip_suffix(self) -> str | None:
        """As the newest connection's codec asks; None when nothing was received."""
        return self.kept[-1].take.suffix if self.kept else None

    @property
    def frame_s(self) -> float:
        """As most of the newest packets come; 0 for a ring that holds too few to tell."""
        times_s = sorted(kept.t_s for kept in self.kept[-PACED_BY:])
        return median([later - sooner for sooner, later in pairwise(times_s)] or [0.0])

    def stills(self, times_s: Sequence[float]) -> Iterator[Still]:
        """For each time the frame shown then, or the first one kept; each group of pictures is decoded once.

        Where times rise, a frame is decoded when it is taken: whoever is done with one before the next needs memory for
        one alone, 3 MB at 1080p and 6 for its pixels.

        Raises:
            SourceError: nothing is kept from within `FAR_S` of a time; comes out where its picture is taken.
        """
        wanted = [t_s + self.shift_s for t_s in times_s]
        rising = sorted(set(wanted))
        if wanted == rising:
            yield from self._rising(rising)
        else:
            found = dict(zip(rising, self._rising(rising), strict=True))
            yield from (found[t_s] for t_s in wanted)

    def _rising(self, wanted_s: Sequence[float]) -> Iterator[Still]:
        given = 0
        for run, together in self._runs(wanted_s):
            made = 0
            for t_s, (shown_s, frame) in zip(together, _shown(run, together), strict=False):
                made += 1
                yield self._still(shown_s, frame) if abs(shown_s - t_s) <= FAR_S else self._later(t_s)
            yield from map(self._later, together[made:])
            given += len(together)
        yield from map(self._later, wanted_s[given:])

    def cut(self, t_start_s: float, t_end_s: float, target: Path) -> float:
        """Writes the packets of [t_start_s, t_end_s], from the keyframe before it on; the second that one shows.

        Raises:
            SourceError: none are kept from then.
        """
        packets = self._window(t_start_s + self.shift_s, t_end_s + self.shift_s)
        if not packets:
            raise SourceError(f"{self.name}: no packets are kept of {t_start_s:.1f} to {t_end_s:.1f} s")
        write_packets(packets, target)
        return packets[0].t_s - self.shift_s

    def _later(self, wanted_s: float) -> Still:
        """The first picture kept from a time on, where none is kept of that time itself."""
        later = RingFootage(name=self.name, kept=tuple(kept for kept in self.kept if kept.t_s >= wanted_s))
        for run, together in later._runs([wanted_s]):
            for shown_s, frame in _shown(run, together):
                if abs(shown_s - wanted_s) <= FAR_S:
                    return self._still(shown_s, frame)
        t_s = wanted_s - self.shift_s
        raise SourceError(
            f"{self.name}: no picture is kept of {t_s:.1f} s; raise memory_mb of this camera, or have"
            " it send a keyframe every 2 s"
        )

    def _still(self, shown_s: float, frame: VideoFrame) -> Still:
        return Still(shown_s - self.shift_s, frame, interlaced=self.interlaced)

    def _runs(self, wanted_s: Sequence[float]) -> Iterator[tuple[list[Kept], list[float]]]:
        """Times that one decoding shows, with the packets from the keyframe at or before the first of them (else the
        first one kept) to the end of their connection's."""
        keys = [i for i, kept in enumerate(self.kept) if kept.packet.is_keyframe]
        key_times_s = [self.kept[i].t_s for i in keys]

        def key_of(t_s: float) -> int:
            return keys[max(bisect_right(key_times_s, t_s + SAME_S) - 1, 0)]

        for first, times_s in groupby(wanted_s, key=key_of) if keys else ():
            take = self.kept[first].take
            yield [kept for kept in self.kept[first:] if kept.take is take], list(times_s)

    def _window(self, first_s: float, last_s: float) -> list[Kept]:
        """The packets of the connection that covers most of the window, from a keyframe on, without a hole."""
        runs: dict[Take, list[Kept]] = {}
        for kept in self.kept:
            run = runs.setdefault(kept.take, [])
            if kept.packet.is_keyframe and kept.t_s <= first_s:
                run.clear()
            if kept.t_s <= last_s and (run or kept.packet.is_keyframe):
                run.append(kept)
        shown = [run for run in runs.values() if run and run[-1].t_s >= first_s - SAME_S]
        return max(shown, key=lambda run: run[-1].t_s - max(run[0].t_s, first_s), default=[])


def _shown(run: list[Kept], wanted_s: Sequence[float]) -> Iterator[tuple[float, VideoFrame]]:
    """For each of some rising times (when shown, frame) of the last frame of a run shown by then, else of its first;
    nothing for a run without a sound frame."""
    left = deque(wanted_s)
    shown: tuple[float, VideoFrame] | None = None
    for at_s, frame in _decoded(run):
        while shown is not None and left and at_s > left[0] + SAME_S:
            left.popleft()
            yield shown
        if not left:
            return
        shown = at_s, frame
    while shown is not None and left:
        left.popleft()
        yield shown


def _decoded(run: list[Kept]) -> Iterator[tuple[float, VideoFrame]]:
    """(when shown, frame) of consecutive packets of one connection; damage is passed over."""
    if not run:
        return
    context = VideoCodecContext.create(run[0].take.codec, "r")
    assert isinstance(context, VideoCodecContext)
    context.extradata = run[0].take.extradata or None
    # Threads of its own for every still would cost more than they hasten it.
    context.thread_count = 1
    for packet in chain(_numbered(run), (None,)):
        try:
            frames = context.decode(packet)
        except av.error.FFmpegError:
            continue
        yield from ((run[frame.pts].t_s, frame) for frame in frames if frame.pts is not None)


def _numbered(run: list[Kept]) -> Iterator[VideoPacket]:
    """Copies whose times are their places in the run: a stream that lies may tell one time twice."""
    for number, kept in enumerate(run):
        copy = cast("VideoPacket", av.Packet(bytes(kept.packet)))
        copy.pts = number
        yield copy


def write_packets(packets: Sequence[Kept], target: Path, *, container: str | None = None) -> None:
    """Copies packets of one connection into a file whose time zero is the first one's; the suffix names its kind."""
    zero_s = min(kept.t_s for kept in packets)
    with av.open(str(target), "w", format=container) as output:
        stream = output.add_stream_from_template(packets[0].take.template)
        before: int | None = None
        for kept in packets:
            packet = av.Packet(bytes(kept.packet))
            shown = round((kept.t_s - zero_s) * TICKS)
            decoded = shown - _reorder_ticks(kept)
            before = decoded if before is None else max(decoded, before + STEP_TICKS)
            packet.pts, packet.dts = max(shown, before), before
            packet.time_base = Fraction(1, TICKS)
            packet.is_keyframe = kept.packet.is_keyframe
            packet.stream = stream
            output.mux(packet)


def _reorder_ticks(kept: Kept) -> int:
    """How long before it is shown a packet must be decoded."""
    packet = kept.packet
    if packet.pts is None or packet.dts is None or packet.time_base is None:
        return 0
    return round((packet.pts - packet.dts) * packet.time_base * TICKS)
