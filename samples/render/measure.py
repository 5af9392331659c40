"""Exact boxes of what is in a frame, and how much of each can be seen.

Comes in: projected meshes and coverage masks. Goes out: rows of `<kind>.boxes.jsonl` and `<kind>.truth.jsonl`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from samples.render.camera import Camera
from samples.render.mesh import Array
from samples.render.raster import Drawn, Image, Rasteriser

SMALLEST_PX = 6.0
LOADS = {
    "lorry-rubble": "uncovered_load",
    "lorry-tarp": "covered",
    "lorry-empty": "empty",
    "lorry-box": "closed_body",
}
"""What the load classifier ought to say of the storyboards' lorries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One object in one frame: `whole` box unclipped, `xyxy` clipped, px."""

    name: str
    kind: str
    drawn: Drawn
    whole: tuple[float, float, float, float]
    xyxy: tuple[float, float, float, float]


def look(camera: Camera, name: str, kind: str, drawn: Drawn, points: Array) -> Seen | None:
    """The object's box, or None when it is outside the picture, behind the camera or too small."""
    world = points @ drawn.matrix[:3, :3].T + drawn.matrix[:3, 3]
    pixels, depth = camera.project(world)
    if depth.min() < 0.5:
        return None
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    left, top = np.clip(low, 0, camera.size_wh)
    right, bottom = np.clip(high, 0, camera.size_wh)
    if right - left < SMALLEST_PX or bottom - top < SMALLEST_PX:
        return None
    return Seen(
        name=name,
        kind=kind,
        drawn=drawn,
        whole=(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        xyxy=(float(left), float(top), float(right), float(bottom)),
    )


class Visibility:
    """Fractions of objects that are seen; what stands still is drawn alone once only."""

    def __init__(self, raster: Rasteriser) -> None:
        self.raster = raster
        self.alone: dict[str, int] = {}

    def fractions(self, seen: list[Seen], still: set[str]) -> dict[str, float]:
        """Visible part of each object's outline, 0..1, the part outside the picture counting as hidden."""
        ids = self.raster.cover([(s.drawn, float(i + 1)) for i, s in enumerate(seen)])
        counts = np.bincount(np.round(ids).astype(int).ravel(), minlength=len(seen) + 1)
        return {s.name: self._share(s, int(counts[i + 1]), s.name in still) for i, s in enumerate(seen)}

    def _share(self, seen: Seen, visible: int, still: bool) -> float:
        whole = self.alone.get(seen.name) if still else None
        if whole is None:
            outline: Image = self.raster.cover([(seen.drawn, 1.0)], hide=False)
            whole = int(outline.sum())
            self.alone[seen.name] = whole
        inside = _area(seen.xyxy) / max(_area(seen.whole), 1e-6)
        return round(min(1.0, visible / max(whole, 1)) * inside, 3)


def _area(box: tuple[float, float, float, float]) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def row(t_s: float, seen: list[Seen], visible: dict[str, float]) -> dict[str, Any]:
    """One line of the boxes file; things without a class are left out."""
    objects = [
        {
            "id": s.name,
            "kind": s.kind,
            "xyxy": [round(v, 1) for v in s.xyxy],
            "visible": visible[s.name],
            **_load(s.name),
        }
        for s in seen
        if s.kind and visible[s.name] > 0
    ]
    return {"t_s": round(t_s, 3), "objects": objects}


def union(boxes: list[tuple[float, float, float, float]]) -> list[float]:
    """The box around boxes."""
    stack = np.array(boxes)
    return [round(float(v), 1) for v in (*stack[:, :2].min(axis=0), *stack[:, 2:].max(axis=0))]


def _load(name: str) -> dict[str, str]:
    """What the load classifier ought to say of a lorry, by its name."""
    state = LOADS.get(name)
    return {"load": state} if state else {}
