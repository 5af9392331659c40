"""From lasting cells to objects: pieces joined, light and ghosts sorted out, the base on the pavement."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from detector.foreground.change import border_edges, near
from detector.foreground.displaced import is_displaced
from detector.foreground.grid import Bool, Float, Grid, Polygon
from detector.foreground.settings import ForegroundSettings

BASE_SHARE = 0.15
"""The lowest part of a blob that is its base."""
BASE_INSIDE = 0.5
GOES_ON = 0.4
"""Share of a blob's columns that may go on below the pavement."""
STILL_THERE = 0.6
"""Share of its cells in which an object reported before must last to be the same."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A pavement on the grid: `foot` = its own cells, `body` = where things standing on it may reach."""

    foot: Bool
    body: Bool
    least_cells: int

    @classmethod
    def of(cls, grid: Grid, polygon: Polygon, settings: ForegroundSettings) -> "Zone":
        """The zone of a polygon in full-frame px."""
        foot = grid.inside(polygon)
        least = max(settings.least_cells, round(settings.least_share * int(foot.sum())))
        return cls(foot, grid.risen(polygon, settings.rise), least)


class Blob(NamedTuple):
    """Cells of one object: a mask over the whole grid, its bounding slices, whether light cannot explain it."""

    cells: Bool
    rows: slice
    columns: slice
    strong: bool


def find_blobs(age_s: Float, strong: Bool, zone: Zone, settings: ForegroundSettings) -> list[Blob]:
    """The connected areas of a zone that have lasted on average, near pieces joined; thin lines fall away.

    Cells come to rest at different times; half the age is enough to belong to an object, so that it appears whole.
    """
    lasting = age_s >= settings.lasting_s / 2
    if not (lasting & zone.body).any():
        return []
    solid = ndimage.binary_opening(lasting & zone.body, np.ones((2, 2), bool))
    labels, _ = ndimage.label(near(solid, settings.gap_cells))
    labels = np.where(solid, labels, 0)
    blobs = []
    for number, place in enumerate(ndimage.find_objects(labels), start=1):
        cells = labels == number
        young = float(age_s[cells].mean()) < settings.lasting_s
        if young or int(cells.sum()) < zone.least_cells or not _stands_in(cells, place[0], zone, lasting):
            continue
        convincing = float(strong[cells].mean()) >= settings.strong_share
        blobs.append(Blob(cells, place[0], place[1], convincing))
    return blobs


def _stands_in(cells: Bool, rows: slice, zone: Zone, lasting: Bool) -> bool:
    """Whether the lowest part of a blob lies on the pavement itself and does not go on below it.

    What goes on below the pavement's lower edge stands on the road before it and only hides the pavement.
    """
    height = rows.stop - rows.start
    base = cells.copy()
    base[: rows.stop - max(1, round(BASE_SHARE * height))] = False
    if float(zone.foot[base].mean()) < BASE_INSIDE:
        return False
    below = np.zeros_like(cells)
    below[1:] = cells[:-1]
    below &= ~zone.foot & ~cells
    goes_on = int((below & lasting).any(axis=0).sum())
    return goes_on <= GOES_ON * int(cells.any(axis=0).sum())


def remembered(told: NDArray[np.uint8], age_s: Float, strong: Bool, settings: ForegroundSettings) -> list[Blob]:
    """What was reported before and lasts in its own cells, whatever has joined it since, such as a shadow."""
    blobs = []
    for number in np.unique(told[told > 0]).tolist():
        cells = told == number
        lasts = float((age_s[cells] >= settings.lasting_s).mean()) >= STILL_THERE
        if lasts and float(strong[cells].mean()) >= settings.strong_share:
            rows, columns = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
            place = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
            blobs.append(Blob(cells, *place, strong=True))
    return blobs


def is_nothing_new(blob: Blob, now: Float, background: Float, settings: ForegroundSettings) -> bool:
    """Whether the blob is the hole of something that left, or what was there already, a little aside.

    The border of a hole is an edge in the background and not now.
    """
    rows = slice(max(blob.rows.start - 3, 0), blob.rows.stop + 3)
    around = rows, slice(max(blob.columns.start - 3, 0), blob.columns.stop + 3)
    cells, here, before = blob.cells[around], now[around], background[around]
    hole = border_edges(cells, before) > settings.ghost * border_edges(cells, here)
    return hole or is_displaced(cells, here, before)
