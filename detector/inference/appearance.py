"""What colours a box shows: the cheap memory by which a tracker tells one vehicle from another.

In: the small picture and boxes in its pixels. Out: mean B, G, R over a 4 x 4 grid of each box, all boxes at once
through one integral image of the part of the picture that holds them.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.inference.picture import Pixels
from detector.types.detections import APPEARANCE_WIDTH

GRID = 4
EDGES = np.linspace(0, 1, GRID + 1)


def appearance(pixels: Pixels, xyxy: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(n, 48) uint8: for each box mean B, G, R of its 16 cells, row by row.

    Boxes are clipped to the picture and cells are at least one pixel wide and high, so a box that lies outside
    shows the nearest border pixels.

    Args:
        pixels: (h, w, 3) uint8 BGR.
        xyxy: (n, 4) float32, px of `pixels`.
    """
    if len(xyxy) == 0:
        return np.zeros((0, APPEARANCE_WIDTH), np.uint8)
    height, width = pixels.shape[:2]
    left, right = _cells(xyxy[:, 0], xyxy[:, 2], width)
    top, bottom = _cells(xyxy[:, 1], xyxy[:, 3], height)
    x, y = int(left.min()), int(top.min())
    total = cv2.integral(pixels[y : int(bottom.max()), x : int(right.max())])
    # Corners of all cells in one go: a call costs more than the few numbers it fetches.
    rows = (np.stack([top, bottom]) - y) * total.shape[1]
    columns = np.stack([left, right]) - x
    corners = total.reshape(-1, 3).take(rows[:, None, :, :, None] + columns[None, :, :, None], axis=0)
    (upper_left, upper_right), (lower_left, lower_right) = corners
    sums = lower_right - upper_right - lower_left + upper_left
    area = (bottom - top)[:, :, None] * (right - left)[:, None]
    means: NDArray[np.uint8] = np.rint(sums / area[..., None]).astype(np.uint8)
    return means.reshape(-1, APPEARANCE_WIDTH)


def _cells(low: NDArray[np.float32], high: NDArray[np.float32], size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and past-the-last pixel of each of the 4 cells, (n, 4) each, within 0..size and never empty."""
    low, high = np.clip(low, 0, size), np.clip(high, 0, size)
    edges = low[:, None] + (high - low)[:, None] * EDGES
    first = np.minimum(edges[:, :-1].astype(np.intp), size - 1)
    return first, np.maximum(np.rint(edges[:, 1:]).astype(np.intp), first + 1)
