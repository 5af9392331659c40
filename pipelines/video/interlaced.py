"""Whether a recording's pictures are two fields, told once from its beginning and from places all over it.

What is told depends on the content alone, so that analysis, a run that goes on after a stop, and evidence that is made
months later look at the same pictures.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import av
import av.error
import cv2
import numpy as np
from av import VideoFrame
from av.container import InputContainer
from av.video.stream import VideoStream

from pipelines.video.combing import Combing, rows_of
from pipelines.video.thrift import Thrift

APART_S, MOST_STEP = 0.12, 4
"""Pictures compared lie so far apart: a rider has moved by then."""
PLACES = 31
"""Places looked at while nothing is told: on quiet roads most show nothing that moves."""
PICTURES = 4
"""Compared at each."""
PACKETS = 60
"""Packets read at a place that gives no picture before it is left."""
READ_ON = 500
"""Frames read from the beginning where places cannot be sought, or have left a doubt."""


Open = Callable[[], tuple[InputContainer, VideoStream]]


def is_interlaced(reopen: Open, first: Sequence[VideoFrame], fps: float) -> bool:
    """Whether a recording is interlaced.

    The container's own word is taken where it says so. It costs half of the rows where it is wrong, which rules hardly
    feel.

    Args:
        reopen: opens the recording anew, and gives its picture track.
        first: its first frames in order of showing.
        fps: its rate.

    Raises:
        SourceError: it cannot be opened any more.
    """
    if any(frame.interlaced_frame for frame in first):
        return True
    step = min(max(round(APART_S * fps), 1), MOST_STEP)
    combing = Combing()
    _look(combing, first[::step])
    if not combing.told:
        container, stream = reopen()
        with container:
            begun = {first[0].pts}
            _look_at_places(combing, container, _unfiltered(stream), step, begun)
        if combing.doubtful or (not combing.told and len(begun) == 1):
            container, stream = reopen()
            with container:
                combing.leave()
                _look(combing, islice(_decoded(container, _unfiltered(stream)), 0, READ_ON, step))
    return combing.interlaced


def _look(combing: Combing, frames: Iterable[VideoFrame]) -> None:
    for frame in frames:
        if combing.told:
            return
        combing.look(rows_of(frame))


def _look_at_places(
    combing: Combing, container: InputContainer, stream: VideoStream, step: int, begun: set[int | None]
) -> None:
    """Looks at pictures behind keyframes all over the recording whose times are not in `begun`, to which they go."""
    for share in _places():
        if combing.told:
            return
        combing.leave()
        _look(combing, _frames_at(container, stream, share, (PICTURES - 1) * step + 1, begun)[::step])


def _unfiltered(stream: VideoStream) -> VideoStream:
    Thrift(unfiltered=True).apply(stream.codec_context)
    return stream


def _decoded(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Sound frames, as far as the recording can be read; damage is passed over."""
    with suppress(av.error.FFmpegError):
        for packet in container.demux(stream):
            with suppress(av.error.FFmpegError):
                yield from (frame for frame in packet.decode() if not frame.is_corrupt)


def are_interlaced(pictures: Sequence[Path]) -> bool:
    """The same of a folder of pictures in order; those that cannot be decoded are passed over."""
    combing = Combing()
    starts = [0, *(round(share * len(pictures)) for share in _places())]
    for start in dict.fromkeys(starts):
        combing.leave()
        for path in pictures[start : start + PICTURES]:
            image = cv2.imread(str(path))
            if image is not None:
                combing.look(rows_of(np.asarray(image, np.uint8)))
        if combing.told:
            break
    return combing.interlaced


def _places() -> Iterator[float]:
    """Shares of the length: the middle, then the middles of the halves, and so on."""
    parts = 2
    while parts <= PLACES + 1:
        yield from (part / parts for part in range(1, parts, 2))
        parts *= 2


def _frames_at(
    container: InputContainer, stream: VideoStream, share: float, count: int, begun: set[int | None]
) -> list[VideoFrame]:
    """So many frames from the keyframe before a share of the length on; none where it cannot be sought, or where that
    keyframe is in `begun`, to which it is added."""
    frames: list[VideoFrame] = []
    if not stream.time_base:
        return frames
    length = stream.duration or (container.duration or 0) / av.time_base / stream.time_base
    with suppress(av.error.FFmpegError):
        container.seek(round((stream.start_time or 0) + share * length), stream=stream, backward=True)
        waiting = True
        for packet in islice(container.demux(stream), PACKETS + count):
            if waiting and packet.is_keyframe:
                waiting = False
                if packet.pts in begun:
                    break
                begun.add(packet.pts)
            if not waiting:
                frames += [frame for frame in packet.decode() if not frame.is_corrupt]
            if len(frames) >= count:
                break
    return frames[:count]
