"""How traffic moves at each place: what a new track may expect of its first step.

At 5 frames a second a motorbike moves farther than its own box between frames, so the first step of a new track
decides its identity. Confirmed tracks write their velocity into a coarse grid that forgets within seconds; each
cell keeps one mean per heading (eight) and one for what creeps or stands, because flows cross.
"""

import numpy as np

from detector.tracking.rows import Float, Index

COLUMNS = 24
HEADINGS = 8
SLOTS = HEADINGS + 1
FORGET_S = 8.0
LEAST_WEIGHT = 0.15
SLOW_SIZES_S = 0.3
HERE = np.zeros((1, 1))
RIGHT, DOWN = np.array([[0.0], [-1], [1], [0], [0]]), np.array([[0.0], [0], [0], [-1], [1]])
"""A velocity tells of its own cell and of those beside, above and below."""
SHARES = np.array([1.0, 0.5, 0.5, 0.5, 0.5])


class FlowField:
    """Velocity means per grid cell and heading, px per second.

    `sums` is (cells, slots, 4): weight, weighted vx, weighted vy, weighted squared speed.
    """

    def __init__(self, size_wh: tuple[int, int]) -> None:
        self._cell_px = max(size_wh[0] / COLUMNS, 1.0)
        self._rows = int(np.ceil(size_wh[1] / self._cell_px))
        self._sums = np.zeros((COLUMNS * self._rows, SLOTS, 4))

    def learn(self, centre_px: Float, velocity_px_s: Float, size_px: Float, dt_s: float) -> None:
        """Fade by `dt_s`, then add (n, 2) velocities at (n, 2) places of objects of (n,) sizes."""
        self._sums *= np.exp(-dt_s / FORGET_S)
        slot = _slot(velocity_px_s, size_px)
        squared = (velocity_px_s**2).sum(axis=1)
        row = np.column_stack([np.ones(len(slot)), velocity_px_s, squared])
        parts = (SHARES * min(dt_s, 1.0))[:, None, None] * row
        np.add.at(self._sums, (self._cells(centre_px, RIGHT, DOWN), np.broadcast_to(slot, parts.shape[:2])), parts)

    def at(self, centre_px: Float) -> tuple[Float, Float, Float]:
        """What moves at (n, 2) places.

        Returns:
            (n, slots, 2) mean velocities px/s, (n, slots) spreads px/s, (n, slots) share of the traffic there, 0
            where the slot knows too little.
        """
        sums = self._sums[self._cells(centre_px, HERE, HERE)[0]]
        weight = np.maximum(sums[..., 0], 1e-9)
        mean = sums[..., 1:3] / weight[..., None]
        variance = np.maximum(sums[..., 3] / weight - (mean**2).sum(axis=-1), 0.0)
        share = np.where(sums[..., 0] >= LEAST_WEIGHT, sums[..., 0], 0.0)
        return mean, np.sqrt(variance / 2), share / np.maximum(share.sum(axis=1, keepdims=True), 1e-9)

    def _cells(self, centre_px: Float, right: Float, down: Float) -> Index:
        """(k, n) cells at (n, 2) places, moved by so many columns and rows (k, 1); those outside are the outermost."""
        column = np.clip(centre_px[:, 0] // self._cell_px + right, 0, COLUMNS - 1)
        row = np.clip(centre_px[:, 1] // self._cell_px + down, 0, self._rows - 1)
        return (row * COLUMNS + column).astype(np.intp)


def _slot(velocity_px_s: Float, size_px: Float) -> Index:
    heading = np.arctan2(velocity_px_s[:, 1], velocity_px_s[:, 0]) / (2 * np.pi) * HEADINGS
    slow = np.hypot(velocity_px_s[:, 0], velocity_px_s[:, 1]) < SLOW_SIZES_S * size_px
    return np.where(slow, HEADINGS, np.round(heading).astype(np.intp) % HEADINGS)
