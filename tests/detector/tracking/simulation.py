"""Dense street traffic with exact identities, as a detector with human failings would report it.

A pinhole camera 6 m above a road plane; motorbikes, cars and buses follow smooth courses; boxes jitter, far and
hidden objects are missed for a while, neighbours suppress one another, things that are not there appear. Everything
comes from one seed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.tracking.boxes import covered_share, iou
from detector.types import Detections, ObjectClass

Float = NDArray[np.float64]
SIZE_WH = (1280, 720)
FOCAL_PX, CAMERA_M, HORIZON_PX = 1000.0, 6.0, 60.0
SHAPES_M = {
    ObjectClass.MOTORCYCLE: (0.8, 1.9, 1.65),
    ObjectClass.CAR: (1.8, 4.4, 1.5),
    ObjectClass.BUS: (2.5, 9.0, 3.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One road user: its place (x across, y away from the camera, metres) at times; NaN while absent."""

    kind: ObjectClass
    xy_m: Float
    look: Float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What was there and what was reported at one time."""

    t_s: float
    ids: NDArray[np.intp]
    xyxy_px: Float
    detections: Detections


def boxes_px(kind: ObjectClass, xy_m: Float, heading: Float) -> Float:
    """(t, 4) boxes of a road user at (t, 2) places with (t,) headings (rad, 0 = across)."""
    width, length, height = SHAPES_M[kind]
    depth = np.maximum(xy_m[:, 1], 3.0)
    across = np.abs(np.cos(heading)) * length + np.abs(np.sin(heading)) * width
    scale = FOCAL_PX / depth
    x, y = SIZE_WH[0] / 2 + xy_m[:, 0] * scale, HORIZON_PX + CAMERA_M * scale
    return np.column_stack([x - across * scale / 2, y - height * scale, x + across * scale / 2, y + 0.15 * scale])


def look(rng: np.random.Generator) -> Float:
    """(48,) a road user's colours: mostly greys, as in a street, with some shading over the box."""
    base = np.repeat(rng.uniform(30, 210), 3) if rng.random() < 0.6 else rng.uniform(20, 220, 3)
    return np.clip(np.tile(base, (16, 1)) + rng.normal(0, 22, (16, 1)) + rng.normal(0, 6, (16, 3)), 0, 255).reshape(-1)


def crossing(seed: int, *, duration_s: float = 30.0, rate_hz: float = 30.0) -> tuple[Float, list[Course]]:
    """Two dense streams that weave through each other, as at a junction without signals."""
    rng = np.random.default_rng(seed)
    t_s = np.arange(0, duration_s, 1 / rate_hz)
    courses = []
    for toward, gap_s in ((True, 0.45), (False, 0.55)):
        starts_s = np.cumsum(rng.exponential(gap_s, int(duration_s / gap_s)))
        courses += [_cross(rng, t_s, start_s, toward) for start_s in starts_s]
    return t_s, courses


def _cross(rng: np.random.Generator, t_s: Float, start_s: float, toward: bool) -> Course:
    kind = ObjectClass.CAR if rng.random() < 0.12 else ObjectClass.MOTORCYCLE
    travelled = _travel(rng, t_s - start_s, rng.uniform(4, 9))
    lane = rng.uniform(-5, 5) + 0.5 * np.sin(rng.uniform(0.3, 0.9) * t_s + rng.uniform(0, 6))
    if toward:
        xy = np.column_stack([lane, 55 - travelled])
        gone = (xy[:, 1] < 9) | (t_s < start_s)
    else:
        sign = 1.0 if rng.random() < 0.5 else -1.0
        xy = np.column_stack([sign * (travelled - 25), 24 + lane])
        gone = (np.abs(xy[:, 0]) > 24) | (t_s < start_s)
    return Course(kind=kind, xy_m=np.where(gone[:, None], np.nan, xy), look=look(rng))


