"""What has changed against a background, and whether light alone can explain it.

Shadows, rain and exposure change luma smoothly and leave chromaticity and local structure as they were (Cucchiara et
al., PAMI 2003, on chromaticity; normalised structure as in Rosin & Ellis 1995); objects change at least one of them.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from detector.foreground.grid import Bool, Float
from detector.foreground.settings import ForegroundSettings

EVERY = 3
LEAST_CELLS = 30
"""The light is the median over every third cell both ways, if so many of them are of use."""
WIDE = 2.0
"""Sigma of the local mean luma against which structure is measured, cells."""
GREY = np.array([0.114, 0.587, 0.299], np.float32)
"""BGR weights of luma (ITU-R BT.601)."""


@dataclass(frozen=True, slots=True)
class Change:
    """Per cell: `changed` at all, and `strong` = more than light can do."""

    changed: Bool
    strong: Bool


def luma(cells: Float) -> Float:
    """(rows, columns) luma of BGR cells."""
    return np.asarray(cells @ GREY, np.float32)


def change(now: Float, background: Float, settings: ForegroundSettings) -> Change:
    """Compare gain-compensated BGR cells with the background's."""
    level = settings.dark_level
    light, reference = luma(now) + level, luma(background) + level
    around = _smooth(reference)
    ratio = _smooth(light) / around
    structure = _near_mean(np.abs(light - ratio * reference) / around)
    colour = _near_mean(np.abs(_chroma(now, level) - _chroma(background, level)).sum(axis=2))
    strong = (
        (colour > settings.chroma)
        | (structure > settings.texture)
        | (light < settings.darkest * reference)
        | (light > settings.brightest * reference)
    )
    changed = strong | (np.abs(np.log(light / reference)) > settings.ratio)
    return Change(np.asarray(changed), np.asarray(strong))


def moves(now: Float, short_term: Float, settings: ForegroundSettings) -> Bool:
    """Cells that differ from the short-term background of the same light, and their neighbours: something moves."""
    light, recent = luma(now) + settings.dark_level, luma(short_term) + settings.dark_level
    moving = np.abs(np.log(light / recent)) > settings.moving
    return near(moving, 1)


def gain(now: Float, before: Float, usable: Bool, settings: ForegroundSettings) -> Float:
    """(3,) light and exposure now against an earlier picture: the median ratio of the usable cells, 1 if too few."""
    sparse = usable[::EVERY, ::EVERY]
    if int(sparse.sum()) < LEAST_CELLS:
        return np.ones(3, np.float32)
    light = now[::EVERY, ::EVERY][sparse] + settings.dark_level
    ratios = light / (before[::EVERY, ::EVERY][sparse] + settings.dark_level)
    return np.asarray(np.clip(np.median(ratios, axis=0), 0.2, 5.0), np.float32)


def in_light(cells: Float, light: Float, settings: ForegroundSettings) -> Float:
    """The same picture under `light` times its light."""
    level = settings.dark_level
    return np.asarray((cells + level) * light - level, np.float32)


def near(mask: Bool, cells: int) -> Bool:
    """The cells within so many rows and columns of any in the mask."""
    grown = ndimage.maximum_filter(mask.view(np.uint8), 2 * cells + 1, mode="constant")
    return np.asarray(grown.view(bool))


def border_edges(blob: Bool, cells: Float) -> float:
    """Mean relative gradient along a blob's border."""
    grey = luma(cells)
    border = near(blob, 1) & near(~blob, 1)
    slope = np.hypot(ndimage.sobel(grey, 0), ndimage.sobel(grey, 1)) / (grey + 16)
    return float(slope[border].mean())


def _chroma(cells: Float, level: float) -> Float:
    """(rows, columns, 2) shares of blue and red, drawn to grey in the dark."""
    total = cells.sum(axis=2, keepdims=True) + 3 * level
    return np.asarray((cells[..., [0, 2]] + level) / total, np.float32)


def _smooth(grey: Float) -> Float:
    return np.asarray(ndimage.gaussian_filter(grey, WIDE, mode="nearest"), np.float32)


def _near_mean(values: Float) -> Float:
    return np.asarray(ndimage.uniform_filter(values, 3, mode="nearest"), np.float32)
