"""Measure the load network on real crops alone: coverage and accuracy, calibration, false accusations, with intervals.

In: crops by source, street frames, a network of the registry. Out: Markdown tables and text plots on stdout, as they
stand in the card. Crops that trained the network are left out; those on which thresholds were chosen are told apart
from those that only report. `open_bed`, `goods` and `unsure` are no states: answers to them are counted apart.

    python -m models.recipes.load.evaluate --loads ../shared/data/loads \
        --streets ../shared/data/detection/vn_streets --card models/cards/load-n.md
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.inference.load import OpenVinoLoadClassifier, told_state
from detector.inference.registry import Network, default_registry_path, load_registry
from detector.scene.settings import LoadSettings
from models.recipes.card import with_tables
from models.recipes.load.augment import cut
from models.recipes.load.data import LICENSED, STATES, Sample, real_samples, street_samples

HEAD = "| threshold | coverage | accuracy among answers | innocent called uncovered | loose loads found |"
UNCOVERED, CANNOT_TELL = STATES.index("uncovered_load"), STATES.index("cannot_tell")
NOT_UNCOVERED = ("covered", "empty", "closed_body")
THRESHOLDS = (0.0, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9)
ACCUSING_MIN = LoadSettings().score
"""From this score on the rule counts a look; below it nothing is called an uncovered load."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A sample and its scores (5,)."""

    sample: Sample
    scores: NDArray[np.float32]

    @property
    def best(self) -> int:
        return int(self.scores.argmax())

    def answer(self, threshold: float) -> str:
        """The state, or cannot_tell below the threshold."""
        return told_state(self.scores, threshold, ACCUSING_MIN).value


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); (0, 1) for none."""
    if count == 0:
        return 0.0, 1.0
    share, spread = right / count, z * z / count
    middle, half = share + spread / 2, z * math.sqrt(share * (1 - share) / count + spread / (4 * count))
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)


def share_text(right: int, count: int) -> str:
    """`0.912 (0.88-0.94; 310/340)`."""
    low, high = wilson(right, count)
    return f"{right / max(count, 1):.3f} ({low:.2f}-{high:.2f}; {right}/{count})"


def read_all(network: Network, samples: Iterable[Sample]) -> list[Reading]:
    """Scores of every sample."""
    classifier = OpenVinoLoadClassifier(network)
    return [Reading(s, classifier.read([np.ascontiguousarray(cut(s.pixels(), s.xyxy, None))])[0]) for s in samples]


def of_precision(network: Network, precision: str | None) -> Network:
    """The network with only that export, or as it is."""
    if precision is None:
        return network
    return network.model_copy(update={"files": tuple(f for f in network.files if f.precision == precision)})


def coverage_rows(readings: list[Reading]) -> list[str]:
    """A table row for each threshold: coverage, accuracy among answers, false accusations."""
    known = [reading for reading in readings if reading.sample.label in STATES[:CANNOT_TELL]]
    innocent = [reading for reading in known if reading.sample.label in NOT_UNCOVERED]
    loose = [reading for reading in known if reading.sample.label == STATES[UNCOVERED]]
    rows = []
    for threshold in THRESHOLDS:
        answered = [reading for reading in known if reading.answer(threshold) != STATES[CANNOT_TELL]]
        right = sum(reading.answer(threshold) == reading.sample.label for reading in answered)
        accused = sum(reading.answer(threshold) == STATES[UNCOVERED] for reading in innocent)
        found = sum(reading.answer(threshold) == STATES[UNCOVERED] for reading in loose)
        cells = (
            share_text(len(answered), len(known)),
            share_text(right, len(answered)),
            share_text(accused, len(innocent)),
            share_text(found, len(loose)),
        )
        rows.append(f"| {threshold:.2f} | " + " | ".join(cells) + " |")
    return rows


def answer_rows(readings: list[Reading], threshold: float) -> list[str]:
    """A table row for each source and label: how many, and how they are answered."""
    keys = sorted({(reading.sample.source, reading.sample.label) for reading in readings})
    rows = []
    for source, label in keys:
        mine = [r for r in readings if (r.sample.source, r.sample.label) == (source, label)]
        answers = [r.answer(threshold) for r in mine]
        trucks = len({r.sample.truck for r in mine})
        counts = " | ".join(str(answers.count(state)) for state in STATES)
        rows.append(f"| {source} | {label} | {len(mine)} | {trucks} | {counts} |")
    return rows


def reliability(readings: list[Reading], bins: int = 10) -> tuple[float, list[str]]:
    """Expected calibration error over the best of the four states, and a plot of its bins."""
    known = [reading for reading in readings if reading.sample.label in STATES[:CANNOT_TELL]]
    told = [reading for reading in known if reading.best != CANNOT_TELL]
    scores = np.array([reading.scores[reading.best] for reading in told])
    right = np.array([STATES[reading.best] == reading.sample.label for reading in told])
    error, lines = 0.0, []
    for number in range(bins):
        inside = np.minimum((scores * bins).astype(int), bins - 1) == number
        if not inside.any():
            continue
        mean, share = float(scores[inside].mean()), float(right[inside].mean())
        error += abs(mean - share) * int(inside.sum()) / len(told)
        bar = "#" * round(share * 30)
        span = f"{number / bins:.1f}-{(number + 1) / bins:.1f}"
        lines.append(f"{span} {bar:<30}| right {share:.2f}, score {mean:.2f}, n {inside.sum()}")
    return error, lines


def report(readings: list[Reading], threshold: float) -> str:
    """Everything as Markdown."""
    parts = []
    licensed = [reading for reading in readings if reading.sample.source in LICENSED]
    other = [reading for reading in readings if reading.sample.source not in LICENSED]
    for title, mine in (
        ("Tuning half, all sources, on which the threshold was chosen", [r for r in readings if r.sample.tuning]),
        ("Reporting half, licensed sources", [r for r in licensed if not r.sample.tuning]),
        ("Reporting half, other sources, never trained on in any form", [r for r in other if not r.sample.tuning]),
        ("Reporting half, all sources", [r for r in readings if not r.sample.tuning]),
        ("Both halves, licensed sources", licensed),
        ("Both halves, other sources", other),
        ("Both halves, all sources", readings),
    ):
        error, plot = reliability(mine)
        parts += [f"### {title}\n", HEAD]
        parts += ["|---|---|---|---|---|", *coverage_rows(mine), f"\nExpected calibration error {error:.3f}.\n", "```"]
        parts += [*plot, "```\n"]
    parts += [f"### Answers at {threshold}\n", "| source | label | crops | trucks | " + " | ".join(STATES) + " |"]
    parts += ["|---|---|---|---|---|---|---|---|---|", *answer_rows(readings, threshold)]
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", type=Path, required=True)
    parser.add_argument("--streets", type=Path, required=True, help="the folder vn_streets")
    parser.add_argument("--network", default="load-n", help="its name in the registry")
    parser.add_argument("--precision", choices=["int8", "fp16"], help="default: the export in use")
    parser.add_argument("--card", type=Path, help="write the figures into this card too")
    args = parser.parse_args()
    network = load_registry(default_registry_path()).network(args.network, task="load")
    found = [*real_samples(args.loads), *street_samples(args.streets)]
    samples = [sample for sample in found if sample.held_out]
    text = report(read_all(of_precision(network, args.precision), samples), network.score_min)
    print(text)
    if args.card is not None:
        args.card.write_text(with_tables(args.card.read_text(), [text]))


if __name__ == "__main__":
    main()
