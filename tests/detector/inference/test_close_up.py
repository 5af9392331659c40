"""Pictures that are all plate: surroundings for the finder, and which of several readings is whole."""

import numpy as np
import pytest

from detector.inference.close_up import fullest, surrounded
from detector.plates.reading import Candidate, PlateReading


def reading(text: str, probability: float, *, valid: bool = True) -> PlateReading:
    candidates = (Candidate(rows=(text,), probability=probability, valid=valid),) if text else ()
    return PlateReading(candidates=candidates)


@pytest.mark.parametrize(
    ("readings", "chosen"),
    [
        pytest.param([reading("51F64619", 0.7), reading("51F6461", 0.99)], 0, id="the end was cut off"),
        pytest.param([reading("51F64619", 0.7), reading("1F64619", 0.6, valid=False)], 0, id="the beginning was"),
        pytest.param([reading("51F64619", 0.7), reading("51F64679", 0.9)], 1, id="as long, and surer"),
        pytest.param([reading("51F6461", 0.9), reading("51F64617", 0.05)], 0, id="a faint longer one proves nothing"),
        pytest.param([reading("5AF646191", 0.9, valid=False), reading("51F64619", 0.5)], 1, id="outside the grammar"),
        pytest.param([reading("", 0.0), reading("", 0.0)], 0, id="nothing legible"),
    ],
)
def test_the_fullest_sure_reading_counts(readings: list[PlateReading], chosen: int) -> None:
    assert fullest(readings) == chosen


@pytest.mark.parametrize("size_wh", [(300, 200), (90, 60), (640, 120)])
def test_a_box_found_amid_surroundings_comes_back(size_wh: tuple[int, int]) -> None:
    image = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    image[size_wh[1] // 4 : size_wh[1] // 2, size_wh[0] // 3 : size_wh[0] // 2] = 255
    wide = surrounded(image, 0.5)
    rows, columns = (np.flatnonzero(wide.pixels[:, :, 0].max(axis) > 128) for axis in (1, 0))
    found = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], np.float32)
    true = [size_wh[0] // 3, size_wh[1] // 4, size_wh[0] // 2, size_wh[1] // 2]
    assert wide.back(found, size_wh) == pytest.approx(true, abs=2 / wide.scale)
    assert max(wide.pixels.shape[:2]) <= 2 * 256
    assert (wide.back(np.array([-50, -50, 9999, 9999], np.float32), size_wh) == [0, 0, *size_wh]).all()
