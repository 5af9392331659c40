"""Whether a due frame of a live stream may stay undecoded: nothing moves, and the packets' sizes say it stays so.

In: packets in order, from the reading thread. Out: for a due one, whether it is left. Keyframes are always decoded,
and judged even where one is not the first of its slot, so what sizes did not show is seen at most `LONGEST_S` and a
slot later. A frame is left only while the motion gate rests, has judged all that was handed on, and wants no look; the
first that is not has all before it decoded at once.
"""

from detector.gate.sizes import SizeGate
from pipelines.live.gating import LiveGate
from pipelines.live.keyframes import ENOUGH, LONGEST_S


class Doze:
    """One epoch of one connection, at one rate of looks.

    Args:
        gate: the camera's, which judges what is decoded.
        sizes: what is known of this rate.
    """

    def __init__(self, gate: LiveGate, sizes: SizeGate) -> None:
        self._gate = gate
        self._sizes = sizes
        self._handed_s = float("-inf")
        self._keyframe_s: float | None = None
        self._gap_s = 0.0
        self._steady = 0
        self.asleep = False
        """The due frame before was left."""
        self.changed = False
        """The due frame before was said by sizes to show something new."""
        gate.verdicts.clear()

    def hear(self, t_s: float, size_bytes: int, *, keyframe: bool, fresh: bool) -> None:
        """Every packet; `fresh`: nothing behind a keyframe needs what came before it."""
        self._sizes.hear(t_s, size_bytes, keyframe=keyframe)
        if keyframe:
            self._gap_s = 0.0 if self._keyframe_s is None else t_s - self._keyframe_s
            self._steady = self._steady + 1 if fresh and 0 < self._gap_s <= LONGEST_S else 0
            self._keyframe_s = t_s

    def leaves(self, t_s: float, *, keyframe: bool) -> bool:
        """Whether the due frame at `t_s` stays undecoded; asked for every due one."""
        self.changed = self._sizes.changed(t_s)
        while self._gate.verdicts:
            verdict = self._gate.verdicts.popleft()
            self._sizes.judged(verdict.t_s, stirred=verdict.stirred, rested=verdict.rested)
        dozes = self._steady >= ENOUGH and self._sizes.believed(t_s) and self._gate.rests(t_s, self._handed_s)
        self.asleep = dozes and not (keyframe or self.changed or self._late(t_s) or self._gate.wants(t_s))
        if not self.asleep:
            self._handed_s = t_s
        if keyframe:
            self._gate.expect(t_s, self._gap_s if dozes else 0.0)
        return self.asleep

    def wake(self) -> None:
        """What comes is not decoded packet by packet any more, for another reason."""
        self.asleep = False

    def _late(self, t_s: float) -> bool:
        """Whether the next keyframe should have come already."""
        return self._keyframe_s is None or t_s - self._keyframe_s > LONGEST_S
