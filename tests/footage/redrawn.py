"""Scenes drawn another way for the same street: with a ground, a little larger or smaller, from another corner.

`python -m tests.footage.redrawn [--clips NAME,...] [--tell] [WAY...]` prints right / false / missed over the scenes of
each clip, as drawn and redrawn; `--tell` names each truth missed and each event too many. Needs the footage beside the
checkout.
"""

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
import yaml

from detector.scene import Scene
from detector.types import ObjectClass
from pipelines.scene_file import load_scene
from tests.footage.altered import lines, told
from tests.footage.judge import DEFAULT, Variant, observed, variants

Drawn = dict[str, Any]
Redraw = Callable[[Drawn, Variant], Drawn]
RIDDEN_M = 1.6
"""A motorcycle with its rider is about so high."""
SURE = 0.4
"""Boxes of this score tell how high motorcycles stand."""
LEAST_RIDERS = 20
"""Where fewer are seen, no ground is drawn."""


def from_another_corner(scene: Drawn, _variant: Variant) -> Drawn:
    """Every polygon begun at another corner, gone round the other way, with a corner more amid each side."""
    for zone in scene.get("zones", []):
        corners = np.array(zone["polygon"], float)
        amid = (corners + np.roll(corners, -1, axis=0)) / 2
        more = np.stack([corners, amid], axis=1).reshape(-1, 2)
        zone["polygon"] = np.roll(more[::-1], 3, axis=0).tolist()
    return scene


def grown(share: float) -> Redraw:
    """Every polygon larger about its middle by so much; smaller where negative."""

    def redraw(scene: Drawn, _variant: Variant) -> Drawn:
        for zone in scene.get("zones", []):
            corners = np.array(zone["polygon"], float)
            middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
            zone["polygon"] = (middle + (1 + share) * (corners - middle)).clip(0, scene["size"]).round(1).tolist()
        return scene

    return redraw


def other_gates(scene: Drawn, _variant: Variant) -> Drawn:
    """Gates drawn from their other end."""
    for turn in scene.get("turns", []):
        turn["enter"], turn["leave"] = turn["enter"][::-1], turn["leave"][::-1]
    return scene


def grounded(scale_m: float = 1.0, focal_widths: float = 1.0) -> Redraw:
    """With the road plane as a level camera sees it, its height told by how high ridden motorcycles stand.

    Args:
        scale_m: how many times too long the operator's metres are.
        focal_widths: focal length in picture widths; along the view, the metres hang on it.
    """

    def redraw(scene: Drawn, variant: Variant) -> Drawn:
        width, height = scene["size"]
        rows, tall = _riders(variant)
        if len(rows) < LEAST_RIDERS:
            return scene
        slope, shift = np.polyfit(rows, tall, 1, w=1 / tall)
        horizon = float(np.clip(-shift / slope, -2.0 * height, 0.35 * height))
        camera_m = RIDDEN_M / float(np.median(tall / (rows - horizon).clip(1)))
        y_far, y_near = horizon + 0.35 * (height - horizon), float(height)
        px, m = [], []
        for x, y in ((0.1 * width, y_far), (0.9 * width, y_far), (0.9 * width, y_near), (0.1 * width, y_near)):
            depth_m = focal_widths * width * camera_m / (y - horizon)
            px.append([x, max(y, 0.0)])
            m.append([scale_m * (x - width / 2) * depth_m / (focal_widths * width), scale_m * depth_m])
        scene["ground"] = {"px": px, "m": m}
        return scene

    return redraw


def _riders(variant: Variant) -> tuple[Any, Any]:
    """Lower edges and heights of the motorcycles seen, in the scene's px."""
    scene_file = load_scene(variant.scene)
    boxes = []
    for observation in observed(variant, scene_file, DEFAULT):
        found = observation.detections
        boxes.append(found.xyxy[(found.kind == ObjectClass.MOTORCYCLE) & (found.score > SURE)])
    xyxy = np.concatenate([np.empty((0, 4), np.float32), *boxes])
    return xyxy[:, 3], xyxy[:, 3] - xyxy[:, 1]


WAYS: dict[str, Redraw] = {
    "corners": from_another_corner,
    "gates": other_gates,
    "grown": grown(0.03),
    "shrunk": grown(-0.03),
    "ground": grounded(),
    "ground-short": grounded(scale_m=0.8),
    "ground-long": grounded(scale_m=1.25),
    "ground-wide": grounded(focal_widths=0.7),
    "ground-tele": grounded(focal_widths=1.6),
}


def redrawn(variant: Variant, way: Redraw) -> Scene:
    """The variant's scene, drawn another way."""
    scene: Drawn = yaml.safe_load(variant.scene.read_text(encoding="utf-8"))
    scene.pop("reference", None)
    return Scene.model_validate(way(scene, variant))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ways", nargs="*", choices=[[], *WAYS], metavar="WAY")
    parser.add_argument("--clips", default="", help="scenes whose names begin so, joined by commas")
    parser.add_argument("--tell", action="store_true")
    arguments = parser.parse_args()
    begins = tuple(arguments.clips.split(","))
    ways = {"as drawn": lambda scene, _: scene} | {name: WAYS[name] for name in arguments.ways or WAYS}
    sums = {name: [0, 0, 0] for name in ways}
    for variant in (variant for variant in variants() if variant.name.startswith(begins)):
        cells = []
        for name, way in ways.items():
            counts = _compared(variant, way, name if arguments.tell else None)
            sums[name] = [a + b for a, b in zip(sums[name], counts, strict=True)]
            cells.append("/".join(map(str, counts)))
        print(f"{variant.name:45s} {'  '.join(f'{cell:>9s}' for cell in cells)}", flush=True)
    for name, counts in sums.items():
        print(f"{name:20s} {counts[0]} right, {counts[1]} false, {counts[2]} missed")


def _compared(variant: Variant, way: Redraw, told_as: str | None) -> tuple[int, int, int]:
    found = told(variant, DEFAULT, scene=redrawn(variant, way))
    if told_as is not None:
        for line in lines(variant, found):
            print(f"{told_as}: {line}")
    return len(found.right), len(found.false), len(found.missed)


if __name__ == "__main__":
    main()
