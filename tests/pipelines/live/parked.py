"""A kerb at which one car stands all the time, whenever a stream of it begins."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.inference import Backend, Network
from tests.footage_maker import numbered, write_video
from tests.pipelines.live.seeing import SeeingBackend
from tests.pipelines.street import Seen

SIZE_WH = (320, 180)
STREAM_FPS = 10
CAR = Seen("car", (120.0, 110.0, 190.0, 160.0), (190, 180, 30))


def parked_at(_t_s: float) -> Iterator[Seen]:
    """Who is there."""
    yield CAR


def open_parked(_network: Network) -> Backend:
    """What sees it."""
    return SeeingBackend(objects=parked_at)


def make_parked(folder: Path, *, length_s: float = 60.0, black_s: tuple[float, float] = (0.0, 0.0)) -> Path:
    """The recording, black from one second to another."""
    first, last = (round(t_s * STREAM_FPS) for t_s in black_s)

    def picture(number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
        image = _picture(number, size_wh)
        return np.zeros_like(image) if first <= number < last else image

    return write_video(
        folder / "parked.mp4",
        frames=round(length_s * STREAM_FPS),
        fps=STREAM_FPS,
        size_wh=SIZE_WH,
        picture=picture,
    )


def write_kerb(folder: Path, camera_id: str, *, limit_s: float) -> Path:
    """Its scene."""
    width, height = SIZE_WH
    path = folder / f"{camera_id}.yaml"
    path.write_text(
        "version: 1\n"
        f"camera: {{id: {camera_id}, name: Phố Thử, ward: Hoàn Kiếm}}\n"
        f"size: [{width}, {height}]\n"
        "zones:\n"
        f"  - {{id: kerb, kind: no_stopping, limit_s: {limit_s:g},\n"
        "     polygon: [[10, 92], [310, 92], [310, 175], [10, 175]]}\n",
        encoding="utf-8",
    )
    return path


def picture_of(number: int) -> NDArray[np.uint8]:
    """One frame."""
    return _picture(number, SIZE_WH)


def _picture(number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    image = numbered(number, size_wh)
    # Paving: something that stays, by which the view can be known again.
    stones = np.random.default_rng(7).integers(60, 130, (size_wh[1] // 20, size_wh[0] // 10), np.uint8)
    image[size_wh[1] // 2 :] = np.kron(stones, np.ones((10, 10), np.uint8))[: size_wh[1] - size_wh[1] // 2, :, None]
    x1, y1, x2, y2 = (round(side) for side in CAR.xyxy)
    image[y1:y2, x1:x2] = CAR.bgr
    return image
