"""Metres and box sizes at once: where the scene has ground points, far enough in either is far enough.

Metres see who drives along the view, where the picture shows little of the way; box sizes see who crosses it close
before the camera or is cut by the picture's edge, and do not hang on how well four points were measured. Metres alone
tell which way somebody went.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar, runtime_checkable

from detector.rules.act import Reading, Watch
from detector.types import Track, TrackedFrame
from detector.types.track import Point

P = TypeVar("P")
TOLD_M = 1.0
"""From so far on, metres tell which way somebody went: feet wander by less."""


@runtime_checkable
class Headed(Protocol):
    """A watch over travel that must go a certain way."""

    def heads(self, displacement: Point, /) -> bool:
        """Whether a displacement in the plane it measures in goes the way of the act."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Both(Generic[P]):
    """What either watch remembers; `since_s`: since when the act was that the first proof told, while one holds."""

    metres: P | None
    boxes: P | None
    since_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EitherWatch(Generic[P]):
    """One watch in metres, the same one in box sizes.

    Attributes:
        heads: whether a displacement on the road plane, m, goes the way of the act; None where any way does.
    """

    metres: Watch[P]
    boxes: Watch[P]
    heads: Callable[[Point], bool] | None = None

    def look(
        self, progress: Both[P] | None, track: Track, frame: TrackedFrame, free_until_s: float
    ) -> tuple[Both[P] | None, Reading]:
        """Lets both look; see `Watch.look`."""
        before: Both[P] = progress or Both(metres=None, boxes=None)
        metres, in_metres = self.metres.look(before.metres, track, frame, free_until_s)
        boxes, in_boxes = self.boxes.look(before.boxes, track, frame, free_until_s)
        if in_boxes.proof is not None and not self._heads_so(track, in_boxes.since_s):
            in_boxes = replace(in_boxes, proof=None, acting=False)
        reading = joined(in_metres, in_boxes)
        if reading.proof is not None and before.since_s is not None:
            reading = replace(reading, since_s=before.since_s)
        if metres is None and boxes is None:
            return None, reading
        return Both(metres=metres, boxes=boxes, since_s=reading.since_s if reading.proof is not None else None), reading

    def _heads_so(self, track: Track, since_s: float) -> bool:
        on_plane = [p.ground_m for p in track.path if p.measured and p.t_s >= since_s - 1e-6 and p.ground_m is not None]
        if self.heads is None or not on_plane:
            return True
        (x, y), (to_x, to_y) = on_plane[0], on_plane[-1]
        return math.hypot(to_x - x, to_y - y) < TOLD_M or self.heads((to_x - x, to_y - y))


def joined(in_metres: Reading, in_boxes: Reading) -> Reading:
    """What both say: the proof of the one that has it, metres first; a doubt only where there is no proof."""
    said = max((in_metres, in_boxes), key=lambda reading: (reading.proof is not None, reading.acting))
    return replace(
        said,
        acting=in_metres.acting or in_boxes.acting,
        doubt=None if said.proof is not None else in_metres.doubt or in_boxes.doubt,
        parting=in_metres.parting or in_boxes.parting,
    )
