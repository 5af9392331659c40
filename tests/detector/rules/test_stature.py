"""Metres that cannot be right are told to the officer: riders by them would be dwarfs or giants."""

import pickle

import pytest

from detector.rules import RuleRunner
from detector.rules.stature import LEAST_RIDERS, Stature
from detector.types import ObjectClass, Window
from tests.builders import Walk, finals, frames_of, line, run, scene_of, standing

WHOLE = "[[0, 0], [1000, 0], [1000, 1000], [0, 1000]]"
DOWN = f"{{id: down, kind: one_way, polygon: {WHOLE}, direction: [[500, 100], [500, 900]]}}"
SIZE_PX = (40, 60)
TRUE_M_PER_PX = 1.6 / SIZE_PX[1]


def plane(m_per_px: float) -> str:
    side = 1000 * m_per_px
    return (
        "ground: {px: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]],"
        f" m: [[0, {side}], [{side}, {side}], [{side}, 0], [0, 0]]}}\n"
    )


def riders(count: int, *, kind: ObjectClass = ObjectClass.MOTORCYCLE) -> list[Walk]:
    """Lawful ones, one after another, and one at the end against the lane."""
    lawful = [
        Walk(
            id=number,
            kind=kind,
            since_s=4 * number,
            until_s=4 * number + 3,
            where=line((300, 200), (300, 800), since_s=4 * number, until_s=4 * number + 3, size=SIZE_PX),
        )
        for number in range(1, count + 1)
    ]
    at_s = 4 * count + 6
    against = line((700, 900), (700, 200), since_s=at_s, until_s=at_s + 4, size=SIZE_PX)
    return [*lawful, Walk(id=900, since_s=at_s, until_s=at_s + 4, where=against)]


@pytest.mark.parametrize(
    ("label", "times", "doubted"),
    [
        ("as measured", 1.0, False),
        ("a third too short", 0.67, False),
        ("half as long again", 1.5, False),
        ("in feet", 3.28, True),
        ("in centimetres", 100.0, True),
        ("in half metres", 0.5, True),
    ],
)
def test_riders_of_an_impossible_height_put_the_metres_in_doubt(label: str, times: float, doubted: bool) -> None:
    scene = scene_of(DOWN, extra=plane(times * TRUE_M_PER_PX))
    found = finals(run(scene, *riders(LEAST_RIDERS), until_s=80))
    accused = [act for act in found if act.finding.track_id == 900]
    assert len(accused) == 1, label
    assert ("ground_unlikely" in accused[0].finding.cannot_tell) == doubted, label
    assert accused[0].finding.facts.get("rider_height_m") == (pytest.approx(1.6 * times, rel=0.05) if doubted else None)


def test_without_a_ground_nothing_is_said() -> None:
    (act,) = finals(run(scene_of(DOWN), *riders(LEAST_RIDERS), until_s=80))
    assert "rider_height_m" not in act.finding.facts


def test_few_riders_prove_nothing() -> None:
    found = finals(run(scene_of(DOWN, extra=plane(0.5)), *riders(LEAST_RIDERS - 2), until_s=80))
    assert not any("ground_unlikely" in act.finding.cannot_tell for act in found)


@pytest.mark.parametrize("kind", [ObjectClass.CAR, ObjectClass.PERSON])
def test_only_two_wheelers_are_measured(kind: ObjectClass) -> None:
    found = finals(run(scene_of(DOWN, extra=plane(0.5)), *riders(LEAST_RIDERS + 2, kind=kind), until_s=80))
    assert not any("ground_unlikely" in act.finding.cannot_tell for act in found)


def test_parked_motorcycles_are_not_measured() -> None:
    parked = [Walk(id=n, where=standing((50 * n, 300), size=SIZE_PX), until_s=60) for n in range(1, 19)]
    against = line((700, 900), (700, 200), since_s=50, until_s=54, size=SIZE_PX)
    found = finals(
        run(scene_of(DOWN, extra=plane(0.5)), *parked, Walk(id=900, since_s=50, until_s=54, where=against), until_s=80)
    )
    assert [act.finding.track_id for act in found] == [900]
    assert "ground_unlikely" not in found[0].finding.cannot_tell


HORIZON_PX, CAMERA_M, FOCAL_PX = 100.0, 6.0, 1000.0


def seen_level(x_m: float, depth_m: float) -> tuple[float, float]:
    """Where a camera that looks level sees a point of the road."""
    return 500 + FOCAL_PX * x_m / depth_m, HORIZON_PX + FOCAL_PX * CAMERA_M / depth_m


def test_a_rider_is_as_high_far_away_as_near() -> None:
    corners = [(-3.0, 10.0), (3.0, 10.0), (3.0, 40.0), (-3.0, 40.0)]
    extra = f"ground: {{px: {[list(seen_level(*m)) for m in corners]}, m: {[list(m) for m in corners]}}}\n"
    scene = scene_of(DOWN, extra=extra)
    stature = Stature(scene.fitted_ground, Window.whole(scene.size))
    for number in range(LEAST_RIDERS):
        near_m = 8.0 + 2 * number

        def where(t_s: float, near_m: float = near_m) -> tuple[float, float, float, float]:
            depth_m = near_m + 8 * (1 - t_s / 3)
            return *seen_level(1.0, depth_m), FOCAL_PX * 0.8 / depth_m, FOCAL_PX * 1.6 / depth_m

        for frame in frames_of(Walk(id=number + 1, where=where, until_s=2.8), until_s=3, ground=scene.fitted_ground):
            stature.look(frame)
        assert (stature.rider_m is None) == (number + 1 < LEAST_RIDERS)
    assert stature.rider_m == pytest.approx(1.6, rel=0.03)
    stature.clear()
    assert stature.rider_m is None


def test_what_is_known_of_riders_and_of_ways_in_metres_outlives_a_restart() -> None:
    """A worker that begins anew every few seconds says what one says that never stops."""
    scene, whole, parts = scene_of(DOWN, extra=plane(0.1)), [], []
    one, other = RuleRunner(scene, "clip"), RuleRunner(scene, "clip")
    for number, frame in enumerate(frames_of(*riders(LEAST_RIDERS), until_s=80, ground=scene.fitted_ground)):
        whole += one.step(frame).violations
        parts += other.step(frame).violations
        if number % 7 == 0:
            laid_aside = pickle.dumps(other.memory())
            other = RuleRunner(scene, "clip")
            other.recall(pickle.loads(laid_aside))
    assert [*parts, *other.finish().violations] == [*whole, *one.finish().violations]
    assert "ground_unlikely" in whole[-1].finding.cannot_tell


def test_whom_the_picture_cuts_is_not_measured() -> None:
    scene = scene_of(DOWN, extra=plane(0.5))
    stature = Stature(scene.fitted_ground, Window.whole(scene.size))
    for number in range(LEAST_RIDERS + 3):
        edge = line((10, 200), (10, 800), since_s=0, until_s=3)
        for frame in frames_of(Walk(id=number + 1, where=edge, until_s=3), until_s=3, ground=scene.fitted_ground):
            stature.look(frame)
    assert stature.rider_m is None
