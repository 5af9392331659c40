"""Train the load network on renders and on the CC BY 4.0 crops.

In: the de-quantised COCO checkpoint, renders, real crops, street frames. Out: `OUT/load.pt`, the mean of the weights
of several runs that see the same looks in another order (`OUT/load-SEED.pt`); `blend.py` makes it ready to ship. Looks
are computed through the frozen stages once and kept in `OUT/looks.pt`; a command that was killed goes on with what is
there.

    python -m models.recipes.load.train --coco coco.pt --loads ../shared/data/loads \
        --streets ../shared/data/detection/vn_streets --renders renders --out RUN
"""

from __future__ import annotations

import argparse
import copy
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from models.recipes.load.augment import TARGETS, look
from models.recipes.load.data import (
    STATES,
    TRAINING_SOURCE,
    Sample,
    backdrops,
    real_samples,
    render_samples,
    street_samples,
)
from models.recipes.load.network import LoadNetwork, read_network, start_network
from models.recipes.network import Image, to_tensor

SEED = 7
LOOKS = {"render": 9, "few": 26, "real": 7}
"""Looks at each render, at each real crop of a loose load or an open bed, and at any other real crop."""
SHARES = {"render": 0.55, "few": 0.13, "real": 0.32}
"""Of a batch."""
FEW = ("uncovered_load", "open_bed", "empty")
BATCH, DECAY = 64, 0.02
AVERAGE = 0.995
MIXED, MIX_SHAPE = 0.5, 0.3
"""Share of the batches whose looks are blended in pairs, and the shape of the beta distribution of the blend."""


def training_samples(loads: Path, streets: Path, renders: Path) -> list[Sample]:
    """All that may train: renders, crops and street trucks of licensed sources on the training side."""
    real = [sample for sample in real_samples(loads) if sample.source == TRAINING_SOURCE]
    found = [*render_samples(renders), *real, *street_samples(streets)]
    return [sample for sample in found if not sample.held_out and not _unclear(sample)]


def _unclear(sample: Sample) -> bool:
    return sample.label not in TARGETS or "/unsure/" in sample.path.as_posix()


def group(sample: Sample) -> str:
    if sample.source == "render":
        return "render"
    return "few" if sample.label in FEW else "real"


@torch.inference_mode()
def make_looks(network: LoadNetwork, samples: list[Sample], behind: list[Image]) -> dict[str, Tensor]:
    """Trunk outputs of random looks: features (n, 128, 12, 12) bfloat16, targets (n, 5), groups and trucks (n,)."""
    features, targets, groups, trucks = [], [], [], []
    numbers = {truck: number for number, truck in enumerate(sorted({sample.truck for sample in samples}))}
    for number, sample in enumerate(samples):
        if number % 50 == 0:
            print(f"looks at {number}/{len(samples)}", flush=True)
        image, name = sample.pixels(), group(sample)
        rng = np.random.default_rng([SEED, zlib.crc32(f"{sample.path.name} {sample.xyxy}".encode())])
        shots = [look(sample, image, rng, behind) for _ in range(LOOKS[name])]
        batch = torch.cat([to_tensor(shot) for shot, _ in shots])
        with torch.autocast("cpu", torch.bfloat16):
            features.append(network.trunk(batch).bfloat16())
        targets.append(torch.from_numpy(np.stack([wanted for _, wanted in shots])))
        groups += [list(LOOKS).index(name)] * len(shots)
        trucks += [numbers[sample.truck]] * len(shots)
    return {
        "features": torch.cat(features), "targets": torch.cat(targets),
        "groups": torch.tensor(groups), "trucks": torch.tensor(trucks),
    }  # fmt: skip


