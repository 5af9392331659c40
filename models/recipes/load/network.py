"""The load network: the first eleven stages of YOLO11n, pooled, and one linear layer over the five states.

Its stages start from the COCO weights that `models.recipes.dequantise` reads (AGPL-3.0); the first seven stay frozen,
so their outputs are computed once, and networks trained apart share them: a mixture answers with the mean of its
members' logits. Input (n, 3, 192, 192) RGB 0..1; output (n, 5) logits, or, exported, calibrated probabilities:
softmax of the logits over the temperature, leaning away from `cannot_tell`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from re import fullmatch

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from detector.inference.letterbox import Letterbox
from detector.inference.picture import Picture
from models.recipes.load.data import STATES
from models.recipes.network import Image, load_network

SIDE_PX = 192
FROZEN, STAGES = 7, 11
LEAN = tuple(-1.0 if state == "cannot_tell" else 0.0 for state in STATES)
"""Added to the logits over the temperature: training shows `cannot_tell` far more often than crops of trucks do."""
WIDTHS = (128, 256)
"""Channels of the last frozen stage and of the last stage."""


class LoadNetwork(nn.Module):
    """One run's network: `trunk` is frozen, `top` and `head` learn."""

    def __init__(self, stages: nn.Sequential) -> None:
        super().__init__()
        self.trunk, self.top = stages[:FROZEN], stages[FROZEN:STAGES]
        self.head = nn.Linear(WIDTHS[0] + 2 * WIDTHS[1], len(STATES))
        self.drop = nn.Dropout(0.3)
        self.trunk.requires_grad_(False)
        # Folding BatchNorm, as the checkpoint has it, leaves every convolution frozen.
        self.top.requires_grad_(True)

    def logits(self, features: Tensor) -> Tensor:
        """(n, 5) from the trunk's output (n, 128, 12, 12)."""
        return torch.as_tensor(self.head(self.drop(pooled(features, self.top(features)))))


class LoadMixture(nn.Module):
    """Networks on one trunk that answer together; `temperature` is fitted to the mixture."""

    def __init__(self, members: Sequence[LoadNetwork]) -> None:
        """Join networks.

        Raises:
            ValueError: their frozen stages differ.
        """
        super().__init__()
        stages = [member.trunk.state_dict() for member in members]
        # Not to the last bit: a mean of runs rounds what they share.
        if not all(torch.allclose(other[key], stages[0][key], rtol=1e-4) for other in stages for key in other):
            raise ValueError("the networks stand on different frozen stages; train all of them from one coco.pt")
        self.trunk = members[0].trunk
        self.tops = nn.ModuleList(member.top for member in members)
        self.heads = nn.ModuleList(member.head for member in members)
        self.register_buffer("temperature", torch.ones(()))
        self.register_buffer("lean", torch.tensor(LEAN), persistent=False)

    def logits(self, features: Tensor) -> Tensor:
        """(n, 5), the mean over the members, from the trunk's output (n, 128, 12, 12)."""
        each = [head(pooled(features, top(features))) for top, head in zip(self.tops, self.heads, strict=True)]
        return torch.stack(each).mean(0)

    def forward(self, pictures: Tensor) -> Tensor:
        """Calibrated probabilities (n, 5)."""
        return torch.softmax(self.logits(self.trunk(pictures)) / self.temperature + self.lean, 1)


def pooled(features: Tensor, deep: Tensor) -> Tensor:
    """What a head reads (n, 640): the means of the trunk's output and of the last stage, and the latter's maxima."""
    return torch.cat([features.mean((2, 3)), deep.mean((2, 3)), deep.amax((2, 3))], 1)


def start_network(coco: Path) -> LoadNetwork:
    """A network on the stages of the de-quantised COCO checkpoint.

    Raises:
        FileNotFoundError: it is not there; the message names the command that makes it.
    """
    return LoadNetwork(load_network(coco).float().model[:STAGES])


def read_network(path: Path, coco: Path) -> LoadNetwork:
    """The network saved by `train.py`, in evaluation mode."""
    network = start_network(coco)
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval()


def read_mixture(path: Path, coco: Path) -> LoadMixture:
    """The mixture saved by `blend.py`, in evaluation mode.

    Raises:
        ValueError: the file holds no mixture.
    """
    weights = torch.load(path, map_location="cpu", weights_only=True)
    count = sum(fullmatch(r"heads\.\d+\.bias", key) is not None for key in weights)
    if count == 0:
        raise ValueError(f"{path}: no mixture of load networks; make one of it with models.recipes.load.blend")
    mixture = LoadMixture([start_network(coco) for _ in range(count)])
    mixture.load_state_dict(weights)
    return mixture.eval()


def framed(image: Image) -> Image:
    """A crop of any size as the product frames it: scaled to fit, centred, grey borders."""
    letterbox = Letterbox.inside((image.shape[1], image.shape[0]), (SIDE_PX, SIDE_PX))
    return Picture.resized(image, letterbox).pixels


def shrunk(image: Image, long_side_px: int) -> Image:
    """The picture no larger than that."""
    scale = long_side_px / max(image.shape[:2])
    if scale >= 1:
        return image
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
