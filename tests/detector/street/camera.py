"""A camera over the street and a detector with human failings: courses in, detections as a lane gets them out.

A pinhole camera 6 m above the road. Failings, all from one seed: jitter, misses, bursts of misses, flips of class,
neighbours that suppress one another or melt into one box, false boxes, a swaying pole, uneven times.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.tracking.boxes import covered_share, iou
from detector.types import Detections, FrameStamp, ObjectClass
from tests.builders import stamp
from tests.detector.street.traffic import STEP_S, Course, Float

SIZE_WH = (1280, 720)
FOCAL_PX, CAMERA_M, HORIZON_PX = 1000.0, 6.0, 60.0
SHAPES_M = {
    ObjectClass.PERSON: (0.55, 0.5, 1.68),
    ObjectClass.BICYCLE: (0.6, 1.7, 1.65),
    ObjectClass.MOTORCYCLE: (0.75, 1.9, 1.6),
    ObjectClass.CAR: (1.8, 4.4, 1.5),
    ObjectClass.TRUCK: (2.2, 6.5, 2.7),
    ObjectClass.OBJECT: (1.6, 1.0, 0.9),
}
CONFUSED = {
    ObjectClass.CAR: ObjectClass.TRUCK,
    ObjectClass.TRUCK: ObjectClass.CAR,
    ObjectClass.BICYCLE: ObjectClass.MOTORCYCLE,
    ObjectClass.MOTORCYCLE: ObjectClass.PERSON,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failings:
    """How badly the street is seen.

    Attributes:
        fps: looks a second.
        time_jitter_s: spread of the looks' times.
        jitter_sizes: spread of each side of a box, box sizes.
        missed: share of boxes missed at random.
        bursts_hz: how often a minute a road user goes unseen for 0.2 to 2 s, per second.
        flipped: share of boxes with a class that is easily confused.
        melted: share of pairs of near two-wheelers seen as one box.
        false_boxes: boxes where nothing is, per look.
        sway_px: how far the pole sways.
    """

    fps: float = 5.0
    time_jitter_s: float = 0.0
    jitter_sizes: float = 0.03
    missed: float = 0.04
    bursts_hz: float = 0.05
    flipped: float = 0.05
    melted: float = 0.2
    false_boxes: float = 0.2
    sway_px: float = 0.0


def px(xy_m: tuple[float, float]) -> tuple[float, float]:
    """A point of the road in the picture's plane."""
    x, y = xy_m
    scale = FOCAL_PX / y
    return round(SIZE_WH[0] / 2 + x * scale, 1), round(HORIZON_PX + CAMERA_M * scale, 1)


def boxes_px(course: Course) -> Float:
    """(t, 4) boxes of a road user, clipped to the picture; NaN while it is out of it."""
    width, length, height = SHAPES_M[course.kind]
    depth = np.maximum(course.xy_m[:, 1], 4.0)
    across = np.abs(np.cos(course.heading)) * length + np.abs(np.sin(course.heading)) * width
    scale = FOCAL_PX / depth
    x, y = SIZE_WH[0] / 2 + course.xy_m[:, 0] * scale, HORIZON_PX + CAMERA_M * scale
    box = np.column_stack([x - across * scale / 2, y - height * scale, x + across * scale / 2, y])
    clipped = np.clip(box, 0, np.tile(SIZE_WH, 2))
    sides = clipped[:, 2:] - clipped[:, :2]
    whole = (box[:, 2:] - box[:, :2]).prod(axis=1)
    seen = (sides.prod(axis=1) > 0.35 * whole) & (sides.min(axis=1) > 9)
    return np.where(seen[:, None], clipped, np.nan)


