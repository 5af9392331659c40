"""The scene as a whole: camera, picture size, zones, turns, ground, rule settings; versioned and hashed."""

import hashlib
import json
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from detector.scene.ground import Ground, GroundPoints, fit_ground
from detector.scene.model import SceneModel
from detector.scene.settings import RuleSettings
from detector.scene.zone import SourceKind, Turn, Xy, Zone, ZoneKind


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
            raise ValueError(f"unknown time zone {value!r}; write an IANA name such as Asia/Ho_Chi_Minh") from error
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
            faults.append("no zone and no turn: nothing would ever be judged; draw at least one")
        if self.ground:
            try:
                fit_ground(self.ground)
            except ValueError as error:
                faults.append(f"ground: {error}")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _points_outside(self) -> list[str]:
        drawn: list[tuple[str, tuple[Xy, ...]]] = [(f"zone {z.id}: polygon", z.polygon) for z in self.zones]
        drawn += [(f"zone {z.id}: direction", z.direction) for z in self.zones if z.direction]
        drawn += [
            (f"turn {t.id}: {name}", gate)
            for t in self.turns
            for name, gate in (("enter", t.enter), ("leave", t.leave))
        ]
        if self.ground:
            drawn.append(("ground: px", self.ground.px))
        width, height = self.size
        return [
            f"{place} point {i} {list(point)} lies outside the picture of {width} x {height} px"
            for place, points in drawn
            for i, point in enumerate(points)
            if not (0 <= point[0] <= width and 0 <= point[1] <= height)
        ]

    def _repeated_ids(self) -> list[str]:
        ids = [item.id for item in (*self.zones, *self.turns)]
        return [
            f"id {name!r} is used {ids.count(name)} times; ids of zones and turns must differ"
            for name in sorted(set(ids))
            if ids.count(name) > 1
        ]


def scene_hash(scene: Scene) -> str:
    """SHA-256 hex of what the scene says (order of keys and comments do not count)."""
    text = json.dumps(scene.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
