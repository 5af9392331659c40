"""One road user per two-wheeler: riders and their motorbike or bicycle become one box.

Networks trained on COCO box a rider and the machine apart; the product's own boxes the machine with whoever sits
on it, often twice or thrice in a dense pack: the whole, the machine, the rider. In: boxes of one picture, px. Out: the
same with one box per two-wheeler, riders merged into it or dropped for it. A pedestrian beside, behind or in front of
one stays; geometry alone decides, in parts of the two boxes' own sizes.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.inference.decode import Boxes
from detector.types.classes import ObjectClass

Float = NDArray[np.float32]
Mask = NDArray[np.bool_]


BARE_HEAD = -0.2
"""A rider's head lies so far above the box of a bare machine, in its heights; a box that holds its rider has none."""
AS_GOOD = 0.9
"""Of two boxes on one machine the larger is believed from this share of the better one's score on."""
BELIEVED = 0.25
"""Nobody is dropped for a machine that scores less than this share of their own score: it may be the pedestrian."""
PERSON = int(ObjectClass.PERSON)
IS_MACHINE = np.isin(np.arange(len(ObjectClass)), (ObjectClass.BICYCLE, ObjectClass.MOTORCYCLE))


class Pairs(NamedTuple):
    """Geometry of every box a (rows) against every box b (columns); each (a, b), or broadcasting to it."""

    across: Float
    """Shared width over the narrower of the two widths."""
    inside: Float
    """Part of a that lies in b."""
    sunk: Float
    """Part of a's height that lies between b's upper and lower edge."""
    off_centre: Float
    """Distance of the vertical middles over the wider of the two widths."""
    head: Float
    """a's upper edge below b's upper edge, in heights of b (negative: above)."""
    foot: Float
    """a's lower edge below b's upper edge, in heights of b (1: at b's lower edge)."""
    height: Float
    """a's height over b's."""
    stout: Float
    """a's width over a's height."""


def unite_riders(boxes: Boxes, *, riders_apart: bool) -> Boxes:
    """Boxes with one per two-wheeler and its riders.

    Args:
        boxes: any classes, px of one picture.
        riders_apart: the network boxes riders and machines apart: a rider's box is united with the machine's, which
            keeps its class and score. Otherwise a rider is already in the machine's box and is only dropped.
    """
    if riders_apart:
        boxes = _without_twins(_united(boxes))
    boxes = _each_once(boxes)
    people, machines = _people_and_machines(boxes)
    if not _touching(boxes.xyxy[people], boxes.xyxy[machines]).any():
        return boxes
    pairs = measure(boxes.xyxy[people], boxes.xyxy[machines])
    believed = boxes.score[machines][None, :] >= BELIEVED * boxes.score[people][:, None]
    rides = (sits_within(pairs) | is_upper_half(pairs)) & believed
    return _united(_without(boxes, people[rides.any(axis=1)]))


def sits_on(pairs: Pairs) -> Mask:
    """Person against a machine's box without its rider: legs in it, head above it.

    Someone standing in front reaches below the wheels; someone behind is hidden below the saddle, so that little of
    the box is sunk; someone beside is off centre.
    """
    upright = (pairs.head < BARE_HEAD) & (pairs.foot > 0.35) & (pairs.foot < 1.08)
    astride = (pairs.sunk > 0.3) & (pairs.across > 0.6) & (pairs.off_centre < 0.35)
    return upright & astride & (pairs.height > 0.75) & (pairs.height < 2.5)


def sits_within(pairs: Pairs) -> Mask:
    """Person against a machine's box that holds its rider: fills its height from the head to the pegs.

    Someone behind is smaller and stands higher up in the picture; someone beside sticks out sideways.
    """
    fills = (np.abs(pairs.head) < 0.25) & (pairs.foot > 0.6) & (pairs.foot < 1.04)
    return fills & (pairs.inside > 0.8) & (pairs.off_centre < 0.35)


def is_upper_half(pairs: Pairs) -> Mask:
    """Person against a machine's box that holds its rider: a second box of that rider, down to the waist.

    Its head is the rider's, and it is stouter than anyone who stands behind.
    """
    return (np.abs(pairs.head) < 0.12) & (pairs.inside > 0.85) & (pairs.off_centre < 0.25) & (pairs.stout > 0.55)


def is_boxed_twice(xyxy: Float) -> Mask:
    """(n, n) whether two boxes of two-wheelers show one machine: they share most of their area, or wheels and middle.

    Measured on 1,120 frames of Vietnamese streets labelled by hand: of the pairs that this joins, 99 in a hundred show
    one motorcycle; neighbours in a dense pack stand higher up in the picture or more to the side.
    """
    pairs = measure(xyxy, xyxy)
    sides = xyxy[:, 2:] - xyxy[:, :2]
    area, width = sides.prod(axis=1), sides[:, 0]
    shared = pairs.inside * area[:, None]
    overlap = shared / (area[:, None] + area - shared)
    wheels = (pairs.inside > 0.7) & (np.abs(pairs.foot - 1) < 0.2) & (width[:, None] > 0.55 * width)
    return np.asarray((wheels | wheels.T | (overlap > 0.5)) & (pairs.off_centre < 0.2))


