"""What weather, light, optics, a mast in the wind and a recorder make of a picture.

Each takes the picture (h, w, 3) uint8 BGR, the one after it, the second it was taken and a source of chance, and gives
a picture of the same size; how much it moves is told in px of the picture.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Weather = Callable[[Image, Image, float, np.random.Generator], Image]

SWAY_PX, SWAY_PERIODS_S = 5.0, (1.7, 2.9)
DRIFT_PX, DRIFT_S = 8.0, 12.0
"""A picture slides so far within so long and stays there."""
STREAKS_PER_MEGAPIXEL = 900


def dusk(image: Image, _after: Image, _t_s: float, rng: np.random.Generator) -> Image:
    """Dark, bluish, grainy."""
    dark = (np.arange(256) / 255.0) ** 1.9 * 150
    cast = np.stack([dark * 1.15, dark, dark * 0.85], axis=1).clip(0, 255).astype(np.uint8)[None]
    return _grainy(np.asarray(cv2.LUT(image, cast), np.uint8), 7.0, rng)


def overexposed(image: Image, _after: Image, _t_s: float, _rng: np.random.Generator) -> Image:
    """All that is bright is white."""
    return np.asarray(cv2.convertScaleAbs(image, alpha=1.7, beta=25), np.uint8)


def haze(image: Image, _after: Image, _t_s: float, _rng: np.random.Generator) -> Image:
    """Half of the light comes from the air, and what is sharp is less so."""
    soft = cv2.GaussianBlur(image, (0, 0), 1.2)
    return np.asarray(cv2.convertScaleAbs(soft, alpha=0.5, beta=100), np.uint8)


def rain(image: Image, _after: Image, _t_s: float, rng: np.random.Generator) -> Image:
    """Bright streaks, other ones in each picture, before a duller street."""
    height, width = image.shape[:2]
    streaks = np.zeros((height, width), np.uint8)
    for x, y in rng.uniform((0, 0), (width, height), (round(STREAKS_PER_MEGAPIXEL * width * height / 1e6), 2)).astype(
        int
    ):
        length = int(rng.integers(height // 40, height // 15))
        cv2.line(streaks, (int(x), int(y)), (int(x) - length // 5, int(y) + length), int(rng.integers(60, 140)), 1)
    dull = np.asarray(cv2.convertScaleAbs(image, alpha=0.8, beta=25), np.uint8)
    veil = np.asarray(cv2.GaussianBlur(streaks, (0, 0), 0.7), np.uint8)
    return np.asarray(cv2.add(dull, cv2.merge([veil, veil, veil])), np.uint8)


def grey(image: Image, _after: Image, _t_s: float, _rng: np.random.Generator) -> Image:
    """As infrared light shows it: without colours."""
    one = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.merge([one, one, one]), np.uint8)


def interlaced(image: Image, after: Image, _t_s: float, _rng: np.random.Generator) -> Image:
    """Every other line belongs to the picture after."""
    combed = image.copy()
    combed[1::2] = after[1::2]
    return combed


def swaying(image: Image, _after: Image, t_s: float, _rng: np.random.Generator) -> Image:
    """A mast in the wind."""
    by = [SWAY_PX * math.sin(2 * math.pi * t_s / period_s) for period_s in SWAY_PERIODS_S]
    return _moved(image, (by[0], by[1]))


def drifting(image: Image, _after: Image, t_s: float, _rng: np.random.Generator) -> Image:
    """A camera that sinks on its bracket."""
    by = DRIFT_PX * min(t_s / DRIFT_S, 1.0)
    return _moved(image, (by, by / 2))


def clock(image: Image, _after: Image, t_s: float, _rng: np.random.Generator) -> Image:
    """Date and time above, the camera's name below, burnt in as recorders do."""
    height, width = image.shape[:2]
    scale = height / 700
    seconds = int(t_s)
    _written(
        image := image.copy(),
        f"2024-03-17 07:{seconds // 60 % 60:02d}:{seconds % 60:02d}",
        (width // 50, height // 18),
        scale,
    )
    _written(image, "CAM 03 NUT GIAO", (round(width * 0.68), round(height * 0.97)), scale)
    return image


def _written(image: Image, text: str, at_px: tuple[int, int], scale: float) -> None:
    for colour, thick in (((0, 0, 0), 5), ((255, 255, 255), 2)):
        width = max(1, round(thick * scale))
        cv2.putText(image, text, at_px, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, width, cv2.LINE_AA)


def _grainy(image: Image, sigma: float, rng: np.random.Generator) -> Image:
    grain = rng.standard_normal(image.shape[:2], np.float32) * sigma
    return (image + grain[..., None]).clip(0, 255).astype(np.uint8)


def _moved(image: Image, by_px: tuple[float, float]) -> Image:
    matrix = np.array([[1, 0, by_px[0]], [0, 1, by_px[1]]], np.float32)
    size_wh = (image.shape[1], image.shape[0])
    return np.asarray(cv2.warpAffine(image, matrix, size_wh, borderMode=cv2.BORDER_REPLICATE), np.uint8)
