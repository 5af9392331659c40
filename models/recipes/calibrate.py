"""Find out what a network's scores mean: per vehicle class a slope and a shift of the log-odds, for the registry.

In: the held-out label file and a registered network. What the product tells of each picture is compared with the boxes
drawn by hand, leaving out what lies where the teacher saw a vehicle nobody drew; slope and shift are those of least
cross entropy (Platt, Probabilistic outputs for support vector machines, 1999). Since cars, buses and trucks are told
apart by the fits, reading and fitting take turns. Persons and bicycles have no boxes by hand and stay as they are. Out:
JSON and a plot of calibration error and reliability, every camera judged by fits to the other cameras alone; with
--write the fits to all cameras go into the registry.

    python -m models.recipes.calibrate --labels test.jsonl --name street-n --json calibration.json \
        --svg models/cards/street-n-reliability.svg --write
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from detector.inference.registry import Network, NetworkFile, default_registry_path, load_registry
from models.recipes.evaluate import RawReader, Truth, calibration_error, judged, matches, read_truths
from models.recipes.network import CLASSES, Boxes
from models.recipes.reliability import plot, reliability

CAMERA_OF_CLIP = {"258d53": "0bc77f"}
"""Clips that show the junction of another clip."""
VEHICLES_FROM = 2
PRIOR = 4.0
"""Weight of staying as it is, in boxes: keeps a rare class from a wild fit."""
JUDGED_FROM = 0.1
"""Raw score from which a box is seen by the tracker, and from which calibration is measured."""
PASSES = 3

Fit = tuple[float, float]
AS_IT_IS: Fit = (1.0, 0.0)


class Scored(NamedTuple):
    """Judged vehicle boxes of many images: log-odds (n,), class (n,), right at IoU 0.5 (n,), camera (n,)."""

    odds: np.ndarray
    kind: np.ndarray
    right: np.ndarray
    camera: np.ndarray

    def rows(self, picked: np.ndarray) -> Scored:
        return Scored(*(column[picked] for column in self))


def scored(found: Sequence[Boxes], truths: Sequence[Truth], cameras: Sequence[str]) -> Scored:
    """Return the vehicles found on `truths`, those left out where nobody knows whether they are right."""
    parts = [Scored(np.zeros(0), np.zeros(0, int), np.zeros(0, bool), np.zeros(0, str))]
    for boxes, truth, camera in zip(found, truths, cameras, strict=True):
        right = matches(boxes, truth)
        keep = (boxes[:, 5] >= VEHICLES_FROM) & judged(boxes, right, truth.undrawn)
        odds = logit(np.clip(boxes[keep, 4].astype(float), 1e-4, 1 - 1e-4))
        parts.append(Scored(odds, boxes[keep, 5].astype(int), right[keep, 0], np.full(keep.sum(), camera)))
    return Scored(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def fitted(odds: np.ndarray, right: np.ndarray) -> Fit:
    """Return slope and shift of the log-odds (n,) of least cross entropy against being right (n,)."""
    if len(odds) == 0:
        return AS_IT_IS
    signs = np.where(right, 1.0, -1.0)

    def cost(fit: np.ndarray) -> float:
        loss = np.logaddexp(0, -signs * (np.exp(fit[0]) * odds + fit[1])).sum()
        return float(loss + PRIOR * (fit[0] ** 2 + fit[1] ** 2 / 4))

    slope, shift = minimize(cost, np.zeros(2), method="BFGS").x
    return float(np.exp(slope)), float(shift)


def fits(boxes: Scored) -> dict[int, Fit]:
    """Return slope and shift of every vehicle class."""
    kinds = range(VEHICLES_FROM, len(CLASSES))
    return {kind: fitted(boxes.odds[boxes.kind == kind], boxes.right[boxes.kind == kind]) for kind in kinds}


def calibrated(boxes: Scored, by_kind: dict[int, Fit]) -> np.ndarray:
    """Return the scores (n,) of `boxes` after the fits."""
    both = np.array([by_kind[int(kind)] for kind in boxes.kind]).reshape(-1, 2)
    return np.asarray(expit(both[:, 0] * boxes.odds + both[:, 1]))


class HeldOut:
    """What a network gave for held-out pictures, read as the product reads it under any fits."""

    def __init__(self, network: Network, file: NetworkFile, truths: list[Truth], cameras: list[str]) -> None:
        self.truths = truths
        self.cameras = np.array(cameras)
        self._network = network
        reader = RawReader(network, file)
        self._raws = [reader.raw(truth.image) for truth in truths]

    def boxes(self, by_kind: dict[int, Fit], cameras: Sequence[str]) -> list[Boxes]:
        """Return the boxes of each picture of some cameras under the fits."""
        known = self._network.classes.values()
        named = {CLASSES[kind]: fit for kind, fit in by_kind.items() if CLASSES[kind] in known}
        network = Network.model_validate(self._network.model_dump() | {"calibration": named})
        return [
            RawReader.read(network, *raw)
            for raw, camera in zip(self._raws, self.cameras, strict=True)
            if camera in cameras
        ]

    def scored(self, by_kind: dict[int, Fit], cameras: Sequence[str]) -> Scored:
        """Return the judged vehicles of some cameras under the fits."""
        pairs = [(truth, one) for truth, one in zip(self.truths, self.cameras, strict=True) if one in cameras]
        return scored(self.boxes(by_kind, cameras), [truth for truth, _ in pairs], [one for _, one in pairs])

    def fit(self, cameras: Sequence[str]) -> dict[int, Fit]:
        """Return the fits to some cameras; reading and fitting take turns."""
        by_kind: dict[int, Fit] = {}
        for _ in range(PASSES):
            by_kind = fits(self.scored(by_kind, cameras))
        return by_kind

    @cached_property
    def across_cameras(self) -> tuple[Scored, np.ndarray, list[Boxes]]:
        """Boxes, their calibrated scores (n,), and boxes per picture, each camera by fits to the others."""
        everyone = sorted(set(self.cameras))
        parts, scores, told = [], [], {}
        for camera in everyone:
            by_kind = self.fit([one for one in everyone if one != camera])
            parts.append(self.scored(by_kind, [camera]))
            scores.append(calibrated(parts[-1], by_kind))
            told[camera] = iter(self.boxes(by_kind, [camera]))
        whole = Scored(*(np.concatenate(column) for column in zip(*parts, strict=True)))
        return whole, np.concatenate(scores), [next(told[camera]) for camera in self.cameras]


def report(scores: np.ndarray, boxes: Scored) -> dict[str, Any]:
    """Return counts and calibration error of boxes with a raw score of JUDGED_FROM or more, and their reliability."""
    seen = expit(boxes.odds) >= JUDGED_FROM
    parts = {CLASSES[kind]: seen & (boxes.kind == kind) for kind in range(VEHICLES_FROM, len(CLASSES))}
    parts |= {f"camera {camera}": seen & (boxes.camera == camera) for camera in sorted(set(boxes.camera.tolist()))}
    return {
        "boxes": int(seen.sum()),
        "error": round(calibration_error(scores[seen], boxes.right[seen]), 3),
        "parts": {
            name: {"boxes": int(own.sum()), "error": round(calibration_error(scores[own], boxes.right[own]), 3)}
            for name, own in parts.items()
        },
        "bins": reliability(scores[seen], boxes.right[seen]),
    }


def held_out(labels: Path, network: Network, file: NetworkFile) -> HeldOut:
    """Return what one file of a network gives for the pictures of a label file."""
    clips = [json.loads(line)["clip"] for line in labels.read_text().splitlines()]
    cameras = [CAMERA_OF_CLIP.get(clip, clip) for clip in clips]
    return HeldOut(network, file, read_truths(labels, squeezed=False), cameras)


def measured(pictures: HeldOut) -> dict[str, Any]:
    """Return calibration before any fit, after fits to other cameras, and the fits to all cameras."""
    everyone = sorted(set(pictures.cameras))
    plain = pictures.scored({}, everyone)
    told, scores, _ = pictures.across_cameras
    by_kind = pictures.fit(everyone)
    return {
        "raw": report(np.asarray(expit(plain.odds)), plain),
        "calibrated": report(scores, told),
        "fits": rounded(by_kind),
    }


def entered(text: str, name: str, by_label: dict[str, list[float]], *, table: str = "calibration") -> str:
    """Return the registry's text with a table of fits of network `name` replaced or put in.

    Raises ValueError if the registry does not describe the network.
    """
    classes, head = f"[networks.{name}.classes]", f"[networks.{name}.{table}]"
    if classes not in text:
        raise ValueError(f"no {classes} in the registry; write the network's description there first")
    kept = [block for block in text.split("\n\n") if not block.startswith(head)]
    place = next(number for number, block in enumerate(kept) if block.startswith(classes))
    kept.insert(place, "\n".join([head, *(f"{label} = {fit}" for label, fit in by_label.items())]))
    return "\n\n".join(kept)


def put_in(registry: Path, name: str, by_label: dict[str, list[float]], *, table: str = "calibration") -> None:
    """Put fits of a network into its registry at once; see `entered`."""
    part = registry.with_suffix(".part")
    part.write_text(entered(registry.read_text(), name, by_label, table=table))
    part.replace(registry)


def rounded(by_kind: dict[int, Fit]) -> dict[str, list[float]]:
    """Return fits as the registry holds them: by label, to two digits."""
    return {CLASSES[kind]: [round(value, 2) for value in fit] for kind, fit in by_kind.items()}


def curves(result: dict[str, Any]) -> dict[str, list[dict[str, float]]]:
    """Return the two reliability curves of `measured`, named for the plot."""
    names = {"raw": "raw", "calibrated": "calibrated, by other cameras"}
    return {f"{names[key]}: error {result[key]['error']}": result[key]["bins"] for key in names}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, required=True, help="test.jsonl of models.recipes.label")
    parser.add_argument("--registry", type=Path, default=default_registry_path())
    parser.add_argument("--name", default="street-n")
    parser.add_argument("--precision", choices=("fp16", "int8", "fp32"), default="fp16")
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--svg", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="put the fits into the registry")
    args = parser.parse_args()
    network = load_registry(args.registry).network(args.name)
    result = measured(held_out(args.labels, network, network.file_for("openvino", prefer=[args.precision])))
    args.json.write_text(json.dumps(result, indent=1) + "\n")
    args.svg.write_text(plot(curves(result)))
    if args.write:
        put_in(args.registry, args.name, result["fits"])
    print(json.dumps({key: result[key]["error"] for key in ("raw", "calibrated")} | {"fits": result["fits"]}))


if __name__ == "__main__":
    main()
