"""Whether a stream that comes late is decoded at its keyframes alone until it is in time again.

Decoding is what a machine under too much load can leave out without a queue growing anywhere: packets are kept for
evidence all the same, and a look at every keyframe remains. Told of every packet; pure.
"""

from pipelines.live.keyframes import Feed

LATE_S = 1.0
"""So much later than usual a stream is read whose thread does not get its turn; shorter stalls are caught up with."""


class Shedding:
    """One connection's."""

    def __init__(self) -> None:
        self._sheds = False

    def hear(self, feed: Feed, late_s: float, *, keyframe: bool) -> Feed:
        """What the decoder is given of a packet for which `feed` was meant."""
        if late_s > LATE_S:
            self._sheds = True
        elif keyframe:
            self._sheds = False
        if not self._sheds or feed is not Feed.PACKET:
            return feed
        return Feed.KEYFRAME if keyframe else Feed.NOTHING
