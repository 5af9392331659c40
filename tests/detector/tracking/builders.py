"""Detections of scripted road users for tests of the tracker: who is where when, in which colour."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from detector.tracking import Tracker
from detector.types import ClockGrade, Detections, FrameStamp, ObjectClass, Track, TrackedFrame
from detector.types.track import Box

SIZE_WH = (1280, 720)
RED, BLUE, GREY = (40, 40, 200), (200, 60, 30), (120, 120, 120)
Colour = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Actor:
    """One road user; `at` gives its foot (x, y) px, or None while it is not detected."""

    at: Callable[[float], tuple[float, float] | None]
    size: tuple[float, float] = (40, 70)
    kind: ObjectClass = ObjectClass.MOTORCYCLE
    colour: Colour = GREY
    score: float | Callable[[float], float] = 0.8

    def row(self, t_s: float) -> tuple[ObjectClass, float, Box, Colour] | None:
        """Its detection at a time."""
        foot = self.at(t_s)
        if foot is None:
            return None
        score = self.score(t_s) if callable(self.score) else self.score
        width, height = self.size
        return self.kind, score, (foot[0] - width / 2, foot[1] - height, foot[0] + width / 2, foot[1]), self.colour


def moving(start: tuple[float, float], velocity: tuple[float, float], since_s: float = 0.0, until_s: float = 1e9):
    """Straight on at constant speed while present."""

    def at(t_s: float) -> tuple[float, float] | None:
        if not since_s <= t_s < until_s:
            return None
        return start[0] + velocity[0] * (t_s - since_s), start[1] + velocity[1] * (t_s - since_s)

    return at


def parked(foot: tuple[float, float], since_s: float = 0.0, until_s: float = 1e9, hidden=()):
    """In one place while present; not detected in the `hidden` stretches (from, to)."""

    def at(t_s: float) -> tuple[float, float] | None:
        unseen = any(start <= t_s < end for start, end in hidden)
        return None if unseen or not since_s <= t_s < until_s else foot

    return at


def stamp(t_s: float, epoch: int = 0) -> FrameStamp:
    """A stamp at a time."""
    return FrameStamp(
        camera_id="test", epoch=epoch, index=round(t_s * 1000), pts=None, t_s=t_s, seen_at=None, clock=ClockGrade.PTS
    )


def detections(rows: Iterable[tuple[ObjectClass, float, Box, Colour]]) -> Detections:
    """Detections with flat colours."""
    rows = list(rows)
    plain = Detections.of(*(row[:3] for row in rows))
    looks = np.array([np.tile(row[3], 16) for row in rows], np.uint8).reshape(-1, 48)
    return Detections(xyxy=plain.xyxy, score=plain.score, kind=plain.kind, appearance=looks)


def tracker() -> Tracker:
    """A fresh one without ground."""
    return Tracker(ground=None, size_wh=SIZE_WH)


def film(
    actors: Iterable[Actor],
    *,
    until_s: float,
    fps: float = 5.0,
    times: Iterable[float] | None = None,
    jitter_px: float = 0.0,
    by: Tracker | None = None,
) -> list[TrackedFrame]:
    """What a tracker says about the actors, at a rate or at given times, with seeded box jitter."""
    rng = np.random.default_rng(5)
    by = by or tracker()
    frames = []
    for t_s in times if times is not None else np.arange(0, until_s, 1 / fps):
        rows = [row for actor in actors if (row := actor.row(float(t_s))) is not None]
        seen = detections(rows)
        noise = rng.normal(0, jitter_px, seen.xyxy.shape).astype(np.float32)
        shaken = Detections(xyxy=seen.xyxy + noise, score=seen.score, kind=seen.kind, appearance=seen.appearance)
        frames.append(by.step(stamp(float(t_s)), shaken))
    return frames


def at(frames: list[TrackedFrame], t_s: float) -> dict[int, Track]:
    """The tracks of the frame nearest to a time, by id."""
    nearest = min(frames, key=lambda frame: abs(frame.stamp.t_s - t_s))
    return {track.id: track for track in nearest.tracks}


def near(frames: list[TrackedFrame], t_s: float, foot: tuple[float, float], reach: float = 30) -> Track | None:
    """The measured track nearest to a place at a time, if any is within reach, px."""
    found = [
        (abs(track.foot_px[0] - foot[0]) + abs(track.foot_px[1] - foot[1]), track.id, track)
        for track in at(frames, t_s).values()
        if track.measured
    ]
    best = min(found, default=None)
    return best[2] if best and best[0] <= reach else None


def ids(frames: list[TrackedFrame]) -> set[int]:
    """Every id ever announced."""
    return {track.id for frame in frames for track in frame.tracks}


def ended(frames: list[TrackedFrame]) -> list[int]:
    """Every end announced, in order."""
    return [i for frame in frames for i in frame.ended]
