"""Train the finding network on rendered plates laid onto CC BY 4.0 street frames.

In: a YOLO-labelled folder of street frames whose licence allows training. Out: `OUT/finder.pt`, averaged weights,
saved every minute; killed, it goes on from `OUT/state.pt`.

    python -m models.recipes.plate.train_finder --streets ../shared/data/detection/vn_streets --out runs/plate/find
"""

from __future__ import annotations

import argparse
import copy
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from models.recipes.plate.finder import Finder, loss_of
from models.recipes.plate.glyphs import FONT_FOLDERS, Glyphs
from models.recipes.plate.scenes import Scenes
from models.recipes.plate.train import AVERAGE, DECAY, SAVE_EVERY_S, as_input, follow

BATCH = 16


def batch_of(scenes: Scenes, count: int = BATCH) -> tuple[Tensor, list[Tensor]]:
    made = [scenes.scene() for _ in range(count)]
    return as_input([picture for picture, _ in made]), [torch.from_numpy(boxes) for _, boxes in made]


def run(network: Finder, scenes: Scenes, out: Path, *, seconds: float, rate: float) -> None:
    average, optimiser = copy.deepcopy(network), torch.optim.AdamW(network.parameters(), rate, weight_decay=DECAY)
    kept, spent, step, seen = out / "state.pt", 0.0, 0, 0.0
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        spent, step = state["spent"], state["step"]
    started, saved = time.monotonic() - spent, time.monotonic()
    network.train()
    while (spent := time.monotonic() - started) < seconds:
        for group in optimiser.param_groups:
            part = 0.505 + 0.5 * float(np.cos(np.pi * spent / seconds))
            group["lr"] = rate * min(1.0, (step + 1) / 100) * part
        inputs, boxes = batch_of(scenes)
        with torch.autocast("cpu", torch.bfloat16):
            logits, distances = network.raw(inputs)
        loss = loss_of(logits, distances, boxes)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        follow(average, network, min(AVERAGE, step / (step + 10)))
        step, seen = step + 1, 0.98 * seen + 0.02 * float(loss.detach()) if seen else float(loss.detach())
        if step % 50 == 0:
            print(f"step {step}, {spent:.0f} s: loss {seen:.4f}", flush=True)
        if time.monotonic() - saved > SAVE_EVERY_S:
            save(network, average, optimiser, out, spent, step)
            saved = time.monotonic()
    save(network, average, optimiser, out, seconds, step)


def save(
    network: Finder, average: Finder, optimiser: torch.optim.Optimizer, out: Path, spent: float, step: int
) -> None:
    state = {"network": network.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict()}
    for name, what in (("state.pt", state | {"spent": spent, "step": step}), ("finder.pt", average.state_dict())):
        torch.save(what, (out / name).with_suffix(".part"))
        (out / name).with_suffix(".part").replace(out / name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streets", type=Path, required=True, help="folder with images/ and labels/, CC BY 4.0")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--fonts", type=Path, nargs="*", default=[], help="further folders with fonts")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    scenes = Scenes(Glyphs([*FONT_FOLDERS, *args.fonts]), args.streets, np.random.default_rng(args.seed))
    network = Finder().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    run(network, scenes, args.out, seconds=args.minutes * 60, rate=args.rate)


if __name__ == "__main__":
    main()
