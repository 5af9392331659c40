"""How often each rule must see its camera's picture: while something moves there, and while nothing does.

Rules on standing need few looks and say so; rules on movement need the full rate, but only while something moves. A
scene needs what its most demanding rule needs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from detector.scene import Scene, ZoneKind
from detector.types import ViolationKind

LEAST_HZ = 0.5
"""What stood there when the camera started, and what a look missed, is found within two seconds."""


KEYFRAME_S = 2.0
"""Most time between keyframes with which rules on standing make do; cameras send one in 1 or 2 s."""
SLACK_S = 0.1
"""Keyframes come on frames, so an interval of two seconds may be a frame or two longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Looks per second: `moving_hz` while something moves, `still_hz` while nothing does."""

    moving_hz: float
    still_hz: float

    @property
    def standing_alone(self) -> bool:
        """Whether all rules are on standing, so that one look in `KEYFRAME_S` does."""
        return self.moving_hz * KEYFRAME_S <= 1


NEEDS = {
    ViolationKind.ILLEGAL_PARKING: Need(moving_hz=LEAST_HZ, still_hz=LEAST_HZ),
    ViolationKind.SIDEWALK_ENCROACHMENT: Need(moving_hz=LEAST_HZ, still_hz=1.0),
    ViolationKind.SIDEWALK_RIDING: Need(moving_hz=5.0, still_hz=LEAST_HZ),
    ViolationKind.WRONG_WAY: Need(moving_hz=5.0, still_hz=LEAST_HZ),
    ViolationKind.FORBIDDEN_TURN: Need(moving_hz=5.0, still_hz=LEAST_HZ),
    ViolationKind.NO_ENTRY: Need(moving_hz=5.0, still_hz=LEAST_HZ),
    ViolationKind.UNCOVERED_LOAD: Need(moving_hz=5.0, still_hz=LEAST_HZ),
}
"""Per rule. The foreground model of pavements counts in steps of a second, so it is given one."""
RULES_OF = {
    ZoneKind.NO_STOPPING: (ViolationKind.ILLEGAL_PARKING,),
    ZoneKind.NO_PARKING: (ViolationKind.ILLEGAL_PARKING,),
    ZoneKind.SIDEWALK: (ViolationKind.SIDEWALK_ENCROACHMENT, ViolationKind.SIDEWALK_RIDING),
    ZoneKind.CARRIAGEWAY: (ViolationKind.SIDEWALK_ENCROACHMENT,),
    ZoneKind.ONE_WAY: (ViolationKind.WRONG_WAY,),
    ZoneKind.NO_ENTRY: (ViolationKind.NO_ENTRY,),
    ZoneKind.LOAD_CHECK: (ViolationKind.UNCOVERED_LOAD,),
    ZoneKind.IGNORE: (),
}
"""Which rules a zone asks for."""


def need_of(scene: Scene) -> Need:
    """What a scene's rules need together."""
    needs = [NEEDS[kind] for kind in _kinds(scene)]
    return Need(
        moving_hz=max((need.moving_hz for need in needs), default=LEAST_HZ),
        still_hz=max((need.still_hz for need in needs), default=LEAST_HZ),
    )


def kinds_beyond(scene: Scene, rate_hz: float) -> list[ViolationKind]:
    """A scene's rules that need more looks a second, while something moves, than these."""
    return sorted({kind for kind in _kinds(scene) if NEEDS[kind].moving_hz > rate_hz})


def _kinds(scene: Scene) -> Iterator[ViolationKind]:
    for zone in scene.zones:
        yield from RULES_OF[zone.kind]
    if scene.turns:
        yield ViolationKind.FORBIDDEN_TURN
