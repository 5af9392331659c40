"""The finding network: where in a vehicle's crop the plates are. Fully convolutional, one place per 8 px.

In: pictures (n, 3, 256, 256) RGB 0..1, letterboxed. Out: (n, 5, 32, 32): the probability that a place lies in a
plate's middle, and the distances from the place's centre to the box's left, top, right and bottom in input px.
Anchor-free after FCOS (Tian et al. 2019) with a single level: plates in such crops are 14 to 240 px wide.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

SIDE_PX = 256
STRIDE_PX = 8
PLACES = SIDE_PX // STRIDE_PX
DISTANCE_MAX = 5.0
"""Of the logarithm, so that no untrained weight gives infinite boxes."""


def _layer(taken: int, given: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(taken, given, 3, stride, dilation, dilation, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(given), nn.ReLU())


class Finder(nn.Module):
    """See the module."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            _layer(3, width, 2),
            _layer(width, 2 * width, 2),
            _layer(2 * width, 2 * width),
            _layer(2 * width, 4 * width, 2),
            _layer(4 * width, 4 * width),
            _layer(4 * width, 4 * width, dilation=2),
            _layer(4 * width, 4 * width, dilation=4),
            _layer(4 * width, 4 * width),
        )
        self.score = nn.Conv2d(4 * width, 1, 1)
        self.sides = nn.Conv2d(4 * width, 4, 1)
        nn.init.constant_(self.score.bias, -4.0)  # type: ignore[arg-type]

    def raw(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (n, 32, 32) and distances (n, 4, 32, 32) in input px."""
        features = self.trunk(x)
        distances = STRIDE_PX * self.sides(features).float().clamp(max=DISTANCE_MAX).exp()
        return self.score(features).float().squeeze(1), distances

    def forward(self, x: Tensor) -> Tensor:
        logits, distances = self.raw(x)
        return torch.cat([logits.sigmoid().unsqueeze(1), distances], dim=1)


def centres() -> Tensor:
    """(2, 32, 32): x and y of each place's centre, input px."""
    axis = (torch.arange(PLACES) + 0.5) * STRIDE_PX
    return torch.stack([axis.repeat(PLACES, 1), axis.repeat(PLACES, 1).T])


def targets(boxes: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Places that belong to a plate (n, 32, 32) bool, places left out of the score's loss, distances (n, 4, 32, 32).

    A place belongs to a plate when it lies in the middle half of its box, or is the nearest to its centre; those in the
    box's outer part are left out.
    """
    x, y = centres()
    wanted = torch.zeros(len(boxes), PLACES, PLACES, dtype=torch.bool)
    spared, sides = wanted.clone(), torch.ones(len(boxes), 4, PLACES, PLACES)
    for n, rows in enumerate(boxes):
        for x1, y1, x2, y2 in rows.tolist():
            half_w, half_h = (x2 - x1) / 4, (y2 - y1) / 4
            middle_x, middle_y = (x1 + x2) / 2, (y1 + y2) / 2
            inside = (x > x1) & (x < x2) & (y > y1) & (y < y2)
            middle = ((x - middle_x).abs() <= half_w) & ((y - middle_y).abs() <= half_h)
            column, row = (min(max(int(v // STRIDE_PX), 0), PLACES - 1) for v in (middle_x, middle_y))
            middle[row, column] = True
            spared[n] |= inside
            wanted[n] |= middle
            # Where two plates overlap the later one wins, as it lies on top.
            sides[n, :, middle] = torch.stack([x - x1, y - y1, x2 - x, y2 - y])[:, middle].clamp(min=0.5)
    return wanted, spared & ~wanted, sides


def loss_of(logits: Tensor, distances: Tensor, boxes: list[Tensor]) -> Tensor:
    """Focal loss of the scores (Lin et al. 2017) plus 1 - IoU of the boxes."""
    wanted, spared, sides = targets(boxes)
    count = wanted.sum().clamp(min=1)
    right = torch.where(wanted, logits.sigmoid(), 1 - logits.sigmoid())
    cross = nn.functional.binary_cross_entropy_with_logits(logits, wanted.float(), reduction="none")
    focal = ((1 - right) ** 2 * cross * 0.5 * ~spared).sum() / count
    got, true = distances.permute(0, 2, 3, 1)[wanted], sides.permute(0, 2, 3, 1)[wanted]
    shared = torch.minimum(got, true)
    common = (shared[:, 0] + shared[:, 2]) * (shared[:, 1] + shared[:, 3])
    areas = [(d[:, 0] + d[:, 2]) * (d[:, 1] + d[:, 3]) for d in (got, true)]
    overlap = common / (areas[0] + areas[1] - common)
    return focal + (1 - overlap).sum() / count + 0.1 * (got.log() - true.log()).abs().sum() / (4 * count)
