"""Make scores mean more: per class, log-odds are shifted (and scaled), folded into the head's last rows.

In: a checkpoint of `train.py` or `blend.py`, the held-out label file and the COCO network. Persons and bicycles have
no boxes by hand: they are shifted to the teacher's log-odds on the training frames. Vehicles: slope and shift of least
cross entropy against the boxes drawn by hand, leaving out what lies where the teacher saw a vehicle nobody drew
(Platt, Probabilistic outputs for support vector machines, 1999); folded in with --vehicles alone, since trackers and
rules hold thresholds that were chosen on scores without it. Out: a checkpoint, and JSON and a plot of calibration
error and reliability of vehicles as they are and fitted, every camera judged by a fit to the other cameras.

    python -m models.recipes.calibrate --network blend.pt --teacher start.pt --labels test.jsonl --train train.jsonl \
        --out final.pt --json calibration.json --svg models/cards/street-n-reliability.svg
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import expit, logit
from torch import Tensor
from ultralytics.nn.tasks import DetectionModel

from models.recipes.evaluate import SCORE_FLOOR, Truth, calibration_error, judged, matches, read_truths
from models.recipes.frames import Frame, read_frames
from models.recipes.network import (
    CLASSES,
    detect,
    input_size,
    letterbox,
    load_network,
    raw_floats,
    save_network,
    to_tensor,
)
from models.recipes.train import SEED, TAUGHT

CAMERA_OF_CLIP = {"258d53": "0bc77f"}
"""Clips that show the junction of another clip."""
LONG_SIDE_PX = 640
LESSON_FRAMES = 80
TEACHER_LOGIT_MIN = -2.2
"""The teacher's scores from 0.1 up are matched; below, nothing is ever reported."""
PRIOR = 4.0
"""Weight of staying as it is, in boxes: keeps a rare class from a wild fit."""
JUDGED_FROM = 0.1
BINS = 10

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


def scored(network: DetectionModel, truths: list[Truth], clips: list[str]) -> Scored:
    """Return the vehicles found on `truths`, those left out where nobody knows whether they are right."""
    parts = []
    for truth, clip in zip(truths, clips, strict=True):
        boxes = detect(network, truth.image, input_size(truth.image, LONG_SIDE_PX), SCORE_FLOOR)
        right = matches(boxes, truth)
        keep = (boxes[:, 5] >= TAUGHT) & judged(boxes, right, truth.undrawn)
        odds = logit(np.clip(boxes[keep, 4].astype(float), 1e-4, 1 - 1e-4))
        camera = np.full(keep.sum(), CAMERA_OF_CLIP.get(clip, clip))
        parts.append(Scored(odds, boxes[keep, 5].astype(int), right[keep, 0], camera))
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
    kinds = range(TAUGHT, len(CLASSES))
    return {kind: fitted(boxes.odds[boxes.kind == kind], boxes.right[boxes.kind == kind]) for kind in kinds}


def calibrated(boxes: Scored, by_kind: dict[int, Fit]) -> np.ndarray:
    """Return the scores (n,) of `boxes` after the fits."""
    both = np.array([by_kind[int(kind)] for kind in boxes.kind]).reshape(-1, 2)
    return np.asarray(expit(both[:, 0] * boxes.odds + both[:, 1]))


def across_cameras(boxes: Scored) -> np.ndarray:
    """Return calibrated scores (n,), those of each camera by a fit to the others."""
    scores = np.zeros(len(boxes.odds))
    for camera in np.unique(boxes.camera):
        own = boxes.camera == camera
        scores[own] = calibrated(boxes.rows(own), fits(boxes.rows(~own)))
    return scores


def reliability(scores: np.ndarray, right: np.ndarray) -> list[dict[str, float]]:
    """Return per tenth of score: how many boxes, their mean score, the share that is right."""
    place = np.minimum((scores * BINS).astype(int), BINS - 1)
    return [
        {"n": int(own.sum()), "score": float(scores[own].mean()), "right": float(right[own].mean())}
        for own in (place == tenth for tenth in range(BINS))
        if own.any()
    ]


def report(scores: np.ndarray, boxes: Scored) -> dict[str, Any]:
    """Return the calibration error of boxes scored JUDGED_FROM or more, of all and per class, with reliability."""
    seen = scores >= JUDGED_FROM
    errors = {
        CLASSES[kind]: round(calibration_error(scores[own], boxes.right[own]), 3)
        for kind, own in ((kind, seen & (boxes.kind == kind)) for kind in range(TAUGHT, len(CLASSES)))
    }
    whole = round(calibration_error(scores[seen], boxes.right[seen]), 3)
    return {"error": whole, "by_class": errors, "bins": reliability(scores[seen], boxes.right[seen])}


