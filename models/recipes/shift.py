"""Give persons and bicycles back the scores the COCO network gives them: shift the log-odds of their rows in the head.

Training on vehicles ranks persons and bicycles as before but lets their scores sink. In: a checkpoint of `train.py` or
`blend.py`, the COCO network and training frames. Out: a checkpoint whose last convolutions of the taught classes are
shifted by the median distance of their log-odds from the teacher's where that sees one.

    python -m models.recipes.shift --network blend.pt --teacher start.pt --train train.jsonl --out final.pt
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from ultralytics.nn.tasks import DetectionModel

from models.recipes.frames import Frame, read_frames
from models.recipes.network import (
    CLASSES,
    input_size,
    letterbox,
    load_network,
    raw_floats,
    save_network,
    to_tensor,
)
from models.recipes.quicken import unlabelled
from models.recipes.timed_run import SEED
from models.recipes.train import TAUGHT

LONG_SIDE_PX = 640
LESSON_FRAMES = 80
TEACHER_LOGIT_MIN = -2.2
"""The teacher's scores from 0.1 up are matched; below, nothing is ever reported."""


def teacher_shifts(network: DetectionModel, teacher: DetectionModel, frames: list[Frame]) -> list[float]:
    """Return how far the log-odds of each taught class lie below the teacher's where that sees one."""
    chance = np.random.default_rng(SEED)
    gaps: list[list[Tensor]] = [[] for _ in range(TAUGHT)]
    with torch.no_grad():
        for index in chance.choice(len(frames), min(LESSON_FRAMES, len(frames)), replace=False):
            image = np.asarray(cv2.resize(frames[index].image, frames[index].size_wh), np.uint8)
            batch = to_tensor(letterbox(image, input_size(image, LONG_SIDE_PX))[0]) * 255
            ours, theirs = (raw_floats(one.train(), batch)["scores"][0] for one in (network, teacher))
            for kind in range(TAUGHT):
                sees = theirs[kind] > TEACHER_LOGIT_MIN
                gaps[kind].append(theirs[kind, sees] - ours[kind, sees])
    return [float(torch.cat(part).median()) if sum(map(len, part)) else 0.0 for part in gaps]


@torch.no_grad()
def fold(network: DetectionModel, shifts: dict[int, float]) -> None:
    """Add the shift of each class to the last convolution of every level."""
    for branch in network.model[-1].cv3:
        for kind, shift in shifts.items():
            branch[-1].bias[kind] += shift


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True, help="start.pt of models.recipes.dequantise")
    parser.add_argument("--train", type=Path, nargs="*", default=[], help="train.jsonl: frames to match the teacher on")
    parser.add_argument("--pictures", type=Path, nargs="*", default=[], help="folders of further pictures for that")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    network = load_network(args.network)
    frames = [frame for path in args.train for frame in read_frames(path)]
    frames += [frame for folder in args.pictures for frame in unlabelled(folder)]
    shifts = teacher_shifts(network, load_network(args.teacher), frames)
    fold(network, dict(enumerate(shifts)))
    save_network(args.out, network.eval(), network.nc)
    print(json.dumps({CLASSES[kind]: round(shift, 3) for kind, shift in enumerate(shifts)}))


if __name__ == "__main__":
    main()
