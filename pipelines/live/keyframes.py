"""Whether a live stream's keyframes alone do: all rules are on standing, and keyframes keep coming often enough.

Told of every packet; pure. Until two gaps in a row were short enough, and again after one that was not, everything
is decoded.
"""

from enum import Enum, auto

from detector.gate import KEYFRAME_S
from detector.gate.need import SLACK_S

LONGEST_S = KEYFRAME_S + SLACK_S
ENOUGH = 2


class Feed(Enum):
    """What the decoder is given: nothing, the packet, or a keyframe that must come out at once."""

    NOTHING = auto()
    PACKET = auto()
    KEYFRAME = auto()


class KeyframePace:
    """One connection's keyframes; `wanted` is False where some rule needs more."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted
        self._last_s: float | None = None
        self._gap_s = 0.0
        self._short = 0
        self._broken = False

    def hear(self, t_s: float, *, keyframe: bool) -> Feed:
        """What to do with one more packet, shown at `t_s` of the stream."""
        alone = self._alone
        gap_s = 0.0 if self._last_s is None else t_s - self._last_s
        if gap_s > LONGEST_S:
            self._short = 0
        if keyframe:
            self._gap_s = gap_s
            self._short += self._last_s is not None and 0 < gap_s <= LONGEST_S
            self._last_s = t_s
        # Frames behind those that were passed over cannot be decoded before the next keyframe.
        self._broken = (self._broken or alone) and not keyframe
        if self._alone:
            return Feed.KEYFRAME if keyframe else Feed.NOTHING
        return Feed.NOTHING if self._broken else Feed.PACKET

    @property
    def next_s(self) -> float | None:
        """When the next keyframe is expected, where they alone are decoded."""
        return self._last_s + self._gap_s if self._alone and self._last_s is not None else None

    @property
    def _alone(self) -> bool:
        return self._wanted and self._short >= ENOUGH
