"""Where a vehicle is looked at again from near: around what was suspected, else in tiles, each plate once."""

import numpy as np
import pytest

from detector.inference.from_near import Boxes, Window, large, together, windows

SIZE = (1000, 800)


def boxes(*rows: tuple[float, float, float, float, float]) -> Boxes:
    return np.array(rows, np.float32).reshape(-1, 5)


@pytest.mark.parametrize(
    ("size_wh", "suspected", "found", "expected"),
    [
        pytest.param(SIZE, boxes((480, 500, 520, 530, 0.7)), 1, [Window(250, 265, 750, 765)], id="around a plate"),
        pytest.param(SIZE, boxes((0, 0, 40, 30, 0.7)), 1, [Window(0, 0, 500, 500)], id="never beyond the picture"),
        pytest.param((300, 900), boxes((100, 800, 140, 830, 0.7)), 1, [Window(0, 450, 300, 900)], id="narrow"),
        pytest.param(SIZE, boxes(), 0, [Window(225, 360, 775, 800), Window(0, 360, 550, 800)], id="the lower part"),
    ],
)
def test_windows(size_wh: tuple[int, int], suspected: Boxes, found: int, expected: list[Window]) -> None:
    assert list(windows(size_wh, suspected, suspected[:found]))[: len(expected)] == expected


def test_tiles_follow_a_mere_suspicion_but_not_a_plate() -> None:
    suspected = boxes((480, 500, 520, 530, 0.2))
    assert len(list(windows(SIZE, suspected, boxes()))) == 4
    assert len(list(windows(SIZE, suspected, suspected))) == 1


def test_a_large_plate_is_no_better_from_near() -> None:
    assert large(SIZE, boxes((0, 0, 230, 90, 0.9), (0, 0, 200, 90, 0.9))).tolist() == [True, False]


def test_a_plate_seen_twice_lies_where_the_nearer_look_saw_it() -> None:
    near, whole = boxes((100, 100, 150, 130, 0.6)), boxes((95, 98, 160, 136, 0.9), (400, 100, 450, 130, 0.5))
    assert together(near, whole)[:, 4].tolist() == pytest.approx([0.6, 0.5])
