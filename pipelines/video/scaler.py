"""Pictures of any size from a decoder's own planes, scaled and converted in one step.

What FFmpeg's scaler sets up for one pair of sizes and formats (its filters, its threads) costs about as much as the
scaling itself: it is kept for the thread that scales, and one thread scales one picture. The pixels are the same.
"""

from threading import local
from typing import Any

from av import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

KEPT = 16
"""Pairs of sizes kept a thread; cameras of one kind share theirs."""


class _Own(local):
    """One thread's scalers by what they turn into what."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, int, str, int, int, str], VideoReformatter] = {}


_own = _Own()


def scaled(frame: VideoFrame, size_wh: tuple[int, int], pixel_format: str) -> NDArray[Any]:
    """A frame at another size (area averages) and in another of FFmpeg's pixel formats, as an array of its own."""
    width, height = size_wh
    key = (frame.width, frame.height, frame.format.name, width, height, pixel_format)
    kept = _own.kept
    scaler = kept.pop(key, None) or VideoReformatter()
    kept[key] = scaler
    while len(kept) > KEPT:
        del kept[next(iter(kept))]
    small = scaler.reformat(frame, width=width, height=height, format=pixel_format, interpolation="AREA", threads=1)
    return small.to_ndarray()
