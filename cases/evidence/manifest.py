"""The manifest of an evidence bundle: what is in it, what it shows, and what judged it.

`manifest.json` is the canonical spelling of a `Manifest`. Its `manifest_sha256` covers everything else in it,
so a bundle can be checked alone, and the case row keeps the same value, so a re-written bundle is found too.
Its signature lies beside it in `manifest.sig` and signs `manifest_sha256`; `key_id` names the key.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from cases.canonical import canonical_json, sha256_of, utc_text, without
from cases.signing import KeyId
from detector.types import ClockGrade

MANIFEST_NAME = "manifest.json"
SIGNATURE_NAME = "manifest.sig"
SIGNED_AS = "evidence-manifest"
FORMAT = "phatnguoi-evidence/1"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ItemName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
ViolationId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class ManifestModel(BaseModel):
    """Frozen; unknown keys are refused; times are written in UTC; NaN stays NaN and is refused when hashed."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    @field_serializer("*", when_used="json", check_fields=False)
    def _utc(self, value: Any) -> Any:
        return utc_text(value) if isinstance(value, datetime) else value


class Item(ManifestModel):
    """One file of a bundle."""

    name: ItemName
    media_type: str = Field(pattern=r"^[a-z]+/[A-Za-z0-9.+-]+$")
    sha256: Sha256
    size_bytes: int = Field(ge=0)


class Window(ManifestModel):
    """When the act happened: seconds of stream time, and UTC where the source is on the calendar."""

    start_s: float
    end_s: float
    start_at: datetime | None
    end_at: datetime | None


class SceneRecord(ManifestModel):
    """The scene that judged, hashed and in full."""

    camera_id: str
    sha256: Sha256
    text: str


class NetworkRecord(ManifestModel):
    """The network that saw."""

    name: str
    sha256: Sha256 | None


class SourceRecord(ManifestModel):
    """The recording or stream: its hash where it was taken, otherwise size and time of change."""

    id: str
    kind: Literal["device", "community", "citizen"]
    name: str
    sha256: Sha256 | None
    size_bytes: int | None
    modified_at: datetime | None


class Facts(ManifestModel):
    """Everything a manifest says beside the list of items."""

    violation_id: ViolationId
    window: Window
    clock: ClockGrade
    scene: SceneRecord
    rule_version: str
    network: NetworkRecord
    software_version: str
    source: SourceRecord
    violation: dict[str, Any]


class Manifest(Facts):
    """The whole manifest as it stands in `manifest.json`."""

    format: Literal["phatnguoi-evidence/1"]
    created_at: datetime
    items: tuple[Item, ...]
    key_id: KeyId | None = None
    manifest_sha256: Sha256

    def item(self, name: str) -> Item | None:
        """The item of that name, None when the bundle lists none."""
        return next((item for item in self.items if item.name == name), None)


def manifest_bytes(
    facts: Facts, *, items: tuple[Item, ...], created_at: datetime, key_id: str | None
) -> tuple[bytes, str]:
    """The bytes of `manifest.json` and their `manifest_sha256`; `key_id` is the key that will sign it, if any.

    Raises:
        ValueError: a fact is NaN, infinite or has no JSON form.
    """
    content: dict[str, object] = {
        **facts.model_dump(mode="json"),
        "format": FORMAT,
        "created_at": utc_text(created_at),
        "items": [item.model_dump(mode="json") for item in items],
        "key_id": key_id,
    }
    digest = sha256_of(content)
    return canonical_json({**content, "manifest_sha256": digest}), digest


def content_sha256(manifest: dict[str, object]) -> str:
    """What `manifest_sha256` of a parsed manifest should be."""
    return sha256_of(without(manifest, "manifest_sha256"))
