"""Shared by calibration and evaluation: crops with texts, intervals, and the curve of wrong answers over coverage.

In: a folder of crops with `plates.csv` (file, text, rows), or a seed for renders. Out: `Crop`s; Wilson intervals;
rows of the curve, one per threshold.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import cv2
import numpy as np

from detector.plates.reading import PlateReading
from models.recipes.network import Image
from models.recipes.plate.glyphs import Glyphs
from models.recipes.plate.labels import as_shown, faults_of
from models.recipes.plate.legible import Print
from models.recipes.plate.render import flat_plate
from models.recipes.plate.series import random_plate
from models.recipes.plate.view import crop_and_matrix

Z = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A picture of one plate.

    Attributes:
        text: its label; of a render what was printed.
        shown: what one who looked at the picture reads, where the label is wrong.
        path: None for a render.
        legible: told of renders only.
    """

    image: Image
    text: str
    rows: int
    path: Path | None = None
    legible: bool = True
    shown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A crop's text beside what was read."""

    crop: Crop
    reading: PlateReading

    @property
    def right(self) -> bool:
        return self.reading.text == self.crop.text

    @property
    def right_as_shown(self) -> bool:
        """Right after looking: a label that is wrong does not count against the reader, nor for it."""
        return self.reading.text == (self.crop.shown or self.crop.text)


def real_crops(folder: Path) -> Iterator[Crop]:
    """The crops of a folder with `plates.csv`.

    Raises:
        ValueError: a label is not the one that was found wrong.
    """
    faults = faults_of(folder.name)
    with (folder / "plates.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = folder / "images" / row["file"]
            image = np.asarray(cv2.imread(str(path)), np.uint8)
            shown = as_shown(row["text"], faults.get(row["file"], ()))
            yield Crop(image=image, text=row["text"], rows=int(row["rows"]), path=path, shown=shown)


def rendered_crops(glyphs: Glyphs, seed: int, count: int, *, frames: int = 1) -> Iterator[list[Crop]]:
    """Per plate `frames` looks by the same glyphs and wear, each from its own place and through its own faults."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        plate = random_plate(rng)
        flat = flat_plate(plate, glyphs, rng)
        shown = Print(plate, flat, glyphs)
        looks = [crop_and_matrix(flat, rng) for _ in range(frames)]
        yield [
            Crop(image=image, text=plate.text, rows=len(plate.rows), legible=shown.legible(image, matrix))
            for image, matrix in looks
        ]


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (E. B. Wilson 1927)."""
    if count == 0:
        return 0.0, 1.0
    share = hits / count
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    half = Z * sqrt(share * (1 - share) / count + Z * Z / (4 * count * count)) / (1 + Z * Z / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def shown_share(hits: int, count: int) -> str:
    low, high = wilson(hits, count)
    return f"{hits}/{count} = {hits / max(count, 1):.1%} ({low:.1%} to {high:.1%})"


def curve(
    answers: Sequence[Answer], thresholds: Sequence[float], *, after_looking: bool = False
) -> list[tuple[float, float, int, int]]:
    """Rows (threshold, coverage, wrong, answered): only valid texts of at least that confidence are answers."""
    rows = []
    for threshold in thresholds:
        given = [answer for answer in answers if answer.reading.sure(threshold)]
        wrong = sum(not (answer.right_as_shown if after_looking else answer.right) for answer in given)
        rows.append((threshold, len(given) / max(len(answers), 1), wrong, len(given)))
    return rows
