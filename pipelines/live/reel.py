"""Packets on disk: what a worker that was killed still needs for evidence when it comes back.

In: packets as the ring keeps them. Out: Matroska files, one for each connection, named after the second of their first
packet; read back they are packets with their times again. `Reel` keeps the keyframes of one camera's last minutes.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import av
import av.error

from pipelines.live.footage import write_packets
from pipelines.live.ring import Kept, Take

KEY_EVERY_S = 1.0
"""Closer keyframes (every frame of MJPEG is one) are left out."""
_PREFIX, _SUFFIX = "reel-", ".mkv"


def write_reel(kept: Sequence[Kept], folder: Path) -> float:
    """Writes packets, one file for each connection; returns the time of the last one.

    Raises:
        OSError: the disk refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for _, run in groupby(kept, key=lambda one: id(one.take)):
        packets = list(run)
        first_s = min(one.t_s for one in packets)
        path = folder / f"{_PREFIX}{round(first_s * 1e6):015d}{_SUFFIX}"
        draft = path.with_name(f".{path.name}")
        try:
            write_packets(packets, draft, container="matroska")
            draft.replace(path)
        except Exception:
            draft.unlink(missing_ok=True)
            raise
    return max((one.t_s for one in kept), default=float("-inf"))


def read_reel(folder: Path, *, strictly: bool = False) -> tuple[Kept, ...]:
    """Everything written there, in the order of time; a damaged file gives what it holds.

    Args:
        folder: where.
        strictly: what the machine refuses (too many open files, a disk that does not answer) is not taken for damage.

    Raises:
        OSError: the machine refuses; only `strictly`.
    """
    packets: list[Kept] = []
    for path in _files(folder):
        try:
            packets.extend(_read(path, packets[-1].take if packets else None))
        except (av.error.FFmpegError, OSError) as error:
            if strictly and isinstance(error, OSError):
                raise
    return tuple(packets)


def any_reel(folder: Path) -> bool:
    """Whether anything was written there."""
    return bool(_files(folder))


class Reel:
    """The keyframes of one camera's last minutes; used by one thread.

    Args:
        folder: of this camera alone.
        keep_s: how far back they reach.
    """

    def __init__(self, folder: Path, keep_s: float) -> None:
        self._folder = folder
        self._keep_s = keep_s
        self._written_s = float("-inf")

    def add(self, kept: Sequence[Kept]) -> None:
        """Writes the keyframes that are not written yet and forgets old ones.

        Raises:
            OSError: the disk refuses.
        """
        fresh: list[Kept] = []
        last_s = self._written_s
        for one in kept:
            if one.packet.is_keyframe and one.t_s >= last_s + KEY_EVERY_S:
                fresh.append(one)
                last_s = one.t_s
        self._forget(kept[-1].t_s if kept else float("-inf"))
        if fresh:
            self._written_s = write_reel(fresh, self._folder)

    def read(self) -> tuple[Kept, ...]:
        """What an earlier worker wrote."""
        kept = read_reel(self._folder)
        self._written_s = kept[-1].t_s if kept else float("-inf")
        return kept

    def clear(self) -> None:
        """Forgets everything."""
        self._forget(float("inf"))
        self._written_s = float("-inf")

    def _forget(self, now_s: float) -> None:
        for path in _files(self._folder):
            if _first_s(path) < now_s - self._keep_s:
                path.unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}"))


def _first_s(path: Path) -> float:
    digits = path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    return int(digits) / 1e6 if digits.isdecimal() else float("-inf")


def _read(path: Path, before: Take | None) -> Iterator[Kept]:
    """Its packets; under the take of the file before where they can be decoded together."""
    zero_s = _first_s(path)
    with av.open(str(path)) as container:
        if not container.streams.video:
            return
        stream = container.streams.video[0]
        tick_s = float(stream.time_base or 1)
        take: Take | None = None
        for packet in container.demux(stream):
            if packet.size == 0 or packet.pts is None:
                continue
            take = take or _shared(Take.of(stream), before)
            t_s = zero_s + packet.pts * tick_s
            # Packets of several files under one take must not have the same times.
            packet.pts += round(zero_s / tick_s)
            packet.dts = None if packet.dts is None else packet.dts + round(zero_s / tick_s)
            yield Kept.of(packet, t_s, take)


def _shared(take: Take, before: Take | None) -> Take:
    same = before is not None and (before.codec, before.extradata) == (take.codec, take.extradata)
    return before if same and before is not None else take
