"""One live camera's motion gate, shared by the thread that looks and the thread that judges.

The looking thread asks `passes` for every frame that is due; one that does not pass is held: nothing has changed
since the last look, so the lane is not stepped and its tracks go on standing where they were seen. The judging thread
tells `saw` what each look found, in order, nothing included where a look failed or came too late. What is told a few
frames late only costs a few looks more.

The reading thread asks `rests` and `wants` before it leaves a frame undecoded, and takes from `verdicts` what became of
those it decoded.
"""

from collections import deque
from threading import Lock
from typing import NamedTuple

from detector.gate import MotionGate
from detector.gate.need import SLACK_S
from detector.types import Detections
from pipelines.video.source import SourceFrame

MOST_VERDICTS = 100


class Verdict(NamedTuple):
    """What the gate said of the frame at `t_s`: whether something had changed, and whether nothing had long before."""

    t_s: float
    stirred: bool
    rested: bool


class LiveGate:
    """Lets all frames pass where there is no gate."""

    def __init__(self, gate: MotionGate | None) -> None:
        self._gate = gate
        self._epoch: int | None = None
        self._judged_s = float("-inf")
        self._alone: tuple[float, float] = float("-inf"), 0.0
        self._lock = Lock()
        self.verdicts: deque[Verdict] = deque(maxlen=MOST_VERDICTS)

    def passes(self, frame: SourceFrame) -> bool:
        """Whether a frame is looked at."""
        if self._gate is None:
            return True
        luma = frame.luma(self._gate.cells_wh)
        with self._lock:
            if self._epoch not in (None, frame.epoch):
                self._gate.restart()
            self._epoch = frame.epoch
            rested = self._gate.rests(frame.t_s)
            stirred = self._gate.stirs(frame.t_s, luma)
            self._judged_s = frame.t_s
            self.verdicts.append(Verdict(frame.t_s, stirred, rested))
            if not stirred and not self._gate.due(frame.t_s) and not self._last_chance(frame.t_s):
                self._gate.held(frame.t_s)
                return False
            self._gate.looked(frame.t_s, luma)
            return True

    def rests(self, t_s: float, handed_s: float) -> bool:
        """Whether nothing has moved for long, and all up to the frame handed on last is judged."""
        with self._lock:
            return self._gate is not None and self._judged_s >= handed_s and self._gate.rests(t_s)

    def wants(self, t_s: float) -> bool:
        """Whether a look at `t_s` would be due although nothing moves; a little later does as well."""
        with self._lock:
            return self._gate is None or self._gate.due(t_s - SLACK_S)

    def expect(self, t_s: float, alone_s: float) -> None:
        """Behind the frame at `t_s` none comes for so long, unless something moves."""
        with self._lock:
            self._alone = t_s, alone_s

    def _last_chance(self, t_s: float) -> bool:
        """Whether the next look would be due before a frame comes again."""
        at_s, alone_s = self._alone
        return self._gate is not None and at_s == t_s and alone_s > 0 and self._gate.due(t_s + alone_s - SLACK_S)

    @property
    def repeated(self) -> bool:
        """Whether the frame that passed last showed nothing but pictures known before (see `FrameStamp.repeated`)."""
        with self._lock:
            return self._gate is not None and self._gate.memory.repeated

    def saw(self, found: Detections) -> None:
        """What the oldest look not yet told found; looks from before a new epoch are forgotten."""
        if self._gate is None:
            return
        with self._lock:
            if self._gate.memory.pending:
                self._gate.saw(found)
