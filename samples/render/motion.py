"""Who moves in a clip and where it is at a time.

Comes in: paths (metres on the ground) and speeds over time. Goes out: placements. Paths are rounded by corner
cutting and walked by the integral of the speed, so a vehicle turns with its path and stops without a jump.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from samples.render.mesh import Array, MeshBuilder, placement
from samples.render.street import CROSS_HIGH, CROSS_LOW, KERB_M, ROAD

Builder = Callable[[], MeshBuilder]
STRIDE_M = 1.35
GAIT_STEPS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """`path` (x, y) m; `speeds` (t_s, m/s) linear in between; `start_m` along the path at t = 0. It exists within
    `span_s`. `steps` holds the meshes: one for vehicles, the gait for walkers. `kind` is "" for what no detector
    names.
    """

    name: str
    kind: str
    steps: tuple[Builder, ...]
    path: tuple[tuple[float, float], ...]
    speeds: tuple[tuple[float, float], ...]
    start_m: float = 0.0
    span_s: tuple[float, float] = (-1.0, 1e9)
    half_wl: tuple[float, float] = (0.4, 1.0)
    headlamp: str = ""
    yaw: float | None = None
    lift: float = 0.0


class Course:
    """An actor's way, sampled finely enough to look up."""

    def __init__(self, actor: Actor, length_s: float) -> None:
        self.actor = actor
        self.way = _rounded(np.array(actor.path, float))
        self.along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(self.way, axis=0), axis=1))])
        self.times = np.arange(0.0, length_s + 0.05, 0.02)
        knots = np.array(actor.speeds, float)
        speed = np.interp(self.times, knots[:, 0], knots[:, 1])
        self.gone = actor.start_m + np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2 * 0.02)])
        self.speed = speed

    def present(self, t_s: float) -> bool:
        at = self.distance(t_s)
        return self.actor.span_s[0] <= t_s < self.actor.span_s[1] and 0.0 <= at <= self.along[-1]

    def distance(self, t_s: float) -> float:
        return float(np.interp(t_s, self.times, self.gone))

    def rest_from_s(self) -> float:
        """From when on it never moves again (inf if it does)."""
        moving = np.flatnonzero(self.speed > 1e-3)
        if len(moving) == 0:
            return self.actor.span_s[0]
        return float(self.times[moving[-1]]) + 0.02 if moving[-1] < len(self.times) - 1 else float("inf")

    def place(self, t_s: float) -> tuple[float, float, float]:
        """x, y, heading (radians)."""
        at = min(max(self.distance(t_s), 0.0), float(self.along[-1]))
        x, y = (float(np.interp(at, self.along, self.way[:, k])) for k in (0, 1))
        reach = 0.6
        ahead = [float(np.interp(min(at + reach, self.along[-1]), self.along, self.way[:, k])) for k in (0, 1)]
        back = [float(np.interp(max(at - reach, 0.0), self.along, self.way[:, k])) for k in (0, 1)]
        yaw = (
            self.actor.yaw if self.actor.yaw is not None else float(np.arctan2(ahead[1] - back[1], ahead[0] - back[0]))
        )
        return x, y, yaw

    def matrix(self, t_s: float) -> Array:
        x, y, yaw = self.place(t_s)
        lean = self._lean(t_s) if self.actor.kind == "motorcycle" else 0.0
        pitch = 0.0
        if self.actor.kind != "person":
            ahead, back = (ground_z(x + s * 0.6 * np.cos(yaw), y + s * 0.6 * np.sin(yaw)) for s in (1, -1))
            pitch = float(np.arctan2(ahead - back, 1.2))
        return placement(x, y, ground_z(x, y) + self.actor.lift, yaw, pitch, lean)

    def _lean(self, t_s: float) -> float:
        before, after = self.place(t_s - 0.15)[2], self.place(t_s + 0.15)[2]
        turn = (after - before + np.pi) % (2 * np.pi) - np.pi
        speed = float(np.interp(t_s, self.times, self.speed))
        return float(np.clip(-turn / 0.3 * speed / 9.8, -0.4, 0.4))

    def step(self, t_s: float) -> int:
        """Which of the actor's meshes shows."""
        if len(self.actor.steps) == 1:
            return 0
        if float(np.interp(t_s, self.times, self.speed)) < 0.05:
            return 0
        return int(self.distance(t_s) / STRIDE_M * GAIT_STEPS) % len(self.actor.steps)


def ground_z(x: float, y: float) -> float:
    """Height of the street's surface, the kerb as a short ramp."""
    if CROSS_LOW < y < CROSS_HIGH:
        return 0.0
    return float(np.clip((abs(x) - ROAD + 0.15) / 0.35, 0, 1)) * KERB_M


def _rounded(way: Array) -> Array:
    """Chaikin's corner cutting, ends kept."""
    for _ in range(4):
        if len(way) < 3:
            break
        q, r = way[:-1] * 0.75 + way[1:] * 0.25, way[:-1] * 0.25 + way[1:] * 0.75
        way = np.vstack([way[:1], np.stack([q, r], 1).reshape(-1, 2)[1:-1], way[-1:]])
    return way