def _travel(rng: np.random.Generator, since_s: Float, speed_mps: float) -> Float:
    wave = speed_mps * 0.35 * np.sin(rng.uniform(0.4, 1.0) * since_s + rng.uniform(0, 6))
    step = np.diff(since_s, prepend=since_s[0])
    return np.cumsum(np.where(since_s > 0, np.maximum(speed_mps + wave, 0.3) * step, 0.0))


def platoon(seed: int, *, duration_s: float = 30.0, rate_hz: float = 30.0) -> tuple[Float, list[Course]]:
    """A queue at a red light that sets off: standing rows of motorbikes, then everybody at once."""
    rng = np.random.default_rng(seed)
    t_s = np.arange(0, duration_s, 1 / rate_hz)
    courses = []
    for row in range(9):
        for lane in np.arange(-5.5, 5.6, 1.4):
            kind = ObjectClass.CAR if rng.random() < 0.06 else ObjectClass.MOTORCYCLE
            place = np.array([lane + rng.normal(0, 0.15), 18 + row * 2.6 + rng.normal(0, 0.3)])
            go_s = 10 + row * 0.5 + rng.exponential(0.4)
            travelled = _set_off(t_s - go_s, rng.uniform(1.2, 2.4), rng.uniform(5, 9))
            xy = np.column_stack([np.full(len(t_s), place[0]), place[1] - travelled])
            xy[:, 0] += travelled * rng.normal(0, 0.03)
            courses.append(Course(kind=kind, xy_m=np.where(xy[:, 1:] < 9, np.nan, xy), look=look(rng)))
    return t_s, courses


def _set_off(since_s: Float, accel_mps2: float, speed_mps: float) -> Float:
    since_s = np.maximum(since_s, 0.0)
    ramp_s = speed_mps / accel_mps2
    return np.where(since_s < ramp_s, accel_mps2 * since_s**2 / 2, speed_mps * (since_s - ramp_s / 2))


def kerbside(seed: int, *, duration_s: float = 90.0, rate_hz: float = 30.0) -> tuple[Float, list[Course]]:
    """Parked rows at the far kerb, hidden again and again by buses and cars passing across the picture."""
    rng = np.random.default_rng(seed)
    t_s = np.arange(0, duration_s, 1 / rate_hz)
    courses = []
    for x in np.arange(-11, 12, 1.5):
        kind = ObjectClass.CAR if rng.random() < 0.15 else ObjectClass.MOTORCYCLE
        xy = np.tile([x + rng.normal(0, 0.1), 26 + rng.normal(0, 0.2)], (len(t_s), 1))
        courses.append(Course(kind=kind, xy_m=xy, look=look(rng)))
    for start_s in np.cumsum(rng.exponential(1.2, int(duration_s / 1.2))):
        kind = rng.choice(np.array([ObjectClass.BUS, ObjectClass.CAR, ObjectClass.MOTORCYCLE]), p=[0.15, 0.25, 0.6])
        travelled = _travel(rng, t_s - start_s, rng.uniform(3, 9))
        xy = np.column_stack([travelled - 22, np.full(len(t_s), rng.uniform(17, 22))])
        gone = (np.abs(xy[:, 0]) > 21.9) | (t_s < start_s)
        courses.append(Course(kind=ObjectClass(kind), xy_m=np.where(gone[:, None], np.nan, xy), look=look(rng)))
    return t_s, courses


SCENARIOS = {"crossing": crossing, "platoon": platoon, "kerbside": kerbside}


def observe(t_s: Float, courses: list[Course], *, fps: float, seed: int) -> list[Moment]:
    """The scene at `fps`, with the detector's failings."""
    rng = np.random.default_rng(seed + 1000)
    boxes = np.stack([boxes_px(course.kind, course.xy_m, _heading(course.xy_m)) for course in courses])
    kinds = np.array([course.kind for course in courses])
    looks = np.stack([course.look for course in courses])
    every = max(round(1 / (t_s[1] - t_s[0]) / fps), 1)
    weak = np.zeros(len(courses))
    moments = []
    for frame in range(0, len(t_s), every):
        weak = 0.75 * weak + rng.normal(0, 0.1, len(courses))
        moments.append(_moment(rng, float(t_s[frame]), boxes[:, frame], kinds, looks, weak))
    return moments


