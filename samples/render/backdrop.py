"""The empty street as the camera sees it: traced light, drawn detail.

Comes in: a `Stage`, its rasteriser, the folder of traced light. Goes out: linear radiance (H, W, 3) float32 and depth
(H, W) float32 metres along the optical axis. Light is traced small, for shadows and bounced light are smooth; edges,
lettering and tiles are drawn by the rasteriser at the picture's own size and laid over it.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from samples.render.background import LAMPS_OFF, render_background
from samples.render.mesh import placement
from samples.render.raster import Drawn, Image, Rasteriser, triangles
from samples.render.sets import Stage
from samples.render.street import street

LEAST_GAIN, MOST_GAIN = 0.05, 2.5
GAIN_SOFT_PX = 1.5
DARKEST_SHARE = 0.25


def backdrop(stage: Stage, raster: Rasteriser, folder: Path) -> tuple[Image, Image]:
    """Radiance (BGR) and depth; the light is traced unless `folder` holds it."""
    traced = _traced(stage, folder)
    drawn, depth = raster.still(_things(stage, raster))
    return _sharpened(traced, drawn), depth


def _traced(stage: Stage, folder: Path) -> Image:
    path = folder / "light.exr"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        render_background(stage, folder)
    light = cv2.imread(str(path), cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH)
    if light is None:
        raise SystemExit(f"{path} cannot be read; delete the folder and render again")
    return light[..., :3].astype(np.float32)


def _things(stage: Stage, raster: Rasteriser) -> list[Drawn]:
    raster.add("street", triangles(street(stage.seed, stage.signs, stage.bound, stage.trees), stage.weather))
    things = [Drawn(mesh="street", matrix=np.eye(4))]
    for i, prop in enumerate(stage.props):
        made = prop.build()
        made.materials = [LAMPS_OFF.get(m, m) for m in made.materials]
        raster.add(f"prop-{i}", triangles(made, stage.weather))
        things.append(Drawn(mesh=f"prop-{i}", matrix=placement(prop.x, prop.y, prop.z, prop.yaw)))
    return things


def _sharpened(traced: Image, drawn: Image) -> Image:
    """The traced light with the drawing's detail, as strong as the place is lit."""
    small_wh, large_wh = traced.shape[1::-1], drawn.shape[1::-1]
    coarse = cv2.resize(drawn, small_wh, interpolation=cv2.INTER_AREA)
    lit, shown = (cv2.GaussianBlur(image.mean(axis=2), (0, 0), GAIN_SOFT_PX) for image in (traced, coarse))
    gain = np.clip(lit / np.maximum(shown, 1e-4), LEAST_GAIN, MOST_GAIN).astype(np.float32)
    # Lanczos would ring below zero around lamps.
    light, level, strength = (
        cv2.resize(image, large_wh, interpolation=cv2.INTER_LINEAR) for image in (traced, coarse, gain)
    )
    fine: Image = np.maximum(light + (drawn - level) * strength[..., None], DARKEST_SHARE * light)
    return fine
