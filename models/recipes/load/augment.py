"""What one look at a picture may be: another cut-out, mirrored, small, degraded, partly hidden, or too little to tell.

In: a `Sample`, a random generator, street frames to set cut-out trucks before. Out: the picture as the network gets it
and its target over the five states.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from models.recipes.degrade import degrade
from models.recipes.load.data import STATES, Sample
from models.recipes.load.network import framed, shrunk
from models.recipes.network import Image

TARGETS = {
    **{state: {state: 1.0} for state in STATES},
    "goods": {"cannot_tell": 1.0},
    "open_bed": {"empty": 0.4, "cannot_tell": 0.6},
}
"""Label -> share of each state. An open bed with no load seen may be empty, or its load may lie low."""
SOFTEN = 0.04
LOST_SHARE, SMALLEST_PX = 0.04, 12


def target(label: str) -> np.ndarray:
    """(5,) float32 that sums to 1."""
    shares = np.array([TARGETS[label].get(state, 0.0) for state in STATES], np.float32)
    return np.asarray(shares * (1 - SOFTEN) + SOFTEN / len(STATES), np.float32)


def cut(image: Image, xyxy: tuple[float, float, float, float], rng: np.random.Generator | None) -> Image:
    """The truck with a margin; with a generator, the margin of a careless detector: -6 to 12 % a side."""
    height, width = image.shape[:2]
    left, top, right, bottom = (np.array(xyxy) * (width, height, width, height)).tolist()
    whole = xyxy == (0.0, 0.0, 1.0, 1.0)
    low, high = (-0.10, 0.0) if whole else (-0.06, 0.12)
    margins = rng.uniform(low, high, 4) if rng is not None else np.full(4, 0.0 if whole else 0.03)
    wide, tall = right - left, bottom - top
    x1, x2 = max(0, int(left - margins[0] * wide)), min(width, int(right + margins[1] * wide) + 1)
    y1, y2 = max(0, int(top - margins[2] * tall)), min(height, int(bottom + margins[3] * tall) + 1)
    return image[y1:y2, x1:x2]


def hide(image: Image, rng: np.random.Generator) -> Image:
    """Cover a corner or an edge, as traffic in front does: never the upper middle, where the load is."""
    height, width = image.shape[:2]
    wide, tall = int(width * rng.uniform(0.15, 0.4)), int(height * rng.uniform(0.15, 0.35))
    x = int(rng.choice([0, width - wide]))
    covered = image.copy()
    covered[height - tall :, x : x + wide] = rng.integers(20, 230, 3)
    return covered


def before(image: Image, backdrops: Sequence[Image], rng: np.random.Generator) -> Image:
    """A cut-out (h, w, 4) set before a piece of a street frame, or before one grey; (h, w, 3)."""
    height, width = image.shape[:2]
    behind = np.full((height, width, 3), rng.integers(30, 200), np.uint8)
    if backdrops:
        frame = backdrops[int(rng.integers(len(backdrops)))]
        side = int(rng.integers(120, 520))
        x, y = int(rng.integers(0, frame.shape[1] - side)), int(rng.integers(0, frame.shape[0] - side))
        behind = np.asarray(cv2.resize(frame[y : y + side, x : x + side], (width, height)), np.uint8)
    opacity = cv2.GaussianBlur(image[:, :, 3], (0, 0), float(rng.uniform(0.3, 0.8)))[:, :, None] / 255.0
    return np.asarray(image[:, :, :3] * opacity + behind * (1 - opacity), np.uint8)


def part_of(image: Image, rng: np.random.Generator) -> Image:
    """Cut at the frame's edge, as a truck that drives out of the picture: 60 to 90 % of one of its sides is left."""
    height, width = image.shape[:2]
    left = float(rng.uniform(0.6, 0.9))
    if rng.random() < 0.5:
        wide = max(1, int(width * left))
        return image[:, :wide] if rng.random() < 0.5 else image[:, width - wide :]
    return image[: max(1, int(height * left))]


def tint(image: Image, rng: np.random.Generator) -> Image:
    """The cast of another white balance."""
    return np.asarray(np.clip(image * rng.uniform(0.8, 1.2, 3), 0, 255), np.uint8)


def look(
    sample: Sample, image: Image, rng: np.random.Generator, backdrops: Sequence[Image] = ()
) -> tuple[Image, np.ndarray]:
    """One random look: (192, 192, 3) uint8 BGR and its target (5,)."""
    if image.shape[2] == 4:
        image = before(image, backdrops, rng)
    crop = cut(image, sample.xyxy, rng)
    if rng.random() < 0.5:
        crop = np.ascontiguousarray(crop[:, ::-1])
    if rng.random() < LOST_SHARE:
        lost = cv2.GaussianBlur(shrunk(crop, SMALLEST_PX), (0, 0), 0.8)
        return framed(np.asarray(cv2.resize(lost, crop.shape[1::-1]), np.uint8)), target("cannot_tell")
    if rng.random() < 0.15 and sample.label in ("covered", "closed_body"):
        crop = part_of(crop, rng)
    if rng.random() < 0.5:
        crop = shrunk(crop, int(rng.integers(45, 200)))
    crop = degrade(np.ascontiguousarray(crop), rng)
    if rng.random() < 0.4:
        crop = tint(crop, rng)
    if rng.random() < 0.15:
        crop = hide(crop, rng)
    if rng.random() < 0.12:
        crop = np.repeat(crop.mean(2, keepdims=True), 3, 2).astype(np.uint8)
    return framed(crop), target(sample.label)
