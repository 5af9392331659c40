"""All that the motion gate remembers; values are replaced, never changed, so a copy of the moment costs nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.types import Detections

Bool = NDArray[np.bool_]
Cells = NDArray[np.float32]
NEVER_S = -np.inf


class Look(NamedTuple):
    """A look whose result has not been told yet: its time, and how each cell had changed, grey levels."""

    t_s: float
    change: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateMemory:
    """One camera's gate at one moment; cells are (rows, columns).

    Attributes:
        reference: luma of the picture last looked at, None before the first.
        usual: mean square of the changes of each cell while nobody was in it.
        learned_s: time of the change learned last.
        passed_s: when a road user was last seen in each cell.
        stirred_s: when something last changed, or looks last disagreed.
        looked_s: time of the last look.
        pending: looks whose results have not been told, oldest first.
        seen, seen_s: what the last look told found, and its time.
        shown: the latest pictures that differed from all shown before, oldest first.
        news: whether such a picture has come since the last look.
        repeated: the last look was made although none had.
    """

    reference: NDArray[np.uint8] | None
    usual: Cells
    learned_s: float
    passed_s: Cells
    stirred_s: float
    looked_s: float
    pending: tuple[Look, ...]
    seen: Detections
    seen_s: float
    shown: tuple[NDArray[np.uint8], ...] = ()
    news: bool = False
    repeated: bool = False

    @classmethod
    def first(cls, cells_wh: tuple[int, int]) -> "GateMemory":
        """Before the first picture."""
        shape = cells_wh[1], cells_wh[0]
        return cls(
            reference=None,
            usual=np.zeros(shape, np.float32),
            learned_s=NEVER_S,
            passed_s=np.full(shape, NEVER_S, np.float32),
            stirred_s=NEVER_S,
            looked_s=NEVER_S,
            pending=(),
            seen=boxes_and_scores(np.zeros((0, 5), np.float32)),
            seen_s=NEVER_S,
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, to be laid aside."""
        shape = self.usual.shape
        seen = np.concatenate([self.seen.xyxy, self.seen.score[:, None]], axis=1)
        return {
            "reference": np.zeros((0, 0), np.uint8) if self.reference is None else self.reference,
            "usual": self.usual,
            "passed_s": self.passed_s,
            "times_s": np.array([self.stirred_s, self.looked_s, self.seen_s, self.learned_s]),
            "pending_s": np.array([look.t_s for look in self.pending], np.float64),
            "pending": np.array([look.change for look in self.pending], np.uint8).reshape(-1, *shape),
            "seen": seen.astype(np.float32),
            "shown": np.array(self.shown, np.uint8).reshape(-1, *shape),
            "news": np.array([self.news, self.repeated]),
        }

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> "GateMemory":
        """What `arrays` gave."""
        stirred_s, looked_s, seen_s, learned_s = arrays["times_s"].tolist()
        news, repeated = arrays["news"].tolist()
        pending = zip(arrays["pending_s"].tolist(), arrays["pending"], strict=True)
        return cls(
            reference=arrays["reference"] if arrays["reference"].size else None,
            usual=arrays["usual"],
            learned_s=learned_s,
            passed_s=arrays["passed_s"],
            stirred_s=stirred_s,
            looked_s=looked_s,
            pending=tuple(Look(t_s, change) for t_s, change in pending),
            seen=boxes_and_scores(arrays["seen"]),
            seen_s=seen_s,
            shown=tuple(arrays["shown"]),
            news=news,
            repeated=repeated,
        )


def boxes_and_scores(rows: NDArray[np.float32]) -> Detections:
    """Detections as far as the gate knows them: boxes and scores."""
    return Detections(
        xyxy=np.ascontiguousarray(rows[:, :4]),
        score=np.ascontiguousarray(rows[:, 4]),
        kind=np.zeros(len(rows), np.uint8),
    )
