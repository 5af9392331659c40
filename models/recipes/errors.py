"""Contact sheets of what a detector gets wrong: its surest false boxes and the boxes drawn by hand that it misses.

In: a label file of `label.py` and a network (.pt or OpenVINO). Out, in a folder outside the project (the pictures are
not ours to give): `CLASS-false-N.png` and `CLASS-missed-N.png`, 24 numbered tiles each, and `CLASS.json` with a line
per tile (number, clip, score or best overlap, box), so that what an eye says of each tile can be counted. In a tile
the error is red, boxes drawn by hand are yellow.

    python -m models.recipes.errors --labels test.jsonl --network models/weights/street-n/fp16/street-n.xml \
        --kind car --out WORK/errors
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from ultralytics.utils.metrics import box_iou

from models.recipes.evaluate import SCORE_MIN, Detector, Truth, matches, openvino_detector, read_truths, torch_detector
from models.recipes.network import CLASSES, Boxes, Image

LONG_SIDE_PX = 640
TILE_PX = 240
TILES_WH = (6, 4)
ROOM = 1.0
"""How much of the surroundings a tile shows on every side, in sides of the box."""
RED, YELLOW = (0, 0, 255), (0, 255, 255)


class Mistake(NamedTuple):
    """One wrong or missed box (4,) in px; `value` is its score, or the best overlap with a box of its class."""

    value: float
    clip: str
    truth: Truth
    box: Boxes


def false_boxes(found: Boxes, truth: Truth, clip: str, kind: int) -> list[Mistake]:
    """Return the boxes of a class, at SCORE_MIN or more, that match nothing drawn by hand."""
    right = matches(found, truth)[:, 0]
    wrong = found[~right & (found[:, 5] == kind) & (found[:, 4] >= SCORE_MIN)]
    return [Mistake(float(row[4]), clip, truth, row[:4]) for row in wrong]


def missed_boxes(found: Boxes, truth: Truth, clip: str, kind: int) -> list[Mistake]:
    """Return the boxes of a class drawn by hand that nothing at SCORE_MIN or more overlaps by half."""
    seen = found[(found[:, 5] == kind) & (found[:, 4] >= SCORE_MIN)]
    drawn = truth.boxes[truth.boxes[:, 0] == kind, 1:]
    if not len(drawn):
        return []
    overlap = box_iou(torch.from_numpy(drawn), torch.from_numpy(seen[:, :4])).numpy()
    best = overlap.max(1, initial=0.0)
    return [Mistake(float(value), clip, truth, box) for value, box in zip(best, drawn, strict=True) if value < 0.5]


def tile(mistake: Mistake, number: int) -> Image:
    """Return one square picture (TILE_PX, TILE_PX, 3) with the box in its surroundings."""
    height, width = mistake.truth.image.shape[:2]
    x1, y1, x2, y2 = mistake.box
    reach = (0.5 + ROOM) * max(x2 - x1, y2 - y1, 24.0)
    low = np.maximum(((x1 + x2) / 2 - reach, (y1 + y2) / 2 - reach), 0).astype(int)
    high = np.minimum(((x1 + x2) / 2 + reach, (y1 + y2) / 2 + reach), (width, height)).astype(int)
    scale = TILE_PX / max(high - low)
    crop = np.ascontiguousarray(mistake.truth.image[low[1] : high[1], low[0] : high[0]])
    crop = cv2.resize(crop, np.maximum((high - low) * scale, 1).astype(int).tolist())
    for rows, colour in ((mistake.truth.boxes[:, 1:], YELLOW), (mistake.box[None], RED)):
        for box in rows:
            corners = ((box.reshape(2, 2) - low) * scale).astype(int).tolist()
            cv2.rectangle(crop, corners[0], corners[1], colour, 1)
    out = np.zeros((TILE_PX, TILE_PX, 3), np.uint8)
    out[: crop.shape[0], : crop.shape[1]] = crop[:TILE_PX, :TILE_PX]
    text = f"{number} {mistake.clip} {mistake.value:.2f}"
    cv2.putText(out, text, (3, TILE_PX - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 3)
    cv2.putText(out, text, (3, TILE_PX - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1)
    return out


def write_sheets(mistakes: list[Mistake], out: Path, name: str) -> None:
    """Write the numbered tiles of `mistakes` in their order, TILES_WH a sheet."""
    columns, rows = TILES_WH
    tiles = [tile(mistake, number) for number, mistake in enumerate(mistakes)]
    for sheet, start in enumerate(range(0, len(tiles), columns * rows)):
        part = tiles[start : start + columns * rows]
        part += [np.zeros_like(part[0])] * (-len(part) % columns)
        lines = [np.hstack(part[place : place + columns]) for place in range(0, len(part), columns)]
        cv2.imwrite(str(out / f"{name}-{sheet}.png"), np.vstack(lines))


def listed(mistakes: list[Mistake]) -> list[dict[str, Any]]:
    """Return a line per tile, in the tiles' order."""
    return [
        {"tile": number, "clip": one.clip, "value": round(one.value, 3), "xyxy": [round(float(v), 1) for v in one.box]}
        for number, one in enumerate(mistakes)
    ]


def mistakes_of(run: Detector, labels: Path, kind: int) -> dict[str, list[Mistake]]:
    """Return the false boxes, surest first, and the missed ones, largest first."""
    clips = [json.loads(line)["clip"] for line in labels.read_text().splitlines()]
    false: list[Mistake] = []
    missed: list[Mistake] = []
    for truth, clip in zip(read_truths(labels, squeezed=False), clips, strict=True):
        found = run(truth.image)
        false += false_boxes(found, truth, clip, kind)
        missed += missed_boxes(found, truth, clip, kind)
    false.sort(key=lambda one: -one.value)
    missed.sort(key=lambda one: -float(np.prod(one.box[2:] - one.box[:2])))
    return {"false": false, "missed": missed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, required=True, help="test.jsonl of models.recipes.label")
    parser.add_argument("--network", type=Path, required=True, help=".pt checkpoint, OpenVINO .xml or .onnx")
    parser.add_argument("--kind", choices=CLASSES, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder for the sheets, outside the project")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    make = torch_detector if args.network.suffix == ".pt" else openvino_detector
    found = mistakes_of(make(args.network, LONG_SIDE_PX), args.labels, CLASSES.index(args.kind))
    for part, mistakes in found.items():
        write_sheets(mistakes, args.out, f"{args.kind}-{part}")
    lines = {part: listed(mistakes) for part, mistakes in found.items()}
    (args.out / f"{args.kind}.json").write_text(json.dumps(lines, indent=1) + "\n")
    print(json.dumps({part: len(mistakes) for part, mistakes in found.items()}))


if __name__ == "__main__":
    main()
