"""Plane geometry of zones, gates and paths, in pixels or on the road plane; no rule, no time beyond interpolation.

Pixels have y down. A box's foot is the bottom centre of the unclipped box and stands for where it touches the road.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from detector.scene import Ground
from detector.types.track import Box, PathPoint, Point
from detector.types.window import Window

Gate = tuple[Point, Point]
LONG_RATIO = 1.5
CHORDS = 20
"""At so many places across it a polygon's longest chord is looked for."""
EDGE_SHARE = 0.003
"""A box that ends this close to the edge of what is looked at, as a share of its longer side, is cut by it."""


def box_size(xyxy: Box) -> float:
    """Square root of a box's area, px: the unit of lengths where there is no ground homography."""
    x1, y1, x2, y2 = xyxy
    return math.sqrt(max((x2 - x1) * (y2 - y1), 1.0))


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    shared = _shared_area(a, b)
    return shared / max(_area(a) + _area(b) - shared, 1e-9)


def covered(inner: Box, outer: Box) -> float:
    """Share of `inner` that lies within `outer`, 0..1."""
    return _shared_area(inner, outer) / max(_area(inner), 1e-9)


def gap_px(a: Box, b: Box) -> float:
    """Distance between two boxes, px; 0 where they touch or overlap."""
    across = max(a[0] - b[2], b[0] - a[2], 0.0)
    down = max(a[1] - b[3], b[1] - a[3], 0.0)
    return math.hypot(across, down)


def hull(a: Box, b: Box) -> Box:
    """The smallest box around two boxes."""
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _area(box: Box) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def _shared_area(a: Box, b: Box) -> float:
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0.0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)


class Area:
    """A zone's polygon, prepared for many questions."""

    def __init__(self, polygon: Sequence[Point]) -> None:
        self.corners = tuple(polygon)
        self.polygon = shapely.Polygon(polygon)
        shapely.prepare(self.polygon)
        self._edge = self.polygon.exterior
        shapely.prepare(self._edge)
        self._bounds = self.polygon.bounds

    def __contains__(self, point: Point) -> bool:
        left, top, right, bottom = self._bounds
        x, y = point
        return left <= x <= right and top <= y <= bottom and bool(shapely.intersects_xy(self.polygon, x, y))

    @cached_property
    def reach_px(self) -> float:
        """Radius of the largest circle within the polygon: no point lies deeper, px."""
        return float(shapely.maximum_inscribed_circle(self.polygon).length)

    @cached_property
    def _is_convex(self) -> bool:
        return bool(self.polygon.convex_hull.area <= self.polygon.area * (1 + 1e-12))

    def depth_px(self, point: Point) -> float:
        """Distance from the polygon's edge, px; negative outside."""
        distance = float(shapely.distance(self._edge, shapely.Point(point)))
        return distance if point in self else -distance

    def base_share(self, xyxy: Box) -> float:
        """Share of the box's bottom edge that lies in the polygon, 0..1."""
        x1, _, x2, y2 = xyxy
        left, top, right, bottom = self._bounds
        if x2 <= x1 or x2 < left or x1 > right or not top <= y2 <= bottom:
            return 0.0
        # Most boxes that are asked about stand well inside; cutting lines costs ten times as much.
        if self._is_convex and (x1, y2) in self and (x2, y2) in self:
            return 1.0
        base = shapely.LineString([(x1, y2), (x2, y2)])
        return float(shapely.intersection(self.polygon, base).length) / (x2 - x1)

    def inside_share(self, start: Point, end: Point) -> float:
        """Share of the straight way between two points that lies in the polygon, 0..1."""
        way = shapely.LineString([start, end])
        return float(shapely.intersection(self.polygon, way).length) / max(way.length, 1e-9)

    def chord_px(self, point: Point, direction: Point) -> float:
        """Width of the polygon through a point along a unit direction, px; 0 when the line misses it."""
        left, top, right, bottom = self._bounds
        reach = math.hypot(right - left, bottom - top)
        (x, y), (dx, dy) = point, direction
        line = shapely.LineString([(x - reach * dx, y - reach * dy), (x + reach * dx, y + reach * dy)])
        return float(shapely.intersection(self.polygon, line).length)

    def longest_chord(self, direction: Point) -> float:
        """Longest way through the polygon along a unit direction, px; found at evenly spread places across it."""
        square = np.array([-direction[1], direction[0]])
        corners = np.array(self.corners, float)
        lowest, highest = float((corners @ square).min()), float((corners @ square).max())
        middle = float(((corners @ np.array(direction)).min() + (corners @ np.array(direction)).max()) / 2)
        places = (np.arange(CHORDS) + 0.5) / CHORDS * (highest - lowest) + lowest
        points = np.outer(places, square) + middle * np.array(direction)
        return max(self.chord_px((float(x), float(y)), direction) for x, y in points)


