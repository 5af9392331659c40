"""The light of a clip's still background, path-traced once by Cycles.

Comes in: a `Stage`. Goes out: linear radiance (H, W, 3) float32 of the size `TRACED_WH`, as a file. Street lamps light
the night; the sun is hazy by day and gone in rain.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import bpy  # type: ignore[import-not-found]
from mathutils import Vector  # type: ignore[import-not-found]

from samples.render.camera import TRACED_WH, Camera
from samples.render.light import LIGHTS, Light
from samples.render.materials import palette
from samples.render.mesh import MeshBuilder
from samples.render.sets import Stage
from samples.render.street import POLE_YS, ROAD, street

SAMPLES = 8
LAMPS_OFF = {"head": "plastic", "tail": "plastic"}


def render_background(stage: Stage, folder: Path) -> None:
    """Write `light.exr` into `folder`."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    light = LIGHTS[stage.weather]
    _build(stage)
    _camera(stage.camera)
    _lights(light, stage.weather)
    _settings()
    _shoot(folder / "light.exr", SAMPLES)


def _build(stage: Stage) -> None:
    materials = palette(stage.weather)
    whole = MeshBuilder()
    whole.include(street(stage.seed, stage.signs, stage.bound, stage.trees))
    for prop in stage.props:
        made = prop.build()
        made.materials = [LAMPS_OFF.get(m, m) for m in made.materials]
        with whole.at(prop.x, prop.y, prop.z, prop.yaw):
            whole.include(made)
    town = bpy.data.objects.new("town", whole.to_mesh("town", materials))
    bpy.context.scene.collection.objects.link(town)


def _camera(camera: Camera) -> None:
    lens = bpy.data.cameras.new("camera")
    lens.angle = math.radians(camera.angle_deg)
    holder = bpy.data.objects.new("camera", lens)
    holder.location = camera.position
    holder.rotation_euler = (Vector(camera.target) - Vector(camera.position)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(holder)
    bpy.context.scene.camera = holder


def _lights(light: Light, weather: str) -> None:
    world = bpy.data.worlds.new("sky")
    bpy.context.scene.world = world
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs[0].default_value = (*light.sky, 1.0)
    if max(light.sun) > 0:
        sun = _lamp("sun", "SUN", (0, 0, 20), max(light.sun), tuple(c / max(light.sun) for c in light.sun))
        sun.data.angle = math.radians(light.sun_angle_deg)
        sun.rotation_euler = Vector(light.sun_from).to_track_quat("Z", "Y").to_euler()
    if weather in ("night", "dusk"):
        power = 900.0 if weather == "night" else 420.0
        for y in (*POLE_YS, -4.0, 21.0):
            for x, side in ((-ROAD - 0.55, 1), (ROAD + 0.55, -1)):
                spot = _lamp("lamp", "SPOT", (x + side * 2.3, y, 8.6), power, (1.0, 0.74, 0.44))
                spot.data.spot_size, spot.data.spot_blend, spot.data.shadow_soft_size = 2.5, 0.7, 0.25


def _lamp(name: str, kind: str, place: tuple[float, float, float], energy: float, colour: Any) -> Any:
    data = bpy.data.lights.new(name, kind)
    data.energy, data.color = energy, colour
    holder = bpy.data.objects.new(name, data)
    holder.location = place
    bpy.context.scene.collection.objects.link(holder)
    return holder


def _settings() -> None:
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = TRACED_WH
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_mode = "RGB"
    scene.render.image_settings.color_depth = "32"
    cycles = scene.cycles
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces, cycles.transmission_bounces = 3, 2, 2, 0
    cycles.use_denoising, cycles.seed = True, 1
    cycles.sample_clamp_indirect = 4.0


def _shoot(path: Path, samples: int) -> None:
    bpy.context.scene.cycles.samples = samples
    bpy.context.scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
