"""A camera's condition from its pictures: each fault is told within 30 s, and is over when it is; traffic is none."""

import functools
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from detector.health import SAMPLE_WIDTH, Condition, HealthWatch, View, shift_px

SAMPLES = Path(__file__).parents[3] / "samples" / "clips"
BEFORE_S, DURING_S, AFTER_S = 12, 30, 14
# Names of odd length are tried with a reference given, the others with one that is learned.
FULL = 1920 / SAMPLE_WIDTH


@functools.cache
def pictures(name="illegal_parking.mp4", count=25):
    """One small luma picture a second of a sample clip."""
    found, next_s = [], 0.0
    with av.open(str(SAMPLES / name)) as container:
        for frame in container.decode(video=0):
            if frame.time >= next_s:
                height = round(frame.height * SAMPLE_WIDTH / frame.width)
                found.append(frame.reformat(width=SAMPLE_WIDTH, height=height, format="gray").to_ndarray())
                next_s += 1.0
                if len(found) == count:
                    break
    return found


@functools.cache
def street(number):
    """A picture of the clip, forth and back, with a little noise of its own."""
    clip = pictures()
    turn = number % (2 * len(clip) - 2)
    picture = clip[turn if turn < len(clip) else 2 * len(clip) - 2 - turn]
    noise = np.random.default_rng(number).normal(0, 1.5, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def warped(luma, *, right_px=0.0, turn_deg=0.0, zoom=1.0):
    height, width = luma.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg, zoom)
    matrix[0, 2] += right_px / FULL
    return cv2.warpAffine(luma, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)


def unlit(luma):
    """The street by next to no light: 98 % of it below a grey of 28, however bright the clip is."""
    return (14 + np.minimum(luma * (14 / np.percentile(luma, 98)), 40)).astype(np.uint8)


def tape(luma):
    covered = luma.copy()
    covered[:, : luma.shape[1] * 4 // 5] = 70
    return covered


FAULTS = [
    ("lens cap", Condition.BLACK, lambda luma, _: np.full_like(luma, 17)),
    ("night without a lamp", Condition.BLACK, lambda luma, _: unlit(luma)),
    ("tape over most of it", Condition.COVERED, lambda luma, _: tape(luma)),
    ("a bag", Condition.COVERED, lambda luma, _: np.full_like(luma, 130)),
    ("the same picture again", Condition.FROZEN, lambda _luma, first: first),
    ("out of focus", Condition.BLURRED, lambda luma, _: cv2.GaussianBlur(luma, (0, 0), 6 / FULL)),
    ("pushed by 12 px", Condition.MOVED, lambda luma, _: warped(luma, right_px=12)),
    ("pushed by 300 px", Condition.MOVED, lambda luma, _: warped(luma, right_px=300)),
    ("turned by 2 degrees", Condition.MOVED, lambda luma, _: warped(luma, turn_deg=2)),
    ("zoomed by 5 %", Condition.MOVED, lambda luma, _: warped(luma, zoom=1.05)),
    ("another street", Condition.MOVED, lambda luma, _: np.ascontiguousarray(luma[::-1, ::-1])),
]


@pytest.mark.parametrize(("label", "condition", "fault"), FAULTS, ids=[row[0] for row in FAULTS])
def test_a_fault_is_told_within_30_s_and_is_over_when_it_is(label, condition, fault):
    watch = HealthWatch(street(3) if len(label) % 2 else None)
    told = [watch.look(float(t_s), street(t_s)) for t_s in range(BEFORE_S)]
    assert set(told) == {Condition.FINE}
    first = fault(street(BEFORE_S - 1), street(BEFORE_S - 1))
    during = range(BEFORE_S, BEFORE_S + DURING_S)
    told = [watch.look(float(t_s), fault(street(t_s), first)) for t_s in during]
    assert told[-1] is condition, label
    assert set(told) <= {Condition.FINE, condition}, "and nothing else on the way"
    after = range(BEFORE_S + DURING_S, BEFORE_S + DURING_S + AFTER_S)
    told = [watch.look(float(t_s), street(t_s)) for t_s in after]
    assert told[-1] is Condition.FINE


def still(t_s):
    """A street where nothing moves, seen by a camera with little grain."""
    grain = np.random.default_rng(int(t_s)).normal(0, 0.7, street(3).shape)
    return np.clip(street(3) + grain, 0, 255).astype(np.uint8)


HARMLESS = [
    ("nobody in the street for a minute", lambda _, t_s: still(t_s)),
    ("traffic", lambda luma, _: luma),
    ("pushed by 4 px", lambda luma, _: warped(luma, right_px=4)),
    ("half as bright", lambda luma, _: (luma * 0.5).astype(np.uint8)),
    ("dusk", lambda luma, t_s: (luma * max(1 - t_s / 80, 0.2)).astype(np.uint8)),
    ("a little soft", lambda luma, _: cv2.GaussianBlur(luma, (0, 0), 2 / FULL)),
    ("a bus before the lens", lambda luma, t_s: tape(luma) if 40 <= t_s < 45 else luma),
    ("black for a moment", lambda luma, t_s: luma // 16 if 40 <= t_s < 43 else luma),
    ("no noise at all but one clock", lambda luma, t_s: luma),
]


@pytest.mark.parametrize(("label", "change"), HARMLESS, ids=[row[0] for row in HARMLESS])
def test_what_is_no_fault_is_not_told(label, change):
    watch = HealthWatch()
    for t_s in range(10):
        watch.look(float(t_s), street(t_s))
    assert {watch.look(float(t_s), change(street(t_s), t_s)) for t_s in range(10, 70)} == {Condition.FINE}, label


@pytest.mark.parametrize("px", [1.0, 7.0, 20.0, 100.0, -200.0])
def test_a_shift_is_measured_to_a_fraction(px):
    found = shift_px(View.of(warped(street(20), right_px=px)), View.of(street(3)))
    assert found.px == pytest.approx(abs(px), abs=0.6)
    assert found.matched >= found.tried / 2


def test_a_learned_view_is_known_after_a_restart():
    first = HealthWatch()
    for t_s in range(10):
        first.look(float(t_s), street(t_s))
    assert first.learned is not None
    second = HealthWatch(first.learned)
    told = [second.look(float(t_s), warped(street(t_s), right_px=40)) for t_s in range(30)]
    assert told[-1] is Condition.MOVED
    assert second.learned is None


def test_a_picture_without_anything_in_it_teaches_nothing():
    watch = HealthWatch()
    for t_s in range(20):
        watch.look(float(t_s), np.random.default_rng(t_s).normal(90, 1, (270, 480)).astype(np.uint8))
    assert watch.learned is None


def test_time_without_pictures_lets_nothing_last():
    watch = HealthWatch(street(3))
    for t_s in (0.0, 15.0, 30.0, 45.0):
        assert watch.look(t_s, np.full_like(street(0), 17)) is Condition.FINE
