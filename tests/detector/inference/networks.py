"""Tiny real networks for tests: written with OpenVINO's operators, or drawn by chance and saved by Ultralytics.

The colour finder looks at cells of 32 x 32 px. Every cell is an anchor with a box of just that cell; its class scores
are the cell's mean red, green and blue in 0..1. So what it must find in a painted picture is known.
"""

import hashlib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import openvino.opset13 as ops
from numpy.typing import NDArray

from detector.inference.registry import Network

CELL_PX = 32
RED, GREEN, BLUE = (0, 0, 255), (0, 255, 0), (255, 0, 0)
"""B, G, R."""
COLOUR_CLASSES = {0: "truck", 1: "stall", 2: "person"}
"""Red, green, blue."""
TINY_YOLO = """
nc: 2
backbone:
  - [-1, 1, Conv, [8, 3, 2]]
  - [-1, 1, Conv, [16, 3, 2]]
  - [-1, 1, Conv, [16, 3, 2]]
  - [-1, 1, Conv, [32, 3, 2]]
  - [-1, 1, Conv, [32, 3, 2]]
head:
  - [[2, 3, 4], 1, Detect, [nc]]
"""


def colour_finder(folder: Path, *, fixed_wh: tuple[int, int] | None = None) -> Path:
    """The colour finder's IR; with `fixed_wh` it takes pictures of that size only."""
    picture = ops.parameter(ov.PartialShape([1, 3, -1, -1]), np.float32)
    means = ops.avg_pool(picture, [CELL_PX] * 2, [0, 0], [0, 0], [CELL_PX] * 2, True)
    shape = ops.shape_of(means)
    rows, columns = (ops.gather(shape, np.int64(axis), np.int64(0)) for axis in (2, 3))
    zeros = ops.multiply(ops.slice(means, [0], [1], [1], [1]), np.float32(0))
    centre_x = ops.add(zeros, ops.unsqueeze(_centres(columns), np.array([0, 1, 2])))
    centre_y = ops.add(zeros, ops.unsqueeze(_centres(rows), np.array([0, 1, 3])))
    side = ops.add(zeros, np.float32(CELL_PX))
    anchors = -1 if fixed_wh is None else fixed_wh[0] * fixed_wh[1] // CELL_PX**2
    output = ops.reshape(ops.concat([centre_x, centre_y, side, side, means], 1), np.array([1, 7, anchors]), False)
    model = ov.Model([output], [picture], "colour finder")
    path = folder / "colours.xml"
    ov.serialize(model, path)
    return path


def colour_finder_onnx(folder: Path) -> Path:
    """The colour finder again, written by torch as ONNX."""
    import torch

    class ColourFinder(torch.nn.Module):
        def forward(self, picture: torch.Tensor) -> torch.Tensor:
            means = torch.nn.functional.avg_pool2d(picture, CELL_PX)
            zeros = means[:, :1] * 0
            columns, rows = torch.arange(means.shape[3]), torch.arange(means.shape[2])
            centre_x, centre_y = (steps * CELL_PX + CELL_PX / 2 for steps in (columns, rows[:, None]))
            parts = [zeros + centre_x, zeros + centre_y, zeros + CELL_PX, zeros + CELL_PX, means]
            return torch.cat(parts, 1).flatten(2)

    path = folder / "colours.onnx"
    axes = {"picture": {2: "height", 3: "width"}, "output": {2: "anchors"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            ColourFinder(),
            (torch.zeros(1, 3, 384, 640),),
            str(path),
            dynamo=False,
            input_names=["picture"],
            output_names=["output"],
            dynamic_axes=axes,
        )
    return path


def _centres(count: ov.Node) -> ov.Node:
    steps = ops.range(np.int64(0), count, np.int64(1), "f32")
    return ops.add(ops.multiply(steps, np.float32(CELL_PX)), np.float32(CELL_PX / 2))


def load_reader(folder: Path, *, with_softmax: bool = True, left_half: bool = False) -> Path:
    """A load network for 64 x 64 px: scores of red, green, blue, and of none of them, in all of it or its left half."""
    picture = ops.parameter([1, 3, 64, 64], np.float32)
    seen = np.ones((1, 1, 64, 64), np.float32)
    if left_half:
        seen[..., :32], seen[..., 32:] = 2.0, 0.0
    means = ops.reduce_mean(ops.multiply(picture, seen), np.array([2, 3]), False)
    dark = ops.subtract(np.float32([[1.0]]), ops.reduce_sum(means, np.array([1]), True))
    scores = ops.multiply(ops.concat([means, dark], 1), np.float32(8))
    model = ov.Model([ops.softmax(scores, 1) if with_softmax else scores], [picture], "load reader")
    path = folder / "load.xml"
    ov.serialize(model, path)
    return path


def tiny_yolo(folder: Path, *, seed: int = 0) -> Path:
    """A small YOLO of two classes with random weights and a wide spread of scores, as a `.pt` file."""
    import torch
    from ultralytics import YOLO

    (folder / "tiny.yaml").write_text(TINY_YOLO)
    torch.manual_seed(seed)
    yolo = YOLO(str(folder / "tiny.yaml"), task="detect")
    for branches in (yolo.model.model[-1].cv2, yolo.model.model[-1].cv3):
        for branch in branches:
            torch.nn.init.normal_(branch[-1].weight, std=1000.0)
    for branch in yolo.model.model[-1].cv3:
        torch.nn.init.constant_(branch[-1].bias, -3.0)
    path = folder / "tiny.pt"
    yolo.save(path)
    return path


def entry(path: Path, **changes: Any) -> Network:
    """The registry entry of a network file, its parts hashed as they are now."""
    parts = [path, *([path.with_suffix(".bin")] if path.suffix == ".xml" else [])]
    fields: dict[str, Any] = {
        "name": path.stem,
        "folder": path.parent,
        "task": "detect",
        "licence": "test",
        "origin": "test",
        "long_side_px": 640,
        "stride_px": 32,
        "score_min": 0.6,
        "classes": COLOUR_CLASSES,
        "files": [
            {
                "backend": "ultralytics" if path.suffix == ".pt" else "openvino",
                "precision": "fp32",
                "path": path.name,
                "sha256": {part.name: hashlib.sha256(part.read_bytes()).hexdigest() for part in parts},
            }
        ],
    }
    return Network.model_validate(fields | changes)


def registry_toml(path: Path, **changes: Any) -> str:
    """`entry` as the text of a registry that lists it as the default detector."""
    network = entry(path, **changes)
    file = network.files[0]
    hashes = ", ".join(f'"{name}" = "{digest}"' for name, digest in file.sha256.items())
    classes = "\n".join(f'{number} = "{label}"' for number, label in network.classes.items())
    return f"""
version = 1
[defaults]
{network.task} = "{network.name}"
[networks.{network.name}]
task = "{network.task}"
licence = "test"
origin = "test"
long_side_px = {network.long_side_px}
stride_px = {network.stride_px}
score_min = {network.score_min}
[networks.{network.name}.classes]
{classes}
[[networks.{network.name}.files]]
backend = "{file.backend}"
precision = "fp32"
path = "{file.path}"
sha256 = {{{hashes}}}
"""


def painted(
    size_wh: tuple[int, int], *rows: tuple[tuple[int, int, int], tuple[int, int, int, int]]
) -> NDArray[np.uint8]:
    """A black picture with rectangles (colour B G R, xyxy px)."""
    image = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    for colour, (x1, y1, x2, y2) in rows:
        image[y1:y2, x1:x2] = colour
    return image
