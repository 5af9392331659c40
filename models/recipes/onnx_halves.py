"""Halves an ONNX file: weights are stored as float16 and widened as the file is read; everything computes as before.

In: a file whose weights are float32. Out: the same file in place, with a Cast behind each large weight, so that any
runtime still takes and gives float32, and computes in it; only the weights' last bits are rounded.
"""

import math
from pathlib import Path

import onnx
from onnx import helper, numpy_helper

LEAST_WEIGHTS = 256
"""Smaller ones, among them constants of the decoding of boxes, stay exact: they save nothing."""


def store_halves(path: Path) -> None:
    """Rewrite the file in place."""
    model = onnx.load(path)
    graph = model.graph
    casts = []
    for weights in graph.initializer:
        if weights.data_type != onnx.TensorProto.FLOAT or math.prod(weights.dims) < LEAST_WEIGHTS:
            continue
        name, values = weights.name, numpy_helper.to_array(weights)
        halved = numpy_helper.from_array(values.astype("float16"), f"{name}.half")
        weights.CopyFrom(halved)
        casts.append(helper.make_node("Cast", [halved.name], [name], name=f"{name}.widened", to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)
