"""`Footage` over a snapshot of a camera's packet ring: stills are decoded, clips copied, nothing is re-encoded.

A still is the frame shown at its moment where every packet is kept, the keyframe before it where only keyframes
are. A clip comes from one connection: packets of two cannot be decoded together.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import av.error
import numpy as np
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext

from detector.types import SourceError
from pipelines.live.ring import Kept, Take, VideoPacket
from pipelines.video.stills import Still

SAME_S = 1e-3
FAR_S = 12.0
"""A picture this far from its moment does not show it."""
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
    """

    name: str
    kept: tuple[Kept, ...]
    shift_s: float = 0.0

    @property
    def sha256(self) -> str | None:
        """A stream has no hash of its own; the bundle's items have."""
        return None

    @property
    def clip_suffix(self) -> str | None:
        """As the newest connection's codec asks; None when nothing was received."""
        return self.kept[-1].take.suffix if self.kept else None

    def stills(self, times_s: Sequence[float]) -> list[Still]:
        """For each time the frame shown then, or the first one kept.

        Raises:
            SourceError: nothing is kept from within `FAR_S` of a time.
        """
        return [self._still(t_s) for t_s in times_s]

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

    def _still(self, t_s: float) -> Still:
        wanted_s = t_s + self.shift_s
        shown = _shown(self._run_at(wanted_s), wanted_s)
        if shown is None or abs(shown[0] - wanted_s) > FAR_S:
            later = [kept for kept in self.kept if kept.t_s >= wanted_s]
            shown = _shown(RingFootage(name=self.name, kept=tuple(later))._run_at(wanted_s), wanted_s)
        if shown is None or abs(shown[0] - wanted_s) > FAR_S:
            raise SourceError(f"{self.name}: no picture is kept of {t_s:.1f} s; raise memory_mb of this camera")
        image = np.asarray(shown[1].to_ndarray(format="bgr24"), np.uint8)
        return Still(t_s=shown[0] - self.shift_s, image=image)

    def _run_at(self, t_s: float) -> list[Kept]:
        """From the keyframe shown at or before `t_s` (else the first) to the end of its connection's packets."""
        keys = [i for i, kept in enumerate(self.kept) if kept.packet.is_keyframe]
        if not keys:
            return []
        place = bisect_right([self.kept[i].t_s for i in keys], t_s + SAME_S) - 1
        first = keys[max(place, 0)]
        take = self.kept[first].take
        return [kept for kept in self.kept[first:] if kept.take is take]

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


def _shown(run: list[Kept], wanted_s: float) -> tuple[float, VideoFrame] | None:
    """(when shown, frame) of the last frame of a run that is shown by a time, else of its first one."""
    shown: tuple[float, VideoFrame] | None = None
    for at_s, frame in _decoded(run):
        if shown is not None and at_s > wanted_s + SAME_S:
            break
        shown = at_s, frame
    return shown


def _decoded(run: list[Kept]) -> Iterator[tuple[float, VideoFrame]]:
    """(when shown, frame) of consecutive packets of one connection; damage is passed over."""
    if not run:
        return
    context = VideoCodecContext.create(run[0].take.codec, "r")
    assert isinstance(context, VideoCodecContext)
    context.extradata = run[0].take.extradata or None
    for packet in (*_numbered(run), None):
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
