"""The ground's colour under street light."""

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.plates.colour import Ground, ground_of


def crop(ground: tuple[int, int, int], ink: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A third of the plate is ink; a red fender all around."""
    picture = np.full((60, 90, 3), (30, 20, 160), np.uint8)
    picture[5:55, 5:85] = ground
    picture[14:46, 15:75:6] = ink
    picture[14:46, 16:75:6] = ink
    return picture


@pytest.mark.parametrize(
    ("ground", "ink", "expected"),
    [
        pytest.param((228, 230, 228), (20, 20, 20), Ground.WHITE, id="white by day"),
        pytest.param((150, 190, 205), (20, 20, 20), Ground.WHITE, id="white under warm light"),
        pytest.param((40, 190, 235), (20, 20, 20), Ground.YELLOW, id="yellow"),
        pytest.param((25, 110, 140), (10, 12, 14), Ground.YELLOW, id="yellow in shade"),
        pytest.param((160, 80, 20), (235, 235, 235), Ground.BLUE, id="blue, white letters"),
        pytest.param((40, 30, 190), (235, 235, 235), Ground.RED, id="red, white letters"),
        pytest.param((130, 190, 205), (20, 20, 20), None, id="between white and yellow"),
        pytest.param((60, 190, 60), (20, 20, 20), None, id="no plate is green"),
        pytest.param((14, 15, 14), (2, 2, 2), None, id="night"),
    ],
)
def test_colours(ground: tuple[int, int, int], ink: tuple[int, int, int], expected: Ground | None) -> None:
    assert ground_of(crop(ground, ink)) is expected


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 5), (5, 5, 4)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected \\(h, w, 3\\)"):
        ground_of(np.zeros(shape, np.uint8))


def test_one_pixel_is_enough_to_ask() -> None:
    assert ground_of(np.full((1, 1, 3), 230, np.uint8)) is Ground.WHITE
