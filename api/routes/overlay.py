"""What is drawn over a case's stills and clips: zones and gates of the scene that judged, the measured path, times.

Everything comes from the sealed manifest, so the picture shows what was judged and not what the scene says today.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Self

from fastapi import APIRouter

from api.dependencies import ActorDep, ContextDep
from api.problems import responses
from api.routes.evidence import sealed_manifest
from api.routes.queue import CaseId
from api.schemas import Out
from cases import service
from cases.clock import utc_now
from cases.evidence import MANIFEST_NAME, Manifest
from cases.faults import NotFoundError
from detector.scene import Scene, parse_scene
from detector.types import ConfigError

router = APIRouter(prefix="/cases/{case_id}", tags=["evidence"])
Xy = tuple[float, float]
PathRow = tuple[float, float, float, float, float]


class AreaOut(Out):
    """A zone of the scene, in pixels; `judged` marks the one the act happened in."""

    id: str
    kind: str
    judged: bool
    polygon: tuple[Xy, ...]
    direction: tuple[Xy, Xy] | None
    limit_s: float | None


class GatesOut(Out):
    """A forbidden turn's two lines, in pixels."""

    id: str
    kind: str
    judged: bool
    enter: tuple[Xy, Xy]
    leave: tuple[Xy, Xy]


class MomentOut(Out):
    """When a still was taken and where the offender is in it."""

    t_s: float
    xyxy: tuple[float, float, float, float]


class OverlayOut(Out):
    """Drawing for stills and clips; `path` rows are (t_s, x1, y1, x2, y2), `clip_starts_s` by item name."""

    size: tuple[int, int]
    start_s: float
    end_s: float
    zones: tuple[AreaOut, ...]
    turns: tuple[GatesOut, ...]
    path: tuple[PathRow, ...]
    moments: dict[str, MomentOut]
    clip_starts_s: dict[str, float]

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """From a sealed manifest."""
        scene = parse_scene(manifest.scene.text, name=manifest.scene.camera_id)
        finding: Mapping[str, Any] = manifest.violation["finding"]
        return cls(
            size=scene.size,
            start_s=manifest.window.start_s,
            end_s=manifest.window.end_s,
            zones=tuple(_areas(scene, finding["zone_id"])),
            turns=tuple(_gates(scene, finding["zone_id"])),
            path=tuple(tuple(row) for row in finding["path"]),
            moments={name: MomentOut.model_validate(moment) for name, moment in finding["moments"].items()},
            clip_starts_s=manifest.violation.get("clip_starts_s", {}),
        )


@router.get("/overlay", responses=responses(401, 403, 404, 422, 500))
def overlay(case_id: CaseId, context: ContextDep, actor: ActorDep) -> OverlayOut:
    """Zones, gates, path and moments of the act; logged as a reading of the manifest."""
    case = service.get_case(context.sessions, case_id=case_id, actor=actor)
    try:
        drawing = OverlayOut.of(sealed_manifest(case, context))
    except ConfigError as error:
        raise NotFoundError(f"case {case.id}: this version cannot read the scene it was judged by: {error}") from error
    service.record_access(
        context.sessions, case_id=case.id, actor=actor, item=MANIFEST_NAME, byte_range=None, now=utc_now()
    )
    return drawing


def _areas(scene: Scene, judged_id: str) -> Iterable[AreaOut]:
    for zone in scene.zones:
        yield AreaOut(
            id=zone.id,
            kind=zone.kind.value,
            judged=zone.id == judged_id,
            polygon=zone.polygon,
            direction=zone.direction,
            limit_s=zone.limit_s,
        )


def _gates(scene: Scene, judged_id: str) -> Iterable[GatesOut]:
    for turn in scene.turns:
        yield GatesOut(
            id=turn.id, kind=turn.kind.value, judged=turn.id == judged_id, enter=turn.enter, leave=turn.leave
        )
