"""Boxes from a finder's output, the cut around them, and what a registry must say; the networks: tests/pipelines."""

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.inference.plate_finder import PlateFinder, apart, boxes_of
from detector.inference.plates import PlateReader, crop_window, cut, open_plate_eyes, tilted
from detector.inference.registry import Network, Registry, default_registry_path, load_registry
from detector.types import InferenceError


def output(*places: tuple[int, int, float, tuple[float, float, float, float]]) -> NDArray[np.float32]:
    """(5, 32, 32) with a score and sides at (row, column)."""
    raw = np.zeros((5, 32, 32), np.float32)
    for row, column, score, sides in places:
        raw[:, row, column] = (score, *sides)
    return raw


def test_boxes_reach_from_the_places_centre() -> None:
    (box,) = boxes_of(output((2, 5, 0.9, (10, 4, 30, 6))), 8, 0.4)
    assert box == pytest.approx([34, 16, 74, 26, 0.9])


def test_faint_places_are_left_out_and_the_surest_comes_first() -> None:
    raw = output((2, 5, 0.5, (9, 9, 9, 9)), (20, 20, 0.8, (9, 9, 9, 9)), (9, 9, 0.39, (9, 9, 9, 9)))
    assert list(boxes_of(raw, 8, 0.4)[:, 4]) == pytest.approx([0.8, 0.5])
    assert boxes_of(output(), 8, 0.4).shape == (0, 5)


@pytest.mark.parametrize(
    ("second", "kept"),
    [
        pytest.param((2, 2, 102, 52), 1, id="the same plate seen twice"),
        pytest.param((10, 5, 50, 45), 1, id="half the plate inside it"),
        pytest.param((120, 0, 220, 50), 2, id="a second plate beside it"),
        pytest.param((90, 40, 190, 90), 2, id="corners that touch"),
    ],
)
def test_each_plate_once(second: tuple[float, ...], kept: int) -> None:
    boxes = np.array([(0, 0, 100, 50, 0.9), (*second, 0.8)], np.float32)
    assert len(apart(boxes)) == kept


def test_no_boxes_stay_none() -> None:
    assert apart(np.zeros((0, 5), np.float32)).shape == (0, 5)


@pytest.mark.parametrize(
    ("xyxy", "window"),
    [
        pytest.param((100, 50, 200, 100), (96, 48, 204, 102), id="with room around"),
        pytest.param((0, 0, 640, 480), (0, 0, 640, 480), id="never beyond the picture"),
        pytest.param((-50, -50, -10, -10), (0, 0, 1, 1), id="outside on the left"),
        pytest.param((900, 900, 990, 990), (639, 479, 640, 480), id="outside on the right"),
    ],
)
def test_the_cut_stays_inside(xyxy: tuple[float, ...], window: tuple[int, ...]) -> None:
    assert crop_window((640, 480), xyxy) == window
    left, top, right, bottom = window
    assert cut(np.zeros((480, 640, 3), np.uint8), xyxy).shape == (bottom - top, right - left, 3)


def altered(name: str, **fields: object) -> Network:
    return load_registry(default_registry_path()).networks[name].model_copy(update=fields)


@pytest.mark.parametrize("fields", [{"input_wh": None}, {"classes": {0: "0", 1: "1"}}])
def test_a_reader_of_another_alphabet_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InferenceError, match="needs `input_wh` and the classes"):
        PlateReader(altered("plate-text-n", **fields))


def test_a_finder_without_a_size_is_refused() -> None:
    with pytest.raises(InferenceError, match="needs `input_wh`"):
        PlateFinder(altered("plate-n", input_wh=None))


def test_the_default_plate_networks_ship_with_a_card_and_none_are_needed() -> None:
    registry = load_registry(default_registry_path())
    for task in ("plate", "character"):
        network = registry.default(task)  # type: ignore[arg-type]
        assert network is not None
        assert network.card is not None
        assert (network.folder / network.card).is_file()
        assert sum((network.folder / file.path).with_suffix(".bin").stat().st_size for file in network.files) < 10e6
    assert open_plate_eyes(Registry(version=1, networks={})) is None


def test_a_tilted_crop_turns_as_the_crop_itself_would() -> None:
    """A level line of a crop 120 x 80 px leans by that angle once the input is shrunk back to the crop's shape."""
    stretched = np.zeros((64, 160, 3), np.uint8)
    stretched[32] = 255
    turned = tilted(stretched, 2.5, 120 / 80)
    left, right = (float(np.average(np.arange(64), weights=turned[:, x, 0])) for x in (20, 140))
    fall_px, run_px = (right - left) * 80 / 64, (140 - 20) * 120 / 160
    assert abs(fall_px) / run_px == pytest.approx(np.tan(np.radians(2.5)), rel=0.2)
    assert turned.shape == stretched.shape
