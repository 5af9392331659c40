"""All state of one source's tracks: parallel tables and path records whose row i is the same track."""

import numpy as np

from detector.scene.ground import Ground
from detector.tracking.appearance import Looks
from detector.tracking.association import Seen
from detector.tracking.boxes import to_xyxy
from detector.tracking.kalman import BoxFilter
from detector.tracking.life import Lives
from detector.tracking.path import PathRecord
from detector.tracking.recent import RecentBoxes
from detector.tracking.rows import Bool, Float, Index
from detector.tracking.settings import TrackerSettings
from detector.tracking.stillness import Stillness


class Tracks:
    """Tentative and announced tracks; births append to every table, deaths drop from every table.

    Attributes:
        box_px: (n, 4) the box to announce: smoothed, close to the measurement, at its place while standing unseen.
    """

    def __init__(self, settings: TrackerSettings) -> None:
        self.settings = settings
        self.lives = Lives()
        self.filter = BoxFilter(settings.motion)
        self.looks = Looks()
        self.recent = RecentBoxes()
        self.still = Stillness(settings.still, settings.life)
        self.paths: list[PathRecord] = []
        self.box_px = np.zeros((0, 4))

    def __len__(self) -> int:
        return len(self.lives)

    def gap_s(self, t_s: float) -> Float:
        """(n,) time since the last measurement."""
        return t_s - self.lives.last_t_s

    def start(self, columns: Index, seen: Seen, t_s: float) -> Index:
        """Begin a track at each of the detections; returns the new rows."""
        if not len(columns):
            return columns
        rows = self.lives.start(columns, seen.kind, t_s)
        self.filter.start(seen.xyxy_px[columns])
        self.looks.append(len(rows))
        self.recent.start(len(rows))
        self.still.append(len(rows))
        self.still.steady[rows] = 1.0
        self.paths += [PathRecord(self.settings.path) for _ in rows]
        self.box_px = np.concatenate([self.box_px, seen.xyxy_px[columns]])
        self.note(rows, columns, seen, t_s)
        return rows

    def measure(self, rows: Index, columns: Index, seen: Seen, t_s: float) -> None:
        """Continue rows with detections."""
        if not len(rows):
            return
        noise = np.where(seen.high[columns], 1.0, self.settings.motion.low_score_noise)
        self.filter.update(rows, seen.xyxy_px[columns], noise)
        self.note(rows, columns, seen, t_s)
        self._settle_box(rows, seen.xyxy_px[columns])

    def coast(self) -> None:
        """Set the boxes of unmeasured rows to where they are predicted."""
        unseen = ~self.lives.measured
        self.box_px[unseen] = self.filter.xyxy_px[unseen]

    def velocity_px_s(self, rows: Index) -> Float:
        """(k, 2) foot velocity over the last second, px/s; zero for what stands unseen."""
        velocity = self.recent.slope(rows, self.recent.feet_px(rows))
        velocity[self._resting(rows)] = 0.0
        return velocity

    def velocity_mps(self, rows: Index, ground: Ground) -> Float:
        """(k, 2) the same on the road plane, m/s; NaN where the foot is above the horizon."""
        feet = self.recent.feet_px(rows)
        velocity = self.recent.slope(rows, ground.to_m(feet.reshape(-1, 2)).reshape(feet.shape))
        velocity[self._resting(rows)] = 0.0
        return velocity

    def _resting(self, rows: Index) -> Bool:
        return np.asarray(self.still.standing[rows] & ~self.lives.measured[rows])

    def keep(self, rows: Bool) -> None:
        """Drop all other rows."""
        for table in (self.lives, self.filter, self.looks, self.recent, self.still):
            table.keep(rows)
        self.paths = [path for path, kept in zip(self.paths, rows, strict=True) if kept]
        self.box_px = self.box_px[rows]

    def note(self, rows: Index, columns: Index, seen: Seen, t_s: float) -> None:
        """Write down a look at rows without moving them."""
        colours = None if seen.colours is None else seen.colours[columns]
        gap = np.maximum(t_s - self.lives.last_t_s[rows], 0.0)
        self.looks.take(rows, colours, gap, np.where(seen.high[columns], 1.0, 0.3))
        self.lives.take(rows, columns, seen.kind, seen.score, t_s)
        self.recent.take(rows, t_s, seen.xyxy_px[columns])
        self.still.detected(rows, seen.score[columns], gap)

    def _settle_box(self, rows: Index, measured_px: Float) -> None:
        """Smooth, but let no edge stray from the measured box: evidence must hug the vehicle."""
        sides = measured_px[:, 2:] - measured_px[:, :2]
        slack = self.settings.path.hug * np.concatenate([sides, sides], axis=1)
        smooth = to_xyxy(self.filter.mean[rows])
        self.box_px[rows] = measured_px + np.clip(smooth - measured_px, -slack, slack)
