"""Everything a network saw in one frame, as a struct of arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.types.classes import LoadState, ObjectClass

APPEARANCE_WIDTH = 48
"""Columns of `appearance`: mean B, G, R over a 4 x 4 grid of the box, row by row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detections:
    """Boxes of one frame; row i of every array is one object.

    Attributes:
        xyxy: (n, 4) float32, px, full-frame, left top right bottom, not clipped to the picture.
        score: (n,) float32, 0..1.
        kind: (n,) uint8, values of `ObjectClass`.
        appearance: (n, 48) uint8, mean colours of a 4 x 4 grid over the box, or None when no pixels were at hand.
        load: (n, 5) float32, scores in the order of `LoadState`, NaN rows where no load was read; or None.
    """

    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    kind: NDArray[np.uint8]
    appearance: NDArray[np.uint8] | None = None
    load: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        n = len(self.score)
        _expect("xyxy", self.xyxy, (n, 4), np.float32)
        _expect("score", self.score, (n,), np.float32)
        _expect("kind", self.kind, (n,), np.uint8)
        if self.appearance is not None:
            _expect("appearance", self.appearance, (n, APPEARANCE_WIDTH), np.uint8)
        if self.load is not None:
            _expect("load", self.load, (n, len(LoadState)), np.float32)

    def __len__(self) -> int:
        return len(self.score)

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Detections":
        """The rows picked by a mask, an index array or a slice."""
        return Detections(
            xyxy=self.xyxy[rows],
            score=self.score[rows],
            kind=self.kind[rows],
            appearance=None if self.appearance is None else self.appearance[rows],
            load=None if self.load is None else self.load[rows],
        )

    @classmethod
    def empty(cls) -> "Detections":
        """No object at all."""
        return cls(xyxy=np.zeros((0, 4), np.float32), score=np.zeros(0, np.float32), kind=np.zeros(0, np.uint8))

    @classmethod
    def of(cls, *rows: tuple[ObjectClass, float, tuple[float, float, float, float]]) -> "Detections":
        """Detections from (class, score, xyxy px) rows, for scripted sources and tests."""
        return cls(
            xyxy=np.array([row[2] for row in rows], np.float32).reshape(-1, 4),
            score=np.array([row[1] for row in rows], np.float32),
            kind=np.array([row[0] for row in rows], np.uint8),
        )


def _expect(name: str, array: NDArray[np.generic], shape: tuple[int, ...], dtype: type[np.generic]) -> None:
    if array.shape != shape or array.dtype != dtype:
        wanted = f"{np.dtype(dtype)} of shape {shape}"
        raise ValueError(f"Detections.{name}: expected {wanted}, got {array.dtype} of shape {array.shape}")
