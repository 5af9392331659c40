"""Which rules a scene asks for: one builder per kind, greppable in one dict."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from detector.rules import (
    forbidden_turn,
    illegal_parking,
    no_entry,
    sidewalk_encroachment,
    sidewalk_riding,
    uncovered_load,
    wrong_way,
)
from detector.rules.act import GOODS, ActRule, Watch
from detector.rules.either import EitherWatch, Headed
from detector.rules.geometry import Area, Gate, Ruler, long_axis, main_axis, ruler_for
from detector.rules.queue import QueueWatch
from detector.rules.rule import Rule
from detector.scene import Scene, Turn, Zone, ZoneKind
from detector.scene.settings import NoEntrySettings, RidingSettings, TurnSettings, WrongWaySettings
from detector.types import ObjectClass, ViolationKind, Window
from detector.types.track import Point

AnyRule = Rule[Any]
Build = Callable[[Ruler, Ruler], Watch[Any]]
Travel = WrongWaySettings | RidingSettings | TurnSettings | NoEntrySettings
TURN_PAUSE_S = 2.0
"""A manoeuvre is over at its exit gate; its last finding waits for the second after it."""


def build_rules(scene: Scene, window: Window | None = None) -> tuple[AnyRule, ...]:
    """All rules of a scene, in the order of `BUILDERS` and then of the operator's zones and turns.

    Args:
        window: the part of the picture that is looked at, None where it is the whole.
    """
    looked_at = window or Window.whole(scene.size)
    return tuple(rule for build in BUILDERS.values() for rule in build(scene, looked_at))


def _rule(
    scene: Scene, version: str, bound: Zone | Turn, watch: Watch[Any], *, pause_s: float | None = None
) -> ActRule[Any]:
    return ActRule(
        kind=ViolationKind(version.partition("/")[0]),
        version=version,
        bound=bound,
        watch=watch,
        classes=bound.bound_classes,
        class_share=scene.rules.offender.class_share,
        vehicle_share=scene.rules.offender.vehicle_share,
        pause_s=scene.rules.motion.pause_s if pause_s is None else pause_s,
        size_wh=scene.size,
        time_zone=scene.camera.zone_info,
    )


def _in_plane(scene: Scene, ruler: Ruler, polygon: Sequence[Point]) -> Area:
    """A polygon in the plane the ruler measures in: the road's in metres, or the picture's."""
    if not ruler.metric or scene.fitted_ground is None:
        return Area(polygon)
    return Area([(float(x), float(y)) for x, y in scene.fitted_ground.to_m(np.array(polygon))])


def _measured(scene: Scene, points: Sequence[Point], settings: Travel, build: Build) -> Watch[Any]:
    """A watch over travel: in box sizes without a ground, in either with one, in metres alone where a scene states how
    many of them it wants. `build` is given what measures ways and what measures speeds: metres where there are any."""
    ruler = ruler_for(scene.fitted_ground, points)
    watch = build(ruler, ruler)
    if not ruler.metric or settings.distance_m != type(settings).model_fields["distance_m"].default:
        return watch
    heads = watch.heads if isinstance(watch, Headed) else None
    return EitherWatch(metres=watch, boxes=build(Ruler(metric=False), ruler), heads=heads)


def _wrong_way(scene: Scene, window: Window) -> Iterator[AnyRule]:
    for zone in scene.zones_of(ZoneKind.ONE_WAY):
        assert zone.direction is not None, "the scene refuses one_way zones without a direction"
        build = partial(_one_way, scene, zone, zone.direction, window)
        watch = _measured(scene, (*zone.polygon, *zone.direction), scene.rules.wrong_way, build)
        yield _rule(scene, wrong_way.VERSION, zone, watch)


def _one_way(
    scene: Scene, zone: Zone, segment: Gate, window: Window, ruler: Ruler, pace: Ruler
) -> wrong_way.WrongWayWatch:
    direction = ruler.direction(segment, scene.fitted_ground)
    return wrong_way.WrongWayWatch(
        window=window,
        area=Area(zone.polygon),
        direction=direction,
        length=_in_plane(scene, ruler, zone.polygon).longest_chord(direction),
        ruler=ruler,
        pace=pace,
        settings=scene.rules.wrong_way,
        limits=scene.rules.motion,
        one_way_street=zone.one_way_street,
    )


def _illegal_parking(scene: Scene, _window: Window) -> Iterator[AnyRule]:
    aside = tuple(Area(zone.polygon) for zone in scene.zones_of(ZoneKind.SIDEWALK))
    road = tuple(Area(zone.polygon) for zone in scene.zones_of(ZoneKind.ONE_WAY, ZoneKind.CARRIAGEWAY))
    for zone in scene.zones_of(ZoneKind.NO_STOPPING, ZoneKind.NO_PARKING):
        area = Area(zone.polygon)
        watch = illegal_parking.ParkingWatch(
            area=area,
            zone_kind=zone.kind.value,
            limit_s=zone.limit,
            settings=scene.rules.dwell,
            queue=QueueWatch(
                settings=scene.rules.queue, area=area, aside=aside, road=road, axis=long_axis(zone.polygon)
            ),
        )
        yield _rule(scene, illegal_parking.VERSION, zone, watch, pause_s=scene.rules.dwell.pause_s)


def _sidewalk_encroachment(scene: Scene, _window: Window) -> Iterator[AnyRule]:
    for zone in scene.zones_of(ZoneKind.SIDEWALK, ZoneKind.CARRIAGEWAY):
        watch = sidewalk_encroachment.EncroachmentWatch(
            area=Area(zone.polygon), zone_kind=zone.kind.value, limit_s=zone.limit, settings=scene.rules.dwell
        )
        vehicles: frozenset[ObjectClass] = zone.bound_classes if zone.kind is ZoneKind.SIDEWALK else frozenset()
        rule = _rule(scene, sidewalk_encroachment.VERSION, zone, watch, pause_s=scene.rules.dwell.pause_s)
        yield replace(rule, classes=vehicles | GOODS)


def _sidewalk_riding(scene: Scene, _window: Window) -> Iterator[AnyRule]:
    for zone in scene.zones_of(ZoneKind.SIDEWALK):
        watch = _measured(scene, zone.polygon, scene.rules.sidewalk_riding, partial(_sidewalk, scene, zone))
        yield _rule(scene, sidewalk_riding.VERSION, zone, watch)


def _sidewalk(scene: Scene, zone: Zone, ruler: Ruler, pace: Ruler) -> sidewalk_riding.RidingWatch:
    plane = _in_plane(scene, ruler, zone.polygon)
    return sidewalk_riding.RidingWatch(
        area=Area(zone.polygon),
        axis_px=main_axis(zone.polygon),
        plane=plane,
        axis=main_axis(plane.corners),
        ruler=ruler,
        pace=pace,
        settings=scene.rules.sidewalk_riding,
        limits=scene.rules.motion,
    )


def _forbidden_turn(scene: Scene, _window: Window) -> Iterator[AnyRule]:
    for turn in scene.turns:
        watch = _measured(scene, (*turn.enter, *turn.leave), scene.rules.forbidden_turn, partial(_turn, scene, turn))
        yield _rule(scene, forbidden_turn.VERSION, turn, watch, pause_s=TURN_PAUSE_S)


def _turn(scene: Scene, turn: Turn, ruler: Ruler, pace: Ruler) -> forbidden_turn.TurnWatch:
    return forbidden_turn.TurnWatch(
        kind=turn.kind,
        enter=turn.enter,
        leave=turn.leave,
        ruler=ruler,
        pace=pace,
        settings=scene.rules.forbidden_turn,
        limits=scene.rules.motion,
    )


def _no_entry(scene: Scene, _window: Window) -> Iterator[AnyRule]:
    for zone in scene.zones_of(ZoneKind.NO_ENTRY):
        watch = _measured(scene, zone.polygon, scene.rules.no_entry, partial(_closed, scene, zone))
        yield _rule(scene, no_entry.VERSION, zone, watch)


def _closed(scene: Scene, zone: Zone, ruler: Ruler, pace: Ruler) -> no_entry.NoEntryWatch:
    return no_entry.NoEntryWatch(
        area=Area(zone.polygon), ruler=ruler, pace=pace, settings=scene.rules.no_entry, limits=scene.rules.motion
    )


def _uncovered_load(scene: Scene, _window: Window) -> Iterator[AnyRule]:
    for zone in scene.zones_of(ZoneKind.LOAD_CHECK):
        watch = uncovered_load.LoadWatch(area=Area(zone.polygon), settings=scene.rules.uncovered_load)
        rule = _rule(scene, uncovered_load.VERSION, zone, watch)
        yield replace(rule, classes=frozenset({ObjectClass.TRUCK}))


BUILDERS: dict[ViolationKind, Callable[[Scene, Window], Iterator[AnyRule]]] = {
    ViolationKind.ILLEGAL_PARKING: _illegal_parking,
    ViolationKind.SIDEWALK_ENCROACHMENT: _sidewalk_encroachment,
    ViolationKind.SIDEWALK_RIDING: _sidewalk_riding,
    ViolationKind.WRONG_WAY: _wrong_way,
    ViolationKind.FORBIDDEN_TURN: _forbidden_turn,
    ViolationKind.NO_ENTRY: _no_entry,
    ViolationKind.UNCOVERED_LOAD: _uncovered_load,
}
