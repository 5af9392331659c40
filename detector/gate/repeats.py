"""Whether a picture is news, or one that was shown before: what a source sends that hangs.

A camera's pictures differ from each other by noise, however still the street: at the latest when the next keyframe
codes that noise anew, many cells have changed by a level or some by more. An encoder whose source hangs codes one
picture again and again, and each is nearly one of those before. In: luma of cells, picture by picture. Out: the gate's
memory with it noted.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from detector.gate.memory import GateMemory

KEPT = 12
"""Pictures a new one is compared with: an encoder sends a still one in a few versions between its keyframes."""
SAME_LEVELS, SAME_SHARE = 1, 0.02
"""No cell of a picture that is sent again differs by more levels, and no larger share of the cells at all."""
SPARSE = 7
"""Every so many cells both ways are compared first: pictures of a street that moves differ in those already."""


def with_picture(memory: GateMemory, luma: NDArray[np.uint8]) -> GateMemory:
    """The memory after one more picture, (rows, columns) mean luma of cells."""
    if memory.shown:
        # All of them at once: a street that moves differs from each in the few cells compared first.
        sparse = np.stack([shown[::SPARSE, ::SPARSE] for shown in memory.shown])
        alike = _apart(sparse, luma[::SPARSE, ::SPARSE]).max(axis=(1, 2), initial=0) <= SAME_LEVELS
        if any(same_picture(luma, memory.shown[number]) for number in np.flatnonzero(alike)):
            return memory
    return replace(memory, shown=(*memory.shown, luma)[-KEPT:], news=True)


def same_picture(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Whether two pictures, (rows, columns) mean luma of some 160 columns, are one that was sent twice."""
    if _apart(one[::SPARSE, ::SPARSE], other[::SPARSE, ::SPARSE]).max(initial=0) > SAME_LEVELS:
        return False
    apart = _apart(one, other)
    return int(apart.max(initial=0)) <= SAME_LEVELS and int(np.count_nonzero(apart)) <= SAME_SHARE * apart.size


def _apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.maximum(one, other) - np.minimum(one, other)
