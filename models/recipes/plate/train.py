"""Train the reading network on rendered plates alone, drawn anew for every step.

In: fonts (none needed) and minutes. Out: `OUT/reader.pt`, averaged weights, saved every minute: a run that is killed
goes on from `OUT/state.pt`. No real plate is ever looked at; `evaluate.py` measures on those.

    python -m models.recipes.plate.train --out runs/plate/run --minutes 40
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

from detector.plates.alphabet import COLUMN_OF
from models.recipes.network import Image
from models.recipes.plate.glyphs import FONT_FOLDERS, Glyphs
from models.recipes.plate.network import INPUT_WH, PLACES, Reader
from models.recipes.plate.render import FlatPlate, flat_plate
from models.recipes.plate.series import PlateText, random_plate
from models.recipes.plate.view import crop_of

BATCH, DECAY, AVERAGE = 64, 0.01, 0.998
SAVE_EVERY_S = 60
POOL = 512
ALIGNED = 4.0
"""Weight of the aligned loss at the start; it fades to nothing."""


def stretched(crop: Image) -> Image:
    """A crop as the network takes it: stretched over the whole input."""
    shrinks = crop.shape[1] > INPUT_WH[0] or crop.shape[0] > INPUT_WH[1]
    return np.asarray(
        cv2.resize(crop, INPUT_WH, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR), np.uint8
    )


class Renders:
    """Batches without end; a flat plate is seen by two cameras on average, far apart in time."""

    def __init__(self, glyphs: Glyphs, rng: np.random.Generator) -> None:
        self._glyphs, self._rng = glyphs, rng
        self._pool: list[tuple[PlateText, FlatPlate]] = []

    def batch(self, count: int = BATCH) -> tuple[Tensor, list[tuple[str, str]], Tensor]:
        """Inputs (n, 3, 64, 160) RGB 0..1, the upper and lower row of each, and what each place shows (n, 2, 40)."""
        crops, rows, shown = [], [], torch.zeros(count, 2, PLACES, dtype=torch.long)
        for number in range(count):
            plate, flat = self._plate()
            crop, across = crop_of(flat, self._rng)
            crops.append(stretched(crop))
            upper, lower = (*plate.rows, "")[:2]
            rows.append((upper, lower))
            for row, (text, places) in enumerate(zip(plate.rows, across, strict=True)):
                at = torch.from_numpy(np.clip(places * PLACES, 0, PLACES - 1).astype(np.int64))
                shown[number, row, at] = torch.tensor([COLUMN_OF[character] for character in text])
        return as_input(crops), rows, shown

    def _plate(self) -> tuple[PlateText, FlatPlate]:
        if len(self._pool) >= POOL and self._rng.random() < 0.5:
            return self._pool[int(self._rng.integers(POOL))]
        plate = random_plate(self._rng)
        made = (plate, flat_plate(plate, self._glyphs, self._rng))
        if len(self._pool) < POOL:
            self._pool.append(made)
        else:
            self._pool[int(self._rng.integers(POOL))] = made
        return made


def as_input(crops: list[Image]) -> Tensor:
    stacked = np.stack(crops)[:, :, :, ::-1].transpose(0, 3, 1, 2)
    inputs = torch.from_numpy(np.ascontiguousarray(stacked, np.float32)) / 255
    return inputs.contiguous(memory_format=torch.channels_last)


def loss_of(scores: Tensor, rows: list[tuple[str, str]]) -> Tensor:
    """CTC over both rows (n, 2, 40, 34)."""
    texts = [row for pair in rows for row in pair]
    steps = scores.reshape(len(texts), PLACES, -1).transpose(0, 1)
    targets = torch.tensor([COLUMN_OF[character] for text in texts for character in text])
    lengths = torch.tensor([len(text) for text in texts])
    taken = torch.full((len(texts),), PLACES)
    return nn.functional.ctc_loss(steps, targets, taken, lengths, zero_infinity=True, reduction="mean")


def aligned_loss(scores: Tensor, shown: Tensor) -> Tensor:
    """Cross entropy with what stands at each place (n, 2, 40), blank between: takes CTC past its first plateau."""
    weights = torch.where(shown > 0, 3.0, 1.0)
    each = nn.functional.nll_loss(scores.flatten(0, 2), shown.flatten(), reduction="none")
    return (each * weights.flatten()).sum() / weights.sum()


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, keep: float) -> None:
    for held, now in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if held.is_floating_point():
            held.lerp_(now, 1 - keep)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--width", type=int, default=24)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--fonts", type=Path, nargs="*", default=[], help="further folders with fonts")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    glyphs = Glyphs([*FONT_FOLDERS, *args.fonts])
    network = Reader(args.width).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if args.start:
        network.load_state_dict(torch.load(args.start, weights_only=True))
    run(network, glyphs, args.out, seconds=args.minutes * 60, rate=args.rate, seed=args.seed)


def run(network: Reader, glyphs: Glyphs, out: Path, *, seconds: float, rate: float, seed: int) -> None:
    """Train for so many seconds; the learning rate follows the clock, since the machine is shared."""
    average, optimiser = copy.deepcopy(network), torch.optim.AdamW(network.parameters(), rate, weight_decay=DECAY)
    kept, spent, step = out / "state.pt", 0.0, 0
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        spent, step = state["spent"], state["step"]
    rng, started, saved, seen = np.random.default_rng([seed, step]), time.monotonic() - spent, time.monotonic(), 0.0
    renders = Renders(glyphs, rng)
    network.train()
    while (spent := time.monotonic() - started) < seconds:
        part = spent / seconds
        for group in optimiser.param_groups:
            group["lr"] = float(rate * min(1.0, (step + 1) / 200) * (0.5 + 0.5 * np.cos(np.pi * part) + 0.005))
        inputs, rows, shown = renders.batch()
        with torch.autocast("cpu", torch.bfloat16):
            scores = network(inputs)
        loss = loss_of(scores, rows) + ALIGNED * (1 - part) * aligned_loss(scores, shown)
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
    network: Reader, average: Reader, optimiser: torch.optim.Optimizer, out: Path, spent: float, step: int
) -> None:
    state = {
        "network": network.state_dict(),
        "average": average.state_dict(),
        "optimiser": optimiser.state_dict(),
        "spent": spent,
        "step": step,
    }
    for name, what in (("state.pt", state), ("reader.pt", average.state_dict())):
        torch.save(what, (out / name).with_suffix(".part"))
        (out / name).with_suffix(".part").replace(out / name)


if __name__ == "__main__":
    main()
