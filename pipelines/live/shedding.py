"""Whether a stream that comes late is decoded at its keyframes alone until it is in time again.

Decoding is what a machine under too much load can leave out without a queue growing anywhere: packets are kept for
evidence all the same, and a look at every keyframe remains. Told of every packet; pure.
"""

from pipelines.live.keyframes import Feed

LATE_S = 1.0
"""So much later than usual a stream is read whose thread does not get its turn; shorter stalls are caught up with."""
PATIENT_S = 2.0
"""So late it may be just after a whole group of pictures was decoded at once, for it catches up with that by itself."""


class Shedding:
    """One connection's."""

    def __init__(self) -> None:
        self._sheds = False

    def hear(self, feed: Feed, late_s: float, *, keyframe: bool, patient: bool = False) -> Feed:
        """What the decoder is given of a packet for which `feed` was meant; `patient`: one burst made it late."""
        if late_s > (PATIENT_S if patient else LATE_S):
            self._sheds = True
        elif keyframe:
            self._sheds = False
        if not self._sheds or feed is not Feed.PACKET:
            return feed
        return Feed.KEYFRAME if keyframe else Feed.NOTHING
