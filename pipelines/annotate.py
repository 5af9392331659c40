"""Copies of stills with the zone, the offender and the path drawn in; the originals are never touched."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from detector.scene import Scene
from detector.types import Finding
from pipelines.video.source import Image

Box = tuple[float, float, float, float]
Point = tuple[float, float]
ZONE_BGR = (0, 200, 255)
OFFENDER_BGR = (40, 40, 255)
PATH_BGR = (255, 220, 0)
TEXT_BGR = (255, 255, 255)


def annotated(image: Image, *, scene: Scene, finding: Finding, xyxy: Box | None, caption: str) -> Image:
    """A copy with the rule's zone or gates, the offender's box and path, and an ASCII caption in a strip below."""
    copy = image.copy()
    unit = max(round(max(copy.shape[:2]) / 640), 1)
    for line in _zone_lines(scene, finding.zone_id):
        _polyline(copy, line, ZONE_BGR, unit)
    for start, end in _directions(scene, finding.zone_id):
        cv2.arrowedLine(copy, _pixel(start), _pixel(end), ZONE_BGR, 2 * unit, cv2.LINE_AA, tipLength=0.1)
    feet = [((row[1] + row[3]) / 2, row[4]) for row in finding.path]
    _polyline(copy, feet, PATH_BGR, unit)
    if xyxy is not None:
        x1, y1, x2, y2 = (round(side) for side in xyxy)
        cv2.rectangle(copy, (x1, y1), (x2, y2), OFFENDER_BGR, 2 * unit)
    return _captioned(copy, caption, unit)


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
    for turn in scene.turns:
        if turn.id == zone_id:
            yield turn.enter
            yield turn.leave


def _directions(scene: Scene, zone_id: str) -> Iterable[tuple[Point, Point]]:
    return (zone.direction for zone in scene.zones if zone.id == zone_id and zone.direction)


def _pixel(point: Point) -> tuple[int, int]:
    return round(point[0]), round(point[1])


def _polyline(image: Image, points: Sequence[tuple[float, float]], colour: tuple[int, int, int], unit: int) -> None:
    if len(points) > 1:
        cv2.polylines(image, [np.round(np.array(points)).astype(np.int32)], False, colour, unit, cv2.LINE_AA)


def _captioned(image: Image, text: str, unit: int) -> Image:
    """The picture with a strip under it, so that the caption covers nothing of the street."""
    strip = np.zeros((16 * unit, image.shape[1], 3), np.uint8)
    place = (4 * unit, 11 * unit)
    cv2.putText(strip, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.35 * unit, TEXT_BGR, unit, cv2.LINE_AA)
    return np.vstack([image, strip])