def overlap_share(a: Sequence[Point], b: Sequence[Point]) -> float:
    """Shared area of two simple polygons over the smaller one's area, 0..1."""
    first, second = shapely.Polygon(a), shapely.Polygon(b)
    return float(first.intersection(second).area / max(min(first.area, second.area), 1e-9))


def main_axis(polygon: Sequence[Point]) -> Point:
    """Unit vector along the long side of the smallest rectangle around a polygon."""
    longest, _ = _sides(polygon)
    return unit(longest)


def long_axis(polygon: Sequence[Point]) -> Point | None:
    """The same where the rectangle is clearly longer than wide, None otherwise."""
    longest, other = _sides(polygon)
    return unit(longest) if math.hypot(*longest) >= LONG_RATIO * math.hypot(*other) else None


def _sides(polygon: Sequence[Point]) -> tuple[Point, Point]:
    """The long and the short side of the smallest rectangle around a polygon."""
    corners = shapely.get_coordinates(shapely.Polygon(polygon).minimum_rotated_rectangle)
    sides = [(float(x), float(y)) for x, y in (corners[1] - corners[0], corners[2] - corners[1])]
    longest = max(sides, key=lambda side: math.hypot(*side))
    return longest, sides[1 - sides.index(longest)]


@dataclass(frozen=True, slots=True)
class Ruler:
    """Measures displacement: metres on the road plane, or multiples of the object's own box size.

    In box sizes a path must be summed step by step, each divided by the box size where it was made: boxes grow and
    shrink with perspective.
    """

    metric: bool

    @property
    def unit(self) -> str:
        """Suffix of a fact's key: `m` or `boxes`."""
        return "m" if self.metric else "boxes"

    def pick(self, metres: float, boxes: float) -> float:
        """The one of two thresholds that counts in this ruler's unit."""
        return metres if self.metric else boxes

    def step(self, start: PathPoint, end: PathPoint) -> Point | None:
        """Displacement between two sightings; None where the road plane does not reach (above the horizon)."""
        if not self.metric:
            scale = 2 / (box_size(start.xyxy) + box_size(end.xyxy))
            return (end.foot_px[0] - start.foot_px[0]) * scale, (end.foot_px[1] - start.foot_px[1]) * scale
        if start.ground_m is None or end.ground_m is None:
            return None
        return end.ground_m[0] - start.ground_m[0], end.ground_m[1] - start.ground_m[1]

    def direction(self, segment: Gate, ground: Ground | None) -> Point:
        """Unit vector of a drawn segment, in the plane this ruler measures in."""
        ends = np.array(segment, float)
        if self.metric and ground is not None:
            ends = ground.to_m(ends)
        return unit((float(ends[1, 0] - ends[0, 0]), float(ends[1, 1] - ends[0, 1])))


def ruler_for(ground: Ground | None, points_px: Sequence[Point]) -> Ruler:
    """Metres where a ground homography reaches all the given points, box sizes otherwise."""
    return Ruler(ground is not None and bool(np.isfinite(ground.to_m(np.array(points_px, float))).all()))


def unit(vector: Point) -> Point:
    """The vector at length 1; (0, 0) stays."""
    length = math.hypot(*vector)
    return (vector[0] / length, vector[1] / length) if length > 0 else (0.0, 0.0)


def along_across(step: Point, direction: Point) -> Point:
    """A displacement's signed parts along a unit direction and square to it."""
    (x, y), (dx, dy) = step, direction
    return x * dx + y * dy, x * dy - y * dx


