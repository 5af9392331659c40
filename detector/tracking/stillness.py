"""Which tracks stand, where, and since when.

A track stands when its boxes of the last two seconds hold one place, measured by the least corner shift, so that
a rider getting off or a passer-by hiding one side does not count as moving. Its true stop time is found by
looking back over its path. It stands until it has left that place for two looks, or has crept away from where it
first stood. How steadily it is detected while it stands tells how long its place may look empty before it is
believed to have gone.
"""

from collections.abc import Iterable

import numpy as np

from detector.tracking.boxes import corner_shift, paired_iou, size_px
from detector.tracking.recent import RecentBoxes
from detector.tracking.rows import Bool, Float, Index, Rows
from detector.tracking.settings import LifeSettings, StillSettings
from detector.types.track import Box, PathPoint

ENOUGH_SAMPLES = 3
ENOUGH_SPAN = 0.75
ENOUGH_INSIDE = 0.85
STEADY_SCORE = 0.5
STEADY_S = 10.0


class Stillness(Rows):
    """One row per track.

    Attributes:
        standing: (n,) whether it stands.
        since_s: (n,) its true stop time, where it stands.
        first_place_px, place_px: (n, 4) box where it came to stand, and the same slowly adapted since.
        outside: (n,) looks in a row outside its place.
        empty_s: (n,) how long its place was seen empty.
        steady: (n,) 0..1, how reliably it is detected when visible.
    """

    def __init__(self, settings: StillSettings, life: LifeSettings) -> None:
        self.settings = settings
        self.life = life
        self.standing = np.zeros(0, bool)
        self.since_s = np.zeros(0)
        self.first_place_px = np.zeros((0, 4))
        self.place_px = np.zeros((0, 4))
        self.outside = np.zeros(0, np.int64)
        self.empty_s = np.zeros(0)
        self.steady = np.zeros(0)

    def stand(self, rows: Index, since_s: Float, place_px: Float) -> None:
        """Declare the rows standing at (k, 4) places since (k,) times."""
        self.standing[rows] = True
        self.since_s[rows] = since_s
        self.first_place_px[rows] = place_px
        self.place_px[rows] = place_px
        self.outside[rows] = 0

    def settled(self, rows: Index, t_s: float, recent: RecentBoxes) -> tuple[Index, Float]:
        """Which of the moving rows have come to stand: those rows and their (k, 4) places."""
        used = recent.within(rows, t_s - self.settings.window_s)
        oldest = np.where(used, recent.t_s[rows], np.inf).min(axis=1, initial=np.inf)
        long_enough = t_s - oldest >= ENOUGH_SPAN * self.settings.window_s
        ready = long_enough & (used.sum(axis=1) >= ENOUGH_SAMPLES)
        rows, used = rows[ready], used[ready]
        boxes = recent.xyxy_px[rows]
        place = _median(boxes, used)
        calm = self._inside(boxes, place[:, None], self.settings.enter_sizes, self.settings.enter_iou) & used
        holds = calm.sum(axis=1) >= ENOUGH_INSIDE * used.sum(axis=1)
        return rows[holds], place[holds]

    def look(self, rows: Index, xyxy_px: Float, dt_s: float) -> Index:
        """Compare (k, 4) measured boxes of standing rows with their places; returns the rows that have left."""
        inside = self._inside(xyxy_px, self.place_px[rows], self.settings.leave_sizes, self.settings.leave_iou)
        self.outside[rows] = np.where(inside, 0, self.outside[rows] + 1)
        share = 1 - np.exp(-dt_s / self.settings.adapt_s)
        kept = rows[inside]
        self.place_px[kept] += share * (xyxy_px[inside] - self.place_px[kept])
        drift = corner_shift(self.place_px[rows], self.first_place_px[rows])
        crept = drift > self.settings.drift_sizes * size_px(self.first_place_px[rows])
        left = rows[crept | (self.outside[rows] >= self.settings.leave_looks)]
        self.standing[left] = False
        return left

    def follow(self, rows: Index, xyxy_px: Float, dt_s: float) -> None:
        """Adapt the places of class-free objects to their flickering boxes; they stand as long as they live."""
        share = 1 - np.exp(-dt_s / self.settings.adapt_s)
        self.place_px[rows] += share * (xyxy_px - self.place_px[rows])

    def detected(self, rows: Index, score: Float, gap_s: Float) -> None:
        """Blend a detection, and the time before it in which the visible place looked empty, into `steady`."""
        self.steady[rows] *= np.exp(-self.empty_s[rows] / STEADY_S)
        share = 1 - np.exp(-(gap_s - self.empty_s[rows]).clip(0.0, 1.0) / STEADY_S)
        self.steady[rows] += share * (np.minimum(score / STEADY_SCORE, 1.0) - self.steady[rows])
        self.empty_s[rows] = 0.0

    def seen_empty(self, rows: Index, dt_s: float) -> Index:
        """Count a look at which the rows' places were visible and empty; returns the rows believed to have gone."""
        self.empty_s[rows] += dt_s
        allowed = self.life.empty_s / np.maximum(self.steady[rows], 0.05) ** 2
        return rows[self.empty_s[rows] > np.minimum(allowed, self.life.empty_longest_s)]

    def arrival_s(self, place_px: Float, points: Iterable[PathPoint]) -> float:
        """True stop time: of the points, newest first, the earliest from which on the place was held.

        How near is near follows from the jitter of this object's own box while it stood, so that the last metre of
        gentle braking is not counted as standing. One outlier is forgiven; two measured points in a row away from
        the place end the search.
        """
        settings, jitter = self.settings, list[float]()
        arrived, away = np.inf, 0
        for point in points:
            if not point.measured:
                continue
            shift = _least_corner(point.xyxy, place_px) / float(size_px(place_px))
            if len(jitter) < settings.jitter_looks:
                jitter.append(shift)
            reach = settings.jitter_factor * float(np.median(jitter)) + settings.arrive_least_sizes
            if shift <= min(reach, settings.arrive_most_sizes):
                arrived, away = point.t_s, 0
            elif away:
                break
            else:
                away = 1
        return float(arrived)

    @staticmethod
    def _inside(boxes: Float, place: Float, shift_sizes: float, least_iou: float) -> Bool:
        near = corner_shift(boxes, place) <= shift_sizes * size_px(place)
        return np.asarray(near & (paired_iou(boxes, place) >= least_iou))


def _least_corner(box: Box, place_px: Float) -> float:
    return float(corner_shift(np.array(box), place_px))


def _median(boxes: Float, used: Bool) -> Float:
    ordered = np.sort(np.where(used[..., None], boxes, np.nan), axis=1)
    count, row = used.sum(axis=1), np.arange(len(boxes))
    # Of an even count the lower middle alone would lie to the left and above.
    return np.asarray((ordered[row, (count - 1) // 2] + ordered[row, count // 2]) / 2)
