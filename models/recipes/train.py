"""Train the street detector from the de-quantised COCO network, bounded in time, resumable.

In: `start.pt` of `dequantise.py` (or any checkpoint given with --start) and label files of `label.py`. Out, every
epoch: what `timed_run.py` writes. The learning rate follows the share of the time budget that was spent at work.

    python -m models.recipes.train --labels train.jsonl --start start.pt --teacher start.pt --run RUN --minutes 30
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from ultralytics.nn.tasks import DetectionModel
from ultralytics.utils.loss import v8DetectionLoss
from ultralytics.utils.tal import make_anchors

from models.recipes.frames import read_frames
from models.recipes.network import load_network, raw_floats
from models.recipes.timed_run import BATCH, SEED, TimedRun

FREEZE_UNTIL = 0.03
"""Share of the time budget during which the backbone stands still."""
FROZEN_STAGES = 5
"""First stages that stay as the COCO network has them: edges and textures that sixteen cameras would only narrow."""
BACKBONE_LAYERS = 11
BACKBONE_RATE = 0.25
WARM_UP_STEPS = 50
UNSURE_WITH = {0: (), 1: (2,), 2: (2,), 3: (3, 4, 5), 4: (3, 4, 5), 5: (3, 4, 5)}
"""Classes that are left unjudged inside an unsure region of a class; persons and bicycles follow the teacher there."""
TAUGHT = 2
"""The first classes, person and bicycle, follow the teacher."""
BICYCLE_ON_MOTORCYCLE_MAX = 0.1
TAUGHT_BOX_MIN, TAUGHT_LOGIT_MIN = 0.2, -6.0
LESSON_GAINS = {"score": 0.5, "box": 1.0, "feature": 3.0}
SCORE_GAINS = (1.5, 2.0, 0.0, 0.3, 0.0, 0.1)
"""How closely the log-odds of each class follow the teacher's: it does not know motorcycles with their riders, nor
many Vietnamese buses."""
LOSS_NAMES = ("box", "class", "spread", "teacher's scores", "boxes", "features")


class JudgedLoss(v8DetectionLoss):  # type: ignore[misc]
    """Ultralytics' detection loss, silent where nobody knows the truth, with a teacher for persons and bicycles.

    The teacher (distillation) keeps what few labels can not: its scores of the first `TAUGHT` classes are soft
    targets at every anchor, its box distribution is followed where it is fairly sure and no motorcycle is, and the
    feature maps before the head are held near its own. Riders stay persons in the raw output, as they are for the
    teacher; whoever reads the output unites them with their motorcycle.
    """

    def __init__(self, network: DetectionModel) -> None:
        super().__init__(network)
        self.plain_bce = nn.BCEWithLogitsLoss(reduction="none")
        self.bce = self.judged_bce
        self.judged = torch.empty(0)
        self.taught = torch.empty(0)
        self.apart = torch.empty(0, dtype=torch.bool)
        self.wanted = torch.empty(0)

    def judged_bce(self, scores: Tensor, targets: Tensor) -> Tensor:
        targets = targets.clone()
        targets[..., :TAUGHT] = torch.maximum(targets[..., :TAUGHT], self.taught)
        loss = self.plain_bce(scores, targets)
        return torch.where(targets > 0, loss, loss * self.judged)

    def look(self, feats: Sequence[Tensor], batch: dict[str, Tensor], lesson: dict[str, Any]) -> None:
        """Note for the coming batch which anchors are unjudged and what the teacher says of them."""
        points, strides = make_anchors(feats, self.stride, 0.5)
        points = points.float() * strides.float()
        size = torch.tensor([*feats[0].shape[:1:-1]] * 2) * 8.0
        self.judged = torch.ones(feats[0].shape[0], len(points), self.nc)
        for row, anchors in zip(batch["unsure"].tolist(), inside(points, batch["unsure"][:, 2:6]), strict=True):
            for kind in UNSURE_WITH[int(row[1])]:
                self.judged[int(row[0]), anchors, kind] = 0.0
        self.taught = lesson["scores"][:, :TAUGHT].sigmoid().transpose(1, 2).contiguous()
        self.apart = torch.ones(self.judged.shape[:2], dtype=torch.bool)
        riders = batch["cls"] == 2
        centre, side = batch["bboxes"][riders].chunk(2, 1)
        boxes = torch.cat((centre - side / 2, centre + side / 2), 1) * size
        for sample, anchors in zip(batch["batch_idx"][riders].int().tolist(), inside(points, boxes), strict=True):
            self.apart[sample, anchors] = False
            self.taught[sample, anchors, 1] = self.taught[sample, anchors, 1].clamp(max=BICYCLE_ON_MOTORCYCLE_MAX)
        self.wanted = lesson["scores"].transpose(1, 2).clone()
        self.wanted[..., :TAUGHT] = torch.logit(self.taught, eps=1e-4)

    def score_lesson(self, raw: dict[str, Any]) -> Tensor:
        """Return how far the log-odds of the classes are from the teacher's, where it does not rule them out."""
        wanted = self.wanted
        asked = wanted > TAUGHT_LOGIT_MIN
        distance = nn.functional.smooth_l1_loss(raw["scores"].transpose(1, 2), wanted, reduction="none")
        means = (distance * asked).sum((0, 1)).div(asked.sum((0, 1)).clamp(min=1))
        return (means * torch.tensor(SCORE_GAINS)).sum()

    def box_lesson(self, raw: dict[str, Any], lesson: dict[str, Any]) -> Tensor:
        """Return how far box distributions are from the teacher's where it sees a person or bicycle."""
        weight = self.taught.amax(2)
        best = (weight > TAUGHT_BOX_MIN) & self.apart
        if not bool(best.any()):
            return torch.zeros(())
        ours, theirs = (part["boxes"].transpose(1, 2)[best].view(-1, 4, self.reg_max) for part in (raw, lesson))
        distance = nn.functional.kl_div(ours.log_softmax(2), theirs.softmax(2), reduction="none").sum(2).mean(1)
        return (distance * weight[best]).sum() / weight[best].sum()


