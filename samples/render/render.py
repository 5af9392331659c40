"""Entry: makes one sample clip with its scene and truth.

    python samples/render/render.py --clip wrong_way          # background, clip, truth, scene
    python samples/render/render.py --check                   # no vehicle runs into another in any storyboard

Needs Blender's `bpy` and `moderngl` (see README.md here). The background is path-traced once and kept under
`--work`; what moves is rasterised over it. The same seeds give the same clip.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
import numpy as np  # noqa: E402

from samples.render.backdrop import backdrop  # noqa: E402
from samples.render.clips import CLIPS  # noqa: E402
from samples.render.collide import collisions  # noqa: E402
from samples.render.compose import Beam, Composer, Frame  # noqa: E402
from samples.render.light import LIGHTS  # noqa: E402
from samples.render.measure import Seen, Visibility, look, row, union  # noqa: E402
from samples.render.mesh import Array, placement  # noqa: E402
from samples.render.motion import Course  # noqa: E402
from samples.render.raster import Drawn, Image, Rasteriser, triangles  # noqa: E402
from samples.render.scenes import scene_yaml  # noqa: E402
from samples.render.sets import STAGES  # noqa: E402
from samples.render.storyboard import Clip  # noqa: E402
from samples.render.video import write_clip  # noqa: E402

RATE = 10
NEAR_GROUND_M = 0.9


class Shoot:
    """One clip being made."""

    def __init__(self, clip: Clip, work: Path) -> None:
        self.clip, self.stage = clip, STAGES[clip.name]
        self.raster = Rasteriser(self.stage.camera, self.stage.weather)
        radiance, depth = backdrop(self.stage, self.raster, work / clip.name)
        self.raster.hide_behind(depth)
        self.composer = Composer(self.stage.camera, self.stage.weather, radiance, depth, clip.seed)
        self.points: dict[str, Array] = {}
        self.courses = {actor.name: Course(actor, clip.length_s) for actor in clip.actors}
        for actor in clip.actors:
            for i, build in enumerate(actor.steps):
                self._add(f"{actor.name}#{i}", triangles(build(), self.stage.weather))
        self.still = self._props()
        self.visibility = Visibility(self.raster)
        self.rows: list[dict[str, object]] = []
        self.boxes: list[dict[str, tuple[float, float, float, float]]] = []

    def _add(self, name: str, rows: Image) -> None:
        self.raster.add(name, rows)
        self.points[name] = np.unique(rows[:, :3].round(4), axis=0).astype(float)

    def _props(self) -> list[Seen]:
        """What stands in the background already and has a class."""
        found = []
        for i, prop in enumerate(self.stage.props):
            if not prop.kind:
                continue
            name = f"{prop.kind}-standing-{i}"
            self._add(name, triangles(prop.build(), self.stage.weather))
            drawn = Drawn(mesh=name, matrix=placement(prop.x, prop.y, prop.z, prop.yaw))
            found.append(look(self.stage.camera, name, prop.kind, drawn, self.points[name]))
        return [seen for seen in found if seen is not None]

    def frames(self) -> Iterator[Frame]:
        """All pictures in order; boxes are kept on the way."""
        for index in range(round(self.clip.length_s * RATE)):
            yield self._frame(index / RATE)

    def _frame(self, t_s: float) -> Frame:
        seen, things, beams = [], [], []
        for name, course in self.courses.items():
            if not course.present(t_s):
                continue
            mesh = f"{name}#{course.step(t_s)}"
            drawn = Drawn(mesh=mesh, matrix=course.matrix(t_s), lit=self._lit(course, t_s))
            things.append(drawn)
            one = look(self.stage.camera, name, course.actor.kind, drawn, self.points[mesh])
            if one is not None:
                seen.append(one)
            if course.actor.headlamp:
                x, y, yaw = course.place(t_s)
                beams.append(
                    Beam(x=x, y=y, yaw=yaw, nose_m=course.actor.half_wl[1] * 0.9, half_m=course.actor.half_wl[0])
                )
        self._keep(t_s, seen)
        return self._picture(things, beams)

    def _lit(self, course: Course, t_s: float) -> float:
        x, y, _ = course.place(t_s)
        foot, depth = self.stage.camera.project(np.array([[x, y, 0.0]]))
        return self.composer.lit_at((float(foot[0, 0]), float(foot[0, 1]))) if depth[0] > 0 else 1.0

    def _picture(self, things: list[Drawn], beams: list[Beam]) -> Frame:
        light = LIGHTS[self.stage.weather]
        flat = [(thing, 1.0) for thing in things]
        cast = self.raster.cover(flat, flatten=(0.0, light.sun_from))
        under = self.raster.cover(flat, flatten=(0.0, (0.0, 0.0, 1.0)), ceiling=NEAR_GROUND_M)
        mirror = self.raster.paint(things, mirror_z=0.0) if self.stage.weather == "rain" else None
        layer = self.raster.paint(things)
        return self.composer.frame(_bgr(layer), cast, under, None if mirror is None else _bgr(mirror), beams)

    def _keep(self, t_s: float, seen: list[Seen]) -> None:
        everyone = [*seen, *self.still]
        visible = self.visibility.fractions(everyone, {s.name for s in self.still})
        self.rows.append(row(t_s, everyone, visible))
        self.boxes.append({s.name: s.xyxy for s in everyone})

    def truth(self) -> list[dict[str, object]]:
        """The contract's truth lines."""
        lines = []
        for deed in self.clip.deeds:
            boxes = self.boxes[round(deed.t_s * RATE)]
            lines.append(
                {
                    "video": f"{self.clip.name}.mp4",
                    "kind": deed.kind,
                    "start_s": deed.start_s,
                    "end_s": deed.end_s,
                    "t_s": deed.t_s,
                    "xyxy": union([boxes[name] for name in deed.actors]),
                    "optional": False,
                }
            )
        return lines