def measure(a: Float, b: Float) -> Pairs:
    """Every box of a (n, 4) against every box of b (m, 4), xyxy px with positive sides."""
    ax1, ay1, ax2, ay2 = (side[:, None] for side in a.T)
    bx1, by1, bx2, by2 = (side[None, :] for side in b.T)
    a_w, a_h, b_w, b_h = ax2 - ax1, ay2 - ay1, bx2 - bx1, by2 - by1
    shared_w = np.maximum(np.minimum(ax2, bx2) - np.maximum(ax1, bx1), 0)
    shared_h = np.maximum(np.minimum(ay2, by2) - np.maximum(ay1, by1), 0)
    return Pairs(
        across=shared_w / np.minimum(a_w, b_w),
        inside=shared_w * shared_h / (a_w * a_h),
        sunk=shared_h / a_h,
        off_centre=np.abs(ax1 + ax2 - bx1 - bx2) / 2 / np.maximum(a_w, b_w),
        head=(ay1 - by1) / b_h,
        foot=(ay2 - by1) / b_h,
        height=a_h / b_h,
        stout=a_w / a_h,
    )


def _touching(a: Float, b: Float) -> Mask:
    """(n, m) whether boxes a and b share a pixel: only then can one belong to the other."""
    low, high = a[:, None], b[None]
    return np.asarray(((low[..., :2] < high[..., 2:]) & (high[..., :2] < low[..., 2:])).all(axis=2))


def _united(boxes: Boxes) -> Boxes:
    """Every rider's box united with that of the one machine it sits on best."""
    people, machines = _people_and_machines(boxes)
    if not _touching(boxes.xyxy[people], boxes.xyxy[machines]).any():
        return boxes
    pairs = measure(boxes.xyxy[people], boxes.xyxy[machines])
    closeness = np.where(sits_on(pairs), pairs.across - pairs.off_centre, -np.inf)
    rides = np.isfinite(closeness).any(axis=1)
    riders, machine_of = people[rides], machines[closeness[rides].argmax(axis=1)]
    xyxy = boxes.xyxy.copy()
    np.minimum.at(xyxy[:, :2], machine_of, boxes.xyxy[riders, :2])
    np.maximum.at(xyxy[:, 2:], machine_of, boxes.xyxy[riders, 2:])
    return _without(boxes._replace(xyxy=xyxy), riders)


def _without_twins(boxes: Boxes) -> Boxes:
    """One box per machine: a box of the bare machine inside that of machine and rider goes, its score stays."""
    machines = _people_and_machines(boxes)[1]
    pairs = measure(boxes.xyxy[machines], boxes.xyxy[machines])
    twin = (pairs.inside > 0.85) & (np.abs(pairs.foot - 1) < 0.15) & (pairs.off_centre < 0.3)
    area = np.prod(boxes.xyxy[machines, 2:] - boxes.xyxy[machines, :2], axis=1)
    rank = np.argsort(np.argsort(-area, kind="stable"), kind="stable")
    twin &= rank[:, None] > rank
    score = boxes.score.copy()
    score[machines] = np.where(twin | np.eye(len(machines), dtype=bool), score[machines, None], 0).max(
        axis=0, initial=0
    )
    return _without(boxes._replace(score=score), machines[twin.any(axis=1)])


def _each_once(boxes: Boxes) -> Boxes:
    """One box per two-wheeler, best score first: its own, or a larger one on the same wheels that scores about as well.

    A much larger box with a poor score holds two neighbours.
    """
    machines = _people_and_machines(boxes)[1]
    # Few pairs share a pixel, and for the others measuring costs ten times as much as asking that.
    machines = machines[_touching(boxes.xyxy[machines], boxes.xyxy[machines]).sum(axis=1) > 1]
    if not len(machines):
        return boxes
    xyxy, score = boxes.xyxy[machines], boxes.score[machines]
    twice = is_boxed_twice(xyxy)
    area = np.prod(xyxy[:, 2:] - xyxy[:, :2], axis=1)
    free = np.ones(len(machines), bool)
    kept = boxes.xyxy.copy()
    doubtful = twice.sum(axis=1) > 1
    for best in (order := np.argsort(-score, kind="stable"))[doubtful[order]]:
        if free[best]:
            same = free & twice[best]
            free &= ~same
            free[best] = True
            whole = same & (score >= AS_GOOD * score[best])
            whole[best] = True
            kept[machines[best]] = xyxy[np.where(whole, area, 0).argmax()]
    return _without(boxes._replace(xyxy=kept), machines[~free])


def _people_and_machines(boxes: Boxes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return (boxes.kind == PERSON).nonzero()[0], IS_MACHINE[boxes.kind].nonzero()[0]


def _without(boxes: Boxes, rows: NDArray[np.intp]) -> Boxes:
    if not len(rows):
        return boxes
    stays = np.ones(len(boxes.kind), bool)
    stays[rows] = False
    return boxes.rows(stays)
