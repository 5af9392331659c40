"""What streets and cameras do to a picture: night, glare, rain, haze, blur, noise, compression, lost resolution.

In: an image (h, w, 3) uint8 BGR and a random generator. Out: an image of the same shape, still showing the same
objects at the same places. Each kind strikes on its own with its own probability; a third of all images stay as
they are apart from colour, so that clean daylight is never forgotten.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from models.recipes.network import Image

Degrade = Callable[[Image, np.random.Generator], Image]


def to_bytes(image: np.ndarray) -> Image:
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def colour(image: Image, rng: np.random.Generator) -> Image:
    """Shift hue, saturation and brightness as white balance and exposure do."""
    gains = 1 + rng.uniform(-1, 1, 3) * (0.0, 0.6, 0.4)
    hue, saturation, value = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2HSV))
    steps = np.arange(256)
    hue = cv2.LUT(hue, ((steps + rng.uniform(-4, 4)) % 180).astype(np.uint8))
    saturation = cv2.LUT(saturation, to_bytes(steps * gains[1]))
    value = cv2.LUT(value, to_bytes(steps * gains[2]))
    return np.asarray(cv2.cvtColor(cv2.merge((hue, saturation, value)), cv2.COLOR_HSV2BGR), np.uint8)


def night(image: Image, rng: np.random.Generator) -> Image:
    """Darken with a lamp-coloured cast and sensor noise, then let a few lamps glow."""
    cast = np.array([rng.uniform(0.6, 1.1), rng.uniform(0.8, 1.0), rng.uniform(0.9, 1.2)])
    dark = (image / 255.0) ** rng.uniform(1.1, 1.9) * rng.uniform(70, 190) * cast
    lamps = np.zeros(image.shape[:2], np.float32)
    for _ in range(int(rng.integers(0, 9))):
        centre = (int(rng.uniform(0, image.shape[1])), int(rng.uniform(0, image.shape[0])))
        cv2.circle(lamps, centre, int(rng.integers(1, 7)), float(rng.uniform(0.5, 1)), -1)
    glow = cv2.GaussianBlur(lamps, (0, 0), rng.uniform(4, 14)) * 6 + lamps
    lit = dark + glow[:, :, None] * (200, 235, 255)
    return to_bytes(lit + rng.normal(0, rng.uniform(1, 9), image.shape))


def exposure(image: Image, rng: np.random.Generator) -> Image:
    """Burn out or flatten the picture, as a wrong exposure does."""
    curve = to_bytes(255 * (np.arange(256) / 255) ** rng.uniform(0.45, 1.8) * rng.uniform(0.8, 1.5))
    return np.asarray(cv2.LUT(image, curve), np.uint8)


def haze(image: Image, rng: np.random.Generator) -> Image:
    """Wash the picture out, more towards its top where the street is far."""
    rows = np.linspace(rng.uniform(0.2, 0.65), rng.uniform(0, 0.3), image.shape[0])[:, None, None]
    return to_bytes(image * (1 - rows) + rng.uniform(150, 235) * rows)


def glare(image: Image, rng: np.random.Generator) -> Image:
    """Lay a large bright spot over the picture: low sun, or a lamp into the lens."""
    spot = np.zeros((36, 64), np.float32)
    cv2.circle(spot, (int(rng.integers(0, 64)), int(rng.integers(0, 30))), int(rng.integers(2, 7)), 1.0, -1)
    spot = cv2.resize(cv2.GaussianBlur(spot, (0, 0), rng.uniform(4, 12)), image.shape[1::-1])
    return to_bytes(image + (spot / max(float(spot.max()), 1e-6) * rng.uniform(60, 230))[:, :, None])


def rain(image: Image, rng: np.random.Generator) -> Image:
    """Draw slanted streaks over a softened, less contrasted picture."""
    streaks = (rng.random(image.shape[:2]) < rng.uniform(0.002, 0.012)).astype(np.float32)
    length = int(rng.integers(7, 19))
    kernel = np.zeros((length, length), np.float32)
    lean = int(rng.integers(-length // 4, length // 4 + 1))
    cv2.line(kernel, (length // 2 - lean, 0), (length // 2 + lean, length - 1), 1.0)
    streaks = cv2.filter2D(streaks, -1, kernel / 3)
    soft = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.2)) * rng.uniform(0.6, 0.95) + rng.uniform(5, 35)
    return to_bytes(soft + np.minimum(streaks, 1)[:, :, None] * rng.uniform(40, 110))


def blur(image: Image, rng: np.random.Generator) -> Image:
    """Blur by motion or by focus."""
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 1.8)), np.uint8)
    length = int(rng.integers(3, 9))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    middle = np.array([length // 2, length // 2])
    cv2.line(kernel, tuple((middle - reach).astype(int)), tuple((middle + reach).astype(int)), 1.0)
    return np.asarray(cv2.filter2D(image, -1, kernel / max(float(kernel.sum()), 1.0)), np.uint8)


def shrink(image: Image, rng: np.random.Generator) -> Image:
    """Lose resolution, as a cheap lens or a small stream does."""
    factor = rng.uniform(0.45, 0.85)
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, image.shape[1::-1]), np.uint8)


def compress(image: Image, rng: np.random.Generator) -> Image:
    """Leave the marks of strong compression."""
    done, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(18, 75))])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8) if done else image


def noise(image: Image, rng: np.random.Generator) -> Image:
    return to_bytes(image + rng.normal(0, rng.uniform(2, 14), image.shape))


def grey(image: Image, rng: np.random.Generator) -> Image:
    """Drop colour, as an infrared camera does at night."""
    flat = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return to_bytes(flat * rng.uniform(0.7, 1.2))


LIGHT: tuple[tuple[float, Degrade], ...] = ((0.16, night), (0.15, exposure), (0.1, haze), (0.07, glare), (0.1, rain))
CAMERA: tuple[tuple[float, Degrade], ...] = (
    (0.07, grey),
    (0.18, blur),
    (0.18, shrink),
    (0.1, noise),
    (0.25, compress),
)
CLEAN_SHARE = 0.3


def degrade(image: Image, rng: np.random.Generator) -> Image:
    """Return `image` as another camera at another hour would have shown it."""
    image = colour(image, rng)
    if rng.random() < CLEAN_SHARE:
        return image
    for probability, change in (*LIGHT, *CAMERA):
        if rng.random() < probability:
            image = change(image, rng)
    return image
