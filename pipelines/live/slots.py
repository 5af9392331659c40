"""Which frames of a live stream are due: the first of every slot, at the rate that the machine bears now.

In: stream times in order, the share of the asked rate from `Tempo`. Out: whether a frame is looked at, or is missed for
good. What is missed uses up no slot: a keyframe later in it is still looked at. What is left undecoded does, and may be
recalled. Used by the stream's reading thread.
"""

from math import inf

from pipelines.live.tempo import Tempo
from pipelines.sampling import SlotSampler

MOST_OWED = 6
"""Decoded pictures of one camera that wait to be looked at late, 3 MB each at 1080p."""


class Slots:
    """One stream's.

    Args:
        rate_hz: frames asked for a second.
        tempo: tells which share of them the machine bears.
    """

    def __init__(self, rate_hz: float, tempo: Tempo) -> None:
        self._rate_hz = rate_hz
        self._tempo = tempo
        self._share = 1.0
        self._looked, self._missed = SlotSampler(rate_hz), SlotSampler(rate_hz)
        self._left: list[float] = []
        self._owed: set[float] = set()

    @property
    def share(self) -> float:
        """Of the asked rate, now."""
        self._tune()
        return self._share

    def opens(self, t_s: float) -> bool:
        """What `looks` would say."""
        self._tune()
        return self._looked.opens(t_s)

    def looks(self, t_s: float) -> bool:
        """Whether the frame at `t_s` is looked at; called once a decoded frame."""
        if t_s in self._owed:
            self._owed.discard(t_s)
            return True
        self._tune()
        return self._looked.wants(t_s)

    def leave(self, t_s: float) -> None:
        """The frame at `t_s` is due and, for now, not decoded."""
        self.looks(t_s)
        self._left.append(t_s)

    def owe(self, t_s: float) -> None:
        """The frame at `t_s` is looked at, whether its slot is used up or not."""
        if not self.opens(t_s):
            self._owed.add(t_s)

    def owes(self, t_s: float) -> bool:
        """Whether the frame at `t_s`, not decoded yet, is looked at later than its turn was."""
        return t_s in self._owed

    def recall(self, since_s: float) -> int:
        """The latest of those left since then are due after all; returns how many others are given up."""
        self._owed = set([t_s for t_s in self._left if t_s >= since_s][-MOST_OWED:])
        gone = len(self._left) - len(self._owed)
        self._left.clear()
        return gone

    def forget(self) -> int:
        """Those left will never be looked at; returns how many there are."""
        return self.recall(inf)

    def misses(self, t_s: float) -> bool:
        """Whether the frame at `t_s`, which is not decoded, counts as missed: once a slot that had no look before."""
        return self.opens(t_s) and self._missed.wants(t_s)

    def _tune(self) -> None:
        share = self._tempo.share
        if share != self._share:
            self._share, rate_hz = share, self._rate_hz * share
            self._looked, self._missed = self._looked.at(rate_hz), self._missed.at(rate_hz)
