"""Zones and turns: where a rule applies, to whom, and when."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator
from shapely import LineString, Polygon
from shapely.validation import explain_validity

from detector.scene.calendar import Calendar
from detector.scene.fault import fault
from detector.scene.model import SceneModel, Xy
from detector.types.classes import MOTOR_VEHICLES, ObjectClass


class ZoneKind(StrEnum):
    """What an area of the picture is."""

    SIDEWALK = "sidewalk"
    NO_STOPPING = "no_stopping"
    NO_PARKING = "no_parking"
    ONE_WAY = "one_way"
    NO_ENTRY = "no_entry"
    CARRIAGEWAY = "carriageway"
    LOAD_CHECK = "load_check"
    IGNORE = "ignore"


class TurnKind(StrEnum):
    """Which manoeuvre a sign forbids."""

    NO_LEFT_TURN = "no_left_turn"
    NO_RIGHT_TURN = "no_right_turn"
    NO_U_TURN = "no_u_turn"


DEFAULT_LIMIT_S = {
    ZoneKind.SIDEWALK: 120.0,
    ZoneKind.NO_STOPPING: 60.0,
    ZoneKind.NO_PARKING: 180.0,
    ZoneKind.CARRIAGEWAY: 120.0,
}
"""How long something may stand where the operator names no limit. The law gives no minutes: ours, to be set."""


def _object_class(value: object) -> object:
    if isinstance(value, ObjectClass):
        return value
    labels = sorted(kind.label for kind in ObjectClass if kind is not ObjectClass.OBJECT)
    if isinstance(value, str) and value in labels:
        return ObjectClass.from_label(value)
    told = f"expected one of {', '.join(labels)}, got {value!r}"
    raise fault("vehicle_class", told, value=str(value)[:40], classes=labels)


ClassName = Annotated[
    ObjectClass, BeforeValidator(_object_class), PlainSerializer(lambda kind: kind.label, return_type=str)
]
Classes = Annotated[tuple[ClassName, ...], Field(min_length=1)]


class Sign(SceneModel):
    """The sign or marking that makes the rule binding; its photo belongs into the evidence."""

    code: str = Field(min_length=1, description='e.g. "P.102", "P.131a"')
    text: str | None = None
    photo: str | None = Field(None, description="file beside the scene")
    checked_on: str | None = Field(None, description="date the sign was last seen in good order")


class Bound(SceneModel):
    """What zones and turns share: identity, who is bound, when."""

    id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.\-]+$")
    classes: Classes | None = None
    calendar: Calendar | None = None
    reminder_only: bool = Field(False, description="warning period: cases open as reminders")
    sign: Sign | None = None

    @property
    def bound_classes(self) -> frozenset[ObjectClass]:
        """Who is bound: the listed classes, all motor vehicles by default."""
        return frozenset(self.classes) if self.classes else MOTOR_VEHICLES


class Zone(Bound):
    """An area of the picture with one meaning."""

    kind: ZoneKind
    polygon: Annotated[tuple[Xy, ...], Field(min_length=3)]
    limit_s: float | None = Field(None, gt=0, le=86400)
    direction: tuple[Xy, Xy] | None = None
    one_way_street: bool | None = None

    @property
    def limit(self) -> float:
        """Seconds something may stand here."""
        return self.limit_s if self.limit_s is not None else DEFAULT_LIMIT_S.get(self.kind, 120.0)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "Zone":
        shape = Polygon(self.polygon)
        if not shape.is_valid:
            raise fault(
                "polygon_crosses",
                f"zone {self.id}: the polygon is not simple ({explain_validity(shape)});"
                " draw it without crossing edges",
            )
        if self.kind is ZoneKind.ONE_WAY and self.direction is None:
            raise fault(
                "direction_missing",
                f"zone {self.id}: a one_way zone needs `direction: [[x, y], [x, y]]` (permitted travel, from -> to)",
            )
        if self.kind is not ZoneKind.ONE_WAY and (self.direction is not None or self.one_way_street is not None):
            raise fault(
                "direction_elsewhere",
                f"zone {self.id}: `direction` and `one_way_street` belong to a one_way zone, not to {self.kind.value}",
                zones=[self.kind.value],
            )
        if self.direction is not None and self.direction[0] == self.direction[1]:
            raise fault("direction_point", f"zone {self.id}: `direction` starts and ends at the same point")
        if self.limit_s is not None and self.kind not in DEFAULT_LIMIT_S:
            raise fault(
                "limit_elsewhere",
                f"zone {self.id}: `limit_s` is for {', '.join(kind.value for kind in DEFAULT_LIMIT_S)} zones, "
                f"not {self.kind.value}",
                zones=[kind.value for kind in DEFAULT_LIMIT_S],
            )
        return self


class Turn(Bound):
    """A forbidden manoeuvre: the entry gate, then the exit gate, in that order."""

    kind: TurnKind
    enter: tuple[Xy, Xy]
    leave: tuple[Xy, Xy]

    @model_validator(mode="after")
    def _has_gates(self) -> "Turn":
        for name, gate in (("enter", self.enter), ("leave", self.leave)):
            if LineString(gate).length < 1:
                raise fault("gate_point", f"turn {self.id}: gate `{name}` has no length", place=name)
        return self


SourceKind = Literal["device", "community", "citizen"]
