"""Train the finding network on rendered plates laid onto CC BY 4.0 street frames.

In: a YOLO-labelled folder of street frames whose licence allows training. Out: `OUT/finder.pt`, averaged weights,
saved every minute; killed, it goes on from `OUT/state.pt`.

    python -m models.recipes.plate.train_finder --streets ../shared/data/detection/vn_streets --out runs/plate/find
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from models.recipes.plate.finder import Finder, loss_of
from models.recipes.plate.glyphs import FONT_FOLDERS, Glyphs
from models.recipes.plate.loop import Run
from models.recipes.plate.scenes import Scenes
from models.recipes.plate.train import as_input

BATCH = 16


def batch_of(scenes: Scenes, count: int = BATCH) -> tuple[Tensor, list[Tensor]]:
    made = [scenes.scene() for _ in range(count)]
    return as_input([picture for picture, _ in made]), [torch.from_numpy(boxes) for _, boxes in made]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streets", type=Path, required=True, help="folder with images/ and labels/, CC BY 4.0")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--fonts", type=Path, nargs="*", default=[], help="further folders with fonts")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    network = Finder().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    run = Run(network, args.out, name="finder", rate=args.rate, warm_steps=100)
    scenes = Scenes(Glyphs([*FONT_FOLDERS, *args.fonts]), args.streets, np.random.default_rng([args.seed, run.step]))

    def loss_at(_part: float) -> Tensor:
        inputs, boxes = batch_of(scenes)
        with torch.autocast("cpu", torch.bfloat16):
            logits, distances = network.raw(inputs)
        return loss_of(logits, distances, boxes)

    run.train(loss_at, args.minutes * 60)


if __name__ == "__main__":
    main()
