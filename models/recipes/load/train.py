"""Train the load network on renders and on the CC BY 4.0 crops, fit its temperature on held-out real crops.

In: the de-quantised COCO checkpoint, renders, real crops. Out: `OUT/load.pt`; looks are computed through the frozen
stages once and kept in `OUT/looks.pt`, so a run that was killed goes on with them.

    python -m models.recipes.load.train --coco coco.pt --loads ../shared/data/loads \
        --renders renders --out RUN
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from models.recipes.load.augment import TARGETS, cut, look, target
from models.recipes.load.data import STATES, TRAINING_SOURCE, Sample, real_samples, render_samples
from models.recipes.load.network import LoadNetwork, as_input, start_network
from models.recipes.network import to_tensor

SEED = 7
LOOKS = {"render": 3, "few": 24, "real": 4}
"""Looks at each render, at each crop of the two trucks with a loose load or an open bed, and at any other crop."""
SHARES = {"render": 0.55, "few": 0.15, "real": 0.30}
"""Of a batch."""
BATCH, DECAY = 64, 0.02
AVERAGE = 0.995


def training_samples(loads: Path, renders: Path) -> list[Sample]:
    """All that may train: renders and crops of the licensed source on the training side, with a target."""
    real = [sample for sample in real_samples(loads) if sample.source == TRAINING_SOURCE and not _unclear(sample)]
    return [sample for sample in [*render_samples(renders), *real] if not sample.held_out]


def _unclear(sample: Sample) -> bool:
    return sample.label not in TARGETS or "/unsure/" in sample.path.as_posix()


def group(sample: Sample) -> str:
    if sample.source == "render":
        return "render"
    return "few" if sample.label in ("uncovered_load", "open_bed") else "real"


@torch.inference_mode()
def make_looks(network: LoadNetwork, samples: list[Sample]) -> dict[str, Tensor]:
    """Trunk outputs of random looks: features (n, 128, 12, 12) bfloat16, targets (n, 5), groups (n,) int64."""
    rng = np.random.default_rng(SEED)
    features, targets, groups = [], [], []
    for number, sample in enumerate(samples):
        if number % 50 == 0:
            print(f"looks at {number}/{len(samples)}", flush=True)
        image, name = sample.pixels(), group(sample)
        shots = [look(sample, image, rng) for _ in range(LOOKS[name])]
        batch = torch.cat([to_tensor(shot) for shot, _ in shots])
        with torch.autocast("cpu", torch.bfloat16):
            features.append(network.trunk(batch).bfloat16())
        targets.append(torch.from_numpy(np.stack([wanted for _, wanted in shots])))
        groups += [list(LOOKS).index(name)] * len(shots)
    return {"features": torch.cat(features), "targets": torch.cat(targets), "groups": torch.tensor(groups)}


def weights(looks: dict[str, Tensor]) -> Tensor:
    """How often each look is drawn (n,): each group by its share, within it each state equally, none too often."""
    drawn = torch.zeros(len(looks["groups"]))
    best = looks["targets"].argmax(1)
    for number, name in enumerate(LOOKS):
        for state in range(len(STATES)):
            chosen = (looks["groups"] == number) & (best == state)
            count = int(chosen.sum())
            drawn[chosen] = SHARES[name] / max(count, 40) if count else 0.0
        share = drawn[looks["groups"] == number].sum()
        drawn[looks["groups"] == number] *= SHARES[name] / max(float(share), 1e-9)
    return drawn


def fit(network: LoadNetwork, looks: dict[str, Tensor], steps: int, rate: float) -> LoadNetwork:
    """Train `top` and `head`; returns the moving average of the weights."""
    torch.manual_seed(SEED)
    drawn, average = weights(looks), copy.deepcopy(network)
    learned = [
        {"params": network.top.parameters(), "lr": rate * 0.3},
        {"params": network.head.parameters(), "lr": rate},
    ]
    optimiser = torch.optim.AdamW(learned, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [rate * 0.3, rate], steps, pct_start=0.15)
    network.train()
    for step in range(steps):
        chosen = torch.multinomial(drawn, BATCH, replacement=True)
        with torch.autocast("cpu", torch.bfloat16):
            logits = network.logits(looks["features"][chosen])
        loss = nn.functional.cross_entropy(logits.float(), looks["targets"][chosen])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        follow(average, network, min(AVERAGE, step / (step + 10)))
        if step % 100 == 0:
            print(f"step {step}/{steps}: loss {float(loss.detach()):.3f}", flush=True)
    return average.eval()


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, keep: float) -> None:
    for held, now in zip(average.parameters(), network.parameters(), strict=True):
        held.lerp_(now, 1 - keep)


@torch.inference_mode()
def read_logits(network: LoadNetwork, samples: list[Sample]) -> Tensor:
    """(n, 5) logits of the samples as they are."""
    return torch.cat([network.logits(network.trunk(as_input(cut(s.pixels(), s.xyxy, None)))) for s in samples])


def temperature(logits: Tensor, targets: Tensor) -> float:
    """The temperature with the least cross entropy (n, 5) against targets (n, 5), by search over 0.15 to 5."""
    grid = torch.linspace(0.15, 5.0, 98)
    losses = [float(nn.functional.cross_entropy(logits / value, targets)) for value in grid]
    return float(grid[int(np.argmin(losses))])


def calibration_samples(loads: Path) -> list[Sample]:
    """Held-out crops of the licensed source that show a state."""
    return [s for s in real_samples(loads) if s.source == TRAINING_SOURCE and s.held_out and not _unclear(s)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--coco", type=Path, required=True, help="coco.pt of models.recipes.dequantise")
    parser.add_argument("--loads", type=Path, required=True)
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    network, kept = start_network(args.coco).eval(), args.out / "looks.pt"
    if not kept.exists():
        torch.save(make_looks(network, training_samples(args.loads, args.renders)), kept.with_suffix(".part"))
        kept.with_suffix(".part").replace(kept)
    looks = torch.load(kept, weights_only=True)
    print(f"{len(looks['groups'])} looks", flush=True)
    trained = fit(network, looks, args.steps, args.rate)
    samples = calibration_samples(args.loads)
    wanted = torch.from_numpy(np.stack([target(sample.label) for sample in samples]))
    trained.temperature.fill_(temperature(read_logits(trained, samples), wanted))
    torch.save(trained.state_dict(), args.out / "load.pt")
    print(f"temperature {float(trained.temperature):.2f}; wrote {args.out / 'load.pt'}")


if __name__ == "__main__":
    main()
