"""Street pictures of other cameras, in Roboflow's YOLO export: label files of them, and what the networks see there.

In: the folder of an export (`data.yaml`, `README.dataset.txt`, `train`, `valid`, `test` with `images` and `labels`) of
one of `SETS`. Out: `WORK/SET.jsonl`, lines as `label.py` writes them, every n-th picture of each recording; and with
--measure two tables, the raw output and what the product tells, of the COCO network and of the registry's street-n. A
set whose README does not state an open licence may be measured on, but --train refuses it.

    python -m models.recipes.elsewhere --set km39 --data vehicles-1 --work WORK --every 24 --measure
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml
from torch import from_numpy
from ultralytics.nn.tasks import DetectionModel

from detector.inference.registry import Network, NetworkFile, load_registry
from detector.types.errors import ConfigError
from models.recipes.card import table
from models.recipes.evaluate import SCORE_FLOOR, RawReader, Truth, measure, product_boxes, read_truths
from models.recipes.export import MODELS
from models.recipes.label import FRAME_WH, Labels, add_taught, overlaps, record, teacher_boxes, write_lines
from models.recipes.network import Boxes, kept_boxes, load_network
from models.recipes.street_card import NAME, PEER, PRECISIONS, UNMEASURED

OPEN = ("CC BY 4.0", "CC0", "Public Domain", "MIT", "Apache 2.0")
LICENCE = re.compile(r"^License:\s*(.+?)\s*$", re.MULTILINE)
BICYCLE, MOTORCYCLE, CAR, BUS, TRUCK = 1, 2, 3, 4, 5
TAKEN_FOR = 0.5
"""IoU from which the teacher's box and a drawn box of doubt are the same thing."""


@dataclass(frozen=True, slots=True)
class OtherSet:
    """How one set is read: its class names, those whose kind is a matter of taste, and what was augmented.

    Attributes:
        kinds: class name -> class of the product.
        doubt: class name -> classes that are not judged where it is drawn (a van that one calls bus, another car).
        parts: folders that hold pictures as the camera gave them; Roboflow augments `train` alone.
        size_wh: the true size of pictures squeezed to a square, or None where they are as recorded.
    """

    kinds: dict[str, int]
    doubt: dict[str, tuple[int, ...]]
    parts: tuple[str, ...]
    size_wh: tuple[int, int] | None


SETS = {
    "km39": OtherSet(
        kinds=dict.fromkeys(("big bus", "bus-l-"), BUS)
        | dict.fromkeys(("big truck", "mid truck", "small truck", "truck-l-", "truck-m-", "truck-xl-"), TRUCK)
        | {"car": CAR},
        doubt={"small bus": (BUS,), "bus-s-": (BUS,), "truck-s-": (TRUCK,)},
        parts=("train", "valid", "test"),
        size_wh=FRAME_WH,
    ),
    "atl": OtherSet(
        kinds={"bus": BUS, "car": CAR, "truck": TRUCK},
        doubt={"bike": (BICYCLE, MOTORCYCLE)},
        parts=("valid", "test"),
        size_wh=None,
    ),
}
"""km39: "vehicles" of Roboflow 100 (vehicles-q0x2v), one camera of a toll road in Indonesia, dry, wet and at night;
atl: "ATL-version-2" (finalproject-bqip3), several roads by day and night, in part what looks like others' footage."""


def licence_of(folder: Path) -> str | None:
    """Return the licence that the README of an export states, or None."""
    path = folder / "README.dataset.txt"
    stated = LICENCE.search(path.read_text(encoding="utf-8")) if path.is_file() else None
    return stated[1] if stated else None


def names_of(folder: Path, wanted: OtherSet) -> list[str]:
    """Return the class names of an export.

    Raises:
        ConfigError: there is no readable data.yaml, or it names a class that the set is not known to have.
    """
    path = folder / "data.yaml"
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))["names"]
    except (OSError, yaml.YAMLError, TypeError, KeyError) as error:
        raise ConfigError(f"{path}: no class names to be read; name the folder of a YOLO export") from error
    names = [str(name) for name in (found.values() if isinstance(found, dict) else found)]
    unknown = sorted(set(names) - wanted.kinds.keys() - wanted.doubt.keys())
    if unknown:
        raise ConfigError(f"{path}: names: {', '.join(unknown)} are no classes of this set; name another --set")
    return names


def drawn_boxes(path: Path, names: list[str], wanted: OtherSet, size_wh: tuple[int, int]) -> tuple[Labels, Labels]:
    """Return what one label file draws, in pixels: boxes of a known kind, and those of doubt; outlines become boxes.

    Raises:
        ConfigError: a row is none.
    """
    labels, doubt = Labels(), Labels()
    for number, line in enumerate(path.read_text().splitlines() if path.is_file() else (), 1):
        try:
            name = names[int(line.split()[0])]
            box = _box(np.array(line.split()[1:], np.float32)) * np.tile(size_wh, 2)
        except (ValueError, IndexError) as error:
            raise ConfigError(
                f"{path}:{number}: {line!r}; expected a class of data.yaml and a box or outline"
            ) from error
        for doubted in wanted.doubt.get(name, ()):
            doubt.add(doubted, box, sure=False)
        if name in wanted.kinds:
            labels.add(wanted.kinds[name], box, sure=True)
    labels.drawn = len(labels.boxes)
    return labels, doubt


