"""Print on a truck: a number in one row or two is read, other lettering and the plate's own print are none."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.inference.painted import PaintedEyes, open_painted_eyes
from detector.inference.plates import open_plate_eyes
from detector.inference.registry import default_registry_path, load_registry
from models.recipes.plate.glyphs import Glyphs
from models.recipes.plate.painted import HEIGHT_PX, painted
from models.recipes.plate.series import PlateText
from models.recipes.plate.view import laid

HIGH = 40


@pytest.fixture(scope="module")
def eyes() -> PaintedEyes:
    registry = load_registry(default_registry_path())
    plates = open_plate_eyes(registry)
    assert plates is not None
    eyes = open_painted_eyes(registry, plates.reader)
    assert eyes is not None
    return eyes


def body(*lines: tuple[str, int, int, int]) -> NDArray[np.uint8]:
    """A blue tailboard; each line is a text, left, top and width, px."""
    picture = np.full((300, 400, 3), (140, 70, 30), np.uint8)
    for text, left, top, wide in lines:
        size = (round(HEIGHT_PX * wide / HIGH), HEIGHT_PX)
        plate = PlateText(printed=(text,), ground="body", size_mm=size)
        flat = painted(plate, Glyphs([]), np.random.default_rng(5), board=False)
        flat = replace(flat, pixels=np.full_like(flat.pixels, 235), mask=np.minimum(flat.mask * 3, 1))
        right, bottom = left + wide, top + HIGH
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
        picture = laid(picture, flat, corners)
    return picture


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        pytest.param([("29C 678.90", 90, 60, 220)], ["29C67890"], id="one row"),
        pytest.param([("29C", 140, 60, 90), ("678.90", 110, 104, 150)], ["29C67890"], id="two rows"),
        pytest.param([("0912 345 678", 90, 60, 240)], [], id="a telephone number"),
        pytest.param([("TTHH 9500KG", 90, 60, 220), ("15T", 90, 120, 70)], [], id="a load"),
        pytest.param(
            [("AN KHANG", 90, 60, 200), ("TMBU 123456 7", 60, 120, 260)], [], id="a name and a container's code"
        ),
        pytest.param([], [], id="nothing"),
    ],
)
def test_what_is_read_of_a_body(eyes: PaintedEyes, lines: list[tuple[str, int, int, int]], texts: list[str]) -> None:
    assert [seen.reading.text for seen in eyes.look(body(*lines)) if seen.reading.confidence >= 0.6][:1] == texts


def test_print_on_a_plate_is_left_out(eyes: PaintedEyes) -> None:
    picture = body(("29C 678.90", 90, 60, 220))
    (number,) = eyes.look(picture)
    assert eyes.look(picture, [number.xyxy]) == []
    assert len(eyes.look(picture, [(0.0, 150.0, 300.0, 290.0)])) == 1
