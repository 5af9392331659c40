"""Packets of a live stream that are not decoded before a look is due, since a keyframe may come first.

In: packets in order, and which of them are due. Out: those to decode now, with what they depend on. What lies between
the last look and a keyframe is never decoded: a twelfth of a stream with a keyframe every 2 s, more where looks are
rare. For streams whose frames are shown in the order they come in.
"""

from pipelines.live.ring import VideoPacket

MOST, MOST_DOZING = 60, 130
"""Packets that wait; beyond them it is decoded as it comes, so that a look does not wait for seconds of decoding. Where
nothing moves as many do as come between two keyframes."""


class Backlog:
    """One connection's."""

    def __init__(self) -> None:
        self._waiting: list[VideoPacket] = []

    def add(self, packet: VideoPacket, *, due: bool, dozes: bool = False) -> list[VideoPacket]:
        """Takes a packet; gives those that must be decoded now, in order."""
        if packet.is_keyframe:
            self._waiting.clear()
        self._waiting.append(packet)
        if not due and len(self._waiting) < (MOST_DOZING if dozes else MOST):
            return []
        given, self._waiting = self._waiting, []
        return given

    def clear(self) -> None:
        """What waits belongs to a time that is over."""
        self._waiting.clear()
