"""Which rules a scene asks for: one builder per kind, greppable in one dict."""

from collections.abc import Callable, Iterator
from typing import Any

from detector.rules.act import ActRule
from detector.rules.geometry import Area, ruler_for
from detector.rules.rule import Rule
from detector.rules.wrong_way import VERSION as WRONG_WAY_VERSION
from detector.rules.wrong_way import WrongWayWatch
from detector.scene import Scene, ZoneKind
from detector.types import ViolationKind

AnyRule = Rule[Any]


def build_rules(scene: Scene) -> tuple[AnyRule, ...]:
    """All rules of a scene, in the order of `BUILDERS` and then of the operator's zones and turns."""
    return tuple(rule for build in BUILDERS.values() for rule in build(scene))


def _wrong_way(scene: Scene) -> Iterator[AnyRule]:
    for zone in scene.zones_of(ZoneKind.ONE_WAY):
        assert zone.direction is not None, "the scene refuses one_way zones without a direction"
        ruler = ruler_for(scene.fitted_ground, (*zone.polygon, *zone.direction))
        watch = WrongWayWatch(
            area=Area(zone.polygon),
            direction=ruler.direction(zone.direction, scene.fitted_ground),
            ruler=ruler,
            settings=scene.rules.wrong_way,
            limits=scene.rules.motion,
            one_way_street=zone.one_way_street,
        )
        yield ActRule(
            kind=ViolationKind.WRONG_WAY,
            version=WRONG_WAY_VERSION,
            bound=zone,
            watch=watch,
            classes=zone.bound_classes,
            pause_s=scene.rules.motion.pause_s,
            size_wh=scene.size,
            time_zone=scene.camera.zone_info,
        )


BUILDERS: dict[ViolationKind, Callable[[Scene], Iterator[AnyRule]]] = {
    ViolationKind.WRONG_WAY: _wrong_way,
}
