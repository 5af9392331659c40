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
    walking_mps: float = Field(1.8, ge=0, description="two-wheelers never faster than this may be pushed on foot, m/s")
    walking_boxes_s: float = Field(0.35, ge=0, description="the same in box sizes per second, along the view")
    walking_across_boxes_s: float = Field(0.9, ge=0, description="the same across the view, where nothing is shortened")
    pause_s: float = Field(20.0, ge=0, description="an act that rests shorter than this is one act")
    handover_s: float = Field(3.0, ge=0, description="a lost track's act waits so long for the track that continues it")


class OffenderSettings(SceneModel):
    """How well an offender must be known before it is accused; shared by all rules."""

    class_share: float = Field(
        0.7, ge=0, le=1, description="least share of the class votes that the classes bound by the zone or turn got"
    )
    vehicle_share: float = Field(
        0.9, gt=0, le=1, description="with less of the votes for the stated class the officer is told to compare it"
    )


class WrongWaySettings(SceneModel):
    """When travel against a lane's direction is an act and not jitter, reversing or parking."""

    against_deg: float = Field(120.0, gt=90, le=180, description="least angle between travel and permitted direction")
    distance_m: float = Field(6.0, gt=0, description="least distance travelled against the direction, metres")
    distance_boxes: float = Field(2.0, gt=0, description="the same in box sizes, without ground points")
    duration_s: float = Field(
        1.0, gt=0, description="least time travelled against the direction, seconds; half for twice the distance"
    )
    straightness: float = Field(0.6, gt=0, le=1, description="least net advance per length of path: jitter has little")
    measured_share: float = Field(0.7, gt=0, le=1, description="least share of the act seen and not only predicted")


class DwellSettings(SceneModel):
    """What counts as standing at one place; shared by parking and encroachment. The limit belongs to the zone."""

    objects_lasted_s: float = Field(
        7.0, ge=0, description="how long a thing without a class had stood when the foreground model first reports it"
    )
    moved_boxes: float = Field(0.4, gt=0, description="farther from where it stopped is another place, box sizes")
    base_share: float = Field(0.5, gt=0, le=1, description="least share of the lower edge of the box in the zone")
    unmoved_score: float = Field(
        0.4, ge=0, le=1, description="least mean detector score of a car never seen to move: fixed things score low"
    )
    unmoved_score_others: float = Field(
        0.55, ge=0, le=1, description="the same for other vehicles: bins, bags and cabinets pass for them, not for cars"
    )
    pause_s: float = Field(5.0, ge=0, description="a standstill interrupted shorter than this, same place, is one")


class QueueSettings(SceneModel):
    """When a standing vehicle may be waiting in traffic, so that nobody is accused."""

    near_boxes: float = Field(2.5, gt=0, description="neighbours stand within this distance, box sizes")
    company_score: float = Field(0.3, ge=0, le=1, description="least mean score of a neighbour never seen to move")
    together_s: float = Field(45.0, gt=0, description="who waits together came to stand within this time")
    phase_s: float = Field(150.0, gt=0, description="no signal phase lasts longer: who stands longer is parked")
    jam_s: float = Field(450.0, gt=0, description="the same for a jam: many stand and nothing passes at all")
    jam_vehicles: int = Field(4, ge=2, description="waiting neighbours that make a jam")
    alone_s: float = Field(
        8.0, ge=0, description="who stays this long after the others drove off did not wait with them"
    )
    passers: int = Field(3, ge=1, description="vehicles driving past close by that show that the lane is free")
    flow_s: float = Field(40.0, gt=0, description="beside the zone they must keep driving past for so long")


class RidingSettings(SceneModel):
    """When a ride on the sidewalk is more than crossing it."""

    distance_m: float = Field(6.0, gt=0, description="least distance along the sidewalk, metres")
    distance_boxes: float = Field(2.0, gt=0, description="the same in box sizes, without ground points")
    widths: float = Field(1.0, ge=0, description="and at least this many widths of the sidewalk")
    duration_s: float = Field(1.0, gt=0, description="least time, seconds; half for twice the distance")
    along_deg: float = Field(45.0, gt=0, lt=90, description="largest angle between travel and the sidewalk's main axis")
    inside_boxes: float = Field(0.2, ge=0, description="how far inside the edge the foot must be, shares of box width")
    straightness: float = Field(0.6, gt=0, le=1, description="least net advance per length of path")


class TurnSettings(SceneModel):
    """When two gate crossings are one manoeuvre."""

    longest_s: float = Field(60.0, gt=0, description="longest time between the gates, waiting for others included")
    distance_m: float = Field(3.0, gt=0, description="least way from before the entry gate to the exit gate, metres")
    distance_boxes: float = Field(1.0, gt=0, description="the same in box sizes, without ground points")
    wrong_side_deg: float = Field(
        25.0, ge=0, lt=180, description="a change of heading to the other side refutes a turn"
    )
    u_turn_deg: float = Field(120.0, gt=0, lt=180, description="least change of heading of a U-turn")


class NoEntrySettings(SceneModel):
    """When a vehicle has entered a closed road and not just touched its edge."""

    distance_m: float = Field(5.0, gt=0, description="least distance travelled inside, metres")
    distance_boxes: float = Field(1.5, gt=0, description="the same in box sizes, without ground points")
    duration_s: float = Field(0.8, gt=0, description="least time inside, seconds; half for twice the distance")
    depth_boxes: float = Field(0.2, ge=0, description="how far from the edge the foot must get, box sizes")
    unseen_entry: float = Field(1.5, ge=1, description="factor on the distance when the entry itself was not seen")


class LoadSettings(SceneModel):
    """When several looks at one truck's load agree."""

    reads: int = Field(3, ge=2, description="least number of confident looks that see an uncovered load")
    span_s: float = Field(0.5, gt=0, description="least time between the first and the last of them, seconds")
    score: float = Field(0.6, gt=0, le=1, description="least score of a confident look")
    lead: float = Field(0.2, ge=0, le=1, description="least distance to the second-best state")
    agreement: float = Field(0.75, gt=0.5, le=1, description="least share of the confident looks")


class CommonSettings(SceneModel):
    """From when on so many are accused at one place within an hour that the scene itself is in doubt."""

    least_accused: int = Field(5, ge=2, description="fewer accused never put the scene in doubt")
    accused_share: float = Field(0.3, gt=0, le=1, description="share of those who passed, wrong way and turns")
    most_entries: int = Field(20, ge=2, description="entries into a closed road, whose every user is accused")


class RuleSettings(SceneModel):
    """All overridable thresholds, one block per rule."""

    motion: MotionSettings = MotionSettings()
    offender: OffenderSettings = OffenderSettings()
    wrong_way: WrongWaySettings = WrongWaySettings()
    dwell: DwellSettings = DwellSettings()
    queue: QueueSettings = QueueSettings()
    sidewalk_riding: RidingSettings = RidingSettings()
    forbidden_turn: TurnSettings = TurnSettings()
    no_entry: NoEntrySettings = NoEntrySettings()
    uncovered_load: LoadSettings = LoadSettings()
    common: CommonSettings = CommonSettings()
