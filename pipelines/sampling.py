"""Which frames are analysed: the first frame of every slot of a fixed grid in stream time.

The grid is anchored at zero and does not depend on where reading starts, so a resumed run analyses the same frames.
"""

import math

EPSILON_S = 1e-6


class SlotSampler:
    """Picks one frame per slot of 1 / `rate_hz` seconds; sources slower than that are analysed whole.

    Args:
        rate_hz: analysed frames per second of stream time.
        last_s: time of the last frame already analysed, None at the start.
    """

    def __init__(self, rate_hz: float, *, last_s: float | None = None) -> None:
        self._rate_hz = rate_hz
        self._last_s = last_s
        self._slot = -1 if last_s is None else self._slot_of(last_s)

    def at(self, rate_hz: float) -> "SlotSampler":
        """Goes on at another rate."""
        return SlotSampler(rate_hz, last_s=self._last_s)

    def wants(self, t_s: float) -> bool:
        """Whether the frame at `t_s` opens a new slot; called once per frame, in order."""
        opens = self.opens(t_s)
        if opens:
            self._slot, self._last_s = self._slot_of(t_s), t_s
        return opens

    def opens(self, t_s: float) -> bool:
        """What `wants` would say."""
        return self._slot_of(t_s) > self._slot

    def _slot_of(self, t_s: float) -> int:
        return math.floor((t_s + EPSILON_S) * self._rate_hz)
