"""The exact frames of a recording at given times, at full size, for evidence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from av import VideoFrame

from detector.types import SourceError
from pipelines.video.recording import Recording
from pipelines.video.source import Image, ResumePoint, SourceFrame, open_source, pixels_of

LEADS_IN_S = (0.5, 10.0, 120.0, float("inf"))
"""Reading starts so long before a still, that the frame shown at that very time is not missed; longer leads are for
streams with gaps."""
SAME_S = 1e-3
"""Paths tell times to the millisecond: that of a frame at a third of a second is before it."""
READ_ON_S = 4.0
"""Times closer than this are read on to; further ones are sought."""


@dataclass(frozen=True, slots=True)
class Still:
    """One full-size picture and the time it really has.

    Attributes:
        t_s: seconds.
        shown: pixels, or a decoder's frame that is turned into them when they are asked for: it takes half as much.
        interlaced: of a source whose pictures are two fields: one is shown. A decoder's frame may say so itself.
    """

    t_s: float
    shown: Image | VideoFrame
    interlaced: bool = False

    @property
    def one_field(self) -> bool:
        """Whether it shows one field of two."""
        return self.interlaced or (isinstance(self.shown, VideoFrame) and self.shown.interlaced_frame)

    @property
    def image(self) -> Image:
        """(h, w, 3) uint8 BGR; of a frame it is made anew each time."""
        if isinstance(self.shown, VideoFrame):
            return pixels_of(self.shown, field=self.one_field)
        return self.shown


def stills_at(recording: Recording, times_s: Sequence[float]) -> list[Still]:
    """For each time the frame shown then: the last one not later, or the first of all. Same order as asked.

    Raises:
        SourceError: the recording holds no frame there any more.
    """
    rising = sorted(set(times_s))
    found = dict(zip(rising, rising_stills(recording, rising), strict=True))
    return [found[t_s] for t_s in times_s]


def rising_stills(recording: Recording, times_s: Sequence[float]) -> Iterator[Still]:
    """The same for times that rise, each when it is taken.

    Raises:
        SourceError: where one is taken of which the recording holds no frame any more.
    """
    frames: Iterator[SourceFrame] = iter(())
    shown: SourceFrame | None = None
    read_to_s = float("-inf")
    for t_s in times_s:
        if shown is None or t_s > read_to_s + READ_ON_S:
            shown, read_to_s, frames = _sought(recording, t_s)
        else:
            shown, read_to_s, frames = _read_until(t_s, [shown], frames)
        if shown is None:
            raise SourceError(f"{recording.path}: no frame at {t_s:.2f} s; was the file changed since it was analysed?")
        yield Still(shown.t_s, shown.full(), interlaced=shown.one_field)


_Reached = tuple[SourceFrame | None, float, Iterator[SourceFrame]]
"""The frame shown at a time, how far was read, the frames behind it."""


def _sought(recording: Recording, t_s: float) -> _Reached:
    for lead_s in LEADS_IN_S:
        source = open_source(recording)
        from_start = t_s <= lead_s
        frames = source.frames() if from_start else source.frames(ResumePoint(t_s - lead_s))
        reached = _read_until(t_s, [], frames)
        if from_start or (reached[0] is not None and reached[0].t_s <= t_s + SAME_S):
            break
    return reached


def _read_until(t_s: float, pending: list[SourceFrame], frames: Iterator[SourceFrame]) -> _Reached:
    """(the frame shown at `t_s`, how far was read, the frames behind it)."""
    shown = pending[-1] if pending else None
    for frame in frames:
        if shown is not None and frame.t_s > t_s + SAME_S:
            return shown, frame.t_s, _chained(frame, frames)
        shown = frame
    return shown, float("inf"), iter(())


def _chained(first: SourceFrame, rest: Iterator[SourceFrame]) -> Iterator[SourceFrame]:
    yield first
    yield from rest