def weights(looks: dict[str, Tensor]) -> Tensor:
    """How often each look is drawn (n,): each group by its share, within it each state equally, none too often.

    A truck seen in many frames counts by the square root of their number.
    """
    drawn = torch.zeros(len(looks["groups"]))
    best = looks["targets"].argmax(1)
    rare = torch.bincount(looks["trucks"]).float()[looks["trucks"]].rsqrt()
    for number, name in enumerate(LOOKS):
        for state in range(len(STATES)):
            chosen = (looks["groups"] == number) & (best == state)
            count = int(chosen.sum())
            drawn[chosen] = rare[chosen] / rare[chosen].sum() * min(count / 40, 1.0) if count else 0.0
        share = drawn[looks["groups"] == number].sum()
        drawn[looks["groups"] == number] *= SHARES[name] / max(float(share), 1e-9)
    return drawn


def blended(features: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Looks blended in pairs with their targets (mixup, Zhang et al. 2018), on the frozen stages' outputs."""
    if float(torch.rand(())) > MIXED:
        return features, targets
    share = float(np.random.default_rng(int(torch.randint(1 << 30, ()))).beta(MIX_SHAPE, MIX_SHAPE))
    return features.lerp(features.flip(0), share), targets.lerp(targets.flip(0), share)


def fit(network: LoadNetwork, looks: dict[str, Tensor], steps: int, rate: float, seed: int = SEED) -> LoadNetwork:
    """Train `top` and `head`; returns the moving average of the weights."""
    torch.manual_seed(seed)
    drawn, average = weights(looks), copy.deepcopy(network)
    learned = [
        {"params": network.top.parameters(), "lr": rate * 0.3},
        {"params": network.head.parameters(), "lr": rate},
    ]
    optimiser = torch.optim.AdamW(learned, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [rate * 0.3, rate], steps, pct_start=0.15)
    # Channels last: half as long again otherwise, in bfloat16 on a CPU.
    network.train().to(memory_format=torch.channels_last)
    for step in range(steps):
        chosen = torch.multinomial(drawn, BATCH, replacement=True)
        features, targets = blended(looks["features"][chosen], looks["targets"][chosen])
        with torch.autocast("cpu", torch.bfloat16):
            logits = network.logits(features.contiguous(memory_format=torch.channels_last))
        loss = nn.functional.cross_entropy(logits.float(), targets)
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


def mean_of(networks: list[LoadNetwork]) -> LoadNetwork:
    """The mean of the weights of runs with one start."""
    mean, states = copy.deepcopy(networks[0]), [network.state_dict() for network in networks]
    mean.load_state_dict({key: torch.stack([state[key] for state in states]).mean(0) for key in states[0]})
    return mean.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--coco", type=Path, required=True, help="coco.pt of models.recipes.dequantise")
    parser.add_argument("--loads", type=Path, required=True)
    parser.add_argument("--streets", type=Path, required=True, help="the folder vn_streets")
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="a load.pt to go on from; default: the COCO stages and a new head")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--runs", type=int, default=3, help="runs whose weights are averaged")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    network, kept = start_network(args.coco).eval(), args.out / "looks.pt"
    if not kept.exists():
        samples = training_samples(args.loads, args.streets, args.renders)
        torch.save(make_looks(network, samples, backdrops(args.streets)), kept.with_suffix(".part"))
        kept.with_suffix(".part").replace(kept)
    looks = torch.load(kept, weights_only=True)
    print(f"{len(looks['groups'])} looks", flush=True)
    if args.start is not None:
        network = read_network(args.start, args.coco)
    trained = mean_of([run(network, looks, SEED + number, args) for number in range(args.runs)])
    torch.save(trained.state_dict(), args.out / "load.pt")
    print(f"wrote {args.out / 'load.pt'}")


def run(start: LoadNetwork, looks: dict[str, Tensor], seed: int, args: argparse.Namespace) -> LoadNetwork:
    """One run, or what is kept of it."""
    network, kept = copy.deepcopy(start), args.out / f"load-{seed}.pt"
    if kept.exists():
        network.load_state_dict(torch.load(kept, map_location="cpu", weights_only=True))
        return network.eval()
    network = fit(network, looks, args.steps, args.rate, seed)
    torch.save(network.state_dict(), kept)
    return network


if __name__ == "__main__":
    main()
