"""Print on a body goes on around its box, a plate ends."""

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.plates.edge import goes_on

BOX = (60.0, 40.0, 140.0, 64.0)


def print_on(body: int, board: int, *, ink: int = 20) -> NDArray[np.uint8]:
    """Bars of print in `BOX` on a board of that brightness, on a body of another."""
    picture = np.full((120, 200, 3), body, np.uint8)
    picture[40:64, 60:140] = board
    for left in range(66, 132, 12):
        picture[45:59, left : left + 5] = ink
    return picture


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        pytest.param(print_on(220, 220), True, id="on the body itself"),
        pytest.param(print_on(40, 220), False, id="a plate on a dark bumper"),
        pytest.param(print_on(120, 225), False, id="a plate on grey"),
        pytest.param(print_on(60, 60, ink=230), True, id="light paint on a dark body"),
        pytest.param(print_on(128, 128, ink=120), False, id="too faint to tell"),
        pytest.param(np.zeros((3, 3, 3), np.uint8), False, id="outside the picture"),
    ],
)
def test_where_the_ground_ends(picture: NDArray[np.uint8], expected: bool) -> None:
    assert goes_on(picture, BOX) is expected
