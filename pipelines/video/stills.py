"""The exact frames of a recording at given times, at full size, for evidence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detector.types import SourceError
from pipelines.video.recording import Recording
from pipelines.video.source import Image, ResumePoint, SourceFrame, open_source

LEAD_IN_S = 0.5
"""Reading starts this long before a still, so that the frame shown at that very time is not missed."""
READ_ON_S = 4.0
"""Times closer than this are read on to; further ones are sought."""


@dataclass(frozen=True, slots=True)
class Still:
    """One full-size picture and the time it really has."""

    t_s: float
    image: Image


def stills_at(recording: Recording, times_s: Sequence[float]) -> list[Still]:
    """For each time the frame shown then: the last one not later, or the first of all. Same order as asked.

    Raises:
        SourceError: the recording holds no frame there any more.
    """
    found: dict[float, Still] = {}
    frames: Iterator[SourceFrame] = iter(())
    shown: SourceFrame | None = None
    read_to_s = float("-inf")
    for t_s in sorted(set(times_s)):
        if shown is None or t_s > read_to_s + READ_ON_S:
            frames, shown = _frames_near(recording, t_s), None
        pending = [] if shown is None else [shown]
        shown, read_to_s, frames = _read_until(t_s, pending, frames)
        if shown is None:
            raise SourceError(f"{recording.path}: no frame at {t_s:.2f} s; was the file changed since it was analysed?")
        found[t_s] = Still(t_s=shown.t_s, image=shown.full())
    return [found[t_s] for t_s in times_s]


def _frames_near(recording: Recording, t_s: float) -> Iterator[SourceFrame]:
    source = open_source(recording)
    return source.frames(ResumePoint(t_s - LEAD_IN_S)) if t_s > LEAD_IN_S else source.frames()


def _read_until(
    t_s: float, pending: list[SourceFrame], frames: Iterator[SourceFrame]
) -> tuple[SourceFrame | None, float, Iterator[SourceFrame]]:
    """(the frame shown at `t_s`, how far was read, the frames behind it)."""
    shown = pending[-1] if pending else None
    for frame in frames:
        if shown is not None and frame.t_s > t_s + 1e-6:
            return shown, frame.t_s, _chained(frame, frames)
        shown = frame
    return shown, float("inf"), iter(())


def _chained(first: SourceFrame, rest: Iterator[SourceFrame]) -> Iterator[SourceFrame]:
    yield first
    yield from rest
