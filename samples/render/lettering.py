"""Vietnamese lettering as flat faces, for shop signs and road signs.

Comes in: a text and its height in metres. Goes out: faces in the plane y = 0 of the present frame, readable from +y.
"""

from __future__ import annotations

from functools import lru_cache

import bpy  # type: ignore[import-not-found]
import numpy as np

from samples.render.mesh import Array, Colour, MeshBuilder

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"


@lru_cache(maxsize=256)
def outline(text: str) -> tuple[Array, tuple[tuple[int, ...], ...]]:
    """Points (n, 2) of the filled letters, one unit high, centred, and their faces."""
    curve = bpy.data.curves.new("text", "FONT")
    curve.body, curve.align_x, curve.align_y = text, "CENTER", "CENTER"
    curve.font = bpy.data.fonts.load(FONT, check_existing=True)
    curve.resolution_u = 2
    holder = bpy.data.objects.new("text", curve)
    bpy.context.scene.collection.objects.link(holder)
    mesh = holder.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    points = np.array([v.co[:2] for v in mesh.vertices], float).reshape(-1, 2)
    faces = tuple(tuple(p.vertices) for p in mesh.polygons)
    bpy.data.objects.remove(holder)
    return points, faces


def letters(made: MeshBuilder, text: str, height: float, width: float, material: str, colour: Colour) -> None:
    """Draw `text`, no wider than `width`."""
    points, faces = outline(text)
    scale = min(height, width / max(float(np.ptp(points[:, 0])), 1e-6))
    flat = np.column_stack([-points[:, 0] * scale, np.zeros(len(points)), points[:, 1] * scale])
    made.add(flat, faces, material, colour)
