"""Several looks at one picture brought together: where they agree a box is likely, and lies where they say on average.

Weighted boxes fusion (Solovyev, Wang and Gabruseva, Weighted boxes fusion: ensembling boxes from different object
detection models, 2021): boxes of one class that overlap are one thing; its place is their mean weighted by score, its
score their mean over all looks that tell of its class, so that what only some saw counts for less. A thing that looks
disagree about, a car or a truck, is told as either, each by its own share.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from detector.types.classes import ObjectClass
from detector.types.detections import Detections

SAME_IOU = 0.55
"""Boxes of one class and of two looks that overlap as much are one thing (the paper's own)."""

Float = NDArray[np.float32]


def fuse(looks: Sequence[Detections], *, silent: Sequence[Collection[ObjectClass]] = ()) -> Detections:
    """The things that some of the looks saw, likeliest first, without appearance.

    Args:
        looks: at one picture, in the same px, their scores probabilities; at least one.
        silent: of each look the classes it is not asked about; empty where every look is asked about all.

    Raises:
        ValueError: there is no look, or `silent` is not as long.
    """
    if not looks:
        raise ValueError("looks: expected at least one, got none")
    left_out = silent or [()] * len(looks)
    found = _Found(len(looks))
    for one in _best_first(looks, left_out):
        found.add(*one)
    asked = [sum(kind not in kinds for kinds in left_out) for kind in ObjectClass]
    return found.told(np.array(asked, np.float32))


def _best_first(
    looks: Sequence[Detections], silent: Sequence[Collection[ObjectClass]]
) -> list[tuple[Float, float, int, int]]:
    """Box, score, class and look of everything seen that is asked about."""
    rows = [
        (box, float(score), int(kind), number)
        for number, (seen, kinds) in enumerate(zip(looks, silent, strict=True))
        for box, score, kind in zip(seen.xyxy, seen.score, seen.kind, strict=True)
        if kind not in kinds
    ]
    return sorted(rows, key=lambda row: -row[1])


class _Found:
    """Things so far: their place, their boxes' scores, and which look has had its say about them."""

    def __init__(self, looks: int) -> None:
        self._looks = looks
        self._xyxy = np.zeros((0, 4), np.float32)
        self._kind = np.zeros(0, np.uint8)
        self._sum = np.zeros(0, np.float32)
        self._seen_by = np.zeros((0, looks), bool)

    def add(self, box: Float, score: float, kind: int, look: int) -> None:
        """One look's box: part of the thing it overlaps most, if that look has not told it yet, else a new one."""
        open_to = (self._kind == kind) & ~self._seen_by[:, look]
        overlap = np.where(open_to, _iou(self._xyxy, box), 0.0)
        at = int(overlap.argmax()) if len(overlap) else 0
        if len(overlap) and overlap[at] >= SAME_IOU:
            total = self._sum[at] + score
            self._xyxy[at] += (box - self._xyxy[at]) * (score / total if total else 0.5)
            self._sum[at] = total
            self._seen_by[at, look] = True
            return
        self._xyxy = np.vstack((self._xyxy, box))
        self._kind = np.append(self._kind, np.uint8(kind))
        self._sum = np.append(self._sum, np.float32(score))
        self._seen_by = np.vstack((self._seen_by, np.arange(self._looks) == look))

    def told(self, asked: Float) -> Detections:
        """All of it; `asked` is how many looks tell of each class."""
        score = self._sum / asked[self._kind]
        order = np.argsort(-score, kind="stable")
        return Detections(xyxy=self._xyxy[order], score=score[order], kind=self._kind[order])


def _iou(boxes: Float, box: Float) -> Float:
    """Overlap (n,) of boxes (n, 4) with one (4,)."""
    low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) + np.prod(box[2:] - box[:2])
    return np.asarray(shared / np.maximum(areas - shared, 1e-9), np.float32)
