"""Mean colours of a 4 x 4 grid over each box."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from detector.inference.appearance import appearance


def chequered() -> NDArray[np.uint8]:
    """40 x 40 px; the cell in row r and column c of a 4 x 4 grid is (10 r, 10 c, 200)."""
    rows, columns = np.indices((40, 40)) // 10
    return np.stack([10 * rows, 10 * columns, np.full((40, 40), 200)], axis=-1).astype(np.uint8)


def test_cells_are_read_row_by_row_in_b_g_r() -> None:
    (found,) = appearance(chequered(), np.array([[0, 0, 40, 40]], np.float32)).reshape(-1, 16, 3)
    assert found.tolist() == [[10 * r, 10 * c, 200] for r in range(4) for c in range(4)]


@pytest.mark.parametrize(
    ("xyxy", "b_g"),
    [
        pytest.param((-100, -100, 5, 5), {(0, 0)}, id="reaching in from the corner"),
        pytest.param((200, 200, 300, 300), {(30, 30)}, id="outside, beyond the lower right"),
        pytest.param((-50, 12, -10, 18), {(10, 0)}, id="outside, left"),
        pytest.param((33, 11, 33.2, 11.2), {(10, 30)}, id="smaller than a pixel"),
        pytest.param((0, 0, 40, 1e6), {(0, c * 10) for c in range(4)} | {(30, 0)}, id="far too tall"),
    ],
)
def test_boxes_are_clipped_and_cells_never_empty(xyxy: tuple[float, ...], b_g: set[tuple[int, int]]) -> None:
    cells = appearance(chequered(), np.array([xyxy], np.float32)).reshape(16, 3)
    assert b_g <= {(int(b), int(g)) for b, g, _ in cells}
    assert (cells[:, 2] == 200).all()


def test_no_boxes_give_no_rows() -> None:
    found = appearance(chequered(), np.zeros((0, 4), np.float32))
    assert (found.shape, found.dtype) == ((0, 48), np.uint8)


SIDES = st.integers(-20, 70)


@given(st.lists(st.tuples(SIDES, SIDES, st.integers(4, 60), st.integers(4, 60)), min_size=1, max_size=6))
def test_each_cell_is_the_mean_of_its_pixels(rows: list[tuple[int, int, int, int]]) -> None:
    image = np.random.default_rng(1).integers(0, 256, (50, 60, 3), np.uint8)
    xyxy = np.array([(x, y, x + w, y + h) for x, y, w, h in rows], np.float32)
    for box, cells in zip(xyxy, appearance(image, xyxy).reshape(-1, 4, 4, 3), strict=True):
        x1, x2 = np.clip(box[[0, 2]], 0, 60)
        y1, y2 = np.clip(box[[1, 3]], 0, 50)
        for r in range(4):
            for c in range(4):
                left = min(int(x1 + (x2 - x1) * c / 4), 59)
                top = min(int(y1 + (y2 - y1) * r / 4), 49)
                right = max(round(x1 + (x2 - x1) * (c + 1) / 4), left + 1)
                bottom = max(round(y1 + (y2 - y1) * (r + 1) / 4), top + 1)
                mean = image[top:bottom, left:right].reshape(-1, 3).mean(axis=0)
                assert np.abs(cells[r, c] - mean).max() <= 0.5 + 1e-9
