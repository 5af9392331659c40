"""How high ridden motorcycles stand by the scene's ground: whether its metres can be right.

Ground points in feet, in centimetres, in another order or at the wrong places make every distance and every speed
wrong, and no picture shows it. But a motorcycle with its rider is one and a half metres high and a bit, everywhere.
What lies side by side in the picture is as far away, so that a box's width on the road plane tells how long a pixel is
at its foot. Pure; the runner owns it.
"""

import math
from collections import deque
from dataclasses import replace
from statistics import median

import numpy as np

from detector.rules.geometry import box_size, cut_by_edge
from detector.rules.motion import TWO_WHEELERS
from detector.scene import Ground
from detector.types import Finding, Track, TrackedFrame, ViolationKind, Window

DOUBT = "ground_unlikely"
LIKELY_M = (0.9, 3.0)
"""Seen from high above, a motorcycle's length counts as height too; a machine that is pushed is 1.1 m high."""
LEAST_RIDERS = 12
KEPT_RIDERS = 200
RODE_BOXES = 1.0
"""Who has come so far, own box sizes, is ridden or pushed and no parked machine."""
IN_METRES = frozenset(
    {ViolationKind.WRONG_WAY, ViolationKind.NO_ENTRY, ViolationKind.SIDEWALK_RIDING, ViolationKind.FORBIDDEN_TURN}
)
"""Kinds whose ways and speeds are measured on the road plane."""


class Stature:
    """The heights of one scene's latest riders, each measured once."""

    def __init__(self, ground: Ground | None, window: Window) -> None:
        self._ground = ground
        self._window = window
        self._heights_m: deque[float] = deque(maxlen=KEPT_RIDERS)
        self._known: set[int] = set()

    def look(self, frame: TrackedFrame) -> None:
        """Measures the riders who have come far enough by this frame."""
        if self._ground is None:
            return
        self._known.intersection_update(track.id for track in frame.tracks)
        for track in frame.tracks:
            if track.id not in self._known and self._rides(track):
                self._known.add(track.id)
                self._heights_m += self._heights_of(track, self._ground)

    @property
    def rider_m(self) -> float | None:
        """Median height of a ridden motorcycle, m; None before enough were seen."""
        return median(self._heights_m) if len(self._heights_m) >= LEAST_RIDERS else None

    @property
    def unlikely_m(self) -> float | None:
        """The same where no rider can be so high, None otherwise."""
        rider_m = self.rider_m
        return None if rider_m is None or LIKELY_M[0] <= rider_m <= LIKELY_M[1] else rider_m

    def told(self, finding: Finding) -> Finding:
        """The finding, with the doubt and the height where no rider can be so high."""
        rider_m = self.unlikely_m
        if finding.kind not in IN_METRES or rider_m is None:
            return finding
        facts = {**finding.facts, "rider_height_m": round(rider_m, 2)}
        return replace(finding, facts=facts, cannot_tell=tuple(dict.fromkeys((*finding.cannot_tell, DOUBT))))

    def clear(self) -> None:
        """The source is over."""
        self._heights_m.clear()
        self._known.clear()

    def _rides(self, track: Track) -> bool:
        if track.kind not in TWO_WHEELERS or not track.measured or cut_by_edge(track.xyxy, self._window):
            return False
        return math.dist(track.path[0].foot_px, track.foot_px) >= RODE_BOXES * box_size(track.xyxy)

    def _heights_of(self, track: Track, ground: Ground) -> list[float]:
        """One height, none where the foot lies beyond the horizon."""
        x1, y1, x2, y2 = track.xyxy
        left, right = ground.to_m(np.array([[x1, y2], [x2, y2]]))
        height_m = math.dist(left, right) * (y2 - y1) / max(x2 - x1, 1e-9)
        return [height_m] if math.isfinite(height_m) else []
