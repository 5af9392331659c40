"""Where a street camera stands, what it frames, and how much of a bed's inside it can see.

In: a truck of `bodies.py` and a random generator. Out: a `View`. Pure geometry; metres, radians, shares of the frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.recipes.load.bodies import Truck

SEEN, HIDDEN = 0.035, 0.012
"""Share of the frame that the load must fill to count as seen, and below which it counts as not visible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A camera: position and aim (metres), opening angle (radians), and the truck's box in it (0..1, y down)."""

    eye: np.ndarray
    aim: np.ndarray
    angle: float
    xyxy: tuple[float, float, float, float]

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points (n, 3) in metres as (n, 2) shares of the square frame, x right, y down."""
        forward = self.aim - self.eye
        forward = forward / np.linalg.norm(forward)
        right = np.cross(forward, (0, 0, 1))
        right = right / np.linalg.norm(right)
        down = np.cross(forward, right)
        rays = points - self.eye
        scale = 2 * np.tan(self.angle / 2) * (rays @ forward)
        return np.column_stack([(rays @ right) / scale, (rays @ down) / scale]) + 0.5


def choose_view(truck: Truck, rng: np.random.Generator) -> View:
    """A camera that frames the truck: over the road, at a gate, or held by somebody at the roadside."""
    turn = float(rng.choice([0.0, np.pi])) + float(rng.normal(0, 0.75))
    heights = [rng.uniform(1.2, 2.2), rng.uniform(2.0, 4.0), rng.uniform(4.0, 9.5), rng.uniform(5.0, 11.0)]
    height = float(rng.choice(heights))
    away = float(rng.uniform(6, 15)) + truck.bed.length / 2
    eye = np.array([np.cos(turn) * away, np.sin(turn) * away, height])
    aim = truck.box.mean(0)
    first = View(eye=eye, aim=aim, angle=1.0, xyxy=(0, 0, 1, 1))
    corners = np.array([[x, y, z] for x in truck.box[:, 0] for y in truck.box[:, 1] for z in truck.box[:, 2]])
    reach = float(np.abs(first.project(corners) - 0.5).max()) * 1.12
    view = View(eye=eye, aim=aim, angle=float(2 * np.arctan(np.tan(0.5) * 2 * reach)), xyxy=(0, 0, 1, 1))
    seen = np.clip(view.project(corners), 0, 1)
    (left, top), (right, bottom) = seen.min(0), seen.max(0)
    return View(eye=eye, aim=aim, angle=view.angle, xyxy=(float(left), float(top), float(right), float(bottom)))


def seen_share(truck: Truck, view: View) -> float:
    """Share of the frame filled by what decides the state: the bed's content or floor, or the skin of a body."""
    free = ~_behind_box(truck.surface, view.eye, truck.cab_box)
    if truck.open:
        free &= ~_behind_walls(truck, view.eye)
    places = view.project(truck.surface)[free]
    places = places[((places >= 0) & (places <= 1)).all(1)]
    cells = np.unique((places * 40).astype(int), axis=0)
    return len(cells) / 1600


def _behind_walls(truck: Truck, eye: np.ndarray) -> np.ndarray:
    """Which surface points have a side of the bed between them and the camera; bars hide nothing above a third."""
    bed, hidden = truck.bed, np.zeros(len(truck.surface), bool)
    top = bed.floor + bed.wall * (0.4 if bed.gaps else 1.0)
    for axis, place in ((0, bed.length / 2), (0, -bed.length / 2), (1, bed.half), (1, -bed.half)):
        gap = eye[axis] - truck.surface[:, axis]
        part = (place - truck.surface[:, axis]) / np.where(np.abs(gap) < 1e-9, 1e-9, gap)
        height = truck.surface[:, 2] + part * (eye[2] - truck.surface[:, 2])
        hidden |= (part > 0) & (part < 1) & (height < top)
    return hidden


def _behind_box(points: np.ndarray, eye: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Which points have an axis-aligned box (2, 3) between them and the camera."""
    ray = eye - points
    ray = np.where(np.abs(ray) < 1e-9, 1e-9, ray)
    near, far = (box[0] - points) / ray, (box[1] - points) / ray
    enter, leave = np.minimum(near, far).max(1), np.maximum(near, far).min(1)
    return np.asarray((leave > np.maximum(enter, 0)) & (enter < 1))
