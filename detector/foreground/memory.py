"""All that the lasting-foreground model remembers, as arrays that can be laid aside and taken up bit for bit."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.foreground.grid import Bool, Float

Arrays = dict[str, NDArray[Any]]


@dataclass(slots=True)
class Memory:
    """One camera's backgrounds and what lasts before them; cells as laid out by `Grid`.

    Attributes:
        t_s: () time of the latest evaluation.
        since_s: () when the background began to be gathered.
        learns: () whether it is being gathered.
        recalibrations: () how often it was learned anew.
        background: (rows, columns, 3) long-term background, BGR.
        known: (rows, columns) whether the background was ever seen there.
        short: (rows, columns, 3) short-term background.
        shift: (2,) how far the latest picture lay aside of the background, rows and columns, cells.
        age_s: (rows, columns) how long a change has lasted.
        samples: (n, rows, columns, 3) pictures gathered for the first background.
        hidden: (n, rows, columns) which of their cells something hid.
        told: (rows, columns) number of the object reported there at the latest evaluation, 0 where none.
        boxes: (k, 4) latest result, xyxy full-frame px; scores: (k,).
    """

    t_s: NDArray[np.float64]
    since_s: NDArray[np.float64]
    learns: NDArray[np.bool_]
    recalibrations: NDArray[np.int64]
    background: Float
    known: Bool
    short: Float
    shift: NDArray[np.float64]
    age_s: Float
    samples: NDArray[np.uint8]
    hidden: Bool
    told: NDArray[np.uint8]
    boxes: Float
    scores: Float

    @classmethod
    def first(cls, t_s: float, cells: Float, reference: Float | None) -> "Memory":
        """The memory before the first evaluation; with a reference there is nothing to gather."""
        rows, columns, _ = cells.shape
        return cls(
            t_s=np.array(-np.inf),
            since_s=np.array(t_s),
            learns=np.array(reference is None),
            recalibrations=np.array(0),
            background=cells.copy() if reference is None else reference,
            known=np.full((rows, columns), reference is not None),
            short=cells.copy(),
            shift=np.zeros(2),
            age_s=np.zeros((rows, columns), np.float32),
            samples=np.zeros((0, rows, columns, 3), np.uint8),
            hidden=np.zeros((0, rows, columns), bool),
            told=np.zeros((rows, columns), np.uint8),
            boxes=np.zeros((0, 4), np.float32),
            scores=np.zeros(0, np.float32),
        )

    def arrays(self) -> Arrays:
        """A copy of everything."""
        return {field.name: np.array(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> "Memory":
        """The memory that `arrays` was taken from."""
        return cls(**{field.name: np.array(arrays[field.name]) for field in fields(cls)})
