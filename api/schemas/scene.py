"""Scenes of cameras as the API takes and gives them."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Base64Bytes, ConfigDict, Field

from api.fault_words import FieldFaultOut
from api.schemas.base import In, Out
from cases.records import SceneVersion
from cases.scenes import CameraScenes, plain_scene

EXAMPLE: dict[str, Any] = {
    "version": 1,
    "camera": {"id": "HN-HOANKIEM-014", "name": "Đinh Tiên Hoàng - Lê Thạch", "ward": "Hoàn Kiếm"},
    "size": [960, 540],
    "zones": [{"id": "kerb", "kind": "no_stopping", "polygon": [[10, 10], [300, 10], [300, 200]]}],
}


class SceneCameraOut(Out):
    """A camera known from scenes or cases; version numbers are null where there are none."""

    camera_id: str
    camera_name: str
    ward: str
    in_force: int | None
    newest: int | None
    cases: int

    @classmethod
    def of(cls, camera: CameraScenes) -> Self:
        """From what the service found."""
        return cls.model_validate(camera, from_attributes=True)


class SceneVersionOut(Out):
    """One version of a camera's scene, without its drawing."""

    model_config = ConfigDict(from_attributes=True)

    camera_id: str
    number: int
    sha256: str
    note: str
    drawn_by: str
    drawn_at: datetime
    activated_by: str | None
    activated_at: datetime | None
    retired_at: datetime | None
    in_force: bool
    has_reference: bool

    @classmethod
    def of(cls, version: SceneVersion) -> Self:
        """From a record."""
        return cls.model_validate(_columns(version))


class SceneDrawingOut(SceneVersionOut):
    """One version with its drawing, as JSON and as the scene file it is."""

    scene: dict[str, Any]
    text: str

    @classmethod
    def of(cls, version: SceneVersion) -> Self:
        """From a record."""
        scene = plain_scene(version.text, name=f"{version.camera_id} version {version.number}")
        return cls.model_validate({**_columns(version), "scene": scene, "text": version.text})


class SceneStartOut(Out):
    """What the editor begins with: versions, a drawing to go on from, and a case whose stills show the street."""

    camera_id: str
    versions: list[SceneVersionOut]
    scene: dict[str, Any] | None
    based_on: int | None
    case_id: str | None


class SceneIn(In):
    """A drawing to be checked; times of day as "HH:MM"."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"scene": EXAMPLE}]})

    scene: dict[str, Any]


class SceneVersionIn(SceneIn):
    """A drawing to be kept; `based_on` is the newest version that was read (null: none)."""

    note: str = Field("", max_length=2000)
    based_on: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    reference_jpeg: Annotated[Base64Bytes, Field(max_length=12_000_000)] | None = None


class SceneActivationIn(In):
    """`instead_of`: the version that was shown as in force (null: none); left out, nothing is compared."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"instead_of": 3}]})

    instead_of: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None

    @property
    def shown(self) -> tuple[int | None, ...]:
        """What was shown, empty where the caller does not say."""
        return (self.instead_of,) if "instead_of" in self.model_fields_set else ()


class SceneCheckOut(Out):
    """Whether a drawing can judge a camera; `ground_rmse_m` tells how well its ground points agree."""

    good: bool
    faults: list[FieldFaultOut]
    sha256: str | None
    ground_rmse_m: float | None


def _columns(version: SceneVersion) -> dict[str, Any]:
    names = (
        "camera_id",
        "number",
        "sha256",
        "note",
        "drawn_by",
        "drawn_at",
        "activated_by",
        "activated_at",
        "retired_at",
    )
    own = {name: getattr(version, name) for name in (*names, "in_force")}
    return own | {"has_reference": version.reference_jpeg is not None}
