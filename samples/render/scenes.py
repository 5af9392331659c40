"""The scene file of each clip: zones drawn in metres on the street, written in pixels of its camera.

Comes in: a clip's name. Goes out: YAML as the contract has it; the ground homography is the camera's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import yaml
from shapely.geometry import LineString, Polygon, box

from samples.render.camera import Camera
from samples.render.sets import STAGES
from samples.render.street import KERB_M

Places = tuple[tuple[float, float], ...]
GROUND = ((0.15625, 0.35185), (0.84375, 0.35185), (0.96875, 0.96296), (0.03125, 0.96296))
"""Places in the picture, 0..1, whose metres are given."""
ROAD_CALENDAR = [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "06:00", "to": "22:00"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSketch:
    """A zone in metres on the ground; `z` is its level; `more` goes into the file as it stands."""

    id: str
    kind: str
    outline: Places
    z: float = 0.0
    direction: Places = ()
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSketch:
    camera: str
    place: str
    zones: tuple[ZoneSketch, ...]
    turns: tuple[dict[str, Any], ...] = ()
    reference: bool = False


def _lane(bound: int, low: float = 6.0, high: float = 31.0) -> ZoneSketch:
    way = ((0.0, low + 2.0), (0.0, high - 2.0))
    return ZoneSketch(
        id="northbound" if bound > 0 else "southbound",
        kind="one_way",
        outline=((-4.5, low), (4.5, low), (4.5, high), (-4.5, high)),
        direction=way if bound > 0 else way[::-1],
        more={"one_way_street": True},
    )


def _pavement(y0: float, y1: float, limit_s: float, side: int = -1) -> ZoneSketch:
    near, far = (-4.8, -7.8) if side < 0 else (4.8, 8.2)
    return ZoneSketch(
        id="west-pavement" if side < 0 else "east-pavement",
        kind="sidewalk",
        outline=((near, y0), (near, y1), (far, y1), (far, y0)),
        z=KERB_M,
        more={"limit_s": limit_s},
    )


EAST_KERB = ZoneSketch(
    id="east-kerb", kind="no_parking", outline=((1.9, 7.0), (4.45, 7.0), (4.45, 28.0), (1.9, 28.0)), more={"limit_s": 6}
)
SCENES = {
    "wrong_way": SceneSketch(camera="SAMPLE-WRONG-WAY", place="Hàng Bông (một chiều)", zones=(_lane(-1),)),
    "illegal_parking": SceneSketch(
        camera="SAMPLE-PARKING",
        place="Hàng Gai (cấm đỗ xe)",
        zones=(EAST_KERB, _pavement(6.0, 30.0, 120, side=1), _lane(1)),
    ),
    "sidewalk_encroachment": SceneSketch(
        camera="SAMPLE-PAVEMENT", place="Hàng Điếu (vỉa hè)", reference=True, zones=(_pavement(8.6, 18.2, 6),)
    ),
    "sidewalk_riding": SceneSketch(
        camera="SAMPLE-PAVEMENT-RAIN",
        place="Hàng Cót (vỉa hè)",
        reference=True,
        zones=(_pavement(6.5, 30.0, 60), _lane(1)),
    ),
    "forbidden_turn": SceneSketch(
        camera="SAMPLE-NO-LEFT",
        place="Tràng Thi - Quán Sứ",
        zones=(_lane(1, 22.0, 33.0),),
        turns=(
            {
                "id": "no-left",
                "kind": "no_left_turn",
                "enter": ((-4.4, 33.0), (4.4, 33.0)),
                "leave": ((-6.5, 36.6), (-6.5, 44.6)),
            },
        ),
    ),
    "no_entry": SceneSketch(
        camera="SAMPLE-NO-ENTRY",
        place="Hàng Đào (cấm ô tô)",
        zones=(
            ZoneSketch(
                id="closed-to-cars",
                kind="no_entry",
                outline=((-4.5, 7.0), (4.5, 7.0), (4.5, 31.0), (-4.5, 31.0)),
                more={"classes": ["car", "bus", "truck"], "calendar": ROAD_CALENDAR},
            ),
        ),
    ),
    "uncovered_load": SceneSketch(
        camera="SAMPLE-LOADS",
        place="Trần Nhật Duật",
        zones=(
            ZoneSketch(id="loads", kind="load_check", outline=((-4.5, 7.0), (4.5, 7.0), (4.5, 31.0), (-4.5, 31.0))),
            _lane(1),
        ),
    ),
    "clean": SceneSketch(
        camera="SAMPLE-CLEAN",
        place="Hàng Bông (đúng luật)",
        reference=True,
        zones=(_lane(-1), EAST_KERB, _pavement(11.4, 19.2, 6)),
    ),
}


def scene_yaml(name: str) -> str:
    """The file's text."""
    sketch, camera = SCENES[name], STAGES[name].camera
    scene: dict[str, Any] = {
        "version": 1,
        "camera": {
            "id": sketch.camera,
            "name": sketch.place,
            "ward": "Hoàn Kiếm",
            "lat": 21.0307,
            "lon": 105.8487,
            "timezone": "Asia/Ho_Chi_Minh",
            "source": "device",
        },
        "size": list(camera.size_wh),
    }
    if sketch.reference:
        scene["reference"] = f"{name}.jpg"
    places = [(round(u * camera.size_wh[0], 1), round(v * camera.size_wh[1], 1)) for u, v in GROUND]
    scene["ground"] = {"px": [list(place) for place in places], "m": [camera.ground_m(*place) for place in places]}
    scene["zones"] = [_zone(camera, zone) for zone in sketch.zones]
    if sketch.turns:
        scene["turns"] = [
            {**turn, "enter": _inside_line(camera, turn["enter"]), "leave": _inside_line(camera, turn["leave"])}
            for turn in sketch.turns
        ]
    return yaml.safe_dump(scene, allow_unicode=True, sort_keys=False, default_flow_style=None, width=120)


def _zone(camera: Camera, zone: ZoneSketch) -> dict[str, Any]:
    made: dict[str, Any] = {"id": zone.id, "kind": zone.kind, "polygon": _inside(camera, zone.outline, zone.z)}
    if zone.direction:
        made["direction"] = _arrow(camera, zone.direction)
    return {**made, **zone.more}


def _picture(camera: Camera) -> Polygon:
    return box(0, 0, *camera.size_wh)


def _arrow(camera: Camera, way: Places) -> list[list[float]]:
    """The direction's visible part, in its sense."""
    (u0, v0), (u1, v1) = _pixels(camera, way, 0.0)
    seen = LineString([(u0, v0), (u1, v1)]).intersection(_picture(camera))
    return [[round(u, 1), round(v, 1)] for u, v in seen.coords]


def _pixels(camera: Camera, places: Places, z: float) -> list[tuple[float, float]]:
    pixels, depth = camera.project(np.array([(x, y, z) for x, y in places], float))
    if depth.min() <= 0:
        raise ValueError(f"{places}: a corner lies behind the camera; draw the zone further up the street")
    return [(float(u), float(v)) for u, v in pixels]


def _inside(camera: Camera, places: Places, z: float) -> list[list[float]]:
    seen = Polygon(_pixels(camera, places, z)).intersection(_picture(camera))
    return [[round(u, 1), round(v, 1)] for u, v in list(seen.exterior.coords)[:-1]]


def _inside_line(camera: Camera, places: Places) -> list[list[float]]:
    seen = LineString(_pixels(camera, places, 0.0)).intersection(_picture(camera))
    return [[round(u, 1), round(v, 1)] for u, v in seen.coords]
