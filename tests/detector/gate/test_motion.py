"""The gate lets pass what changes, holds what stands still, and is not fooled by light, noise, leaves or clocks."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from detector.gate import MotionGate
from detector.gate.motion import _middle
from detector.gate.settings import GateSettings
from detector.types import Detections, ObjectClass

SIZE_WH = (1920, 1080)
CELL_PX = 12
STEP_S = 0.2
STILL_S = 2.0
SETTLE_S, SETTLE_STEP_S = GateSettings().settle_s, GateSettings().settle_step_s
Luma = NDArray[np.uint8]
View = Callable[[float], Luma]
NOBODY = Detections.empty()
ROAD = np.random.default_rng(1).integers(40, 200, (90, 160)).astype(np.float32)


def seen(*boxes: tuple[float, float, float, float], score: float = 0.8) -> Detections:
    return Detections.of(*((ObjectClass.MOTORCYCLE, score, box) for box in boxes))


def shown(picture: NDArray[np.float32]) -> Luma:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def gate() -> MotionGate:
    return MotionGate(size_wh=SIZE_WH, still_s=STILL_S)


def looks(
    one: MotionGate, view: View, until_s: float, found: Callable[[float], Detections] = lambda _: NOBODY
) -> list[float]:
    """Times of the pictures looked at, one candidate every 0.2 s, every look told at once."""
    return [t_s for t_s in times(until_s) if passes(one, t_s, view(t_s), found(t_s))]


def times(until_s: float) -> Iterator[float]:
    yield from (round(i * STEP_S, 3) for i in range(round(until_s / STEP_S)))


def passes(one: MotionGate, t_s: float, luma: Luma, found: Detections = NOBODY) -> bool:
    if not one.stirs(t_s, luma) and not one.due(t_s):
        one.held(t_s)
        return False
    one.looked(t_s, luma)
    one.saw(found)
    return True


def with_block(x: int, y: int, size: int = 3, level: float = 30.0) -> Luma:
    """The road with something on it, cells."""
    picture = ROAD.copy()
    picture[y : y + size, x : x + size] += np.where(picture[y : y + size, x : x + size] > 120, -level, level)
    return shown(picture)


def noisy(t_s: float) -> Luma:
    return shown(ROAD + np.random.default_rng(round(t_s * 1000)).normal(0, 1.0, ROAD.shape))


def brighter(t_s: float) -> Luma:
    return shown(ROAD * (1 + 0.2 * min(t_s / 10, 1)))


STANDING_STILL: dict[str, View] = {
    "nothing at all": lambda _: shown(ROAD),
    "what noise a camera leaves": noisy,
    "light that rises": brighter,
    "a lone cell that blinks": lambda t_s: with_block(40, 40, size=1, level=60 * (round(t_s / STEP_S) % 2)),
}


@pytest.mark.parametrize("label", STANDING_STILL)
def test_a_still_view_is_looked_at_until_it_has_settled_and_then_rarely(label: str) -> None:
    found = looks(gate(), STANDING_STILL[label], 60)
    settling = [t_s for t_s in found if t_s <= SETTLE_S]
    assert np.diff(settling) == pytest.approx(SETTLE_STEP_S)
    assert settling[-1] > SETTLE_S - SETTLE_STEP_S - 1e-6
    assert len(found) - len(settling) == pytest.approx((60 - SETTLE_S) / STILL_S, abs=2)
    assert max(np.diff(found)) <= STILL_S + 1e-6


@pytest.mark.parametrize(("size", "level"), [(2, 15), (3, 15), (6, 15), (2, 60)])
def test_whoever_comes_is_looked_at_in_the_first_picture_that_shows_them(size: int, level: float) -> None:
    def view(t_s: float) -> Luma:
        return with_block(round(20 + (t_s - 30) * 5), 50, size, level) if t_s >= 30 else shown(ROAD)

    found = looks(gate(), view, 40)
    assert [t_s for t_s in found if t_s >= 30] == [t_s for t_s in times(40) if t_s >= 30]


def test_what_came_to_rest_is_looked_at_until_it_has_settled() -> None:
    def view(t_s: float) -> Luma:
        return shown(ROAD) if t_s < 20 else with_block(40, 40, 4)

    found = [t_s for t_s in looks(gate(), view, 40) if t_s >= 20]
    settling = [t_s for t_s in found if t_s <= 20 + SETTLE_S]
    assert settling[0] == 20
    assert np.diff(settling) == pytest.approx(SETTLE_STEP_S)
    assert len(found) < 2 * SETTLE_S / SETTLE_STEP_S + 20 / STILL_S


@pytest.mark.parametrize("score", [0.8, 0.3])
def test_looks_that_disagree_are_followed_by_more(score: float) -> None:
    def found_at(t_s: float) -> Detections:
        return seen((600, 600, 700, 700), score=score) if t_s > 30 else NOBODY

    found = [t_s for t_s in looks(gate(), lambda _: shown(ROAD), 40, found_at) if t_s > 30]
    assert sum(b - a < SETTLE_STEP_S + 0.1 for a, b in pairwise(found)) >= SETTLE_S / SETTLE_STEP_S - 1


def test_leaves_and_clocks_are_learned_where_nobody_is() -> None:
    def view(t_s: float) -> Luma:
        return with_block(5, 2, 4, level=70 * (round(t_s) % 2))

    found = looks(gate(), view, 120)
    assert len([t_s for t_s in found if t_s < 10]) > 20
    assert len([t_s for t_s in found if t_s >= 60]) <= 60 / STILL_S + 5


def test_where_road_users_pass_nothing_is_learned_to_be_usual() -> None:
    def here(t_s: float) -> int:
        return round(20 + (t_s % 4) * 25)

    def box(t_s: float) -> tuple[float, float, float, float]:
        x = here(t_s) * CELL_PX
        return (x, 50 * CELL_PX, x + 4 * CELL_PX, 54 * CELL_PX)

    one = gate()
    # The network misses every third of them: what it misses changes cells that seem empty.
    looks(one, lambda t_s: with_block(here(t_s), 50, 4), 60, lambda t_s: seen(box(t_s)) if t_s % 12 > 4 else NOBODY)
    late = [passes(one, 60 + t_s, with_block(here(t_s), 50, 4)) for t_s in times(4)]
    assert all(late)


def test_a_new_epoch_begins_with_a_look() -> None:
    one = gate()
    looks(one, noisy, 30)
    assert not one.stirs(30.0, noisy(30.0))
    one.restart()
    assert one.stirs(30.2, noisy(30.2))


def test_laid_aside_at_any_look_and_taken_up_it_goes_on_alike() -> None:
    def view(t_s: float) -> Luma:
        return with_block(round(20 + t_s), 50) if 10 < t_s < 14 else noisy(t_s)

    whole, resumed = gate(), gate()
    for t_s in times(40):
        again = gate()
        again.restore(resumed.memory.arrays())
        resumed = again
        boxes = seen((t_s, 500, 100 + t_s, 600)) if 10 < t_s < 14 else NOBODY
        assert passes(whole, t_s, view(t_s), boxes) == passes(resumed, t_s, view(t_s), boxes), t_s


def test_looks_may_be_told_late() -> None:
    one = gate()
    for t_s in times(2):
        one.stirs(t_s, noisy(t_s))
        one.looked(t_s, noisy(t_s))
    assert len(one.memory.pending) == 10
    again = gate()
    again.restore(one.memory.arrays())
    assert [look.t_s for look in again.memory.pending] == list(times(2))
    for _ in times(2):
        again.saw(NOBODY)
    assert again.memory.seen_s == pytest.approx(1.8)


@pytest.mark.parametrize("size_wh", [(640, 360), (1600, 1200), (720, 1280), (64, 48)])
def test_cells_are_square_whatever_the_picture(size_wh: tuple[int, int]) -> None:
    columns, rows = MotionGate(size_wh=size_wh, still_s=STILL_S).cells_wh
    assert columns == min(160, size_wh[0])
    assert columns / rows == pytest.approx(size_wh[0] / size_wh[1], rel=0.02)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_the_change_of_exposure_is_the_median_to_the_bit(rows: int, columns: int, seed: int) -> None:
    now, before = np.random.default_rng(seed).integers(16, 272, (2, rows, columns)).astype(np.float32)
    assert _middle(now / before) == float(np.median(now / before))
