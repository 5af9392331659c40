"""Thresholds of the rules with their defaults; a scene may override single values under `rules:`.

Durations are seconds of stream time; lengths are metres where the scene has a ground homography, otherwise
multiples of the object's own box size (square root of its area).
"""

from pydantic import Field

from detector.scene.model import SceneModel


class WrongWaySettings(SceneModel):
    """When travel against a lane's direction is an act and not jitter, reversing or parking."""

    against_deg: float = Field(120.0, gt=90, le=180, description="least angle between travel and permitted direction")
    distance_m: float = Field(6.0, gt=0, description="least distance travelled against the direction, metres")
    distance_boxes: float = Field(2.0, gt=0, description="the same in box sizes, without ground points")
    duration_s: float = Field(1.0, gt=0, description="least time travelled against the direction, seconds")


class RuleSettings(SceneModel):
    """All overridable thresholds, one block per rule."""

    wrong_way: WrongWaySettings = WrongWaySettings()
