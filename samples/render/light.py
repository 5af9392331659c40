"""The light of each weather, shared by the background renderer (Cycles) and the rasteriser of moving things.

Comes in: the weather's name. Goes out: a `Light` in linear radiometric units (sun: irradiance, sky: radiance).
"""

from __future__ import annotations

from dataclasses import dataclass

from samples.render.mesh import Colour, Vec


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """`sun_from` points to the sun; `walls` is the radiance of lit fronts as seen in reflections; `exposure` is for
    the tone curve.
    """

    sun: Colour
    sun_from: Vec
    sun_angle_deg: float
    sky: Colour
    walls: Colour
    lamps: Colour
    exposure: float
    shadow: float
    lens_glow: float


LIGHTS = {
    "day": Light(
        sun=(2.9, 2.6, 2.2),
        sun_from=(-0.45, -0.40, 0.80),
        sun_angle_deg=9.0,
        sky=(0.80, 0.90, 1.0),
        walls=(0.24, 0.22, 0.19),
        lamps=(0, 0, 0),
        exposure=1.25,
        shadow=0.55,
        lens_glow=0.0,
    ),
    "dusk": Light(
        sun=(0.9, 0.55, 0.35),
        sun_from=(-0.85, 0.10, 0.35),
        sun_angle_deg=14.0,
        sky=(0.34, 0.36, 0.46),
        walls=(0.13, 0.10, 0.09),
        lamps=(0.20, 0.14, 0.08),
        exposure=2.2,
        shadow=0.38,
        lens_glow=0.25,
    ),
    "night": Light(
        sun=(0, 0, 0),
        sun_from=(0, 0, 1),
        sun_angle_deg=30.0,
        sky=(0.012, 0.014, 0.022),
        walls=(0.05, 0.038, 0.026),
        lamps=(0.26, 0.185, 0.105),
        exposure=1.25,
        shadow=0.45,
        lens_glow=1.0,
    ),
    "rain": Light(
        sun=(0, 0, 0),
        sun_from=(0, 0, 1),
        sun_angle_deg=60.0,
        sky=(0.52, 0.56, 0.60),
        walls=(0.15, 0.145, 0.14),
        lamps=(0, 0, 0),
        exposure=1.55,
        shadow=0.30,
        lens_glow=0.05,
    ),
}
