"""The reading network: a small convolutional trunk, one attention over height per row of print, CTC along the width.

In: crops (n, 3, 64, 160) RGB 0..1, the plate stretched over them whatever its shape. Out: log-probabilities (n, 2,
40, 34) of blank and characters for the upper and the lower row at each of 40 places; on a one-row plate the lower
row stays blank. A row's attention looks at every column on its own, so tilted rows need no straightening.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from detector.plates.alphabet import COLUMNS

INPUT_WH = (160, 64)
PLACES = 40
ROWS = 2


class Block(nn.Module):
    """3x3 convolution, normalised, with a shortcut where the shape stays."""

    def __init__(self, taken: int, given: int, stride: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(taken, given, 3, stride, 1, bias=False)
        self.normal = nn.BatchNorm2d(given)
        self.keeps = taken == given and stride == (1, 1)

    def forward(self, x: Tensor) -> Tensor:
        made = self.normal(self.convolution(x))
        return nn.functional.relu(made + x if self.keeps else made)


class Reader(nn.Module):
    """See the module."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        c1, c2, c3, c4 = width, 2 * width, 4 * width, 5 * width
        self.trunk = nn.Sequential(
            Block(3, c1, (2, 2)),
            Block(c1, c2, (2, 2)),
            Block(c2, c2),
            Block(c2, c3, (2, 1)),
            Block(c3, c3),
            Block(c3, c3),
            Block(c3, c4),
        )
        self.high = INPUT_WH[1] // 8
        self.look = nn.Conv2d(c4, ROWS, 3, 1, 1)
        self.height = nn.Parameter(torch.zeros(ROWS, self.high, 1))
        with torch.no_grad():
            slope = torch.linspace(1, -1, self.high).reshape(1, -1, 1)
            self.height.copy_(torch.cat([slope, -slope]))
        self.own = nn.Parameter(torch.zeros(ROWS, c4, 1))
        self.along = nn.Sequential(
            nn.Conv1d(c4, c4, 5, 1, 2), nn.BatchNorm1d(c4), nn.ReLU(), nn.Dropout(0.1),
            nn.Conv1d(c4, c4, 3, 1, 1), nn.BatchNorm1d(c4), nn.ReLU(), nn.Dropout(0.1),
            nn.Conv1d(c4, COLUMNS, 1),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """Log-probabilities (n, 2, 40, 34)."""
        features = self.trunk(x)
        weights = torch.softmax(self.look(features) + self.height, dim=2)
        rows = torch.einsum("nchw,nrhw->nrcw", features, weights) + self.own
        count, _, channels, places = rows.shape
        logits = self.along(rows.reshape(count * ROWS, channels, places))
        return nn.functional.log_softmax(logits.float().transpose(1, 2), dim=2).reshape(count, ROWS, places, COLUMNS)


def grown(state: dict[str, Tensor], width: int) -> dict[str, Tensor]:
    """Weights of a narrower reader inside a wider one that answers the same at first.

    New channels start at random and reach the old ones through zeros (after T. Chen, I. Goodfellow and J. Shlens,
    "Net2Net", 2016).
    """
    wide = Reader(width).state_dict()
    for name, held in state.items():
        into = wide[name]
        if into.dim() > 1 and into.shape[1] > held.shape[1] and name not in ("height",):
            into[: held.shape[0], held.shape[1] :] = 0
        into[tuple(slice(0, size) for size in held.shape)] = held
    return wide
