"""Measure the plate networks on plates they never saw: real crops, renders with votes over frames, barrier pictures.

In: the registry's default plate networks, `PLATES` with the folders of crops and of barrier frames with boxes, and,
where asked, the Python of an environment that has RapidOCR. Out, as text for the card: exact plates with Wilson
intervals, the curve of wrong answers over coverage, found boxes, milliseconds of CPU; and sheets of the
worst errors on real crops (`SHEET`) and on legible renders (`SHEET-renders`).

    python -m models.recipes.plate.evaluate --plates ../shared/data/plates --sheet runs/plate/worst.png \
        --rapidocr RAPIDOCR_VENV/bin/python
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from detector.inference.picture import Pixels
from detector.inference.plates import PlateEyes, PlateReader, cut, open_plate_eyes
from detector.inference.registry import default_registry_path, load_registry
from detector.plates.grammar import is_valid
from detector.plates.voting import voted
from models.recipes.plate.glyphs import FONT_FOLDERS, Glyphs
from models.recipes.plate.legible import FRAMES_LEAST
from models.recipes.plate.measure import Answer, Crop, curve, real_crops, rendered_crops, shown_share
from models.recipes.plate.peer import read_with_rapidocr

SEED = 70_001
FRAMES = 5
THRESHOLDS = (0.0, 0.5, 0.7, 0.8, 0.85, 0.88, 0.9, 0.92, 0.95, 0.98, 0.99)
FOUND_IOU = 0.5
WORST = 50


def answers_of(reader: PlateReader, crops: Sequence[Crop]) -> tuple[list[Answer], float]:
    """Readings of crops and the CPU milliseconds one took."""
    started = time.process_time()
    answers = [Answer(crop=crop, reading=reader.read(crop.image)) for crop in crops]
    return answers, (time.process_time() - started) / max(len(crops), 1) * 1000


def print_answers(name: str, answers: Sequence[Answer]) -> None:
    for rows in (1, 2):
        own = [answer for answer in answers if answer.crop.rows == rows]
        if own:
            looked = any(answer.crop.shown for answer in own)
            ways = [[answer.right for answer in own], *([[answer.right_as_shown for answer in own]] if looked else [])]
            print(f"| {name} | {rows} | {' | '.join(shown_share(sum(way), len(own)) for way in ways)} |")


def print_curve(answers: Sequence[Answer]) -> None:
    """Wrong by label and, where somebody looked at the pictures, after looking."""
    looked = any(answer.crop.shown for answer in answers)
    print("\n| from | coverage | wrong |" + " after looking |" * looked)
    print("|---|---|---|" + "---|" * looked)
    after = curve(answers, THRESHOLDS, after_looking=True)
    for (threshold, covered, wrong, given), (_, _, truly, _) in zip(curve(answers, THRESHOLDS), after, strict=True):
        told = f"| {threshold} | {covered:.1%} | {shown_share(wrong, given)} |"
        print(told + f" {shown_share(truly, given)} |" * looked)


def barrier_boxes(folder: Path) -> list[tuple[Pixels, np.ndarray]]:
    """Pictures (h, w, 3) with the plate's box in px."""
    pictures = []
    for path in sorted((folder / "images").glob("*")):
        image = np.asarray(cv2.imread(str(path)), np.uint8)
        cx, cy, w, h = (float(value) for value in (folder / "labels" / f"{path.stem}.txt").read_text().split()[1:5])
        size = np.array([image.shape[1], image.shape[0]] * 2)
        pictures.append((image, np.array([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2]) * size))
    return pictures


def iou(one: np.ndarray, two: np.ndarray) -> float:
    wide, high = min(one[2], two[2]) - max(one[0], two[0]), min(one[3], two[3]) - max(one[1], two[1])
    shared = max(wide, 0.0) * max(high, 0.0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, two)]
    return float(shared / (sum(areas) - shared))


def measure_finder(eyes: PlateEyes, folder: Path) -> None:
    """Barrier pictures: the plate found first, and whether finder and reader agree with the reader on the true box."""
    pictures = barrier_boxes(folder)
    found, more, agree, readable, spent = 0, 0, 0, 0, 0.0
    for image, box in pictures:
        started = time.process_time()
        plates = eyes.look(image)
        spent += time.process_time() - started
        best = max((iou(np.array(plate.xyxy), box) for plate in plates), default=0.0)
        found, more = found + (best >= FOUND_IOU), more + max(len(plates) - 1, 0)
        truth = eyes.whole(cut(image, box)).reading
        if truth.valid and truth.confidence >= 0.9:
            readable += 1
            agree += any(plate.reading.text == truth.text for plate in plates)
    print(f"\nfound at IoU {FOUND_IOU}: {shown_share(found, len(pictures))}; further boxes: {more} in all")
    print(f"read through the found box as through the given one: {shown_share(agree, readable)}")
    print(f"finder and reader together: {spent / max(len(pictures), 1) * 1000:.1f} ms of CPU a picture")