def _heading(xy_m: Float) -> Float:
    step = np.diff(np.nan_to_num(xy_m), axis=0, append=np.nan_to_num(xy_m[-1:]))
    moved = np.nan_to_num(xy_m[-1] - xy_m[0])
    still = np.hypot(step[:, 0], step[:, 1]) < 1e-6
    return np.where(
        still, np.pi / 2 if np.allclose(moved, 0) or abs(moved[1]) > 0 else 0.0, np.arctan2(step[:, 1], step[:, 0])
    )


def _moment(
    rng: np.random.Generator, t_s: float, boxes: Float, kinds: NDArray[np.intp], looks: Float, weak: Float
) -> Moment:
    there = np.flatnonzero(np.isfinite(boxes).all(axis=1) & _in_picture(boxes))
    box = boxes[there]
    hidden = _hidden_share(box)
    size = np.sqrt((box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]))
    score = 0.78 - 0.6 * hidden - 0.25 * np.exp(-size / 30) + weak[there] + rng.normal(0, 0.07, len(there))
    noisy = box + rng.normal(0, 0.03, box.shape) * size[:, None] * (1 + 2 * hidden[:, None])
    seen = (score > 0.1) & (rng.random(len(there)) > 0.04) & (hidden < 0.75)
    seen[seen] = _survives(noisy[seen], score[seen])
    colours = looks[there] * rng.normal(1, 0.03, (len(there), 1)) + rng.normal(0, 6, (len(there), 48))
    colours = colours * (1 - 0.6 * hidden[:, None]) + 90 * 0.6 * hidden[:, None]
    kind = kinds[there].copy()
    swap = (kind == ObjectClass.CAR) & (rng.random(len(kind)) < 0.1)
    kind[swap] = ObjectClass.TRUCK
    return Moment(
        t_s=t_s, ids=there, xyxy_px=box, detections=_report(rng, noisy[seen], score[seen], kind[seen], colours[seen])
    )


def _report(rng: np.random.Generator, boxes: Float, score: Float, kind: NDArray[np.intp], colours: Float) -> Detections:
    extra = rng.poisson(0.3)
    side = rng.uniform(20, 60, (extra, 2))
    corner = rng.uniform((0, 150), SIZE_WH, (extra, 2))
    return Detections(
        xyxy=np.concatenate([boxes, np.column_stack([corner, corner + side])]).astype(np.float32),
        score=np.clip(np.concatenate([score, rng.uniform(0.1, 0.5, extra)]), 0.1, 0.95).astype(np.float32),
        kind=np.concatenate([kind, np.full(extra, ObjectClass.MOTORCYCLE)]).astype(np.uint8),
        appearance=np.clip(np.concatenate([colours, rng.uniform(0, 255, (extra, 48))]), 0, 255).astype(np.uint8),
    )


def _in_picture(boxes: Float) -> NDArray[np.bool_]:
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    return np.asarray(((centre > 0) & (centre < SIZE_WH)).all(axis=1))


def _hidden_share(boxes: Float) -> Float:
    """(n,) share of each box behind the one nearer object that hides most of it."""
    if not len(boxes):
        return np.zeros(0)
    nearer = boxes[None, :, 3] > boxes[:, None, 3] + 2
    return np.asarray(np.where(nearer, covered_share(boxes, boxes), 0.0).max(axis=1))


def _survives(boxes: Float, score: Float) -> NDArray[np.bool_]:
    """Non-maximum suppression at an overlap of 0.6."""
    kept = np.zeros(len(score), bool)
    overlap = iou(boxes, boxes)
    for row in np.argsort(-score):
        kept[row] = not (kept & (overlap[row] > 0.6)).any()
    return kept
