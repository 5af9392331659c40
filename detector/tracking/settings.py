"""Every number the tracker decides with, in one place and with its unit.

Times are seconds of stream time. Lengths are multiples of the object's own box size (square root of its area),
so the same numbers hold near and far, at any resolution. The figures were chosen by the measurement in
`docs/tracking.md`.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionSettings:
    """Noise of the Kalman filter; `size` stands for the box size.

    Attributes:
        wander_sizes_s: how far the speed of a moving object spreads within one second, sizes per second.
        wander_standing: the same as a fraction of it, for an object that stands.
        wander_log_s: how far the rate of the logarithm of width and height spreads within one second, per second.
        first_growth_log_s: spread of that rate for a new object.
        swell_log, swell_step_sizes: from so much growth of the logarithm of the sides and so long a step on, both from
            look to look, the step grows with the box.
        place_sizes: spread of a measured box centre, sizes.
        log_size: spread of the logarithm of measured width and height.
        first_speed_sizes_s: spread of the unknown speed of a new object, sizes per second.
        flow_speed_sizes_s: least spread of a speed taken over from the flow of others, sizes per second.
        low_score_noise: factor on the measurement spread of a low-score detection.
    """

    wander_sizes_s: float = 1.8
    wander_standing: float = 0.5
    wander_log_s: float = 0.25
    first_growth_log_s: float = 0.5
    swell_log: float = 0.04
    swell_step_sizes: float = 0.4
    place_sizes: float = 0.07
    log_size: float = 0.08
    first_speed_sizes_s: float = 2.5
    flow_speed_sizes_s: float = 0.5
    low_score_noise: float = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSettings:
    """When a detection may continue a track, and what it costs.

    Attributes:
        high_score, low_score: ByteTrack's two stages; below `low_score` a detection is ignored.
        birth_score: least score that starts a track.
        gate_place: largest squared Mahalanobis distance of the centre.
        tail: degrees of freedom of the centre's spread (Student): real streams stutter and jump.
        step_growth_log: further spread of the logarithm of width and height in a first step, per size it goes.
        gate_log_area: largest change of the logarithm of the area.
        still_shift_sizes: largest shift of a standing object between two looks, sizes.
        rebind_iou: least overlap with its place when a standing object comes back after a gap.
        rebind_colour: largest colour distance (0..1) when it comes back after a gap.
        rebind_gap_s: what counts as a gap.
        colour_scale: colour distance that costs 1.
        other_kind_cost: cost of a class change within a group (car, bus, truck).
        other_group_cost: cost of a change between person, two-wheeler and vehicle, for what moves; what stands never.
        unmatched_cost: cost of leaving a track unmatched; the balance point of all other costs.
        duplicate_iou: a detection that covers a matched one this much starts no track,
        same_foot_iou, same_foot_sizes: nor one that covers it this much and stands within so many sizes of its foot.
    """

    high_score: float = 0.35
    low_score: float = 0.1
    birth_score: float = 0.3
    gate_place: float = 60.0
    tail: float = 3.0
    step_growth_log: float = 0.2
    gate_log_area: float = 1.1
    still_shift_sizes: float = 0.6
    rebind_iou: float = 0.5
    rebind_colour: float = 0.12
    rebind_gap_s: float = 1.0
    colour_scale: float = 0.035
    other_kind_cost: float = 0.7
    other_group_cost: float = 3.0
    unmatched_cost: float = 7.5
    duplicate_iou: float = 0.75
    same_foot_iou: float = 0.65
    same_foot_sizes: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeSettings:
    """How long a track lives without being measured, and what makes it worth announcing.

    Attributes:
        confirm_hits: least number of agreeing measurements before a track is announced.
        confirm_score_sum: least sum of their scores.
        tentative_s: how long an unannounced track survives unmeasured.
        lost_s: how long a moving track coasts.
        edge_lost_s: the same when it was last seen cut off by the picture's edge: it has most likely left.
        standing_lost_s: how long a standing track keeps its place while something hides it.
        empty_s: how long the place of a standing track may be seen empty; longer for objects that flicker.
        empty_longest_s: upper bound of that extension.
        covered: share of a place that must be hidden for it to count as not visible.
        taken_iou: another standing track that overlaps a place this much has taken it.
        twin_s: of two tracks measured on one foot this long, the younger ends: one road user was boxed twice.
        object_lost_s: how long a class-free object survives unmeasured.
    """

    confirm_hits: int = 2
    confirm_score_sum: float = 0.8
    tentative_s: float = 0.45
    lost_s: float = 2.0
    edge_lost_s: float = 0.5
    standing_lost_s: float = 60.0
    empty_s: float = 3.0
    empty_longest_s: float = 20.0
    covered: float = 0.3
    taken_iou: float = 0.6
    twin_s: float = 0.6
    object_lost_s: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StillSettings:
    """When an object stands and when it has moved on.

    Attributes:
        window_s: the box must have held its place this long.
        enter_sizes: largest least-corner shift against the median box over the window, sizes.
        enter_iou: least overlap with the median box over the window.
        leave_sizes, leave_iou: the same for leaving (hysteresis).
        leave_looks: measurements in a row that must lie outside before the object counts as moving.
        drift_sizes: largest shift of the slowly adapted place against the first one.
        adapt_s: time constant of that adaptation.
        jitter_factor, jitter_looks: looking back, the object has arrived when it is nearer its place than this multiple
            of its median shift over the last so many looks,
        arrive_least_sizes, arrive_most_sizes: plus this, and at most that, sizes.
    """

    window_s: float = 2.0
    enter_sizes: float = 0.12
    enter_iou: float = 0.55
    leave_sizes: float = 0.3
    leave_iou: float = 0.3
    leave_looks: int = 2
    drift_sizes: float = 0.3
    adapt_s: float = 10.0
    jitter_factor: float = 2.5
    jitter_looks: int = 8
    arrive_least_sizes: float = 0.02
    arrive_most_sizes: float = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class PathSettings:
    """What is kept of a track's past.

    Attributes:
        full_s: every point of this last stretch is kept.
        thin_s: spacing of older points.
        longest_s: older points are forgotten.
        hug: each edge of the announced box stays within this share of width or height of the measured one.
    """

    full_s: float = 10.0
    thin_s: float = 1.0
    longest_s: float = 1800.0
    hug: float = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreesSettings:
    """When three looks make a track of their own.

    Attributes:
        young_hits: tracks measured no more often may be given up.
        least_step_sizes: both steps are at least so long; shorter ones are matched look by look.
        longest_step_sizes, growth_log: largest step in mean sizes, and change of the logarithm of a side.
        least_gap_s, longest_gap_s: looks farther apart or nearer than this are not tried.
        place_sizes, size_share, accel_sizes_s2: what the two steps may differ by: always, per size they go, and by
            acceleration.
        depth: the same for the inverse of the box size, as a share.
        most_cost: dearer threes are none.
        held_cost: what threes whose first two looks one track holds are cheaper.
        settled_cost: nor those whose last detection continues an older track for less.
    """

    young_hits: int = 2
    least_step_sizes: float = 0.6
    longest_step_sizes: float = 3.0
    growth_log: float = 0.7
    least_gap_s: float = 0.08
    longest_gap_s: float = 0.6
    place_sizes: float = 0.1
    size_share: float = 0.06
    accel_sizes_s2: float = 0.6
    depth: float = 0.06
    most_cost: float = 3.0
    held_cost: float = 1.0
    settled_cost: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerSettings:
    """All of the above."""

    motion: MotionSettings = field(default_factory=MotionSettings)
    match: MatchSettings = field(default_factory=MatchSettings)
    life: LifeSettings = field(default_factory=LifeSettings)
    still: StillSettings = field(default_factory=StillSettings)
    path: PathSettings = field(default_factory=PathSettings)
    threes: ThreesSettings = field(default_factory=ThreesSettings)
