"""Thresholds of the rules with their defaults; a scene may override single values under `rules:`.

Durations are seconds of stream time; lengths are metres where the scene has a ground homography, otherwise
multiples of the object's own box size (square root of its area). A pair such as `distance_m` and
`distance_boxes` is one threshold in the two units; which one counts depends on the scene's ground points.
"""

from pydantic import Field

from detector.scene.model import SceneModel


class MotionSettings(SceneModel):
    """What one vehicle can and cannot do between two sightings; shared by all rules."""

    max_speed_mps: float = Field(40.0, gt=0, description="faster between two sightings is another vehicle, m/s")
    max_speed_boxes_s: float = Field(18.0, gt=0, description="the same in box sizes per second")
    max_growth: float = Field(2.2, gt=1, description="largest change of box size between sightings within a second")
    gap_s: float = Field(3.0, gt=0, description="longest time without a sighting over which a path is one path")
    walking_mps: float = Field(1.8, ge=0, description="slower two-wheelers may be pushed on foot, m/s")
    walking_boxes_s: float = Field(0.5, ge=0, description="the same in box sizes per second")
    pause_s: float = Field(20.0, ge=0, description="an act that rests shorter than this is one act")
    handover_s: float = Field(3.0, ge=0, description="a lost track's act waits so long for the track that continues it")


class WrongWaySettings(SceneModel):
    """When travel against a lane's direction is an act and not jitter, reversing or parking."""

    against_deg: float = Field(120.0, gt=90, le=180, description="least angle between travel and permitted direction")
    distance_m: float = Field(6.0, gt=0, description="least distance travelled against the direction, metres")
    distance_boxes: float = Field(2.0, gt=0, description="the same in box sizes, without ground points")
    duration_s: float = Field(1.0, gt=0, description="least time travelled against the direction, seconds")
    straightness: float = Field(0.6, gt=0, le=1, description="least net advance per length of path: jitter has little")


class RuleSettings(SceneModel):
    """All overridable thresholds, one block per rule."""

    motion: MotionSettings = MotionSettings()
    wrong_way: WrongWaySettings = WrongWaySettings()
