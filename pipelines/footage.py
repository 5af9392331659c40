"""What evidence is made from: pictures at given times and the camera's own packets between two times.

Recordings are read again from their file; a live camera's packets come from memory (`pipelines.live.footage`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from pipelines.video.clip import clip_suffix, cut_clip
from pipelines.video.recording import Recording
from pipelines.video.stills import Still, rising_stills, stills_at


class Footage(Protocol):
    """Footage of one source, in its stream seconds."""

    @property
    def name(self) -> str:
        """What evidence and events call it; never holds a password."""
        ...

    @property
    def sha256(self) -> str | None:
        """SHA-256 hex of its content, None for a stream."""
        ...

    @property
    def clip_suffix(self) -> str | None:
        """`.mp4` or `.mkv`; None where there are no packets to cut a clip from."""
        ...

    @property
    def frame_s(self) -> float:
        """About how long a frame is shown."""
        ...

    def stills(self, times_s: Sequence[float]) -> Iterable[Still]:
        """For each time the frame shown then, in the order asked; taking one raises `SourceError` if there is none."""
        ...

    def cut(self, t_start_s: float, t_end_s: float, target: Path) -> float:
        """Writes the packets of [t_start_s, t_end_s]; the second its first picture shows, `SourceError` without any."""
        ...


@dataclass(frozen=True, slots=True)
class RecordedFootage:
    """`Footage` over a recording."""

    recording: Recording

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.recording.name

    @property
    def sha256(self) -> str:
        """SHA-256 hex of the file."""
        return self.recording.sha256

    @property
    def clip_suffix(self) -> str | None:
        """None for a folder of pictures, and of codecs that neither container holds."""
        return None if self.recording.pictures else clip_suffix(self.recording)

    @property
    def frame_s(self) -> float:
        """As the recording declares."""
        return 1 / self.recording.nominal_fps

    def stills(self, times_s: Sequence[float]) -> Iterable[Still]:
        """The exact frames, read again; of rising times each when it is taken."""
        rises = all(one < other for one, other in pairwise(times_s))
        return rising_stills(self.recording, times_s) if rises else stills_at(self.recording, times_s)

    def cut(self, t_start_s: float, t_end_s: float, target: Path) -> float:
        """The packets, read again."""
        return cut_clip(self.recording, t_start_s, t_end_s, target).t_start_s
