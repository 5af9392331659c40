"""From radiance to a street camera's picture.

Comes in: the background's radiance and depth, layers of the rasteriser, lamps. Goes out: 8-bit BGR frames: shadows
and wet reflections laid on the ground, moving things over it, glow, rain, tone curve, soft lens, grain.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.render.camera import SIZE_WH, Camera
from samples.render.light import LIGHTS
from samples.render.raster import Image

Frame = NDArray[np.uint8]
BEAM = (1.0, 0.93, 0.80)
BRIGHTEST = 16.0


def _curve() -> Frame:
    """8-bit values of the tone curve at evenly spaced roots of the exposed radiance, 0 to `BRIGHTEST`."""
    x = np.linspace(0, 1, 8192) ** 2 * BRIGHTEST
    curve = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1) ** (1 / 2.2)
    return np.asarray(np.round((0.55 * curve + 0.45 * curve * curve * (3 - 2 * curve)) * 255), np.uint8)


CURVE = _curve()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beam:
    """A headlamp's pool of light: where the vehicle is, whether it has one lens or two, how far its nose is ahead."""

    x: float
    y: float
    yaw: float
    nose_m: float
    half_m: float


class Composer:
    """Holds what does not change during a clip."""

    def __init__(self, camera: Camera, weather: str, radiance: Image, depth: Image, seed: int) -> None:
        self.light = LIGHTS[weather]
        self.weather, self.size_wh = weather, camera.size_wh
        self.scale = camera.size_wh[0] / SIZE_WH[0]
        self.radiance = radiance
        self.world = _world_points(camera, depth)
        self.ground = cv2.GaussianBlur((self.world[..., 2] < 0.3).astype(np.float32), (3, 3), 0)
        away = np.linalg.norm(self.world - np.array(camera.position), axis=2)
        slant = np.clip((camera.position[2] - self.world[..., 2]) / away, 0, 1)
        self.fresnel = ((0.05 + 0.95 * (1 - slant) ** 4) * self.ground).astype(np.float32)
        self.sunlit = self._sunlit()
        self.rng = np.random.default_rng(seed)

    def _soft(self, picture: Image, sigma: float) -> Image:
        """Blurred by `sigma` px of a picture of the common size."""
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma * self.scale), np.float32)

    def _sunlit(self) -> Image:
        """How sunny the ground is, 0..1, read off the background itself."""
        level = self._soft(self.radiance.mean(axis=2) * self.ground, 14) / np.maximum(self._soft(self.ground, 14), 0.05)
        high = np.percentile(level[self.ground > 0.5], 90)
        shade: Image = np.clip((level / high - 0.35) / 0.5, 0, 1).astype(np.float32)
        return shade

    def lit_at(self, foot_px: tuple[float, float]) -> float:
        """Sun on something that stands at this pixel; outside the picture: full."""
        u, v = int(foot_px[0]), int(foot_px[1])
        if max(self.light.sun) == 0 or not (0 <= u < self.size_wh[0] and 0 <= v < self.size_wh[1]):
            return 1.0
        return float(0.25 + 0.75 * self.sunlit[v, u])

    def frame(self, layer: Image, sun_mask: Image, sky_mask: Image, mirror: Image | None, beams: list[Beam]) -> Frame:
        """One finished picture."""
        picture = self._shaded(sun_mask, sky_mask)
        if mirror is not None:
            picture = self._mirrored(picture, mirror)
        if self.light.lens_glow > 0:
            picture = picture + self._pools(beams)
        picture = picture * (1 - layer[..., 3:]) + layer[..., :3]
        picture = self._glow(picture)
        if self.weather == "rain":
            picture = self._rain(picture)
        return self._developed(picture)

    def still(self) -> Frame:
        """The empty street, without grain."""
        return self._tone(self._glow(self.radiance))

    def _shaded(self, sun_mask: Image, sky_mask: Image) -> Image:
        cast, close, around = (
            cv2.GaussianBlur(mask, (0, 0), sigma) for mask, sigma in ((sun_mask, 2.2), (sky_mask, 2.2), (sky_mask, 7.0))
        )
        cast, near = (self._enlarged(mask) for mask in (cast, np.maximum(close, around)))
        cast = cast * self.sunlit * (self.light.shadow if max(self.light.sun) > 0 else 0)
        kept = (1 - cast * self.ground) * (1 - 0.72 * near * self.ground)
        return self.radiance * kept[..., None]

    def _enlarged(self, image: Image) -> Image:
        """From the common size to the picture's."""
        return np.asarray(cv2.resize(image, self.size_wh, interpolation=cv2.INTER_LINEAR), np.float32)

    def _mirrored(self, picture: Image, mirror: Image) -> Image:
        soft = cv2.GaussianBlur(mirror, (0, 0), sigmaX=1.6 * self.scale, sigmaY=6.0 * self.scale)
        strength = np.clip(self.fresnel * 1.9, 0, 0.75)[..., None]
        return picture * (1 - soft[..., 3:] * strength * 0.8) + soft[..., :3] * strength

    def _pools(self, beams: list[Beam]) -> Image:
        """Light of headlamps on the road."""
        every = round(3 * self.scale)
        coarse = self.world[::every, ::every]
        total = np.zeros(coarse.shape[:2], np.float32)
        for beam in beams:
            dx, dy = coarse[..., 0] - beam.x, coarse[..., 1] - beam.y
            ahead = dx * np.float32(np.cos(beam.yaw)) + dy * np.float32(np.sin(beam.yaw)) - np.float32(beam.nose_m)
            aside = dy * np.float32(np.cos(beam.yaw)) - dx * np.float32(np.sin(beam.yaw))
            reach = np.maximum(ahead, 0.05)
            wide = 0.45 + beam.half_m * 0.7 + 0.20 * reach
            total += np.where(ahead > 0, np.exp(-((aside / wide) ** 2) - reach / 6.5) * np.clip(reach / 1.8, 0, 1), 0)
        pool = (
            cv2.resize(total, self.size_wh, interpolation=cv2.INTER_LINEAR) * self.ground * 0.42 * self.light.lens_glow
        )
        return pool[..., None] * np.array(BEAM[::-1], np.float32)

    def _glow(self, picture: Image) -> Image:
        """Light spilling around what is brighter than the sensor's range."""
        limit = 1.6 / self.light.exposure
        bright = np.minimum(np.maximum(picture - limit, 0), 14.0)
        small = cv2.resize(bright, SIZE_WH, interpolation=cv2.INTER_AREA)
        if self.light.lens_glow == 0:
            return picture + self._enlarged(0.12 * cv2.GaussianBlur(small, (0, 0), 3))
        glow = 0.16 * cv2.GaussianBlur(small, (0, 0), 3.5) + 0.10 * cv2.GaussianBlur(small, (0, 0), 13)
        return picture + self._enlarged(glow)

    def _rain(self, picture: Image) -> Image:
        """Streaks, longer and brighter near the lens, and a veil of drizzle."""
        width, height = self.size_wh
        streaks = np.zeros((height, width), np.float32)
        for _ in range(230):
            x, y, near = self.rng.uniform(0, width), self.rng.uniform(-30, height), self.rng.uniform(0, 1) ** 2
            length = (9 + 34 * near) * self.scale
            end = (int(x + length * 0.10), int(y + length))
            cv2.line(streaks, (int(x), int(y)), end, float(0.25 + 0.5 * near), int(self.scale), cv2.LINE_AA)
        veil = 0.22 * self._soft(streaks, 0.7)[..., None]
        return picture * (1 - veil) + veil * np.array(self.light.sky[::-1], np.float32)

    def _tone(self, picture: Image) -> Frame:
        # By table over the root of the radiance: a power per pixel costs a fifth of the frame.
        step = np.sqrt(np.clip(picture * (self.light.exposure * 0.8 / BRIGHTEST), 0, 1)) * (len(CURVE) - 1)
        return CURVE[step.astype(np.uint16)]

    def _developed(self, picture: Image) -> Frame:
        flat = cv2.GaussianBlur(self._tone(picture).astype(np.float32), (0, 0), 0.55)
        sharp = flat + 0.35 * (flat - cv2.GaussianBlur(flat, (0, 0), 1.6))
        strength = 4.2 if self.weather == "night" else 2.2
        return np.asarray(np.clip(sharp + self._grain() * strength * 0.6, 0, 255), np.uint8)

    def _grain(self) -> Image:
        """Noise of the common size, so that a large picture's is soft and costs few bits."""
        size = SIZE_WH[::-1]
        grey = cv2.GaussianBlur(self.rng.normal(0, 1, (*size, 1)).astype(np.float32), (0, 0), 0.6)[..., None] * 2.0
        tint = cv2.GaussianBlur(self.rng.normal(0, 0.5, (*size, 3)).astype(np.float32), (0, 0), 1.0)
        return self._enlarged(grey + tint)


def _world_points(camera: Camera, depth: Image) -> Image:
    """World position (H, W, 3) of every background pixel."""
    width, height = camera.size_wh
    rows, cols = np.mgrid[0:height, 0:width]
    rays = np.stack(
        [
            (cols + 0.5 - width / 2) / camera.focal_px,
            (rows + 0.5 - height / 2) / camera.focal_px,
            np.ones(depth.shape),
        ],
        axis=2,
    )
    points = (rays * depth[..., None]) @ camera.axes() + np.array(camera.position)
    return points.astype(np.float32)
