"""Render trucks with known loads: crops as a street camera would see them, by day, dusk, night and in rain.

Runs under an interpreter that has `bpy` (Blender as a module, not among the project's dependencies). In: a range of
seeds. Out: `OUT/SEED.jpg`, or `.png` with the truck cut out, and `OUT/SEED.json` with the state and the truck's box;
what is there is kept, so a killed run goes on. The state follows from geometry: a load that the camera cannot see is
`cannot_tell`.

    PYTHONPATH=. python -m models.recipes.load.render --first 0 --count 600 --out renders
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import bpy  # type: ignore[import-not-found]
import numpy as np

from models.recipes.load.bed import PAINTS, pick
from models.recipes.load.bodies import Truck, make_truck
from models.recipes.load.view import HIDDEN, SEEN, View, choose_view, seen_share
from samples.render.materials import palette
from samples.render.mesh import Colour, MeshBuilder

SIDE_PX = 160
SAMPLES = 4
STATES = {"uncovered_load": 0.27, "covered": 0.23, "empty": 0.13, "closed_body": 0.30, "goods": 0.05, "partly": 0.02}
"""How often each is drawn; goods and partly covered loads are for an officer to judge: `cannot_tell`."""
STREETS = 0.5
"""Share of pictures with a street of their own; the rest is cut out, shadow and all, for photographed streets."""
WEATHER = ("day", "day", "day", "dusk", "rain", "night")
SKY = {"day": (0.75, 0.85, 1.0), "dusk": (0.55, 0.42, 0.45), "rain": (0.7, 0.72, 0.75), "night": (0.10, 0.09, 0.08)}
SUN_W = {"day": 3.5, "dusk": 1.2, "rain": 0.3, "night": 0.5}


def street(rng: np.random.Generator, far: float) -> MeshBuilder:
    """A road with lines and boxes of traffic; a verge and a wall on the side `far` (1 left, -1 right of the truck)."""
    made, tone = MeshBuilder(), float(rng.uniform(0.10, 0.45))
    road: Colour = (tone, tone * float(rng.uniform(0.92, 1.02)), tone * float(rng.uniform(0.85, 1.05)))
    made.quad([(-60, -60, 0), (60, -60, 0), (60, 60, 0), (-60, 60, 0)], "asphalt", road)
    side = float(rng.uniform(2.4, 7))
    verge = pick(rng, ((0.08, 0.17, 0.04), (0.30, 0.16, 0.11), (0.35, 0.34, 0.32)))
    made.box((0, far * (side + 30), 0), (120, 60, 0.04), "tile", verge)
    for y in (-float(rng.uniform(1.6, 2.4)), float(rng.uniform(1.6, 2.3))):
        for x in np.arange(-40, 40, 6.0) if rng.random() < 0.6 else ():
            made.box((float(x), y, 0.012), (3.0, 0.14, 0.01), "marking", (0.75, 0.75, 0.7))
    if rng.random() < 0.5:
        made.box((0, far * (side + float(rng.uniform(1, 6))), 2), (80, 0.3, 4), "plaster", pick(rng, PAINTS))
    for _ in range(int(rng.integers(0, 7))):
        x, y = rng.uniform(-18, 18), far * rng.uniform(3.4, 9)
        size = (float(rng.uniform(1.5, 5)), float(rng.uniform(0.6, 1.9)), float(rng.uniform(1, 2)))
        made.soft_box((x, y, size[2] / 2 + 0.15), size, "paint", pick(rng, PAINTS), 0.15)
    return made


def ground() -> MeshBuilder:
    """Nothing but a plane to catch the shadow of what is cut out."""
    made = MeshBuilder()
    made.quad([(-60, -60, 0), (60, -60, 0), (60, 60, 0), (-60, 60, 0)], "asphalt", (0.3, 0.3, 0.3))
    return made


class Studio:
    """One Blender scene, its materials made once a weather, its meshes replaced for every picture."""

    def __init__(self) -> None:
        self.scene = bpy.context.scene
        for item in list(bpy.data.objects):
            bpy.data.objects.remove(item)
        render, cycles = self.scene.render, self.scene.cycles
        render.engine, render.threads_mode, render.threads = "CYCLES", "FIXED", 1
        render.resolution_x = render.resolution_y = SIDE_PX
        render.image_settings.quality = 93
        cycles.samples, cycles.use_denoising, cycles.max_bounces = SAMPLES, True, 3
        # The denoiser's best settings would take longer than the picture.
        cycles.denoising_input_passes, cycles.denoising_prefilter, cycles.denoising_quality = "RGB", "NONE", "FAST"
        self.materials: dict[str, dict[str, Any]] = {}
        self.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
        self.sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
        for item in (self.camera, self.sun):
            self.scene.collection.objects.link(item)
        self.scene.camera = self.camera
        self.scene.world = bpy.data.worlds.new("sky")
        self.scene.world.use_nodes = True

    def shoot(self, parts: list[MeshBuilder], view: View, weather: str, path: Path, rng: np.random.Generator) -> None:
        """Render the parts into `path`; as PNG the last part is only a catcher of shadows, before nothing."""
        if weather not in self.materials:
            self.materials[weather] = palette(weather)
        made = [self._placed(part, weather) for part in parts]
        cut_out = path.suffix == ".png"
        made[-1].is_shadow_catcher = self.scene.render.film_transparent = cut_out
        settings = self.scene.render.image_settings
        settings.file_format, settings.color_mode = ("PNG", "RGBA") if cut_out else ("JPEG", "RGB")
        self._light(weather, rng)
        self._aim(view)
        self.scene.cycles.seed = int(rng.integers(1 << 30))
        self.scene.render.filepath = str(path)
        bpy.ops.render.render(write_still=True)
        for item in made:
            mesh = item.data
            bpy.data.objects.remove(item)
            bpy.data.meshes.remove(mesh)

    def _placed(self, part: MeshBuilder, weather: str) -> Any:
        item = bpy.data.objects.new("part", part.to_mesh("part", self.materials[weather]))
        self.scene.collection.objects.link(item)
        return item

    def _light(self, weather: str, rng: np.random.Generator) -> None:
        sky = self.scene.world.node_tree.nodes["Background"]
        sky.inputs[0].default_value = (*SKY[weather], 1)
        sky.inputs[1].default_value = float(rng.uniform(0.5, 1.2))
        self.sun.data.energy = SUN_W[weather] * float(rng.uniform(0.3, 1.3))
        self.sun.data.angle = float(rng.uniform(0.01, 0.3))
        self.sun.rotation_euler = (float(rng.uniform(-1.0, 1.0)), float(rng.uniform(-1.0, 1.0)), 0)
        self.scene.view_settings.exposure = float(rng.uniform(-0.4, 0.6)) + (0.6 if weather == "night" else 0)

    def _aim(self, view: View) -> None:
        from mathutils import Vector  # type: ignore[import-not-found]

        self.camera.location = view.eye.tolist()
        self.camera.rotation_euler = Vector((view.aim - view.eye).tolist()).to_track_quat("-Z", "Y").to_euler()
        self.camera.data.angle = view.angle
        self.camera.data.clip_end = 300


def shown_state(truck: Truck, view: View) -> str | None:
    """What this view shows of the truck: its state, `cannot_tell`, or None where that is open to dispute."""
    share = seen_share(truck, view)
    if share < HIDDEN or truck.kind in ("goods", "partly"):
        return "cannot_tell"
    return truck.kind if share > SEEN else None


def draw(seed: int) -> tuple[Truck, View, str, np.random.Generator]:
    """The truck and the view of a seed; views that are open to dispute are drawn again."""
    rng = np.random.default_rng(seed)
    while True:
        truck = make_truck(str(rng.choice(list(STATES), p=list(STATES.values()))), rng)
        view = choose_view(truck, rng)
        state = shown_state(truck, view)
        if state is not None and (state != "cannot_tell" or truck.kind in ("goods", "partly") or rng.random() < 0.4):
            return truck, view, state, rng


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--count", type=int, default=600, help="number of pictures")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    studio = Studio()
    for seed in range(args.first, args.first + args.count):
        note = args.out / f"{seed:05d}.json"
        if note.exists():
            continue
        truck, view, state, rng = draw(seed)
        weather = WEATHER[int(rng.integers(len(WEATHER)))]
        cut_out = rng.random() >= STREETS
        picture = args.out / f"{seed:05d}.{'png' if cut_out else 'jpg'}"
        around = ground() if cut_out else street(rng, -1.0 if view.eye[1] > 0 else 1.0)
        studio.shoot([truck.mesh, around], view, weather, picture, rng)
        part = note.with_suffix(".part")
        part.write_text(json.dumps({"state": state, "kind": truck.kind, "weather": weather, "xyxy": view.xyxy}))
        part.replace(note)


if __name__ == "__main__":
    main()
