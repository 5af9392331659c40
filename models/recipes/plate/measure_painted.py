"""Measure what is painted on trucks: read in renders never seen, beside plates, and on real crops of trucks.

In: the registry's networks, street frames to lay renders on, and folders of crops of single trucks, without texts. Out,
printed: numbers read by how wide they are; pictures with other lettering alone in which one is told; how sure plates
become where a painted number agrees, and how many of these are wrong; and what real crops are taken to show (a sheet
for the eye, `SHEET`).

    python -m models.recipes.plate.measure_painted --streets ../shared/data/detection/vn_streets \
        --trucks ../shared/data/loads/hcmc_overpass ../shared/data/loads/vn_cctv --sheet runs/plate/painted.png
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from detector.inference.painted import PaintedEyes, open_painted_eyes
from detector.inference.plates import PlateEyes, PlateReader, SeenPlate, cut, open_plate_eyes
from detector.inference.registry import default_registry_path, load_registry
from detector.plates.edge import goes_on
from detector.plates.painted import LEAST, Says, agreed, painted_number
from detector.plates.reading import PlateReading
from detector.types import ObjectClass
from models.recipes.network import Image
from models.recipes.plate.glyphs import FONT_FOLDERS, Glyphs
from models.recipes.plate.measure import shown_share
from models.recipes.plate.painted import painted_number as random_number
from models.recipes.plate.painted_scenes import PaintedScenes
from models.recipes.plate.render import flat_plate
from models.recipes.plate.series import CAR_LONG_MM, PlateText
from models.recipes.plate.view import crop_and_matrix

SEED = 95_001
WIDTHS_PX = (26, 50, 80, 120, 256)
THRESHOLDS = (0.5, 0.8, 0.92)
LOOKS = 3
SHEET_MAX = 60


def measure_renders(eyes: PaintedEyes, reader: PlateReader, scenes: PaintedScenes, count: int) -> None:
    """Single pictures: numbers told, by their width; pictures without a number."""
    rows, blank, false, spent = list[tuple[float, bool, bool, bool]](), 0, 0, 0.0
    for _ in range(count):
        picture, boxes = scenes.scene()
        started = time.process_time()
        told = [seen for seen in eyes.look(picture) if seen.reading.confidence >= LEAST]
        spent += time.process_time() - started
        if len(boxes) == 1:
            given = reader.read(cut(picture, boxes[0]), vehicle=ObjectClass.TRUCK).text == scenes.text
            right = any(seen.reading.text == scenes.text for seen in told)
            rows.append((float(boxes[0][2] - boxes[0][0]), given, right, bool(told) and not right))
        blank, false = blank + (len(boxes) == 0), false + (len(boxes) == 0 and bool(told))
    print(
        "| width, px | numbers | read through the true box | told and right | told and wrong |\n|---|---|---|---|---|"
    )
    for low, high in pairwise(WIDTHS_PX):
        own = [row for row in rows if low <= row[0] < high]
        counts = [sum(row[n] for row in own) for n in (1, 2, 3)]
        print(f"| {low} to {high} | {len(own)} | {' | '.join(shown_share(n, len(own)) for n in counts)} |")
    print(f"pictures with other lettering alone in which a number is told: {shown_share(false, blank)}")
    print(f"{spent / max(count, 1) * 1000:.0f} ms of CPU a picture", flush=True)


def measure_pairs(
    eyes: PaintedEyes, reader: PlateReader, scenes: PaintedScenes, glyphs: Glyphs, count: int, rng: np.random.Generator
) -> None:
    """Trucks: one look at the plate, `LOOKS` at the painted number; answers of the plate alone and of both."""
    alone, joint = list[tuple[PlateReading, bool]](), list[tuple[PlateReading, bool]]()
    said: dict[Says | None, int] = {}
    misread, misread_alike = 0, 0
    for _ in range(count):
        number = random_number(rng)
        plate = PlateText(printed=number.printed, ground="white", size_mm=CAR_LONG_MM)
        crop, _ = crop_and_matrix(flat_plate(plate, glyphs, rng), rng)
        reading = reader.read(crop, vehicle=ObjectClass.TRUCK)
        scenes.given = number
        looks = [seen.reading for _ in range(LOOKS) for seen in eyes.look(scenes.scene()[0])]
        wrong = [look.text for look in looks if plate.text not in (look.text, reading.text)]
        misread, misread_alike = misread + len(wrong), misread_alike + wrong.count(reading.text)
        found = painted_number(looks, reading)
        says = found.says if found else None
        said[says] = said.get(says, 0) + 1
        alone.append((reading, reading.text == plate.text))
        both = agreed(reading, found.reading) if found and says is Says.AGREES else reading
        # What contradicts leaves no answer.
        joint.append((both if says is not Says.DIFFERS else PlateReading(candidates=()), reading.text == plate.text))
    scenes.given = None
    print(f"\nboth misread: {misread} looks, the same text in {misread_alike}")
    print("\n" + ", ".join(f"{number} {says.value if says else 'nothing told'}" for says, number in said.items()))
    print("| from | plate alone: answered | wrong | with the painted number: answered | wrong |\n|---|---|---|---|---|")
    for least in THRESHOLDS:
        cells = []
        for answers in (alone, joint):
            given = [right for reading, right in answers if reading.sure(least)]
            cells += [f"{len(given) / max(count, 1):.1%}", shown_share(len(given) - sum(given), len(given))]
        print(f"| {least} | {' | '.join(cells)} |", flush=True)


def measure_trucks(eyes: PaintedEyes, plates: PlateEyes, folders: Sequence[Path], every: int) -> list[Image]:
    """Real crops: how many show what is told as a number, and what the finder of plates takes for a plate; the crops
    for a sheet.
    """
    paths = [path for folder in folders for path in sorted(folder.rglob("*.jpg"))][::every]
    tiles, taken = list[Image](), list[tuple[float, bool]]()
    for path in paths:
        image = np.asarray(cv2.imread(str(path)), np.uint8)
        seen_plates = [seen for seen in plates.look(image, vehicle=ObjectClass.TRUCK) if seen.reading.valid]
        taken += [(seen.reading.confidence, goes_on(image, seen.xyxy)) for seen in seen_plates]
        tiles += [_tile(image, seen) for seen in eyes.look(image) if seen.reading.confidence >= LEAST]
    print(f"\n{len(paths)} real crops of trucks: {len(tiles)} numbers told")
    for least in (0.1, 0.3, 0.5, 0.92):
        own = [aside for confidence, aside in taken if confidence >= least]
        print(f"taken for plates and read from {least}: {len(own)}; set aside as print on a body: {sum(own)}")
    return tiles


def _tile(image: Image, seen: SeenPlate) -> Image:
    tile = np.full((140, 220, 3), 255, np.uint8)
    tile[:110] = cv2.resize(cut(image, seen.xyxy), (220, 110), interpolation=cv2.INTER_CUBIC)
    told = f"{seen.reading.text} {seen.reading.confidence:.2f}"
    cv2.putText(tile, told, (4, 130), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1)
    return tile


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streets", type=Path, required=True, help="folder with images/ and labels/")
    parser.add_argument("--trucks", type=Path, nargs="*", default=[], help="folders of truck crops")
    parser.add_argument("--every", type=int, default=1, help="of those crops every n-th")
    parser.add_argument("--registry", type=Path, default=default_registry_path())
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--fonts", type=Path, nargs="*", default=[])
    args = parser.parse_args()
    registry = load_registry(args.registry)
    plates = open_plate_eyes(registry)
    eyes = open_painted_eyes(registry, plates.reader) if plates is not None else None
    if eyes is None or plates is None:
        parser.error(f"{args.registry}: names no networks for plates and lines of print under [defaults]")
    glyphs, rng = Glyphs([*FONT_FOLDERS, *args.fonts]), np.random.default_rng(args.seed)
    scenes = PaintedScenes(glyphs, args.streets, rng)
    if args.count:
        measure_renders(eyes, plates.reader, scenes, args.count)
    if args.pairs:
        measure_pairs(eyes, plates.reader, scenes, glyphs, args.pairs, rng)
    tiles = measure_trucks(eyes, plates, args.trucks, args.every)[:SHEET_MAX]
    if args.sheet and tiles:
        tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % 6)
        cv2.imwrite(str(args.sheet), np.vstack([np.hstack(tiles[n : n + 6]) for n in range(0, len(tiles), 6)]))


if __name__ == "__main__":
    main()
