"""A city's own reviewed pictures: YOLO-format folders read strictly, every fault named by file and line.

In: a folder with `data.yaml` (`names`, `train`, `val`, optional `path`), `images/...` and `labels/...` beside it, one
text file a picture, rows `class cx cy w h` in 0..1. Out: `Frame`s with the product's classes. A picture without a
label file, or with an empty one, shows none of the named classes; a label file without its picture is a fault.
Classes of the product that `names` lacks are left unjudged in training.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import yaml

from detector.types.errors import ConfigError
from models.recipes.frames import Frame
from models.recipes.network import CLASSES, Boxes, Image

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
SPELLINGS = {"motorbike": "motorcycle", "people": "person", "pedestrian": "person", "lorry": "truck", "bike": "bicycle"}
SLACK = 1e-3
"""A box may stick out of the picture by this part of it: rounding of other tools."""
VEHICLES = (2, 3, 4, 5)
PARTS = ("train", "val")


@dataclass(slots=True)
class DataSet:
    """The two parts of a data set, which classes its labels name, what is wrong with it, and its digest."""

    frames: dict[str, list[Frame]] = field(default_factory=lambda: {part: [] for part in PARTS})
    named: tuple[int, ...] = ()
    empty: int = 0
    faults: list[str] = field(default_factory=list)
    digest: str = ""


def read_data_set(folder: Path) -> DataSet:
    """Return the data set under `folder`.

    Raises:
        ConfigError: one line per fault, each with file, line, what was found, what is expected and the cure.
    """
    description = _description(folder)
    found = DataSet()
    ids = _class_ids(folder / "data.yaml", description.get("names"), found.faults)
    found.named = tuple(sorted(set(ids.values())))
    hashes = hashlib.sha256()
    seen: dict[Path, str] = {}
    for part in PARTS:
        for image, label in _pairs(folder, description, part, found.faults):
            if seen.setdefault(image.resolve(), part) != part:
                found.faults.append(f"{image}: stands in train and in val; hold out whole cameras")
            _read_picture(found, part, image, label, ids)
            hashes.update(f"{image}\n".encode() + (label.read_bytes() if label.is_file() else b""))
        if not found.faults and not any(len(frame.boxes) for frame in found.frames[part]):
            found.faults.append(f"{folder / 'data.yaml'}: {part}: no labelled box; expected at least one")
    if found.faults:
        raise ConfigError("\n".join(found.faults))
    found.digest = hashes.hexdigest()
    return found


def _description(folder: Path) -> dict[str, object]:
    path = folder / "data.yaml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); name a YOLO-format folder") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not readable as YAML: {error}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: expected keys names, train and val, got {type(content).__name__}")
    return content


def _class_ids(path: Path, names: object, faults: list[str]) -> dict[int, int]:
    """Return the data set's class number -> the product's; names the product lacks are faults."""
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or not names or not all(isinstance(key, int) for key in names):
        faults.append(f"{path}: names: expected a list of class names, or numbers with names, got {names!r}")
        return {}
    ids = {}
    for number, name in names.items():
        known = SPELLINGS.get(str(name).lower(), str(name).lower())
        if known in CLASSES:
            ids[number] = CLASSES.index(known)
        else:
            faults.append(f"{path}: names: class {number} is {name!r}; expected one of {', '.join(CLASSES)}; rename it")
    return ids


def _pairs(folder: Path, description: dict[str, object], part: str, faults: list[str]) -> Iterator[tuple[Path, Path]]:
    """Yield every picture of one part with where its labels are; note label files without a picture."""
    images = (folder / str(description.get("path") or ".") / str(description.get(part) or "")).resolve()
    if not description.get(part) or not images.is_dir() or "images" not in images.parts:
        faults.append(f"{folder / 'data.yaml'}: {part}: expected a folder under images/, got {description.get(part)!r}")
        return
    before, after = _around_last(images.parts, "images")
    labels = Path(*before, "labels", *after)
    found = {path.stem: path for path in sorted(images.iterdir()) if path.suffix.lower() in SUFFIXES}
    faults.extend(
        f"{label}: no picture {images / label.stem}.*; add the picture or remove the label file"
        for label in sorted(labels.glob("*.txt"))
        if label.stem not in found
    )
    if not found:
        faults.append(f"{images}: no pictures; expected files ending in {', '.join(SUFFIXES)}")
    for stem, image in found.items():
        yield image, labels / f"{stem}.txt"


def _around_last(parts: tuple[str, ...], name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    place = len(parts) - 1 - parts[::-1].index(name)
    return parts[:place], parts[place + 1 :]


def _read_picture(found: DataSet, part: str, image: Path, label: Path, ids: dict[int, int]) -> None:
    rows = _rows(label, ids, found.faults) if label.is_file() else []
    pixels = cv2.imread(str(image))
    if pixels is None:
        found.faults.append(f"{image}: not readable as a picture; replace it, or remove it with its labels")
        return
    found.empty += not rows
    boxes = np.array(rows, np.float32).reshape(-1, 5)
    found.frames[part].append(_frame(np.asarray(pixels, np.uint8), image, boxes, found.named))


def _frame(pixels: Image, path: Path, boxes: Boxes, named: tuple[int, ...]) -> Frame:
    unnamed = [[kind, 0, 0, 1, 1] for kind in VEHICLES if kind not in named]
    unsure = np.array(unnamed, np.float32).reshape(-1, 5)
    return Frame(pixels, (pixels.shape[1], pixels.shape[0]), path.stem[:6], boxes, unsure)


def _rows(label: Path, ids: dict[int, int], faults: list[str]) -> list[list[float]]:
    """Return rows (class, x1, y1, x2, y2) of one label file; note every line that is none."""
    try:
        lines = label.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        faults.append(f"{label}: not readable as text; expected rows `class cx cy w h`")
        return []
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        fault = _fault(line.split(), ids)
        if fault:
            faults.append(f"{label}:{number}: {fault}")
            continue
        kind, cx, cy, width, height = (float(word) for word in line.split())
        box = np.clip([cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2], 0, 1).tolist()
        rows.append([float(ids[int(kind)]), *box])
    return rows


def _fault(words: list[str], ids: dict[int, int]) -> str:
    """Return what is wrong with one row, or an empty string."""
    if len(words) != 5:
        return f"{len(words)} values; expected 5: class cx cy w h (boxes, no outlines)"
    try:
        kind, *box = (float(word) for word in words)
    except ValueError:
        return f"{' '.join(words)!r} holds something that is no number; expected class cx cy w h"
    if not all(math.isfinite(value) for value in (kind, *box)):
        return "a value is NaN or infinite; expected numbers from 0 to 1; draw the box again"
    if kind not in ids:
        return f"class {words[0]}; expected one of {sorted(ids)} as in data.yaml"
    return _box_fault(*box)


def _box_fault(cx: float, cy: float, width: float, height: float) -> str:
    if width <= 0 or height <= 0:
        return f"box of size {width} x {height}; expected sides above 0; draw it again or remove the row"
    outside = -min(cx - width / 2, cy - height / 2, 1 - cx - width / 2, 1 - cy - height / 2)
    if outside > SLACK:
        return f"box reaches {outside:.3f} outside the picture; expected all of it within 0..1; cut it at the edge"
    return ""
