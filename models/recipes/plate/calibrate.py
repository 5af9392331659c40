"""Find the reader's temperature and its threshold on renders it never saw.

In: `reader.pt`, several where they answer together. Out, printed: the temperature with the least cross entropy of whole
plates, and the confidence from which at most `WRONG_MOST` of the answers are wrong. Real plates are not looked at: they
measure what comes out (`evaluate.py`).

    python -m models.recipes.plate.calibrate --reader runs/plate/run/reader.pt
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from detector.inference.plates import TILTS_DEG, tilted
from detector.plates.reading import PlateReading
from detector.plates.views import candidates_of
from models.recipes.plate.export import Jury, read_reader
from models.recipes.plate.glyphs import FONT_FOLDERS, Glyphs
from models.recipes.plate.measure import Answer, Crop, curve, rendered_crops, shown_share
from models.recipes.plate.train import as_input, stretched

SEED = 90_001
"""Far from any training seed."""
TEMPERATURES = (0.9, 1.0, 1.15, 1.3, 1.5, 1.8)
THRESHOLDS = (0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995)
WRONG_MOST = 0.005


def views_of(reader: Jury, crop: Crop) -> NDArray[np.float32]:
    """Log-probabilities (views, 2, places, columns) of a crop as it is and tilted, as the product looks at it."""
    picture, shape = stretched(crop.image), crop.image.shape[1] / crop.image.shape[0]
    pictures = [picture, *(tilted(picture, degrees, shape) for degrees in TILTS_DEG)]
    with torch.inference_mode():
        return np.asarray(reader(as_input(pictures)).numpy(), np.float32)


def reading(views: NDArray[np.float32], temperature: float) -> PlateReading:
    """What log-probabilities (views, 2, places, columns) say at a temperature."""
    tempered = torch.log_softmax(torch.from_numpy(views) / temperature, dim=3).numpy()
    return PlateReading(candidates=candidates_of(tempered[0], lambda: list(tempered[1:]))[0])


def entropy(answers: list[Answer]) -> float:
    """Mean negative logarithm of the probability given to the true text, 1e-4 at least."""
    given = [
        next((c.probability for c in answer.reading.candidates if c.text == answer.crop.text), 0.0)
        for answer in answers
    ]
    return float(-np.log(np.maximum(given, 1e-4)).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", type=Path, nargs="+", required=True)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--fonts", type=Path, nargs="*", default=[])
    args = parser.parse_args()
    torch.set_num_threads(1)
    reader = Jury([read_reader(path) for path in args.reader]).eval()
    crops: list[Crop] = [
        crop for looks in rendered_crops(Glyphs([*FONT_FOLDERS, *args.fonts]), SEED, args.count) for crop in looks
    ]
    scores = [views_of(reader, crop) for crop in crops]
    tried = {}
    for temperature in TEMPERATURES:
        answers = [Answer(crop=c, reading=reading(s, temperature)) for c, s in zip(crops, scores, strict=True)]
        tried[temperature] = answers
        print(f"temperature {temperature}: {entropy(answers):.4f} nats a plate", flush=True)
    best = min(tried, key=lambda temperature: entropy(tried[temperature]))
    right = sum(answer.right for answer in tried[best])
    print(f"best {best}; exact {shown_share(right, len(crops))}")
    for threshold, covered, wrong, given in curve(tried[best], THRESHOLDS):
        mark = " <= 0.5 %" if wrong <= WRONG_MOST * given else ""
        print(f"from {threshold}: coverage {covered:.1%}, wrong {wrong}/{given}{mark}")


if __name__ == "__main__":
    main()
