"""Who a track is: its id once announced, its votes for a class, and how often and when it was measured."""

import numpy as np
from numpy.typing import NDArray

from detector.tracking.rows import Bool, Float, Index, Rows
from detector.types import ObjectClass

GROUP_OF_KIND = np.array([0, 1, 1, 2, 2, 2, 3, 4])
"""Classes a detector confuses share a group; only within a group may a detection continue a track."""
STALL_GROUP = int(GROUP_OF_KIND[ObjectClass.STALL])
OBJECT_GROUP = int(GROUP_OF_KIND[ObjectClass.OBJECT])


class Lives(Rows):
    """One row per track, tentative ones included.

    Attributes:
        id: (n,) 0 while tentative.
        group: (n,) class group.
        votes: (n, 8) score given to each class so far.
        score, score_sum, hits: (n,) last score, sum and number of measurements.
        first_t_s, last_t_s: (n,) first and last measurement.
        twin_s: (n,) how long it has shared its place with an older track.
        trail: (n, 2) the same of the last look and the one before it.
        detection: (n,) row of this frame's detections, -1 when not measured.
    """

    def __init__(self) -> None:
        self.id = np.zeros(0, np.int64)
        self.group = np.zeros(0, np.int64)
        self.votes = np.zeros((0, len(ObjectClass)))
        self.score = np.zeros(0)
        self.score_sum = np.zeros(0)
        self.hits = np.zeros(0, np.int64)
        self.first_t_s = np.zeros(0)
        self.last_t_s = np.zeros(0)
        self.detection = np.zeros(0, np.intp)
        self.twin_s = np.zeros(0)
        self.trail = np.zeros((0, 2), np.intp)

    def __len__(self) -> int:
        return len(self.id)

    @property
    def kind(self) -> Index:
        """(n,) the class with most votes."""
        return np.asarray(np.argmax(self.votes, axis=1))

    @property
    def confirmed(self) -> Bool:
        """(n,) announced tracks."""
        return self.id > 0

    @property
    def measured(self) -> Bool:
        """(n,) tracks that this frame's detections continued or started."""
        return self.detection >= 0

    def start(self, columns: Index, kind: NDArray[np.uint8], t_s: float) -> Index:
        """Append a row per detection and return the new rows; `take` then counts their first measurement."""
        rows = np.arange(len(self), len(self) + len(columns))
        self.append(len(columns))
        self.group[rows] = GROUP_OF_KIND[kind[columns]]
        self.first_t_s[rows] = t_s
        self.last_t_s[rows] = t_s
        self.trail[rows] = -1
        return rows

    def next_look(self) -> None:
        """What was measured belongs to the past from now on."""
        self.trail = np.column_stack([self.detection, self.trail[:, 0]])
        self.detection[:] = -1

    def take(self, rows: Index, columns: Index, kind: NDArray[np.uint8], score: Float, t_s: float) -> None:
        """Count one measurement per row, by the detections at `columns`."""
        self.votes[rows, kind[columns]] += score[columns]
        self.group[rows] = GROUP_OF_KIND[self.kind[rows]]
        self.score[rows] = score[columns]
        self.score_sum[rows] += score[columns]
        self.hits[rows] += 1
        self.last_t_s[rows] = t_s
        self.detection[rows] = columns
