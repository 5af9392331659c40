"""Teach a copy of the street detector whose activations cost less to answer as the original does.

SiLU takes 40 % of an inference on a CPU, where it is an exponential and a division; hard swish (Howard et al.,
"Searching for MobileNetV3", 2019) is a clipped line times its input. The copy starts from the original's weights and
follows its scores, boxes and the output of its stages, on pictures with or without labels: labels are used only to
choose what is shown large. In: a checkpoint, label files of `label.py`, folders of further pictures. Out, every
epoch: what `timed_run.py` writes.

    python -m models.recipes.quicken --start street-n.pt --labels train.jsonl --pictures DIR --run RUN --minutes 60
"""

from __future__ import annotations

import argparse
import copy
import math
import random
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from ultralytics.nn.tasks import DetectionModel

from models.recipes.frames import Frame, read_frames
from models.recipes.network import load_network, raw_floats, use_activation
from models.recipes.timed_run import SEED, TimedRun

QUICK_ACTIVATION = "hard_swish"
RATE = 1e-3
WARM_UP_STEPS = 100
LOGIT_MIN = -6.0
"""Scores the original all but rules out are followed by their sum alone."""
BOX_SCORE_MIN = 0.03
STAGES = (4, 6, 8, 10, 13, 16, 19, 22)
"""Stages whose output is followed: those of a coarser grid, the last three being what the head is given. Comparing
the finer ones, too, took a third of a step's time."""
GAINS = {"scores": 1.0, "ranks": 0.5, "boxes": 2.0, "stages": 4.0}
PICTURES_A_FOLDER = 600
LONG_SIDE_MAX_PX = 1280
"""Larger pictures are kept no larger: hundreds of them lie in memory."""
SUFFIXES = {".jpg", ".jpeg", ".png"}


def unlabelled(folder: Path, most: int = PICTURES_A_FOLDER) -> list[Frame]:
    """Return at most `most` pictures below `folder`, drawn with a fixed seed.

    Raises FileNotFoundError if there is none.
    """
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise FileNotFoundError(f"{folder}: no picture (.jpg, .png) in it or below")
    none = np.zeros((0, 5), np.float32)
    frames = []
    for path in random.Random(SEED).sample(found, min(most, len(found))):
        image = cv2.imread(str(path))
        if image is not None:
            height, width = image.shape[:2]
            scale = min(1.0, LONG_SIDE_MAX_PX / max(height, width))
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            frames.append(Frame(np.asarray(image, np.uint8), (width, height), str(path), none, none))
    return frames


class Stages:
    """What the stages `STAGES` of a network put out at its last run, in order."""

    def __init__(self, network: DetectionModel) -> None:
        self.seen: list[Tensor] = []
        network.register_forward_pre_hook(lambda *_: self.seen.clear())
        for number in STAGES:
            network.model[number].register_forward_hook(lambda _module, _given, out: self.seen.append(out))


def stage_distance(ours: Stages, theirs: Stages) -> Tensor:
    """Return the mean over stages of the squared distance, relative to the spread of the original's output."""
    pairs = zip(ours.seen, theirs.seen, strict=True)
    parts = [(mine.float() - other.float()).square().mean() / other.float().var() for mine, other in pairs]
    return torch.stack(parts).mean()


def score_distance(raw: dict[str, Any], lesson: dict[str, Any]) -> tuple[Tensor, Tensor]:
    """Return the excess cross-entropy per wanted score, and the distance of log-odds where they matter."""
    wanted = lesson["scores"]
    chance = wanted.sigmoid()
    cross = nn.functional.binary_cross_entropy_with_logits
    excess = cross(raw["scores"], chance, reduction="sum") - cross(wanted, chance, reduction="sum")
    asked = wanted > LOGIT_MIN
    ranks = nn.functional.smooth_l1_loss(raw["scores"], wanted, reduction="none")[asked]
    return excess / chance.sum().clamp(min=1), ranks.mean() if len(ranks) else torch.zeros(())


def box_distance(raw: dict[str, Any], lesson: dict[str, Any], bins: int) -> Tensor:
    """Return how far the edges' distributions are from the original's, weighted by its best score."""
    weight = lesson["scores"].sigmoid().amax(1)
    asked = weight > BOX_SCORE_MIN
    if not bool(asked.any()):
        return torch.zeros(())
    ours, theirs = (part["boxes"].transpose(1, 2)[asked].view(-1, 4, bins) for part in (raw, lesson))
    distance = nn.functional.kl_div(ours.log_softmax(2), theirs.softmax(2), reduction="none").sum(2).mean(1)
    return (distance * weight[asked]).sum() / weight[asked].sum()


class Quickener(TimedRun):
    """A run in which the quick network follows its original."""

    average_decay = 0.998
    average_after_steps = 200.0
    mosaic_off_at = 0.85
    part_names = tuple(GAINS)

    def __init__(self, original: DetectionModel, rate: float, budget_s: float) -> None:
        super().__init__(use_activation(copy.deepcopy(original), QUICK_ACTIVATION), rate, budget_s)
        self.original = original.train().to(memory_format=torch.channels_last).requires_grad_(False)
        self.ours, self.theirs = Stages(self.network), Stages(self.original)
        for name, part in self.network.named_parameters():
            part.requires_grad_(".dfl." not in name)
        trained = [part for part in self.network.parameters() if part.requires_grad]
        self.optimiser = torch.optim.AdamW(trained, lr=rate, weight_decay=0.0, betas=(0.9, 0.99))

    def set_rate(self) -> None:
        warm = min(1.0, (self.step + 1) / WARM_UP_STEPS)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * warm * (0.01 + 0.99 * (1 + math.cos(math.pi * self.progress)) / 2)

    def learn(self, batch: dict[str, Tensor]) -> Tensor:
        """Take one step; return the four distances in the order of `GAINS`."""
        self.set_rate()
        with torch.no_grad():
            lesson = raw_floats(self.original, batch["img"])
        raw = raw_floats(self.network, batch["img"])
        scores, ranks = score_distance(raw, lesson)
        boxes = box_distance(raw, lesson, self.network.model[-1].reg_max)
        parts = torch.stack((scores, ranks, boxes, stage_distance(self.ours, self.theirs)))
        self.optimiser.zero_grad()
        (parts * torch.tensor(list(GAINS.values()))).sum().backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimiser.step()
        self.follow()
        return parts.detach()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=Path, required=True, help="checkpoint of the network to be made quick")
    parser.add_argument("--labels", type=Path, nargs="*", default=[], help="label files of models.recipes.label")
    parser.add_argument("--pictures", type=Path, nargs="*", default=[], help="folders of pictures without labels")
    parser.add_argument("--run", type=Path, required=True, help="folder of this run; an unfinished run there goes on")
    parser.add_argument("--minutes", type=float, required=True, help="time at work, after which the run ends")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(SEED)
    frames = [frame for path in args.labels for frame in read_frames(path)]
    frames += [frame for folder in args.pictures for frame in unlabelled(folder)]
    if not frames:
        parser.error("nothing to learn from: give --labels FILE or --pictures FOLDER")
    quickener = Quickener(load_network(args.start), args.rate, args.minutes * 60)
    quickener.go_on(args.run)
    quickener.train(frames, args.run, args.workers)


if __name__ == "__main__":
    main()
