"""How far figures may be off by the choice of frames: bootstrap intervals of AP50, Wilson intervals of shares.

In: what a detector gave for held-out pictures, and what is true of them. Out: 95 % intervals, and a table. Frames of
one camera resemble each other, so another choice of cameras would move the figures further than one of frames.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm
from ultralytics.utils.metrics import ap_per_class

from models.recipes.evaluate import SCORE_MIN, VEHICLES, Truth, matches
from models.recipes.network import CLASSES, Boxes

ROUNDS = 400
SEED = 11
SHARE = 0.95

Interval = tuple[float, float]


def wilson(hits: int, total: int, share: float = SHARE) -> Interval:
    """Return the interval of a share (Wilson, 1927); all of 0..1 where nothing was counted."""
    if total == 0:
        return 0.0, 1.0
    z = float(norm.ppf((1 + share) / 2))
    middle = (hits + z * z / 2) / (total + z * z)
    reach = z / (total + z * z) * np.sqrt(hits * (total - hits) / total + z * z / 4)
    return max(0.0, float(middle - reach)), min(1.0, float(middle + reach))


def ap50_intervals(found: Sequence[Boxes], truths: Sequence[Truth], rounds: int = ROUNDS) -> dict[int, Interval]:
    """Return the interval of AP50 of each vehicle class over drawings of as many frames as there are, with return."""
    rights = [matches(boxes, truth)[:, :1] for boxes, truth in zip(found, truths, strict=True)]
    chance = np.random.default_rng(SEED)
    drawn: dict[int, list[float]] = {kind: [] for kind in VEHICLES}
    for _ in range(rounds):
        picked = chance.integers(0, len(truths), len(truths))
        boxes = np.concatenate([found[one] for one in picked])
        right = np.concatenate([rights[one] for one in picked])
        wanted = np.concatenate([truths[one].boxes[:, 0] for one in picked])
        results = ap_per_class(right, boxes[:, 4], boxes[:, 5], wanted)
        for kind, row in zip(results[6].astype(int).tolist(), results[5], strict=True):
            if kind in drawn:
                drawn[kind].append(float(row[0]))
    ends = (100 * (1 - SHARE) / 2, 100 * (1 + SHARE) / 2)
    return {kind: tuple(np.percentile(values, ends).tolist()) for kind, values in drawn.items() if values}


def recall_counts(found: Sequence[Boxes], truths: Sequence[Truth], kind: int) -> tuple[int, int]:
    """Return how many boxes of a class drawn by hand are found at SCORE_MIN and IoU 0.5, and how many there are."""
    hits = total = 0
    for boxes, truth in zip(found, truths, strict=True):
        seen = boxes[(boxes[:, 5] == kind) & (boxes[:, 4] >= SCORE_MIN)]
        hits += int(matches(seen, truth)[:, 0].sum())
        total += int((truth.boxes[:, 0] == kind).sum())
    return hits, total


def interval_table(heading: str, found: dict[str, Sequence[Boxes]], truths: Sequence[Truth]) -> str:
    """Return a Markdown table: per class and way of counting the intervals of AP50 and of recall."""
    lines = [f"### {heading}", "", "| class | counted | AP50, 95 % | found at 0.25 | share, 95 % |", "|---" * 5 + "|"]
    spans = {name: ap50_intervals(boxes, truths) for name, boxes in found.items()}
    for kind in VEHICLES:
        for name, boxes in found.items():
            if kind in spans[name]:
                low, high = spans[name][kind]
                hits, total = recall_counts(boxes, truths, kind)
                least, most = wilson(hits, total)
                lines.append(
                    f"| {CLASSES[kind]} | {name} | {low:.3f} to {high:.3f} | {hits} of {total} "
                    f"| {least:.3f} to {most:.3f} |"
                )
    return "\n".join(lines)
