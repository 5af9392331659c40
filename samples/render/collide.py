"""Looks for vehicles and people that run into each other in a storyboard.

Comes in: a `Clip`. Goes out: the faults found, one line each.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from samples.render.mesh import Array
from samples.render.motion import Course
from samples.render.storyboard import Clip


def collisions(clip: Clip, step_s: float = 0.2) -> list[str]:
    """Pairs of bodies whose outlines overlap, at their first moment."""
    courses = [Course(actor, clip.length_s) for actor in clip.actors if actor.kind]
    found: dict[tuple[str, str], str] = {}
    for t_s in np.arange(0, clip.length_s, step_s).tolist():
        here = [(c.actor.name, _outline(c, t_s)) for c in courses if c.present(t_s)]
        for (a, one), (b, two) in combinations(here, 2):
            if (a, b) not in found and np.hypot(*(one.mean(0) - two.mean(0))) < 12 and _overlap(one, two):
                x, y = one.mean(axis=0)
                found[a, b] = f"{t_s:.1f} s: {a} meets {b} at ({x:.1f}, {y:.1f})"
    return list(found.values())


def _outline(course: Course, t_s: float) -> Array:
    x, y, yaw = course.place(t_s)
    wide, long = course.actor.half_wl
    ahead, aside = np.array((np.cos(yaw), np.sin(yaw))), np.array((-np.sin(yaw), np.cos(yaw)))
    return np.array([(x, y) + ahead * long * i + aside * wide * j for i, j in ((1, 1), (1, -1), (-1, -1), (-1, 1))])


def _overlap(one: Array, two: Array) -> bool:
    """Separating axes of two rectangles."""
    for shape in (one, two):
        for edge in (shape[1] - shape[0], shape[2] - shape[1]):
            axis = np.array((-edge[1], edge[0]))
            a, b = one @ axis, two @ axis
            if a.max() <= b.min() or b.max() <= a.min():
                return False
    return True
