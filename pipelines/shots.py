"""The pictures of an offender's best shots, one at a time; only those that show it where the shot says.

In: footage, shots (stream second and box) and the offender's path. Out: the stills in order of time. Pictures the
footage no longer holds are passed over: nothing fails for want of them. So are those of another moment, where the
offender was somewhere else and another road user could lie in its box.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from detector.plates.shots import Shot
from detector.types import SourceError
from detector.types.violation import PathRow
from pipelines.footage import Footage
from pipelines.video.stills import Still

SAME_S = 0.1
"""A picture this far from its shot still shows the offender in the shot's box."""
STANDS = 0.1
"""A vehicle whose box's edges move by less, of its sides, stands."""


def looks_at(footage: Footage, shots: Sequence[Shot], path: Sequence[PathRow]) -> Iterator[tuple[Shot, Still]]:
    """The pictures that show the offender in its shots' boxes, by time."""
    return ((shot, still) for shot, still in _pictures(footage, shots) if _shows(still, shot, path))


def _pictures(footage: Footage, shots: Sequence[Shot]) -> Iterator[tuple[Shot, Still]]:
    ordered = sorted(shots, key=lambda shot: shot.t_s)
    given = 0
    try:
        for shot, still in zip(ordered, footage.stills([shot.t_s for shot in ordered]), strict=True):
            given += 1
            yield shot, still
    except SourceError:
        yield from ((shot, still) for shot in ordered[given:] for still in _still(footage, shot))


def _still(footage: Footage, shot: Shot) -> list[Still]:
    try:
        return list(footage.stills([shot.t_s]))
    except SourceError:
        return []


def _shows(still: Still, shot: Shot, path: Sequence[PathRow]) -> bool:
    """Whether the offender is in the shot's box in a picture: it is of that moment, or the vehicle stood between."""
    first_s, last_s = sorted((still.t_s, shot.t_s))
    if last_s - first_s <= SAME_S:
        return True
    # The path tells nothing of the time before and after it, and has a row at least every second.
    if not path or first_s < path[0][0] - SAME_S or last_s > path[-1][0] + SAME_S:
        return False
    before = max((row[0] for row in path if row[0] <= first_s), default=first_s)
    after = min((row[0] for row in path if row[0] >= last_s), default=last_s)
    between = np.array([row[1:] for row in path if before <= row[0] <= after])
    x1, y1, x2, y2 = shot.xyxy
    moved = np.abs(between - (x1, y1, x2, y2)) / (x2 - x1, y2 - y1, x2 - x1, y2 - y1)
    return bool((moved <= STANDS).all())
