"""Frames of a recording in order, each with a time that can be trusted; pixels only when asked for.

`open_source` picks the reader for a recording: a video file through PyAV, or a folder of pictures. Both keep to
`FrameSource`: strictly rising `t_s` within an epoch, counted faults, and resumption after a given frame.
One thread iterates a source; its frames stay good while it goes on, and another thread may look at them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

from detector.types import ClockGrade, Window
from pipelines.video.recording import Recording, turn_deg
from pipelines.video.scaler import scaled
from pipelines.video.thrift import WHOLE, Thrift

Image = NDArray[np.uint8]
"""(h, w, 3) uint8 BGR."""


@dataclass(slots=True)
class ReadCounters:
    """What went wrong while reading; counted, never silent."""

    frames: int = 0
    corrupt: int = 0
    time_faults: int = 0
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """The last frame already handled: reading goes on behind it.

    Attributes:
        t_s: its time.
        epoch: its epoch.
    """

    t_s: float
    epoch: int = 0


@dataclass(slots=True, kw_only=True)
class SourceFrame:
    """One frame, not yet turned into pixels; of interlaced ones every look sees one field, at the frame's own size.

    Attributes:
        interlaced: of a source whose pictures are two fields. Pictures that are arrays show one already; a decoder's
            frame holds both, and may say so itself where its source is not known to.
    """

    t_s: float
    epoch: int
    pts: int | None
    clock: ClockGrade
    rotation_deg: int
    raw: VideoFrame | Image
    interlaced: bool = False

    @property
    def one_field(self) -> bool:
        """Whether looks see one field of two."""
        return self.interlaced or (isinstance(self.raw, VideoFrame) and self.raw.interlaced_frame)

    def small(self, size_wh: tuple[int, int], window: Window | None = None) -> Image:
        """The whole picture, or a window of it, at a given size, straight from the decoder's own planes."""
        width, height = size_wh if self.rotation_deg % 180 == 0 else size_wh[::-1]
        if isinstance(self.raw, VideoFrame):
            held = window and _as_stored(window, (self.raw.width, self.raw.height), self.rotation_deg)
            return _turned(scaled(self.raw, (width, height), "bgr24", held, field=self.one_field), self.rotation_deg)
        raw = self.raw if window is None else self.raw[window.top : window.bottom, window.left : window.right]
        return _as_image(cv2.resize(raw, (width, height), interpolation=cv2.INTER_AREA))

    def luma(self, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
        """(h, w) mean luma of the cells of a grid over the whole picture."""
        width, height = size_wh if self.rotation_deg % 180 == 0 else size_wh[::-1]
        if isinstance(self.raw, VideoFrame):
            grey = scaled(self.raw, (width, height), "gray", field=self.one_field)
        else:
            small = cv2.resize(self.raw, (width, height), interpolation=cv2.INTER_AREA)
            grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
        return _turned(grey, self.rotation_deg)

    def full(self) -> Image:
        """The full-size picture."""
        if isinstance(self.raw, VideoFrame):
            return _turned(pixels_of(self.raw, field=self.one_field), self.rotation_deg)
        return self.raw


class FrameSource(Protocol):
    """A recording read once, front to back.

    Iterating yields frames with strictly rising `t_s` within an epoch. A damaged part is skipped and counted; a
    recording that breaks off yields all it holds.
    """

    recording: Recording
    counters: ReadCounters

    def frames(self, after: ResumePoint | None = None) -> Iterator[SourceFrame]:
        """The frames, or those behind `after`."""
        ...


def open_source(recording: Recording, *, counters: ReadCounters | None = None, thrift: Thrift = WHOLE) -> FrameSource:
    """The reader that fits the recording.

    Args:
        recording: the footage.
        counters: counts of an earlier part of the same read, counted on.
        thrift: what may be left out.
    """
    from pipelines.video.file import VideoFileSource
    from pipelines.video.pictures import PictureFolderSource

    if recording.pictures:
        return PictureFolderSource(recording, counters or ReadCounters())
    return VideoFileSource(recording, counters or ReadCounters(), thrift=thrift)


def pixels_of(frame: VideoFrame, *, field: bool) -> Image:
    """A frame at its own size, (h, w, 3) uint8 BGR, or one field of it brought to that size."""
    if not field:
        return _as_image(frame.to_ndarray(format="bgr24"))
    return _as_image(scaled(frame, (frame.width, frame.height), "bgr24", field=True))


def upright(frame: VideoFrame) -> Image:
    """A frame at its own size, (h, w, 3) uint8 BGR, turned as the container asks for."""
    return _turned(pixels_of(frame, field=False), turn_deg(frame))


def _as_stored(window: Window, stored_wh: tuple[int, int], rotation_deg: int) -> Window:
    """Where a window of the turned picture lies in the one that is stored."""
    left, top, right, bottom = window
    for turned in reversed(range(rotation_deg // 90 % 4)):
        # A quarter turn counter-clockwise makes the last column the first row.
        width = stored_wh[turned % 2]
        left, top, right, bottom = width - bottom, left, width - top, right
    return Window(left, top, right, bottom)


def _turned(image: NDArray[np.generic], rotation_deg: int) -> Image:
    """Turned counter-clockwise by the container's flag, contiguous for the network."""
    return _as_image(np.ascontiguousarray(np.rot90(image, rotation_deg // 90)) if rotation_deg else image)


def _as_image(image: NDArray[np.generic]) -> Image:
    return image.astype(np.uint8, copy=False)
