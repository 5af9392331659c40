"""When and where one frame was seen, without its pixels."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ClockGrade(StrEnum):
    """How far `t_s` can be trusted."""

    PTS = "PTS"
    """Presentation times of the stream, strictly rising."""
    CORRECTED = "CORRECTED"
    """Presentation times with gaps or repeats that were mended against their neighbours."""
    NOMINAL = "NOMINAL"
    """No usable times: counted at the declared frame rate (a folder of pictures)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameStamp:
    """Identity and time of one frame of one camera.

    Attributes:
        camera_id: the scene's camera id.
        epoch: +1 at each reconnect or jump of the presentation times; `t_s` only compares within one epoch.
        index: running number of the decoded picture within the source, from 0.
        pts: presentation time in the stream's own time base, None when it has none.
        t_s: seconds since the first frame of the source, strictly rising within an epoch.
        seen_at: UTC, or None when nothing puts the source on the calendar.
        clock: how far `t_s` can be trusted.
        repeated: no new picture has come since the look before: an encoder that hangs sends its last one on and on, one
            that saves may leave a street without noise as it is for a second or two.
    """

    camera_id: str
    epoch: int
    index: int
    pts: int | None
    t_s: float
    seen_at: datetime | None
    clock: ClockGrade
    repeated: bool = False
