"""The bench's own recordings: 1080p at 25 frames a second as a street camera sends it, any length, busy or half idle.

Short pieces are encoded once from a sample clip and their packets repeated with shifted times, so that minutes of
footage cost seconds to make: one in which the street moves (at its own pace, forwards and then backwards, so that it
closes without a jump) and two in which it lies still; for soaks, one in which it moves to and fro by less than any act
takes, and one in which the sample is shown as it is, with its act, until it is cut off. The still ones differ in their
grain: a street that shows the same dozen keyframes over and over is taken for a frozen one.
Like a camera's: H.264 with a keyframe every 2 s, no B-frames,
one reference, variable bit rate up to 4 Mb/s; grain as a camera's denoiser leaves it, weak, soft and mostly the same
from frame to frame. Decoding it costs about as much a frame as a real 1080p street recording (see docs/measured.md).
"""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
from numpy.typing import NDArray

SIZE_WH = (1920, 1080)
SUB_WH = (640, 360)
STILLS = ("still", "still too")
FPS = 25
MOVING_S, STILL_S = 8, 12
"""Lengths of the pieces: moving 40 % of the time when they alternate."""
SWING_S = 0.4
"""Nobody gets far enough to be accused in so long, forwards, before everybody goes back."""
KEYFRAME_S = 2
BIT_RATE, SUB_BIT_RATE = 4_000_000, 512_000
GRAIN_LEVELS = 1.5
"""Standard deviation of the grain, grey levels of 255."""
GRAIN_KEPT = 0.9
"""Share of the grain that a frame has from the one before it: temporal denoising."""
QUALITY = 24
"""x264's constant rate factor, up to the bit rate: what is easy takes fewer bits, as in a camera's VBR."""
GRAINS, GRAIN_FRAMES = (7, 8), 37
"""Which there are, and after how many frames one closes: no two keyframes of a still piece show the same."""
_TILE = 480

Image = NDArray[np.uint8]


class _Part(NamedTuple):
    """A piece from a second on, at which a keyframe lies, for so long."""

    name: str
    shown_s: float = math.inf
    since_s: float = 0.0


QUIETS, BEGINNINGS = 3, 7
"""Still pieces and beginnings of movement after which sizes of packets have long been believed."""
BEGINS, RESTS_S = _Part("moving", KEYFRAME_S), 2 * KEYFRAME_S


def make_footage(
    sample: Path, target: Path, *, length_s: float, busy: bool, size_wh: tuple[int, int] = SIZE_WH
) -> Path:
    """Writes about `length_s` seconds drawn from `sample` to `target`; always moving if busy, else 40 % of the time."""
    rounds = max(1, round(length_s / (MOVING_S if busy else MOVING_S + STILL_S)))
    names = ["moving"] * rounds if busy else _rounds(["moving"] * rounds)
    _join(sample, target, [_Part(name) for name in names], size_wh)
    return target


def make_settled(sample: Path, target: Path, *, rounds: int, size_wh: tuple[int, int] = SIZE_WH) -> float:
    """Writes `rounds` that move 40 % of the time and the beginning of one more, behind all that a camera needs to know
    its quiet and how movement begins (see `detector.gate.sizes`); returns the second at which the rounds begin."""
    quiet = [_Part(STILLS[number % 2]) for number in range(QUIETS)]
    begun = [part for number in range(BEGINNINGS) for part in (BEGINS, _rest(number))]
    then = [_Part(name) for name in _rounds(["moving"] * rounds)]
    _join(sample, target, [*quiet, *begun, *then, BEGINS], size_wh)
    return float(QUIETS * STILL_S + BEGINNINGS * (BEGINS.shown_s + RESTS_S))


def make_rounds(sample: Path, target: Path, acting: Sequence[bool]) -> Path:
    """Writes a round of `MOVING_S` and `STILL_S` for each item; only where it is True the sample's act is seen."""
    names = _rounds(["acting" if acts else "swinging" for acts in acting])
    _join(sample, target, [_Part(name) for name in names], SIZE_WH)
    return target


def _rest(number: int) -> _Part:
    """One of those between beginnings; neighbours show other pictures, as a street does that is not frozen."""
    return _Part(STILLS[number % 2], RESTS_S, number * KEYFRAME_S % (STILL_S - KEYFRAME_S))


def _rounds(moving: Sequence[str]) -> list[str]:
    """The pieces of one round for each way in which the street moves in it."""
    return [name for number, way in enumerate(moving) for name in (way, STILLS[number % 2])]


def _piece(sample: Path, folder: Path, name: str, size_wh: tuple[int, int]) -> Path:
    """One of the pieces, encoded once per folder and size."""
    path = folder / f"{name}-{size_wh[0]}.mp4"
    if not path.exists():
        frames = list(sample_frames(sample))
        swings_s = {"moving": MOVING_S / 2, "swinging": SWING_S, "acting": MOVING_S}
        pictures = _moving(frames, swings_s[name]) if name in swings_s else _still(frames)
        encode(pictures, path, size_wh, grain=GRAINS[name == STILLS[1]], closes=GRAIN_FRAMES)
    return path


