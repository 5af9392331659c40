"""The last measured boxes of every track in a ring, a few per second: what stillness and velocity are read from."""

import numpy as np

from detector.tracking.boxes import foot_px
from detector.tracking.rows import Bool, Float, Index, Rows

SAMPLES = 24
SPACING_S = 0.15
VELOCITY_S = 1.05
SHRINK_S2 = 0.003
"""Pulls the slope of a very short record towards rest: two looks 33 ms apart say little about speed."""


class RecentBoxes(Rows):
    """(n, 24) sample times and (n, 24, 4) measured boxes, oldest first; times are -inf where nothing is known."""

    def __init__(self) -> None:
        self.t_s = np.zeros((0, SAMPLES))
        self.xyxy_px = np.zeros((0, SAMPLES, 4))

    def start(self, count: int) -> None:
        """Append rows that know nothing."""
        self.append(count)
        if count:
            self.t_s[-count:] = -np.inf

    def take(self, rows: Index, t_s: float, xyxy_px: Float) -> None:
        """Note one measured box per row; a sample too near the last but one replaces the last."""
        crowded = t_s - self.t_s[rows, -2] < SPACING_S
        shift = rows[~crowded]
        self.t_s[shift, :-1] = self.t_s[shift, 1:]
        self.xyxy_px[shift, :-1] = self.xyxy_px[shift, 1:]
        self.t_s[rows, -1] = t_s
        self.xyxy_px[rows, -1] = xyxy_px

    def within(self, rows: Index, since_s: float) -> Bool:
        """(k, 24) which samples of the rows are not older than `since_s`."""
        return self.t_s[rows] >= since_s

    def slope(self, rows: Index, points: Float) -> Float:
        """(k, 2) per second: least-squares slope over the last second of the samples' (k, 24, 2) points."""
        t_s = self.t_s[rows]
        used = t_s >= t_s[:, -1:] - VELOCITY_S
        since = np.where(used, t_s - t_s[:, -1:], 0.0)
        since = np.where(used, since - since.sum(axis=1, keepdims=True) / used.sum(axis=1, keepdims=True), 0.0)
        spread = (since**2).sum(axis=1, keepdims=True) + SHRINK_S2
        return np.asarray((since[..., None] * np.where(used[..., None], points, 0.0)).sum(axis=1) / spread)

    def feet_px(self, rows: Index) -> Float:
        """(k, 24, 2) bottom centres of the samples."""
        return foot_px(self.xyxy_px[rows])
