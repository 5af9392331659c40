"""The bench's own recording: 1080p at 25 frames a second, H.264 at a camera's bit rate, any length.

A few seconds of a sample clip are enlarged, given sensor noise and encoded once; the packets are then repeated with
shifted times, so that minutes of footage cost seconds to make.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

SIZE_WH = (1920, 1080)
FPS = 25
LOOP_S = 6
BIT_RATE = 4_000_000
NOISE_SIGMA = 3.0


def make_footage(sample: Path, target: Path, *, length_s: float) -> Path:
    """Writes at least `length_s` seconds of footage drawn from `sample` to `target`."""
    loop = target.with_suffix(".loop.mp4")
    _encode_loop(sample, loop)
    _repeat(loop, target, times=max(1, round(length_s / LOOP_S)))
    loop.unlink()
    return target


def _encode_loop(sample: Path, loop: Path) -> None:
    options = {"preset": "veryfast", "b": str(BIT_RATE), "g": str(2 * FPS), "x264-params": "open-gop=0"}
    with av.open(str(loop), "w") as output:
        stream = output.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height = SIZE_WH
        stream.pix_fmt = "yuv420p"
        for number, picture in enumerate(_pictures(sample)):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def _pictures(sample: Path) -> Iterator[NDArray[np.uint8]]:
    """`LOOP_S` seconds at `FPS`, forwards and then backwards so that the loop closes without a jump."""
    with av.open(str(sample)) as source:
        frames = [frame.to_ndarray(format="bgr24") for frame in source.decode(video=0)]
    noise = np.random.default_rng(7).normal(0, NOISE_SIGMA, (SIZE_WH[1] + 64, SIZE_WH[0] + 64, 1)).astype(np.float32)
    count = LOOP_S * FPS
    for number in range(count):
        phase = 1 - abs(2 * number / count - 1)
        enlarged = cv2.resize(frames[round(phase * (len(frames) - 1))], SIZE_WH, interpolation=cv2.INTER_LINEAR)
        dy, dx = (number * 7) % 64, (number * 13) % 64
        grain = noise[dy : dy + SIZE_WH[1], dx : dx + SIZE_WH[0]]
        yield np.clip(enlarged + grain, 0, 255).astype(np.uint8)


def _repeat(loop: Path, target: Path, *, times: int) -> None:
    with av.open(str(target), "w") as output:
        stream = None
        for turn in range(times):
            with av.open(str(loop)) as source:
                video = source.streams.video[0]
                stream = stream or output.add_stream_from_template(video)
                shift = round(turn * LOOP_S / float(video.time_base or 1))
                for packet in source.demux(video):
                    if packet.pts is None or packet.dts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = stream
                    output.mux(packet)
