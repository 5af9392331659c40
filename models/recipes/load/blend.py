"""Let networks of several trainings answer together, and fit the temperature of their common answer on held-out crops.

In: checkpoints of `train.py`, or one. Out: a mixture on their common frozen stages, for `export.py`. What it answers is
the mean of its members' logits over the temperature; the temperature is the one at which answered crops of the licensed
sources' tuning half are likeliest.

    python -m models.recipes.load.blend --network OLD/load.pt NEW/load.pt --coco coco.pt \
        --loads ../shared/data/loads --streets ../shared/data/detection/vn_streets --out mixture.pt
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from detector.inference.load import views
from models.recipes.load.augment import cut
from models.recipes.load.data import LICENSED, STATES, Sample, real_samples, street_samples
from models.recipes.load.network import SIDE_PX, LoadMixture, read_network
from models.recipes.network import to_tensor


@torch.inference_mode()
def read_logits(mixture: LoadMixture, samples: list[Sample]) -> Tensor:
    """(n, 5) logits of the samples, the mean over the views that the product takes of a crop."""
    crops = [np.ascontiguousarray(cut(sample.pixels(), sample.xyxy, None)) for sample in samples]
    seen = [torch.cat([to_tensor(view) for view in views(crop, (SIDE_PX, SIDE_PX))]) for crop in crops]
    return torch.stack([mixture.logits(mixture.trunk(pictures)).mean(0) for pictures in seen])


def temperature(logits: Tensor, states: Tensor, lean: Tensor) -> float:
    """The temperature at which logits (n, 5) speak best for `states` (n,), searched in 0.15 to 5.

    Only rows that are answered at all count: `cannot_tell` is no answer, and its scores accuse nobody.
    """
    told = torch.softmax(logits + lean, 1).argmax(1) != len(STATES) - 1
    grid = torch.linspace(0.15, 5.0, 98)
    losses = [float(nn.functional.cross_entropy(logits[told] / value + lean, states[told])) for value in grid]
    return float(grid[int(np.argmin(losses))])


def calibration_samples(loads: Path, streets: Path) -> list[Sample]:
    """Held-out crops of the licensed sources for tuning, of trucks whose state is known."""
    licensed = [*real_samples(loads), *street_samples(streets)]
    return [s for s in licensed if s.source in LICENSED and s.tuning and s.label in STATES[:-1]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", type=Path, required=True, nargs="+", help="load.pt of one training or more")
    parser.add_argument("--coco", type=Path, required=True, help="coco.pt of models.recipes.dequantise")
    parser.add_argument("--loads", type=Path, required=True)
    parser.add_argument("--streets", type=Path, required=True, help="the folder vn_streets")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    mixture = LoadMixture([read_network(path, args.coco) for path in args.network]).eval()
    chosen = calibration_samples(args.loads, args.streets)
    states = torch.tensor([STATES.index(sample.label) for sample in chosen])
    mixture.temperature.fill_(temperature(read_logits(mixture, chosen), states, mixture.lean))
    torch.save(mixture.state_dict(), args.out)
    print(f"temperature {float(mixture.temperature):.2f}; wrote {args.out}")


if __name__ == "__main__":
    main()
