"""A picture shown again is known, also coded a little otherwise; a still street's noise is news at every keyframe."""

import numpy as np
import pytest

from detector.gate import MotionGate
from detector.gate.memory import GateMemory
from detector.gate.repeats import KEPT, with_picture

SHAPE = (90, 160)
ROAD = np.random.default_rng(1).integers(40, 200, SHAPE).astype(np.uint8)


def coded(number, *, share=0.01, levels=1):
    """One picture as an encoder sends it the n-th time: some cells differ a little."""
    random = np.random.default_rng(100 + number)
    return np.where(random.random(SHAPE) < share, ROAD + levels, ROAD).astype(np.uint8)


def looked(gate, pictures):
    """Which of the pictures, a second apart, were looked at without news."""
    repeats = []
    for number, picture in enumerate(pictures):
        gate.stirs(float(number), picture)
        gate.looked(float(number), picture)
        repeats.append(gate.memory.repeated)
    return repeats


@pytest.mark.parametrize(
    ("label", "pictures", "repeated"),
    [
        ("the same again", [ROAD] * 5, True),
        ("in turn as coded in a group of pictures", [coded(number % 4) for number in range(4, 30)], True),
        ("noise coded anew", [coded(number, share=0.08) for number in range(9)], False),
        ("a few cells by several levels", [coded(number, levels=4) for number in range(9)], False),
    ],
)
def test_what_is_shown_again_is_known_and_noise_is_news(label, pictures, repeated):
    gate = MotionGate(size_wh=(1920, 1080), still_s=2.0)
    first, *later = looked(gate, pictures)
    assert first is False
    assert later[KEPT:] == [repeated] * len(later[KEPT:]) and later[-1] is repeated, label


def test_news_that_came_while_pictures_were_held_counts_at_the_next_look():
    gate = MotionGate(size_wh=(1920, 1080), still_s=2.0)
    looked(gate, [ROAD])
    gate.stirs(1.0, coded(1, share=0.1))
    gate.held(1.0)
    gate.stirs(2.0, ROAD)
    gate.looked(2.0, ROAD)
    assert not gate.memory.repeated
    gate.stirs(4.0, ROAD)
    gate.looked(4.0, ROAD)
    assert gate.memory.repeated


def test_what_was_shown_is_laid_aside_and_taken_up():
    memory = MotionGate(size_wh=(1920, 1080), still_s=2.0).memory
    for number in range(KEPT + 3):
        memory = with_picture(memory, coded(number, share=0.1))
    again = GateMemory.of(memory.arrays())
    assert len(again.shown) == KEPT
    assert (again.news, again.repeated) == (memory.news, memory.repeated)
    assert with_picture(again, coded(KEPT, share=0.1)) is again