def _bgr(layer: Image) -> Image:
    return layer[..., [2, 1, 0, 3]]


def make(clip: Clip, work: Path, crf: int) -> None:
    """Write clip, scene, reference picture, boxes and truth."""
    shoot = Shoot(clip, work)
    samples = ROOT / "samples"
    unfinished = work / f"{clip.name}.mp4"
    write_clip(unfinished, shoot.frames(), shoot.stage.camera.size_wh, RATE, clip.began_at, crf)
    shutil.move(unfinished, samples / "clips" / unfinished.name)
    _lines(samples / "truth" / f"{clip.name}.boxes.jsonl", shoot.rows)
    _lines(samples / "truth" / f"{clip.name}.truth.jsonl", shoot.truth())
    (samples / "scenes" / f"{clip.name}.yaml").write_text(scene_yaml(clip.name), encoding="utf-8")
    if clip.name.startswith("sidewalk") or clip.name == "clean":
        cv2.imwrite(
            str(samples / "scenes" / f"{clip.name}.jpg"), shoot.composer.still(), [cv2.IMWRITE_JPEG_QUALITY, 88]
        )


def _lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text(
        "".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in rows), encoding="utf-8"
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", choices=[*CLIPS, "all"], default="all")
    parser.add_argument("--work", type=Path, default=Path("/tmp/render"), help="where backgrounds are kept")
    parser.add_argument("--crf", type=int, default=25)
    parser.add_argument("--check", action="store_true", help="only look for collisions")
    options = parser.parse_args()
    for name, clip in CLIPS.items():
        if options.clip not in (name, "all"):
            continue
        faults = collisions(clip)
        if options.check or faults:
            print(f"{name}: {len(faults)} collisions", *faults[:8], sep="\n  ", file=sys.stderr)
        if not options.check:
            make(clip, options.work, options.crf)
            print(f"{name}: done", file=sys.stderr)


if __name__ == "__main__":
    main()
