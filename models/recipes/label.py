"""Write the label files that training and evaluation read: boxes that are known, and regions nobody is sure of.

In: `vn_streets` (vehicles boxed by hand, people and bicycles not) and the COCO network as teacher (`coco.pt`).
Out: `train.jsonl` and `test.jsonl`, one image a line, coordinates 0..1 of the image:
`{"image": path, "size_wh": [1138, 640], "clip": "0bc77f", "drawn": 7,
"boxes": [[class, x1, y1, x2, y2]], "unsure": [[class, x1, y1, x2, y2]]}`; the first `drawn` boxes are by hand, the
others the teacher's.
`unsure` regions neither reward nor punish the network for that class. A person inside a motorcycle's box is its
rider and gets no box: rider and motorcycle are one road user. A cyclist stays a person and a bicycle, as in COCO.

Frames of recordings have no boxes drawn by hand: there a trained street network labels the vehicles (--vehicles).

    python -m models.recipes.label --data ../shared/data/detection/vn_streets --out WORK
    python -m models.recipes.label --footage a.mp4 --vehicles RUN/average.pt --out WORK
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
from torch import from_numpy
from torchvision.ops import nms
from ultralytics.nn.tasks import DetectionModel

from models.recipes.network import COCO_IDS, Boxes, Image, detect, input_size, load_network

TEST_CLIPS = ("0bc77f", "258d53", "79b214", "d88dc9", "e42a18")
"""Held out: no camera of these five clips is in training (0bc77f and 258d53 show one junction)."""
SOURCE_CLASSES = {"bus": 4, "car": 3, "motorbike": 2, "truck": 5}
FRAME_WH = (1138, 640)
"""The frames were 16:9 before somebody squeezed them to a square."""
PERSON, BICYCLE, MOTORCYCLE, BUS = 0, 1, 2, 4
SURE = {PERSON: 0.5, BICYCLE: 0.45, MOTORCYCLE: 0.45}
DOUBT = {PERSON: 0.12, BICYCLE: 0.12, MOTORCYCLE: 0.15, 3: 0.3, 4: 0.3, 5: 0.3}
TEACHER_LONG_SIDES_PX = (1152, 1664)
VEHICLE_LONG_SIDE_PX = 1152
VEHICLE_SURE, VEHICLE_AGREED, VEHICLE_DOUBT = 0.55, 0.35, 0.15
SQUEEZED = ("street_market_1fps",)
"""Recordings whose frames were squeezed from 16:9 to a square."""


@dataclass(slots=True)
class Labels:
    """Boxes (class, x1, y1, x2, y2) in pixels of one image: known ones, hand-drawn ones first, and those of doubt."""

    boxes: list[list[float]] = field(default_factory=list)
    unsure: list[list[float]] = field(default_factory=list)
    drawn: int = 0

    def add(self, kind: int, box: Boxes, *, sure: bool) -> None:
        (self.boxes if sure else self.unsure).append([kind, *(float(value) for value in box[:4])])

    def of(self, *kinds: int) -> Boxes:
        """Return the known boxes (n, 4) of the given classes."""
        rows = [row[1:] for row in self.boxes if row[0] in kinds]
        return np.array(rows, np.float32).reshape(-1, 4)


def overlaps(box: Boxes, others: Boxes) -> tuple[Boxes, Boxes]:
    """Return the IoU of `box` (4,) with `others` (n, 4) and the share of `box` that lies inside each of them."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:4], others[:, 2:4])
    inter = np.prod(np.clip(high - low, 0, None), axis=1)
    own = float(np.prod(box[2:4] - box[:2]))
    union = own + np.prod(others[:, 2:4] - others[:, :2], axis=1) - inter
    return inter / np.maximum(union, 1e-6), inter / max(own, 1e-6)


