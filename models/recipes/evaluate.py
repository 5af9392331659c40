"""Measure detectors side by side on the held-out frames: AP50, AP50-95, recall of small motorcycles, calibration.

In: a label file of `label.py` and networks: checkpoints of `train.py` (.pt) or OpenVINO files (.xml), of the product,
of COCO or with the classes of vn_streets. Out: JSON, one object a network. Vehicles are measured against the boxes
drawn by hand and nothing else (`ap50`, `ap50_95`, `precision`, `recall`); since far, parked and half hidden ones were
often not drawn, `ap50_drawn` leaves out what lies where the teacher saw a vehicle that nobody drew. Persons and
bicycles have only the teacher's labels: regions it was unsure of are left out, and the figures say how much of what
the COCO network knew is kept, not how much is true.

    python -m models.recipes.evaluate --labels test.jsonl --network models/weights/street-n/int8/*.xml
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from ultralytics.utils.metrics import ap_per_class, box_iou

from detector.inference.picture import Picture
from detector.inference.private_openvino import ov
from detector.inference.reading import Reading
from detector.inference.registry import Network, NetworkFile
from models.recipes.network import (
    CLASSES,
    COCO_IDS,
    Boxes,
    Image,
    detect,
    input_size,
    kept_boxes,
    letterbox,
    load_network,
    to_tensor,
)

CLASS_IDS: dict[int, tuple[int | None, ...]] = {6: (0, 1, 2, 3, 4, 5), 80: COCO_IDS, 4: (None, None, 2, 1, 0, 3)}
"""By the number of classes a network has: its own id of each class of the product, or None."""
SCORE_FLOOR = 0.01
SCORE_MIN = 0.25
SMALL_SIDE_PX = 32
IOU_STEPS = torch.linspace(0.5, 0.95, 10)
VEHICLES = (2, 3, 4, 5)
FIRST_FOUR_WHEELER = 3

Detector = Callable[[Image], Boxes]


@dataclass(frozen=True, slots=True)
class Truth:
    """One image: boxes (n, 5), unsure regions (m, 5), vehicles nobody drew (k, 5), rows `class x1 y1 x2 y2` in px."""

    image: Image
    boxes: Boxes
    unsure: Boxes
    undrawn: Boxes


def product_boxes(boxes: Boxes, class_count: int) -> Boxes:
    """Return the boxes (n, 6) whose class the product knows, with the product's class ids."""
    ids = CLASS_IDS[class_count]
    boxes = boxes[np.isin(boxes[:, 5], [own for own in ids if own is not None])]
    boxes[:, 5] = [ids.index(int(own)) for own in boxes[:, 5]]
    return boxes


def torch_detector(path: Path, long_side_px: int) -> Detector:
    network = load_network(path)

    def run(image: Image) -> Boxes:
        return product_boxes(detect(network, image, input_size(image, long_side_px), SCORE_FLOOR), network.nc)

    return run


def openvino_detector(path: Path, long_side_px: int) -> Detector:
    """Return a detector of an OpenVINO file; a file with fixed input gets that input, whatever the image's shape."""
    model = ov.Core().read_model(path)
    fixed = model.input(0).get_partial_shape().is_static
    compiled = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def run(image: Image) -> Boxes:
        shape = compiled.input(0).get_partial_shape()
        size = (shape[3].get_length(), shape[2].get_length()) if fixed else input_size(image, long_side_px)
        canvas, scale, border = letterbox(image, size)
        output = torch.from_numpy(compiled(to_tensor(canvas).numpy())[0])
        return product_boxes(kept_boxes(output, scale, border, SCORE_FLOOR), output.shape[1] - 4)

    return run


