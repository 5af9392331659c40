"""Violations, bundles and cases for tests: defaults for everything, a test names only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cases.actor import Actor
from cases.database import Database
from cases.evidence import BundleRef, EvidenceStore, FolderStore, NetworkRef, SourceRef, bundle_facts
from cases.lifecycle import Role
from cases.opening import CaseOpened, open_case
from detector.scene import Scene, parse_scene, scene_hash
from detector.types import ClockGrade, Finding, Moment, ObjectClass, Violation, ViolationKind, violation_id

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
NETWORK = NetworkRef(name="scripted", sha256="ab" * 32)
SOURCE = SourceRef(name="clip.mp4", size_bytes=1234, modified_at=NOON)
STILLS = ("before", "during", "after")


def scene_text(*, camera_id: str = "HN-HOANKIEM-014", ward: str = "Hoàn Kiếm", source: str = "device") -> str:
    """A small scene file."""
    return f"""
version: 1
camera: {{id: {camera_id}, name: Đinh Tiên Hoàng - Lê Thạch, ward: {ward}, lat: 21.0278, lon: 105.8542,
         source: {source}}}
size: [960, 540]
zones:
  - {{id: southbound, kind: one_way, polygon: [[0, 0], [900, 0], [900, 500], [0, 500]], direction: [[9, 9], [9, 400]]}}
"""


def scene_of(**how: str) -> Scene:
    """The scene of `scene_text`."""
    return parse_scene(scene_text(**how), name="scene.yaml")


def finding_of(number: int = 0, **fields: Any) -> Finding:
    """A wrong-way finding; `number` makes it another act."""
    start_s = 3.2 + 10 * number
    box = (610.0, 402.0, 655.0, 498.0)
    finding = Finding(
        kind=ViolationKind.WRONG_WAY,
        zone_id="southbound",
        rule_version="wrong_way/1",
        track_id=17 + number,
        vehicle=ObjectClass.MOTORCYCLE,
        t_start_s=start_s,
        t_end_s=start_s + 3.6,
        confidence=0.94,
        moments={name: Moment(start_s + i, box) for i, name in enumerate(STILLS)},
        facts={"heading_against_deg": 171.0, "travelled_m": 14.2, "against_s": 3.4, "one_way_street": True},
        path=((start_s, *box), (start_s + 3.6, *box)),
        final=True,
    )
    return replace(finding, **fields)


def violation_of(
    number: int = 0, *, scene: Scene | None = None, start_at: datetime | None = NOON, **fields: Any
) -> Violation:
    """A violation of `finding_of`; each number occurs a minute later."""
    scene, finding = scene or scene_of(), finding_of(number, **fields)
    at = start_at + timedelta(minutes=number) if start_at else None
    return Violation(
        id=violation_id(camera_id=scene.camera.id, source_id="clip.mp4", finding=finding),
        camera_id=scene.camera.id,
        source_id="clip.mp4",
        scene_hash=scene_hash(scene),
        finding=finding,
        start_at=at,
        end_at=at + timedelta(seconds=3.6) if at else None,
        clock=ClockGrade.PTS,
    )


def facts_of(violation: Violation, **how: str) -> dict[str, Any]:
    """The facts a pipeline would state."""
    text = scene_text(**how)
    return bundle_facts(violation=violation, scene=scene_of(**how), scene_text=text, network=NETWORK, source=SOURCE)


def seal(store: EvidenceStore, violation: Violation, items: dict[str, bytes] | None = None, **how: str) -> BundleRef:
    """A sealed bundle with three stills and a clip, or with the given items."""
    content = items or {
        **{f"{name}.jpg": f"{name} of {violation.id}".encode() * 50 for name in STILLS},
        "clip.mp4": b"c" * 5000,
    }
    with store.begin(violation.id) as writer:
        for name, data in content.items():
            writer.add_bytes(name, "video/mp4" if name.endswith("mp4") else "image/jpeg", data)
        return writer.seal(facts_of(violation, **how))


def opened(
    database: Database,
    store: FolderStore,
    number: int = 0,
    *,
    ward: str = "Hoàn Kiếm",
    camera_id: str = "CAM-1",
    source: str = "device",
    **fields: Any,
) -> CaseOpened:
    """A case with evidence."""
    items = fields.pop("items", None)
    scene = scene_of(ward=ward, camera_id=camera_id, source=source)
    violation = violation_of(number, scene=scene, **fields)
    bundle = seal(store, violation, items, ward=ward, camera_id=camera_id, source=source)
    return open_case(database.sessions, violation=violation, scene=scene, bundle=bundle, network=NETWORK)


def bundle_folder(store: FolderStore, ref: BundleRef) -> Path:
    """Where a bundle lies."""
    return store.root / ref.location


LAN = Actor(name="lan", role=Role.OFFICER)
MINH = Actor(name="minh", role=Role.OFFICER)
CHIEF = Actor(name="chief", role=Role.COMMANDER)
ADMIN = Actor(name="root", role=Role.ADMINISTRATOR)
AUDITOR = Actor(name="audit", role=Role.AUDITOR)
ELSEWHERE = Actor(name="tuan", role=Role.OFFICER, wards=("Ba Đình",))
