"""The torch side of the street detector: build the YOLO11n network, read and write its weights, run it.

The network is Ultralytics' YOLO11n with every BatchNorm folded into its convolution, so what trains is exactly
what ships and no batch statistics can drift away from the initialisation. Its classification branch keeps the 80
channels of the COCO network, only the last 1x1 convolution has one row per class of the product.
In: images (h, w, 3) uint8 BGR. Out: boxes (n, 6) float32 `x1 y1 x2 y2 score class` in pixels of the given image.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("YOLO_OFFLINE", "1")
os.environ.setdefault("YOLO_AUTOINSTALL", "false")

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from ultralytics.nn.tasks import DetectionModel
from ultralytics.utils import IterableSimpleNamespace
from ultralytics.utils.nms import non_max_suppression

CLASSES = ("person", "bicycle", "motorcycle", "car", "bus", "truck")
COCO_IDS = (0, 1, 3, 2, 5, 7)
"""Row of the COCO head from which each class of `CLASSES` starts."""
STRIDE_PX = 32
ACTIVATIONS = {"silu": nn.SiLU, "hard_swish": nn.Hardswish}
LOSS_GAINS = {"box": 7.5, "cls": 0.5, "dfl": 1.5}

Image = NDArray[np.uint8]
Boxes = NDArray[np.float32]


def build_network(class_count: int = len(CLASSES)) -> DetectionModel:
    """Return an untrained YOLO11n without BatchNorm and with a head of `class_count` classes."""
    network = DetectionModel("yolo11n.yaml", nc=80, verbose=False).eval().fuse(verbose=False)
    head = network.model[-1]
    for branch in head.cv3:
        old = branch[-1]
        branch[-1] = nn.Conv2d(old.in_channels, class_count, 1)
    head.nc = class_count
    head.no = class_count + 4 * head.reg_max
    network.nc = class_count
    network.yaml["nc"] = class_count
    network.names = dict(enumerate(CLASSES)) if class_count == len(CLASSES) else network.names
    network.args = IterableSimpleNamespace(**LOSS_GAINS)
    head.dfl.requires_grad_(False)
    return network


def street_head(coco: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the state of a COCO network (80 classes) cut down to the rows of the product's classes."""
    rows = torch.tensor(COCO_IDS)
    last = tuple(f"model.23.cv3.{level}.2." for level in range(3))
    return {key: value[rows] if key.startswith(last) else value for key, value in coco.items()}


def use_activation(network: DetectionModel, activation: str) -> DetectionModel:
    """Return `network` with every activation replaced by the one of that name in `ACTIVATIONS`."""
    for module in network.modules():
        if type(getattr(module, "act", None)) in ACTIVATIONS.values():
            module.act = ACTIVATIONS[activation]()
    return network


def load_network(path: Path) -> DetectionModel:
    """Return the network saved at `path` by `dequantise.py` or `train.py`, in evaluation mode.

    Raises FileNotFoundError naming the command that makes the file.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such checkpoint; run models.recipes.dequantise or .train first")
    state = torch.load(path, map_location="cpu", weights_only=True)
    network = use_activation(build_network(state["class_count"]), state.get("activation", "silu"))
    network.load_state_dict({key: value.float() for key, value in state["weights"].items()})
    return network.eval()


def load_exported(path: Path) -> DetectionModel:
    """Return the network in the .pt that `export.py` wrote for Ultralytics, in evaluation mode, in float32.

    Raises FileNotFoundError if there is none.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; run models.recipes.export first")
    # What Ultralytics reads is a whole module: only ever our own export, whose hash the registry holds.
    exported = torch.load(path, map_location="cpu", weights_only=False)["model"].float()
    network = use_activation(build_network(exported.nc), activation_of(exported))
    state = exported.state_dict()
    network.load_state_dict({key: state[key] for key in network.state_dict()})
    return network.eval()


def activation_of(network: nn.Module) -> str:
    """Return the name, in `ACTIVATIONS`, of the activation that `network` uses."""
    used = {type(getattr(module, "act", None)) for module in network.modules()}
    (name,) = (name for name, kind in ACTIVATIONS.items() if kind in used)
    return name


