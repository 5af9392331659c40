"""Mix a trained network with the one it started from, weight by weight.

In: two checkpoints of one shape; the trained one may be what `export.py` wrote for Ultralytics (--exported). Out: a
checkpoint whose every weight is `share` of the trained and the rest of the starting one, with the trained one's
activation. Since training began at the start's weights, the mix is a network as good as either between them, and often
better on cameras unseen in training (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022).

    python -m models.recipes.blend --start start.pt --trained RUN/average.pt --share 0.8 --out blend.pt
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from ultralytics.nn.tasks import DetectionModel

from models.recipes.network import activation_of, load_exported, load_network, save_network, use_activation


@torch.no_grad()
def blend(start: DetectionModel, trained: DetectionModel, share: float) -> DetectionModel:
    """Return `start` with its weights moved by `share` (0..1) of the way to those of `trained`, in place."""
    for mixed, goal in zip(start.parameters(), trained.parameters(), strict=True):
        mixed.lerp_(goal, share)
    return use_activation(start, activation_of(trained))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trained", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--share", type=float, required=True, help="0 is the start, 1 the trained network")
    parser.add_argument("--exported", action="store_true", help="--trained is a .pt that export.py wrote")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if not 0 <= args.share <= 1:
        parser.error(f"--share {args.share}: expected 0 to 1")
    trained = load_exported(args.trained) if args.exported else load_network(args.trained)
    mixed = blend(load_network(args.start), trained, args.share)
    save_network(args.out, mixed, mixed.nc)


if __name__ == "__main__":
    main()
