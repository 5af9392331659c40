"""People: a jointed figure in clothes, walking, riding, sitting or carrying.

Comes in: a `Pose` (joint positions, metres, x forward) and `Clothes`. Goes out: faces in a `MeshBuilder`. Limbs are
tapered tubes, the trunk a loft of ellipses; at street-camera size that reads as a person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samples.render.mesh import Colour, MeshBuilder, Vec

HAIR: Colour = (0.015, 0.012, 0.010)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clothes:
    """Colours and headgear ("helmet", "non_la", "hair", "cap"); `poncho` is a rain cape's colour."""

    shirt: Colour = (0.5, 0.5, 0.52)
    trousers: Colour = (0.03, 0.035, 0.05)
    head: str = "hair"
    head_colour: Colour = (0.5, 0.03, 0.03)
    skin: Colour = (0.50, 0.31, 0.22)
    mask: bool = False
    bare_arms: bool = True
    poncho: Colour | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Joints in metres; side joints are (left, right)."""

    pelvis: Vec
    neck: Vec
    head: Vec
    elbows: tuple[Vec, Vec]
    hands: tuple[Vec, Vec]
    knees: tuple[Vec, Vec]
    ankles: tuple[Vec, Vec]


def walking(phase: float, carry: bool = False) -> Pose:
    """A step of the gait, `phase` 0..1; carrying holds both hands in front."""
    swing = np.sin(2 * np.pi * phase)
    lift = [max(0.0, np.cos(2 * np.pi * phase)), max(0.0, -np.cos(2 * np.pi * phase))]
    legs = [(swing, lift[0], 0.095), (-swing, lift[1], -0.095)]
    knees = [(0.17 * s + 0.08 * up, y, 0.48 + 0.04 * up) for s, up, y in legs]
    ankles = [(0.30 * s - 0.08 * up, y, 0.09 + 0.10 * up) for s, up, y in legs]
    arms = [(-swing, 0.24), (swing, -0.24)]
    if carry:
        elbows: list[Vec] = [(0.05, y, 1.10) for _, y in arms]
        hands: list[Vec] = [(0.36, y * 0.8, 1.06) for _, y in arms]
    else:
        elbows = [(0.10 * s - 0.02, y, 1.10) for s, y in arms]
        hands = [(0.24 * s + 0.08, y * 0.98, 0.86) for s, y in arms]
    return _pose((0, 0, 0.90), (0.03, 0, 1.40), (0.06, 0, 1.58), elbows, hands, knees, ankles)


def standing() -> Pose:
    """At rest."""
    return walking(0.0)


def sitting(seat: float = 0.30) -> Pose:
    """On a low plastic stool."""
    knees = [(0.36, 0.15, seat + 0.16), (0.36, -0.15, seat + 0.16)]
    ankles = [(0.34, 0.14, 0.08), (0.34, -0.14, 0.08)]
    return _pose(
        (0, 0, seat + 0.06),
        (0.10, 0, seat + 0.56),
        (0.15, 0, seat + 0.74),
        [(0.22, 0.24, seat + 0.30), (0.22, -0.24, seat + 0.30)],
        [(0.42, 0.14, seat + 0.26), (0.42, -0.14, seat + 0.26)],
        knees,
        ankles,
    )


def riding(seat: float = 0.96, reach: float = 0.38, grip: float = 1.25) -> Pose:
    """Astride a motorbike, hands on the bar."""
    knees = [(0.22, 0.25, seat - 0.10), (0.22, -0.25, seat - 0.10)]
    ankles = [(0.12, 0.22, 0.44), (0.12, -0.22, 0.44)]
    elbows = [(0.12, 0.29, seat + 0.26), (0.12, -0.29, seat + 0.26)]
    hands = [(reach, 0.30, grip + 0.03), (reach, -0.30, grip + 0.03)]
    return _pose(
        (-0.22, 0, seat + 0.08), (-0.12, 0, seat + 0.58), (-0.04, 0, seat + 0.74), elbows, hands, knees, ankles
    )


def pillion(seat: float = 1.0) -> Pose:
    """Behind the rider, hands on the knees."""
    knees = [(-0.24, 0.28, seat - 0.04), (-0.24, -0.28, seat - 0.04)]
    ankles = [(-0.34, 0.24, 0.48), (-0.34, -0.24, 0.48)]
    elbows = [(-0.52, 0.25, seat + 0.26), (-0.52, -0.25, seat + 0.26)]
    hands = [(-0.28, 0.18, seat + 0.10), (-0.28, -0.18, seat + 0.10)]
    return _pose(
        (-0.60, 0, seat + 0.08), (-0.54, 0, seat + 0.56), (-0.48, 0, seat + 0.72), elbows, hands, knees, ankles
    )


def _pose(
    pelvis: Vec, neck: Vec, head: Vec, elbows: list[Vec], hands: list[Vec], knees: list[Vec], ankles: list[Vec]
) -> Pose:
    return Pose(
        pelvis=pelvis,
        neck=neck,
        head=head,
        elbows=(elbows[0], elbows[1]),
        hands=(hands[0], hands[1]),
        knees=(knees[0], knees[1]),
        ankles=(ankles[0], ankles[1]),
    )


def figure(made: MeshBuilder, pose: Pose, clothes: Clothes) -> None:
    """Draw one person in the present frame."""
    _trunk(made, pose, clothes.shirt)
    for i, side in enumerate((1, -1)):
        _leg(made, pose, i, side, clothes)
        _arm(made, pose, i, side, clothes)
    _head(made, pose.neck, pose.head, clothes)
    if clothes.poncho is not None:
        _poncho(made, pose, clothes.poncho)


def _ellipses(path: list[Vec], sizes: list[tuple[float, float]]) -> list[list[Vec]]:
    turn = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    way = np.array(path)
    along = way[-1] - way[0]
    depth = np.cross((0, 1, 0), along / np.linalg.norm(along))
    rings = []
    for point, (wide, deep) in zip(way, sizes, strict=True):
        ring = point + wide * np.cos(turn)[:, None] * np.array((0, 1, 0)) + deep * np.sin(turn)[:, None] * depth
        rings.append([(float(p[0]), float(p[1]), float(p[2])) for p in ring])
    return rings


def _trunk(made: MeshBuilder, pose: Pose, shirt: Colour) -> None:
    low, high = np.array(pose.pelvis), np.array(pose.neck)
    path = [low + (high - low) * f for f in (-0.18, 0.0, 0.30, 0.62, 0.86, 0.97, 1.04)]
    sizes = [(0.12, 0.10), (0.175, 0.13), (0.155, 0.115), (0.185, 0.135), (0.185, 0.115), (0.11, 0.08), (0.055, 0.055)]
    made.loft(_ellipses([(float(p[0]), float(p[1]), float(p[2])) for p in path], sizes), "cloth", shirt)


def _leg(made: MeshBuilder, pose: Pose, i: int, side: int, clothes: Clothes) -> None:
    px, py, pz = pose.pelvis
    knee, ankle = pose.knees[i], pose.ankles[i]
    made.tube([(px, py + side * 0.085, pz), knee], [0.098, 0.066], "cloth", clothes.trousers, 10)
    made.ball(knee, (0.066, 0.066, 0.066), "cloth", clothes.trousers, 8)
    made.tube([knee, ankle], [0.064, 0.046], "cloth", clothes.trousers, 10)
    made.soft_box((ankle[0] + 0.06, ankle[1], ankle[2] - 0.045), (0.25, 0.09, 0.08), "plastic", HAIR, 0.03)


def _arm(made: MeshBuilder, pose: Pose, i: int, side: int, clothes: Clothes) -> None:
    nx, ny, nz = pose.neck
    shoulder = (nx, ny + side * 0.185, nz - 0.07)
    elbow, hand = pose.elbows[i], pose.hands[i]
    made.ball(shoulder, (0.068, 0.068, 0.068), "cloth", clothes.shirt, 8)
    made.tube([shoulder, elbow], [0.062, 0.047], "cloth", clothes.shirt, 8)
    material, colour = ("skin", clothes.skin) if clothes.bare_arms else ("cloth", clothes.shirt)
    made.ball(elbow, (0.046, 0.046, 0.046), material, colour, 8)
    made.tube([elbow, hand], [0.044, 0.032], material, colour, 8)
    made.ball(hand, (0.05, 0.04, 0.045), "skin", clothes.skin, 8)


def _head(made: MeshBuilder, neck: Vec, head: Vec, clothes: Clothes) -> None:
    x, y, z = head
    made.tube([neck, head], [0.055, 0.05], "skin", clothes.skin, 8)
    made.ball(head, (0.098, 0.080, 0.125), "skin", clothes.skin, 12)
    if clothes.mask:
        made.ball((x + 0.03, y, z - 0.055), (0.082, 0.078, 0.065), "cloth", (0.30, 0.42, 0.55), 10)
    if clothes.head == "helmet":
        made.ball((x - 0.012, y, z + 0.02), (0.132, 0.116, 0.130), "paint", clothes.head_colour, 14, low=-0.35)
        made.ball((x + 0.06, y, z + 0.035), (0.12, 0.105, 0.03), "plastic", HAIR, 10)
    elif clothes.head == "non_la":
        turn = np.linspace(0, 2 * np.pi, 16, endpoint=False)
        cone = [
            [(x + r * np.cos(a), y + r * np.sin(a), z + h) for a in turn]
            for r, h in ((0.245, 0.04), (0.13, 0.15), (0.01, 0.26))
        ]
        made.loft(cone, "cloth", (0.72, 0.62, 0.40))
    else:
        colour = HAIR if clothes.head == "hair" else clothes.head_colour
        made.ball((x - 0.018, y, z + 0.028), (0.108, 0.092, 0.118), "cloth", colour, 12, low=-0.35)
        made.ball((x - 0.055, y, z - 0.02), (0.065, 0.075, 0.10), "cloth", HAIR, 10)


def _poncho(made: MeshBuilder, pose: Pose, colour: Colour) -> None:
    """The rain cape of every rider: from the neck over the arms to the knees."""
    low, high = np.array(pose.pelvis), np.array(pose.neck)
    path = [
        high + np.array((0, 0, 0.05)),
        high + np.array((0.0, 0, -0.08)),
        (high + low) / 2 + np.array((0.06, 0, 0)),
        low + np.array((0.10, 0, -0.05)),
        low + np.array((0.12, 0, -0.28)),
    ]
    sizes = [(0.08, 0.08), (0.26, 0.15), (0.33, 0.25), (0.36, 0.34), (0.38, 0.42)]
    made.loft(_ellipses([(float(p[0]), float(p[1]), float(p[2])) for p in path], sizes), "plastic", colour)
