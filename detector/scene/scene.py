"""The scene as a whole: camera, picture size, zones, turns, ground, rule settings; versioned and hashed."""

import hashlib
import json
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from detector.scene.fault import Fault, FaultError, fault
from detector.scene.ground import Ground, GroundPoints, fit_ground
from detector.scene.model import SceneModel, Xy
from detector.scene.settings import RuleSettings
from detector.scene.zone import SourceKind, Turn, Zone, ZoneKind


class Camera(SceneModel):
    """Which camera, where, and what kind of source it is in law."""

    id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.\-]+$")
    name: str = ""
    ward: str = ""
    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)
    timezone: str = "Asia/Ho_Chi_Minh"
    source: SourceKind = "device"

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            told = f"unknown time zone {value!r}; write an IANA name such as Asia/Ho_Chi_Minh"
            raise fault("time_zone", told, value=value[:40]) from error
        return value

    @property
    def zone_info(self) -> ZoneInfo:
        """The camera's time zone."""
        return ZoneInfo(self.timezone)


class Scene(SceneModel):
    """One camera's scene, all coordinates in pixels of `size`."""

    version: Literal[1]
    camera: Camera
    size: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]]
    reference: str | None = None
    ground: GroundPoints | None = None
    zones: tuple[Zone, ...] = ()
    turns: tuple[Turn, ...] = ()
    rules: RuleSettings = RuleSettings()

    @cached_property
    def fitted_ground(self) -> Ground | None:
        """The homography through the ground points, None without them."""
        return fit_ground(self.ground) if self.ground else None

    def zones_of(self, *kinds: ZoneKind) -> tuple[Zone, ...]:
        """The zones of the given kinds, in the operator's order."""
        return tuple(zone for zone in self.zones if zone.kind in kinds)

    @model_validator(mode="after")
    def _hangs_together(self) -> "Scene":
        faults = [*self._points_outside(), *self._repeated_ids()]
        if not self.zones and not self.turns:
            told = "no zone and no turn: nothing would ever be judged; draw at least one"
            faults.append(Fault("", told, "nothing_drawn"))
        if self.ground:
            try:
                fit_ground(self.ground)
            except ValueError as error:
                faults.append(Fault("ground", f"ground: {error}", "ground_unfit"))
        if faults:
            raise FaultError(*faults)
        return self

    def _points_outside(self) -> list[Fault]:
        drawn: list[tuple[str, str, tuple[Xy, ...]]] = []
        for number, zone in enumerate(self.zones):
            lines = {"polygon": zone.polygon, "direction": zone.direction or ()}
            drawn += [(f"zones[{number}].{name}", f"zone {zone.id}: {name}", line) for name, line in lines.items()]
        for number, turn in enumerate(self.turns):
            gates = {"enter": turn.enter, "leave": turn.leave}
            drawn += [(f"turns[{number}].{name}", f"turn {turn.id}: {name}", gate) for name, gate in gates.items()]
        if self.ground:
            drawn.append(("ground.px", "ground: px", self.ground.px))
        width, height = self.size
        return [
            Fault(
                f"{place}[{i}]",
                f"{named} point {i} {list(point)} lies outside the picture of {width} x {height} px",
                "point_outside",
                {"x": point[0], "y": point[1], "width": width, "height": height},
            )
            for place, named, points in drawn
            for i, point in enumerate(points)
            if not (0 <= point[0] <= width and 0 <= point[1] <= height)
        ]

    def _repeated_ids(self) -> list[Fault]:
        ids = [item.id for item in (*self.zones, *self.turns)]
        return [
            Fault(
                "",
                f"id {name!r} is used {ids.count(name)} times; ids of zones and turns must differ",
                "id_repeated",
                {"id": name, "times": ids.count(name)},
            )
            for name in sorted(set(ids))
            if ids.count(name) > 1
        ]


def scene_hash(scene: Scene) -> str:
    """SHA-256 hex of what the scene says (order of keys and comments do not count)."""
    text = json.dumps(scene.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
