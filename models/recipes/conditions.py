"""Measure detectors under imitated bad conditions, one at a time, and on a real night recording.

In: held-out pictures (`read_truths`), and frames of a night recording that nobody labelled. Out: figures per condition
and network. Every picture is degraded by `degrade.py`, as training pictures were but with its own seed, so that all
networks see the same pictures: an imitation of rain says how much rain hurts, not how much a wet lens does. On the
recording the truth is what the COCO network itself finds at two larger sizes and mirrored: agreement, not truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from ultralytics.nn.tasks import DetectionModel

from models.recipes import degrade
from models.recipes.degrade import Degrade
from models.recipes.evaluate import VEHICLES, Detector, Truth, measure
from models.recipes.label import teacher_boxes
from models.recipes.network import CLASSES, Boxes, Image

SEED = 7
CONDITIONS: dict[str, Degrade | None] = {
    "as recorded": None,
    "night": degrade.night,
    "rain": degrade.rain,
    "glare": degrade.glare,
    "haze": degrade.haze,
    "blur": degrade.blur,
    "half the pixels": degrade.shrink,
    "compression": degrade.compress,
}
TEACHER_SURE, TEACHER_DOUBT = 0.45, 0.12
"""From the first on the teacher's boxes are the truth of a recording; between the two nobody is judged."""


def degraded(truths: list[Truth], change: Degrade | None) -> Iterator[Truth]:
    """Yield the pictures under one condition, each with a seed of its own, their boxes as they are."""
    for number, truth in enumerate(truths):
        image = truth.image if change is None else change(truth.image, np.random.default_rng((SEED, number)))
        yield Truth(image, truth.boxes, truth.unsure, truth.undrawn)


def by_condition(truths: list[Truth], detectors: dict[str, Detector]) -> dict[str, dict[str, Any]]:
    """Return condition -> network -> the figures of `measure`."""
    figures: dict[str, dict[str, Any]] = {}
    for name, change in CONDITIONS.items():
        found: dict[str, list[Boxes]] = {network: [] for network in detectors}
        for truth in degraded(truths, change):
            for network, run in detectors.items():
                found[network].append(run(truth.image))
        figures[name] = {network: measure(boxes, truths) for network, boxes in found.items()}
    return figures


def agreement_truths(video: Path, every: int, teacher: DetectionModel) -> list[Truth]:
    """Return every n-th frame of a recording with the teacher's vehicles as its truth."""
    truths = []
    with av.open(str(video)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index % every == 0:
                image: Image = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
                truths.append(_agreement(image, teacher_boxes(teacher, image)))
    return truths


def _agreement(image: Image, seen: Boxes) -> Truth:
    rows = np.column_stack((seen[:, 5], seen[:, :4])).astype(np.float32)[np.isin(seen[:, 5], VEHICLES)]
    scores = seen[np.isin(seen[:, 5], VEHICLES), 4]
    doubt = (scores >= TEACHER_DOUBT) & (scores < TEACHER_SURE)
    return Truth(image, rows[scores >= TEACHER_SURE], rows[doubt], rows[:0])


def condition_table(heading: str, figures: dict[str, dict[str, Any]]) -> str:
    """Return a Markdown table: a row per condition and network, AP50 per vehicle class and their recall at 0.25."""
    kinds = [CLASSES[kind] for kind in VEHICLES]
    lines = [f"### {heading}", "", f"| condition | network | {' | '.join(kinds)} | recall at 0.25 |"]
    lines.append("|---" * (len(kinds) + 3) + "|")
    for condition, networks in figures.items():
        for network, found in networks.items():
            shares = [f"{found[kind]['ap50']:.3f}" if kind in found else "none" for kind in kinds]
            lines.append(f"| {condition} | {network} | {' | '.join(shares)} | {_recall(found, kinds)} |")
    return "\n".join(lines)


def _recall(found: dict[str, Any], kinds: list[str]) -> str:
    there = [found[kind] for kind in kinds if kind in found]
    boxes = sum(one["boxes"] for one in there)
    hits = sum(round(one["recall"] * one["boxes"]) for one in there)
    return f"{hits} of {boxes}"
