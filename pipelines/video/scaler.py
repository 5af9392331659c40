"""Pictures of any size from a decoder's own planes, scaled and converted in one step.

What FFmpeg's scaler sets up for one pair of sizes and formats (its filters, its threads) costs about as much as the
scaling itself: it is kept for the thread that scales, and one thread scales one picture. The pixels are the same.
A window of a picture is cut, and one of its fields taken, without copying it.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from threading import local
from typing import Any, TypeVar

from av import VideoFrame
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from detector.types import Window

KEPT = 16
"""Pairs of sizes kept a thread; cameras of one kind share theirs."""


class _Cutter:
    """Cuts one window, or one field, out of frames of one size and format; it lies in the frame's own memory."""

    def __init__(self, frame: VideoFrame, window: Window | None, *, field: bool) -> None:
        self._graph = Graph()
        self._taken: FilterContext = self._graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 1)
        )
        last = self._taken
        for name, told in _filters(window, field=field):
            step = self._graph.add(name, told)
            last.link_to(step)
            last = step
        self._given: FilterContext = self._graph.add("buffersink")
        last.link_to(self._given)
        self._graph.configure()

    def cut(self, frame: VideoFrame) -> VideoFrame:
        self._taken.push(frame)
        part = self._given.pull()
        assert isinstance(part, VideoFrame)
        return part


def _filters(window: Window | None, *, field: bool) -> Iterator[tuple[str, str]]:
    """The field comes first: behind a cut it would depend on the window's upper edge which rows of colour it takes."""
    rows = 2 if field else 1
    if field:
        yield "field", "top"
    if window is not None:
        top, bottom = window.top // rows, window.bottom // rows
        yield "crop", f"{window.size_wh[0]}:{bottom - top}:{window.left}:{top}:exact=1"


class _Own(local):
    """One thread's scalers by what they turn into what, and cutters by what they cut out of what."""

    def __init__(self) -> None:
        self.scalers: dict[tuple[int, int, str, int, int, str], VideoReformatter] = {}
        self.cutters: dict[tuple[int, int, str, Window | None, bool], _Cutter] = {}


_own = _Own()
K = TypeVar("K")
V = TypeVar("V")


def scaled(
    frame: VideoFrame,
    size_wh: tuple[int, int],
    pixel_format: str,
    window: Window | None = None,
    *,
    field: bool = False,
) -> NDArray[Any]:
    """A frame at another size (area averages) and in another of FFmpeg's pixel formats, as an array of its own.

    Args:
        window: the part of the frame that is taken, None for all of it.
        field: of its rows every other one is taken, from the first on, and what lies between is made of them: the
            moment of one field, half a row lower at most.
    """
    if window is not None or field:
        held = frame.width, frame.height, frame.format.name, window, field
        frame = _kept(_own.cutters, held, lambda: _Cutter(frame, window, field=field)).cut(frame)
    width, height = size_wh
    key = frame.width, frame.height, frame.format.name, width, height, pixel_format
    scaler = _kept(_own.scalers, key, VideoReformatter)
    small = scaler.reformat(frame, width=width, height=height, format=pixel_format, interpolation="AREA", threads=1)
    return small.to_ndarray()


def _kept(held: dict[K, V], key: K, make: Callable[[], V]) -> V:
    """What was made for a key, used last; those not used for longest go."""
    found = held.pop(key, None) or make()
    held[key] = found
    while len(held) > KEPT:
        del held[next(iter(held))]
    return found
