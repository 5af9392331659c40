"""Builders of tracks, frames and scenes for tests of rules: a few words in, exact types out.

A `Walk` is one object's life as (t_s, foot x, foot y, box width, box height); `frames_of` turns several walks into
`TrackedFrame`s at a rate, with the same thinning of paths and looking back for the stop time that the tracker promises.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from detector.rules import RuleOutput, RuleRunner
from detector.scene import Ground, Scene
from detector.scene.parse import parse_scene
from detector.types import CannotTell, ClockGrade, FrameStamp, ObjectClass, PathPoint, Track, TrackedFrame, Violation
from detector.types.track import Box, Point

PATH_DENSE_S = 10.0
STILL_WINDOW_S = 2.0
STILL_BOXES = 0.2

Where = Callable[[float], tuple[float, float, float, float]]
"""Time to foot x, foot y, box width, box height, px."""


@dataclass(frozen=True, kw_only=True)
class Walk:
    """One object's life; `hidden` are stretches (from, to) in which it is predicted and not measured."""

    id: int
    kind: ObjectClass = ObjectClass.MOTORCYCLE
    where: Where
    since_s: float = 0.0
    until_s: float = 10.0
    score: float = 0.8
    hidden: tuple[tuple[float, float], ...] = ()
    load: Callable[[float], tuple[float, ...] | None] = field(default=lambda _: None)
    votes: tuple[float, ...] = ()


def line(start: Point, end: Point, *, since_s: float, until_s: float, size: tuple[float, float] = (40, 60)) -> Where:
    """Straight at constant speed between two points; standing at them before and after."""

    def where(t_s: float) -> tuple[float, float, float, float]:
        share = min(max((t_s - since_s) / (until_s - since_s), 0.0), 1.0)
        x, y = (start[i] + share * (end[i] - start[i]) for i in (0, 1))
        return x, y, *size

    return where


def standing(at: Point, *, size: tuple[float, float] = (40, 60)) -> Where:
    """Never moves."""
    return lambda _: (*at, *size)


def through(*stops: tuple[float, float, float], size: tuple[float, float] = (40, 60)) -> Where:
    """Along (t_s, x, y) stops, straight in between, standing before and after."""
    times, xs, ys = zip(*stops, strict=True)

    def where(t_s: float) -> tuple[float, float, float, float]:
        return float(np.interp(t_s, times, xs)), float(np.interp(t_s, times, ys)), *size

    return where


def jittered(where: Where, *, px: float, seed: int = 1) -> Where:
    """The same with detector noise on foot and size, a fixed function of time."""

    def noisy(t_s: float) -> tuple[float, float, float, float]:
        rng = np.random.default_rng([seed, round(t_s * 1000)])
        return tuple(float(value + px * noise) for value, noise in zip(where(t_s), rng.normal(size=4), strict=True))

    return noisy


def box_at(place: tuple[float, float, float, float]) -> Box:
    """xyxy of a foot point with width and height."""
    x, y, width, height = place
    return x - width / 2, y - height, x + width / 2, y


def track_at(walk: Walk, points: Sequence[PathPoint]) -> Track:
    """The track of a walk as it stands after these points."""
    now = points[-1]
    return Track(
        id=walk.id,
        kind=walk.kind,
        score=walk.score,
        mean_score=walk.score,
        xyxy=now.xyxy,
        measured=now.measured,
        foot_px=now.foot_px,
        ground_m=now.ground_m,
        velocity_px_s=_velocity(points),
        velocity_mps=None,
        first_t_s=points[0].t_s,
        still_since_s=still_since(points),
        path=_thinned(points),
        load=walk.load(now.t_s) if now.measured else None,
        votes=walk.votes,
    )


def still_since(points: Sequence[PathPoint]) -> float | None:
    """When the object came to stand where it is now, None unless it has stood for a while (or from the first)."""
    now = points[-1]
    size = math.sqrt((now.xyxy[2] - now.xyxy[0]) * (now.xyxy[3] - now.xyxy[1]))
    since = now.t_s
    for point in reversed(points):
        if math.dist(point.foot_px, now.foot_px) > STILL_BOXES * size:
            break
        since = point.t_s
    return since if now.t_s - since >= STILL_WINDOW_S else None