def teacher_boxes(teacher: DetectionModel, image: Image) -> Boxes:
    """Return what the teacher sees (n, 6) at several sizes and mirrored, in the product's classes, merged."""
    found = []
    for long_side_px in TEACHER_LONG_SIDES_PX:
        for mirrored in (False, True):
            view = np.ascontiguousarray(image[:, ::-1]) if mirrored else image
            boxes = detect(teacher, view, input_size(image, long_side_px), min(DOUBT.values()))
            if mirrored:
                boxes[:, [0, 2]] = image.shape[1] - boxes[:, [2, 0]]
            found.append(boxes)
    merged = np.concatenate(found)
    merged = merged[np.isin(merged[:, 5], COCO_IDS)]
    merged[:, 5] = [COCO_IDS.index(int(kind)) for kind in merged[:, 5]]
    keep = nms(from_numpy(merged[:, :4] + merged[:, 5:] * 10_000), from_numpy(merged[:, 4]), 0.6).numpy()
    return np.asarray(merged[keep], np.float32)


def source_labels(path: Path, names: list[str]) -> Labels:
    """Return the vehicles boxed by hand in one YOLO text file, in pixels of the un-squeezed frame."""
    labels = Labels()
    for line in path.read_text().splitlines():
        kind, cx, cy, width, height = (float(value) for value in line.split()[:5])
        box = np.array([cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2], np.float32)
        labels.add(SOURCE_CLASSES[names[int(kind)]], box * (*FRAME_WH, *FRAME_WH), sure=True)
    labels.drawn = len(labels.boxes)
    return labels


def add_parked(labels: Labels, found: Boxes) -> None:
    """Add motorcycles and doubtful vehicles that the teacher sees where nobody drew a box."""
    known = labels.of(2, 3, 4, 5)
    for box in found[found[:, 5] >= MOTORCYCLE]:
        kind = int(box[5])
        iou, inside = overlaps(box, known)
        if box[4] < DOUBT[kind] or (len(known) and (iou.max() > 0.25 or inside.max() > 0.5)):
            continue
        labels.add(kind, box, sure=kind == MOTORCYCLE and box[4] >= SURE[kind])


def add_people(labels: Labels, found: Boxes) -> None:
    """Add persons and bicycles, leaving out riders of motorcycles and motorcycles taken for bicycles."""
    motorcycles = labels.of(MOTORCYCLE)
    for box in found[found[:, 5] <= BICYCLE]:
        kind = int(box[5])
        iou, inside = overlaps(box, motorcycles)
        if box[4] < DOUBT[kind] or (len(motorcycles) and (inside.max() > 0.6 or iou.max() > 0.4)):
            continue
        beside_one = len(motorcycles) > 0 and inside.max() > 0.25
        labels.add(kind, box, sure=box[4] >= SURE[kind] and not beside_one)


def record(path: Path, image_wh: tuple[int, int], labels: Labels) -> str:
    """Return one line of a label file, coordinates clipped to the image and scaled to 0..1."""
    size = np.array([*image_wh, *image_wh], np.float32)

    def rows(boxes: list[list[float]]) -> list[list[float]]:
        scaled = [[int(row[0]), *np.clip(np.array(row[1:]) / size, 0, 1).round(5).tolist()] for row in boxes]
        return [row for row in scaled if row[3] > row[1] and row[4] > row[2]]

    drawn = len(rows(labels.boxes[: labels.drawn]))
    entry = {"image": str(path), "size_wh": list(image_wh), "clip": path.name[:6], "drawn": drawn}
    return json.dumps(entry | {"boxes": rows(labels.boxes), "unsure": rows(labels.unsure)})


def label_source(
    data: Path, teacher: DetectionModel, parts: tuple[str, ...] = ("train", "test")
) -> Iterator[tuple[str, str]]:
    """Yield part and label line of every image of vn_streets that belongs to one of `parts`."""
    names = (data / "classes.txt").read_text().split()
    for path in sorted((data / "images").glob("*.jpg")):
        part = "test" if path.name[:6] in TEST_CLIPS else "train"
        if part not in parts:
            continue
        image = np.asarray(cv2.resize(cv2.imread(str(path)), FRAME_WH), np.uint8)
        labels = source_labels(data / "labels" / f"{path.stem}.txt", names)
        add_taught(labels, teacher_boxes(teacher, image))
        yield part, record(path.resolve(), FRAME_WH, labels)


