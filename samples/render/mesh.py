"""A polygon soup with a material name and a colour per face, and its hand-over to Blender.

Comes in: primitives in metres (boxes, tubes, lofts, spheres) in a local frame, x forward, y left, z up.
Goes out: one Blender mesh per builder. Few big meshes keep Cycles' start-up per frame short. Colours live in the
face attribute `col`, so that twenty materials serve a whole street.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import bpy  # type: ignore[import-not-found]
import numpy as np
from numpy.typing import NDArray

Vec = tuple[float, float, float]
Colour = tuple[float, float, float]
Array = NDArray[np.float64]

BOX_FACES = ((0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7))


def placement(x: float, y: float, z: float, yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> Array:
    """4x4 matrix: roll about x, then pitch about y (nose up is positive), then yaw about z (radians), then shift."""
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(-pitch), np.sin(-pitch), np.cos(roll), np.sin(roll)
    turn_z = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    turn_y = np.array([[cp, 0, sp], [0, 1, 0], [-sp, 0, cp]])
    turn_x = np.array([[1, 0, 0], [0, cr, -sr], [0, sr, cr]])
    matrix = np.eye(4)
    matrix[:3, :3] = turn_z @ turn_y @ turn_x
    matrix[:3, 3] = (x, y, z)
    return matrix


class MeshBuilder:
    """Collects faces; `at` nests local frames, `to_mesh` hands everything to Blender."""

    def __init__(self) -> None:
        self.points: list[Array] = []
        self.count = 0
        self.faces: list[tuple[int, ...]] = []
        self.materials: list[str] = []
        self.colours: list[Colour] = []
        self.smooth: list[bool] = []
        self.frame = np.eye(4)

    @contextmanager
    def at(
        self, x: float, y: float, z: float, yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0
    ) -> Iterator[None]:
        """Draw in a frame placed inside the present one."""
        outer = self.frame
        self.frame = outer @ placement(x, y, z, yaw, pitch, roll)
        yield
        self.frame = outer

    def add(
        self, points: Array, faces: Sequence[Sequence[int]], material: str, colour: Colour, smooth: bool = False
    ) -> None:
        """Faces over points (n, 3) in the present frame."""
        world = points @ self.frame[:3, :3].T + self.frame[:3, 3]
        self.points.append(world)
        self.faces.extend(tuple(i + self.count for i in face) for face in faces)
        self.materials.extend([material] * len(faces))
        self.colours.extend([colour] * len(faces))
        self.smooth.extend([smooth] * len(faces))
        self.count += len(points)

    def quad(self, corners: Sequence[Vec], material: str, colour: Colour) -> None:
        """One flat face."""
        self.add(np.array(corners, float), [tuple(range(len(corners)))], material, colour)

    def box(self, centre: Vec, size: Vec, material: str, colour: Colour, taper: float = 1.0) -> None:
        """A box; `taper` scales its top."""
        signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float) / 2
        low = np.column_stack([signs * size[:2], np.full(4, -size[2] / 2)])
        high = np.column_stack([signs * size[:2] * taper, np.full(4, size[2] / 2)])
        self.add(np.vstack([low, high]) + centre, BOX_FACES, material, colour)

    def soft_box(self, centre: Vec, size: Vec, material: str, colour: Colour, bevel: float = 0.05) -> None:
        """A box with its vertical edges and its top and bottom rims bevelled."""
        sx, sy, sz = size[0] / 2, size[1] / 2, size[2] / 2
        rings = []
        for z, inset in ((-sz, bevel), (-sz + bevel, 0.0), (sz - bevel, 0.0), (sz, bevel)):
            a, b, c = sx - inset, sy - inset, bevel
            ring = [
                (a - c, -b),
                (a, -b + c),
                (a, b - c),
                (a - c, b),
                (-a + c, b),
                (-a, b - c),
                (-a, -b + c),
                (-a + c, -b),
            ]
            rings.append([(centre[0] + x, centre[1] + y, centre[2] + z) for x, y in ring])
        self.loft(rings, material, colour, smooth=False)

    def loft(
        self, rings: Sequence[Sequence[Vec]], material: str, colour: Colour, smooth: bool = True, caps: bool = True
    ) -> None:
        """A skin over closed rings of equal length."""
        sides = len(rings[0])
        points = np.array(rings, float).reshape(-1, 3)
        faces: list[tuple[int, ...]] = []
        for r in range(len(rings) - 1):
            for s in range(sides):
                n = (s + 1) % sides
                faces.append((r * sides + s, r * sides + n, (r + 1) * sides + n, (r + 1) * sides + s))
        if caps:
            faces.append(tuple(range(sides))[::-1])
            faces.append(tuple((len(rings) - 1) * sides + s for s in range(sides)))
        self.add(points, faces, material, colour, smooth)

    def tube(
        self, path: Sequence[Vec], radii: float | Sequence[float], material: str, colour: Colour, sides: int = 8
    ) -> None:
        """A round tube along a path, its radius given once or per point."""
        way = np.array(path, float)
        sizes = np.broadcast_to(np.array(radii, float), (len(way),))
        rings = []
        for i, (point, radius) in enumerate(zip(way, sizes, strict=True)):
            along = way[min(i + 1, len(way) - 1)] - way[max(i - 1, 0)]
            along = along / max(float(np.linalg.norm(along)), 1e-9)
            side = np.cross(along, (0, 0, 1) if abs(along[2]) < 0.9 else (0, 1, 0))
            side = side / np.linalg.norm(side)
            other = np.cross(side, along)
            turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)[:, None]
            ring = point + radius * (np.cos(turn) * side + np.sin(turn) * other)
            rings.append([(float(p[0]), float(p[1]), float(p[2])) for p in ring])
        self.loft(rings, material, colour)

    def ball(self, centre: Vec, radii: Vec, material: str, colour: Colour, sides: int = 12, low: float = -1.0) -> None:
        """An ellipsoid, cut below `low` (-1 whole, 0 upper half)."""
        rings = []
        for lat in np.linspace(np.arcsin(max(low, -0.999)), 1.55, max(sides // 2 + 1, 4)):
            turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)
            rings.append(
                [
                    (
                        centre[0] + radii[0] * np.cos(lat) * np.cos(a),
                        centre[1] + radii[1] * np.cos(lat) * np.sin(a),
                        centre[2] + radii[2] * np.sin(lat),
                    )
                    for a in turn
                ]
            )
        self.loft(rings, material, colour)

    def wheel(
        self, centre: Vec, radius: float, width: float, rim: Colour = (0.55, 0.56, 0.58), hub: float = 0.62
    ) -> None:
        """A tyre with a rim, its axle along y."""
        turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        half = width / 2
        for material, colour, profile in (
            (
                "rubber",
                (0.02, 0.02, 0.02),
                ((hub, -half), (0.94, -half), (1.0, -half * 0.7), (1.0, half * 0.7), (0.94, half), (hub, half)),
            ),
            ("metal", rim, ((0.05, -half * 0.75), (hub, -half * 0.9), (hub, half * 0.9), (0.05, half * 0.75))),
        ):
            rings = [
                [(centre[0] + radius * r * np.cos(a), centre[1] + y, centre[2] + radius * r * np.sin(a)) for a in turn]
                for r, y in profile
            ]
            self.loft(rings, material, colour)

    def subdivided(self, levels: int) -> MeshBuilder:
        """The same surface after Catmull-Clark; materials and colours stay with their faces."""
        used = sorted(set(self.materials))
        mesh = self.to_mesh("cage", dict.fromkeys(used))
        holder = bpy.data.objects.new("cage", mesh)
        bpy.context.scene.collection.objects.link(holder)
        holder.modifiers.new("smooth", "SUBSURF").levels = levels
        evaluated = holder.evaluated_get(bpy.context.evaluated_depsgraph_get())
        fine = evaluated.to_mesh()
        made = MeshBuilder()
        colour = np.zeros(len(fine.polygons) * 4)
        fine.attributes["col"].data.foreach_get("color", colour)
        points = np.zeros(len(fine.vertices) * 3)
        fine.vertices.foreach_get("co", points)
        made.points, made.count = [points.reshape(-1, 3)], len(fine.vertices)
        made.faces = [tuple(p.vertices) for p in fine.polygons]
        made.materials = [used[p.material_index] for p in fine.polygons]
        made.colours = [(float(c[0]), float(c[1]), float(c[2])) for c in colour.reshape(-1, 4)]
        made.smooth = [True] * len(made.faces)
        evaluated.to_mesh_clear()
        bpy.data.objects.remove(holder)
        bpy.data.meshes.remove(mesh)
        return made

    def scale(self, factors: Vec) -> None:
        """Stretch what has been drawn so far about the origin."""
        self.points = [points * np.array(factors) for points in self.points]

    def include(self, other: MeshBuilder) -> None:
        """Take over another builder's faces, placed in the present frame."""
        points = np.vstack(other.points) @ self.frame[:3, :3].T + self.frame[:3, 3]
        self.points.append(points)
        self.faces.extend(tuple(i + self.count for i in face) for face in other.faces)
        self.materials.extend(other.materials)
        self.colours.extend(other.colours)
        self.smooth.extend(other.smooth)
        self.count += other.count

    def to_mesh(self, name: str, materials: dict[str, Any]) -> Any:
        """The Blender mesh; `materials` maps names to Blender materials."""
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata(np.vstack(self.points).tolist(), [], self.faces)
        used = sorted(set(self.materials))
        for material in used:
            mesh.materials.append(materials[material])
        slot = {material: i for i, material in enumerate(used)}
        mesh.polygons.foreach_set("material_index", [slot[m] for m in self.materials])
        mesh.polygons.foreach_set("use_smooth", self.smooth)
        layer = mesh.attributes.new("col", "FLOAT_COLOR", "FACE")
        layer.data.foreach_set("color", np.column_stack([np.array(self.colours), np.ones(len(self.colours))]).ravel())
        mesh.update()
        return mesh