def looks_at(courses: list[Course], failings: Failings, seed: int) -> Iterator[tuple[FrameStamp, Detections]]:
    """What a detector reports about the street, look by look."""
    rng = np.random.default_rng([seed, 77])
    boxes = np.stack([boxes_px(course) for course in courses])
    kinds = np.array([course.kind for course in courses])
    colours = np.stack([course.look for course in courses])
    weak, unseen_s = np.zeros(len(courses)), np.zeros(len(courses))
    last_s = -1.0
    for index in range(int(boxes.shape[1] * STEP_S * failings.fps)):
        t_s = max(index / failings.fps + rng.normal(0, failings.time_jitter_s), last_s + 0.01, 0.0)
        frame = min(round(t_s / STEP_S), boxes.shape[1] - 1)
        weak = 0.75 * weak + rng.normal(0, 0.08, len(courses))
        bursts = (unseen_s <= 0) & (rng.random(len(courses)) < failings.bursts_hz / failings.fps)
        unseen_s = np.where(bursts, rng.uniform(0.2, 2.0, len(courses)), unseen_s - (t_s - last_s))
        there = np.flatnonzero(np.isfinite(boxes[:, frame]).all(axis=1))
        sway = failings.sway_px * np.array([np.sin(t_s / 3.1), np.sin(t_s / 2.3)])
        here = there[unseen_s[there] <= 0]
        yield (
            stamp(float(t_s), index=index),
            _report(rng, boxes[here, frame] + np.tile(sway, 2), kinds[here], colours[here], weak[here], failings),
        )
        last_s = t_s


def _report(
    rng: np.random.Generator,
    boxes: Float,
    kinds: NDArray[np.intp],
    colours: Float,
    weak: Float,
    failings: Failings,
) -> Detections:
    nearer = boxes[None, :, 3] > boxes[:, None, 3] + 2
    hidden = np.where(nearer, covered_share(boxes, boxes), 0.0).max(axis=1, initial=0.0)
    size = np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(axis=1))
    score = 0.75 - 0.6 * hidden - 0.25 * np.exp(-size / 30) + weak + rng.normal(0, 0.06, len(boxes))
    noisy = boxes + rng.normal(0, failings.jitter_sizes, boxes.shape) * size[:, None] * (1 + 2 * hidden[:, None])
    seen = (score > 0.1) & (hidden < 0.75) & (rng.random(len(boxes)) > failings.missed)
    kind = _flipped(rng, kinds, failings.flipped)
    noisy, seen = _melted(rng, noisy, kind, seen, failings.melted)
    seen[seen] = _survives(noisy[seen], score[seen])
    shade = np.clip(colours * rng.normal(1, 0.03, (len(boxes), 1)) * (1 - 0.5 * hidden[:, None]), 0, 255)
    extra = rng.poisson(failings.false_boxes)
    corner, side = rng.uniform((0, 150), SIZE_WH, (extra, 2)), rng.uniform(20, 60, (extra, 2))
    return Detections(
        xyxy=np.concatenate([noisy[seen], np.column_stack([corner, corner + side])]).astype(np.float32),
        score=np.clip(np.concatenate([score[seen], rng.uniform(0.1, 0.5, extra)]), 0.1, 0.95).astype(np.float32),
        kind=np.concatenate([kind[seen], np.full(extra, ObjectClass.MOTORCYCLE)]).astype(np.uint8),
        appearance=np.concatenate([shade[seen], rng.uniform(0, 255, (extra, 48))]).astype(np.uint8),
    )


def _flipped(rng: np.random.Generator, kinds: NDArray[np.intp], share: float) -> NDArray[np.intp]:
    flips = rng.random(len(kinds)) < share
    other = np.array([CONFUSED.get(ObjectClass(kind), ObjectClass(kind)) for kind in kinds], np.intp)
    return np.where(flips, other, kinds)


def _melted(
    rng: np.random.Generator, boxes: Float, kind: NDArray[np.intp], seen: NDArray[np.bool_], share: float
) -> tuple[Float, NDArray[np.bool_]]:
    """Near two-wheelers become one box now and then, the hull of both."""
    boxes, seen = boxes.copy(), seen.copy()
    two = np.isin(kind, [ObjectClass.MOTORCYCLE, ObjectClass.BICYCLE]) & seen
    rows, columns = np.nonzero(np.triu((iou(boxes, boxes) > 0.25) & two[:, None] & two[None], 1))
    for a, b in zip(rows.tolist(), columns.tolist(), strict=True):
        if seen[a] and seen[b] and rng.random() < share:
            boxes[a] = np.concatenate([np.minimum(boxes[a, :2], boxes[b, :2]), np.maximum(boxes[a, 2:], boxes[b, 2:])])
            seen[b] = False
    return boxes, seen


def _survives(boxes: Float, score: Float) -> NDArray[np.bool_]:
    """Non-maximum suppression at an overlap of 0.6."""
    kept = np.zeros(len(score), bool)
    overlap = iou(boxes, boxes)
    for row in np.argsort(-score):
        kept[row] = not (kept & (overlap[row] > 0.6)).any()
    return kept