class RawReader:
    """One OpenVINO file of a registered network, run in float32 so that figures do not depend on the processor."""

    def __init__(self, network: Network, file: NetworkFile) -> None:
        """Check and compile the file.

        Raises:
            InferenceError: it is missing or altered.
        """
        precision = {"INFERENCE_PRECISION_HINT": "f32"}
        self._compiled = ov.Core().compile_model(network.verified_path(file), "CPU", precision)
        self._reading = Reading(network, SCORE_FLOOR)

    def raw(self, image: Image) -> tuple[NDArray[np.float32], Picture]:
        """Return the raw output (1, 4 + classes, anchors) and the picture it came from."""
        picture = Picture.resized(image, self._reading.letterbox((image.shape[1], image.shape[0])))
        return np.array(self._compiled(to_tensor(picture.pixels).numpy())[0]), picture

    @staticmethod
    def read(network: Network, raw: NDArray[np.float32], picture: Picture) -> Boxes:
        """Return what the product tells of a picture, (n, 6), raw scores.

        One box a road user, riders in their two-wheeler's box, four-wheelers told apart by calibrated scores.
        """
        seen = Reading(network, SCORE_FLOOR).read(raw, picture)
        return np.column_stack((seen.xyxy, seen.score, seen.kind)).astype(np.float32)


def product_detector(network: Network, file: NetworkFile) -> Detector:
    """Return a detector that gives what the product tells of a picture; see `RawReader`."""
    reader = RawReader(network, file)
    return lambda image: RawReader.read(network, *reader.raw(image))


def read_truths(path: Path, *, squeezed: bool) -> list[Truth]:
    """Return the images of a label file, as stored (squeezed) or in their true shape, with what is known of them."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such label file; run models.recipes.label first")
    truths = []
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        image = cv2.imread(entry["image"])
        if image is None:
            raise FileNotFoundError(f"{path}: image {entry['image']} cannot be read")
        if not squeezed:
            image = cv2.resize(image, tuple(entry["size_wh"]))
        scale = np.array([1, *image.shape[1::-1], *image.shape[1::-1]], np.float32)
        boxes = np.array(entry["boxes"], np.float32).reshape(-1, 5) * scale
        drawn = np.arange(len(boxes)) < entry["drawn"]
        unsure = np.array(entry["unsure"], np.float32).reshape(-1, 5) * scale
        kept = drawn | ~np.isin(boxes[:, 0], VEHICLES)
        people = ~np.isin(unsure[:, 0], VEHICLES)
        undrawn = np.concatenate((boxes[~kept], unsure[~people]))
        truths.append(Truth(np.asarray(image, np.uint8), boxes[kept], unsure[people], undrawn))
    return truths


def matches(found: Boxes, truth: Truth) -> np.ndarray:
    """Return which boxes (n,) are right at each of the ten IoU steps (n, 10), one truth to one box, best first."""
    right = np.zeros((len(found), len(IOU_STEPS)), bool)
    if len(found) == 0 or len(truth.boxes) == 0:
        return right
    iou = box_iou(torch.from_numpy(truth.boxes[:, 1:]), torch.from_numpy(found[:, :4])).numpy()
    iou *= truth.boxes[:, :1] == found[None, :, 5]
    for step, least in enumerate(IOU_STEPS.tolist()):
        pairs = np.argwhere(iou >= least)
        pairs = pairs[np.argsort(-iou[pairs[:, 0], pairs[:, 1]])]
        pairs = pairs[np.unique(pairs[:, 1], return_index=True)[1]]
        pairs = pairs[np.unique(pairs[:, 0], return_index=True)[1]]
        right[pairs[:, 1], step] = True
    return right


def judged(found: Boxes, right: np.ndarray, regions: Boxes) -> np.ndarray:
    """Return which boxes (n,) count: all but wrong ones that lie mostly in a region (m, 5) of their kind."""
    if len(found) == 0 or len(regions) == 0:
        return np.ones(len(found), bool)
    low = np.maximum(found[:, None, :2], regions[None, :, 1:3])
    high = np.minimum(found[:, None, 2:4], regions[None, :, 3:5])
    inside = np.prod(np.clip(high - low, 0, None), 2) / np.prod(found[:, 2:4] - found[:, :2], 1)[:, None]
    same = np.minimum(found[:, 5:6], FIRST_FOUR_WHEELER) == np.minimum(regions[None, :, 0], FIRST_FOUR_WHEELER)
    return np.asarray(right[:, 0] | ~((inside > 0.5) & same).any(1), bool)


def calibration_error(scores: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Return the expected calibration error of scores (n,) against being right (n,)."""
    place = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = [abs(scores[place == b].mean() - right[place == b].mean()) * (place == b).sum() for b in set(place)]
    return float(np.sum(gaps) / max(len(scores), 1))


