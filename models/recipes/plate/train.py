"""Train the reading network on rendered plates alone, drawn anew for every step.

In: fonts (none needed) and minutes; a city may add crops that its officers confirmed (`phatnguoi plates corrections`).
Out: `OUT/reader.pt`, averaged weights, saved every minute: a run that is killed goes on from `OUT/state.pt`. What ships
never looked at a real plate; `evaluate.py` measures on those.

    python -m models.recipes.plate.train --out runs/plate/run --minutes 40
    python -m models.recipes.plate.train --out runs/plate/city --start reader.pt --crops plates-2026 --minutes 20
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from detector.plates.alphabet import COLUMN_OF
from models.recipes.network import Image
from models.recipes.plate.glyphs import FONT_FOLDERS, Glyphs
from models.recipes.plate.loop import Run
from models.recipes.plate.network import INPUT_WH, PLACES, Reader, grown
from models.recipes.plate.painted import painted, painted_number
from models.recipes.plate.render import FlatPlate, flat_plate
from models.recipes.plate.series import PlateText, random_plate
from models.recipes.plate.view import crop_of

BATCH = 64
POOL, KEPT = 512, 6000
PAINTED = 0.05
"""Share of plates that are numbers painted on trucks."""
T = TypeVar("T")
CONFIRMED = 0.25
ALIGNED = 4.0
"""Weight of the aligned loss at the start of a new reader; it fades to nothing. One that goes on needs a tenth."""


def stretched(crop: Image) -> Image:
    """A crop as the network takes it: stretched over the whole input."""
    shrinks = crop.shape[1] > INPUT_WH[0] or crop.shape[0] > INPUT_WH[1]
    return np.asarray(
        cv2.resize(crop, INPUT_WH, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR), np.uint8
    )


class Example(NamedTuple):
    """One crop (64, 160, 3) uint8 BGR, its upper and lower row, and what each place shows (2, 40), -1 where unknown."""

    crop: Image
    rows: tuple[str, str]
    shown: NDArray[np.int64]


class Renders:
    """Batches without end; each plate is seen by two cameras on average and each crop twice, far apart in time."""

    def __init__(self, glyphs: Glyphs, rng: np.random.Generator, confirmed: Sequence[Example] = ()) -> None:
        """`confirmed` are drawn for `CONFIRMED` of a batch, as they are."""
        self._glyphs, self._rng, self._confirmed = glyphs, rng, confirmed
        self._pool: list[tuple[PlateText, FlatPlate]] = []
        self._kept: list[Example] = []

    def batch(self, count: int = BATCH) -> tuple[Tensor, list[tuple[str, str]], Tensor]:
        """Inputs (n, 3, 64, 160) RGB 0..1, the upper and lower row of each, and what each place shows (n, 2, 40)."""
        examples = [self._example() for _ in range(count)]
        shown = torch.from_numpy(np.stack([example.shown for example in examples]))
        return as_input([example.crop for example in examples]), [example.rows for example in examples], shown

    def _example(self) -> Example:
        if self._confirmed and self._rng.random() < CONFIRMED:
            return self._confirmed[int(self._rng.integers(len(self._confirmed)))]
        if len(self._kept) >= KEPT and self._rng.random() < 0.5:
            return self._kept[int(self._rng.integers(KEPT))]
        plate, flat = self._plate()
        crop, across = crop_of(flat, self._rng)
        shown = np.zeros((2, PLACES), np.int64)
        for row, text, places in zip(shown, plate.rows, across, strict=False):
            at = np.clip(places * PLACES, 0, PLACES - 1).astype(np.int64)
            row[at] = [COLUMN_OF[character] for character in text]
        upper, lower = (*plate.rows, "")[:2]
        made = Example(stretched(crop), (upper, lower), shown)
        _keep(self._kept, made, KEPT, self._rng)
        return made

    def _plate(self) -> tuple[PlateText, FlatPlate]:
        if len(self._pool) >= POOL and self._rng.random() < 0.5:
            return self._pool[int(self._rng.integers(POOL))]
        on_body = self._rng.random() < PAINTED
        plate = painted_number(self._rng) if on_body else random_plate(self._rng)
        made = (plate, (painted if on_body else flat_plate)(plate, self._glyphs, self._rng))
        _keep(self._pool, made, POOL, self._rng)
        return made


def _keep(held: list[T], made: T, most: int, rng: np.random.Generator) -> None:
    """Into the list, at a random place once it is full."""
    if len(held) < most:
        held.append(made)
    else:
        held[int(rng.integers(most))] = made


def confirmed_crops(folder: Path) -> list[Example]:
    """Crops that officers confirmed, as `phatnguoi plates corrections` writes them."""
    nowhere = np.full((2, PLACES), -1, np.int64)
    found = []
    with (folder / "plates.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            image = np.asarray(cv2.imread(str(folder / "images" / row["file"])), np.uint8)
            upper = row["upper"] or row["text"]
            found.append(Example(stretched(image), (upper, row["text"].removeprefix(upper)), nowhere))
    return found


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
    weights = torch.where(shown > 0, 3.0, 1.0) * (shown >= 0)
    each = nn.functional.nll_loss(scores.flatten(0, 2), shown.flatten().clamp(min=0), reduction="none")
    return (each * weights.flatten()).sum() / weights.sum().clamp(min=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--aligned", type=float, default=ALIGNED, help="weight of the aligned loss at the start")
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--crops", type=Path, nargs="*", default=[], help="folders of confirmed crops to learn from")
    parser.add_argument("--fonts", type=Path, nargs="*", default=[], help="further folders with fonts")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    glyphs = Glyphs([*FONT_FOLDERS, *args.fonts])
    network = Reader(args.width).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if args.start:
        network.load_state_dict(grown(torch.load(args.start, weights_only=True), args.width))
    run = Run(network, args.out, name="reader", rate=args.rate, warm_steps=200)
    confirmed = [example for folder in args.crops for example in confirmed_crops(folder)]
    renders = Renders(glyphs, np.random.default_rng([args.seed, run.step]), confirmed)

    def loss_at(part: float) -> Tensor:
        inputs, rows, shown = renders.batch()
        with torch.autocast("cpu", torch.bfloat16):
            scores = network(inputs)
        return loss_of(scores, rows) + args.aligned * (1 - part) * aligned_loss(scores, shown)

    run.train(loss_at, args.minutes * 60)


if __name__ == "__main__":
    main()
