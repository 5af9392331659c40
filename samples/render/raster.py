"""A small rasteriser over OpenGL for what moves: picture, mirror picture, shadows and who hides whom.

Comes in: meshes from `MeshBuilder`, placements per frame, the background's depth. Goes out: linear RGBA (H, W, 4)
float32 with premultiplied coverage, and masks (H, W) float32. One context per process, used by one thread; Mesa's
software driver will do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import moderngl  # type: ignore[import-not-found]
import numpy as np
from numpy.typing import NDArray

from samples.render import shaders
from samples.render.camera import SIZE_WH, Camera
from samples.render.light import LIGHTS
from samples.render.materials import HAZE, HAZE_M, SURFACES
from samples.render.materials import LIGHTS as GLOW
from samples.render.mesh import Array, MeshBuilder
from samples.render.street import POLE_YS, ROAD

Image = NDArray[np.float32]
OVERSAMPLING = 4
NOWHERE = -100.0
NEAR_M, FAR_M, BEYOND_M = 0.3, 300.0, 290.0
"""The clipping planes of `shaders.COMMON`, and the depth of the sky."""
LAMP_POWER = {"day": 0.0, "rain": 0.0, "dusk": 420.0, "night": 900.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One thing in one frame: which mesh, where, and how much sun reaches it (0..1)."""

    mesh: str
    matrix: Array
    lit: float = 1.0


def triangles(made: MeshBuilder, weather: str) -> Image:
    """Vertex rows (3 n, 13): position, normal, colour, roughness, metal, specular, glow."""
    points = np.vstack(made.points)
    corners = np.array([(f[0], f[i], f[i + 1]) for f in made.faces for i in range(1, len(f) - 1)])
    owner = np.repeat(np.arange(len(made.faces)), [len(f) - 2 for f in made.faces])
    spread = points[corners]
    flat = np.cross(spread[:, 1] - spread[:, 0], spread[:, 2] - spread[:, 0])
    smooth = np.array(made.smooth)[owner]
    summed = np.zeros_like(points)
    for k in range(3):
        np.add.at(summed, corners[smooth, k], flat[smooth])
    normals = np.where(smooth[:, None, None], summed[corners], flat[:, None, :])
    normals /= np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1e-12)
    names = sorted(set(made.materials))
    table = np.array([_finish(name, weather) for name in names])
    which = np.array([names.index(m) for m in made.materials])[owner]
    colour = np.array(made.colours)[owner]
    rows = np.concatenate(
        [spread, normals, np.repeat(colour[:, None], 3, 1), np.repeat(table[which][:, None], 3, 1)], axis=2
    )
    return rows.reshape(-1, 13).astype(np.float32)


def _finish(material: str, weather: str) -> tuple[float, float, float, float]:
    if material in GLOW:
        return (0.2, 0.0, 0.5, GLOW[material][weather])
    surface = SURFACES[material]
    return (surface.roughness, surface.metallic, surface.specular, 0.0)


