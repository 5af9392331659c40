"""Scenes as another hand would have drawn them: corners and gates a little aside, lanes' directions a little askew."""

import math
from typing import Any

import numpy as np
import yaml

from detector.scene import Scene
from tests.footage.judge import Variant

ASIDE_SHARE = 0.02
"""Corners lie up to this share of the frame aside."""
ASKEW_DEG = 15.0


def roughened(variant: Variant, seed: int) -> Scene:
    """The variant's scene, drawn less carefully."""
    scene: dict[str, Any] = yaml.safe_load(variant.scene.read_text(encoding="utf-8"))
    rng = np.random.default_rng(seed)
    scene.pop("reference", None)
    for zone in scene.get("zones", []):
        zone["polygon"] = _aside(zone["polygon"], scene["size"], rng)
        if "direction" in zone:
            zone["direction"] = _askew(zone["direction"], scene["size"], rng)
    for turn in scene.get("turns", []):
        for gate in ("enter", "leave"):
            turn[gate] = _aside(turn[gate], scene["size"], rng)
    return Scene.model_validate(scene)


def _aside(points: list[list[float]], size_wh: list[int], rng: np.random.Generator) -> list[list[float]]:
    moved = np.array(points, float) + rng.uniform(-ASIDE_SHARE, ASIDE_SHARE, (len(points), 2)) * size_wh
    return [[float(x), float(y)] for x, y in moved.clip(0, size_wh).round(1)]


def _askew(segment: list[list[float]], size_wh: list[int], rng: np.random.Generator) -> list[list[float]]:
    (x, y), (to_x, to_y) = segment
    turn = math.radians(rng.uniform(-ASKEW_DEG, ASKEW_DEG))
    half = np.array([(to_x - x) / 4, (to_y - y) / 4])
    turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]) @ half
    middle = np.array([(x + to_x) / 2, (y + to_y) / 2])
    ends = np.array([middle - turned, middle + turned]).clip(0, size_wh)
    return [[float(px), float(py)] for px, py in ends]
