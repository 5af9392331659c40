"""One camera's lane: detections in, violations out; tracker and rules with all their memory.

Called by one thread with frames in the order of their times. Pure: no pixels, no clock, no file; two runs over the
same detections say the same. A new epoch of the stream closes what is open and starts afresh, unless `bridge` was
called for it: then what stood is looked for where it was left, and acts that reach over the hole say so.
"""

import math
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from detector.rules import RuleOutput, RuleRunner
from detector.rules.geometry import Area
from detector.rules.holes import FROZEN, LOST, Holes
from detector.scene import Scene, ZoneKind
from detector.tracking.pace import settings_at
from detector.tracking.tracker import Tracker
from detector.types import AS_IT_IS, Calibration, Detections, FrameStamp, ObjectClass, TrackedFrame, Window


class Tracks(Protocol):
    """What a lane asks of a tracker."""

    def step(self, stamp: FrameStamp, detections: Detections, /) -> TrackedFrame:
        """All tracks after one more frame."""
        ...

    def bridge(self, stamp: FrameStamp, /, stood_by_s: float = ...) -> None:
        """Goes on over a hole in the source."""
        ...

    def memory(self) -> dict[str, Any]:
        """Everything it remembers."""
        ...

    def recall(self, memory: dict[str, Any], /) -> None:
        """Goes on from there."""
        ...


LONGEST_HOLE_S = 60.0
"""Who was not seen for longer is not taken for the same any more (see `LifeSettings.standing_lost_s`)."""
FROZEN_S = 20.0
"""So long the same picture, and it was no street without noise but a source that hung; keyframes come more often."""


class Lane:
    """The whole decision path of one source of one camera."""

    def __init__(
        self,
        scene: Scene,
        source_id: str,
        tracker: Tracks | None = None,
        *,
        step_s: float = 0.0,
        window: Window | None = None,
        calibration: Calibration = AS_IT_IS,
    ) -> None:
        """A lane that has seen nothing yet.

        Args:
            scene: the camera's.
            source_id: what it watches, for the names of acts.
            tracker: another one than the product's.
            step_s: the time between looks where they are rare.
            window: the part of the picture that is looked at, None where it is the whole.
            calibration: what the network's scores mean.
        """
        self.scene = scene
        self._tracker = tracker or Tracker(
            ground=scene.fitted_ground,
            size_wh=scene.size,
            window=window,
            settings=settings_at(step_s),
            calibration=calibration,
        )
        self._rules = RuleRunner(scene, source_id, window)
        self._holes = Holes()
        self._stamp: FrameStamp | None = None
        self._news_s = 0.0
        self.tracked: TrackedFrame | None = None
        """What the tracker said of the latest frame."""
        self._ignored = tuple(Area(zone.polygon) for zone in scene.zones_of(ZoneKind.IGNORE))

    def step(self, stamp: FrameStamp, detections: Detections) -> RuleOutput:
        """What is established or over at this frame."""
        kept = detections[~feet_in(self._ignored, detections)] if self._ignored else detections
        last, self._stamp = self._stamp, stamp
        if last is None or last.epoch != stamp.epoch:
            self._news_s = stamp.t_s
        elif not stamp.repeated:
            if last.repeated and stamp.t_s - self._news_s >= FROZEN_S:
                self._carry_over(last, stamp)
            self._news_s = stamp.t_s
        self.tracked = self._tracker.step(stamp, kept)
        return self._holes.marked(self._rules.step(self.tracked))

    @property
    def stamp(self) -> FrameStamp | None:
        """Of the latest frame; None before the first."""
        return self._stamp

    def bridge(self, stamp: FrameStamp) -> bool:
        """Goes on over a hole before `stamp`, whose time went on rising over it; False where it was too long.

        Called before `step` with the first frame behind the hole. After False the step begins a new epoch as always.
        """
        last = self._stamp
        if last is None or not 0 < stamp.t_s - last.t_s <= LONGEST_HOLE_S:
            return False
        self._carry_over(last, stamp)
        self._rules.bridge(stamp.epoch)
        self._stamp = replace(last, epoch=stamp.epoch, repeated=False)
        self._news_s = last.t_s
        return True

    def _carry_over(self, last: FrameStamp, stamp: FrameStamp) -> None:
        """What stood before a hole is looked for behind it; the pictures that a source repeats before are part of it.

        What came to rest only in those pictures has not: it moved when the source hung.
        """
        hung = last.repeated and last.t_s - self._news_s >= FROZEN_S / 2
        since_s = self._news_s if hung else last.t_s
        known = stamp.t_s - since_s <= LONGEST_HOLE_S
        self._tracker.bridge(stamp, stood_by_s=math.inf if not hung else since_s if known else -math.inf)
        self._holes.add(since_s, stamp.t_s, FROZEN if hung else LOST)

    def memory(self) -> dict[str, Any]:
        """Everything it remembers; not a copy, so it must be laid aside before the next step."""
        parts = {"tracker": self._tracker.memory(), "rules": self._rules.memory()}
        return {**parts, "holes": self._holes, "stamp": self._stamp, "news_s": self._news_s}

    def recall(self, memory: dict[str, Any]) -> None:
        """Goes on from where `memory` was taken, by a lane of the same scene and source."""
        self._tracker.recall(memory["tracker"])
        self._rules.recall(memory["rules"])
        self._holes, self._stamp, self._news_s = memory["holes"], memory["stamp"], memory["news_s"]

    def finish(self) -> RuleOutput:
        """Final versions of everything open: the source is over."""
        self._stamp = None
        return self._holes.marked(self._rules.finish())


def feet_in(areas: tuple[Area, ...], detections: Detections) -> NDArray[np.bool_]:
    """(n,) which detections stand with the bottom centre of their box in one of the areas."""
    feet = [((x1 + x2) / 2, y2) for x1, _, x2, y2 in detections.xyxy.tolist()]
    return np.array([any(foot in area for area in areas) for foot in feet], bool)


def wants_load(scene: Scene, detections: Detections) -> NDArray[np.bool_]:
    """(n,) which detections are trucks in a load_check zone, so that their load is worth a look."""
    areas = tuple(Area(zone.polygon) for zone in scene.zones_of(ZoneKind.LOAD_CHECK))
    trucks: NDArray[np.bool_] = detections.kind == ObjectClass.TRUCK
    return trucks & feet_in(areas, detections)