def plot(curves: dict[str, list[dict[str, float]]]) -> str:
    """Return a reliability diagram as SVG: the share that is right over the score, a dot's area telling how many."""
    colours = ("#b3261e", "#1a5fb4")
    marks = ['<rect width="360" height="330" fill="white"/>', '<path d="M40 280 L320 0" stroke="#999"/>']
    marks.append('<path d="M40 0 V280 H320" fill="none" stroke="black"/>')
    for row, ((name, bins), colour) in enumerate(zip(curves.items(), colours, strict=True)):
        dots = [(40 + 280 * one["score"], 280 - 280 * one["right"], one["n"] ** 0.5 / 3 + 1) for one in bins]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in dots)
        marks.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        marks += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{colour}"/>' for x, y, r in dots]
        marks.append(f'<text x="50" y="{20 + 16 * row}" font-size="12" fill="{colour}">{name}</text>')
    for tick in (0.0, 0.5, 1.0):
        marks.append(f'<text x="{34 + 280 * tick}" y="296" font-size="11">{tick}</text>')
        marks.append(f'<text x="14" y="{284 - 272 * tick}" font-size="11">{tick}</text>')
    marks.append('<text x="110" y="316" font-size="12">score; upright: share that is right</text>')
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 330" width="540">{"".join(marks)}</svg>\n'


def teacher_shifts(network: DetectionModel, teacher: DetectionModel, frames: list[Frame]) -> list[float]:
    """Return how far the log-odds of each taught class lie below the teacher's where that sees one."""
    chance = np.random.default_rng(SEED)
    gaps: list[list[Tensor]] = [[] for _ in range(TAUGHT)]
    with torch.no_grad():
        for index in chance.choice(len(frames), min(LESSON_FRAMES, len(frames)), replace=False):
            image = np.asarray(cv2.resize(frames[index].image, frames[index].size_wh), np.uint8)
            batch = to_tensor(letterbox(image, input_size(image, LONG_SIDE_PX))[0]) * 255
            ours, theirs = (raw_floats(one.train(), batch)["scores"][0] for one in (network, teacher))
            for kind in range(TAUGHT):
                sees = theirs[kind] > TEACHER_LOGIT_MIN
                gaps[kind].append(theirs[kind, sees] - ours[kind, sees])
    return [float(torch.cat(part).median()) if sum(map(len, part)) else 0.0 for part in gaps]


@torch.no_grad()
def fold(network: DetectionModel, by_kind: dict[int, Fit]) -> None:
    """Put slope and shift of each class into the last convolution of every level."""
    for branch in network.model[-1].cv3:
        for kind, (slope, shift) in by_kind.items():
            branch[-1].weight[kind] *= slope
            branch[-1].bias[kind] = slope * branch[-1].bias[kind] + shift


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True, help="start.pt of models.recipes.dequantise")
    parser.add_argument("--labels", type=Path, required=True, help="test.jsonl of models.recipes.label")
    parser.add_argument("--train", type=Path, required=True, help="train.jsonl: frames to match the teacher on")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--svg", type=Path, required=True)
    parser.add_argument("--vehicles", action="store_true", help="fold the fits of vehicles in too")
    args = parser.parse_args()
    network = load_network(args.network)
    clips = [json.loads(line)["clip"] for line in args.labels.read_text().splitlines()]
    boxes = scored(network, read_truths(args.labels, squeezed=False), clips)
    by_kind = fits(boxes)
    shifts = teacher_shifts(network, load_network(args.teacher), read_frames(args.train))
    folded = {kind: (1.0, shift) for kind, shift in enumerate(shifts)} | (by_kind if args.vehicles else {})
    fold(network, folded)
    save_network(args.out, network.eval(), network.nc)
    result: dict[str, Any] = {
        "as_it_is": report(np.asarray(expit(boxes.odds)), boxes),
        "fitted": report(across_cameras(boxes), boxes),
        "fits": {CLASSES[kind]: [round(value, 3) for value in fit] for kind, fit in by_kind.items()},
        "folded": {CLASSES[kind]: [round(value, 3) for value in fit] for kind, fit in folded.items()},
    }
    args.json.write_text(json.dumps(result, indent=1) + "\n")
    names = {"as_it_is": "as it is", "fitted": "after a fit to other cameras"}
    curves = {f"{names[key]}: error {result[key]['error']}": result[key]["bins"] for key in names}
    args.svg.write_text(plot(curves))
    print(json.dumps({key: result[key] for key in ("fits", "folded")}), *curves)


if __name__ == "__main__":
    main()
