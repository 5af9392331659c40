"""Which looks are fetched, and how crisp a plate is."""

import numpy as np
import pytest

from detector.plates.shots import APART_S, SHOTS_MAX, best_shots, sharpness

SIZE = (1920, 1080)


def row(t_s: float, x: float, side: float) -> tuple[float, float, float, float, float]:
    return t_s, x, 200.0, x + side, 200.0 + side


def test_largest_first() -> None:
    path = [row(0.0, 100, 50), row(1.0, 200, 90), row(2.0, 300, 70)]
    assert [shot.t_s for shot in best_shots(path, SIZE)] == [1.0, 2.0, 0.0]


def test_a_vehicle_cut_by_the_edge_comes_last_however_large() -> None:
    path = [row(0.0, 100, 50), row(1.0, 1700, 220), row(2.0, 0, 400)]
    assert [shot.t_s for shot in best_shots(path, SIZE)] == [0.0, 2.0, 1.0]


def test_looks_lie_apart_in_time_and_are_few() -> None:
    path = [row(n * 0.04, 100 + n, 60 + n) for n in range(200)]
    times = sorted(shot.t_s for shot in best_shots(path, SIZE))
    assert len(times) == SHOTS_MAX
    assert min(np.diff(times)) >= APART_S - 1e-9


def test_looks_at_slow_footage_lie_a_frame_apart() -> None:
    path = [row(n * 0.2, 100 + 9 * n, 60 + n) for n in range(40)]
    assert [shot.t_s for shot in best_shots(path, SIZE, count=3, apart_s=1.0)] == pytest.approx([7.8, 6.8, 5.8])


def test_a_recording_with_gaps_that_declares_too_low_a_rate_is_looked_at_as_often() -> None:
    path = [row(n * 0.04, 100 + n, 60 + n) for n in range(50)]
    shots = best_shots(path, SIZE, apart_s=1.6)
    assert len(shots) == SHOTS_MAX
    assert [shot.t_s for shot in shots[:2]] == pytest.approx([1.96, 0.36])
    assert min(np.diff(sorted(shot.t_s for shot in shots))) >= APART_S - 1e-9


@pytest.mark.parametrize("path", [[], [(0.0, 5.0, 5.0, 5.0, 9.0)], [(3.4, 0.0, 0.0, 0.0, 0.0)]])
def test_empty_boxes_give_nothing(path: list[tuple[float, float, float, float, float]]) -> None:
    assert best_shots(path, SIZE) == ()


def test_blur_lowers_sharpness_and_darkness_does_not() -> None:
    bars = np.zeros((40, 80, 3), np.uint8)
    bars[:, (np.arange(80) // 8) % 2 == 1] = 220
    soft = np.repeat(np.convolve(bars[0, :, 0], np.ones(5) / 5, "same")[None, :, None], 40, 0).repeat(3, 2)
    crisp, blurred, dark = sharpness(bars), sharpness(soft.astype(np.uint8)), sharpness(bars // 4)
    assert crisp > 2 * blurred
    assert dark == pytest.approx(crisp, rel=0.05)


@pytest.mark.parametrize("shape", [(2, 9), (9, 2), (9, 9)])
def test_flat_or_tiny_pictures_are_not_sharp(shape: tuple[int, int]) -> None:
    assert sharpness(np.full((*shape, 3), 90, np.uint8)) == 0.0
