"""What a reader may leave out when its pictures are for a network and not for people.

Decoding is half of the work on a recording. Frames that no other frame depends on need not be decoded when few of
them are looked at; the deblocking filter only makes pictures pleasant (0.6 ms of 2.6 ms a frame at 1080p here), and
what the network finds without it is measured on real footage; where only standing counts, keyframes are enough; and
behind the last look before a keyframe nothing is needed (`tails`).
Evidence is always read with `WHOLE`.
"""

from dataclasses import dataclass

from av.video.codeccontext import VideoCodecContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Thrift:
    """How a recording is decoded.

    Attributes:
        unreferenced: frames that no other frame depends on are left out undecoded.
        unfiltered: the deblocking filter is left out.
        keyframes: only keyframes are decoded.
        looks_hz: so many frames a second are looked at; what comes behind the last of them before a fresh start is
            left out undecoded. None: all may be looked at.
    """

    unreferenced: bool = False
    unfiltered: bool = False
    keyframes: bool = False
    looks_hz: float | None = None

    def apply(self, context: VideoCodecContext) -> None:
        """Tells the decoder, which must not have begun."""
        if self.keyframes:
            context.skip_frame = "NONKEY"
        elif self.unreferenced:
            context.skip_frame = "NONREF"
        if self.unfiltered:
            context.options = {**context.options, "skip_loop_filter": "all"}


WHOLE = Thrift()
"""Everything, as the camera meant it."""
