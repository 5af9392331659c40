"""Clips that may leave the house: every frame reduced to blocks but for the offender's box, encoded anew without sound.

The clip's own times, the second of the stream it begins at and the path that was measured say where the box is; between
two rows of the path it is interpolated, outside the act nothing stays recognisable. As with stills
(`cases.redaction`), no network looks for faces, so none can be overlooked.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import Protocol

import av
import cv2
import numpy as np

from cases.evidence import EvidenceStore, Manifest
from cases.redaction import BLOCKS_ACROSS
from detector.types import SourceError
from pipelines.video.source import Image, upright

Row = Sequence[float]
_ENCODER = {"crf": "26", "preset": "veryfast"}
GAP_S = 2.0
"""Rows of a path further apart say nothing about the time between them."""


class Redact(Protocol):
    """What redacts one clip: `redact_clip` here, or the same in a process of its own."""

    def __call__(self, source: Path, target: Path, /, *, path: Sequence[Row], starts_s: float) -> None:
        """Write the copy."""
        ...


def redacted_clips(
    store: EvidenceStore, location: str, folder: Path, *, redact: Redact | None = None
) -> dict[str, Path]:
    """Redacted copies of a bundle's clips by file name, written into a folder by `redact` (`redact_clip` if None).

    Clips whose beginning the manifest does not state are left out: nobody could say where the box is.

    Raises:
        SourceError: a clip cannot be decoded.
    """
    manifest = store.manifest(location)
    path: list[Row] = manifest.violation.get("finding", {}).get("path", [])
    done = {}
    for name, starts_s in redactable(manifest).items():
        target = folder / f"{Path(name).stem}.mp4"
        (redact or redact_clip)(store.local_path(location, name), target, path=path, starts_s=starts_s)
        done[target.name] = target
    return done


def redactable(manifest: Manifest) -> dict[str, float]:
    """The clips of a bundle whose beginning is known, with the stream second they begin at."""
    starts_s: dict[str, float] = manifest.violation.get("clip_starts_s", {})
    videos = [item.name for item in manifest.items if item.media_type.startswith("video/")]
    return {name: starts_s[name] for name in videos if name in starts_s}


def redact_clip(source: Path, target: Path, *, path: Sequence[Row], starts_s: float) -> None:
    """One clip; `path` rows are (t_s, x1, y1, x2, y2) in stream seconds and pixels.

    Raises:
        SourceError: the clip cannot be decoded.
    """
    try:
        with av.open(str(source)) as clip, av.open(str(target), "w", format="mp4") as copy:
            shown = clip.streams.video[0]
            time_base = shown.time_base or Fraction(1, 90_000)
            frames = (frame for frame in clip.decode(shown) if frame.pts is not None)
            first = next(frames)
            stream = copy.add_stream("libx264", rate=shown.average_rate or 25, options=_ENCODER)
            height, width = upright(first).shape[:2]
            stream.width, stream.height = width - width % 2, height - height % 2
            stream.pix_fmt, stream.time_base = "yuv420p", time_base
            for frame in chain([first], frames):
                since = (frame.pts or 0) - (first.pts or 0)
                image = redacted_frame(upright(frame), box_at(path, starts_s + float(since * time_base)))
                made = av.VideoFrame.from_ndarray(image[: stream.height, : stream.width], format="bgr24")
                made.pts, made.time_base = since, time_base
                copy.mux(stream.encode(made))
            copy.mux(stream.encode(None))
    except (av.FFmpegError, IndexError, StopIteration, ValueError) as error:
        reason = str(error) or "no picture"
        raise SourceError(f"{source}: cannot be decoded ({reason}); verify the bundle") from error


def redacted_frame(image: Image, keep: tuple[float, ...] | None) -> Image:
    """A frame with everything outside `keep` (xyxy, px) in blocks."""
    height, width = image.shape[:2]
    blocks = (BLOCKS_ACROSS, max(round(height * BLOCKS_ACROSS / width), 1))
    small = cv2.resize(image, blocks, interpolation=cv2.INTER_AREA)
    copy = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    if keep is not None:
        x1, y1, x2, y2 = (max(round(side), 0) for side in keep)
        copy[y1:y2, x1:x2] = image[y1:y2, x1:x2]
    return np.ascontiguousarray(copy)


def box_at(path: Sequence[Row], t_s: float) -> tuple[float, ...] | None:
    """Where the offender is at a stream second; None outside the path, in its gaps and where it was not seen."""
    for before, after in pairwise(path):
        if before[0] <= t_s <= after[0]:
            span = after[0] - before[0]
            if span > GAP_S or not any(before[1:]) or not any(after[1:]):
                return None
            share = (t_s - before[0]) / span if span else 0.0
            return tuple(a + share * (b - a) for a, b in zip(before[1:], after[1:], strict=True))
    return None