def angle_deg(a: Point, b: Point) -> float:
    """Signed turn from a to b in -180..180; positive is clockwise as seen in the picture (y down), a right turn."""
    return math.degrees(math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]))


class Crossing(NamedTuple):
    """A path step across a gate."""

    t_s: float
    at_px: Point
    side: int
    """Towards which side: +1 or -1, the sign of `side_of` after the crossing."""
    beside: bool = False
    """Whether it passed the gate's end closely, on the gate's line but not between its ends."""


def side_of(gate: Gate, point: Point) -> float:
    """Signed distance from the gate's line, px; positive on the right when looking from its first to its second end."""
    (ax, ay), (bx, by) = gate
    length = math.hypot(bx - ax, by - ay)
    return ((bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)) / length


def crossing(gate: Gate, start: PathPoint, end: PathPoint, *, slack_boxes: float = 0.0) -> Crossing | None:
    """Where and when the foot crossed the gate between two sightings, time interpolated; None when it did not.

    A gate is drawn by hand where vehicles seem to pass, and feet are the lower edges of boxes: what passes its end
    within `slack_boxes` box sizes is told as well, as `beside`.
    """
    before, after = side_of(gate, start.foot_px), side_of(gate, end.foot_px)
    if (before > 0) == (after > 0):
        return None
    share = before / (before - after)
    x = start.foot_px[0] + share * (end.foot_px[0] - start.foot_px[0])
    y = start.foot_px[1] + share * (end.foot_px[1] - start.foot_px[1])
    (ax, ay), (bx, by) = gate
    length = math.dist(*gate)
    place_px = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length
    beyond_px = max(-place_px, place_px - length, 0.0)
    if beyond_px > slack_boxes * box_size(end.xyxy):
        return None
    t_s = start.t_s + share * (end.t_s - start.t_s)
    return Crossing(t_s, (x, y), 1 if after > 0 else -1, beside=beyond_px > 0)


def heading(points: Sequence[PathPoint], *, boxes: float = 1.0) -> Point | None:
    """Unit travel direction in px at the end of a path, from a line through its last `boxes` box sizes.

    Least squares of position over path length with one round of re-weighting against outliers; None for a path that
    goes nowhere.
    """
    feet = np.array([point.foot_px for point in points], float)
    if len(feet) < 2:
        return None
    reach = np.linalg.norm(feet - feet[-1], axis=1)
    outside = np.flatnonzero(reach > boxes * box_size(points[-1].xyxy))
    feet = feet[outside[-1] if len(outside) else 0 :]
    if float(np.linalg.norm(feet - feet[-1], axis=1).max()) < 0.25 * boxes * box_size(points[-1].xyxy):
        return None
    return _fitted_direction(feet)


def _fitted_direction(feet: NDArray[np.float64]) -> Point:
    order = np.arange(len(feet), dtype=float)
    weight = np.ones(len(feet))
    slope = np.zeros(2)
    for _ in range(2):
        centre_t, centre = np.average(order, weights=weight), np.average(feet, axis=0, weights=weight)
        slope = ((weight * (order - centre_t)) @ (feet - centre)) / (weight @ (order - centre_t) ** 2)
        miss = np.linalg.norm(feet - centre - np.outer(order - centre_t, slope), axis=1)
        weight = 1 / (1 + (miss / max(float(np.median(miss)), 1e-6)) ** 2)
    return unit((float(slope[0]), float(slope[1])))


def cut_by_edge(xyxy: Box, window: Window) -> bool:
    """Whether a box ends at the left, right or lower edge of what is looked at: its foot is not the vehicle's."""
    return cut_below(xyxy, window) or cut_sides(xyxy, xyxy, window) is not None


def cut_below(xyxy: Box, window: Window) -> bool:
    """Whether the lower edge of what is looked at cuts a box."""
    return xyxy[3] >= window.bottom - EDGE_SHARE * max(window.size_wh)


def cut_sides(a: Box, b: Box, window: Window) -> tuple[bool, bool] | None:
    """Whether the left and the right edge of what is looked at cut either of two boxes; None where neither does."""
    slack = EDGE_SHARE * max(window.size_wh)
    left, right = min(a[0], b[0]) <= window.left + slack, max(a[2], b[2]) >= window.right - slack
    return (left, right) if left or right else None
