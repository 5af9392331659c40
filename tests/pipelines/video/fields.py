"""A rendered street at any moment, and pictures of it taken as analogue cameras take them: half of the rows later."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.footage_maker import write_video

Image = NDArray[np.uint8]
SIZE_WH = (480, 320)
FPS = 25
FIELD_S = 0.5 / FPS
FLAGGED = {"flags": "+ilme+ildct"}
"""Encodes fields and says so in the stream; without, a combed picture is encoded as if it were one of one moment."""
_NOISE = np.random.default_rng(5)
GROUND = 90 + np.asarray(cv2.GaussianBlur(_NOISE.integers(0, 255, SIZE_WH[::-1], np.uint8), (0, 0), 2.0), np.uint8) // 4
_PAINT = cv2.normalize(
    cv2.GaussianBlur(_NOISE.integers(0, 255, (1, 64), np.uint8), (0, 0), 2.0), None, 30, 200, cv2.NORM_MINMAX
)
VEHICLES = ((60, 40, 150.0, 90.0), (64, 30, -190.0, 170.0), (24, 44, 110.0, 250.0))
"""Width, height, px a second to the right, row of the middle."""


def street(t_s: float, ground: Image = GROUND) -> Image:
    """(h, w, 3) of `SIZE_WH`: a ground (h, w) and three vehicles that cross it again and again."""
    picture = ground.copy()
    for number, (width, height, speed, row) in enumerate(VEHICLES):
        x = (120 * number + speed * t_s) % (SIZE_WH[0] + width) - width / 2
        paint = np.repeat(_PAINT[:, :width] + 20 * number, height, axis=0).astype(np.uint8)
        _put(picture, paint, x - width / 2, row - height / 2)
    return np.repeat(picture[..., None], 3, axis=2)


def _put(picture: Image, thing: Image, x: float, y: float) -> None:
    """Draws it at a place between pixels, as a lens does."""
    move = np.array([[1, 0, x], [0, 1, y]], np.float32)
    size_wh = picture.shape[1], picture.shape[0]
    drawn = cv2.warpAffine(thing, move, size_wh).astype(float)
    covers = cv2.warpAffine(np.ones(thing.shape, np.float32), move, size_wh)
    picture[:] = (picture * (1 - covers) + drawn * covers).clip(0, 255)


def woven(first: Image, second: Image) -> Image:
    """Even rows of one picture, odd rows of another."""
    both = first.copy()
    both[1::2] = second[1::2]
    return both


def combed(t_s: float) -> Image:
    """The street, its odd rows half a picture's time later."""
    return woven(street(t_s), street(t_s + FIELD_S))


def film(path: Path, *, two_fields: bool, options: dict[str, str] | None = None, frames: int = 75, **more: str) -> Path:
    """The street for `frames` pictures."""
    taken = combed if two_fields else street
    return write_video(
        path,
        frames=frames,
        fps=FPS,
        size_wh=SIZE_WH,
        picture=lambda number, _: taken(number / FPS),
        options={"crf": "20", **(options or {})},
        **more,  # type: ignore[arg-type]
    )
