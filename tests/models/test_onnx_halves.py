"""Weights stored in halves: the file shrinks, inputs and outputs stay, and it computes the same but for rounding."""

from pathlib import Path

import numpy as np
import pytest

from detector.inference.private_openvino import ov

onnx = pytest.importorskip("onnx", reason="the extra `torch` is not installed")


def test_a_file_halves_and_computes_the_same(tmp_path: Path) -> None:
    from models.recipes.onnx_halves import store_halves

    weights = np.random.default_rng(3).normal(size=(64, 64)).astype(np.float32)
    few = np.float32([0.1])
    graph = onnx.helper.make_graph(
        [
            onnx.helper.make_node("MatMul", ["x", "weights"], ["y"]),
            onnx.helper.make_node("Add", ["y", "few"], ["z"]),
        ],
        "layer",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 64])],
        [onnx.helper.make_tensor_value_info("z", onnx.TensorProto.FLOAT, [1, 64])],
        [onnx.numpy_helper.from_array(weights, "weights"), onnx.numpy_helper.from_array(few, "few")],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    path = tmp_path / "layer.onnx"
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    size = path.stat().st_size
    store_halves(path)
    assert path.stat().st_size < 0.6 * size

    given = np.random.default_rng(4).normal(size=(1, 64)).astype(np.float32)
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    told = ov.Core().compile_model(path, "CPU", exact)(given)[0]
    assert told.dtype == np.float32
    np.testing.assert_allclose(told, given @ weights.astype(np.float16).astype(np.float32) + few, atol=1e-5)
