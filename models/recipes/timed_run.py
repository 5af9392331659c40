"""A training run bounded in time and resumable: network, average of its weights, optimiser and clock.

`Trainer` and `Quickener` say what one step learns from a batch; this file shows the frames, follows the weights with
an average and keeps `RUN/last.pt` (everything needed to go on) and `RUN/average.pt` (for `load_network`). The clock
counts time at work: a stopped process spends none.
"""

from __future__ import annotations

import copy
import math
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Sampler
from ultralytics.nn.tasks import DetectionModel

from models.recipes.frames import Frame, StreetFrames, collate, frame_weights
from models.recipes.network import save_network, write_checkpoint

SEED = 20
BATCH = 16
CANVASES_WH = ((448, 256), (512, 288), (448, 320), (640, 384))
CANVAS_SHARES = (0.25, 0.4, 0.15, 0.2)
MOSAIC_SHARE = 0.6
STEP_LIMIT_S = 30.0
"""A step that took longer was stopped from outside; only this much of it counts."""


class Draws(Sampler[list[tuple[int, int, int, int, float]]]):
    """Batches of sample keys for one epoch: frames by weight, one canvas size a batch."""

    def __init__(self, weights: Tensor, epoch: int, mosaic: float) -> None:
        self.weights, self.epoch, self.mosaic = weights, epoch, mosaic

    def __len__(self) -> int:
        return max(1, len(self.weights) // BATCH)

    def __iter__(self) -> Iterator[list[tuple[int, int, int, int, float]]]:
        chance = torch.Generator().manual_seed(SEED + self.epoch)
        drawn = torch.multinomial(self.weights, len(self) * BATCH, True, generator=chance).tolist()
        for start in range(0, len(drawn), BATCH):
            size = CANVASES_WH[int(torch.multinomial(torch.tensor(CANVAS_SHARES), 1, generator=chance))]
            serial = self.epoch * len(drawn) + start
            yield [(frame, serial + n, *size, self.mosaic) for n, frame in enumerate(drawn[start : start + BATCH])]


class TimedRun(ABC):
    """Network, average, optimiser and the clock of one run; `state` and `restore` carry all of it across a restart."""

    average_decay: ClassVar[float]
    average_after_steps: ClassVar[float]
    """The average holds back less before about so many steps."""
    mosaic_off_at: ClassVar[float]
    """Share of the time budget after which whole frames only are shown."""
    part_names: ClassVar[tuple[str, ...]]
    """What `learn` returns, in order."""
    optimiser: torch.optim.Optimizer

    def __init__(self, network: DetectionModel, rate: float, budget_s: float) -> None:
        self.network = network.train().to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(network).eval()
        self.rate, self.budget_s = rate, budget_s
        self.epoch, self.step, self.spent_s = 0, 0, 0.0

    @abstractmethod
    def learn(self, batch: dict[str, Tensor]) -> Tensor:
        """Take one step on a batch of `collate`; return the parts of its loss."""

    @property
    def progress(self) -> float:
        return min(1.0, self.spent_s / self.budget_s)

    @torch.no_grad()
    def follow(self) -> None:
        """Count the step and move the averaged weights towards the current ones."""
        self.step += 1
        decay = self.average_decay * (1 - math.exp(-self.step / self.average_after_steps))
        for mean, now in zip(self.average.parameters(), self.network.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)

    def state(self) -> dict[str, object]:
        clock = {"epoch": self.epoch, "step": self.step, "spent_s": self.spent_s}
        parts = {"network": self.network, "average": self.average, "optimiser": self.optimiser}
        return {key: part.state_dict() for key, part in parts.items()} | clock

    def restore(self, state: dict[str, object]) -> None:
        for key in ("network", "average", "optimiser"):
            getattr(self, key).load_state_dict(state[key])
        for key in ("epoch", "step", "spent_s"):
            setattr(self, key, state[key])

    def save(self, run: Path) -> None:
        """Write the average first: a run killed in between repeats an epoch and does not end with an old average."""
        save_network(run / "average.pt", self.average, self.average.nc)
        write_checkpoint(run / "last.pt", self.state())

    def go_on(self, run: Path) -> None:
        """Take up the run in folder `run` where it was saved, if there is one."""
        run.mkdir(parents=True, exist_ok=True)
        if (run / "last.pt").is_file():
            self.restore(torch.load(run / "last.pt", weights_only=True))

    def show_epoch(self, frames: StreetFrames, weights: Tensor, workers: int) -> Tensor:
        """Show one epoch to the network or as much of it as the budget allows; return the mean parts of the loss."""
        mosaic = MOSAIC_SHARE if self.progress < self.mosaic_off_at else 0.0
        draws = Draws(weights, self.epoch, mosaic)
        losses, before_s = [], time.monotonic()
        for batch in DataLoader(frames, batch_sampler=draws, num_workers=workers, collate_fn=collate):
            losses.append(self.learn(batch))
            now_s = time.monotonic()
            self.spent_s += min(STEP_LIMIT_S, now_s - before_s)
            before_s = now_s
            if self.progress >= 1:
                break
        self.epoch += 1
        return torch.stack(losses).mean(0)

    def train(self, frames: list[Frame], run: Path, workers: int) -> None:
        """Train until the time budget is spent, saving to `run` and printing a line every epoch."""
        samples, weights = StreetFrames(frames, SEED), frame_weights(frames)
        while self.progress < 1:
            means = self.show_epoch(samples, weights, workers).tolist()
            self.save(run)
            spent = f"{self.spent_s / 60:.1f} of {self.budget_s / 60:.0f} min"
            losses = ", ".join(f"{name} {mean:.3f}" for name, mean in zip(self.part_names, means, strict=True))
            print(f"epoch {self.epoch}, step {self.step}: {losses}, {spent}", file=sys.stderr, flush=True)
