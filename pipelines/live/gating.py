"""One live camera's motion gate, shared by the thread that looks and the thread that judges.

The looking thread asks `passes` for every frame that is due; one that does not pass is held: nothing has changed
since the last look, so the lane is not stepped and its tracks go on standing where they were seen. The judging thread
tells `saw` what each look found, in order, nothing included where a look failed or came too late. What is told a few
frames late only costs a few looks more.
"""

from threading import Lock

from detector.gate import MotionGate
from detector.types import Detections
from pipelines.video.source import SourceFrame


class LiveGate:
    """Lets all frames pass where there is no gate."""

    def __init__(self, gate: MotionGate | None) -> None:
        self._gate = gate
        self._epoch: int | None = None
        self._lock = Lock()

    def passes(self, frame: SourceFrame) -> bool:
        """Whether a frame is looked at."""
        if self._gate is None:
            return True
        luma = frame.luma(self._gate.cells_wh)
        with self._lock:
            if self._epoch not in (None, frame.epoch):
                self._gate.restart()
            self._epoch = frame.epoch
            if not self._gate.stirs(frame.t_s, luma) and not self._gate.due(frame.t_s):
                self._gate.held(frame.t_s)
                return False
            self._gate.looked(frame.t_s, luma)
            return True

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