def add_taught(labels: Labels, found: Boxes) -> None:
    add_parked(labels, found)
    add_people(labels, found)


def frames_of(video: Path, every: int, folder: Path, wide: tuple[int, int] | None) -> Iterator[tuple[Path, Image]]:
    """Yield every n-th frame of `video`, each written to `folder` as stored; squeezed ones at their true size."""
    folder.mkdir(parents=True, exist_ok=True)
    with av.open(str(video)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index % every == 0:
                image = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
                path = folder / f"{video.stem}_{index:05d}.png"
                cv2.imwrite(str(path), image)
                yield path, image if wide is None else np.asarray(cv2.resize(image, wide), np.uint8)


def add_vehicles(labels: Labels, found: Boxes, taught: Boxes) -> None:
    """Add vehicles of a trained street network (n, 6), sure where it is strong or the teacher (m, 6) agrees.

    Where the two call a vehicle different kinds nobody is sure; buses that only the teacher sees are taken from it.
    """
    taught = taught[(taught[:, 5] >= MOTORCYCLE) & (taught[:, 4] >= 0.35)]
    for box in found[found[:, 5] >= MOTORCYCLE]:
        iou, _ = overlaps(box, taught[:, :4])
        same = taught[iou > 0.6, 5] == box[5]
        agreed, denied = bool(same.any()), bool(len(same) and not same.any())
        labels.add(int(box[5]), box, sure=not denied and box[4] >= (VEHICLE_AGREED if agreed else VEHICLE_SURE))
    known = np.array([row[1:] for row in labels.boxes + labels.unsure], np.float32).reshape(-1, 4)
    for box in taught[(taught[:, 5] == BUS) & (taught[:, 4] >= VEHICLE_SURE)]:
        if len(known) == 0 or overlaps(box, known)[0].max() < 0.4:
            labels.add(BUS, box, sure=True)


def label_footage(
    videos: list[Path], every: int, out: Path, teacher: DetectionModel, vehicles: DetectionModel | None
) -> Iterator[str]:
    """Yield a label line for frames of each video."""
    for video in videos:
        if not video.is_file():
            raise FileNotFoundError(f"{video}: no such recording")
        wide = FRAME_WH if video.stem in SQUEEZED else None
        for path, image in frames_of(video, every, out / "frames", wide):
            labels, taught = Labels(), teacher_boxes(teacher, image)
            if vehicles is not None:
                seen = detect(vehicles, image, input_size(image, VEHICLE_LONG_SIDE_PX), VEHICLE_DOUBT)
                add_vehicles(labels, seen, taught)
            add_taught(labels, taught)
            yield record(path, (image.shape[1], image.shape[0]), labels)


def write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} images -> {path}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="the vn_streets folder")
    parser.add_argument("--footage", type=Path, nargs="+", help="recordings to take frames from, instead of --data")
    parser.add_argument("--every", type=int, default=2, help="take every n-th frame of a recording")
    parser.add_argument("--vehicles", type=Path, help="checkpoint that labels the vehicles of recordings")
    parser.add_argument("--part", default="footage", help="name of the label file for --footage")
    parser.add_argument("--out", type=Path, required=True, help="folder that holds coco.pt")
    args = parser.parse_args()
    teacher = load_network(args.out / "coco.pt")
    if args.footage:
        vehicles = load_network(args.vehicles) if args.vehicles else None
        lines = label_footage(args.footage, args.every, args.out, teacher, vehicles)
        write_lines(args.out / f"{args.part}.jsonl", list(lines))
        return
    if args.data is None or not (args.data / "classes.txt").is_file():
        parser.error(f"--data {args.data}: no classes.txt there; the data set vn_streets (CC BY 4.0) is needed")
    parts: dict[str, list[str]] = {"train": [], "test": []}
    for part, line in label_source(args.data, teacher):
        parts[part].append(line)
    for part, part_lines in parts.items():
        write_lines(args.out / f"{part}.jsonl", part_lines)


if __name__ == "__main__":
    main()