def sample_frames(sample: Path) -> Iterator[tuple[float, Image]]:
    """Every frame of a clip with its time."""
    with av.open(str(sample)) as source:
        for frame in source.decode(video=0):
            yield float(frame.time or 0.0), np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def _moving(frames: Sequence[tuple[float, Image]], swing_s: float) -> Iterator[Image]:
    """There and back at the sample's own pace; between its frames they blend, as a long shutter does."""
    swing = round(2 * swing_s * FPS)
    times = [t_s for t_s, _ in frames]
    for number in range(MOVING_S * FPS):
        t_s = min(number % swing, swing - number % swing) / FPS
        after = min(int(np.searchsorted(times, t_s, side="right")), len(frames) - 1)
        (t0, one), (t1, other) = frames[after - 1], frames[after]
        share = min(max((t_s - t0) / max(t1 - t0, 1e-6), 0.0), 1.0)
        yield np.asarray(cv2.addWeighted(one, 1 - share, other, share, 0), np.uint8)


def _still(frames: Sequence[tuple[float, Image]]) -> Iterator[Image]:
    for _ in range(STILL_S * FPS):
        yield frames[0][1]


def encode(
    pictures: Iterator[Image], target: Path, size_wh: tuple[int, int], *, grain: int = GRAINS[0], closes: int = FPS
) -> None:
    """Small BGR pictures as a camera sends them: enlarged to `size_wh`, with its grain, 25 a second.

    Args:
        grain: which one; the same number gives the same.
        closes: after so many frames it is shown again.
    """
    rate = BIT_RATE if size_wh == SIZE_WH else SUB_BIT_RATE
    options = {
        "preset": "veryfast",
        "g": str(KEYFRAME_S * FPS),
        "bf": "0",
        "refs": "1",
        "crf": str(QUALITY),
        "maxrate": str(rate),
        "bufsize": str(rate),
        "x264-params": "scenecut=0:open-gop=0",
    }
    grains = list(_grains(size_wh, grain, closes))
    with av.open(str(target), "w") as output:
        stream = output.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height = size_wh
        stream.pix_fmt = "yuv420p"
        for number, picture in enumerate(pictures):
            planes = _enlarged(picture, size_wh)
            luma = planes[: size_wh[1]]
            cv2.add(luma, grains[number % len(grains)], dst=luma, dtype=cv2.CV_8U)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def _enlarged(picture: Image, size_wh: tuple[int, int]) -> Image:
    """(h * 3 / 2, w) planes of YUV 4:2:0 at full size from a small BGR picture."""
    width, height = size_wh
    small = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
    rows = picture.shape[0]
    luma = cv2.resize(small[:rows], size_wh, interpolation=cv2.INTER_CUBIC)
    chroma = small[rows:].reshape(2, rows // 2, -1)
    half = [cv2.resize(plane, (width // 2, height // 2), interpolation=cv2.INTER_LINEAR) for plane in chroma]
    return np.concatenate([luma, *(plane.reshape(-1, width) for plane in half)]).astype(np.uint8, copy=False)


def _grains(size_wh: tuple[int, int], seed: int, frames: int) -> Iterator[NDArray[np.int16]]:
    """Soft luma noise that changes slowly and closes; one tile all over the picture is enough."""
    random = np.random.default_rng(seed)
    fresh = [cv2.GaussianBlur(random.standard_normal((_TILE, _TILE), np.float32), (0, 0), 0.8) for _ in range(frames)]
    now = fresh[0]
    times_hw = -(-size_wh[1] // _TILE), -(-size_wh[0] // _TILE)
    for number in range(2 * frames):
        now = GRAIN_KEPT * now + np.sqrt(1 - GRAIN_KEPT**2) * fresh[number % frames]
        if number >= frames:
            tile = np.rint(now * (GRAIN_LEVELS / now.std())).astype(np.int16)
            yield np.ascontiguousarray(np.tile(tile, times_hw)[: size_wh[1], : size_wh[0]])


def _join(sample: Path, target: Path, parts: Sequence[_Part], size_wh: tuple[int, int]) -> None:
    """The packets of all parts, one behind the other."""
    with av.open(str(target), "w") as output:
        stream = None
        shift = 0
        for part in parts:
            with av.open(str(_piece(sample, target.parent, part.name, size_wh))) as source:
                video = source.streams.video[0]
                stream = stream or output.add_stream_from_template(video)
                begin, end = (round(at_s / float(video.time_base or 1)) for at_s in _window(part, video.frames / FPS))
                shift -= begin
                for packet in source.demux(video):
                    if packet.pts is None or packet.dts is None or not begin <= packet.pts < end:
                        continue
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = stream
                    output.mux(packet)
                shift += end


def _window(part: _Part, length_s: float) -> tuple[float, float]:
    return part.since_s, min(part.since_s + part.shown_s, length_s)
