"""Whether a source's pictures are two fields of different moments, combed row by row into one; told from the pictures.

Analogue cameras take half of the rows 1/50 or 1/60 s after the others. Many recorders put both halves into one picture
and do not say so. Where something moves, rows then differ from their neighbours more than from those two rows away,
which no street does: not its blinds, crossings or noise. In: pictures of one source, in order. Out: a verdict.

FFmpeg's `idet` compares whole pictures with the very next ones; of a street camera's picture a hundredth moves, and few
of its pictures are decoded. Hence blocks, and only those that change before and after.
"""

from collections import deque
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

from pipelines.video.scaler import scaled

COLUMNS = 480
"""Rows are kept, columns averaged to so many: combs are wider than a pixel, noise is not."""
BLOCK = 8
MOVES = 12.0
"""Grey levels that a moving block differs, on average, from the picture before and from the one after."""
LEAST_MOVING, LEAST_BLOCKS = 12, 6
"""Blocks that move, and combed ones of them; fewer tell nothing."""
COMB_RATIO, COMB_FLOOR = 2.0, 36.0
"""A block is combed where rows differ from both neighbours so many times as much (squared) as from those two rows away,
and by so much at all. Noise gives 1, streets 0.1 to 0.5."""
ALIKE = 0.4
"""Correlation of the fine rows of one place in two pictures from which on they are stripes that stay there."""
COMBED, CLEAN = 0.1, 0.03
"""Share of moving blocks. On 14 real clips and 8 rendered ones, with noise, rain, dusk, sharpening and hard compression
added, no progressive picture had more than 0.023 (a clip at dusk); of those combed half had 0.2 and more in each."""
LEAST_COMBED, LEAST_CLEAN = 3, 12
"""Pictures. A combed one says much; a clean one says little, for what moves slowly combs little."""
BEGINS, ENDS = 1 / 4, 1 / 16
"""Share of combed pictures from which on a source counts as interlaced, and below which it no longer does."""
REMEMBERED = 64
AGAIN_S = 20.0
"""A stream that is told is looked at anew so often."""


@dataclass(frozen=True)
class Rows:
    """Of one picture, luma, (h, w) uint8: all rows, and at most `COLUMNS` columns."""

    luma: NDArray[np.uint8]

    @cached_property
    def bend(self) -> NDArray[np.float32]:
        """How far each row lies from its neighbours, (h - 4, w)."""
        return _bend(self.luma, 1)

    @cached_property
    def strength(self) -> NDArray[np.float32]:
        """Mean square of that over each block, ((h - 4) // BLOCK, w // BLOCK)."""
        return _means(np.square(self.bend))

    @cached_property
    def combed(self) -> NDArray[np.bool_]:
        """Which blocks are."""
        far = _means(np.square(_bend(self.luma, 2)))
        return np.asarray((self.strength > COMB_RATIO * far) & (self.strength > COMB_FLOOR), np.bool_)

    def resembles(self, other: "Rows") -> NDArray[np.bool_]:
        """Which blocks hold the fine rows of another picture, or those a row further; one may be covered in part."""
        same = np.abs(_means(self.bend * other.bend))
        return np.asarray(same > ALIKE * np.sqrt(self.strength * other.strength), np.bool_)


class Combing:
    """The verdict on one source, as pictures come; it sways only where many speak against it.

    Attributes:
        interlaced: whether its pictures are two fields.
    """

    def __init__(self) -> None:
        self.interlaced = False
        self._combed = self._clean = 0
        self._seen: deque[Rows] = deque(maxlen=3)
        self._again_s = float("-inf")

    @property
    def told(self) -> bool:
        """Whether enough was seen; where a picture was combed, much more must have been clean."""
        return self.interlaced or self._clean >= LEAST_CLEAN * (1 + self._combed)

    @property
    def doubtful(self) -> bool:
        """Whether a picture was combed, and no verdict is told."""
        return self._combed > 0 and not self.told

    def look(self, rows: Rows) -> None:
        """One more picture; at least some hundredths of a second after the one before."""
        if self._seen and self._seen[-1].luma.shape != rows.luma.shape:
            self._seen.clear()
        self._seen.append(rows)
        if len(self._seen) == 3:
            self._count(combed_share(*self._seen))

    def leave(self) -> None:
        """What comes next does not follow on what came before."""
        self._seen.clear()

    def follow(self, t_s: float, picture: "VideoFrame | NDArray[np.uint8]") -> None:
        """A stream's picture at its time: each until the verdict is told, then three in a row now and then."""
        if self.told and not self._seen and 0 <= self._again_s - t_s <= AGAIN_S:
            return
        self.look(rows_of(picture))
        if self.told and len(self._seen) == 3:
            self._seen.clear()
            self._again_s = t_s + AGAIN_S

    def _count(self, share: float | None) -> None:
        if share is None or CLEAN < share < COMBED:
            return
        if share >= COMBED:
            self._combed += 1
        else:
            self._clean += 1
        total = self._combed + self._clean
        if self.interlaced:
            self.interlaced = self._combed >= ENDS * total
        else:
            self.interlaced = self._combed >= max(LEAST_COMBED, BEGINS * total)
        if total >= REMEMBERED:
            self._combed, self._clean = self._combed // 2, self._clean // 2


def rows_of(picture: "VideoFrame | NDArray[np.uint8]") -> Rows:
    """Those of a decoder's frame or of (h, w, 3) BGR."""
    if isinstance(picture, VideoFrame):
        return Rows(np.asarray(scaled(picture, (min(picture.width, COLUMNS), picture.height), "gray"), np.uint8))
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    size_wh = min(grey.shape[1], COLUMNS), grey.shape[0]
    return Rows(np.asarray(cv2.resize(grey, size_wh, interpolation=cv2.INTER_AREA), np.uint8))


def combed_share(before: Rows, now: Rows, after: Rows) -> float | None:
    """Share of what moves in the middle one of three pictures that is combed, 0..1; None where too little moves."""
    change = np.minimum(cv2.absdiff(before.luma, now.luma), cv2.absdiff(now.luma, after.luma))
    moving = _means(change[2:-2]) > MOVES
    if np.count_nonzero(moving) < LEAST_MOVING:
        return None
    # Of stripes a row wide that stay, behind who passes and however the camera sways, nothing can be told.
    moving &= ~(now.combed & (now.resembles(before) | now.resembles(after)))
    moved, combed = int(np.count_nonzero(moving)), int(np.count_nonzero(now.combed & moving))
    few = moved < LEAST_MOVING or (combed < LEAST_BLOCKS and combed > CLEAN * moved)
    return None if few else combed / moved


def _bend(rows: NDArray[np.uint8], by: int) -> NDArray[np.float32]:
    """How far rows lie from the middle between those so many above and below, twice; (h - 4, w)."""
    kernel = np.zeros((5, 1), np.float32)
    kernel[[2 - by, 2, 2 + by]] = [[1], [-2], [1]]
    return np.asarray(cv2.filter2D(rows, cv2.CV_32F, kernel)[2:-2], np.float32)


def _means(values: NDArray[np.generic]) -> NDArray[np.float32]:
    """Of whole blocks."""
    height, width = (side // BLOCK for side in values.shape)
    whole = values[: height * BLOCK, : width * BLOCK].astype(np.float32, copy=False)
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.float32)