def frames_of(
    *walks: Walk,
    until_s: float,
    fps: float = 5.0,
    since_s: float = 0.0,
    ground: Ground | None = None,
    start_at: datetime | None = None,
    epoch: int = 0,
) -> Iterator[TrackedFrame]:
    """All walks together, frame by frame; an id is announced as ended at the first frame without it."""
    seen: dict[int, list[PathPoint]] = {}
    ended: set[int] = set()
    for index in range(round((until_s - since_s) * fps) + 1):
        t_s = since_s + index / fps
        tracks = []
        for walk in sorted(walks, key=lambda walk: walk.id):
            if walk.since_s <= t_s <= walk.until_s:
                points = seen.setdefault(walk.id, [])
                points.append(point_at(walk, t_s, ground))
                tracks.append(track_at(walk, points))
        gone = tuple(w.id for w in walks if w.id in seen and t_s > w.until_s and w.id not in ended)
        ended.update(gone)
        yield TrackedFrame(
            stamp=stamp(t_s, index=index, start_at=start_at, epoch=epoch), tracks=tuple(tracks), ended=gone
        )


def stamp(
    t_s: float,
    *,
    index: int = 0,
    start_at: datetime | None = None,
    epoch: int = 0,
    clock: ClockGrade = ClockGrade.PTS,
    repeated: bool = False,
) -> FrameStamp:
    """A frame's identity at a time."""
    return FrameStamp(
        camera_id="CAM-1",
        epoch=epoch,
        index=index,
        pts=round(t_s * 90000),
        t_s=t_s,
        seen_at=None if start_at is None else start_at + timedelta(seconds=t_s),
        clock=clock,
        repeated=repeated,
    )


def outputs(
    scene: Scene, *walks: Walk, until_s: float = 30.0, fps: float = 5.0, start_at: datetime | None = None
) -> list[RuleOutput]:
    """What the scene's rules say about the walks, frame by frame, the end of the source last."""
    runner = RuleRunner(scene, "clip")
    frames = frames_of(*walks, until_s=until_s, fps=fps, ground=scene.fitted_ground, start_at=start_at)
    return [*(runner.step(frame) for frame in frames), runner.finish()]


def run(scene: Scene, *walks: Walk, **how: Any) -> list[Violation]:
    """Everything the rules report about the walks (see `outputs`), first and final versions in order."""
    return [violation for output in outputs(scene, *walks, **how) for violation in output.violations]


def doubts(scene: Scene, *walks: Walk, **how: Any) -> list[CannotTell]:
    """Everything the rules cannot tell about the walks (see `outputs`)."""
    return [doubt for output in outputs(scene, *walks, **how) for doubt in output.cannot_tell]


def finals(violations: Sequence[Violation]) -> list[Violation]:
    """The final versions only."""
    return [violation for violation in violations if violation.finding.final]


def scene_of(*items: str, size: tuple[int, int] = (1000, 1000), extra: str = "") -> Scene:
    """A scene from YAML flow mappings of zones; `extra` holds further top-level keys (turns, ground, rules)."""
    zones = "\n".join(f"  - {item}" for item in items)
    text = f"version: 1\ncamera: {{id: CAM-1}}\nsize: {list(size)}\n"
    if items:
        text += f"zones:\n{zones}\n"
    return parse_scene(text + extra, name="scene.yaml")


def point_at(walk: Walk, t_s: float, ground: Ground | None = None) -> PathPoint:
    """Where a walk is at a time."""
    place = walk.where(t_s)
    metres = None
    if ground is not None:
        x, y = ground.to_m(np.array([place[:2]]))[0]
        metres = (float(x), float(y)) if math.isfinite(x) and math.isfinite(y) else None
    hidden = any(since <= t_s <= until for since, until in walk.hidden)
    return PathPoint(t_s, box_at(place), (place[0], place[1]), metres, not hidden)


def _velocity(points: Sequence[PathPoint]) -> Point:
    now = points[-1]
    window = [point for point in points if now.t_s - point.t_s <= 1.0]
    took_s = now.t_s - window[0].t_s
    if took_s == 0:
        return 0.0, 0.0
    return (now.foot_px[0] - window[0].foot_px[0]) / took_s, (now.foot_px[1] - window[0].foot_px[1]) / took_s


def _thinned(points: Sequence[PathPoint]) -> tuple[PathPoint, ...]:
    now_s = points[-1].t_s
    kept: list[PathPoint] = []
    for point in points:
        if now_s - point.t_s <= PATH_DENSE_S or not kept or point.t_s - kept[-1].t_s >= 1.0 - 1e-9:
            kept.append(point)
    return tuple(kept)


def with_kind(walk: Walk, kind: ObjectClass, *, id: int | None = None) -> Walk:
    """The same walk made by another class of object."""
    return replace(walk, kind=kind, id=walk.id if id is None else id)