class Rasteriser:
    """Holds the meshes of one clip; every call draws one layer."""

    def __init__(self, camera: Camera, weather: str) -> None:
        self.context = moderngl.create_context(standalone=True, backend="egl", require=330)
        self.context.enable(moderngl.DEPTH_TEST)
        self.weather, self.size_wh = weather, camera.size_wh
        self.picture = self.context.program(
            vertex_shader=shaders.PICTURE_VERTEX, fragment_shader=shaders.PICTURE_FRAGMENT
        )
        self.mask = self.context.program(vertex_shader=shaders.MASK_VERTEX, fragment_shader=shaders.MASK_FRAGMENT)
        self.meshes: dict[str, tuple[Any, Any]] = {}
        self.fine = self.context.framebuffer(
            [self.context.renderbuffer(self.size_wh, 4, samples=OVERSAMPLING, dtype="f2")],
            self.context.depth_renderbuffer(self.size_wh, samples=OVERSAMPLING),
        )
        self.whole = self._target(self.size_wh, 4, "f2")
        self.small = self._target(SIZE_WH, 1, "f1")
        self.behind = self.context.texture(self.size_wh, 1, dtype="f4")
        self.behind.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self.hide_behind(np.full(self.size_wh[::-1], FAR_M, np.float32))
        self.behind.use(0)
        self._fixed(camera)

    def _target(self, size_wh: tuple[int, int], channels: int, dtype: str) -> Any:
        return self.context.framebuffer(
            [self.context.texture(size_wh, channels, dtype=dtype)], self.context.depth_texture(size_wh)
        )

    def _fixed(self, camera: Camera) -> None:
        """Uniforms that hold for the whole clip."""
        view = np.eye(4)
        view[:3, :3] = camera.axes()
        view[:3, 3] = -camera.axes() @ np.array(camera.position)
        light = LIGHTS[self.weather]
        sun_from = np.array(light.sun_from) / np.linalg.norm(light.sun_from)
        lamps = [(side * (ROAD - 1.75), y, 8.6) for y in (*POLE_YS[:3], -4.0, 21.0, POLE_YS[3]) for side in (-1, 1)]
        common: dict[str, Any] = {
            "view": view.T.astype("f4").tobytes(),
            "focal": camera.focal_px,
            "size": self.size_wh,
            "behind": 0,
        }
        for program in (self.picture, self.mask):
            self._set(program, **common)
        self._set(
            self.picture,
            eye=camera.position,
            sun=light.sun,
            sun_from=tuple(sun_from),
            sky=light.sky,
            walls=light.walls,
            lamp_tint=(1.0, 0.74, 0.44),
            lamp_count=len(lamps) if LAMP_POWER[self.weather] else 0,
            lamp_power=LAMP_POWER[self.weather],
            haze=HAZE[self.weather],
            haze_m=HAZE_M[self.weather],
            scale=1.0,
            lamps=np.array(lamps, "f4").tobytes(),
        )

    @staticmethod
    def _set(program: Any, **values: Any) -> None:
        for name, value in values.items():
            if name not in program:
                continue
            if isinstance(value, bytes):
                program[name].write(value)
            else:
                program[name].value = value

    def hide_behind(self, depth: Image) -> None:
        """What lies deeper than the background (H, W) m is not drawn from now on."""
        self.behind.write(np.ascontiguousarray(depth[::-1]).astype("f4").tobytes())

    def still(self, things: list[Drawn]) -> tuple[Image, Image]:
        """BGR and depth (H, W) m of what never moves."""
        layer = self.paint(things)
        colour = layer[..., :3] + (1 - layer[..., 3:]) * np.array(LIGHTS[self.weather].sky, np.float32)
        raw = np.frombuffer(self.whole.read(components=1, attachment=-1, dtype="f4"), "f4")
        height = 2.0 * raw.reshape(self.size_wh[::-1])[::-1] - 1.0
        depth = 2 * FAR_M * NEAR_M / ((FAR_M + NEAR_M) - height * (FAR_M - NEAR_M))
        return np.ascontiguousarray(colour[..., ::-1]), np.minimum(depth, BEYOND_M).astype(np.float32)

    def add(self, name: str, rows: Image) -> None:
        """Register a mesh."""
        buffer = self.context.buffer(rows.tobytes())
        layout = "3f 3f 3f 4f"
        self.meshes[name] = (
            self.context.vertex_array(self.picture, [(buffer, layout, "at", "normal", "colour", "finish")]),
            self.context.vertex_array(self.mask, [(buffer, "3f 40x", "at")]),
        )

    def paint(self, things: list[Drawn], mirror_z: float = NOWHERE) -> Image:
        """Linear premultiplied RGBA; with `mirror_z`, the picture upside down below that level (wet road)."""
        self.fine.use()
        self.fine.clear(0, 0, 0, 0, depth=1.0)
        self._set(
            self.picture, hide=int(mirror_z == NOWHERE), mirror_z=mirror_z, flatten_z=NOWHERE, along=(0.0, 0.0, 1.0)
        )
        for thing in things:
            self._set(self.picture, model=thing.matrix.T.astype("f4").tobytes(), lit=thing.lit)
            self.meshes[thing.mesh][0].render()
        self.context.copy_framebuffer(self.whole, self.fine)
        raw = np.frombuffer(self.whole.read(components=4, dtype="f4"), "f4").reshape(*self.size_wh[::-1], 4)[::-1]
        # A face without a normal has no light; blurred, its NaN would be a black patch.
        return np.nan_to_num(raw, posinf=0.0)

    def cover(
        self,
        things: list[tuple[Drawn, float]],
        hide: bool = True,
        flatten: tuple[float, tuple[float, float, float]] | None = None,
        ceiling: float = 1e9,
    ) -> Image:
        """Value (whole, up to 255) of the nearest thing per pixel of the common size, 0 where none; `flatten` casts
        what is lower than `ceiling` on a level along a direction.
        """
        self.small.use()
        self.small.clear(0, 0, 0, 0, depth=1.0)
        level, along = flatten or (NOWHERE, (0.0, 0.0, 1.0))
        self._set(self.mask, hide=int(hide), scale=SIZE_WH[0] / self.size_wh[0], mirror_z=NOWHERE, flatten_z=level)
        self._set(self.mask, along=along, ceiling=ceiling)
        for thing, value in things:
            shift = thing.matrix[2, 3] if flatten else 0.0
            self._set(
                self.mask,
                model=thing.matrix.T.astype("f4").tobytes(),
                value=value / 255,
                flatten_z=level + shift if flatten else NOWHERE,
            )
            self.meshes[thing.mesh][1].render()
        raw = np.frombuffer(self.small.read(components=1), np.uint8).reshape(SIZE_WH[::-1])[::-1]
        return raw.astype(np.float32)