def measure_votes(reader: PlateReader, glyphs: Glyphs, count: int, seed: int) -> list[Answer]:
    """Renders never seen: every frame and each track's vote; all, the legible ones (`legible.py`), and of these the
    plates that may exist: the renders mix letters and series that no law knows.

    Returns:
        The legible frames.
    """
    single: list[Answer] = []
    joint: list[tuple[Answer, bool]] = []
    for looks in rendered_crops(glyphs, seed, count, frames=FRAMES):
        readings = [reader.read(look.image) for look in looks]
        single += [Answer(crop=look, reading=reading) for look, reading in zip(looks, readings, strict=True)]
        clear = sum(look.legible for look in looks) >= FRAMES_LEAST
        joint.append((Answer(crop=looks[0], reading=voted(readings)), clear))
    kinds = {
        "": (single, [answer for answer, _ in joint]),
        ", legible": ([a for a in single if a.crop.legible], [answer for answer, clear in joint if clear]),
    }
    kinds[", legible, of the grammar"] = _existing(kinds[", legible"])
    print("\n| renders | rows | exact |\n|---|---|---|")
    for kind, (frames, tracks) in kinds.items():
        print_answers(f"one frame{kind}", frames)
        print_answers(f"{FRAMES} frames, voted{kind}", tracks)
        print(f"| {FRAMES} frames, voted{kind} | | {shown_share(sum(a.right for a in tracks), len(tracks))} |")
    for kind, (_, tracks) in kinds.items():
        print(f"\nTracks{kind}, voted:")
        print_curve(tracks)
    return kinds[", legible"][0]


def _existing(answers: tuple[list[Answer], list[Answer]]) -> tuple[list[Answer], list[Answer]]:
    frames, tracks = ([answer for answer in group if is_valid(answer.crop.text)] for group in answers)
    return frames, tracks


def worst_sheet(answers: Sequence[Answer], path: Path) -> None:
    """The surest wrong answers, largest confidence first, with what stands there and what was read."""
    wrong = sorted((a for a in answers if not a.right), key=lambda a: -a.reading.confidence)[:WORST]
    tiles = []
    for answer in wrong:
        tile = np.full((140, 220, 3), 255, np.uint8)
        tile[:100] = cv2.resize(answer.crop.image, (220, 100))
        for line, text in enumerate((answer.crop.text, f"{answer.reading.text} {answer.reading.confidence:.2f}")):
            cv2.putText(tile, text, (4, 116 + 18 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1)
        tiles.append(tile)
    tiles += [np.full((140, 220, 3), 255, np.uint8)] * (-len(tiles) % 6 + (6 if not tiles else 0))
    cv2.imwrite(str(path), np.vstack([np.hstack(tiles[n : n + 6]) for n in range(0, len(tiles), 6)]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plates", type=Path, required=True)
    parser.add_argument("--registry", type=Path, default=default_registry_path())
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--rapidocr", type=Path, help="python of an environment with rapidocr-onnxruntime")
    parser.add_argument("--peer-count", type=int, default=116, help="crops of each folder that the peer reads")
    parser.add_argument("--votes", type=int, default=400, help="rendered plates seen in five frames each")
    parser.add_argument("--seed", type=int, default=SEED, help="of those renders; no training seed")
    parser.add_argument("--fonts", type=Path, nargs="*", default=[])
    args = parser.parse_args()
    registry = load_registry(args.registry)
    eyes, network = open_plate_eyes(registry), registry.default("character")
    if eyes is None or network is None:
        parser.error(f"{args.registry}: names no plate networks under [defaults]")
    reader, everything = PlateReader(network), []
    print("| crops | rows | exact | after looking |\n|---|---|---|---|")
    for name in ("vito_moto_tworow", "vito_car_onerow"):
        crops = list(real_crops(args.plates / name))
        answers, milliseconds = answers_of(reader, crops)
        print_answers(name, answers)
        print(f"| {name} | | {milliseconds:.1f} ms of CPU a crop |")
        everything += answers
        if args.rapidocr:
            read_with_rapidocr(args.rapidocr, name, answers, args.peer_count)
    print_curve(everything)
    if args.sheet:
        worst_sheet(everything, args.sheet)
    measure_finder(eyes, args.plates / "chinh_parking_frames")
    legible = measure_votes(reader, Glyphs([*FONT_FOLDERS, *args.fonts]), args.votes, args.seed)
    if args.sheet:
        worst_sheet(legible, args.sheet.with_stem(f"{args.sheet.stem}-renders"))


if __name__ == "__main__":
    main()
