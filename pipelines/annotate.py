"""Copies of stills with the zone, the offender and the path drawn in; the originals are never touched."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from detector.scene import Scene
from detector.types import Finding
from pipelines.video.source import Image

Box = tuple[float, float, float, float]
ZONE_BGR = (0, 200, 255)
OFFENDER_BGR = (40, 40, 255)
PATH_BGR = (255, 220, 0)
TEXT_BGR = (255, 255, 255)


def annotated(image: Image, *, scene: Scene, finding: Finding, xyxy: Box | None, caption: str) -> Image:
    """A copy with the rule's zone or gates, the offender's box and path, and an ASCII caption at the foot."""
    copy = image.copy()
    unit = max(round(max(copy.shape[:2]) / 640), 1)
    for line in _zone_lines(scene, finding.zone_id):
        _polyline(copy, line, ZONE_BGR, unit)
    feet = [((row[1] + row[3]) / 2, row[4]) for row in finding.path]
    _polyline(copy, feet, PATH_BGR, unit)
    if xyxy is not None:
        x1, y1, x2, y2 = (round(side) for side in xyxy)
        cv2.rectangle(copy, (x1, y1), (x2, y2), OFFENDER_BGR, 2 * unit)
    _caption(copy, caption, unit)
    return copy


def cropped(image: Image, xyxy: Box, *, margin: float = 0.2) -> Image:
    """The vehicle with a margin of its own size around it, clipped to the picture."""
    height, width = image.shape[:2]
    x1, y1, x2, y2 = xyxy
    dx, dy = (x2 - x1) * margin, (y2 - y1) * margin
    left, top = int(np.clip(x1 - dx, 0, width - 2)), int(np.clip(y1 - dy, 0, height - 2))
    right, bottom = int(np.clip(x2 + dx, left + 2, width)), int(np.clip(y2 + dy, top + 2, height))
    return image[top:bottom, left:right]


def _zone_lines(scene: Scene, zone_id: str) -> Iterable[Sequence[tuple[float, float]]]:
    for zone in scene.zones:
        if zone.id == zone_id:
            yield [*zone.polygon, zone.polygon[0]]
            if zone.direction:
                yield zone.direction
    for turn in scene.turns:
        if turn.id == zone_id:
            yield turn.enter
            yield turn.leave


def _polyline(image: Image, points: Sequence[tuple[float, float]], colour: tuple[int, int, int], unit: int) -> None:
    if len(points) > 1:
        cv2.polylines(image, [np.round(np.array(points)).astype(np.int32)], False, colour, unit, cv2.LINE_AA)


def _caption(image: Image, text: str, unit: int) -> None:
    height = image.shape[0]
    cv2.rectangle(image, (0, height - 16 * unit), (image.shape[1], height), (0, 0, 0), -1)
    place = (4 * unit, height - 5 * unit)
    cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.35 * unit, TEXT_BGR, unit, cv2.LINE_AA)
