"""Combed pictures are told from those of one moment; stripes, noise and sway are none."""

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.video.combing import (
    AGAIN_S,
    CLEAN,
    COMBED,
    LEAST_CLEAN,
    REMEMBERED,
    Combing,
    Rows,
    combed_share,
    rows_of,
)
from tests.pipelines.video.fields import GROUND, SIZE_WH, Image, combed, street, woven

STEP_S = 0.12
Scene = Callable[[float], Image]


def shares(scene: Scene, *, pictures: int = 40) -> list[float]:
    rows = [rows_of(scene(number * STEP_S)) for number in range(pictures)]
    told = [combed_share(*three) for three in zip(rows, rows[1:], rows[2:], strict=False)]
    return [share for share in told if share is not None]


def verdict(scene: Scene, *, pictures: int = 40) -> Combing:
    combing = Combing()
    for number in range(pictures):
        combing.look(rows_of(scene(number * STEP_S)))
    return combing


def striped(period_rows: int, *, sway_px: float = 0.0) -> Scene:
    """Stripes over the upper half of the ground, vehicles in front, all of it swaying by whole rows."""

    ground, half = GROUND.copy(), SIZE_WH[1] // 2
    ground[:half] = np.where(np.arange(half) % period_rows < period_rows / 2, 170, 60)[:, None]

    def at(t_s: float) -> Image:
        picture = street(t_s, ground)
        by = round(sway_px * np.sin(2 * np.pi * t_s / 1.7))
        return np.roll(picture, (by, by), (0, 1))

    return at


def noisy(sigma: float) -> Scene:
    dice = np.random.default_rng(3)
    return lambda t_s: (street(t_s) + dice.normal(0, sigma, (*SIZE_WH[::-1], 1))).clip(0, 255).astype(np.uint8)


def snow(t_s: float) -> Image:
    grain = np.random.default_rng(round(t_s * 1000)).integers(0, 255, SIZE_WH[::-1], np.uint8)
    return np.repeat(grain[..., None], 3, axis=2)


def sharpened(t_s: float) -> Image:
    picture = street(t_s)
    return np.asarray(cv2.addWeighted(picture, 2.5, cv2.GaussianBlur(picture, (0, 0), 1.0), -1.5, 0), np.uint8)


PROGRESSIVE = {
    "street": street,
    "blinds": striped(2),
    "blinds that sway": striped(2, sway_px=4),
    "fence": striped(3),
    "zebra": striped(8),
    "grain": noisy(10),
    "strong grain": noisy(25),
    "snow": snow,
    "sharpened": sharpened,
}


@pytest.mark.parametrize("scene", PROGRESSIVE.values(), ids=PROGRESSIVE.keys())
def test_pictures_of_one_moment_are_never_told_to_be_two(scene: Scene) -> None:
    found = shares(scene)
    assert len(found) > LEAST_CLEAN, "nothing moves: this would tell nothing"
    assert max(found) <= CLEAN
    assert verdict(scene).told and not verdict(scene).interlaced


@pytest.mark.parametrize("sigma", [0, 10])
def test_two_fields_are_told_in_noise_too(sigma: float) -> None:
    dice = np.random.default_rng(3)

    def scene(t_s: float) -> Image:
        return (combed(t_s) + dice.normal(0, sigma, (*SIZE_WH[::-1], 1))).clip(0, 255).astype(np.uint8)

    assert np.median(shares(scene)) >= 2 * COMBED
    assert verdict(scene, pictures=8).interlaced


def test_behind_blinds_two_fields_are_still_told() -> None:
    blinds = striped(2)
    assert verdict(lambda t_s: woven(blinds(t_s), blinds(t_s + 0.02))).interlaced


@given(
    speed=st.sampled_from([-1, 1]).flatmap(lambda sign: st.floats(3, 12).map(lambda px: sign * px)),
    width=st.integers(30, 120),
    height=st.integers(24, 120),
    level=st.integers(40, 110),
    column=st.integers(150, 300),
)
@settings(max_examples=60, deadline=None)
def test_whatever_crosses_is_combed_by_fields_and_by_nothing_else(
    speed: float, width: int, height: int, level: int, column: int
) -> None:
    def at(x: float) -> Image:
        picture = np.full((240, 480, 3), 140, np.uint8)
        left = round(x)
        for at_px in range(0, width, 6):
            picture[60 : 60 + height, left + at_px : left + at_px + 3] = 140 - level
            picture[60 : 60 + height, left + at_px + 3 : left + at_px + 6] = 140 + level
        return picture

    def three(later: float) -> list[Image]:
        apart = 3 * speed + (3 if speed > 0 else -3)
        return [woven(at(column + k * apart), at(column + k * apart + later)) for k in (-1, 0, 1)]

    whole = combed_share(*(rows_of(picture) for picture in three(0.0)))
    # Shapes that repeat every 6 px are, by 6 px moved, the same again: nothing moves in between.
    assert whole in (None, 0.0)
    share = combed_share(*(rows_of(picture) for picture in three(speed)))
    if round(column + speed) % 6 != column % 6 and share is not None:
        assert share >= COMBED


def test_where_nothing_moves_nothing_is_told() -> None:
    still = combed(1.0)
    combing = verdict(lambda _: still)
    assert not combing.told and not combing.interlaced
    assert shares(lambda _: still) == []


def test_one_odd_picture_sways_no_verdict() -> None:
    combing = verdict(street, pictures=20)
    for t_s in (2.4, 2.52):
        combing.look(rows_of(combed(t_s)))
    assert not combing.interlaced
    combing = verdict(combed, pictures=20)
    for number in range(20, 50):
        combing.look(rows_of(street(number * STEP_S)))
    assert combing.interlaced, "half a minute of slow traffic is no other camera"


@pytest.mark.parametrize(("before", "after"), [(street, combed), (combed, street)])
def test_a_camera_that_is_set_otherwise_is_told_in_time(before: Scene, after: Scene) -> None:
    combing = verdict(before, pictures=60)
    was = combing.interlaced
    for number in range(8 * REMEMBERED):
        combing.look(rows_of(after(number * STEP_S)))
    assert combing.interlaced is not was


def test_a_camera_that_changes_its_size_is_looked_at_anew() -> None:
    combing = Combing()
    for number in range(30):
        picture = combed(number * STEP_S)
        combing.look(rows_of(picture if number % 2 else picture[:-16]))
    assert not combing.told, "no three in a row are of one size"


def test_a_stream_that_is_told_is_measured_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[float] = []
    combing = Combing()
    look = combing.look
    now = 0.0

    def noted(rows: Rows) -> None:
        measured.append(now)
        look(rows)

    monkeypatch.setattr(combing, "look", noted)
    for number in range(600):
        now = number * 0.2
        combing.follow(now, street(now))
    told = next(k for k in range(len(measured)) if measured[k] > 0.2 * (k + 1))
    assert LEAST_CLEAN < told < 3 * LEAST_CLEAN
    later = measured[told:]
    assert len(later) < 0.05 * 600
    gaps = [b - a for a, b in pairwise(later)]
    assert max(gaps) == pytest.approx(AGAIN_S, abs=0.5)
    assert sum(gap < 0.3 for gap in gaps) == pytest.approx(2 * len(later) / 3, abs=2), "three in a row"


def test_a_stream_whose_times_jump_back_is_measured_again() -> None:
    combing = Combing()
    for number in range(100):
        combing.follow(5000 + number * 0.2, street(number * 0.2))
    assert combing.told and not combing.interlaced
    for number in range(3000):
        combing.follow(number * 0.2, combed(number * 0.2))
    assert combing.interlaced