def feature_lesson(raw: dict[str, Any], lesson: dict[str, Any]) -> Tensor:
    """Return the squared distance of the feature maps from the teacher's, relative to the size of those."""
    pairs = [(ours.float(), theirs.float()) for ours, theirs in zip(raw["feats"], lesson["feats"], strict=True)]
    return torch.stack([(ours - theirs).square().mean() / theirs.square().mean() for ours, theirs in pairs]).mean()


def inside(points: Tensor, boxes: Tensor) -> Tensor:
    """Return which points (n, 2) lie in which boxes (m, 4), as (m, n)."""
    return (points[None] >= boxes[:, None, :2]).all(2) & (points[None] <= boxes[:, None, 2:]).all(2)


class Trainer(TimedRun):
    """A run on labelled frames beside a teacher."""

    average_decay = 0.995
    average_after_steps = 100.0
    mosaic_off_at = 0.75
    part_names = LOSS_NAMES

    def __init__(
        self,
        network: DetectionModel,
        teacher: DetectionModel,
        rate: float,
        budget_s: float,
        frozen_stages: int = FROZEN_STAGES,
    ) -> None:
        super().__init__(network, rate, budget_s)
        self.frozen_stages = frozen_stages
        self.teacher = teacher.train().to(memory_format=torch.channels_last).requires_grad_(False)
        self.loss = JudgedLoss(network)
        self.optimiser = torch.optim.AdamW(self.groups(), lr=rate, weight_decay=0.01, betas=(0.9, 0.99))

    def groups(self) -> list[dict[str, object]]:
        """Return parameter groups: backbone and the rest, each with and without weight decay."""
        groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
        for name, parameter in self.network.named_parameters():
            stage = int(name.split(".")[1])
            trained = ".dfl." not in name and stage >= self.frozen_stages
            parameter.requires_grad_(trained)
            if trained:
                groups.setdefault((stage < BACKBONE_LAYERS, parameter.ndim == 1), []).append(parameter)
        return [
            {"params": found, "backbone": backbone} | ({"weight_decay": 0.0} if bias else {})
            for (backbone, bias), found in groups.items()
        ]

    def set_rates(self) -> None:
        base = self.rate * min(1.0, (self.step + 1) / WARM_UP_STEPS)
        base *= 0.02 + 0.98 * (1 + math.cos(math.pi * self.progress)) / 2
        for group in self.optimiser.param_groups:
            group["lr"] = base * (BACKBONE_RATE if group["backbone"] else 1.0)
            for parameter in group["params"] if group["backbone"] else ():
                parameter.requires_grad_(self.progress >= FREEZE_UNTIL)

    def learn(self, batch: dict[str, Tensor]) -> Tensor:
        """Take one step; return the losses of box, class, distribution, and distances from the teacher (6,)."""
        self.set_rates()
        with torch.no_grad():
            lesson = raw_floats(self.teacher, batch["clean"])
        raw = raw_floats(self.network, batch["img"])
        self.loss.look(raw["feats"], batch, lesson)
        losses, _ = self.loss(raw, batch)
        lessons = {
            "score": self.loss.score_lesson(raw),
            "box": self.loss.box_lesson(raw, lesson),
            "feature": feature_lesson(raw, lesson),
        }
        self.optimiser.zero_grad()
        (losses.sum() + BATCH * sum(LESSON_GAINS[key] * part for key, part in lessons.items())).backward()
        nn.utils.clip_grad_norm_([p for p in self.network.parameters() if p.grad is not None], 10.0)
        self.optimiser.step()
        self.follow()
        return torch.cat((losses.detach() / BATCH, torch.stack([part.detach() for part in lessons.values()])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, nargs="+", required=True, help="label files of models.recipes.label")
    parser.add_argument("--run", type=Path, required=True, help="folder of this run; an unfinished run there goes on")
    parser.add_argument(
        "--start", type=Path, required=True, help="start.pt of models.recipes.dequantise, or a checkpoint"
    )
    parser.add_argument("--teacher", type=Path, required=True, help="start.pt of models.recipes.dequantise")
    parser.add_argument("--minutes", type=float, required=True, help="time at work, after which the run ends")
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--frozen", type=int, default=FROZEN_STAGES, help="first stages that stay as they are")
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(SEED)
    networks = load_network(args.start), load_network(args.teacher)
    trainer = Trainer(*networks, args.rate, args.minutes * 60, args.frozen)
    trainer.go_on(args.run)
    trainer.train([frame for path in args.labels for frame in read_frames(path)], args.run, args.workers)


if __name__ == "__main__":
    main()
