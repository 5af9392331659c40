"""A folder of pictures read as a recording: sorted by name, timed by the declared rate (grade NOMINAL)."""

from collections.abc import Iterator

import cv2
import numpy as np

from detector.types import ClockGrade
from pipelines.video.recording import Recording
from pipelines.video.source import ReadCounters, ResumePoint, SourceFrame


class PictureFolderSource:
    """`FrameSource` over a folder of pictures."""

    def __init__(self, recording: Recording, counters: ReadCounters) -> None:
        self.recording = recording
        self.counters = counters

    def frames(self, after: ResumePoint | None = None) -> Iterator[SourceFrame]:
        """The pictures in order; one that cannot be decoded or has another size leaves its time empty."""
        for number, path in enumerate(self.recording.pictures):
            t_s = number / self.recording.nominal_fps
            if after is not None and t_s <= after.t_s:
                continue
            image = cv2.imread(str(path))
            if image is None or (image.shape[1], image.shape[0]) != self.recording.size_wh:
                self.counters.corrupt += 1
                continue
            self.counters.frames += 1
            if self.recording.interlaced:
                image = cv2.resize(image[::2], self.recording.size_wh, interpolation=cv2.INTER_LINEAR)
            yield SourceFrame(
                t_s=t_s,
                epoch=0,
                pts=None,
                clock=ClockGrade.NOMINAL,
                rotation_deg=0,
                raw=np.asarray(image, np.uint8),
                interlaced=self.recording.interlaced,
            )
