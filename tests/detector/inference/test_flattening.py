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


def _head(reader: str) -> ov.Model:
    """Maps of two sizes, laid out and put together, or multiplied with each other as attention does."""
    weights = np.random.default_rng(3).random((8, 3, 3, 3), np.float32) - 0.5
    picture = ops.parameter(ov.PartialShape([-1, 3, -1, -1]), np.float32)
    maps = [
        ops.relu(ops.convolution(picture, ops.constant(weights), [step, step], [1, 1], [1, 1], [1, 1]))
        for step in (1, 2)
    ]
    rows = [ops.reshape(one, np.array([0, 8, -1], np.int64), True) for one in maps]
    if reader == "put together":
        return ov.Model([ops.sigmoid(ops.concat(rows, 2))], [picture], reader)
    if reader == "put together, then multiplied":
        both = ops.concat(rows, 2)
        return ov.Model([ops.matmul(both, both, False, True)], [picture], reader)
    if reader == "turned and multiplied":
        tokens = ops.transpose(rows[0], np.array([0, 2, 1], np.int64))
        return ov.Model([ops.matmul(tokens, ops.constant(weights[:, 0, :, 0]), False, False)], [picture], reader)
    return ov.Model([ops.matmul(rows[0], rows[0], False, True)], [picture], reader)


@pytest.mark.parametrize(
    ("reader", "rewritten"),
    [("put together", 2), ("put together, then multiplied", 2), ("multiplied", 0), ("turned and multiplied", 0)],
)
def test_whoever_reads_the_rows_gets_the_same_bits(reader: str, rewritten: int) -> None:
    plain, quick = _head(reader), _head(reader)
    assert flatten_quickly(quick) == rewritten
    np.testing.assert_array_equal(_answer(quick), _answer(plain))


@pytest.mark.parametrize("target", [(0, 6, -1), (2, 3, -1), (0, -1), (0, 3, 160, 96)], ids=str)
def test_what_is_no_row_of_pixels_is_left_alone(target: tuple[int, ...]) -> None:
    model = _reshaped(target, special_zero=True)
    before = [node.get_friendly_name() for node in model.get_ordered_ops()]
    assert flatten_quickly(model) == 0
    assert [node.get_friendly_name() for node in model.get_ordered_ops()] == before
    np.testing.assert_array_equal(_answer(model), NOISE.reshape([2 if side == 0 else side for side in target]))
