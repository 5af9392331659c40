"""One road user per two-wheeler: riders and their motorbike or bicycle become one box.

Networks trained on COCO box a rider and the machine apart; the product's own boxes the machine with whoever sits
on it. In: boxes of one picture, px. Out: the same with riders merged into, or dropped for, their two-wheeler. A
pedestrian beside, behind or in front of one stays; geometry alone decides, in parts of the two boxes' own sizes.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.inference.decode import Boxes
from detector.types.classes import ObjectClass

Float = NDArray[np.float32]
Mask = NDArray[np.bool_]

TWO_WHEELERS = (ObjectClass.BICYCLE, ObjectClass.MOTORCYCLE)


class _Pairs(NamedTuple):
    """Geometry of every person (rows) against every two-wheeler (columns)."""

    person_wh: tuple[Float, Float]
    """(p, 1) each."""
    machine_wh: tuple[Float, Float]
    """(1, m) each."""
    across: Float
    """Shared width over the narrower of the two widths."""
    inside: Float
    """Part of the person's box that lies in the machine's."""
    sunk: Float
    """Part of the person's height that lies below the machine's upper edge and above its lower."""
    off_centre: Float
    """Distance of the vertical middles over the wider of the two widths."""
    head: Float
    """Person's upper edge below the machine's upper edge, in machine heights (negative: above)."""
    foot: Float
    """The same of the person's lower edge: 0 at the machine's upper, 1 at its lower edge."""


def unite_riders(boxes: Boxes, *, riders_apart: bool) -> Boxes:
    """Boxes with one per two-wheeler and its riders.

    Args:
        boxes: any classes, px of one picture.
        riders_apart: the network boxes riders and machines apart: a rider's box is united with the machine's, which
            keeps its class and score. Otherwise a rider is already in the machine's box and is only dropped.
    """
    people = np.flatnonzero(boxes.kind == ObjectClass.PERSON)
    machines = np.flatnonzero(np.isin(boxes.kind, TWO_WHEELERS))
    if len(people) == 0 or len(machines) == 0:
        return boxes
    pairs = _pairs(boxes.xyxy[people], boxes.xyxy[machines])
    rides = _sits_within(pairs) | (_sits_on(pairs) if riders_apart else np.False_)
    closeness = np.where(rides, pairs.across - pairs.off_centre, -np.inf)
    machine_of = closeness.argmax(axis=1)
    riding = rides.any(axis=1)
    xyxy = boxes.xyxy.copy()
    if riders_apart:
        _unite(xyxy, people[riding], machines[machine_of[riding]])
    stays = np.ones(len(boxes.kind), bool)
    stays[people[riding]] = False
    return Boxes(xyxy, boxes.score, boxes.kind).rows(stays)


def _unite(xyxy: Float, riders: NDArray[np.intp], machines: NDArray[np.intp]) -> None:
    low, high = xyxy[:, :2], xyxy[:, 2:]
    np.minimum.at(low, machines, low[riders])
    np.maximum.at(high, machines, high[riders])


def _sits_on(pairs: _Pairs) -> Mask:
    """A machine's box without its rider, and a person whose legs are in it and whose head is above it.

    Someone standing in front reaches below the wheels; someone walking behind is hidden below the saddle, so that
    little of the box is sunk; someone beside is off centre.
    """
    size = pairs.person_wh[1] / pairs.machine_wh[1]
    upright = (pairs.head < 0.15) & (pairs.foot > 0.35) & (pairs.foot < 1.08)
    return upright & (pairs.sunk > 0.3) & (pairs.across > 0.6) & (pairs.off_centre < 0.35) & (size > 0.5) & (size < 2.5)


def _sits_within(pairs: _Pairs) -> Mask:
    """A machine's box that already holds its rider, and a person who fills its height from the head to the pegs.

    Someone walking behind is smaller and stands higher up in the picture; someone beside sticks out sideways.
    """
    fills = (np.abs(pairs.head) < 0.25) & (pairs.foot > 0.6) & (pairs.foot < 1.04)
    return fills & (pairs.inside > 0.8) & (pairs.off_centre < 0.35)


def _pairs(people: Float, machines: Float) -> _Pairs:
    px1, py1, px2, py2 = (side[:, None] for side in people.T)
    mx1, my1, mx2, my2 = (side[None, :] for side in machines.T)
    person_wh, machine_wh = (px2 - px1, py2 - py1), (mx2 - mx1, my2 - my1)
    shared_w = np.maximum(np.minimum(px2, mx2) - np.maximum(px1, mx1), 0)
    shared_h = np.maximum(np.minimum(py2, my2) - np.maximum(py1, my1), 0)
    return _Pairs(
        person_wh=person_wh,
        machine_wh=machine_wh,
        across=shared_w / np.minimum(person_wh[0], machine_wh[0]),
        inside=shared_w * shared_h / (person_wh[0] * person_wh[1]),
        sunk=shared_h / person_wh[1],
        off_centre=np.abs(px1 + px2 - mx1 - mx2) / 2 / np.maximum(person_wh[0], machine_wh[0]),
        head=(py1 - my1) / machine_wh[1],
        foot=(py2 - my1) / machine_wh[1],
    )
