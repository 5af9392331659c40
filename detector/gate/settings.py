"""Every number the motion gate decides with; times in seconds of stream time, brightness in grey levels of 255."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """Thresholds of `MotionGate`.

    Attributes:
        columns: cells across the picture; a cell is as high as wide, 12 px at 1080p.
        least_levels: a cell whose mean differs by less from the last look has not changed, whatever the light does.
        usual_factor: nor has one that differs by less than this multiple of what it usually does by itself.
        most_levels: where road users pass, a difference of this much always counts.
        usual_s: time constant of learning what cells do by themselves (leaves, flags, clocks in the picture).
        passed_s: for so long after a road user was seen in a cell it counts as a place where they pass.
        settle_s: for so long after the last change looks go on: what came to rest is then known to stand.
        settle_step_s: one look in so many seconds meanwhile.
        sure_score: what scores at least this in one look must be found in the next, or they disagree.
        known_iou: with at least this overlap it counts as found.
    """

    columns: int = 160
    least_levels: float = 6.0
    usual_factor: float = 4.0
    most_levels: float = 20.0
    usual_s: float = 20.0
    passed_s: float = 600.0
    settle_s: float = 3.0
    settle_step_s: float = 0.4
    sure_score: float = 0.25
    known_iou: float = 0.5
