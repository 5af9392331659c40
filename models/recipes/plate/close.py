"""Measure `phatnguoi plate` on pictures that are all plate, cut tight or loose.

In: `PLATES` with the folders of real crops, and the default plate networks. Out, printed: per margin how many of
every twentieth two-row and every fourth one-row crop the command reads (after looking at labels), and how many of its
sure answers are wrong. The pictures lie in a temporary folder while it runs.

    python -m models.recipes.plate.close --plates ../shared/data/plates
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import cv2
import numpy as np

from detector.inference.registry import default_registry_path
from models.recipes.network import Image
from models.recipes.plate.measure import Crop, real_crops, shown_share
from pipelines.plates import plate_images

EVERY = {"vito_moto_tworow": 20, "vito_car_onerow": 4}
SEED = 0
LONGEST_PX = 300
DARK_BGR = (45, 40, 38)


class Margin(NamedTuple):
    """How loosely a crop is cut: up to `share` of its sides added to each, flat and dark or mirrored and blurred."""

    name: str
    share: float
    mirrored: bool = False


MARGINS = (
    Margin("none", 0.0),
    Margin("20 %, dark", 0.2),
    Margin("40 %, dark", 0.4),
    Margin("30 %, mirrored and blurred", 0.3, mirrored=True),
    Margin("80 %, dark", 0.8),
)


def widened(image: Image, margin: Margin, rng: np.random.Generator) -> Image:
    """The crop in a larger picture, at most `LONGEST_PX` of it its own longer side; as it is without a margin."""
    if margin.share == 0:
        return image
    scale = min(1.0, LONGEST_PX / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    height, width = small.shape[:2]
    top, bottom, left, right = (
        int(rng.uniform(0.3, 1) * margin.share * side) for side in (height, height, width, width)
    )
    sides = (top, bottom, left, right)
    if not margin.mirrored:
        return np.asarray(cv2.copyMakeBorder(small, *sides, cv2.BORDER_CONSTANT, value=DARK_BGR), np.uint8)
    wide = cv2.GaussianBlur(cv2.copyMakeBorder(small, *sides, cv2.BORDER_REFLECT), (0, 0), 9)
    wide[top : top + height, left : left + width] = small
    return np.asarray(wide, np.uint8)


def print_margin(margin: Margin, crops: Sequence[Crop], registry: Path) -> None:
    rng, right, sure, wrong = np.random.default_rng(SEED), {1: 0, 2: 0}, 0, 0
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.png" for number in range(len(crops))]
        for path, crop in zip(paths, crops, strict=True):
            cv2.imwrite(str(path), widened(crop.image, margin, rng))
        rows = plate_images(paths, registry=registry)
    for crop, row in zip(crops, rows, strict=True):
        best = row["plates"][0] if row["plates"] else {"text": "", "sure": False}
        hit = best["text"] == (crop.shown or crop.text)
        right[crop.rows] += hit
        sure, wrong = sure + bool(best["sure"]), wrong + bool(best["sure"] and not hit)
    told = [shown_share(right[rows], sum(crop.rows == rows for crop in crops)) for rows in (2, 1)]
    print(f"| {margin.name} | {told[0]} | {told[1]} | {shown_share(wrong, sure)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plates", type=Path, required=True)
    parser.add_argument("--registry", type=Path, default=default_registry_path())
    args = parser.parse_args()
    crops = [crop for name, step in EVERY.items() for crop in list(real_crops(args.plates / name))[::step]]
    print("| margin | two rows | one row | sure and wrong |\n|---|---|---|---|")
    for margin in MARGINS:
        print_margin(margin, crops, args.registry)


if __name__ == "__main__":
    main()
