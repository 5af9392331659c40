"""Feature maps laid out the quick way: the same bits, and only where they are laid out at all."""

import numpy as np
import openvino.opset13 as ops
import pytest
from numpy.typing import NDArray

from detector.inference import default_registry_path, load_registry
from detector.inference.flattening import flatten_quickly
from detector.inference.private_openvino import ov

NOISE = np.random.default_rng(7).random((2, 3, 96, 160), np.float32)
LEVELS = 3
"""Feature maps a head reads; each is laid out for boxes and for classes."""


def _answer(model: ov.Model) -> NDArray[np.float32]:
    settings = {"INFERENCE_PRECISION_HINT": "f32", "NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": 1}
    return np.array(ov.Core().compile_model(model, "CPU", settings)(NOISE)[0])


@pytest.mark.parametrize("precision", ["int8", "fp16"])
def test_the_detector_gives_the_same_bits(precision: str) -> None:
    registry = load_registry(default_registry_path())
    network = registry.network(registry.defaults["detect"])
    path = network.folder / next(file.path for file in network.files if file.precision == precision)
    if not path.exists():
        pytest.skip(f"{path} is not beside this checkout")
    plain, quick = ov.Core().read_model(path), ov.Core().read_model(path)
    assert flatten_quickly(quick) == 2 * LEVELS
    np.testing.assert_array_equal(_answer(quick), _answer(plain))


def _reshaped(target: tuple[int, ...], *, special_zero: bool) -> ov.Model:
    picture = ops.parameter(ov.PartialShape([-1, 3, -1, -1]), np.float32)
    row = ops.reshape(picture, np.array(target, np.int64), special_zero)
    return ov.Model([row], [picture], "reshaped")


def test_maps_come_out_channel_by_channel() -> None:
    model = _reshaped((0, 3, -1), special_zero=True)
    assert flatten_quickly(model) == 1
    np.testing.assert_array_equal(_answer(model), NOISE.reshape(2, 3, -1))


@pytest.mark.parametrize("target", [(0, 6, -1), (2, 3, -1), (0, -1), (0, 3, 160, 96)], ids=str)
def test_what_is_no_row_of_pixels_is_left_alone(target: tuple[int, ...]) -> None:
    model = _reshaped(target, special_zero=True)
    before = [node.get_friendly_name() for node in model.get_ordered_ops()]
    assert flatten_quickly(model) == 0
    assert [node.get_friendly_name() for node in model.get_ordered_ops()] == before
    np.testing.assert_array_equal(_answer(model), NOISE.reshape([2 if side == 0 else side for side in target]))
