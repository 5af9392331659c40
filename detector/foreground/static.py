"""Finds what stays on the pavement without knowing what it is: a dual-rate background (Porikli 2008).

A long-term background (the reference view of empty pavements, or the median of the first seconds) says what has
changed; a short-term one says what has come to rest. What has changed and rests for several seconds is lasting
foreground and is never learned into the long-term background while it is reported. A camera that sways is steadied
first. `step` is called for every
analysed frame by one thread and evaluates once a second. Pure numpy and scipy; the whole memory is `state()`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.foreground.blobs import Blob, Zone, find_blobs, is_nothing_new, remembered
from detector.foreground.change import Change, change, gain, in_light, moves, near
from detector.foreground.grid import Bool, Float, Grid, Image, Polygon
from detector.foreground.memory import Arrays, Memory
from detector.foreground.settings import ForegroundSettings
from detector.foreground.steady import LEAST_CELLS, shift_of, steadied
from detector.types import Detections, ObjectClass

DEFAULT_SETTINGS = ForegroundSettings()
LEAST_SAMPLES = 5
"""A cell's first background is the median of at least so many pictures in which nothing hid it."""
SURE_SCORE = 0.2
"""Detections from this score on hide what is behind them."""
FIDGET = 1.0
"""A changed cell that moves loses this share of elapsed time: who fidgets never becomes lasting."""
GROWN = 2.0
"""What joins an object and makes it this many times as large at once is something else, light as a rule."""
MOST_TOLD = 255
BAND_ROWS = 12
"""A median over all pictures at once takes ten times their memory (50 MB of 16 pictures)."""


