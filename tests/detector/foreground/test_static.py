"""Lasting foreground on a painted pavement: what must be found, and what only looks like it."""

import numpy as np
import pytest

from detector.foreground import ForegroundSettings, StaticForeground
from detector.types import Detections, ObjectClass

WIDTH, HEIGHT = 320, 180
SCALE = (3.0, 3.0)
SIZE_WH = (WIDTH * 3, HEIGHT * 3)
PAVEMENT = [(0, 270), (960, 270), (960, 510), (0, 510)]
"""Full-frame px: rows 90 to 170 of the small picture."""
RNG = np.random.default_rng(5)
TILES = np.kron(RNG.normal(size=(HEIGHT // 5, WIDTH // 5)), np.ones((5, 5)))[..., None]
EMPTY = np.clip(120 + 14 * TILES + np.array([0, 4, 8]), 0, 255).astype(np.float32)
GOODS = np.clip(np.kron(RNG.uniform(30, 220, (6, 8, 3)), np.ones((5, 5, 1))), 0, 255)
"""Six by eight coloured boxes of 5 px: 30 rows, 40 columns."""
NOTHING = Detections.empty()
NOISE = RNG.normal(size=(11, HEIGHT, WIDTH, 3)).astype(np.float32)


def painted(*things, light=1.0, seed=0, noise=2.0):
    """The street as uint8 with (row, column, picture) things put in, its light scaled, with sensor noise."""
    scene = EMPTY.copy()
    for row, column, picture in things:
        scene[row : row + picture.shape[0], column : column + picture.shape[1]] = picture
    return np.clip(scene * light + noise * NOISE[seed % len(NOISE)], 0, 255).astype(np.uint8)


def watch(view, *, until_s=60.0, fps=2.0, reference=None, polygon=PAVEMENT, detections=lambda t_s: NOTHING):
    """Runs a model over `view(t_s)` and gives it with the results of all steps by time."""
    full = None if reference is None else np.kron(reference, np.ones((3, 3, 1), np.uint8))
    model = StaticForeground([polygon], size_wh=SIZE_WH, reference=full)
    results = {}
    for index in range(round(until_s * fps) + 1):
        t_s = index / fps
        results[t_s] = model.step(t_s, view(t_s), SCALE, detections(t_s))
    return model, results


def arrives(t_s, *, at=20.0, what=GOODS, row=110, column=100):
    return painted((row, column, what), seed=round(t_s * 10)) if t_s >= at else painted(seed=round(t_s * 10))


def found(results, since_s=0.0):
    return [(t_s, found.xyxy.tolist()) for t_s, found in results.items() if len(found) and t_s >= since_s]


def iou(a, b):
    shared = max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


GOODS_PX = (300, 330, 420, 420)


def test_goods_put_down_are_found_within_ten_seconds_and_hugged():
    _, results = watch(arrives)
    first_s = found(results)[0][0]
    assert 25 <= first_s <= 30
    last = results[60.0]
    assert len(last) == 1
    assert last.kind[0] == ObjectClass.OBJECT
    assert 0.9 <= last.score[0] <= 1.0
    assert iou(last.xyxy[0], GOODS_PX) > 0.75


def test_with_a_reference_goods_are_found_that_stand_there_from_the_first_second():
    _, results = watch(lambda t_s: arrives(t_s, at=0.0), until_s=15, reference=painted())
    assert found(results)[0][0] <= 8.0
    assert iou(results[15.0].xyxy[0], GOODS_PX) > 0.75


def test_without_a_reference_what_stands_there_from_the_first_second_is_background():
    _, results = watch(lambda t_s: arrives(t_s, at=0.0), until_s=40)
    assert found(results) == []


def test_what_lasts_is_never_learned_while_it_stands():
    _, results = watch(arrives, until_s=600, fps=1)
    assert len(results[600.0]) == 1
    assert iou(results[600.0].xyxy[0], GOODS_PX) > 0.75


def test_it_is_gone_soon_after_it_was_taken_away():
    _, results = watch(lambda t_s: painted((110, 100, GOODS)) if 20 <= t_s < 50 else painted(seed=round(t_s * 10)))
    assert results[49.0].score[0] > 0
    assert found(results, since_s=56.0) == []


def test_the_hole_something_leaves_is_no_object():
    _, results = watch(lambda t_s: painted((110, 100, GOODS)) if t_s < 20 else painted(seed=round(t_s * 10)))
    assert found(results) == []


def soft(row, column, height, width, factor):
    """A patch of the street in other light, with a soft edge."""
    rows, columns = np.indices((HEIGHT, WIDTH))
    inside = np.minimum.reduce([rows - row, row + height - rows, columns - column, column + width - columns]) / 2
    return (1 + (factor - 1) * np.clip(inside + 0.5, 0, 1))[..., None]


def lit(factor):
    shade = soft(100, 80, 50, 90, factor)
    return lambda t_s: np.clip(painted(seed=round(t_s * 10)) * (shade if t_s >= 20 else 1), 0, 255).astype(np.uint8)


def rain(t_s):
    picture = painted(light=0.8 if t_s >= 20 else 1.0, noise=5 if t_s >= 20 else 2, seed=round(t_s * 10)).astype(float)
    if t_s >= 20:
        drops = np.random.default_rng(round(t_s * 10))
        for row, column in zip(drops.integers(0, 160, 150), drops.integers(0, 320, 150), strict=True):
            picture[row : row + 12, column] += 50
    return np.clip(picture, 0, 255).astype(np.uint8)


def walker(t_s):
    column = round(40 * t_s) % 280
    return painted((100, column, GOODS), seed=round(t_s * 10))


def fidgeting(t_s):
    step = np.random.default_rng(round(t_s * 10)).integers(-4, 5, 2)
    return painted((110 + step[0], 100 + step[1], GOODS[:, :15]), seed=round(t_s * 10)) if t_s >= 20 else painted()


def queue_before_the_pavement(t_s):
    car = np.clip(np.kron(np.random.default_rng(9).uniform(30, 220, (12, 10, 3)), np.ones((5, 5, 1))), 0, 255)
    return painted((118, 100, car), seed=round(t_s * 10)) if t_s >= 20 else painted(seed=round(t_s * 10))


RUG = np.kron(RNG.uniform(60, 200, (10, 14, 3)), np.ones((3, 3, 1)))


def a_little_aside(t_s):
    """A patterned rug that lay there from the first second, moved by a finger's breadth."""
    moved = int(t_s >= 20)
    return painted((110 + moved, 100 + moved, RUG), seed=round(t_s * 10))


NO_OBJECTS = {
    "nothing happens": lambda t_s: painted(seed=round(t_s * 10)),
    "a shadow falls and stays": lit(0.55),
    "a patch of sun": lit(1.5),
    "the light goes down slowly": lambda t_s: painted(light=1 - 0.5 * min(t_s / 60, 1), seed=round(t_s * 10)),
    "the exposure jumps": lambda t_s: painted(light=0.65 if t_s >= 20 else 1.0, seed=round(t_s * 10)),
    "what was there is seen a little aside": a_little_aside,
    "rain": rain,
    "somebody walks by": walker,
    "somebody unrecognised stands and fidgets": fidgeting,
    "something on the road hides the pavement": queue_before_the_pavement,
    "goods beyond the pavement": lambda t_s: arrives(t_s, row=20),
    "a cup": lambda t_s: arrives(t_s, what=GOODS[:3, :3]),
}


@pytest.mark.parametrize("view", NO_OBJECTS.values(), ids=NO_OBJECTS.keys())
def test_no_object(view):
    assert found(watch(view)[1]) == []


def person(t_s):
    return Detections.of((ObjectClass.PERSON, 0.6, (290.0, 320.0, 430.0, 430.0))) if t_s >= 20 else NOTHING


def test_a_person_standing_still_is_no_object():
    assert found(watch(arrives, detections=person)[1]) == []


def test_goods_survive_people_stopping_before_them():
    def passing(t_s):
        return person(t_s) if 35 <= t_s <= 50 else NOTHING

    _, results = watch(arrives, detections=passing)
    assert [len(results[float(t_s)]) for t_s in (30, 34, 40, 48, 55)] == [1, 1, 1, 1, 1]


def test_pieces_near_each_other_are_one_object_and_far_ones_two():
    def near(t_s):
        return painted((110, 100, GOODS), (110, 143, GOODS)) if t_s >= 20 else painted()

    def far(t_s):
        return painted((110, 60, GOODS), (110, 200, GOODS)) if t_s >= 20 else painted()

    assert len(watch(near)[1][60.0]) == 1
    assert len(watch(far)[1][60.0]) == 2


def test_goods_beside_goods_of_the_same_look_are_found():
    _, results = watch(lambda t_s: painted((110, 60, GOODS), *[(110, 101, GOODS)] * (t_s >= 20), seed=round(t_s * 10)))
    assert iou(found(results)[-1][1][0], (303, 330, 423, 420)) > 0.7


def test_an_object_may_rise_above_its_pavement():
    tall = np.vstack([GOODS, GOODS])
    _, results = watch(lambda t_s: arrives(t_s, what=tall, row=65), until_s=40)
    assert iou(results[40.0].xyxy[0], (300, 195, 420, 375)) > 0.7


def test_goods_stay_found_while_the_light_changes():
    _, results = watch(
        lambda t_s: painted((110, 100, GOODS), light=1.0 if t_s < 40 else 0.7) if t_s >= 20 else painted()
    )
    assert len(results[60.0]) == 1


ELSEWHERE = np.clip(np.kron(RNG.uniform(20, 230, (18, 32, 3)), np.ones((10, 10, 1))), 0, 255)


def other_view(t_s):
    """The camera is turned to another street."""
    return painted(seed=round(t_s * 10)) if t_s < 20 else painted((0, 0, ELSEWHERE), seed=round(t_s * 10))


def test_when_everything_changes_it_learns_anew_and_says_so():
    model, results = watch(other_view)
    assert model.recalibrations >= 1
    assert not model.learning
    assert found(results) == []


def test_a_killed_run_goes_on_bit_for_bit():
    whole, results = watch(arrives, until_s=40)
    for cut_s in (5.0, 21.4, 30.0):
        first, _ = watch(arrives, until_s=cut_s)
        second = StaticForeground([PAVEMENT], size_wh=SIZE_WH)
        second.restore(first.state())
        for t_s in (t for t in results if t > cut_s):
            again = second.step(t_s, arrives(t_s), SCALE, NOTHING)
            assert np.array_equal(again.xyxy, results[t_s].xyxy)
            assert np.array_equal(again.score, results[t_s].score)
        ours, theirs = second.state(), whole.state()
        assert all(
            np.array_equal(ours[name], theirs[name]) and ours[name].dtype == theirs[name].dtype for name in theirs
        )


def test_the_state_before_the_first_picture_is_empty_and_may_be_restored():
    model = StaticForeground([PAVEMENT], size_wh=SIZE_WH)
    assert model.state() == {}
    model.restore({})
    assert model.learning


def test_between_evaluations_the_last_result_is_given_again():
    _, results = watch(arrives, fps=20, until_s=30)
    times = [t_s for t_s in results if t_s > 28]
    assert len({results[t_s].xyxy.tobytes() + results[t_s].score.tobytes() for t_s in times}) <= 2 * len(times) / 20 + 1


@pytest.mark.parametrize("fps", [1, 2, 5, 10])
def test_the_first_report_does_not_depend_on_the_frame_rate(fps):
    assert found(watch(arrives, fps=fps, until_s=40)[1])[0][0] == pytest.approx(27, abs=2.5)


@pytest.mark.parametrize("scale", [1.5, 2.0])
def test_boxes_come_out_in_full_frame_pixels_at_any_scale(scale):
    model = StaticForeground([[(x / 3 * scale, y / 3 * scale) for x, y in PAVEMENT]], size_wh=(480, 270))
    for index in range(200):
        result = model.step(index / 5, arrives(index / 5), (scale, scale), NOTHING)
    assert iou(result.xyxy[0], [side / 3 * scale for side in GOODS_PX]) > 0.75


def test_fine_pictures_are_averaged_to_the_working_grid():
    settings = ForegroundSettings(grid_width=160)
    model = StaticForeground([PAVEMENT], size_wh=SIZE_WH, settings=settings)
    for index in range(200):
        result = model.step(index / 5, arrives(index / 5), SCALE, NOTHING)
    assert iou(result.xyxy[0], GOODS_PX) > 0.6
