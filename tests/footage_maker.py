"""Small real recordings for tests: every frame shows its own number as bars of light, so that a decoded frame tells
which one it is."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.stream import Disposition
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
    """Encodes `frames` numbered pictures, at `fps` or at the given `times` in seconds.

    The time of frame i is its number over the rate unless `times` say otherwise; a keyframe comes every 10 frames.
    `rotation_deg` only sets the container's flag: the pictures are encoded as `picture` gives them.
    """
    with av.open(str(path), "w", options=container_options or {}) as output:
        output.metadata.update(metadata or {})
        stream = output.add_stream(codec, rate=fps, options={"g": "10", **(options or {})})
        stream.width, stream.height = size_wh
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.time_base = Fraction(1, 1000) if times is not None else Fraction(1, fps)
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if rotation_deg:
            stream.set_display_rotation(rotation_deg)
        for i in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(i, size_wh), format="bgr24")
            frame.time_base = Fraction(1, 1000) if times is not None else Fraction(1, fps)
            frame.pts = round(times[i] * 1000) if times is not None else i
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def noisy(number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """Numbered, with noise below: such a picture takes many bytes, so that damage hits pictures and not headers."""
    image = numbered(number, size_wh)
    half = size_wh[1] // 2
    image[half:] = np.random.default_rng(number).integers(0, 255, image[half:].shape, np.uint8)
    return image


def write_sound(path: Path, *, seconds: float = 1.0, cover: bool = False) -> Path:
    """A recording of sound alone, or with a cover picture as music has one."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("aac", rate=16000)
        if cover:
            picture = output.add_stream("mjpeg", rate=1)
            picture.width, picture.height, picture.pix_fmt = 64, 64, "yuvj420p"
            picture.disposition = Disposition.attached_pic
            output.mux(picture.encode(av.VideoFrame.from_ndarray(numbered(1, (64, 64)), format="bgr24")))
            output.mux(picture.encode(None))
        for start in range(0, round(seconds * 16000), 1024):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16000, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def write_pictures(folder: Path, *, frames: int = 50, size_wh: tuple[int, int] = (320, 240), first: int = 0) -> Path:
    """A folder of numbered pictures named `0.png`, `1.png` ... `10.png`, without leading zeros."""
    folder.mkdir()
    for i in range(first, first + frames):
        cv2.imwrite(str(folder / f"{i}.png"), numbered(i, size_wh))
    return folder


def overwritten(path: Path, target: Path, *, at: float, share: float = 0.03) -> Path:
    """A copy of which a share is zeroed, starting at a share of its length."""
    data = bytearray(path.read_bytes())
    start, length = int(len(data) * at), int(len(data) * share)
    data[start : start + length] = bytes(length)
    target.write_bytes(data)
    return target


def cut_off(path: Path, target: Path, *, at: float) -> Path:
    """A copy that ends at a share of the length."""
    data = path.read_bytes()
    target.write_bytes(data[: int(len(data) * at)])
    return target