def _box(values: Boxes) -> Boxes:
    """Return x1 y1 x2 y2 of `cx cy w h`, or of the outline `x1 y1 x2 y2 x3 y3 ...`, in 0..1."""
    if len(values) < 4:
        raise ValueError(f"{len(values)} values")
    if len(values) == 4:
        return np.concatenate((values[:2] - values[2:] / 2, values[:2] + values[2:] / 2))
    corners = values.reshape(-1, 2)
    return np.concatenate((corners.min(0), corners.max(0)))


def pictures(folder: Path, parts: tuple[str, ...], every: int) -> list[Path]:
    """Return every n-th picture of each recording, by name and number."""
    recordings: dict[str, list[tuple[int, Path]]] = {}
    for part in parts:
        for path in sorted((folder / part / "images").glob("*.jpg")):
            stem = path.name.split(".rf.")[0]
            number = re.search(r"(\d+)\D*$", stem)
            name = stem.split("_mp4")[0] if "_mp4" in stem else ""
            recordings.setdefault(name, []).append((int(number[1]) if number else 0, path))
    return [path for _, found in sorted(recordings.items()) for _, path in sorted(found)[::every]]


def label_other(folder: Path, wanted: OtherSet, every: int, teacher: DetectionModel) -> Iterator[str]:
    """Yield a label line for every n-th picture of each recording.

    Raises:
        ConfigError: the folder is not an export of this set, or a picture or a row of it cannot be read.
    """
    names, found = names_of(folder, wanted), pictures(folder, wanted.parts, every)
    if not found:
        raise ConfigError(f"{folder}: no pictures in {', '.join(wanted.parts)}; name the folder of a YOLO export")
    for path in found:
        pixels = cv2.imread(str(path))
        if pixels is None:
            raise ConfigError(f"{path}: not readable as a picture; fetch it again")
        image = np.asarray(pixels, np.uint8)
        size_wh = wanted.size_wh or (image.shape[1], image.shape[0])
        image = np.asarray(cv2.resize(image, size_wh), np.uint8)
        labels, doubt = drawn_boxes(path.parent.parent / "labels" / f"{path.stem}.txt", names, wanted, size_wh)
        add_taught(labels, without(teacher_boxes(teacher, image), doubt))
        labels.unsure += doubt.unsure
        yield record(path.resolve(), size_wh, labels)


def without(found: Boxes, doubt: Labels) -> Boxes:
    """Return the teacher's boxes (n, 6) but those of things that are drawn with a class of doubt, riders included."""
    known = np.array([row[1:] for row in doubt.unsure], np.float32).reshape(-1, 4)
    if not len(known):
        return found
    return np.array([row for row in found if not _taken(row, known)], np.float32).reshape(-1, 6)


def _taken(row: Boxes, known: Boxes) -> bool:
    iou, inside = overlaps(row[:4], known)
    return bool(iou.max() > TAKEN_FOR or (row[5] <= MOTORCYCLE and inside.max() > TAKEN_FOR))


def seen(network: Network, file: NetworkFile, truths: list[Truth]) -> tuple[list[Boxes], list[Boxes]]:
    """Return what one file sees on each picture as the product scales it: raw output, and what the product tells."""
    reader = RawReader(network, file)
    raw_boxes, told = [], []
    for truth in truths:
        raw, picture = reader.raw(truth.image)
        boxes = kept_boxes(from_numpy(raw), 1.0, (0, 0), SCORE_FLOOR)
        boxes[:, :4] = picture.letterbox.to_source(boxes[:, :4])
        raw_boxes.append(product_boxes(boxes, raw.shape[1] - 4))
        told.append(RawReader.read(network, raw, picture))
    return raw_boxes, told


def measured(labels: Path, name: str) -> list[str]:
    """Return the tables of the raw output and of what the product tells, on one label file."""
    truths = read_truths(labels, squeezed=False)
    registry = load_registry(MODELS / "registry.toml")
    ours, peer = registry.network(NAME), registry.network(PEER)
    files = {"COCO int8": (peer, peer.files[0])}
    files |= {f"{NAME} {one}": (ours, ours.file_for("openvino", prefer=[one])) for one in PRECISIONS}
    raw: dict[str, Any] = {}
    told: dict[str, Any] = {}
    for key, (network, file) in files.items():
        raw[key], told[key] = (measure(boxes, truths) for boxes in seen(network, file, truths))
        told[key] = {kind: figures for kind, figures in told[key].items() if kind not in UNMEASURED}
    return [
        table(f"{name}, raw output", {"images": len(truths), "networks": raw}),
        table(f"{name}, as the product tells it", {"images": len(truths), "networks": told}),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=sorted(SETS), required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the export")
    parser.add_argument("--work", type=Path, required=True, help="folder that holds coco.pt of dequantise.py")
    parser.add_argument("--every", type=int, default=1, help="take every n-th picture of a recording")
    parser.add_argument("--train", action="store_true", help="the labels are for training: insist on an open licence")
    parser.add_argument("--measure", action="store_true", help="print what the networks see there")
    args = parser.parse_args()
    if args.every < 1:
        parser.error(f"--every {args.every}: expected 1 or more")
    licence = licence_of(args.data)
    if args.train and licence not in OPEN:
        parser.error(f"--data {args.data}: licence {licence or 'not stated'}; training needs one of {', '.join(OPEN)}")
    out = args.work / f"{args.set}.jsonl"
    try:
        write_lines(out, list(label_other(args.data, SETS[args.set], args.every, load_network(args.work / "coco.pt"))))
    except (ConfigError, FileNotFoundError) as error:
        parser.error(str(error))
    print(f"licence: {licence or 'none stated'}")
    if args.measure:
        print("\n\n".join(measured(out, args.set)))


if __name__ == "__main__":
    main()
