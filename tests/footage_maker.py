"""Small real recordings for tests: every frame shows its own number as bars of light, so that a decoded frame tells
which one it is."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

BITS = 10


def numbered(number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """A grey picture whose upper half holds `number` in binary, one bar a bit."""
    width, height = size_wh
    image = np.full((height, width, 3), 90, np.uint8)
    for bit in range(BITS):
        x1, x2 = bit * width // BITS, (bit + 1) * width // BITS
        image[: height // 2, x1:x2] = 220 if number >> bit & 1 else 20
    return image


def number_in(image: NDArray[np.uint8]) -> int:
    """The number that `numbered` wrote, read from a decoded picture of any size."""
    height, width = image.shape[:2]
    row = image[height // 8 : height * 3 // 8].mean(axis=(0, 2))
    bars = [
        row[bit * width // BITS + width // 40 : (bit + 1) * width // BITS - width // 40].mean() for bit in range(BITS)
    ]
    return sum(1 << bit for bit, value in enumerate(bars) if value > 120)


def write_video(
    path: Path,
    *,
    codec: str = "libx264",
    frames: int = 50,
    fps: int = 25,
    size_wh: tuple[int, int] = (320, 240),
    times: Sequence[float] | None = None,
    picture: Callable[[int, tuple[int, int]], NDArray[np.uint8]] = numbered,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    rotation_deg: int = 0,
) -> Path:
    """Encodes `frames` numbered pictures, at `fps` or at the given `times` in seconds."""
    with av.open(str(path), "w", options=container_options or {}) as output:
        output.metadata.update(metadata or {})
        stream = output.add_stream(codec, rate=fps, options={"g": "10", **(options or {})})
        stream.width, stream.height = size_wh
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.time_base = Fraction(1, 1000) if times is not None else Fraction(1, fps)
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if rotation_deg:
            stream.set_display_rotation(rotation_deg) if hasattr(stream, "set_display_rotation") else None
        for i in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(i, size_wh), format="bgr24")
            frame.time_base = Fraction(1, 1000) if times is not None else Fraction(1, fps)
            frame.pts = round(times[i] * 1000) if times is not None else i
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path
