"""From an act and the track that did it to a finding: path rows, stills' moments, facts.

Rows show where the vehicle was seen, never where it was predicted; only what was standing before its first sighting
(see `sidewalk_encroachment`) has rows there for the time before. Between two sightings rows lie on a straight line:
at least once a second, and for a moving vehicle so densely that every moment of its way has a row that fits it.
"""

import math
from collections.abc import Sequence

from detector.rules.geometry import box_size
from detector.types import Moment, PathPoint
from detector.types.track import Box
from detector.types.violation import PathRow

LEAD_S = 1.0
"""Rows begin and end this much outside the act where the vehicle was seen then."""
ROW_EVERY_S = 1.0
ROW_EVERY_BOXES = 0.2
"""Rows of a moving vehicle lie at most this share of its box size apart, but no closer than video frames."""
FRAME_S = 0.04


def path_rows(
    path: Sequence[PathPoint], since_s: float, until_s: float, size_wh: tuple[int, int]
) -> tuple[PathRow, ...]:
    """Rows covering an act, clipped to the picture; at least one even when nothing was measured."""
    seen = [point for point in path if point.measured] or list(path)
    rows: list[PathRow] = [*_put_down(seen[0], since_s)]
    for before, point in zip([None, *seen], seen, strict=False):
        if before is not None:
            rows += _between(before, point)
        rows.append((point.t_s, *point.xyxy))
    inside = [row for row in rows if since_s - LEAD_S - 1e-6 <= row[0] <= until_s + LEAD_S + 1e-6]
    nearest = min(rows, key=lambda row: abs(row[0] - since_s))
    return tuple(_clipped(row, size_wh) for row in inside or [nearest])


def _put_down(first: PathPoint, since_s: float) -> list[PathRow]:
    """Rows of an act that began before the first sighting: of a thing that had stood for some seconds then."""
    late_s = math.ceil((first.t_s - since_s) / ROW_EVERY_S - 1e-6)
    return [(first.t_s - back * (first.t_s - since_s) / late_s, *first.xyxy) for back in range(late_s, 0, -1)]


def _between(start: PathPoint, end: PathPoint) -> list[PathRow]:
    took_s = end.t_s - start.t_s
    moved = math.dist(start.foot_px, end.foot_px) / box_size(end.xyxy)
    parts = max(
        math.ceil(took_s / ROW_EVERY_S - 1e-6), min(math.ceil(moved / ROW_EVERY_BOXES), int(took_s / FRAME_S)), 1
    )
    return [
        (_mix(start.t_s, end.t_s, part / parts), *_mixed_box(start.xyxy, end.xyxy, part / parts))
        for part in range(1, parts)
    ]


def _mix(a: float, b: float, share: float) -> float:
    return a + (b - a) * share


def _mixed_box(a: Box, b: Box, share: float) -> Box:
    return _mix(a[0], b[0], share), _mix(a[1], b[1], share), _mix(a[2], b[2], share), _mix(a[3], b[3], share)


def _clipped(row: PathRow, size_wh: tuple[int, int]) -> PathRow:
    t_s, x1, y1, x2, y2 = row
    width, height = size_wh
    return (
        round(t_s, 3),
        round(min(max(x1, 0.0), width), 1),
        round(min(max(y1, 0.0), height), 1),
        round(min(max(x2, 0.0), width), 1),
        round(min(max(y2, 0.0), height), 1),
    )


def moments(rows: Sequence[PathRow], since_s: float, until_s: float) -> dict[str, Moment]:
    """Before, during and after the act: the rows nearest to its start, its middle and its end."""
    wanted = {"before": since_s - LEAD_S, "during": (since_s + until_s) / 2, "after": until_s}
    return {name: _moment(rows, t_s) for name, t_s in wanted.items()}


def _moment(rows: Sequence[PathRow], t_s: float) -> Moment:
    row = min(rows, key=lambda row: abs(row[0] - t_s))
    return Moment(row[0], row[1:])
