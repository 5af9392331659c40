"""The types that cross a boundary, one noun per module.

px = full-frame pixels, origin top-left, y down. xyxy = left, top, right, bottom. `t_s` = seconds on the
stream's own clock, taken from PTS. UTC only in fields that end in `_at`.
"""

from detector.types.calibration import AS_IT_IS, Calibration
from detector.types.classes import MOTOR_VEHICLES, VEHICLES, LoadState, ObjectClass, ViolationKind
from detector.types.detections import Detections
from detector.types.errors import (
    CaseError,
    ConfigError,
    EvidenceError,
    InferenceError,
    PhatnguoiError,
    SourceError,
)
from detector.types.frame import ClockGrade, FrameStamp
from detector.types.track import PathPoint, Track, TrackedFrame
from detector.types.violation import CannotTell, Finding, Moment, Violation, violation_id
from detector.types.window import Window

__all__ = [
    "AS_IT_IS",
    "MOTOR_VEHICLES",
    "VEHICLES",
    "Calibration",
    "CannotTell",
    "CaseError",
    "ClockGrade",
    "ConfigError",
    "Detections",
    "EvidenceError",
    "Finding",
    "FrameStamp",
    "InferenceError",
    "LoadState",
    "Moment",
    "ObjectClass",
    "PathPoint",
    "PhatnguoiError",
    "SourceError",
    "Track",
    "TrackedFrame",
    "Violation",
    "ViolationKind",
    "Window",
    "violation_id",
]
