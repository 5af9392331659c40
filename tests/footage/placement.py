"""Where a picture lies in another one, and with it its scene and its truth: mirrored, scaled, moved, cut off.

Points (x, y) are px of the picture, y down, its edges at 0 and at its width and height.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

Image = NDArray[np.uint8]
Point = tuple[float, float]

LEAST_LEFT = 0.5
"""Of a zone or a gate at least this share must still be in the picture, or it is no longer drawn."""
WHOLE = 0.98
"""A truth whose box is in the picture by less is optional: who judged it saw more of it."""
OTHER_HAND = {"no_left_turn": "no_right_turn", "no_right_turn": "no_left_turn", "no_u_turn": "no_u_turn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The old picture of `old_wh` px within the new one of `new_wh`.

    Attributes:
        old_wh, new_wh: sizes, px.
        shown_wh: size of the whole old picture at its new scale, px.
        offset_xy: of its upper left corner in the new one, px; negative where it is cut off.
        mirrored: left and right are exchanged.
    """

    old_wh: tuple[int, int]
    new_wh: tuple[int, int]
    shown_wh: tuple[int, int]
    offset_xy: tuple[int, int] = (0, 0)
    mirrored: bool = False

    def picture(self, image: Image) -> Image:
        """The new picture, black where the old one does not reach; (h, w, 3) uint8."""
        if self.mirrored:
            image = np.ascontiguousarray(image[:, ::-1])
        if self.shown_wh != self.old_wh:
            smaller = self.shown_wh[0] < self.old_wh[0] or self.shown_wh[1] < self.old_wh[1]
            how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
            image = np.asarray(cv2.resize(image, self.shown_wh, interpolation=how), np.uint8)
        (width, height), (left, top) = self.new_wh, self.offset_xy
        new = np.zeros((height, width, 3), np.uint8)
        part = image[max(-top, 0) : height - top, max(-left, 0) : width - left]
        new[max(top, 0) :, max(left, 0) :][: part.shape[0], : part.shape[1]] = part
        return new

    def point(self, point: Point) -> Point:
        """Where a point of the old picture lies in the new one."""
        x = self.old_wh[0] - point[0] if self.mirrored else point[0]
        scale_x, scale_y = (shown / old for shown, old in zip(self.shown_wh, self.old_wh, strict=True))
        return x * scale_x + self.offset_xy[0], point[1] * scale_y + self.offset_xy[1]

    def scene(self, scene: dict[str, Any]) -> dict[str, Any]:
        """A scene's content, drawn on the new picture; without zones and turns that it no longer shows.

        Ground points must all be in the new picture.
        """
        zones = [self._zone(zone) for zone in scene.get("zones") or []]
        turns = [self._turn(turn) for turn in scene.get("turns") or []]
        points = scene.get("ground")
        ground = {} if points is None else {"ground": {**points, "px": [list(self.point(p)) for p in points["px"]]}}
        drawn = {"zones": [z for z in zones if z is not None], "turns": [t for t in turns if t is not None]}
        return {**scene, **ground, "size": list(self.new_wh), **{key: items for key, items in drawn.items() if items}}

    def truth(self, truth: dict[str, Any]) -> dict[str, Any]:
        """A truth's line, its box in the new picture; optional where that cuts the box."""
        x1, y1, x2, y2 = truth["xyxy"]
        (left, top), (right, bottom) = self.point((x1, y1)), self.point((x2, y2))
        left, right = sorted((left, right))
        width, height = self.new_wh
        shown = max(min(right, width) - max(left, 0), 0) * max(min(bottom, height) - max(top, 0), 0)
        cut = shown < WHOLE * (right - left) * (bottom - top)
        clipped = np.clip([left, top, right, bottom], 0, [width, height, width, height])
        return {**truth, "xyxy": clipped.round(1).tolist(), "optional": bool(truth.get("optional") or cut)}

    def _zone(self, zone: dict[str, Any]) -> dict[str, Any] | None:
        moved = Polygon([self.point((x, y)) for x, y in zone["polygon"]])
        left = moved.intersection(self._frame)
        parts = [part for part in getattr(left, "geoms", [left]) if isinstance(part, Polygon)]
        if left.area < LEAST_LEFT * moved.area or not parts:
            return None
        largest = max(parts, key=lambda part: part.area)
        new = {**zone, "polygon": self._listed(list(largest.exterior.coords)[:-1])}
        if zone.get("direction"):
            new["direction"] = self._direction(zone["direction"], largest)
        return new

    def _direction(self, direction: list[list[float]], area: Polygon) -> list[list[float]]:
        """The same direction, short, at the middle of what is left of its zone."""
        (x, y), (to_x, to_y) = (self.point((px, py)) for px, py in direction)
        along = np.array([to_x - x, to_y - y]) / np.hypot(to_x - x, to_y - y)
        middle = np.array(area.representative_point().coords[0])
        half = 0.02 * min(self.new_wh) * along
        return self._listed(np.array([middle - half, middle + half]))

    def _turn(self, turn: dict[str, Any]) -> dict[str, Any] | None:
        gates = {}
        for name in ("enter", "leave"):
            moved = LineString([self.point((x, y)) for x, y in turn[name]])
            left = moved.intersection(self._frame)
            if left.length < LEAST_LEFT * moved.length:
                return None
            gates[name] = self._listed(left.coords)
        return {**turn, **gates, "kind": OTHER_HAND[turn["kind"]] if self.mirrored else turn["kind"]}

    @property
    def _frame(self) -> BaseGeometry:
        return box(0, 0, *self.new_wh)

    def _listed(self, points: Any) -> list[list[float]]:
        inside = np.clip(np.array(points, float), 0, self.new_wh).round(2)
        return [[float(x), float(y)] for x, y in inside]
