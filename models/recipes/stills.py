"""What a single picture's several looks together are worth, and what their mean score means.

In: the label files of `street_card.py` and a registered network that looks at stills. Out: JSON and, for the card, a
table: what `phatnguoi detect` tells of the held-out clips in their true shape and squeezed to a square, as they are
stored, and of persons and bicycles of other recordings, beside a single look's. With --write the slope and shift of
every class go into the registry: vehicles against boxes drawn by hand, persons and bicycles, which nobody drew, against
what the COCO network tells at larger sizes. Errors of calibration are of every camera by fits to the others alone.

    python -m models.recipes.stills --work WORK --write
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit, logit

from detector.inference.registry import Network, Precision, default_registry_path, load_registry
from detector.inference.stills import StillDetector
from models.recipes.calibrate import CAMERA_OF_CLIP, Scored, calibrated, calibration_error, fitted, put_in, rounded
from models.recipes.evaluate import Truth, judged, matches, measure, product_detector, read_truths
from models.recipes.network import CLASSES, Boxes

PEOPLE = tuple(range(CLASSES.index("motorcycle")))
VEHICLES = tuple(range(len(PEOPLE), len(CLASSES)))
JUDGED_FROM = 0.05
"""Probability from which calibration is measured, as boxes are told."""


def boxes_of(
    network: Network, truths: Sequence[Truth], *, second: Network | None = None, score_min: float | None = None
) -> list[Boxes]:
    """Return what the product tells of every picture, (n, 6)."""
    detector = StillDetector(network, second=second, score_min=score_min)
    try:
        seen = [detector.detect(truth.image) for truth in truths]
    finally:
        detector.close()
    return [np.column_stack((one.xyxy, one.score, one.kind)).astype(np.float32) for one in seen]


def judged_boxes(found: Sequence[Boxes], truths: Sequence[Truth], cameras: Sequence[str]) -> Scored:
    """Return the boxes that can be judged: not those where nobody knows whether they are right."""
    parts = []
    for boxes, truth, camera in zip(found, truths, cameras, strict=True):
        right = matches(boxes, truth)
        keep = judged(boxes, right, truth.undrawn) & judged(boxes, right, truth.unsure)
        odds = logit(np.clip(boxes[keep, 4].astype(float), 1e-4, 1 - 1e-4))
        parts.append(Scored(odds, boxes[keep, 5].astype(int), right[keep, 0], np.full(keep.sum(), camera)))
    return Scored(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def fits(boxes: Scored, kinds: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Return slope and shift of some classes."""
    return {kind: fitted(boxes.odds[boxes.kind == kind], boxes.right[boxes.kind == kind]) for kind in kinds}


def across_cameras(boxes: Scored, kinds: Sequence[int]) -> dict[str, float | int]:
    """Return how many boxes of some classes there are and how far scores are off, before any fit and after fits to
    the other cameras."""
    boxes = boxes.rows(np.isin(boxes.kind, kinds))
    told = np.zeros(len(boxes.kind))
    for camera in sorted(set(boxes.camera.tolist())):
        own = boxes.camera == camera
        told[own] = calibrated(boxes.rows(own), fits(boxes.rows(~own), kinds))
    plain = np.asarray(expit(boxes.odds))
    seen, before = told >= JUDGED_FROM, plain >= JUDGED_FROM
    return {
        "boxes": int(seen.sum()),
        "before": round(calibration_error(plain[before], boxes.right[before]), 3),
        "error": round(calibration_error(told[seen], boxes.right[seen]), 3),
    }


def cameras_of(labels: Path) -> list[str]:
    """Return the camera of every picture of a label file."""
    clips = [json.loads(line)["clip"] for line in labels.read_text().splitlines()]
    return [CAMERA_OF_CLIP.get(clip, clip) for clip in clips]


def found_fits(network: Network, second: Network | None, work: Path) -> dict[str, Any]:
    """Return the fits of all classes and how far scores are off without and with them."""
    assert network.stills is not None
    plain = network.model_copy(update={"stills": network.stills.model_copy(update={"calibration": {}})})
    result: dict[str, Any] = {"fits": {}}
    for name, file, kinds in (("vehicles", "test.jsonl", VEHICLES), ("people", "people.jsonl", PEOPLE)):
        truths = read_truths(work / file, squeezed=False)
        boxes = judged_boxes(boxes_of(plain, truths, second=second, score_min=0.0), truths, cameras_of(work / file))
        result[name] = across_cameras(boxes, kinds)
        result["fits"] |= rounded(fits(boxes, kinds))
    return result


def still_tables(network: Network, second: Network | None, peer: Network, work: Path) -> list[str]:
    """Return the card's tables: AP50, precision and recall from 0.25 on, of what the command tells as it stands."""
    once = network.model_copy(update={"stills": None})
    theirs = product_detector(peer, peer.files[0])
    lines = [
        "### Single pictures, as `phatnguoi detect` tells them unasked (INT8)",
        "",
        "| pictures | looked at | " + " | ".join(CLASSES) + " |",
        "|---" * (len(CLASSES) + 2) + "|",
    ]
    for name, file, squeezed, kinds in (
        ("held-out clips", "test.jsonl", False, VEHICLES),
        ("the same, squeezed to a square", "test.jsonl", True, VEHICLES),
        ("other recordings", "people.jsonl", False, PEOPLE),
    ):
        truths = read_truths(work / file, squeezed=squeezed)
        rows = {
            "COCO int8, once, everything from 0.01 on": [theirs(truth.image) for truth in truths],
            "once, from 0.25 on": boxes_of(once, truths),
            "thoroughly": boxes_of(network, truths, second=second),
        }
        for looked, found in rows.items():
            figures = measure(found, truths)
            lines.append(f"| {name} | {looked} | " + " | ".join(_cell(figures, one, kinds) for one in CLASSES) + " |")
    return ["\n".join(lines)]


def _cell(figures: dict[str, Any], label: str, kinds: Sequence[int]) -> str:
    if CLASSES.index(label) not in kinds:
        return "-"
    one = figures[label]
    return f"{one['ap50']:.3f} ({one['precision']:.2f}, {one['recall']:.2f})"


def preferring(network: Network, precision: Precision) -> Network:
    """Return the network run from one export whatever the machine."""
    return network.model_copy(update={"preferred": precision})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder of models.recipes.street_card")
    parser.add_argument("--registry", type=Path, default=default_registry_path())
    parser.add_argument("--name", default="street-n")
    parser.add_argument("--write", action="store_true", help="put the fits into the registry")
    args = parser.parse_args()
    registry = load_registry(args.registry)
    network = preferring(registry.network(args.name), "int8")
    if network.stills is None:
        parser.error(f"{args.name}: has no [networks.{args.name}.stills] in {args.registry}; write it there first")
    result = found_fits(network, registry.second(network), args.work)
    if args.write:
        put_in(args.registry, args.name, result["fits"], table="stills.calibration")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