class StaticForeground:
    """Lasting foreground on the given pavements of one camera.

    Args:
        polygons_px: pavements, full-frame px.
        size_wh: full-frame picture size, px.
        reference: full-frame BGR view of the empty pavements, or None: then what stands there from the first
            second on belongs to the background and cannot be told.
        settings: all thresholds.
    """

    def __init__(
        self,
        polygons_px: Sequence[Polygon],
        *,
        size_wh: tuple[int, int],
        reference: Image | None = None,
        settings: ForegroundSettings = DEFAULT_SETTINGS,
    ) -> None:
        self._polygons = [tuple(polygon) for polygon in polygons_px]
        self._size_wh = size_wh
        self._reference = reference
        self._settings = settings
        self._grid: Grid | None = None
        self._zones: list[Zone] = []
        self._memory: Memory | None = None

    @property
    def recalibrations(self) -> int:
        """How often most of the picture changed at once, so that the background was learned anew."""
        return 0 if self._memory is None else int(self._memory.recalibrations)

    @property
    def learning(self) -> bool:
        """Whether the long-term background is still being gathered; nothing is reported meanwhile."""
        return self._memory is None or bool(self._memory.learns)

    def step(self, t_s: float, picture_bgr: Image, scale_xy: tuple[float, float], detections: Detections) -> Detections:
        """Lasting objects as of now, class OBJECT, full-frame px; score is how long they lasted (0..1).

        Args:
            t_s: stream time of the picture.
            picture_bgr: (h, w, 3) uint8, small; always of one size.
            scale_xy: full-frame px per px of it.
            detections: what the network saw in it, full-frame px.
        """
        grid = self._laid_out(picture_bgr, scale_xy)
        if self._memory is None:
            reference = None if self._reference is None else grid.cells_of_full(self._reference)
            self._memory = Memory.first(t_s, grid.cells(picture_bgr), reference)
        memory = self._memory
        since_s = t_s - float(memory.t_s)
        if since_s < 0 or since_s >= self._settings.interval_s - 1e-6:
            elapsed_s = self._settings.interval_s if since_s < 0 else min(since_s, 2 * self._settings.interval_s)
            memory.t_s = np.array(t_s)
            now = self._steadied(memory, grid, picture_bgr)
            self._evaluate(memory, grid, now, self._hidden(memory, grid, detections), elapsed_s)
        kind = np.full(len(memory.scores), ObjectClass.OBJECT, np.uint8)
        return Detections(xyxy=memory.boxes.copy(), score=memory.scores.copy(), kind=kind)

    def state(self) -> Arrays:
        """Everything it remembers, as arrays; empty before the first picture."""
        return {} if self._memory is None else self._memory.arrays()

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Goes on from where `state` was taken, bit for bit; the next picture must have the same size."""
        self._memory = Memory.of(state) if state else None

    def _laid_out(self, picture: Image, scale_xy: tuple[float, float]) -> Grid:
        if self._grid is None:
            self._grid = Grid.over((picture.shape[0], picture.shape[1]), scale_xy, self._settings.grid_width)
            self._zones = [Zone.of(self._grid, polygon, self._settings) for polygon in self._polygons]
        return self._grid

    def _steadied(self, memory: Memory, grid: Grid, picture: Image) -> Float:
        """The picture's cells as the background's camera would see them; an unclear shift is the last clear one."""
        cells = grid.cells(picture)
        shift = shift_of(cells, memory.background)
        if shift is not None:
            memory.shift = shift
        if np.abs(memory.shift).max() < LEAST_CELLS:
            return cells
        return grid.cells(steadied(picture, memory.shift * grid.block))

    def _hidden(self, memory: Memory, grid: Grid, detections: Detections) -> Bool:
        known = (detections.kind != ObjectClass.OBJECT) & (detections.score >= SURE_SCORE)
        down, along = memory.shift * grid.cell_px[::-1]
        return grid.under(detections.xyxy[known] - np.array([along, down, along, down], np.float32))

    def _evaluate(self, memory: Memory, grid: Grid, now: Float, hidden: Bool, elapsed_s: float) -> None:
        settings = self._settings
        memory.short = in_light(memory.short, gain(now, memory.short, ~hidden, settings), settings)
        moving = moves(now, memory.short, settings)
        memory.short += np.float32(1 - np.exp(-elapsed_s / settings.short_s)) * (now - memory.short)
        if bool(memory.learns):
            self._gather(memory, now, hidden)
            return
        light = gain(now, memory.background, memory.known & ~hidden & (memory.age_s == 0), settings)
        even = in_light(now, np.float32(1) / light, settings)
        found = change(even, memory.background, settings)
        if self._all_changed(found, memory, hidden):
            self._recalibrate(memory, now)
            return
        self._count(memory, found, moving, hidden, elapsed_s)
        self._report(memory, grid, even, found)
        self._learn(memory, even, found, moving | hidden, elapsed_s)

    def _gather(self, memory: Memory, now: Float, hidden: Bool) -> None:
        """One more picture for the first background; when it is time, their median over what was seen freely."""
        memory.samples = np.concatenate([memory.samples, np.clip(now + 0.5, 0, 255).astype(np.uint8)[None]])
        memory.hidden = np.concatenate([memory.hidden, hidden[None]])
        if float(memory.t_s) - float(memory.since_s) < self._settings.learn_s:
            return
        memory.known = (~memory.hidden).sum(axis=0) >= LEAST_SAMPLES
        memory.background = _seen_freely(memory, now)
        memory.samples, memory.hidden = memory.samples[:0], memory.hidden[:0]
        memory.learns = np.array(False)

    def _all_changed(self, found: Change, memory: Memory, hidden: Bool) -> bool:
        seen = memory.known & ~hidden
        return bool(seen.any()) and float(found.changed[seen].mean()) > self._settings.global_share

    def _recalibrate(self, memory: Memory, now: Float) -> None:
        memory.background, memory.shift = now.copy(), np.zeros(2)
        memory.recalibrations = memory.recalibrations + 1
        memory.learns = np.array(True)
        memory.since_s = memory.t_s.copy()
        memory.age_s[:] = 0
        memory.told[:] = 0
        memory.boxes, memory.scores = memory.boxes[:0], memory.scores[:0]

    def _count(self, memory: Memory, found: Change, moving: Bool, hidden: Bool, elapsed_s: float) -> None:
        """Ages changes that rest; forgets what is gone, and half as fast what fidgets; waits where it is hidden."""
        rests = found.changed & ~moving
        speed = np.where(rests, 1.0, np.where(found.changed, -FIDGET, -2.0))
        speed[hidden | ~memory.known] = 0
        aged = memory.age_s + np.float32(elapsed_s) * speed.astype(np.float32)
        memory.age_s = np.clip(aged, 0, self._settings.longest_s).astype(np.float32)

    def _report(self, memory: Memory, grid: Grid, now: Float, found: Change) -> None:
        settings, told = self._settings, list[Blob]()
        known = remembered(memory.told, memory.age_s, found.strong, settings)
        for zone in self._zones:
            for blob in find_blobs(memory.age_s, found.strong, zone, settings):
                within = [one for one in known if (one.cells & blob.cells).any()]
                if any(GROWN * one.cells.sum() < blob.cells.sum() for one in within):
                    continue
                if is_nothing_new(blob, now, memory.background, settings):
                    memory.background[blob.cells] = now[blob.cells]
                    memory.age_s[blob.cells] = 0
                elif blob.strong:
                    told.append(blob)
        covered = np.any([blob.cells for blob in told], axis=0) if told else np.zeros_like(found.strong)
        told += [one for one in known if not (one.cells & covered).any() and memory.age_s[one.cells].any()]
        self._tell(memory, grid, told)

    def _tell(self, memory: Memory, grid: Grid, blobs: Sequence[Blob]) -> None:
        ages = [float(memory.age_s[blob.cells].mean()) for blob in blobs]
        boxes = [grid.box_px(blob.rows, blob.columns) for blob in blobs]
        memory.boxes = np.array(boxes, np.float32).reshape(-1, 4)
        memory.scores = np.array(ages, np.float32) / np.float32(self._settings.longest_s)
        memory.told[:] = 0
        for number, blob in enumerate(blobs[:MOST_TOLD], start=1):
            memory.told[blob.cells] = number

    def _learn(self, memory: Memory, now: Float, found: Change, busy: Bool, elapsed_s: float) -> None:
        """Lets the background follow where nothing changed, and where only the light did; never under an object."""
        settings = self._settings
        calm = ~found.changed & (memory.age_s == 0)
        lit = found.changed & ~found.strong & ~near(found.strong, 3)
        share = np.zeros(calm.shape, np.float32)
        share[calm & ~busy] = 1 - np.exp(-elapsed_s / settings.long_s)
        share[lit & ~busy] = 1 - np.exp(-elapsed_s / settings.absorb_s)
        memory.background += share[..., None] * (now - memory.background)
        fresh = ~memory.known & ~busy
        memory.background[fresh] = now[fresh]
        memory.known |= fresh


def _seen_freely(memory: Memory, now: Float) -> Float:
    """(h, w, 3) the median of each cell over the pictures in which nothing hid it; `now` where those are too few."""
    background = np.empty_like(now, np.float32)
    for top in range(0, len(now), BAND_ROWS):
        band = slice(top, top + BAND_ROWS)
        hidden, samples = memory.hidden[:, band, :, None], memory.samples[:, band].astype(np.float32)
        free = np.where(memory.known[band, :, None], np.where(hidden, np.float32(np.nan), samples), now[band])
        background[band] = np.nanmedian(free, axis=0)
    return background
