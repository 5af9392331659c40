"""Platoons that pass close before a camera, each step longer than the vehicle: births from three looks that agree."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from detector.tracking import Tracker
from detector.tracking.association import Seen
from detector.tracking.settings import TrackerSettings
from detector.tracking.threes import Look, agreeing
from detector.tracking.tracks import Tracks
from detector.types import Detections, ObjectClass, Track, Window
from tests.detector.tracking.builders import SIZE_WH, stamp

FOCAL_PX, CAMERA_M, HORIZON_PX = 900.0, 2.2, 180.0
STEP_S = 0.2
SPEED_MPS = 10.0
GAPS_M = (0.0, 3.1, 7.6, 10.4, 14.9, 18.2, 23.1, 26.0)
"""Riders behind one another, as uneven as riders are."""
OFF = replace(TrackerSettings(), threes=replace(TrackerSettings().threes, most_cost=0.0))
Way = Callable[[float], tuple[float, float] | None]
Box = tuple[float, float, float, float]


def away(travelled_m: float) -> tuple[float, float] | None:
    """From the camera on, 3 m aside."""
    return (3.0, 2.0 + travelled_m) if 0 <= travelled_m <= 11 else None


def across(travelled_m: float) -> tuple[float, float] | None:
    """From the left to the right, 9 m away."""
    return (travelled_m - 8.0, 9.0) if 0 <= travelled_m <= 16 else None


@dataclass(frozen=True, kw_only=True)
class Rider:
    """Goes a way from a time on."""

    name: int
    way: Way
    start_s: float
    shade: int = 110

    def box(self, t_s: float) -> Box | None:
        """What the picture shows of it, None where that is less than half."""
        place = self.way((t_s - self.start_s) * SPEED_MPS)
        if place is None:
            return None
        x, depth = place
        scale = FOCAL_PX / depth
        width = (1.9 if self.way is across else 0.8) * scale
        middle, foot = SIZE_WH[0] / 2 + x * scale, HORIZON_PX + CAMERA_M * scale
        left, right = max(middle - width / 2, 0.0), min(middle + width / 2, SIZE_WH[0])
        top, bottom = max(foot - 1.65 * scale, 0.0), min(foot, SIZE_WH[1])
        seen = max(right - left, 0.0) * max(bottom - top, 0.0) >= 0.5 * width * 1.65 * scale
        return (left, top, right, bottom) if seen else None


def platoon(way: Way) -> list[Rider]:
    """Riders who follow one another."""
    return [Rider(name=i, way=way, start_s=gap_m / SPEED_MPS) for i, gap_m in enumerate(GAPS_M)]


def seen_at(riders: Iterable[Rider], t_s: float, rng: np.random.Generator) -> tuple[Detections, list[int]]:
    """What a detector says of them, and who is who."""
    rows = [(rider.name, box, rider.shade) for rider in riders if (box := rider.box(t_s)) is not None]
    boxes = np.array([box for _, box, _ in rows], float).reshape(-1, 4)
    size = np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1, keepdims=True))
    return Detections(
        xyxy=(boxes + rng.normal(0, 0.02, boxes.shape) * size).astype(np.float32),
        score=np.full(len(rows), 0.8, np.float32),
        kind=np.full(len(rows), ObjectClass.MOTORCYCLE, np.uint8),
        appearance=np.array([[shade] * 48 for _, _, shade in rows], np.uint8).reshape(-1, 48),
    ), [name for name, _, _ in rows]


def followed(riders: list[Rider], settings: TrackerSettings) -> list[tuple[Track, list[int]]]:
    """Every track as it was told last, with whom it was measured on."""
    rng = np.random.default_rng(4)
    tracker = Tracker(ground=None, size_wh=SIZE_WH, settings=settings)
    last: dict[int, Track] = {}
    looks: dict[float, tuple[np.ndarray, list[int]]] = {}
    for index in range(24):
        detections, names = seen_at(riders, index * STEP_S, rng)
        looks[index * STEP_S] = detections.xyxy, names
        last |= {track.id: track for track in tracker.step(stamp(index * STEP_S), detections).tracks}
    return [(track, _whom(track, looks)) for track in last.values()]


def _whom(track: Track, looks: dict[float, tuple[np.ndarray, list[int]]]) -> list[int]:
    names = []
    for point in track.path:
        if point.measured:
            boxes, there = looks[point.t_s]
            names.append(there[int(np.abs(boxes - np.array(point.xyxy)).max(axis=1).argmin())])
    return names


def kept(tracks: list[tuple[Track, list[int]]]) -> set[int]:
    """Who was followed over three looks and more by a track of nobody else."""
    return {names[0] for _, names in tracks if len(names) >= 3 and len(set(names)) == 1}


@pytest.mark.parametrize(("way", "least", "before"), [(away, 5, 0), (across, 8, 6)])
def test_a_platoon_in_one_colour_is_followed_rider_by_rider(way: Way, least: int, before: int) -> None:
    riders = platoon(way)
    assert len(kept(followed(riders, TrackerSettings()))) >= least
    assert len(kept(followed(riders, OFF))) <= before


def test_one_who_goes_against_a_platoon_goes_against_it() -> None:
    lone = Rider(name=99, way=lambda travelled_m: across(16 - travelled_m), start_s=1.3, shade=140)
    riders = [*platoon(across), lone]
    tracks = followed(riders, TrackerSettings())
    assert kept(tracks) == {rider.name for rider in riders}
    for track, names in tracks:
        if len(names) >= 3:
            rightward = track.path[-1].foot_px[0] > track.path[0].foot_px[0]
            assert rightward == (names[0] != 99)
    assert 99 not in kept(followed(riders, OFF))


def threes_of(boxes: tuple[Box, Box, Box], times_s: tuple[float, float, float] = (0.0, 0.2, 0.4)) -> int:
    """How many threes agree where each look shows one box and nobody follows anybody yet."""
    settings = TrackerSettings()
    tracks = Tracks(settings)
    looks: list[Look] = []
    for box, t_s in zip(boxes, times_s, strict=True):
        detections = Detections.of((ObjectClass.MOTORCYCLE, 0.8, box))
        look = Look(t_s, Seen(detections, settings.match, Window.whole(SIZE_WH)))
        tracks.lives.next_look()
        if len(looks) < 2:
            tracks.start(np.array([0]), look.seen, t_s)
        looks.append(look)
    return len(agreeing((looks[0], looks[1], looks[2]), tracks, settings))


def spaced(*times_s: float) -> tuple[Box, Box, Box]:
    """One rider who goes away from the camera, at three times."""
    rider = Rider(name=0, way=away, start_s=0.0)
    first, second, third = (rider.box(t_s) for t_s in times_s)
    assert first is not None
    assert second is not None
    assert third is not None
    return first, second, third


@pytest.mark.parametrize("times_s", [(0.4, 0.6, 0.8), (0.4, 0.6, 0.9), (0.3, 0.6, 0.8)])
def test_constant_velocity_in_space_agrees_at_even_and_uneven_times(times_s: tuple[float, float, float]) -> None:
    assert threes_of(spaced(*times_s), times_s) == 1


def test_two_steps_that_differ_do_not_agree() -> None:
    first, second, _ = spaced(0.3, 0.5, 0.7)
    assert threes_of((first, second, spaced(0.3, 0.5, 0.8)[2])) == 0


def test_looks_far_apart_or_close_together_are_not_joined() -> None:
    boxes = spaced(0.4, 0.6, 0.8)
    assert threes_of(boxes, (0.0, 0.7, 1.4)) == 0
    assert threes_of(boxes, (0.0, 0.04, 0.08)) == 0


def test_riders_who_enter_one_behind_the_other_at_an_edge_are_not_one_who_goes_along_it() -> None:
    along = ((300.0, 139.0, 358.0, 247.0), (303.0, 227.0, 361.0, 340.0), (304.0, 316.0, 364.0, 438.0))
    first, second, third = (((x1 - 301, y1, x2 - 301, y2)) for x1, y1, x2, y2 in along)
    assert threes_of(along) == 1
    assert threes_of((first, second, third)) == 0


def test_a_settled_track_is_not_robbed_of_its_next_look() -> None:
    across_alone = [rider for rider in platoon(across) if rider.name in (0, 3)]
    names = [whom for _, whom in followed(across_alone, TrackerSettings())]
    assert sorted(set(map(frozenset, names)), key=min) == [frozenset({0}), frozenset({3})]
    assert Counter(len(whom) >= 5 for whom in names)[True] == 2
