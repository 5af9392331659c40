"""The camera's own clock, where it tells one: RTCP sender reports, which FFmpeg ties to the time of every packet.

In: packets. Out: seconds of the camera's clock, and how far that clock is from this server's.
"""

import struct

from pipelines.live.ring import VideoPacket

FORGET = 1e-3
"""A camera's clock may drift so many seconds a second against ours."""
_REFERENCE = struct.Struct("<q")
"""`AVProducerReferenceTime`: microseconds since 1970 first."""


def camera_time_s(packet: VideoPacket) -> float | None:
    """When the camera says it took the picture, seconds since 1970 UTC; None where it says nothing."""
    if not packet.has_sidedata("prft"):
        return None
    data = bytes(packet.get_sidedata("prft"))
    return float(_REFERENCE.unpack_from(data)[0]) / 1e6 if len(data) >= _REFERENCE.size else None


class ClockOffset:
    """The camera's clock less ours: the largest difference lately, for the way here only ever makes it smaller."""

    def __init__(self) -> None:
        self._offset_s: float | None = None
        self._at_s = 0.0

    def add(self, difference_s: float, arrived_s: float) -> float:
        """One packet's difference; returns the best estimate."""
        if self._offset_s is not None:
            difference_s = max(difference_s, self._offset_s - FORGET * (arrived_s - self._at_s))
        self._offset_s, self._at_s = difference_s, arrived_s
        return difference_s
