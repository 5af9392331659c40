"""The training loop of both plate networks: by the clock, averaged, saved every minute, taken up again when killed.

In: a network, what a step's loss is, a folder and seconds. Out: `OUT/<name>.pt`, the averaged weights, and
`OUT/state.pt` to go on from. The learning rate follows the clock, since the machine is shared.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

DECAY, AVERAGE = 0.01, 0.998
SAVE_EVERY_S = 60
TOLD_EVERY = 50
STEEPEST = 5.0


class Run:
    """One network in training; `step` and `spent_s` count over all sittings."""

    def __init__(self, network: nn.Module, out: Path, *, name: str, rate: float, warm_steps: int) -> None:
        """Takes up the run in `out` where there is one.

        Args:
            network: what is trained; its weights are those of the run from now on.
            name: of the file with the averaged weights, without `.pt`.
            rate: the highest learning rate, reached after `warm_steps`.
        """
        self._network, self._average = network, copy.deepcopy(network)
        self._optimiser = torch.optim.AdamW(network.parameters(), rate, weight_decay=DECAY)
        self._out, self._name, self._rate, self._warm = out, name, rate, warm_steps
        self.spent_s, self.step, self._seen = 0.0, 0, 0.0
        out.mkdir(parents=True, exist_ok=True)
        if (out / "state.pt").exists():
            self._take_up(torch.load(out / "state.pt", weights_only=True))

    def train(self, loss_at: Callable[[float], Tensor], seconds: float) -> None:
        """Until `seconds` are spent in all; `loss_at` draws a batch and gets how much of the time is gone, 0..1."""
        began, saved = time.monotonic() - self.spent_s, time.monotonic()
        self._network.train()
        while (spent := time.monotonic() - began) < seconds:
            self.spent_s = spent
            self._set_rate(spent / seconds)
            self._one_step(loss_at(spent / seconds))
            if self.step % TOLD_EVERY == 0:
                print(f"step {self.step}, {spent:.0f} s: loss {self._seen:.4f}", flush=True)
            if time.monotonic() - saved > SAVE_EVERY_S:
                self._save()
                saved = time.monotonic()
        self.spent_s = max(self.spent_s, seconds)
        self._save()

    def _set_rate(self, part: float) -> None:
        for group in self._optimiser.param_groups:
            warm = min(1.0, (self.step + 1) / self._warm)
            group["lr"] = float(self._rate * warm * (0.505 + 0.5 * np.cos(np.pi * part)))

    def _one_step(self, loss: Tensor) -> None:
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._network.parameters(), STEEPEST)
        self._optimiser.step()
        follow(self._average, self._network, min(AVERAGE, self.step / (self.step + 10)))
        now = float(loss.detach())
        self.step, self._seen = self.step + 1, 0.98 * self._seen + 0.02 * now if self._seen else now

    def _take_up(self, state: dict[str, object]) -> None:
        for held, key in ((self._network, "network"), (self._average, "average"), (self._optimiser, "optimiser")):
            held.load_state_dict(state[key])  # type: ignore[arg-type]
        self.spent_s, self.step = float(str(state["spent"])), int(str(state["step"]))

    def _save(self) -> None:
        """Whole files or the old ones: a run may be killed at any moment."""
        state = {
            "network": self._network.state_dict(),
            "average": self._average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "spent": self.spent_s,
            "step": self.step,
        }
        for name, what in (("state.pt", state), (f"{self._name}.pt", self._average.state_dict())):
            torch.save(what, (self._out / name).with_suffix(".part"))
            (self._out / name).with_suffix(".part").replace(self._out / name)


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, keep: float) -> None:
    """Move averaged weights towards the network's."""
    for held, now in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if held.is_floating_point():
            held.lerp_(now, 1 - keep)
