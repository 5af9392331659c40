"""One camera's lane: detections in, violations out; tracker and rules with all their memory.

Called by one thread with frames in the order of their times. Pure: no pixels, no clock, no file; two runs over the
same detections say the same. A new epoch of the stream closes what is open and starts afresh.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.rules import RuleOutput, RuleRunner
from detector.rules.geometry import Area
from detector.scene import Scene, ZoneKind
from detector.tracking.tracker import Tracker
from detector.types import Detections, FrameStamp, ObjectClass, TrackedFrame


class Tracks(Protocol):
    """What a lane asks of a tracker."""

    def step(self, stamp: FrameStamp, detections: Detections, /) -> TrackedFrame:
        """All tracks after one more frame."""
        ...


class Lane:
    """The whole decision path of one source of one camera."""

    def __init__(self, scene: Scene, source_id: str, tracker: Tracks | None = None) -> None:
        self.scene = scene
        self._tracker = tracker or Tracker(ground=scene.fitted_ground, size_wh=scene.size)
        self._rules = RuleRunner(scene, source_id)
        self._ignored = tuple(Area(zone.polygon) for zone in scene.zones_of(ZoneKind.IGNORE))

    def step(self, stamp: FrameStamp, detections: Detections) -> RuleOutput:
        """What is established or over at this frame."""
        kept = detections[~feet_in(self._ignored, detections)] if self._ignored else detections
        return self._rules.step(self._tracker.step(stamp, kept))

    def finish(self) -> RuleOutput:
        """Final versions of everything open: the source is over."""
        return self._rules.finish()


def feet_in(areas: tuple[Area, ...], detections: Detections) -> NDArray[np.bool_]:
    """(n,) which detections stand with the bottom centre of their box in one of the areas."""
    feet = [((x1 + x2) / 2, y2) for x1, _, x2, y2 in detections.xyxy.tolist()]
    return np.array([any(foot in area for area in areas) for foot in feet], bool)


def wants_load(scene: Scene, detections: Detections) -> NDArray[np.bool_]:
    """(n,) which detections are trucks in a load_check zone, so that their load is worth a look."""
    areas = tuple(Area(zone.polygon) for zone in scene.zones_of(ZoneKind.LOAD_CHECK))
    trucks: NDArray[np.bool_] = detections.kind == ObjectClass.TRUCK
    return trucks & feet_in(areas, detections)
