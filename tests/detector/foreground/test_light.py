"""Light that moves over a pavement is nothing that was put down."""

import numpy as np
import pytest

from tests.detector.foreground.test_static import GOODS, GOODS_PX, HEIGHT, WIDTH, found, iou, painted, watch

ROWS, COLUMNS = np.indices((HEIGHT, WIDTH), dtype=np.float32)
NIGHT = 0.25


def shaded(t_s, factor, *things, **more):
    """The street with things in it at a time, its light scaled per pixel (rows, columns)."""
    picture = painted(*things, seed=round(t_s * 10), **more).astype(np.float32)
    return np.clip(picture * factor[..., None], 0, 255).astype(np.uint8)


def edge(distance_px, soft_px, dark=0.5):
    """Dark on one side of a line, (rows, columns) signed distances to it, with a half-shadow."""
    return dark + (1 - dark) * np.clip(distance_px / soft_px + 0.5, 0, 1)


def creeping_shadow(t_s):
    return shaded(t_s, edge(COLUMNS - t_s, 3.0))


def slow_shadow(t_s):
    return shaded(t_s, edge(COLUMNS + 0.3 * ROWS - 80 - t_s * 0.08, 1.5))


def shadow_of_leaves(t_s):
    waves = np.sin(COLUMNS / 4 + np.sin(t_s / 2)) * np.sin(ROWS / 3 + np.cos(t_s / 3))
    return shaded(t_s, 1 - 0.35 * np.clip(waves, 0, 1))


def cloud(t_s):
    return shaded(t_s, np.full_like(COLUMNS, 1 - 0.45 * (0.5 - 0.5 * np.cos(t_s / 9))))


def gradient(t_s):
    return shaded(t_s, 0.75 + 0.25 * np.sin(COLUMNS / 60 + t_s / 30))


def cone(t_s, row, column, strength):
    """A headlight's patch of light."""
    reach = ((ROWS - row) / 14) ** 2 + ((COLUMNS - column) / 40) ** 2
    return NIGHT + strength * np.exp(-reach)


def headlights(t_s):
    return shaded(t_s, cone(t_s, 125, (35 * t_s) % 400 - 40, 0.6))


def headlight_that_waits(t_s):
    away = t_s % 40
    column = 160 if away < 25 else 160 + 40 * (away - 25)
    return shaded(t_s, cone(t_s, 125, column if t_s >= 20 else -200, 0.5))


def rain_streaks(t_s):
    drops = np.random.default_rng(round(t_s * 10))
    picture = painted(light=0.8, noise=5, seed=round(t_s * 10)).astype(np.float32)
    for row, column in zip(drops.integers(0, 150, 250), drops.integers(0, WIDTH - 2, 250), strict=True):
        picture[row : row + 20, column] += 45
    return np.clip(picture, 0, 255).astype(np.uint8)


def wet_road_dries(t_s):
    wet = np.clip((ROWS + 8 * np.sin(COLUMNS / 13) - 60 - t_s * 0.25) / 6, 0, 1)
    return shaded(t_s, 1 - 0.3 * wet)


LIGHT = {
    "a shadow's edge creeps over": (creeping_shadow, 80),
    "a sharp one, slowly": (slow_shadow, 60),
    "leaves in the wind": (shadow_of_leaves, 35),
    "clouds": (cloud, 50),
    "a soft gradient wanders": (gradient, 40),
    "headlights sweep over": (headlights, 35),
    "a headlight waits and goes on": (headlight_that_waits, 60),
    "streaks of rain": (rain_streaks, 30),
    "a wet road dries": (wet_road_dries, 50),
}


@pytest.mark.parametrize(("view", "until_s"), LIGHT.values(), ids=LIGHT.keys())
def test_moving_light_is_no_object(view, until_s):
    assert found(watch(view, until_s=until_s, fps=1)[1]) == []


@pytest.mark.parametrize(
    ("label", "distance_px"),
    [("through them", COLUMNS + 0.5 * (ROWS - 125) - 120), ("beside them", COLUMNS - 141)],
)
def test_goods_that_a_lasting_shadow_touches_are_still_told_and_gone_when_taken_away(label, distance_px):
    def street(t_s):
        there = [(110, 100, GOODS)] if 18 <= t_s < 75 else []
        return shaded(t_s, edge(distance_px, 2.0, 0.55) if t_s >= 40 else np.ones_like(COLUMNS), *there)

    _, results = watch(street, until_s=85, fps=1)
    for t_s in range(30, 75):
        assert len(results[t_s]) == 1, (label, t_s)
        assert iou(results[t_s].xyxy[0], GOODS_PX) > 0.5, (label, t_s)
    assert found(results, since_s=82.0) == []
