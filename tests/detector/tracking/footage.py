"""Real street footage for the comparison: cached detections, thinning by time, and reference identities.

Nobody has labelled identities. The reference is made at the footage's full rate, where every tracker has it easy:
only stretches on which two independent libraries agree count, so it says nothing about what either of them lost.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.tracking.boxes import iou
from detector.types import Detections
from tests.detector.tracking.peers import Maker

AGREE_IOU = 0.7
LEAST_FRAMES = 15
Frames = list[tuple[float, Detections]]
Truth = dict[float, tuple[NDArray[np.intp], NDArray[np.float64]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """Detections of every frame of one clip."""

    name: str
    size_wh: tuple[int, int]
    frames: Frames

    @property
    def fps(self) -> float:
        return (len(self.frames) - 1) / (self.frames[-1][0] - self.frames[0][0])


def load(path: Path) -> Footage:
    """A clip cached by `measure.py`: t (f,), rows (n, 7) frame, xyxy, score, kind; app (n, 48); size (2,)."""
    data = np.load(path)
    rows, looks, t_s = data["rows"], data["app"], data["t"]
    starts = np.searchsorted(rows[:, 0], np.arange(len(t_s) + 1))
    frames = [
        (float(t_s[i]), _detections(rows[starts[i] : starts[i + 1]], looks[starts[i] : starts[i + 1]]))
        for i in range(len(t_s))
    ]
    return Footage(name=path.stem, size_wh=(int(data["size"][0]), int(data["size"][1])), frames=frames)


def _detections(rows: NDArray[np.float32], looks: NDArray[np.uint8]) -> Detections:
    return Detections(xyxy=rows[:, 1:5], score=rows[:, 5], kind=rows[:, 6].astype(np.uint8), appearance=looks)


def thin(frames: Frames, fps: float) -> Frames:
    """The frames nearest to a regular grid of `fps`, never two of one grid step."""
    grid = np.array([t_s for t_s, _ in frames]) * fps + 1e-6
    first = np.unique(np.floor(grid), return_index=True)[1]
    return [frames[i] for i in first]


def reference(clip: Footage, one: Maker, other: Maker) -> Truth:
    """Per time of the full-rate clip: identities and boxes on which both trackers agree."""
    both = [_run(clip, maker) for maker in (one, other)]
    together = [_pairs(a, b) for a, b in zip(*both, strict=True)]
    count = Counter(pair for pairs in together for pair, _ in pairs)
    partner_a, partner_b = _best(count, 0), _best(count, 1)
    good = {
        pair: number
        for number, pair in enumerate(sorted(count))
        if count[pair] >= LEAST_FRAMES and partner_a[pair[0]] == pair and partner_b[pair[1]] == pair
    }
    truth: Truth = {}
    for (t_s, _), pairs in zip(clip.frames, together, strict=True):
        rows = [(good[pair], box) for pair, box in pairs if pair in good]
        truth[t_s] = (
            np.array([row[0] for row in rows], np.intp),
            np.array([row[1] for row in rows], float).reshape(-1, 4),
        )
    return truth


def _run(clip: Footage, maker: Maker) -> list[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    step = maker(clip.fps, clip.size_wh)
    return [step(t_s, detections) for t_s, detections in clip.frames]


def _pairs(
    a: tuple[NDArray[np.intp], NDArray[np.float64]], b: tuple[NDArray[np.intp], NDArray[np.float64]]
) -> list[tuple[tuple[int, int], NDArray[np.float64]]]:
    rows, columns = np.nonzero(iou(a[1], b[1]) >= AGREE_IOU)
    return [((int(a[0][row]), int(b[0][column])), a[1][row]) for row, column in zip(rows, columns, strict=True)]


def _best(count: Counter[tuple[int, int]], side: int) -> dict[int, tuple[int, int]]:
    best: dict[int, tuple[int, int]] = {}
    for pair, frames in sorted(count.items()):
        if pair[side] not in best or frames > count[best[pair[side]]]:
            best[pair[side]] = pair
    return best