def save_network(path: Path, network: nn.Module, class_count: int) -> None:
    """Write weights, class count and activation atomically, so that a killed run leaves a whole file."""
    content = {"class_count": class_count, "activation": activation_of(network), "weights": network.state_dict()}
    write_checkpoint(path, content)


def write_checkpoint(path: Path, content: dict[str, Any]) -> None:
    """Write what `torch.load` reads, at once.

    Raises OSError, where torch writing by itself would raise one of its own, if the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    torch.save(content, buffer)
    part = path.with_suffix(".part")
    try:
        part.write_bytes(buffer.getbuffer())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def letterbox(image: Image, size_wh: tuple[int, int]) -> tuple[Image, float, tuple[int, int]]:
    """Scale `image` into `size_wh` with grey borders; return it with the scale and the left and top border in px."""
    height, width = image.shape[:2]
    scale = min(size_wh[0] / width, size_wh[1] / height)
    inner_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (size_wh[0] - inner_wh[0]) // 2, (size_wh[1] - inner_wh[1]) // 2
    canvas = np.full((size_wh[1], size_wh[0], 3), 114, np.uint8)
    canvas[top : top + inner_wh[1], left : left + inner_wh[0]] = cv2.resize(image, inner_wh)
    return canvas, scale, (left, top)


def input_size(image: Image, long_side_px: int) -> tuple[int, int]:
    """Return the smallest input (w, h) with the given longer side and both sides a multiple of the stride."""
    height, width = image.shape[:2]
    scale = long_side_px / max(height, width)
    return up_to_stride(width * scale), up_to_stride(height * scale)


def up_to_stride(side_px: float) -> int:
    return max(1, -(-round(side_px) // STRIDE_PX)) * STRIDE_PX


def to_tensor(canvas: Image) -> Tensor:
    """Return a BGR canvas (h, w, 3) as an RGB tensor (1, 3, h, w) in 0..1."""
    rgb = np.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1))
    return torch.from_numpy(rgb).float().div_(255)[None]


def kept_boxes(output: Tensor, scale: float, border: tuple[int, int], score_min: float, iou: float = 0.7) -> Boxes:
    """Return the boxes (n, 6) of one raw output (1, 4 + classes, anchors) in pixels of the image before letterbox."""
    (found,) = non_max_suppression(output, score_min, iou, max_det=500, max_time_img=5.0)
    kept = np.asarray(found.numpy(), np.float32)
    kept[:, [0, 2]] = (kept[:, [0, 2]] - border[0]) / scale
    kept[:, [1, 3]] = (kept[:, [1, 3]] - border[1]) / scale
    return kept


@torch.inference_mode()
def raw_output(network: DetectionModel, batch: Tensor) -> Tensor:
    """Return the raw output (n, 4 + classes, anchors), xywh in input pixels and scores, for `batch` (n, 3, h, w).

    Convolutions run in bfloat16; boxes are decoded in float32, since 8 bits of mantissa would move them by pixels.
    """
    head = network.model[-1]
    head.train()
    with torch.autocast("cpu", torch.bfloat16):
        raw = network(batch.to(memory_format=torch.channels_last))
    head.eval()
    floats = {"boxes": raw["boxes"].float(), "scores": raw["scores"].float(), "feats": raw["feats"]}
    return torch.as_tensor(head._inference(floats))


def raw_floats(network: DetectionModel, images: Tensor) -> dict[str, Any]:
    """Return the head's raw scores and boxes in float32 for images (n, 3, h, w) uint8, convolutions in bfloat16."""
    with torch.autocast("cpu", torch.bfloat16):
        raw = network(images.to(memory_format=torch.channels_last).float().div_(255))
    return {key: value.float() if isinstance(value, Tensor) else value for key, value in raw.items()}


def detect(network: DetectionModel, image: Image, size_wh: tuple[int, int], score_min: float) -> Boxes:
    """Return the boxes (n, 6) that `network` finds in `image` at input `size_wh`, after suppression per class."""
    canvas, scale, border = letterbox(image, size_wh)
    return kept_boxes(raw_output(network, to_tensor(canvas)), scale, border, score_min)