def small_recall(found: list[Boxes], truths: list[Truth]) -> tuple[float, int]:
    """Return recall at IoU 0.5 and SCORE_MIN of motorcycles under 32 x 32 px, and how many there are."""
    hits = total = 0
    for boxes, truth in zip(found, truths, strict=True):
        sides = truth.boxes[:, 3:5] - truth.boxes[:, 1:3]
        small = truth.boxes[(truth.boxes[:, 0] == 2) & (np.prod(sides, 1) < SMALL_SIDE_PX**2)]
        seen = boxes[(boxes[:, 5] == 2) & (boxes[:, 4] >= SCORE_MIN)]
        right = matches(seen, Truth(truth.image, small, small[:0], small[:0]))
        hits, total = hits + int(right[:, 0].sum()), total + len(small)
    return hits / max(total, 1), total


def measure(found: list[Boxes], truths: list[Truth]) -> dict[str, object]:
    """Return the figures of one network from its boxes (n, 6) on every image."""
    right = [matches(boxes, truth) for boxes, truth in zip(found, truths, strict=True)]
    counts = [judged(part, true, truth.unsure) for part, true, truth in zip(found, right, truths, strict=True)]
    boxes = np.concatenate([part[keep] for part, keep in zip(found, counts, strict=True)])
    hits = np.concatenate([part[keep] for part, keep in zip(right, counts, strict=True)])
    wanted = np.concatenate([truth.boxes[:, 0] for truth in truths])
    results = ap_per_class(hits, boxes[:, 4], boxes[:, 5], wanted)
    ap, kinds = results[5], results[6]
    known = np.concatenate(
        [
            judged(part, true, truth.undrawn)[keep]
            for part, true, truth, keep in zip(found, right, truths, counts, strict=True)
        ]
    )
    forgiving = ap_per_class(hits[known], boxes[known, 4], boxes[known, 5], wanted)[5]
    figures: dict[str, object] = {}
    for row, forgiven, kind in zip(ap, forgiving, kinds.astype(int).tolist(), strict=True):
        sure = (boxes[:, 5] == kind) & (boxes[:, 4] >= SCORE_MIN)
        images = sum(bool((truth.boxes[:, 0] == kind).any()) for truth in truths)
        hit = int(hits[sure, 0].sum())
        figures[CLASSES[kind]] = {
            "images": images,
            "boxes": int((wanted == kind).sum()),
            "ap50": round(float(row[0]), 3),
            "ap50_drawn": round(float(forgiven[0]), 3),
            "ap50_95": round(float(row.mean()), 3),
            "precision": round(hit / max(int(sure.sum()), 1), 3),
            "recall": round(hit / int((wanted == kind).sum()), 3),
        }
    vehicles = np.isin(boxes[:, 5], VEHICLES) & (boxes[:, 4] >= 0.1)
    rate, total = small_recall(found, truths)
    shares = [figures[CLASSES[kind]]["ap50"] for kind in VEHICLES if CLASSES[kind] in figures]  # type: ignore[index]
    return figures | {
        "vehicles_map50": round(float(np.mean(shares)), 3),
        "small_motorcycles": {"boxes": total, "recall": round(rate, 3)},
        "vehicles_calibration_error": round(calibration_error(boxes[vehicles, 4], hits[vehicles, 0]), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, required=True, help="test.jsonl of models.recipes.label")
    parser.add_argument("--network", type=Path, nargs="+", required=True, help=".pt checkpoint or OpenVINO .xml")
    parser.add_argument("--long-side-px", type=int, default=640)
    parser.add_argument("--squeezed", action="store_true", help="show the stored square images instead of 16:9 frames")
    args = parser.parse_args()
    truths = read_truths(args.labels, squeezed=args.squeezed)
    results: dict[str, object] = {}
    for path in args.network:
        make = openvino_detector if path.suffix == ".xml" else torch_detector
        run = make(path, args.long_side_px)
        results[str(path)] = measure([run(truth.image) for truth in truths], truths)
    print(json.dumps({"images": len(truths), "squeezed": args.squeezed, "networks": results}, indent=1))


if __name__ == "__main__":
    main()
