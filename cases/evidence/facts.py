"""From a violation and what judged it to the facts a bundle's manifest states.

`bundle_facts` is what a pipeline calls before `BundleWriter.seal`; it returns plain JSON values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.canonical import utc_text
from cases.evidence.manifest import (
    Facts,
    NetworkRecord,
    SceneRecord,
    SourceRecord,
    Window,
)
from cases.version import software_version
from detector.scene import Scene
from detector.types import Finding, Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRef:
    """The network that saw: its registry name and the SHA-256 of its file (None when nothing was loaded)."""

    name: str
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRef:
    """The recording or stream: file name or address, and the SHA-256 of it or its size and time of change."""

    name: str
    sha256: str | None = None
    size_bytes: int | None = None
    modified_at: datetime | None = None


def bundle_facts(
    *,
    violation: Violation,
    scene: Scene,
    scene_text: str,
    network: NetworkRef,
    source: SourceRef,
    clip_starts_s: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """The facts of one violation's bundle as JSON values.

    `scene_text` is the scene file as it was read, `clip_starts_s` the stream second each clip begins at, by item name.
    """
    finding = violation.finding
    facts = Facts(
        violation_id=violation.id,
        window=Window(
            start_s=finding.t_start_s, end_s=finding.t_end_s, start_at=violation.start_at, end_at=violation.end_at
        ),
        clock=violation.clock,
        scene=SceneRecord(camera_id=violation.camera_id, sha256=violation.scene_hash, text=scene_text),
        rule_version=finding.rule_version,
        network=NetworkRecord(name=network.name, sha256=network.sha256),
        software_version=software_version(),
        source=SourceRecord(
            id=violation.source_id,
            kind=scene.camera.source,
            name=source.name,
            sha256=source.sha256,
            size_bytes=source.size_bytes,
            modified_at=source.modified_at,
        ),
        violation=violation_dump(violation) | {"clip_starts_s": dict(clip_starts_s or {})},
    )
    return facts.model_dump(mode="json")


def violation_dump(violation: Violation) -> dict[str, Any]:
    """A violation as JSON values, nothing left out."""
    return {
        "id": violation.id,
        "camera_id": violation.camera_id,
        "source_id": violation.source_id,
        "scene_hash": violation.scene_hash,
        "start_at": utc_text(violation.start_at) if violation.start_at else None,
        "end_at": utc_text(violation.end_at) if violation.end_at else None,
        "clock": violation.clock.value,
        "extra": dict(violation.extra),
        "finding": _finding_dump(violation.finding),
    }


def _finding_dump(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind.value,
        "zone_id": finding.zone_id,
        "rule_version": finding.rule_version,
        "track_id": finding.track_id,
        "vehicle": finding.vehicle.label if finding.vehicle is not None else None,
        "t_start_s": finding.t_start_s,
        "t_end_s": finding.t_end_s,
        "confidence": finding.confidence,
        "moments": {name: {"t_s": moment.t_s, "xyxy": list(moment.xyxy)} for name, moment in finding.moments.items()},
        "facts": dict(finding.facts),
        "path": [list(row) for row in finding.path],
        "cannot_tell": list(finding.cannot_tell),
        "reminder_only": finding.reminder_only,
        "final": finding.final,
    }
