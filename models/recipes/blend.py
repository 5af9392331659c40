"""Mix a trained network with the one it started from, weight by weight.

In: two checkpoints of one shape. Out: a checkpoint whose every weight is `share` of the trained and the rest of the
starting one. Since training began at the start's weights, the mix is a network as good as either between them, and
often better on cameras unseen in training (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022).

    python -m models.recipes.blend --start start.pt --trained RUN/average.pt --share 0.8 --out blend.pt
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from ultralytics.nn.tasks import DetectionModel

from models.recipes.network import load_network, save_network


@torch.no_grad()
def blend(start: DetectionModel, trained: DetectionModel, share: float) -> DetectionModel:
    """Return `start` with its weights moved by `share` (0..1) of the way to those of `trained`, in place."""
    for mixed, goal in zip(start.parameters(), trained.parameters(), strict=True):
        mixed.lerp_(goal, share)
    return start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trained", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--share", type=float, required=True, help="0 is the start, 1 the trained network")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if not 0 <= args.share <= 1:
        parser.error(f"--share {args.share}: expected 0 to 1")
    mixed = blend(load_network(args.start), load_network(args.trained), args.share)
    save_network(args.out, mixed, mixed.nc)


if __name__ == "__main__":
    main()
