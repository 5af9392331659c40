"""Box arithmetic on arrays of xyxy boxes (px, full-frame): overlap, cover, corner shift, filter coordinates.

All functions take and return float64 arrays whose last axis is the box.
"""

import numpy as np

from detector.tracking.rows import Bool, Float
from detector.types import Window


def to_state(xyxy_px: Float) -> Float:
    """(..., 4) xyxy to (centre x, centre y, log width, log height); sides under 1 px count as 1 px."""
    low, high = xyxy_px[..., :2], xyxy_px[..., 2:]
    return np.concatenate([(low + high) / 2, np.log(np.maximum(high - low, 1.0))], axis=-1)


def to_xyxy(state: Float) -> Float:
    """The inverse of `to_state`."""
    half = np.exp(state[..., 2:]) / 2
    return np.concatenate([state[..., :2] - half, state[..., :2] + half], axis=-1)


def size_px(xyxy_px: Float) -> Float:
    """(...,) square root of the area, px, at least 1."""
    sides = np.maximum(xyxy_px[..., 2:] - xyxy_px[..., :2], 1.0)
    return np.asarray(np.sqrt(sides[..., 0] * sides[..., 1]))


def foot_px(xyxy_px: Float) -> Float:
    """(..., 2) bottom centres."""
    return np.stack([(xyxy_px[..., 0] + xyxy_px[..., 2]) / 2, xyxy_px[..., 3]], axis=-1)


def intersection(a: Float, b: Float) -> Float:
    """(n, m) shared area, px², of (n, 4) and (m, 4) boxes."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    sides = np.maximum(high - low, 0.0)
    return np.asarray(sides[..., 0] * sides[..., 1])


def area(xyxy_px: Float) -> Float:
    """(...,) area, px²."""
    return size_px(xyxy_px) ** 2


def iou(a: Float, b: Float) -> Float:
    """(n, m) intersection over union of (n, 4) and (m, 4) boxes."""
    shared = intersection(a, b)
    return shared / (area(a)[:, None] + area(b)[None, :] - shared)


def paired_iou(a: Float, b: Float) -> Float:
    """(...,) intersection over union of boxes at the same place of two arrays (broadcast)."""
    sides = np.maximum(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0.0)
    shared = sides[..., 0] * sides[..., 1]
    return np.asarray(shared / (area(a) + area(b) - shared))


def corner_shift(a: Float, b: Float) -> Float:
    """(...,) least distance between equal corners, px (broadcast).

    A translated box moves all four corners; one that is partly hidden, or whose rider got off, keeps at least one.
    """
    squared = (a - b) ** 2
    across = np.minimum(squared[..., 0], squared[..., 2])
    down = np.minimum(squared[..., 1], squared[..., 3])
    return np.asarray(np.sqrt(across + down))


def covered_share(places: Float, others: Float) -> Float:
    """(n, m) share of each place (n, 4) that each other box (m, 4) hides, 0..1."""
    return intersection(places, others) / area(places)[:, None]


EDGE_SHARE = 0.005
"""A box this near the edge of what is looked at, as a share of its longer side, is cut off by it."""


def at_edge(xyxy_px: Float, window: Window) -> Bool:
    """(n,) which boxes the edge of what is looked at cuts off."""
    near = EDGE_SHARE * max(window.size_wh)
    low, high = np.array(window[:2]) + near, np.array(window[2:]) - near
    return np.asarray(((xyxy_px[:, :2] < low) | (xyxy_px[:, 2:] > high)).any(axis=1))
